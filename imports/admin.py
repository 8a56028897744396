"""The admin of imports: upload a file, see what it would do, confirm or drop it."""

from collections import defaultdict
from functools import partial
from pathlib import PurePath

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import ordinal
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse

from projects.exports.formats import FORMATS
from provenance.admin.base import CarefulAdmin, of_row, resting_on
from provenance.admin.publication import publish_page
from provenance.admin.sources import attachment
from provenance.admin.summary import link, public_address, typed_reason
from provenance.documents.diff import differences
from provenance.models.fields import as_number
from provenance.store.log import document_of, record_kinds
from provenance.workflow import permissions

from . import column_mapping, lifecycle, queue, storage, undo, worker
from .models import Import, ImportItem
from .tables.questions import together
from .tables.template import template

PER_PAGE = 50
CLAIMS = "Claims"  # their label among the changes; they are long, so they are folded
PUBLISH = "Publish new records at once (otherwise they become drafts)"
NOT_YOURS = "Only the person who uploaded this file can see and confirm its import. Upload the file yourself."
STALE = (
    "Nothing was done: you sent an older page. This preview was made since, in another tab or by another click."
    " Check it and decide here."
)
OTHERWISE = "Your choices differ from the preview that you saw. This is the new preview: check it, then confirm."
_filter = partial(forms.CharField, required=False, max_length=2000)  # a choice among the activities of an IATI file


class UploadForm(forms.Form):
    """The file and, for an IATI file, the choice of activities."""

    file = forms.FileField(allow_empty_file=True)
    publish = forms.BooleanField(label=PUBLISH, required=False)
    countries = _filter(
        help_text="Codes, separated by commas, such as MD, GE. If empty: yours, or those of the register."
    )
    sectors = _filter(help_text="Codes, separated by commas, such as 15190. If empty: all.")
    publishers = _filter(help_text="Identifiers, separated by commas (XI-IATI-EC_NEAR). If empty: all.")
    identifiers = _filter(label="Activities", help_text="Identifiers, separated by commas. If empty: all.")

    def filters(self):
        """Return the fields that choose among the activities of an IATI file."""
        return [field for field in self if field.name not in ("file", "publish")]


@admin.register(Import)
class ImportAdmin(CarefulAdmin):
    """The pages of an import, one for each step, in place of a form."""

    list_display = ("file_name", "kind", "state_in_words", "user_name", "at", "contents")
    list_filter = ("state", "kind")
    search_fields = ("file_name", "user_name")
    actions = None
    needs = {"view": ("import",), "add": ("import",)}

    def get_queryset(self, request):
        imports = super().get_queryset(request)
        return imports if request.user.is_superuser else imports.filter(user=request.user)

    def get_object(self, request, object_id, from_field=None):
        """Return the import with that number; only superusers get those of others."""
        batch = Import.objects.filter(pk=as_number(object_id)).first()
        if batch and batch.user_id != request.user.pk and not request.user.is_superuser:
            permissions.refuse(request.user, "import", batch, NOT_YOURS)
        return batch

    # -- Upload --

    def add_view(self, request, form_url="", extra_context=None):
        permissions.require(request.user, "import")
        form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
        form.fields["publish"].disabled = not permissions.may(request.user, "publish")
        if fault := getattr(request, "upload_fault", None):  # see storage.CarefulUpload
            form.fields["file"].error_messages["required"] = lifecycle.in_words(fault)
        if form.is_valid() and (batch := self._upload(request, form)):
            return self._to(batch)
        return self.page(request, "admin/import_upload.html", {
            "title": "Upload a file", "form": form, "limits": settings,
            "most_packed": storage.in_megabytes(settings.IMPORT_MAX_PACKED),
            "most_unpacked": storage.in_megabytes(settings.IMPORT_MAX_UNPACKED),
        })  # fmt: skip

    def _upload(self, request, form):
        options = {name: value for name, value in form.cleaned_data.items() if value != ""}
        file = options.pop("file")
        try:
            lifecycle.tidy()
            batch = lifecycle.upload(request.user, file.name, file.chunks(), options=options)
            lifecycle.read_again(batch)
        except lifecycle.TROUBLE as error:
            form.add_error("file", lifecycle.in_words(error))
            return None
        worker.start(batch)
        return batch

    # -- Look, and decide --

    @of_row
    def change_view(self, request, batch, form_url="", extra_context=None):
        if request.method == "POST":
            return self._decide(request, batch)
        context = self._context(request, batch)
        response = self.page(request, "admin/import_preview.html", context)
        if context["is_working"]:
            response.headers["Refresh"] = "3"  # seconds; needs no JavaScript
        return response

    def _decide(self, request, batch):
        """Do what a button says. If that returns words, nothing was done, and they say why."""
        names = ("_drop", "_close", "_confirm", "_again", "_forget", "_undo")
        name = next((name for name in names if name in request.POST), None)
        if not name or (batch.user_id != request.user.pk and name not in ("_drop", "_undo")):
            permissions.refuse(request.user, "import", batch, NOT_YOURS)
        is_of_preview = name in ("_confirm", "_again") and batch.state == Import.State.READ
        is_stale = is_of_preview and request.POST.get("preview", "") != str(batch.about.get("preview", ""))
        try:
            fault = STALE if is_stale else getattr(self, name)(request, batch)
        except lifecycle.TROUBLE as error:
            fault = lifecycle.in_words(error)
        if fault:
            self.message_user(request, fault, messages.ERROR)
        return self._to(batch)

    def _drop(self, request, batch):
        return "" if lifecycle.drop(batch) else "It is not waiting any more, so it cannot be dropped."

    def _close(self, request, batch):
        lifecycle.close(batch)

    def _confirm(self, request, batch):
        """Start writing what was shown; show a new preview first if the choices changed."""
        chosen = _choices(request, batch)
        good_only = chosen.pop("good_only", False)
        if {**batch.options, **chosen} != batch.options:
            self.message_user(request, OTHERWISE, messages.WARNING)
            return self._again(request, batch)
        fault = lifecycle.confirm(batch, request.user, good_only=good_only, reason=typed_reason(request))
        if not fault:
            worker.start(batch)
        return fault

    def _again(self, request, batch):
        """Start reading the file with these choices; if the worker died, start it again."""
        choices = _choices(request, batch)
        is_asked = lifecycle.read_again(batch, **choices)
        if choices and not is_asked:
            return STALE
        if is_asked or lifecycle.has_died(batch):
            worker.start(batch)
        return ""

    def _forget(self, request, batch):
        lifecycle.forget_choices(request.user)
        batch.refresh_from_db()
        if lifecycle.read_again(batch):
            worker.start(batch)

    def _undo(self, request, batch):
        try:
            left = undo.undo(batch, request.user)
        except ValidationError as error:
            return error.message
        words = "The import was undone." + (f" Records that stay as they are: {len(left):,}." if left else "")
        self.message_user(request, words, messages.WARNING if left else messages.SUCCESS)

    def _to(self, batch):
        return HttpResponseRedirect(reverse("admin:imports_import_change", args=[batch.pk]))

    def _context(self, request, batch):
        has_died, may_publish = lifecycle.has_died(batch), permissions.may(request.user, "publish")
        is_mine, is_read = batch.user_id == request.user.pk, batch.state == Import.State.READ
        wanted = request.GET.get("verdict", "")
        items = batch.items.filter(verdict=wanted) if wanted in ImportItem.Verdict.values else batch.items.all()
        if batch.state in (Import.State.UPLOADED, Import.State.READING):
            items = items.none()  # they are of a reading that was broken off
        page = Paginator(items.defer("original"), PER_PAGE).get_page(request.GET.get("p"))
        place = queue.place(settings.IMPORTS_DIR, batch.pk)
        return {
            "title": batch.file_name, "batch": batch, "progress": worker.progress(batch),
            "resting": resting_on(batch.source) if batch.source else "",
            "has_died": has_died, "is_working": batch.state in lifecycle.WORKED_AT and not has_died,
            "in_line": place and ordinal(place), "at_once": queue.AT_ONCE,
            "is_mine": is_mine, "is_asked": is_mine and is_read, "may_publish": may_publish, "publish": PUBLISH,
            "questions": together(batch.about.get("questions", ())),
            "sheets": column_mapping.sheets(batch), "read_as": column_mapping.read_as(batch),
            "left_out": column_mapping.left_out(batch),
            "can_choose": batch.writes() or batch.counts.get("refused"),
            "drafts": may_publish and sum(map(len, lifecycle.drafts(batch).values())),
            "can_drop": batch.state in lifecycle.OPEN and (has_died or batch.state != Import.State.IMPORTING),
            "can_undo": undo.can_undo(batch, request.user), "can_close": is_mine and batch.waits(),
            "wanted": wanted, "has_refused": storage.beside(batch, "refused").exists(), "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number), "rows": _rows(page),
        }  # fmt: skip

    @of_row
    def publish_view(self, request, batch):
        """Publish all drafts of an import together."""
        title = f"Publish what was imported from {batch}?"
        return publish_page(self, request, lifecycle.drafts(batch), self._to(batch).url, title)

    def template_view(self, request, suffix):
        """Serve the template of a list of projects."""
        permissions.require(request.user, "import")
        if suffix not in ("csv", "xlsx"):
            raise Http404
        return attachment(template(suffix), f"projects template.{suffix}", FORMATS[suffix].media_type)

    @of_row
    def refused_view(self, request, batch):
        """Serve the refused records in the format of the file."""
        file = storage.beside(batch, "refused")
        if not file.exists():
            raise Http404
        form = FORMATS[batch.about["form"].lower()]
        name = f"refused of {PurePath(batch.file_name).stem}.{form.suffix}"
        return attachment(file.read_bytes(), name, form.media_type)

    views = {
        "<path:object_id>/refused/": ("refused", refused_view),
        "<path:object_id>/publish/": ("publish", publish_view),
        "template.<str:suffix>": ("template", template_view),
    }


def _choices(request, batch):
    """Return the options chosen in the form; none if it was not shown."""
    if batch.state != Import.State.READ:
        return {}
    asked = {name: name in request.POST for name in ("publish", "good_only")}
    for name in ("empty_clears", "take_older"):
        if f"shown_{name}" in request.POST and (name in request.POST) != batch.options.get(name, False):
            asked[name] = name in request.POST
    return asked | column_mapping.chosen(batch, request.POST)


def _rows(items):
    """Return ``items`` as the preview shows them, with their existing records, in one query a kind."""
    models, keys = record_kinds(), defaultdict(list)
    for item in items:
        keys[item.kind].append(item.key)
    records = {kind: models[kind].objects.in_bulk(own_keys) for kind, own_keys in keys.items()}
    return [_row(item, models[item.kind], records[item.kind].get(item.key)) for item in items]


def _row(item, model, record):
    """Return an item as the preview shows it, and its ``record`` if there is one.

    New records are shown with their whole document.
    """
    document = document_of(item) if item.document else {}
    changes = differences(model, None, document) if document and not item.base else item.changes
    is_new = item.verdict == ImportItem.Verdict.NEW
    return {
        "item": item,
        "kind": model._meta.verbose_name,
        "link": record and link(model, "change", item.key, str(record)),
        "title": document.get("title") or document.get("name") or item.identifier or item.key,
        "public": record and public_address(record),
        "state": record and record.state,
        "step": {"changes": [change for change in changes if change[0] != CLAIMS], "is_first": is_new},
        "claims": {"changes": [change for change in changes if change[0] == CLAIMS], "is_first": is_new},
    }
