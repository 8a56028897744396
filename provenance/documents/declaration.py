"""The members of a record's document, each declared once by the model.

A model lists its ``members`` in document order. A member names the columns it is read from (``lookups``), converts
them for the document (``out``) and back (``back``), and gives its ``shape`` when stated. The column says whether it
may be null. How a file format writes a member belongs to that format.

A shape is a type (``str``, ``int``, ``bool``, ``dict``), a list with one shape, a dict of shapes by member name,
``nullable(shape)``, which may also be null, or ``optional(shape)``, which may be missing. A document must have exactly
the members of its shape.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import orjson
from django.utils.functional import lazy
from django.utils.translation import gettext

from .errors import NAMES, WrongShape, describe_value

_in_lower_case = lazy(lambda label: gettext(label)[:1].lower() + gettext(label)[1:], str)


class nullable(NamedTuple):
    """A shape that may be null, where nothing is stated."""

    shape: Any


class optional(NamedTuple):
    """A shape that may be missing, as a member that the first documents did not have."""

    shape: Any


DATE = {"value": str, "precision": str, "earliest": str, "latest": str, "planned": bool}
MONEY = {"amount": str, "currency": str}
EVIDENCE = {"verdict": str, "edition": nullable(str), "start": nullable(int), "end": nullable(int)}


@dataclass(frozen=True)
class Member:
    """One member. ``words``: its description for readers. ``shown``: other records' documents show it beside the key.

    ``claimed``: a source can state it. ``added``: newer than the first documents, and recorded only if stated.
    ``is_name``: it is a name of the record; ``is_short``: the short one. ``is_searched``: searches look in it.
    ``label``: its name in histories, to be translated. ``gap``: how pages name it when no source states it (True: by
    its label). ``empty``: what null means to readers, unless “not stated”.
    """

    name: str
    words: str = ""
    shown: bool = False
    claimed: bool = True
    added: bool = False
    is_name: bool = False
    is_short: bool = False
    is_searched: bool = False
    label: str = ""
    gap: Any = ""
    empty: str = ""

    kind = str  # its shape, unless the model decides
    in_row = True  # whether it is read from the record's own row
    inline = False  # see One
    ending = ""  # of its column, after its name
    null = None  # whether it is null when nothing is stated; None: as its column

    @property
    def accessor(self):
        """The attribute of rows that has it."""
        return self.name

    @property
    def missing(self):
        """The words for a gap: the name of the member on pages when no source states it; empty if that is no gap."""
        return _in_lower_case(self.label) if self.gap is True else self.gap

    def lookups(self, model):
        """Return the columns that ``out`` takes; none if the member is not read from the record's own row."""
        return (self.name + self.ending,) if self.in_row else ()

    def may_be_null(self, model):
        """Whether the member is null when nothing is stated."""
        if self.null is not None:
            return self.null
        column = model._meta.get_field(self.lookups(model)[0].removesuffix("_id"))
        return column.null or column.blank

    def out(self, value):
        return value

    def back(self, value):
        """Return ``{column: value}`` of a stated member."""
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
    null = False


class Lines(Member):
    """A list of texts, empty if nothing is stated."""

    kind = [str]
    null = False


class Json(Member):
    """A list of any JSON values, stored as text."""

    kind = list

    def out(self, text):
        return orjson.loads(text) if text else None

    def back(self, value):
        return {self.name: json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)}


class Amount(Member):
    """An amount of money whose currency is another member."""

    def out(self, amount):
        return None if amount is None else f"{amount:.2f}"

    def back(self, value):
        return {self.name: value or None}


class Day(Member):
    def out(self, day):
        return day and day.isoformat()


class When(Member):
    """A partial date, as its ISO text alone."""

    def out(self, date):
        return date and date.value

    def back(self, value):
        return {self.name: value or None}


def date_member(date, planned=False):
    """Return a PartialDate as a document member; None if not stated."""
    if date is None:
        return None
    return {name: str(getattr(date, name)) for name in DATE if name != "planned"} | {"planned": planned}


def money_member(amount, currency):
    """Return a decimal string with its ISO 4217 code; None if not stated."""
    return None if amount is None else {"amount": f"{amount:.2f}", "currency": currency}


@dataclass(frozen=True)
class Date(Member):
    """A partial date with its precision, first and last day, and whether it is only planned.

    ``is_end``: whether it is the end of a period, or its start; None: neither.
    """

    is_end: bool | None = None
    kind = DATE

    def lookups(self, model):
        planned = f"{self.name}_planned"
        return (self.name, planned) if hasattr(model, planned) else (self.name,)

    out = staticmethod(date_member)

    def back(self, value):
        return {self.name: value["value"] or None} | ({f"{self.name}_planned": True} if value["planned"] else {})


class Money(Member):
    """An amount with its currency."""

    kind = MONEY

    def lookups(self, model):
        return f"{self.name}_amount", f"{self.name}_currency"

    out = staticmethod(money_member)

    def back(self, value):
        return {f"{self.name}_amount": value["amount"] or None, f"{self.name}_currency": value["currency"]}


class Evidence(Member):
    """Whether a quote is in the kept text of its source, and where."""

    kind = EVIDENCE


@dataclass(frozen=True)
class Coded(Member):
    """One of ``choices`` of the column, as code and name."""

    choices: Any = None
    kind = {"code": str, "name": str}

    def out(self, code):
        return {"code": code, "name": self.choices(code).label} if code else None

    def back(self, value):
        return {self.name: value["code"]}


@dataclass(frozen=True)
class One(Member):
    """Another record. ``inline``: its shown members stand directly among those of the part that names it."""

    inline: bool = False
    ending = "_id"

    def other(self, model):
        """Return the model of the other record."""
        return model._meta.get_field(self.name).related_model

    def back(self, value):
        return {f"{self.name}_id": key_of(value)}

    def shape(self, model):
        return shown_shape(self.other(model))


class Many(One):
    """Other records, ordered by key."""

    in_row = False
    null = False

    def shape(self, model):
        return [shown_shape(self.other(model))]


@dataclass(frozen=True)
class Items(Member):
    """Rows that belong to the record, in their model's order. ``relation``: the accessor, unless it is ``name``."""

    relation: str = ""
    in_row = False
    null = False

    @property
    def accessor(self):
        return self.relation or self.name

    def part(self, model):
        """Return the model of the rows."""
        return model._meta.get_field(self.accessor).related_model

    def shape(self, model):
        return [shape_of(self.part(model))]


class Parts(Items):
    """Parts of the record."""


@dataclass(frozen=True)
class Within(Member):
    """The number of the sibling, from the list member ``parts``, to which a part belongs."""

    parts: str = ""
    kind = int
    null = True
    ending = "_id"


@dataclass(frozen=True)
class Url(Member):
    """The path of the record's page, without the host."""

    claimed: bool = False
    in_row = False
    null = False


@dataclass(frozen=True)
class Derived(Member):
    """A member computed by ``of`` from the members before it; its shape is that of the member class ``like``."""

    claimed: bool = False
    of: Callable[[dict], Any] = None
    like: type = Money
    in_row = False
    null = True

    def shape(self, model):
        return self.like.kind


@dataclass(frozen=True)
class Claims(Items):
    """The claims of the record, in order of entry."""

    claimed: bool = False


@cache
def of_kind(model, *kinds):
    """Return the members of ``model`` that are instances of ``kinds``."""
    return tuple(member for member in getattr(model, "members", ()) if isinstance(member, kinds))


@cache
def claimable_members(model):
    """Return the names of the members that a source can state; none where documents have no claims."""
    return tuple(member.name for member in model.members if member.claimed and of_kind(model, Claims))


def searchable_texts(model, document):
    """Return the searchable texts of a document."""
    return nonempty_texts(document.get(member.name) for member in model.members if member.is_searched)


@cache
def name_members(model):
    """Return the names of the members that are names of the record."""
    return tuple(member.name for member in model.members if member.is_name)


@cache
def further_name_members(model):
    """Return the names of the members that are names of the record which other documents do not show."""
    return tuple(name for name in name_members(model) if name not in shown_members(model))


def further_names(model, document):
    """Return the names in a document of ``model`` which other documents do not show."""
    return nonempty_texts(document[name] for name in further_name_members(model))


def short_member(model):
    """Return the name of the member that is the short name of a record; empty if its kind has none."""
    return next((member.name for member in model.members if member.is_short), "")


def short_name(model, document):
    """Return the short name in a document of ``model``; empty if none is stated."""
    return document.get(short_member(model)) or ""


def nonempty_texts(values):
    """Return the non-empty texts among ``values``: texts, lists of texts or None."""
    return [text for value in values if value for text in as_list(value)]


def as_list(value):
    """Return ``value`` if it is a list, else a list of it alone."""
    return value if isinstance(value, list) else [value]


@cache
def shown_members(model):
    """Return the names of the members by which other documents show a record, its key first."""
    return tuple(member.name for member in model.members if member.shown)


@cache
def shown_shape(model):
    return {member.name: member.shape(model) for member in model.members if member.shown}


@cache
def shape_of(model):
    """Return the shape of a document of ``model``, a kind of record or a part of one (see ``schema``)."""
    shape = {}
    for member in model.members:
        if member.inline:
            shape |= member.shape(model)
        else:
            own = nullable(member.shape(model)) if member.may_be_null(model) else member.shape(model)
            shape[member.name] = optional(own) if member.added else own
    return shape


@cache
def names_of(model):
    """Return ``((model label, lookup), …)`` of all records that documents of ``model`` name."""
    lookups = []
    for member in model.members:
        if isinstance(member, One):
            lookups.append((member.other(model)._meta.label_lower, member.name))
        elif isinstance(member, Items):
            lookups += [(label, f"{member.accessor}__{lookup}") for label, lookup in names_of(member.part(model))]
    return tuple(lookups)


@cache
def identities_of(model):
    """Return ``{list member: names of the members that identify one of its items}``."""
    identities = {}
    for member in of_kind(model, Items):
        part = member.part(model)
        inline = {one.name: shown_members(one.other(part))[0] for one in part.members if one.inline}
        identities[member.name] = tuple(inline.get(name, name) for name in part.key_fields)
    return identities


def key_of(member):
    """Return the key of the record that a member names; None if it names none."""
    return member and (member.get("code") or member["slug"])


# -- Checking the shape of documents --


def check(value, shape, place=""):
    """WrongShape if the JSON value ``value``, found at ``place``, does not have ``shape``."""
    if isinstance(shape, optional):
        shape = shape.shape
    if isinstance(shape, nullable):
        if value is None:
            return
        shape = shape.shape
    kind = shape if isinstance(shape, type) else type(shape)
    if type(value) is not kind:
        raise WrongShape(f"{_named(place)}is {describe_value(value)}. Give {NAMES[kind]}.")
    if kind is str and "\0" in value:
        raise WrongShape(f"{_named(place)}holds a NUL character. Leave it out.")
    if isinstance(shape, list):
        for number, item in enumerate(value):
            check(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, dict):
        if value.keys() != shape.keys():
            unknown = [name for name in value if name not in shape]
            missing = [name for name in shape if name not in value and not isinstance(shape[name], optional)]
            if unknown or missing:
                words = (
                    f"has the unknown member {describe_value(unknown[0])}"
                    if unknown
                    else f"lacks the member “{missing[0]}”"
                )
                raise WrongShape(f"{_named(place)}{words}. Give {', '.join(shape)}.")
        for name, item in value.items():
            check(item, shape[name], f"{place}.{name}" if place else name)


def _named(place):
    return f"“{place}” " if place else "it "
