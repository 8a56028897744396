"""The admin of sources, and the pages of their texts: which quotes are not in them, each edition, compared and used."""

from functools import partial

from django import forms
from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import URLField
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import content_disposition_header

from provenance.documents.diff import label
from provenance.files import texts
from provenance.models import Claim, Source, State
from provenance.models.fields import is_no_later_day
from provenance.site.admin_site import address
from provenance.store import editions, log
from provenance.workflow import texts as workflow

from .base import date_column, of_row, resting_on
from .records import RecordAdmin
from .summary import ASKED, LONGEST_REASON, attempt, became, link, required_reason

HERE_ALREADY = "This text is already here, as read on {}. That date stays."
NOTHING_READ = "Nothing was proposed: no new date, sum or name was recognised. Correct the records by hand."
PROPOSED_ALREADY = "You have already proposed all of this. It waits for a publisher."
WITHDRAWN = "The text and its file were deleted. Its digest stays, and so do the results for the quotes."


class TextForm(forms.Form):
    text = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField"}),
        help_text="Paste the whole text of the source, with an empty line between paragraphs.",
    )  # fmt: skip
    file = forms.FileField(
        required=False, help_text="Or upload it: PDF, DOCX, HTML, or plain text in UTF-8, up to 20 MB."
    )
    read_date = forms.DateField(
        label="Day it was read", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), validators=[is_no_later_day]
    )
    reason = forms.CharField(max_length=LONGEST_REASON, error_messages={"required": ASKED})

    def clean(self):
        """Read the text: ``data`` has its bytes, and ``content`` the text in them."""
        cleaned = super().clean()
        text, file = cleaned.get("text", ""), cleaned.get("file")
        if bool(text.strip()) == bool(file):
            raise ValidationError("Paste the text or upload a file: one of the two.")
        data = file.read(texts.LARGEST + 1) if file else text.replace("\r\n", "\n").encode()
        return cleaned | {"data": data, "content": texts.text_of(data, is_pasted=not file)}


# -- The text of a source --


@of_row
def text_page(record_admin, request, source):
    """Show what text of a source is kept and which quotes are not in it; keep a newer text if one is sent."""
    may_change = _may_change(record_admin, request, source)
    document = log.document_of(source.revision)
    form = TextForm(request.POST or None, request.FILES or None, initial={"read_date": timezone.localdate()})
    if document["edition"]:
        del form.fields["reason"]  # asked for when it is used
    else:
        form.fields["reason"].required = source.state != State.DRAFT
    if request.method == "POST" and form.is_valid() and (next_page := _keep(request, source, form)):
        return HttpResponseRedirect(next_page)
    checked, used = workflow.checked(document), editions.in_use(document)
    states = {
        each: "withdrawn" if each.withdrawn else "in use" if each == used
        else "waits to be compared" if used is None or each.pk > used.pk else "earlier"
        for each in editions.of_source(source.pk)
    }  # fmt: skip
    return record_admin.page(request, "admin/source_text.html", {
        "record": source,
        "title": f"Text: {source}", "form": form if may_change else None,
        "proposes": record_admin.proposes(request, source) and not document["edition"],
        "edition": used,
        "others": [(each, address(Source, "edition", source.pk, str(each.pk)), states[each]) for each in states],
        **checked, "missing": _named(checked["missing"]),
    })  # fmt: skip


def _may_change(record_admin, request, source):
    """Whether the user may change ``source``; PermissionDenied if they send a form and may not."""
    may_change = record_admin.has_change_permission(request, source)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    return may_change


def _keep(request, source, form):
    """Keep the text of a valid form. Returns the address of the page to show then; None, with errors in the form."""
    cleaned = form.cleaned_data
    values = cleaned["data"], cleaned["content"], cleaned["read_date"], cleaned.get("reason", "")
    result, refused = attempt(lambda: workflow.keep(request.user, source, *values))
    if refused:
        form.add_error(None, refused)
        return None
    edition, is_new, outcome = result
    if outcome is None:
        if not is_new:
            messages.warning(request, HERE_ALREADY.format(date_format(edition.read_date)))
        return address(Source, "edition", source.pk, str(edition.pk))
    words = "read again, with the same text" if edition.digest == source.edition else "saved with this text"
    messages.success(request, became(request.user, Source.objects.get(pk=source.pk), outcome, words))
    return address(Source, "text", source.pk)


def _named(claims):
    """Return ``claims`` with a ``label`` and a ``link`` to the record of each."""
    kinds = [ContentType.objects.get_for_id(claim["content_type_id"]) for claim in claims]
    pairs = [(kind.model, claim["object_id"]) for kind, claim in zip(kinds, claims, strict=True)]
    titles = log.titles_of(pairs)
    return [
        claim | {"label": label(claim["field"]), "link": link(kind.model_class(), "change", pair[1], titles[pair])}
        for kind, claim, pair in zip(kinds, claims, pairs, strict=True)
    ]


# -- One edition of it --


@of_row
def edition_page(record_admin, request, source, number):
    """Show what became of each claim in an edition; use the edition, withdraw it, or propose what it states now."""
    edition = _edition_or_404(source, number)
    document, may_change = log.document_of(source.revision), _may_change(record_admin, request, source)
    is_used = document["edition"] == edition.digest
    base = editions.before(edition) if is_used else editions.in_use(document)
    if request.method == "POST":
        do = partial(_do, request, request.POST.get("deed"), source, edition, base if is_used else None)
        if response := record_admin.carry_out(request, do, request.path):
            return response
    compared = workflow.compared(document, edition, base)
    work, counts = _named(compared.pop("work", [])), reversed(compared.get("counts", []))
    return record_admin.page(request, "admin/source_edition.html", {
        "record": source,
        "title": f"Text read on {date_format(edition.read_date)}: {source}",
        "edition": edition, "base": base, "is_used": is_used, "may_change": may_change,
        "may_write": record_admin.permits(request, "change", source),
        **compared, "classes": [(kind, count, [row for row in work if row["kind"] == kind]) for kind, count in counts],
    })  # fmt: skip


def _edition_or_404(source, number):
    if edition := editions.of_source(source.pk).filter(pk=number).first():
        return edition
    raise Http404("There is no such text.")


@of_row
def file_page(record_admin, request, source, number):
    """Serve the file of an edition as it was uploaded, to be saved."""
    edition = _edition_or_404(source, number)
    data = bytes(edition.file or b"")
    return attachment(data, f"{edition.source_id}-{edition.read_date}.{texts.ending_of(data)}")


def attachment(data, name, media_type="application/octet-stream"):
    """Return a file to be saved: browsers neither show nor run it. Http404 if there is nothing in it."""
    if not data:
        raise Http404("There is no file.")
    return HttpResponse(data, media_type, headers={"Content-Disposition": content_disposition_header(True, name)})


def _do(request, deed, source, edition, base):
    """Use or withdraw an edition, or propose what it states now. Returns what was done, in words."""
    user = request.user
    if deed == "use":
        outcome = workflow.use(user, source, edition, required_reason(request))
        return became(user, Source.objects.get(pk=source.pk), outcome, "saved with this text")
    if deed == "withdraw":
        workflow.withdraw(user, source, edition, required_reason(request))
        return WITHDRAWN
    if deed != "propose":
        raise BadRequest("Use this text, withdraw it or, if it is in use, propose what it states now.")
    if base is None or edition.withdrawn:
        raise ValidationError(NOTHING_READ)
    models = [model for model in log.record_models() if model.claimable]
    readers = {model: admin.site.get_model_admin(model).reader(model, "") for model in models}
    readable, proposed, refused = workflow.propose(user, source, edition, base, readers)
    if not proposed and (refused or not readable):
        raise ValidationError([NOTHING_READ, *refused])
    for words in refused:
        messages.warning(request, words)
    if not proposed:
        return PROPOSED_ALREADY
    return f"Proposals were made for {proposed} record{'s' if proposed > 1 else ''}. They wait for a publisher."


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    inlines = ()
    fields = (
        "title", "slug", "publisher", "address", "archive_address", "licence", "contact", "language", "date",
        "read_date", "kept_text", "text_shown", "resting",
    )  # fmt: skip
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    readonly_fields = ("kept_text", "resting")
    list_display = ("title", "publisher", "language", date_column("date"), "read_date", "state", "modified")
    list_filter = ("state", "language")
    views = RecordAdmin.views | {
        "<path:object_id>/text/": ("text", text_page),
        "<path:object_id>/text/<int:number>/": ("edition", edition_page),
        "<path:object_id>/text/<int:number>/file/": ("edition_file", file_page),
    }

    @admin.display(description="text")
    def kept_text(self, source):
        """Whether a text is kept, with a link to its page."""
        if not source.pk:
            return "–"
        words = "Kept, as read on the day above" if source.edition else "Not kept yet"
        words = f"Withdrawn: {source.text_withdrawn}" if source.text_withdrawn else words
        if missing := Claim.objects.filter(source_id=source.pk, not_found=True).count():
            words = f"{words}. Quotes that are not in it: {missing}"
        return format_html("{}. {}", words, link(Source, "text", source.pk, "Text and quotes"))

    @admin.display(description="cited by")
    def resting(self, source):
        return resting_on(source.pk) or "–"
