"""The admin of imports: bring a file, see what it would do, confirm it or drop it."""

from pathlib import PurePath
from urllib.parse import quote

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from projects.exports.formats import FORMATS
from projects.imports import bringing, choosing, files, refused, working
from projects.imports.items import NotReadable
from projects.models import Import, ImportItem
from provenance import access
from provenance.admin.lists import CarefulAdmin
from provenance.recording import record_models

PER_PAGE = 50
FILTERS = {
    "countries": ("Countries", "Codes with commas, such as MD, GE. Empty: the countries of the register."),
    "sectors": ("Sectors", "Codes with commas, such as 15190. Empty: all."),
    "publishers": ("Publishers", "Identifiers with commas, such as XI-IATI-EC_NEAR. Empty: all."),
    "identifiers": ("Activities", "Identifiers with commas. Empty: all."),
}


class BringForm(forms.Form):
    """The file, and of an IATI file which activities."""

    file = forms.FileField(allow_empty_file=True)

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        for name, (label, help_text) in FILTERS.items():
            self.fields[name] = forms.CharField(label=label, help_text=help_text, required=False, max_length=2000)

    def options(self):
        """Return what was chosen, without what was left empty."""
        return {name: text for name in FILTERS if (text := self.cleaned_data[name].strip())}


@admin.register(Import)
class ImportAdmin(CarefulAdmin):
    """No form of a row: a page for each step of an import."""

    list_display = ("file_name", "kind", "state", "user_name", "at", "found")
    list_filter = ("state", "kind")
    search_fields = ("file_name", "user_name")
    actions = None

    class Media:
        css = {"all": ["eap_funding/admin.css"]}

    # -- Who may --

    def has_module_permission(self, request):
        return access.may(request.user, "import")

    def has_view_permission(self, request, obj=None):
        return access.may(request.user, "import")

    has_add_permission = has_module_permission

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission

    def get_urls(self):
        view = self.admin_site.admin_view(self.refused_view)
        return [path("<int:number>/refused/", view, name="projects_import_refused"), *super().get_urls()]

    @admin.display(description="what it tells of")
    def found(self, batch):
        return ", ".join(f"{count:,} {name}" for name, count in batch.counts.items() if count)

    # -- Bring --

    def add_view(self, request, form_url="", extra_context=None):
        access.demand(request.user, "import")
        form = BringForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and (batch := self._bring(request, form)):
            return self._to(batch)
        context = self.admin_site.each_context(request) | {
            "title": "Bring a file", "opts": self.opts, "form": form, "limits": settings, "media": self.media,
            "most": {name: files.in_megabytes(getattr(settings, f"IMPORT_MAX_{name}")) for name in _SIZES},
        }  # fmt: skip
        return TemplateResponse(request, "admin/import_bring.html", context)

    def _bring(self, request, form):
        file = form.cleaned_data["file"]
        try:
            batch = bringing.bring(request.user, file.name, file.chunks(), options=form.options())
        except NotReadable as error:
            form.add_error("file", str(error))
        except OSError as error:
            form.add_error("file", f"The file could not be kept: {error.strerror or error}. Nothing was changed.")
        else:
            bringing.read_again(batch)
            working.start(batch)
            return batch
        return None

    # -- Look, and decide --

    def change_view(self, request, object_id, form_url="", extra_context=None):
        access.demand(request.user, "import")
        batch = self.get_object(request, object_id)
        if batch is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST":
            return self._decide(request, batch)
        context = self._context(request, batch)
        refresh = {"Refresh": "3"} if context["is_working"] else {}  # seconds; needs no JavaScript
        return TemplateResponse(request, "admin/import_preview.html", context, headers=refresh)

    def _decide(self, request, batch):
        if batch.user_id != request.user.pk and not ("_drop" in request.POST and request.user.is_superuser):
            access.refuse(request.user, "import", batch)
        if "_drop" in request.POST:
            fault = "" if bringing.drop(batch) else "It is not waiting any more, so it cannot be dropped."
        elif "_confirm" in request.POST:
            choices = {name: name in request.POST for name in ("publish", "good_only")}
            fault = self._start(batch, bringing.confirm(batch, request.user, **choices))
        elif "_columns" in request.POST:
            bringing.read_again(batch, columns=choosing.chosen(batch, request.POST))
            fault = self._start(batch)
        elif "_again" in request.POST:
            bringing.read_again(batch)  # if it is not being read or written: then the work itself is begun again
            fault = self._start(batch)
        else:
            raise PermissionDenied
        if fault:
            self.message_user(request, fault, messages.ERROR)
        return self._to(batch)

    def _start(self, batch, fault=""):
        """Have the work done, unless there is a fault; returns it."""
        if not fault:
            working.start(batch)
        return fault

    def _to(self, batch):
        return HttpResponseRedirect(reverse("admin:projects_import_change", args=[batch.pk]))

    def _context(self, request, batch):
        verdicts = [(name, batch.counts[name]) for name in ImportItem.Verdict.values if name in batch.counts]
        wanted = request.GET.get("verdict", "")
        items = batch.items.filter(verdict=wanted) if wanted in ImportItem.Verdict.values else batch.items.all()
        page = Paginator(items.defer("document", "original"), PER_PAGE).get_page(request.GET.get("p"))
        is_working = batch.state in (Import.State.READING, Import.State.IMPORTING)
        return self.admin_site.each_context(request) | {
            "title": batch.file_name, "opts": self.opts, "batch": batch, "media": self.media, "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number), "rows": [_row(item) for item in page],
            "verdicts": verdicts, "wanted": wanted, "size": files.in_megabytes(batch.size),
            "is_working": is_working and not working.has_died(batch), "has_died": working.has_died(batch),
            "progress": working.progress(batch), "is_mine": batch.user_id == request.user.pk,
            "is_faulty": bringing.is_faulty(batch), "may_publish": access.may(request.user, "publish"),
            "has_refused": files.beside(batch, "refused").exists(), "sheets": choosing.sheets(batch),
            "writes": sum(batch.counts.get(name, 0) for name in ("new", "changed", "proposed")),
            "can_drop": batch.state in bringing.OPEN and batch.state != Import.State.IMPORTING,
        }  # fmt: skip

    def refused_view(self, request, number):
        """Give the refused records in the file's own form."""
        access.demand(request.user, "import")
        batch = self.get_object(request, str(number))
        file = batch and files.beside(batch, "refused")
        if not file or not file.exists():
            raise Http404
        form = FORMATS[refused.suffix_of(batch)]
        response = HttpResponse(file.read_bytes(), content_type=form.media_type.split(";")[0])
        name = quote(f"refused of {PurePath(batch.file_name).stem}.{form.suffix}")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return response


_SIZES = ("PACKED", "UNPACKED")


def _row(item):
    """Return what the preview shows of an item."""
    models = {model._meta.model_name: model for model in record_models()}
    model = models.get(item.kind) or apps.get_model("projects", "Project")
    address = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    is_there = item.base is not None and item.verdict != ImportItem.Verdict.NEW
    return {
        "item": item,
        "kind": model._meta.verbose_name,
        "address": reverse(address, args=[item.key]) if is_there else "",
        "step": {"changes": item.changes, "is_first": item.verdict == ImportItem.Verdict.NEW},
    }
