"""Undoes an import as a whole: each record becomes what it was before, unless somebody changed it since."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from provenance.documents.errors import Refused
from provenance.models import Proposal, Revision, Source, State
from provenance.store.database import register_lock
from provenance.store.log import chunks, delete, document_of, newest, set_state, title_of
from provenance.workflow import permissions, review
from provenance.workflow.submission import submit

from . import lifecycle
from .models import Import, ImportItem
from .preview import models_in_order


def can_undo(batch, user):
    """Whether ``user`` may undo an import: their own, or any as superuser, once."""
    is_theirs = user.is_superuser or batch.user_id == user.pk
    is_written = batch.state == Import.State.DONE and bool(batch.about.get("revisions"))
    return is_theirs and is_written and not batch.about.get("undone")


def undo(batch, user):
    """Restore every record that an import wrote, as Revisions with a reason, in one transaction.

    New records are deleted, or withdrawn if the public saw them. Returns sentences on what stays: records that were
    changed since, or that ``user`` may not write. PermissionDenied if they may not undo it; ValidationError if it was
    undone already.
    """
    with register_lock():
        batch.refresh_from_db()
        if by := batch.about.get("undone"):
            raise ValidationError(f"{by} has already undone this import.")
        if not can_undo(batch, user):
            permissions.refuse(user, "import", batch, "This import cannot be undone, or not by you.")
        batch.about |= {"undone": user.get_username(), "left": _undo(batch, user)}
        batch.save(update_fields=["about"])
    return batch.about["left"]


def _undo(batch, user):
    first, last = batch.about["revisions"]
    reason, left = lifecycle.reason_of_undo(batch), []
    for model in reversed(models_in_order()):
        written = [ImportItem.Verdict.NEW, ImportItem.Verdict.CHANGED]
        items = batch.items.filter(kind=model._meta.model_name, verdict__in=written)
        for chunk in chunks(items.values_list("key", "base").order_by("-number")):  # each before those that it names
            bases, now = dict(chunk), newest(model, [key for key, _base in chunk])
            ours = [key for key in bases if first < now[key].pk <= last]
            left += [_since(model, now[key]) for key in bases if key not in ours]
            left += _restore(user, model, [key for key in ours if bases[key]], now, first, reason)
            new = model.objects.in_bulk([key for key in ours if not bases[key]])
            left += [words for key in ours if key in new for words in _remove(user, new[key], reason)]
    left += _take_back(user, batch, reason)
    published = Revision.objects.of(Source, batch.source).filter(pk__gt=first, pk__lte=last)
    for source in Source.objects.filter(pk=batch.source, state=State.PUBLISHED) if published.exists() else ():
        _remove(user, source, reason)  # it stays if a public record still names it
    return left


def _since(model, revision):
    """Return a sentence why a record stays: who published, changed or deleted it since."""
    name = f"{title_of(revision)} ({model._meta.verbose_name} {revision.key})"
    who = f"{name}: {revision.action} by {revision.user_name}"
    right = " To remove it too, withdraw it on its own page." if revision.action == "published" else ""
    return f"{who} on {date_format(timezone.localtime(revision.at), 'DATE_FORMAT')}.{right}"


def _take_back(user, batch, reason):
    """Cancel the proposals of the import that nobody has decided."""
    first, last = batch.about.get("proposals", (0, 0))
    proposals = Proposal.objects.filter(pk__gt=first, pk__lte=last).defer("document")
    for proposal in proposals.filter(outcome=Proposal.Outcome.WAITING):
        review.close(user, proposal, Proposal.Outcome.TAKEN_BACK, reason)
    accepted = proposals.filter(outcome=Proposal.Outcome.ACCEPTED).order_by("pk")
    return [f"{proposal.key}: {proposal.decided_by} accepted its change." for proposal in accepted]


def _restore(user, model, keys, now, first, reason):
    """Restore records as they were just before the import wrote them, which may be later than its preview."""
    before, faults = newest(model, keys, until=first), {}
    documents = {key: document_of(revision) for key, revision in before.items()}
    submit(user, model, documents, reason=reason, bases={key: now[key].pk for key in before}, faults=faults)
    return [f"{key}: {fault.words}" for key, of_key in faults.items() for fault in of_key]


def _remove(user, record, reason):
    """Delete a record that the import added, or withdraw it if it is public. Returns sentences why not."""
    model, action = type(record), "withdraw" if record.state == State.PUBLISHED else "delete"
    if not permissions.allowed(user, action, model.objects.filter(pk=record.pk)):
        return [f"{record.pk}: you may not {action} it."]
    fields = {"user_name": user.get_username(), "reason": reason}
    try:
        if action == "withdraw":
            set_state(model, [record.pk], State.WITHDRAWN, **fields)
        else:
            delete(model, [record.pk], **fields)
    except Refused as refused:
        return [fault.words for fault in refused.faults]
    return []
