"""Three-way comparison and merge of documents: the common base, theirs (as stored) and mine. Pure.

Members are compared one by one; lists of named or numbered items, item by item; claims, by what users decide. A
claim keeps the value that it supports, so it never supports a value of the other side.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from .claims import settle_claims, user_choice
from .declaration import Derived, Url, key_of, of_kind


@dataclass(frozen=True)
class Difference:
    """A member in which the three versions differ, or its list item ``item`` (None: the whole member)."""

    member: str
    item: Any
    base: Any
    theirs: Any
    mine: Any

    @property
    def is_conflict(self):
        """Both sides changed it, differently."""
        return self.theirs != self.mine and self.base not in (self.theirs, self.mine)

    @property
    def merged(self):
        """The value of the side that changed it; theirs if both did."""
        return self.mine if self.theirs == self.base else self.theirs

    @property
    def name(self):
        """Its name in forms: the same for the same place in any versions."""
        return self.member if self.item is None else f"{self.member}:{self.item}"


@dataclass(frozen=True)
class Place:
    """A change in ``mine`` that is accepted as one: a member or item, with the claims that changed with it.

    ``is_moved``: only claims of a member change, and theirs changed its value.
    """

    name: str
    member: str
    values: tuple = ()
    claims: tuple = ()
    is_moved: bool = False

    @property
    def parts(self):
        return (*self.values, *self.claims)

    @property
    def is_conflict(self):
        return self.is_moved or any(part.is_conflict for part in self.parts)

    @property
    def is_effective(self):
        """Whether accepting it changes anything."""
        return any(part.mine != part.theirs for part in self.parts)


def places(model, base, theirs, mine):
    """Return the Places in which ``mine`` changes ``base``.

    A value and its claims are one Place, and so are the members that the model has ``together``.
    """
    values, claims = {}, {}
    for part in differences(model, base, theirs, mine):
        if part.mine != part.base and part.member == "claims":
            claims.setdefault((part.mine or part.base)["field"], []).append(part)
        elif part.mine != part.base:
            values.setdefault(part.member, []).append(part)
    if (first := next(iter(model.together), "")) in values:
        values[first] = [part for member in model.together for part in values.pop(member, ())]
    changes = []
    for member, parts in values.items():
        if member in claims or member == first:
            changes.append(Place(member, member, tuple(parts), tuple(claims.pop(member, ()))))
        else:
            changes += [Place(part.name, member, (part,)) for part in parts]
    moved = {name for name in claims if theirs.get(name) != base.get(name)}
    return changes + [
        Place(f"claims:{name}", name, claims=tuple(parts), is_moved=name in moved) for name, parts in claims.items()
    ]


def are_of_one_sentence(base, one, other):
    """Whether claims of two Places moved from one sentence of a source to one other, as when it was reworded."""
    (before, after), (other_before, other_after) = _sentences(base, one), _sentences(base, other)
    return bool(before & other_before and after & other_after)


def _sentences(base, place):
    """Return the sentences that supported the member of a Place in ``base``, and those that do only now."""
    own = [claim for claim in base.get("claims") or () if claim["field"] == place.member]
    now = [part.mine for part in place.claims if part.mine]
    before, after = ({(claim["source"]["slug"], claim["quote"]) for claim in claims} for claims in (own, now))
    return before, after - before


def differences(model, base, theirs, mine):
    """Return the Differences of three documents of ``model``; ``base`` is None if nothing was there before."""
    base, mine, differences = base or {}, settle_claims(mine), []
    derived = {"modified", *(member.name for member in of_kind(model, Derived, Url))}
    for member in dict.fromkeys([*mine, *theirs, *base]):
        if member not in derived:
            differences += _of_member(model, member, base.get(member), theirs.get(member), mine.get(member))
    return differences


def merge(model, base, theirs, mine, take_mine=()):
    """Return ``theirs`` with the changes of ``mine``. Conflicts keep theirs, except those named in ``take_mine``."""
    return _apply(model, theirs, differences(model, base, theirs, mine), take_mine)


def take(model, theirs, mine, names):
    """Return ``theirs`` with the values of ``mine`` in the Differences ``names``, and no other change."""
    parts = differences(model, theirs, theirs, mine)
    return _apply(model, theirs, [part for part in parts if part.name in names])


def _apply(model, theirs, parts, take_mine=()):
    merged = dict(theirs)
    for member, changes in groupby(parts, key=lambda part: part.member):
        chosen = {
            part.item: part.mine if part.is_conflict and part.name in take_mine else part.merged for part in changes
        }
        if None in chosen:
            merged[member] = chosen[None]
        else:
            items = _items(model, member, theirs.get(member)) | chosen
            merged[member] = [item for item in items.values() if item is not None]
    return settle_claims(merged)


def _of_member(model, member, base, theirs, mine):
    versions = [base, theirs, mine]
    if not (isinstance(mine, list) or isinstance(theirs, list)):
        return [Difference(member, None, *versions)] if base != theirs or base != mine else []
    if member == "claims":
        versions = [[user_choice(claim) for claim in version or ()] for version in versions]
    indexed = [_items(model, member, version) for version in versions]
    names = dict.fromkeys(name for items in indexed for name in items)
    parts = [Difference(member, name, *(items.get(name) for items in indexed)) for name in names]
    return [part for part in parts if not part.base == part.theirs == part.mine]


def _items(model, member, items):
    """Return ``{identity: item}`` of a list, in order. Items with the same identity are numbered."""
    identified, names = {}, model.identities.get(member)
    for item in items or []:
        identity = "|".join(_text(item[name]) for name in names) if names else _text(item)
        number = sum(1 for name in identified if name == identity or name.startswith(f"{identity}#"))
        identified[f"{identity}#{number + 1}" if number else identity] = item
    return identified


def _text(value):
    if isinstance(value, dict):
        return str(key_of(value)) if "slug" in value or "code" in value else orjson.dumps(value).decode()
    return "" if value is None else str(value)
