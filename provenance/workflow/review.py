"""Review of proposals: each is accepted or declined once, or cancelled by its author."""

from itertools import product

from django.core.exceptions import ValidationError
from django.utils import timezone

from ..documents import conflicts
from ..documents.diff import label
from ..models import Proposal, Revision, State
from ..models.fields import as_number
from ..store import audit
from ..store.database import register_lock
from ..store.editions import contradictions
from ..store.log import LONGEST_REASON, document_of, model_of, newest
from . import permissions, publication
from .submission import submit

ALREADY = "This has already been decided."
MOVED = "The record has changed since you opened this page. Please check it again."
NOTHING = "Choose at least one change, or decline the proposal."
UNCHANGED = "This would change nothing. Decline the proposal instead, and say why."
OTHERWISE = "A value differs from its source, or its sentence is not there. Explain in the comment why you accept it."
IN_PART = "Accepted in part."
TORN = "“{}” and “{}” are stated by one sentence, which has changed. Accept both or neither."
GONE = "The record has been deleted since this was proposed."


def record_of(row):
    """Return the record that ``row``, such as a proposal, is about; None if it names none, or it was deleted."""
    return model_of(row).objects.filter(pk=row.key).first() if row.kind else None


def may_decide(user, proposal):
    """Whether ``user`` may accept or decline a proposal."""
    return permissions.may(user, "decide", record_of(proposal))


def accept(user, proposal, places, seen, comment="", shown=()):
    """Write the Places ``places`` (names) of ``proposal``, and publish what it names, as ``shown``.

    ``user`` may decide it. ``seen``: id of the Revision that they saw. ValidationError or Refused, and nothing written,
    if the record or the proposal changed, nothing is chosen or would change, a rule is broken, the record belongs to
    none of the user's countries, more than ``shown`` would become public, or a public value differs from its source
    without a ``comment``.
    """
    with register_lock():
        if not Proposal.objects.filter(pk=proposal.pk, outcome=Proposal.Outcome.WAITING).exists():
            raise ValidationError(ALREADY)
        document = proposed_document(proposal, places, seen)
        publication_plan(user, proposal, document).require(user, shown)
        reason = f"Proposed by {proposal.user_name}: {proposal.reason}".removesuffix(": ")
        record = record_of(proposal)
        if record.state == State.PUBLISHED and contradictions(type(record), document, document_of(record.revision)):
            if not comment.strip():
                raise ValidationError(OTHERWISE)
            reason = f"Proposed by {proposal.user_name}, accepted: {comment.strip()}"
        documents = {proposal.key: document}
        if not submit(user, model_of(proposal), documents, reason=reason[:LONGEST_REASON], publish=shown).written:
            raise ValidationError(UNCHANGED)
        is_part = _not_accepted(proposal, document)
        close(user, proposal, Proposal.Outcome.ACCEPTED, f"{IN_PART} {comment}".strip() if is_part else comment)


def publication_plan(user, proposal, document=None):
    """Return the Plan of what becomes public when ``user`` accepts ``proposal``, or ``document`` of it."""
    record = record_of(proposal)
    is_public = record and record.state == State.PUBLISHED
    documents = [document or proposed_document(proposal)] if is_public else []
    return publication.plan_named(user, model_of(proposal), documents)


def not_accepted(proposal):
    """Return the names of the Places that were not accepted."""
    decided = Revision.objects.of(model_of(proposal), proposal.key).filter(at__lte=proposal.decided_at).first()
    return _not_accepted(proposal, document_of(decided))


def _not_accepted(proposal, document):
    base, mine = document_of(proposal.base), document_of(proposal)
    places = conflicts.places(model_of(proposal), base, document, mine)
    return {place.name for place in places if place.is_effective}


def proposed_document(proposal, places=None, seen=None):
    """Return the record's document with the Places ``places`` of ``proposal``; None: with all of them."""
    model = model_of(proposal)
    now = newest(model, [proposal.key])[proposal.key]
    if now.action == "deleted":
        raise ValidationError(GONE)
    if seen is not None and str(now.pk) != str(seen):
        raise ValidationError(MOVED)
    return apply_to(proposal, document_of(now), places)


def apply_to(proposal, document, places=None):
    """Return ``document`` with the Places ``places`` of ``proposal`` applied (see ``proposed_document``)."""
    model, base, mine = model_of(proposal), document_of(proposal.base), document_of(proposal)
    all_places = conflicts.places(model, base, document, mine)
    chosen = [place for place in all_places if places is None or place.name in places]
    if places is not None and not chosen:
        raise ValidationError(NOTHING)
    left = [place for place in all_places if place not in chosen and place.is_effective]
    for one, other in product(chosen, left):
        if conflicts.are_of_one_sentence(base, one, other):
            raise ValidationError(TORN.format(label(one.member), label(other.member)))
    return conflicts.take(model, document, mine, {part.name for place in chosen for part in place.parts})


def close(user, row, outcome, comment="", **more):
    """Decide a waiting proposal or suggested source, and set its columns ``more``.

    ValidationError if somebody else did, or if it is declined without a comment.
    """
    if outcome == Proposal.Outcome.DECLINED and not comment.strip():
        raise ValidationError("Say why you decline it. Whoever sent it will read this.")
    kind, decided_at = row._meta.verbose_name, max(timezone.now(), row.at)
    decision = {"decided_by": user.get_username(), "decided_at": decided_at, "comment": comment} | more
    if not type(row).objects.filter(pk=row.pk, outcome=row.Outcome.WAITING).update(outcome=outcome, **decision):
        raise ValidationError(ALREADY)
    audit.note(user, f"{outcome.label.lower()} {kind}", f"{kind} {row.pk}")


def proposal_to_settle(user, pk, model, key):
    """Return the proposal ``pk`` (a text) on the record ``key`` that ``user`` decides by saving the record.

    None if ``user`` may not decide it. ValidationError if it no longer waits.
    """
    proposal = proposal_on(model, key, pk)
    if proposal is None:
        raise ValidationError(ALREADY)
    return proposal if may_decide(user, proposal) else None


def waiting_on(model, keys):
    """Return the waiting proposals on the records ``keys``, newest first, without documents."""
    proposals = Proposal.objects.filter(kind=model._meta.model_name, key__in=keys, outcome=Proposal.Outcome.WAITING)
    return proposals.defer("document")


def proposal_on(model, key, pk, waiting=True):
    """Return the proposal ``pk`` (a text) on the record ``key``, or None. ``waiting``: only if it waits."""
    rows = Proposal.objects.select_related("base").filter(kind=model._meta.model_name, key=key, pk=as_number(pk))
    return rows.filter(outcome=Proposal.Outcome.WAITING).first() if waiting else rows.first()
