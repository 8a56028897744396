"""Documents that a user hands in: written, proposed or refused, by what that user may do."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from . import access, changing, publishing, reconciling
from .documents import as_text
from .models import Proposal, Revision, State
from .parts import named_by, named_first
from .recording import build, chunks, newest, stated
from .turns import turn

MEANWHILE = "Changed meanwhile in the same places: {places}. Look at it as it is now, and decide."
NOT_ALLOWED = "You may not {action} this. {why}"


@dataclass
class Outcome:
    """What became of documents: ``written``, a number of Revisions; ``proposed``, keys that wait for a publisher."""

    written: int = 0
    proposed: list = field(default_factory=list)


def submit(user, model, documents, *, reason="", bases=None, state=None, publish=(), faults=None):
    """Write the documents ``{key: document}`` that ``user`` may change; propose those that they may only propose.

    ``bases``: ``{key: id of the Revision that the user saw}``; what was changed since is kept, and a conflict is a
    fault. ``state``: of new records. ``publish``: drafts that become public with a record that names them, as in
    ``Plan.items``. Faults are put into ``faults`` as ``{key: [what is wrong]}`` and the others are written; without it
    one fault is enough for Refused, and nothing is written. Returns an Outcome.
    """
    found = {} if faults is None else faults
    said = {"user_name": user.get_username(), "reason": reason}
    outcome = Outcome()
    with turn():
        for keys in chunks(named_first({key: named_by(model, each) for key, each in documents.items()})):
            chunk = {key: documents[key] for key in keys}
            _submit(user, model, chunk, bases or {}, state, publish, said, found, outcome)
        if found and faults is None:
            raise changing.Refused(found)
    return outcome


def _submit(user, model, documents, bases, state, publish, said, faults, outcome):
    rows = model.objects.filter(pk__in=documents)
    there = dict(rows.values_list("pk", "state"))
    mine = set(access.allowed(user, "change", rows).values_list("pk", flat=True)) | _new(user, documents, there, state)
    others = rows.filter(pk__in=there.keys() - mine)
    proposable = set(access.allowed(user, "propose", others).values_list("pk", flat=True))
    refused = documents.keys() - mine - proposable
    records = _with_countries(model, refused) if refused else {}
    for key in refused:
        action, record = ("change" if key in there else "add"), records.get(key)
        proposes = record and record.state in access.states_for(user, "propose")
        why = access.why_not(user, "propose" if proposes else action, record)
        _refuse(user, model, key, action, NOT_ALLOWED.format(action=action, why=why).strip(), faults)
    to_write = {key: document for key, document in documents.items() if key in mine}
    to_write = _rebased(model, to_write, bases, faults)
    public = [document for key, document in to_write.items() if there.get(key, state) == State.PUBLISHED]
    publishing.publish_named(user, model, public, publish, said)
    outcome.written += _write_own(user, model, to_write, state, said, faults)
    to_propose = {key: document for key, document in documents.items() if key in proposable}
    outcome.proposed += _propose(user, model, to_propose, bases, said, faults)


def _new(user, documents, there, state):
    """Return the keys of new records, if ``user`` may add them in that state."""
    return documents.keys() - there.keys() if access.may_add(user, state or State.DRAFT) else set()


def _with_countries(model, keys):
    """Return ``{key: record}``, the countries of all read at once where the kind has any."""
    relations = [field.name for field in model._meta.many_to_many if field.name == "countries"]
    return model.objects.prefetch_related(*relations).in_bulk(keys)


def _own(user, model, keys):
    """Return those of ``keys`` whose records belong to a country of ``user``, who may be tied to some."""
    codes = access.territory(user)
    if codes is None or not keys:
        return set(keys)
    return set(model.objects.filter(pk__in=keys).of_territory(codes).values_list("pk", flat=True))


def _refuse(user, model, key, action, words, faults):
    faults[key] = [words]
    access.note(user, action, f"{model._meta.model_name} {key}")


def rebased(model, documents, bases, *, take_mine=False):
    """Return ``{key: (document, places in conflict)}`` of those of ``documents`` that others changed since ``bases``.

    The document has what both changed; in places in conflict what stands, or, with ``take_mine``, what it said.
    """
    now = newest(model, [key for key in documents if key in bases])
    moved = {key: revision for key, revision in now.items() if revision.pk != bases[key]}
    seen = Revision.objects.filter(kind=model._meta.model_name).in_bulk({bases[key] for key in moved})
    found = {}
    for key, revision in moved.items():
        base = stated(seen[bases[key]].document) if bases[key] in seen else None
        versions = base, stated(revision.document), documents[key]
        places = [each.name for each in reconciling.differences(model, *versions) if each.is_conflict]
        found[key] = reconciling.merge(model, *versions, take_mine=places if take_mine else ()), places
    return found


def _rebased(model, documents, bases, faults):
    """Return ``documents`` with what others changed since ``bases``; a conflict is a fault."""
    found = rebased(model, documents, bases)
    faults.update({key: [MEANWHILE.format(places=", ".join(places))] for key, (_, places) in found.items() if places})
    documents |= {key: document for key, (document, _places) in found.items()}
    return {key: document for key, document in documents.items() if key not in faults}


def _write_own(user, model, documents, state, said, faults):
    """Write; what would lie outside the user's countries is refused."""
    while True:
        point = transaction.savepoint()
        found = {}
        count = changing.write(model, documents, state=state, faults=found, **said)
        written = documents.keys() - found.keys()
        outside = written - _own(user, model, written)
        if not outside:
            transaction.savepoint_commit(point)
            faults.update(found)
            return count
        transaction.savepoint_rollback(point)
        for key in outside:
            _refuse(user, model, key, "change", access.outside(user), faults)
        documents = {key: document for key, document in documents.items() if key not in outside}


def _propose(user, model, documents, bases, said, faults):
    """Make a Proposal of each document that changes its record, once; returns their keys."""
    if not documents:
        return []
    before, found = newest(model, documents), {}
    with changing.undone():
        publishing.planned(None, model, documents.values()).publish(**said)
        changing.write(model, documents, faults=found, **said)
        after = build(model, documents.keys() - found.keys())
        for key in after.keys() - _own(user, model, after):
            _refuse(user, model, key, "change", access.outside(user), found)
    faults.update(found)
    changed = {
        key: new
        for key, new in after.items()
        if key in before and new != stated(before[key].document) and key not in found
    }
    waiting = Proposal.objects.filter(kind=model._meta.model_name, outcome="waiting", user=user)
    there = set(waiting.filter(key__in=changed).values_list("key", "document"))
    made = [
        Proposal(
            kind=model._meta.model_name, key=key, base_id=bases.get(key) or before[key].pk, document=as_text(new),
            at=timezone.now(), user=user, **said,
        )
        for key, new in changed.items() if (key, as_text(new)) not in there
    ]  # fmt: skip
    Proposal.objects.bulk_create(made)
    return [proposal.key for proposal in made]
