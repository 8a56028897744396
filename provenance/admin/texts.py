"""The page of a source's text: what is kept of it, and which quotes do not stand in it."""

from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from provenance.documents.passages import nearest, overlooked
from provenance.documents.quotes import NOT_FOUND, VERBATIM
from provenance.files import texts
from provenance.models import Claim, State
from provenance.models.fields import is_no_later_day
from provenance.site.admin_site import address
from provenance.store import editions, log
from provenance.store.lock import register_lock
from provenance.workflow import submission

from .editions import list_of, named, public_text, take_into_use
from .summary import ASKED, LONGEST_REASON, became

MOST_SHOWN = 200  # claims, or sentences
HERE_ALREADY = "This text is here already, as read on {}. That day stays."
IN_USE = "This is the text in use, read on {}. Give a later day if it was read again."
SAME = "Read again: the text is the same."


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
        """Find the text; ``data`` and ``found`` are its bytes and the text in them."""
        cleaned = super().clean()
        text, file = cleaned.get("text", ""), cleaned.get("file")
        if bool(text.strip()) == bool(file):
            raise ValidationError("Paste the text or upload a file: one of the two.")
        if file and file.size > texts.LARGEST:
            raise ValidationError(f"The file has more than {texts.LARGEST // 2**20} MB.")
        data = file.read() if file else text.replace("\r\n", "\n").encode()
        return cleaned | {"data": data, "found": texts.text_of(data, is_pasted=not file)}


def text_page(record_admin, request, object_id):
    """Show what text of a source is kept and which quotes are not in it; keep a newer text if one is sent."""
    key = unquote(object_id)
    source = record_admin.get_object(request, key)
    if source is None:
        return record_admin._get_obj_does_not_exist_redirect(request, record_admin.opts, object_id)
    if not record_admin.has_view_or_change_permission(request, source):
        raise PermissionDenied
    may_change, document = record_admin.has_change_permission(request, source), log.document_of(source.revision)
    form = TextForm(request.POST or None, request.FILES or None, initial={"read_date": timezone.localdate()})
    if document["edition"]:
        del form.fields["reason"]  # asked for when it is used
    else:
        form.fields["reason"].required = source.state != State.DRAFT
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if form.is_valid() and (kept := _keep(record_admin, request, source, form)):
            return HttpResponseRedirect(kept)
    return TemplateResponse(request, "admin/source_text.html", record_admin.admin_site.each_context(request) | {
        "title": f"Text: {source}", "opts": record_admin.opts, "record": source, "form": form if may_change else None,
        "proposes": record_admin.proposes(request, source) and not document["edition"],
        "edition": editions.in_use(document), "others": list_of(source, document),
        **public_text(source), **_checked(document),
    })  # fmt: skip


def _keep(record_admin, request, source, form):
    """Keep the text of a valid form. Returns the address of the page to show then; None, with errors in the form.

    The first text of a source is used at once; a newer one waits until somebody has compared it. The text in use, read
    again, gives the source its later day.
    """
    user, given = request.user, form.cleaned_data
    document, outcome, done = log.document_of(source.revision), None, "given this text"
    try:
        with register_lock():
            last = editions.of_source(source.pk).first()
            digest = editions.keep(source.pk, given["data"], given["found"], given["read_date"], user.get_username())
            edition = editions.of_source(source.pk).get(digest=digest)
            if not document["edition"]:
                outcome = take_into_use(user, source, edition, given["reason"])
            elif digest == document["edition"]:
                done = "read again, with the same text"
                outcome = _read_again(user, source, document, given["read_date"])
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    if outcome is None:
        if last and edition.pk <= last.pk:
            words = HERE_ALREADY.format(date_format(edition.read_date))
            record_admin.message_user(request, words, messages.WARNING)
        return address(record_admin.model, "edition", source.pk, str(edition.pk))
    words = became(user, type(source).objects.get(pk=source.pk), outcome, done)
    record_admin.message_user(request, words, messages.SUCCESS)
    return address(record_admin.model, "text", source.pk)


def _read_again(user, source, document, day):
    """Submit the later day on which the text in use was read again. Returns the Outcome."""
    if (document["read_date"] or "") >= day.isoformat():
        raise ValidationError(IN_USE.format(date_format(date.fromisoformat(document["read_date"]))))
    documents = {source.pk: document | {"read_date": day.isoformat()}}
    return submission.submit(user, type(source), documents, reason=SAME, bases={source.pk: source.revision_id})


def _checked(document):
    """Return how many of the source's claims were looked for in its text, which were not found, and what none uses."""
    rows = Claim.objects.filter(source_id=document["slug"]).order_by("pk")
    claims = list(rows.values("content_type_id", "object_id", "field", "as_stated", "quote"))
    text = editions.newest_text(document)
    verdicts = [found.verdict for found in editions.verdicts(document, claims)]
    missing = [claim for claim, verdict in zip(claims, verdicts, strict=True) if verdict == NOT_FOUND]
    unused = overlooked(text, claims) if text else []
    return {
        "overlooked": [
            {"number": sentence.number, "words": words, "sentence": text[sentence.start : sentence.end]}
            for sentence, words in unused[:MOST_SHOWN]
        ],
        "more_overlooked": len(unused) - MOST_SHOWN,
        "claim_count": len(claims), "verbatim": verdicts.count(VERBATIM), "more_missing": len(missing) - MOST_SHOWN,
        "missing": [named(claim) | {"now": nearest(claim["quote"], text)} for claim in missing[:MOST_SHOWN]],
    }  # fmt: skip


def kept_text(source):
    """Return what the form of a source says of its text, with a link to the page of it."""
    words = "Kept, as read on the day above" if source.edition else "Not kept yet"
    words = f"Withdrawn: {source.text_withdrawn}" if source.text_withdrawn else words
    if missing := Claim.objects.filter(source_id=source.pk, not_found=True).count():
        words = f"{words}. Quotes that are not in it: {missing}"
    return format_html('{}. <a href="{}">{}</a>', words, address(type(source), "text", source.pk), "Text and quotes")
