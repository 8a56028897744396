"""Submission of documents: written, proposed or refused, depending on what the user may do."""

from dataclasses import dataclass, field

from django.utils import timezone

from ..documents import conflicts
from ..documents.errors import Fault, Refused, WrongShape, faults_of
from ..documents.folding import composed
from ..models import Proposal, Revision, State
from ..store import audit, build, writer
from ..store.database import register_lock
from ..store.log import chunks, document_of, newest, standing_in, states_of
from ..store.writer import check
from . import permissions, publication

MEANWHILE = "Somebody else changed the same values: {places}. Please check the record and try again."
OUTSIDE = "The record must belong to one of your countries ({countries})."
NOT_ALLOWED = "You may not {action} this. {why}"


@dataclass
class Outcome:
    """The number of Revisions ``written``, and the keys ``proposed``, which wait for a publisher."""

    written: int = 0
    proposed: list = field(default_factory=list)


def submit(
    by, model, documents, *, reason="", bases=None, state=None, publish=(), as_proposal=False, faults=None, trial=None,
    is_tried=False,
):  # fmt: skip
    """Write ``{key: document}``, or propose those that ``by`` may only propose. Returns an Outcome.

    ``by``: a user, or the name of a program, which may do everything. ``bases``: ``{key: id of the Revision they
    saw}``; later changes by others are kept, and a conflict is a fault. ``state``: of new records (default: draft).
    ``publish``: drafts to publish with a record that names them, as in ``Plan.items``. ``as_proposal``: propose all,
    also those that ``by`` could write. Derived members (``url``, ``modified``, names of other records) are ignored.
    Without ``faults``, one fault raises Refused and nothing is written; with a dict ``faults``, it receives
    ``{key: Faults}`` and the other documents are written. ``trial``: see ``append_changes``. ``is_tried``: the
    documents are what a trial received, and nothing was recorded since.
    """
    user, user_name = (None, by) if isinstance(by, str) else (by, by.get_username())
    fields, bases, state = {"user_name": user_name, "reason": reason}, bases or {}, state or State.DRAFT
    outcome, refused = Outcome(), {} if faults is None else faults
    with register_lock():
        documents = documents if is_tried else _received(model, documents, refused)
        named = {key: build.same_kind_reference(model, document) for key, document in documents.items()}
        for keys in chunks(build.in_order(named)):
            existing = states_of(model, keys)
            permitted = ((), set(keys)) if as_proposal else _permitted(user, model, keys, existing, state, refused)
            to_write, to_propose = ({key: documents[key] for key in keys if key in own} for own in permitted)
            for key, (document, places) in rebase(model, to_write, bases).items():
                to_write[key] = document
                if places:
                    refused[key] = [Fault(key, MEANWHILE.format(places=", ".join(places)))]
            own = in_territory(user, model, to_write, refused)
            to_write = {key: document for key, document in own.items() if key not in refused}
            states = dict.fromkeys(keys, state) | existing
            public = [document for key, document in to_write.items() if states[key] == State.PUBLISHED]
            if public and publish:
                publication.publish_named(user, model, public, publish, fields)
            outcome.written += writer.write(model, to_write, states, fields, refused, trial, is_tried=is_tried)
            if to_propose:
                outcome.proposed += _propose(user, model, to_propose, bases, fields, refused, trial)
        if refused and faults is None:
            raise Refused([fault for faults in refused.values() for fault in faults])
    return outcome


def _received(model, documents, faults):
    """Return ``documents`` in the form in which they are recorded; those of the wrong shape add to ``faults``."""
    received = {}
    for key, document in documents.items():
        document = composed(document)
        try:
            build.check_shape(model, document)
        except WrongShape as error:
            faults[key] = faults_of(error, key)
        else:
            received[key] = build.upgrade(model, build.in_one_line(model, document))
    return received


def _permitted(user, model, keys, existing, state, faults):
    """Return the keys that ``user`` may write and those that they may propose; the others add to ``faults``.

    ``existing``: ``{key: state}`` of the records that there are; ``state``: of new ones.
    """
    if user is None:
        return set(keys), ()
    rows, new = model.objects.filter(pk__in=existing), set(keys) - existing.keys()
    writable = set(permissions.allowed(user, "change", rows).values_list("pk", flat=True))
    writable |= new if new and permissions.may_add(user, state) else set()
    others = rows.filter(pk__in=existing.keys() - writable)
    proposable = set(permissions.allowed(user, "propose", others).values_list("pk", flat=True))
    refused = set(keys) - writable - proposable
    countries = [field.name for field in model._meta.many_to_many if field.name == "countries"]
    records = model.objects.prefetch_related(*countries).in_bulk(refused) if refused else {}
    for key in refused:
        action, record = ("change" if key in existing else "add"), records.get(key)
        proposes = record and record.state in permissions.states_for(user, "propose")
        why = permissions.why_not(user, "propose" if proposes else action, record)
        _refuse(user, model, key, action, NOT_ALLOWED.format(action=action, why=why).strip(), faults)
    return writable, proposable


def in_territory(user, model, documents, faults):
    """Return those of ``{key: document}`` in the countries of ``user``; the others add to ``faults``."""
    codes, inside = user and permissions.territory(user), {}
    for key, document in documents.items():
        countries = model.territory_of(document)
        if codes is None or countries is None or codes & countries:
            inside[key] = document
        else:
            own = ", ".join(sorted(codes)) or "none yet"
            _refuse(user, model, key, "change", OUTSIDE.format(countries=own), faults)
    return inside


def _refuse(user, model, key, action, words, faults):
    faults.setdefault(key, []).append(Fault(key, words))
    permissions.log_refusal(user, action, f"{model._meta.model_name} {key}")


def rebase(model, documents, bases, *, take_mine=False):
    """Return ``{key: (document, conflicting places)}`` for ``documents`` whose record changed since ``bases``.

    The document has both changes; conflicting places keep the stored value, or with ``take_mine`` their own.
    """
    now = newest(model, [key for key in documents if key in bases])
    changed = {key: revision for key, revision in now.items() if revision.pk != bases[key]}
    seen = Revision.objects.filter(kind=model._meta.model_name).in_bulk({bases[key] for key in changed})
    results = {}
    for key, revision in changed.items():
        base = document_of(seen[bases[key]]) if bases[key] in seen else None
        versions = base, document_of(revision), documents[key]
        places = [difference.name for difference in conflicts.differences(model, *versions) if difference.is_conflict]
        results[key] = conflicts.merge(model, *versions, take_mine=places if take_mine else ()), places
    return results


def _propose(user, model, documents, bases, fields, faults, trial):
    """Save a Proposal for each document that changes its record, unless it waits already. Returns their keys.

    ``trial``: a dict that receives the documents, too.
    """
    before, own = newest(model, documents), in_territory(user, model, documents, faults)
    standing = {key: document for key, revision in before.items() if (document := standing_in(revision))}
    after = check(model, own, standing, faults, hidden=[State.WITHDRAWN])  # accepting publishes named drafts
    changed = {key: new for key, new in after.items() if key not in faults and new != standing.get(key)}
    waiting = Proposal.objects.filter(kind=model._meta.model_name, outcome="waiting", user=user)
    proposed_already = set(waiting.filter(key__in=changed).values_list("key", "document"))
    proposals = [
        Proposal(
            kind=model._meta.model_name, key=key, base_id=bases.get(key) or before[key].pk,
            document=build.as_text(model, new), at=timezone.now(), user=user, **fields,
        )
        for key, new in changed.items() if (key, build.as_text(model, new)) not in proposed_already
    ]  # fmt: skip
    if trial is not None:
        trial.update({proposal.key: changed[proposal.key] for proposal in proposals})
    Proposal.objects.bulk_create(proposals)
    audit.note(user, "made proposal", *(f"proposal {proposal.pk}" for proposal in proposals))
    return [proposal.key for proposal in proposals]
