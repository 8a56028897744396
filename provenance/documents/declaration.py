"""What a record's document has, declared once: kinds of member, a few lines each, which ask the column for the rest.

A model lists its ``members`` in the order of its document. A member says which columns it is read from
(``lookups``), what they are outside (``out``), the columns again (``back``, the reverse), and its ``shape`` where it
is stated. Whether it may be null is the column's to say. What a format makes of it stands with that format.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext

from .schema import DATE, MONEY, key_of, stated

_in_lower_case = lazy(lambda label: gettext(label)[:1].lower() + gettext(label)[1:], str)


@dataclass(frozen=True)
class Member:
    """``words``: what it is, for readers. ``shown``: other records' documents show it beside the key.

    ``claimed``: a source can state it. ``added``: it came after the first documents, and is recorded only where it is
    stated. ``calls``: the record is called so. ``found``: a search looks in it. ``label``: its name in histories, to be
    translated; ``gap``: readers are told where no source states it, by these words (True: by its label).
    """

    name: str
    words: str = ""
    shown: bool = False
    claimed: bool = True
    added: bool = False
    calls: bool = False
    found: bool = False
    label: str = ""
    gap: Any = ""

    kind = str  # its shape, where that needs no model

    @property
    def missing(self):
        """What readers miss where no source states it, in words; empty: nothing."""
        return _in_lower_case(self.label) if self.gap is True else self.gap

    def lookups(self, model):
        """Return what ``out`` takes: columns of ``model``, or of what it names. None: it has none in the row."""
        return (self.name,)

    def may_be_null(self, model):
        """Whether a document says null where nothing is stated."""
        column = model._meta.get_field(self.lookups(model)[0].removesuffix("_id"))
        return column.null or column.blank

    def out(self, value):
        return value

    def back(self, value):
        """Return ``{column: value}`` of a member that is stated."""
        return {self.name: value}

    def shape(self, model):
        return self.kind


class Text(Member):
    """A text, or the code of one of the column's choices."""

    def out(self, value):
        return value or None


@dataclass(frozen=True)
class Key(Member):
    """The record's own key."""

    shown: bool = True
    claimed: bool = False


class Number(Member):
    kind = int


class Flag(Member):
    kind = bool

    def may_be_null(self, model):
        return False


class Lines(Member):
    """Several texts; none where nothing is stated."""

    kind = [str]

    def may_be_null(self, model):
        return False


class Json(Member):
    """A list of whatever there is, kept as JSON text."""

    kind = list

    def out(self, text):
        return json.loads(text) if text else None

    def back(self, value):
        return {self.name: json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)}


class Amount(Member):
    """A sum; its currency is a member of its own."""

    def out(self, amount):
        return None if amount is None else f"{amount:.2f}"


class Day(Member):
    def out(self, day):
        return day and day.isoformat()


class When(Member):
    """A date as precise as its source, as text."""

    def out(self, date):
        return date and date.value


class Date(Member):
    """A date as precise as its source, the days that it may mean, and whether it is only planned."""

    kind = DATE

    def lookups(self, model):
        planned = f"{self.name}_planned"
        return (self.name, planned) if hasattr(model, planned) else (self.name,)

    def out(self, date, planned=False):
        return date_member(date, planned)

    def back(self, value):
        return {self.name: value["value"]} | ({f"{self.name}_planned": True} if value["planned"] else {})


class Money(Member):
    """A sum and its currency."""

    kind = MONEY

    def lookups(self, model):
        return f"{self.name}_amount", f"{self.name}_currency"

    def out(self, amount, currency):
        return money_member(amount, currency)

    def back(self, value):
        return {f"{self.name}_{part}": text for part, text in value.items()}


@dataclass(frozen=True)
class Coded(Member):
    """One of ``choices``, the column's, as code and name."""

    choices: Any = None
    kind = {"code": str, "name": str}

    def out(self, code):
        return {"code": code, "name": self.choices(code).label} if code else None

    def back(self, value):
        return {self.name: value["code"]}


@dataclass(frozen=True)
class One(Member):
    """Another record. ``inline``: what is shown of it stands among the members of the part that names it."""

    inline: bool = False

    def other(self, model):
        """Return the kind of record."""
        return model._meta.get_field(self.name).related_model

    def lookups(self, model):
        _key, *others = face_of(self.other(model))
        return (f"{self.name}_id", *(f"{self.name}__{name}" for name in others))

    def back(self, value):
        return {f"{self.name}_id": key_of(value)}

    def shape(self, model):
        return shape_of_face(self.other(model))


class Many(One):
    """Other records, in the order of their keys."""

    def lookups(self, model):
        return None

    def may_be_null(self, model):
        return False

    def shape(self, model):
        return [shape_of_face(self.other(model))]


@dataclass(frozen=True)
class Items(Member):
    """Rows that belong to the record, in their model's order. ``relation``: by which it has them, if not its name."""

    relation: str = ""

    def part(self, model):
        """Return the model of the rows."""
        return model._meta.get_field(self.relation or self.name).related_model

    def lookups(self, model):
        return None

    def may_be_null(self, model):
        return False

    def shape(self, model):
        return [shape_of(self.part(model))]


class Parts(Items):
    """Parts of the record."""


@dataclass(frozen=True)
class Within(Member):
    """The sibling, listed in the member ``parts``, that a part belongs to: its number."""

    parts: str = ""
    kind = int

    def lookups(self, model):
        return (f"{self.name}__number",)

    def may_be_null(self, model):
        return True


@dataclass(frozen=True)
class Url(Member):
    """The record's page, without the host."""

    claimed: bool = False

    def lookups(self, model):
        return None

    def may_be_null(self, model):
        return False


@dataclass(frozen=True)
class Derived(Member):
    """What follows from the members before it: ``of`` takes those, and returns it. ``like``: its kind."""

    claimed: bool = False
    of: Callable[[dict], Any] = None
    like: type = Money

    def lookups(self, model):
        return None

    def may_be_null(self, model):
        return True

    def shape(self, model):
        return self.like.kind


@dataclass(frozen=True)
class Claims(Items):
    """What sources state of the record, in the order in which it was entered."""

    claimed: bool = False


def date_member(date, planned=False):
    """Return a PartialDate as a document shows it; None if it is not stated."""
    if date is None:
        return None
    return {
        "value": date.value,
        "precision": date.precision,
        "earliest": date.earliest.isoformat(),
        "latest": date.latest.isoformat(),
        "planned": planned,
    }


def money_member(amount, currency):
    """Return a sum as a document shows it: a decimal string and its ISO 4217 code; None if not stated."""
    return None if amount is None else {"amount": f"{amount:.2f}", "currency": currency}


def of_kind(model, *kinds):
    """Return the members of ``model`` that are of one of ``kinds``."""
    return [member for member in getattr(model, "members", ()) if isinstance(member, kinds)]


def texts_found(model, document):
    """Return the texts of a document, perhaps as it was recorded, in which a search looks."""
    return texts_in(document.get(member.name) for member in model.members if member.found)


@cache
def calling(model):
    """Return the names of the members that say what a record is called."""
    return tuple(member.name for member in model.members if member.calls)


def texts_in(values):
    """Return the texts among ``values``, each a text, a list of texts, or empty."""
    return [text for value in values if value for text in (value if isinstance(value, list) else [value])]


@cache
def face_of(model):
    """Return the names of the members by which other records' documents show a record; the first is its key."""
    return tuple(member.name for member in model.members if member.shown)


@cache
def shape_of_face(model):
    return {member.name: member.shape(model) for member in model.members if member.shown}


@cache
def shape_of(model):
    """Return the shape of the documents of a kind of record, or of a part in them (see ``schema``)."""
    shape = {}
    for member in model.members:
        if isinstance(member, One) and member.inline:
            shape |= member.shape(model)
        else:
            own = member.shape(model)
            shape[member.name] = stated(own) if member.may_be_null(model) else own
    return shape


def names_of(model):
    """Return (label, lookup) of all records that a document shows: what kind, and by which path its rows name them."""
    found = []
    for member in model.members:
        if isinstance(member, One):
            found.append((member.other(model)._meta.label_lower, member.name))
        elif isinstance(member, Items):
            relation = member.relation or member.name
            found += [(label, f"{relation}__{lookup}") for label, lookup in names_of(member.part(model))]
    return tuple(found)


def identity_of(model):
    """Return the names of the members that tell which of a record's parts one is."""
    columns = {member.name: member for member in model.members}
    return tuple(
        face_of(member.other(model))[0] if isinstance(member, One) and member.inline else name
        for name, member in ((name, columns[name]) for name in model.key_fields)
    )
