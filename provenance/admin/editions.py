"""The page of an edition of a source's text: compared with the one before, taken into use, withdrawn; its file."""

from collections import Counter

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.formats import date_format

from provenance.documents.claims import Status
from provenance.documents.comparison import GONE, KINDS, MOVED, REWORDED, STILL, Comparison
from provenance.documents.diff import label
from provenance.documents.errors import Refused
from provenance.files import texts
from provenance.models import Claim, Edition, Source, State
from provenance.site.admin_site import address
from provenance.store import editions, log
from provenance.store.lock import register_lock
from provenance.workflow import permissions, submission
from provenance.workflow.rewording import reworded

from .summary import LONGEST_REASON, became, link, reason_demanded, reason_typed

MOST_SHOWN = 200  # claims
NOTHING_READ = "Nothing was proposed: no new date, sum or name can be read. Open the records to correct them."
PROPOSED_ALREADY = "You have already proposed all of this. It waits for a publisher."
WITHDRAWN = "The text and its file were deleted. Its digest stays, and what was found of the quotes."


def take_into_use(user, source, edition, reason):
    """Submit ``source`` with ``edition`` as its text: written, or proposed. Returns the Outcome."""
    document = log.document_of(source.revision) | {
        "edition": edition.digest, "read_date": edition.read_date.isoformat(),
        "text_withdrawn": edition.withdrawn or None,
    }  # fmt: skip
    bases = {source.pk: source.revision_id}
    return submission.submit(user, type(source), {source.pk: document}, reason=reason, bases=bases)


def list_of(source, document):
    """Return ``[(Edition, its address, what became of it)]`` of a source, newest first."""
    used = editions.in_use(document)

    def state(edition):
        if edition.withdrawn or edition == used:
            return "withdrawn" if edition.withdrawn else "in use"
        return "waits to be compared" if used is None or edition.pk > used.pk else "earlier"

    found = editions.of_source(source.pk)
    return [(each, address(type(source), "edition", source.pk, str(each.pk)), state(each)) for each in found]


def called(source, digest):
    """Return in words the text with that digest of the source with that key."""
    edition = editions.of_source(source).filter(digest=digest or "").first()
    return f"Text read on {date_format(edition.read_date)} (SHA-256 {digest[:16]}…)" if edition else "no text"


def change_of_text(before, after):
    """Return what a change of a source's document, which uses another text then, does to its claims, for a template.

    None if it uses the same.
    """
    new = editions.in_use(after)
    if new is None or before["edition"] == after["edition"]:
        return None
    where = address(Source, "edition", after["slug"], str(new.pk))
    source = Source.objects.get(pk=after["slug"])
    return {"address": where, **public_text(source), **_compared(source, before, new, editions.in_use(before))}


def public_text(source):
    """Return whether readers see the whole text of a source, as the templates ask."""
    return {"is_text_public": source.state == State.PUBLISHED and source.text_shown == Source.TextShown.TEXT}


def named(claim):
    """Return the values of a claim's row with its ``label`` and a ``link`` to its record."""
    model = ContentType.objects.get_for_id(claim["content_type_id"]).model_class()
    return claim | {
        "label": label(claim["field"]), "link": link(model, "change", claim["object_id"], claim["object_id"]),
    }  # fmt: skip


def edition_page(record_admin, request, object_id, number):
    """Show what became of each claim in an edition; take it into use, withdraw it, or propose what it says now."""
    source, edition = _found(record_admin, request, object_id, number)
    document = log.document_of(source.revision)
    is_used, may_change = document["edition"] == edition.digest, record_admin.has_change_permission(request, source)
    base = editions.before(edition) if is_used else editions.in_use(document)
    if request.method == "POST":
        deed = {"use": _use, "withdraw": _withdraw, "propose": _propose}.get(request.POST.get("deed"))
        if deed is None or not may_change or (deed is _propose and not is_used):
            raise PermissionDenied
        try:
            words = deed(request, source, edition, base)
        except ValidationError as error:
            for message in error.messages:
                record_admin.message_user(request, message, messages.ERROR)
        else:
            record_admin.message_user(request, words, messages.SUCCESS)
            return HttpResponseRedirect(request.path)
    return TemplateResponse(request, "admin/source_edition.html", record_admin.admin_site.each_context(request) | {
        "title": f"Text read on {date_format(edition.read_date)}: {source}",
        "opts": record_admin.opts, "record": source,
        "edition": edition, "base": base, "is_used": is_used, "may_change": may_change,
        "may_write": record_admin.permits(request, "change", source), "reason": reason_typed(request),
        "text_address": address(record_admin.model, "text", source.pk), **public_text(source),
        "file_address": address(record_admin.model, "edition_file", source.pk, str(edition.pk)),
        **_compared(source, document, edition, base),
    })  # fmt: skip


def file_page(record_admin, request, object_id, number):
    """Serve the file of an edition as it was uploaded, to be saved: browsers neither show nor run it."""
    _source, edition = _found(record_admin, request, object_id, number)
    if edition.file is None:
        raise Http404("There is no file.")
    data = bytes(edition.file)
    name = f"{edition.source_id}-{edition.read_date}.{texts.ending_of(data)}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


def _found(record_admin, request, object_id, number):
    source = record_admin.get_object(request, unquote(object_id))
    edition = editions.of_source(source.pk).filter(pk=number).first() if source and number < 2**63 else None
    if edition is None:
        raise Http404("There is no such text.")
    if not record_admin.has_view_or_change_permission(request, source):
        raise PermissionDenied
    return source, edition


def _claims(source):
    """Return the values of the rows of a source's claims, but not of those of earlier values."""
    rows = Claim.objects.filter(source_id=source.pk).exclude(status=Status.EARLIER).order_by("pk")
    return list(rows.values("content_type_id", "object_id", "field", "as_stated", "quote"))


def _compared(source, document, edition, base):
    """Return the context of the comparison of an edition with ``base``, which may be None or withdrawn."""
    if base is None or edition.withdrawn:
        return {}
    comparison, claims = Comparison(base.text, edition.text), _claims(source)
    fates = {
        pair: comparison.fate(*pair)
        for pair in dict.fromkeys((claim["quote"], claim["as_stated"]) for claim in claims)
    }  # fmt: skip
    rows = [claim | fates[claim["quote"], claim["as_stated"]]._asdict() for claim in claims]
    counts = Counter(row["kind"] for row in rows)
    work = sorted((row for row in rows if row["kind"] != STILL), key=lambda row: KINDS.index(row["kind"]), reverse=True)
    days = editions.seen(document, {row["quote"] for row in work[:MOST_SHOWN]})
    return {
        "counts": [(kind, counts[kind]) for kind in KINDS], "standing": counts[STILL] + counts[MOVED],
        "reworded": counts[REWORDED], "left": counts[REWORDED] + counts[GONE], "more": len(work) - MOST_SHOWN,
        "work": [named(row) | {"days": days.get(row["quote"])} for row in work[:MOST_SHOWN]],
    }  # fmt: skip


def _use(request, source, edition, base):
    outcome = take_into_use(request.user, source, edition, reason_demanded(request))
    return became(request.user, type(source).objects.get(pk=source.pk), outcome, "given this text")


def _withdraw(request, source, edition, base):
    """Delete text and file. Only who may change the source may: what is deleted cannot wait for a publisher."""
    if not permissions.may(request.user, "change", source):
        raise ValidationError(permissions.refusal(request.user, "change", source))
    reason = reason_demanded(request)
    with register_lock():
        editions.withdraw(edition, reason, request.user.get_username())
        if log.document_of(source.revision)["edition"] == edition.digest:
            take_into_use(request.user, source, Edition.objects.get(pk=edition.pk), reason)
    return WITHDRAWN


def _propose(request, source, edition, base):
    """Propose, record by record, what the reworded sentences of an edition in use state now."""
    if base is None or edition.withdrawn:
        raise ValidationError(NOTHING_READ)
    comparison, user = Comparison(base.text, edition.text), request.user
    keys, reason, found, count, refused = {}, f"Newer text of {source}"[:LONGEST_REASON], 0, 0, []
    for claim in _claims(source):
        keys.setdefault(claim["content_type_id"], set()).add(claim["object_id"])
    with register_lock():
        for kind, named_keys in keys.items():
            model = ContentType.objects.get_for_id(kind).model_class()
            reader = admin.site.get_model_admin(model).reader(model, "")
            rows = model.objects.filter(pk__in=named_keys).select_related("revision")
            changing, proposing = (permissions.allowed(user, action, rows) for action in ("change", "propose"))
            for row in [*changing, *proposing]:
                if document := reworded(reader, log.document_of(row.revision), source.pk, comparison):
                    found += 1
                    try:
                        count += len(submission.propose(user, model, {row.pk: document}, reason=reason))
                    except Refused as error:
                        refused.append(f"{row}: {' '.join(error.messages)}")
    for words in refused if count else ():
        messages.warning(request, words)
    if not count and (refused or not found):
        raise ValidationError([NOTHING_READ, *refused])
    if not count:
        return PROPOSED_ALREADY
    return f"Proposals were made for {count} record{'s' if count > 1 else ''}. They wait for a publisher."
