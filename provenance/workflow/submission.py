"""Documents that a user hands in: written, proposed or refused, by what that user may do."""

from dataclasses import dataclass, field

from django.utils import timezone

from ..documents import conflicts
from ..documents.errors import Fault, Refused
from ..documents.folding import composed
from ..models import Proposal, Revision, State
from ..store import writer
from ..store.build import as_text, named_by, named_first, renewed, upgraded
from ..store.lock import turn
from ..store.log import chunks, newest, stated
from ..store.rules import check, readable, states_of
from . import permissions, publication

MEANWHILE = "Changed meanwhile in the same places: {places}. Look at it as it is now, and decide."
NOT_ALLOWED = "You may not {action} this. {why}"


@dataclass
class Outcome:
    """What became of documents: ``written``, a number of Revisions; ``proposed``, keys that wait for a publisher."""

    written: int = 0
    proposed: list = field(default_factory=list)


def submit(by, model, documents, *, reason="", bases=None, state=None, publish=(), faults=None):
    """Write the documents ``{key: document}`` that ``by`` may change; propose those that they may only propose.

    ``by``: a user, or the name of a program, which may do everything. ``bases``: ``{key: id of the Revision that they
    saw}``; what was changed since is kept, and a conflict is a fault. ``state``: of new records; None: draft.
    ``publish``: drafts that become public with a record that names them, as in ``Plan.items``. What follows from other
    members (``url``, ``modified``, names of what is named) may say anything. With ``faults``, a dict, the others are
    written, and it gets ``{key: Faults}``; without it one fault is enough for Refused, and nothing is written. Returns
    an Outcome.
    """
    found, outcome = {} if faults is None else faults, Outcome()
    with turn():
        for keys in chunks(named_first({key: named_by(model, each) for key, each in documents.items()})):
            chunk = {key: upgraded(model, composed(documents[key])) for key in keys}
            _submit(by, model, chunk, bases or {}, state or State.DRAFT, publish, reason, found, outcome)
        if found and faults is None:
            raise Refused([fault for faults in found.values() for fault in faults])
    return outcome


def _submit(by, model, documents, bases, state, publish, reason, faults, outcome):
    rows = model.objects.filter(pk__in=documents)
    states = states_of(model, documents)
    mine, proposable = _permitted(by, model, rows, documents, states, state, faults)
    to_write = _rebased(model, {key: document for key, document in documents.items() if key in mine}, bases, faults)
    states = dict.fromkeys(documents, state) | states
    entries = readable(model, to_write, states, faults)
    within = inside(by, model, {entry.key: to_write[entry.key] for entry in entries}, faults)
    said = {"user_name": by if isinstance(by, str) else by.get_username(), "reason": reason}
    public = [to_write[key] for key in within if states[key] == State.PUBLISHED]
    publication.publish_named(None if isinstance(by, str) else by, model, public, publish, said)
    outcome.written += writer.write(model, [entry for entry in entries if entry.key in within], said, faults)
    to_propose = {key: document for key, document in documents.items() if key in proposable}
    outcome.proposed += _propose(by, model, to_propose, bases, said, faults)


def _permitted(by, model, rows, documents, states, state, faults):
    """Return the keys of ``documents`` that ``by`` may write, and of those that they may propose; others are faults."""
    if isinstance(by, str):
        return documents.keys(), ()
    mine = set(permissions.allowed(by, "change", rows).values_list("pk", flat=True))
    mine |= documents.keys() - states.keys() if permissions.may_add(by, state) else set()
    others = rows.filter(pk__in=states.keys() - mine)
    proposable = set(permissions.allowed(by, "propose", others).values_list("pk", flat=True))
    refused = documents.keys() - mine - proposable
    records = _with_countries(model, refused) if refused else {}
    for key in refused:
        action, record = ("change" if key in states else "add"), records.get(key)
        proposes = record and record.state in permissions.states_for(by, "propose")
        why = permissions.why_not(by, "propose" if proposes else action, record)
        _refuse(by, model, key, action, NOT_ALLOWED.format(action=action, why=why).strip(), faults)
    return mine, proposable


def inside(by, model, documents, faults):
    """Return the keys of ``documents`` that lie in a country of ``by``, who may be tied to some; others are faults."""
    codes, found = None if isinstance(by, str) else permissions.territory(by), set()
    for key, document in documents.items():
        countries = model.territory_of(document)
        if codes is None or countries is None or codes & countries:
            found.add(key)
        else:
            _refuse(by, model, key, "change", permissions.outside(by), faults)
    return found


def _with_countries(model, keys):
    """Return ``{key: record}``, the countries of all read at once where the kind has any."""
    relations = [field.name for field in model._meta.many_to_many if field.name == "countries"]
    return model.objects.prefetch_related(*relations).in_bulk(keys)


def _refuse(user, model, key, action, words, faults):
    faults[key] = [Fault(key, words)]
    permissions.note(user, action, f"{model._meta.model_name} {key}")


def rebased(model, documents, bases, *, take_mine=False):
    """Return ``{key: (document, places in conflict)}`` of those of ``documents`` that others changed since ``bases``.

    The document has what both changed; in places in conflict what stands, or, with ``take_mine``, what it said.
    """
    now = newest(model, [key for key in documents if key in bases])
    moved = {key: revision for key, revision in now.items() if revision.pk != bases[key]}
    seen = Revision.objects.filter(kind=model._meta.model_name).in_bulk({bases[key] for key in moved})
    found = {}
    for key, revision in moved.items():
        base = stated(seen[bases[key]]) if bases[key] in seen else None
        versions = base, stated(revision), documents[key]
        places = [each.name for each in conflicts.differences(model, *versions) if each.is_conflict]
        found[key] = conflicts.merge(model, *versions, take_mine=places if take_mine else ()), places
    return found


def _rebased(model, documents, bases, faults):
    """Return ``documents`` with what others changed since ``bases``; a conflict is a fault."""
    found = rebased(model, documents, bases)
    for key, (_document, places) in found.items():
        if places:
            faults[key] = [Fault(key, MEANWHILE.format(places=", ".join(places)))]
    documents |= {key: document for key, (document, _places) in found.items()}
    return {key: document for key, document in documents.items() if key not in faults}


def _propose(user, model, documents, bases, said, faults):
    """Make a Proposal of each document that changes its record, once; returns their keys."""
    if not documents:
        return []
    before, found = newest(model, documents), {}
    before = {key: revision for key, revision in before.items() if revision.action != "deleted"}
    standing = {key: stated(revision) for key, revision in before.items()}
    for fault in check(model, documents, standing, hidden=[State.WITHDRAWN]):  # who accepts it publishes drafts with it
        found.setdefault(fault.key, []).append(fault)
    good = {key: document for key, document in documents.items() if key not in found}
    mine = inside(user, model, good, found)
    faults.update(found)
    after = renewed(model, {key: good[key] for key in mine})
    changed = {key: new for key, new in after.items() if new != standing.get(key)}
    waiting = Proposal.objects.filter(kind=model._meta.model_name, outcome="waiting", user=user)
    there = set(waiting.filter(key__in=changed).values_list("key", "document"))
    made = [
        Proposal(
            kind=model._meta.model_name, key=key, base_id=bases.get(key) or before[key].pk,
            document=as_text(model, new), at=timezone.now(), user=user, **said,
        )
        for key, new in changed.items() if (key, as_text(model, new)) not in there
    ]  # fmt: skip
    Proposal.objects.bulk_create(made)
    return [proposal.key for proposal in made]
