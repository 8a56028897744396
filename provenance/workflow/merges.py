"""Merging of duplicates: one record is kept, the other merged into it and deleted, and its address redirects.

In one transaction, records that name the merged one are changed to name the kept one, which also gets what it lacked.
The Revisions of both stay.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import shorten

from django.core.exceptions import ValidationError

from ..documents import conflicts
from ..documents.claims import Status, is_adopted
from ..documents.declaration import key_of
from ..models import Distinct, Moved, Original, Proposal, State
from ..store import writer
from ..store.database import register_lock
from ..store.log import LONGEST_REASON, chunks, delete, document_of, naming_rows, newest
from . import permissions, review
from .submission import submit

SET_ASIDE = "“{merged}” was merged into “{kept}”, and the other value adopted."


class CannotMerge(ValidationError):
    """Two records cannot be merged as they are; the text says why, and what to do."""


@dataclass(frozen=True)
class MergeRules:
    """What is special about merging one kind of record.

    ``prepare(kept, merged)``: return both documents without conflicting parts. ``unite(document, kept, merged)``:
    finish the united document. ``rename(document, old, new)``: return another record's document with ``old`` replaced
    by ``new``; CannotMerge if that would state something new.
    """

    prepare: Callable = lambda kept, merged: (kept, merged)
    unite: Callable = lambda document, kept, merged: document
    rename: Callable | None = None


def redirected_keys(model, keys):
    """Return ``{key: final key}`` of those of ``keys`` that were merged into others."""
    redirects, pending = {}, set(keys)
    while pending:
        rows = Moved.objects.filter(kind=model._meta.model_name, key__in=pending).values_list("key", "new_key")
        redirects |= dict(rows)
        pending = {redirects[key] for key in pending if key in redirects} - redirects.keys()
    return {key: _end(redirects, key) for key in keys if key in redirects}


def _end(redirects, key):
    passed = set()
    while key in redirects and key not in passed:
        passed.add(key)
        key = redirects[key]
    return key


def merged_into(model, key):
    """Return the keys of all records merged into ``key``, directly or indirectly."""
    keys, pending = [], [key]
    while pending:
        rows = Moved.objects.filter(kind=model._meta.model_name, new_key__in=pending).exclude(key=key)
        pending = [old for old in rows.values_list("key", flat=True) if old not in keys]
        keys += pending
    return keys


def disagreements(model, kept, merged):
    """Return the Differences in which both documents state something, and not the same."""
    differences = conflicts.differences(model, None, kept, _as_if(kept, merged))
    return [part for part in differences if part.is_conflict and part.member != "claims"]


def merge(user, model, kept, merged, *, seen, reason, take=(), rules=MergeRules()):
    """Merge the record ``merged`` into ``kept`` (keys of ``model``) for ``user``.

    ``seen``: ``{key: id of the Revision}`` that the user saw. PermissionDenied if ``user`` may not merge them;
    CannotMerge or Refused if it is not possible. Then nothing is changed.
    """
    if not reason:
        raise CannotMerge("Give a reason. It is kept in the history of both.")
    user_name = user.get_username()
    with register_lock():
        rows = model.objects.in_bulk([kept, merged])
        names = {key: f"“{shorten(str(row), 100, placeholder=' …')}”" for key, row in rows.items()}
        documents = _documents(model, kept, merged, seen)
        for row in rows.values():
            permissions.require(user, "merge", row)
        if rows[merged].state == State.PUBLISHED != rows[kept].state:
            raise CannotMerge(
                f"“{merged}” is published and “{kept}” is not. Publish “{kept}” first, or keep “{merged}”."
            )
        document = unite(model, *rules.prepare(documents[kept], documents[merged]), take, rules)
        _rename(user, model, kept, merged, rules, f"{names[merged]} was merged into {names[kept]}.")
        delete(model, [merged], reason=f"Merged into {names[kept]}: {reason}"[:LONGEST_REASON], user_name=user_name)
        submit(user, model, {kept: document}, reason=f"{names[merged]} was merged into it: {reason}"[:LONGEST_REASON])
        _redirect(user, model, kept, merged)


def unite(model, kept, merged, take, rules):
    """Return the document of ``kept``, completed from ``merged``.

    Where they disagree, the kept value wins, except in the Differences named in ``take``. Claims of both stay; those on
    a value that lost are set aside, with that as the reason.
    """
    parts = disagreements(model, kept, merged)
    document = conflicts.merge(model, None, kept, _as_if(kept, merged), take)
    kept_name, merged_name = (each.get("title") or each["name"] for each in (kept, merged))
    why, claims = SET_ASIDE.format(kept=kept_name, merged=merged_name), []
    for own, is_kept in ((kept, True), (merged, False)):
        lost = _lost(own, [part for part in parts if (part.name in take) == is_kept])
        for claim in own["claims"]:
            is_refused = claim["field"] in lost and is_adopted(claim)
            claims.append(claim | {"status": Status.SET_ASIDE.value, "set_aside": why} if is_refused else claim)
    return rules.unite({**document, "claims": _once(claims)}, kept, merged)


def _documents(model, kept, merged, seen):
    if kept == merged:
        raise CannotMerge("A record cannot be merged with itself.")
    now = newest(model, [kept, merged])
    if changed := [key for key in (kept, merged) if key not in now or now[key].pk != seen.get(key)]:
        raise CannotMerge(
            f"Changed since you opened this page: {', '.join(changed)}. Please check it and decide again."
        )
    return {key: document_of(revision) for key, revision in now.items()}


def _rename(user, model, kept, merged, rules, reason):
    """Change all records that name ``merged`` to name ``kept``, for ``reason``."""
    for other, _lookup, rows in naming_rows(model, [merged]):
        for chunk in chunks(list(rows.order_by().values_list("pk", flat=True).distinct())):
            documents = writer.current(other, chunk)
            renamed = {key: rules.rename(document, merged, kept) for key, document in documents.items()}
            submit(user, other, renamed, reason=reason)


def _redirect(user, model, kept, merged):
    """Redirect the merged key, and move what belongs to it: originals, marks as different, proposals."""
    of_merged = {"kind": model._meta.model_name, "key": merged}
    Moved.objects.filter(kind=of_merged["kind"], key=kept).delete()  # it is a record again
    Moved.objects.update_or_create(**of_merged, defaults={"new_key": kept})
    Original.objects.filter(**of_merged).update(key=kept)
    Distinct.objects.filter(kind=of_merged["kind"], first=merged).delete()
    Distinct.objects.filter(kind=of_merged["kind"], second=merged).delete()
    for proposal in Proposal.objects.filter(**of_merged, outcome=Proposal.Outcome.WAITING).defer("document"):
        words = f"The record was merged into {kept}. Propose it there."
        review.close(user, proposal, Proposal.Outcome.DECLINED, words)


def _as_if(kept, merged):
    """Return ``merged`` with the key of ``kept``, so that the keys do not differ."""
    return {**merged, "slug": key_of(kept)}


def _lost(document, parts):
    """Return the members of ``document`` of which nothing was taken; of a list, all items."""
    items = Counter(part.member for part in parts)
    values = {member: document.get(member) for member in items}
    return {name for name, value in values.items() if not isinstance(value, list) or len(value) == items[name]}


def _once(claims):
    """Return ``claims`` without duplicates, preferring adopted ones."""
    claims_by_identity = {}
    for claim in claims:
        identity = claim["field"], claim["source"]["slug"], claim["as_stated"]
        if identity not in claims_by_identity or (is_adopted(claim) and not is_adopted(claims_by_identity[identity])):
            claims_by_identity[identity] = claim
    return list(claims_by_identity.values())
