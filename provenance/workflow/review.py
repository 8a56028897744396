"""What becomes of proposals: each is decided once, by somebody who may, or taken back by its author."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from ..documents import conflicts
from ..documents.claims import contradictions
from ..models import Proposal, Revision, State
from ..store.lock import register_lock
from ..store.log import LONGEST_REASON, document_of, model_of, newest
from . import permissions, publication
from .submission import submit

ALREADY = "This proposal was decided already. Nothing was changed."
MOVED = "The record was changed since you opened this page. Please look again. Nothing was changed."
NOT_YOURS = "You may not decide this proposal. Nothing was changed."
NOTHING = "Nothing was chosen: choose at least one change, or decline the proposal."
UNCHANGED = "Nothing is different from what stands: decline the proposal instead, and say why."
OTHERWISE = "It reads otherwise than its source: say in the comment why you accept it so. Nothing was changed."
IN_PART = "Accepted in part."
GONE = "The record was deleted since this was proposed."


def record_of(proposal):
    """Return the record that a proposal is for; None if it is deleted."""
    return model_of(proposal).objects.filter(pk=proposal.key).first()


def may_decide(user, proposal):
    """Whether ``user`` may accept or decline a proposal."""
    record = record_of(proposal)
    return permissions.may(user, "decide", record) if record else permissions.may(user, "decide")


def accept(user, proposal, places, seen, comment="", shown=()):
    """Write what ``proposal`` says in ``places`` (names of Places), and publish what it names, as it was ``shown``.

    ``seen``: id of the record's Revision that the user looked at. ValidationError or Refused, and nothing written,
    if the record moved on, if the proposal was decided, if nothing was chosen or would change, if a rule is broken,
    if the record is, or would be, of no country of the user's, if more becomes public than was ``shown``, or if what
    readers will see reads otherwise than its source and no ``comment`` says why.
    """
    with register_lock():
        if not may_decide(user, proposal):
            raise ValidationError([NOT_YOURS, permissions.refusal(user, "decide", record_of(proposal))])
        if not waiting(str(proposal.pk)):
            raise ValidationError(ALREADY)
        document = wanted(proposal, places, seen)
        with_it(user, proposal, document).demand(user, shown)
        reason = f"Proposed by {proposal.user_name}: {proposal.reason}".removesuffix(": ")
        if _reads_otherwise(proposal, document):
            if not comment.strip():
                raise ValidationError(OTHERWISE)
            reason = f"Proposed by {proposal.user_name}, accepted: {comment.strip()}"
        documents = {proposal.key: document}
        if not submit(user, model_of(proposal), documents, reason=reason[:LONGEST_REASON], publish=shown).written:
            raise ValidationError(UNCHANGED)
        is_part = _left(proposal, document)
        close(user, proposal, Proposal.Outcome.ACCEPTED, f"{IN_PART} {comment}".strip() if is_part else comment)


def with_it(user, proposal, document=None):
    """Return the Plan of what becomes public when ``user`` accepts ``proposal``, or ``document`` of it."""
    record = record_of(proposal)
    is_public = record and record.state == State.PUBLISHED
    documents = [document or wanted(proposal)] if is_public else []
    return publication.planned(user, model_of(proposal), documents)


def _reads_otherwise(proposal, document):
    """Whether readers see a claim that reads otherwise, as none does now, once ``document`` is accepted."""
    record = record_of(proposal)
    return record.state == State.PUBLISHED and bool(contradictions(document, document_of(record.revision)))


def left(proposal):
    """Return the names of the Places in which the record was not as proposed when ``proposal`` was decided."""
    decided = Revision.objects.of(model_of(proposal), proposal.key).filter(at__lte=proposal.decided_at).first()
    return _left(proposal, document_of(decided))


def _left(proposal, document):
    base, mine = document_of(proposal.base), document_of(proposal)
    places = conflicts.places(model_of(proposal), base, document, mine)
    return {place.name for place in places if place.is_effective}


def wanted(proposal, places=None, seen=None):
    """Return the record's document with what ``proposal`` says in ``places``; None: wherever it changes something."""
    model = model_of(proposal)
    now = newest(model, [proposal.key])[proposal.key]
    if now.action == "deleted":
        raise ValidationError(GONE)
    if seen is not None and str(now.pk) != str(seen):
        raise ValidationError(MOVED)
    return over(proposal, document_of(now), places)


def over(proposal, document, places=None):
    """Return ``document``, of the record of ``proposal``, with what that says in ``places``; None: see ``wanted``."""
    model, base, mine = model_of(proposal), document_of(proposal.base), document_of(proposal)
    found = conflicts.places(model, base, document, mine)
    chosen = [place for place in found if places is None or place.name in places]
    if places is not None and not chosen:
        raise ValidationError(NOTHING)
    return conflicts.take(model, document, mine, {part.name for place in chosen for part in place.parts})


def close(user, proposal, outcome, comment=""):
    """Decide a proposal that waits. ValidationError if somebody else was first."""
    said = {"decided_by": user.get_username(), "decided_at": max(timezone.now(), proposal.at), "comment": comment}
    if not Proposal.objects.filter(pk=proposal.pk, outcome=Proposal.Outcome.WAITING).update(outcome=outcome, **said):
        raise ValidationError(ALREADY)


def taken_up(user, pk, model, key):
    """Return the proposal ``pk``, a text, of the record ``key``, if ``user`` decides it by saving that record.

    None: there is none, or ``user`` may not decide it. ValidationError if it does not wait any more.
    """
    if pk is None:
        return None
    proposal = waiting(pk)
    if proposal is None or (proposal.kind, proposal.key) != (model._meta.model_name, key):
        raise ValidationError(ALREADY)
    return proposal if may_decide(user, proposal) else None


def settle(user, proposal, is_written):
    """Mark ``proposal`` (None: there is none) as accepted: its record was just saved.

    ValidationError unless that changed something (``is_written``), or if it was decided already.
    """
    if proposal is None:
        return
    if not is_written:
        raise ValidationError(UNCHANGED)
    close(user, proposal, Proposal.Outcome.ACCEPTED, "Accepted with changes.")


def waiting_on(model, keys):
    """Return the proposals that wait on the records ``keys``, newest first, without their documents."""
    found = Proposal.objects.filter(kind=model._meta.model_name, key__in=keys, outcome=Proposal.Outcome.WAITING)
    return found.defer("document")


def waiting(pk):
    """Return the proposal ``pk``, a text, if it waits; None otherwise."""
    number = int(pk) if pk and pk.isascii() and pk.isdigit() and len(pk) < 18 else 0
    return Proposal.objects.select_related("base").filter(pk=number, outcome=Proposal.Outcome.WAITING).first()
