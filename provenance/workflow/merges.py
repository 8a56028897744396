"""Two records that are one: one is kept, the other is merged into it and deleted, and its address leads on.

One transaction: whoever names the merged record names the kept one, the merged one is deleted with its reason, the
kept one gets what it lacked, and a Moved row tells where the old key went. The Revisions of both stay.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from ..documents import conflicts
from ..documents.claims import Status, is_adopted
from ..models import Distinct, Moved, Original, Proposal, State
from ..store import writer
from ..store.lock import register_lock
from ..store.log import LONGEST_REASON, chunks, delete, document_of, naming_rows, newest
from . import permissions
from .submission import submit

SET_ASIDE = "Not adopted when {merged} was merged into {kept}: the other value was."


class CannotMerge(ValueError):
    """Two records that cannot be merged as they stand; the text says why, and what would be right."""


class Stale(CannotMerge):
    """One of the two changed since somebody looked at them."""


def _same(document, _kept, _merged):
    return document


def _both(kept, merged):
    return kept, merged


@dataclass(frozen=True)
class Way:
    """What is special about merging one kind of record.

    ``prepare(kept, merged)``: both documents, without what cannot stay, nothing named alike that is not the same.
    ``unite(document, kept, merged)``: the united document, given those of both. ``rename(document, old, new)``: the
    document of another record that names ``old``, naming ``new``; CannotMerge where that says something new.
    """

    prepare: Callable = _both
    unite: Callable = _same
    rename: Callable | None = None


def keys_of_moved(model, keys):
    """Return ``{key: key that it was merged into}`` of those of ``keys`` that were merged; chains are followed."""
    way, steps = {}, set(keys)
    while steps:
        rows = Moved.objects.filter(kind=model._meta.model_name, key__in=steps).values_list("key", "new_key")
        way |= dict(rows)
        steps = {way[key] for key in steps if key in way} - way.keys()
    return {key: _end(way, key) for key in keys if key in way}


def _end(way, key):
    passed = set()
    while key in way and key not in passed:
        passed.add(key)
        key = way[key]
    return key


def forget_move(model, key):
    """Let the address of ``key``, which is a record again, lead to that record."""
    Moved.objects.filter(kind=model._meta.model_name, key=key).delete()


def merged_into(model, key):
    """Return the keys of all records that were merged into ``key``, directly or by way of others."""
    found, steps = [], [key]
    while steps:
        rows = Moved.objects.filter(kind=model._meta.model_name, new_key__in=steps).exclude(key=key)
        steps = [old for old in rows.values_list("key", flat=True) if old not in found]
        found += steps
    return found


def disagreements(model, kept, merged):
    """Return the Differences of two documents in which both state something, and not the same."""
    found = conflicts.differences(model, None, kept, _as_if(kept, merged))
    return [part for part in found if part.is_conflict and part.member != "claims"]


def united(model, kept, merged, take=(), unite=_same):
    """Return the document of ``kept`` with what only ``merged`` states.

    Where both state something else the kept one's holds, but for the places named in ``take``. Claims of both stay;
    those on a value that was not taken are set aside, and say so.
    """
    parts = disagreements(model, kept, merged)
    document = conflicts.merge(model, None, kept, _as_if(kept, merged), take)
    lost = _lost(kept, [part for part in parts if part.name in take])
    lost_of_merged = _lost(merged, [part for part in parts if part.name not in take])
    why = SET_ASIDE.format(kept=_key(kept), merged=_key(merged))
    claims = [*_claims(kept, lost, why), *_claims(merged, lost_of_merged, why)]
    return unite({**document, "claims": _once(claims)}, kept, merged)


def merge(user, model, kept, merged, *, seen, reason, take=(), way=Way()):
    """Merge the record ``merged`` into ``kept``, both keys of ``model``, in the name of ``user``.

    ``seen``: ``{key: id of the Revision}`` that was looked at. PermissionDenied if ``user`` may not merge them;
    Stale or CannotMerge with what is wrong, or Refused, and nothing is changed.
    """
    said = {"user_name": user.get_username()}
    with register_lock():
        rows = model.objects.in_bulk([kept, merged])
        documents = _documents(model, kept, merged, rows, seen)
        for row in rows.values():
            permissions.demand(user, "merge", row)
        if rows[merged].state == State.PUBLISHED != rows[kept].state:
            raise CannotMerge(f"“{merged}” is published and “{kept}” is not. Publish it first, or keep the other.")
        document = united(model, *way.prepare(documents[kept], documents[merged]), take, way.unite)
        _rename(user, model, kept, merged, way)
        delete(model, [merged], reason=f"Merged into {kept}: {reason}"[:LONGEST_REASON], **said)
        submit(user, model, {kept: document}, reason=f"{merged} merged into it: {reason}"[:LONGEST_REASON])
        _move_traces(model, kept, merged, said["user_name"])


def _documents(model, kept, merged, rows, seen):
    if kept == merged:
        raise CannotMerge("A record cannot be merged with itself.")
    for key in (kept, merged):
        if key not in rows:
            raise Stale(f"“{key}” is not there any more.")
    now = newest(model, [kept, merged])
    if changed := [key for key in (kept, merged) if key not in now or now[key].pk != seen.get(key)]:
        raise Stale(f"Changed meanwhile: {', '.join(changed)}. Look at it as it is now, and decide again.")
    return {key: document_of(revision) for key, revision in now.items()}


def _rename(user, model, kept, merged, way):
    """Let all that name ``merged`` name ``kept``."""
    for other, _lookup, rows in naming_rows(model, [merged]):
        keys = list(rows.order_by().values_list("pk", flat=True).distinct())
        mine = set(permissions.allowed(user, "change", other.objects.filter(pk__in=keys)).values_list("pk", flat=True))
        if foreign := [key for key in keys if key not in mine]:
            raise CannotMerge(f"It is named in records that you may not change: {', '.join(sorted(foreign)[:5])}.")
        for some in chunks(keys):
            documents = writer.current(other, some)
            renamed = {key: way.rename(document, merged, kept) for key, document in documents.items()}
            submit(user, other, renamed, reason=f"{merged} was merged into {kept}"[:LONGEST_REASON])


def _move_traces(model, kept, merged, user_name):
    """Tell where the key went, and take along what is remembered beside the record."""
    of_merged = {"kind": model._meta.model_name, "key": merged}
    forget_move(model, kept)
    Moved.objects.update_or_create(**of_merged, defaults={"new_key": kept})
    Original.objects.filter(**of_merged).update(key=kept)
    Distinct.objects.filter(kind=of_merged["kind"], first=merged).delete()
    Distinct.objects.filter(kind=of_merged["kind"], second=merged).delete()
    Proposal.objects.filter(**of_merged, outcome=Proposal.Outcome.WAITING).update(
        outcome=Proposal.Outcome.DECLINED,
        decided_by=user_name,
        decided_at=timezone.now(),
        comment=f"The record was merged into {kept}. Propose it there.",
    )


def _key(document):
    return document["slug"]


def _as_if(kept, merged):
    """Return ``merged`` as if it had the key of ``kept``, so that only what they tell differs."""
    return {**merged, "slug": _key(kept)}


def _lost(document, parts):
    """Return the members of ``document`` of which nothing was taken: of a list, all items are among ``parts``."""
    items = Counter(part.member for part in parts)
    values = {member: document.get(member) for member in items}
    return {name for name, value in values.items() if not isinstance(value, list) or len(value) == items[name]}


def _claims(document, lost, why):
    refused = {"status": Status.SET_ASIDE.value, "set_aside": why}
    return [claim | refused if claim["field"] in lost and is_adopted(claim) else claim for claim in document["claims"]]


def _once(claims):
    """Return ``claims`` without those that say the same twice; adopted rather than set aside."""
    found = {}
    for claim in claims:
        name = claim["field"], claim["source"]["slug"], claim["as_stated"]
        if name not in found or (is_adopted(claim) and not is_adopted(found[name])):
            found[name] = claim
    return list(found.values())
