"""The tables of CSV and XLSX files: their columns, and functions that read those of one member of a document together.

Headings and their order are stable; new ones are added at the end (docs/api.md, "Files").
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop as noop

from instruments.models import Country, Instrument, Partnership
from provenance.documents import declaration as m
from provenance.models import Claim, Source

from ..models import Contribution, Organisation, Participation, Project

JOINT, LINE = "; ", "\n"  # between several values in a cell; between several texts


class CellType(NamedTuple):
    """What a cell holds: in CSV on the Web, in a Data Package, in SQLite and in words; and what a blank one means."""

    csvw: str
    package: str
    sql: str
    words: str
    blank: str


CELL_TYPES = {
    "text": CellType("string", "string", "TEXT", noop("text"), noop("not stated")),
    "amount": CellType(
        "decimal", "number", "TEXT", noop("decimal number, with a point"), noop("not stated, which is not zero")
    ),
    "integer": CellType("integer", "integer", "INTEGER", noop("whole number"), noop("not stated, which is not zero")),
    "flag": CellType("boolean", "boolean", "INTEGER", noop("true or false"), noop("not stated, which is not false")),
    "date": CellType("date", "date", "TEXT", noop("day, YYYY-MM-DD"), noop("not stated")),
    "moment": CellType("dateTime", "datetime", "TEXT", noop("time in UTC, ISO 8601"), noop("never blank")),
}


NEVER = CELL_TYPES["moment"].blank


class Column(NamedTuple):
    """``kind``: one of CELL_TYPES; amounts are decimal texts, dates full ones.

    ``read`` returns the cells of all neighbours with the same ``read``, None for "not stated"; without it, the cell is
    the member of the same name. ``separator``: what separates several values in a cell. ``names``: the model of the
    record whose key a cell holds. ``blank``: what a blank cell means, unless what it does in others of its type.
    """

    heading: str
    kind: str
    read: Callable[[Any], Iterable] | None
    description: str
    separator: str = ""
    names: type | None = None
    blank: str = ""

    @property
    def type(self):
        return CELL_TYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """A table of documents of ``model``; ``name`` of its file. ``title`` and ``description`` are to be translated.

    ``parts``: the list whose items are its rows, numbered within their project; "": each document is a row.
    """

    model: type
    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    parts: str = ""

    @property
    def sheet(self):
        """The name of its sheet in a workbook."""
        return self.name.rpartition("-")[2].capitalize()

    @property
    def primary_key(self):
        return ("project_slug", "number") if self.parts else (self.model._meta.pk.name,)

    @cached_property
    def headings(self):
        return [column.heading for column in self.columns]

    @cached_property
    def _read(self):
        return reader(self.columns[len(OF_PART) :] if self.parts else self.columns)

    def read(self, document):
        """Return the rows of a document: lists of values; None or "" is not stated."""
        read = self._read
        if not self.parts:
            return [read(document)]
        project = document["slug"], document["title"]
        return [[*project, number, *read(part)] for number, part in enumerate(document[self.parts], 1)]


def reader(columns):
    """Return the function from an item to the list of its cells."""
    reads: list[Callable[[Any], Iterable]] = []
    for read, alike in groupby(columns, key=lambda column: column.read):
        reads.append(read or _members(*(column.heading for column in alike)))

    def read_all(item):
        cells = []
        for read in reads:
            cells += read(item)
        return cells

    return read_all


def _members(name, *others):
    return itemgetter(name, *others) if others else lambda item: (item[name],)


def _within(name, *keys):
    read, nothing = itemgetter(*keys), (None,) * len(keys)
    return lambda item: read(part) if (part := item[name]) else nothing


def _keys_and_names(records, key):
    if not records:  # as of most projects
        return "", ""
    return JOINT.join([record[key] for record in records]), JOINT.join([record["name"] for record in records])


def _funders_and_instruments(document):
    parts = document["contributions"]
    funders = {part["funder"]["slug"]: part["funder"] for part in parts}
    instruments = {part["instrument"]["code"]: part["instrument"] for part in parts if part["instrument"]}
    return *_keys_and_names(funders.values(), "slug"), *_keys_and_names(instruments.values(), "code")


def _roles(document):
    for role in ("lead", "implementer", "partner"):
        yield from _keys_and_names([each for each in document["organisations"] if each["role"] == role], "slug")


def _components(document):
    yield LINE.join([f"{part['number']}. {part['title']}" for part in document["components"]])


def columns_of(model, member):
    """Return the columns of a member; none if its items have a table of their own."""
    is_single = not isinstance(member, m.Many | m.Items | m.Lines | m.Derived)
    blank = member.empty or (NEVER if is_single and not member.may_be_null(model) else "")
    return [column._replace(blank=column.blank or blank) for column in _columns_of(model, member)]


def _columns_of(model, member):
    name, words, kind = member.name, member.words, getattr(member, "like", type(member))
    if kind in COMPOSED:
        return _composed(kind, name, words)
    if kind is m.Many:
        other = member.other(model)
        key = m.shown_members(other)[0]
        return _pair(other._meta.model_name, key, words, lambda document: _keys_and_names(document[name], key))
    if kind is m.One:
        return _one(name, m.shown_members(member.other(model)), words, member.inline, member.other(model))
    if kind is m.Coded:
        return _one(name, ("code", "name"), words)
    if kind is m.Lines:
        return (Column(name, "text", lambda document: [LINE.join(document[name])], f"{words}, one a line", LINE),)
    if kind is m.Parts:
        return SUMMARIES[name]
    if kind in (m.Claims, m.Json):
        return ()
    return (Column(name, KINDS.get(kind, "text"), None, words),)


KINDS = {m.Flag: "flag", m.Number: "integer", m.Within: "integer", m.Amount: "amount", m.Day: "date"}


def _pair(name, key, words, read):
    """Return the columns for several records: their keys, and their names in the same order."""
    return (
        Column(f"{name}_{key}s", "text", read, f"{words}: keys in this register", JOINT),
        Column(f"{name}_names", "text", read, f"{words}: names, in the same order", JOINT),
    )


def _one(name, reference, words, inline=False, model=None):
    """Return the columns for one record: its key and its name. ``inline``: both are members of the part itself."""
    key, called = reference[:2]
    read = itemgetter(key, called) if inline else _within(name, key, called)
    return (
        Column(f"{name}_{key}", "text", read, words, names=model),
        Column(f"{name}_{called}", "text", read, f"its {called}"),
    )


_NOT_FOUND = "not found, or the source has no text"
COMPOSED = {  # {key in the member: kind, description and blank of its column}, which is called after both
    m.Date: {
        "value": ("text", "{name}, ISO 8601, as precise as its source", ""),
        "precision": ("text", "year, month or day", ""),
        "earliest": ("date", "first day that the {name} may mean", ""),
        "latest": ("date", "last day that the {name} may mean", ""),
        "planned": ("flag", "true: the source only plans it", ""),
    },
    m.Money: {"amount": ("amount", "{words}", ""), "currency": ("text", "its ISO 4217 code", "")},
    m.Evidence: {
        "verdict": ("text", "{words}: verbatim, not-found or no-text", ""),
        "edition": ("text", "SHA-256 of that text", "the source has no text"),
        "start": ("integer", "its first character there, counted from 0", _NOT_FOUND),
        "end": ("integer", "the character after its last", _NOT_FOUND),
    },
}


def _composed(kind, name, words):
    """Return the columns of a member with several values."""
    read, called = _within(name, *COMPOSED[kind]), name.replace("_", " ")
    return tuple(
        Column(
            name if key == "value" else f"{name}_{key}", cell, read, text.format(name=called, words=words), blank=blank
        )
        for key, (cell, text, blank) in COMPOSED[kind].items()
    )


SUMMARIES = {  # columns in the row of a project for its parts
    "contributions": (
        *(
            column._replace(blank="nothing is left, or it cannot be calculated")
            for column in _composed(
                m.Money, "unattributed", "the total minus the stated contributions; blank if that cannot be calculated"
            )
        ),
        *_pair("funder", "slug", "funders", _funders_and_instruments),
        *_pair("instrument", "code", "instruments that contributions name", _funders_and_instruments),
    ),
    "organisations": (
        *_pair("lead", "slug", "organisations that lead", _roles),
        *_pair("implementer", "slug", "organisations that implement", _roles),
        *_pair("partner", "slug", "other partners", _roles),
    ),
    "components": (Column("components", "text", _components, "numbered parts of the work, one a line", LINE),),
}
_MODIFIED, _COUNT = (  # in documents as shown, not members of records
    Column("modified", "moment", lambda record: [record.get("modified")], "when this record last changed, UTC"),
    Column(
        "project_count",
        "integer",
        lambda record: [record.get("project_count")],
        "published projects that name it",
        blank=NEVER,
    ),
)
OF_PART = (
    Column("project_slug", "text", None, "key of the project", names=Project, blank=NEVER),
    Column("project_title", "text", None, "its title", blank=NEVER),
    Column("number", "integer", None, "its place in the project, from 1", blank=NEVER),
)


def _records(model, title, description):
    """Return the table of a kind of record. Columns of members added later come last."""
    own = [member for member in model.members if not isinstance(member, m.Derived)]  # these are in SUMMARIES
    first, added = (
        [column for member in own if member.added is late for column in columns_of(model, member)]
        for late in (False, True)
    )
    shown = [_MODIFIED] if model is Project else [_COUNT, _MODIFIED]
    return Table(model, model.collection, title, description, (*first, *shown, *added))


def _parts(name, part, title, description):
    """Return the table of a list of parts of projects."""
    columns = (column for member in part.members for column in columns_of(part, member))
    return Table(Project, f"projects-{name}", title, description, (*OF_PART, *columns), name)


OF_PROJECTS = (
    _records(Project, noop("Projects"), noop("One row for each project.")),
    _parts("contributions", Contribution, noop("Contributions"),
           noop("One row for each funder and instrument of each project.")),
    _parts("organisations", Participation, noop("Roles of organisations"),
           noop("One row for each role of an organisation in a project.")),
    _parts("claims", Claim, noop("Claims"), noop("One row for each sentence that states a value of a project.")),
)  # fmt: skip
OTHERS = (
    _records(Country, noop("Countries"), noop("One row for each country.")),
    _records(Instrument, noop("Instruments"), noop("One row for each instrument.")),
    _records(Partnership, noop("Agreements"), noop("One row for each agreement.")),
    _records(Organisation, noop("Organisations"), noop("One row for each organisation.")),
    _records(Source, noop("Sources"), noop("One row for each source.")),
)
TABLES = {table.name: table for table in (*OF_PROJECTS, *OTHERS)}
