"""The tables of CSV and XLSX files: their columns, each with a heading and a function that reads a document.

Headings and their order are stable; new ones are added at the end (docs/api.md, "Files").
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
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
    "text": CellType("string", "string", "TEXT", "text", "not stated"),
    "amount": CellType("decimal", "number", "TEXT", "decimal number, with a point", "not stated, which is not zero"),
    "integer": CellType("integer", "integer", "INTEGER", "whole number", "not stated, which is not zero"),
    "flag": CellType("boolean", "boolean", "INTEGER", "true or false", "not stated, which is not false"),
    "date": CellType("date", "date", "TEXT", "day, YYYY-MM-DD", "not stated"),
    "moment": CellType("dateTime", "datetime", "TEXT", "time in UTC, ISO 8601", "never blank"),
}


class Column(NamedTuple):
    """``kind``: one of CELL_TYPES; amounts are decimal texts, dates full ones.

    ``read`` returns None for "not stated". ``separator``: what separates several values in a cell. ``names``: the model
    of the record whose key a cell holds.
    """

    heading: str
    kind: str
    read: Callable[[Any], Any]
    description: str
    separator: str = ""
    names: type | None = None

    @property
    def type(self):
        return CELL_TYPES[self.kind]


class NumberedPart(NamedTuple):
    """A contribution, participation or claim, with its document and its number there."""

    project: dict
    number: int
    member: dict


@dataclass(frozen=True)
class Table:
    """A table of documents of ``model``; ``name`` of its file. ``title`` and ``description`` are to be translated.

    ``rows`` splits a document into the rows that the columns read. ``has_claims``: whether they read its claims, which
    take longest to upgrade.
    """

    model: type
    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    rows: Callable[[dict], Iterable[Any]] = lambda document: (document,)
    has_claims: bool = False

    @property
    def sheet(self):
        """The name of its sheet in a workbook."""
        return self.name.rpartition("-")[2].capitalize()

    @cached_property
    def headings(self):
        return [column.heading for column in self.columns]

    @cached_property
    def _readers(self):
        return [column.read for column in self.columns]

    def read(self, document):
        """Return the rows of a document: lists of values; None or "" is not stated."""
        return [[read(row) for read in self._readers] for row in self.rows(document)]


def _within(name, key):
    return lambda item: (part := item[name]) and part[key]


def _in_role(role):
    return lambda document: [member for member in document["organisations"] if member["role"] == role]


def _in_contributions(name, key):
    """Return the function from a document to the records that its contributions name, each once."""
    return lambda document: {
        record[key]: record for part in document["contributions"] if (record := part[name])
    }.values()


def _lines(name):
    return lambda document: LINE.join(document[name])


def _components(document):
    return LINE.join([f"{part['number']}. {part['title']}" for part in document["components"]])


def _parts(name):
    return lambda document: [NumberedPart(document, number, member) for number, member in enumerate(document[name], 1)]


def columns_of(model, member):
    """Return the columns of a member; none if its items have a table of their own."""
    name, words, kind = member.name, member.words, getattr(member, "like", type(member))
    if kind in COMPOSED:
        return COMPOSED[kind](name, words)
    if kind is m.Many:
        other = member.other(model)
        return _pair(other._meta.model_name, m.shown_members(other)[0], itemgetter(name), words)
    if kind is m.One:
        return _one(name, m.shown_members(member.other(model)), words, member.inline, member.other(model))
    if kind is m.Coded:
        return _one(name, ("code", "name"), words)
    if kind is m.Lines:
        return (Column(name, "text", _lines(name), f"{words}, one a line", LINE),)
    if kind is m.Parts:
        return SUMMARIES[name]
    if kind in (m.Claims, m.Json):
        return ()
    return (Column(name, KINDS.get(kind, "text"), itemgetter(name), words),)


KINDS = {m.Flag: "flag", m.Number: "integer", m.Within: "integer", m.Amount: "amount", m.Day: "date"}


def _pair(name, key, records, words):
    """Return the columns for several records: their keys, and their names in the same order."""
    return (
        Column(f"{name}_{key}s", "text", _joined(records, key), f"{words}: keys in this register", JOINT),
        Column(f"{name}_names", "text", _joined(records, "name"), f"{words}: names, in the same order", JOINT),
    )


def _joined(records, key):
    read = itemgetter(key)
    return lambda document: JOINT.join(map(read, records(document)))


def _one(name, reference, words, inline=False, model=None):
    """Return the columns for one record: its key and its name. ``inline``: both are members of the part itself."""
    key, called = reference[:2]
    read = itemgetter if inline else (lambda part: _within(name, part))
    return (
        Column(f"{name}_{key}", "text", read(key), words, names=model),
        Column(f"{name}_{called}", "text", read(called), f"its {called}"),
    )


def _date(name, _words):
    words = name.replace("_", " ")
    return (
        Column(name, "text", _within(name, "value"), f"{words}, ISO 8601, as precise as its source"),
        Column(f"{name}_precision", "text", _within(name, "precision"), "year, month or day"),
        Column(f"{name}_earliest", "date", _within(name, "earliest"), f"first day that the {words} may mean"),
        Column(f"{name}_latest", "date", _within(name, "latest"), f"last day that the {words} may mean"),
        Column(f"{name}_planned", "flag", _within(name, "planned"), "true: the source only plans it"),
    )


def _money(name, words):
    return (
        Column(f"{name}_amount", "amount", _within(name, "amount"), words),
        Column(f"{name}_currency", "text", _within(name, "currency"), "its ISO 4217 code"),
    )


def _evidence(name, words):
    return (
        Column(f"{name}_verdict", "text", _within(name, "verdict"), f"{words}: verbatim, not-found or no-text"),
        Column(f"{name}_edition", "text", _within(name, "edition"), "SHA-256 of that text"),
        Column(f"{name}_start", "integer", _within(name, "start"), "its first character there, counted from 0"),
        Column(f"{name}_end", "integer", _within(name, "end"), "the character after its last"),
    )


COMPOSED = {m.Date: _date, m.Money: _money, m.Evidence: _evidence}
SUMMARIES = {  # columns in the row of a project for its parts
    "contributions": (
        *_money("unattributed", "the total less the stated contributions; empty where that cannot be said"),
        *_pair("funder", "slug", _in_contributions("funder", "slug"), "who pays"),
        *_pair("instrument", "code", _in_contributions("instrument", "code"), "instruments that contributions name"),
    ),
    "organisations": (
        *_pair("lead", "slug", _in_role("lead"), "organisations that lead"),
        *_pair("implementer", "slug", _in_role("implementer"), "organisations that implement"),
        *_pair("partner", "slug", _in_role("partner"), "other partners"),
    ),
    "components": (Column("components", "text", _components, "numbered parts of the work, one a line", LINE),),
}
_MODIFIED, _COUNT = (  # in documents as shown, not members of records
    Column("modified", "moment", lambda record: record.get("modified"), "when this record last changed, UTC"),
    Column("project_count", "integer", lambda record: record.get("project_count"), "published projects that name it"),
)


def _records(model, title, description):
    """Return the table of a kind of record. Columns of members added later come last."""
    own = [member for member in model.members if not isinstance(member, m.Derived)]  # these are in SUMMARIES
    first, added = ([member for member in own if member.added is late] for late in (False, True))
    columns = [column for member in first for column in columns_of(model, member)]
    columns += [_MODIFIED] if model is Project else [_COUNT, _MODIFIED]
    columns += [column for member in added for column in columns_of(model, member)]
    return Table(model, model.collection, title, description, tuple(columns), (model._meta.pk.name,))


PROJECTS = _records(Project, noop("Projects"), noop("One row for each project."))
_PROJECT = (
    Column("project_slug", "text", lambda part: part.project["slug"], "slug of the project", names=Project),
    Column("project_title", "text", lambda part: part.project["title"], "its title"),
    Column("number", "integer", lambda part: part.number, "its place in the project, from 1"),
)


def _of_parts(model):
    """Return the columns of a part of projects."""
    columns = [column for member in model.members for column in columns_of(model, member)]
    return tuple(column._replace(read=partial(_of_member, column.read)) for column in columns)


def _of_member(read, part):
    return read(part.member)


CONTRIBUTIONS = Table(
    Project, "projects-contributions", noop("Contributions"),
    noop("One row for each funder and instrument of each project."),
    (*_PROJECT, *_of_parts(Contribution)), ("project_slug", "number"), _parts("contributions"),
)  # fmt: skip
PARTICIPATIONS = Table(
    Project, "projects-organisations", noop("Roles of organisations"),
    noop("One row for each role of an organisation in a project."),
    (*_PROJECT, *_of_parts(Participation)), ("project_slug", "number"), _parts("organisations"),
)  # fmt: skip
CLAIMS = Table(
    Project, "projects-claims", noop("Claims"), noop("One row for each sentence that states a value of a project."),
    (*_PROJECT, *_of_parts(Claim)), ("project_slug", "number"), _parts("claims"), has_claims=True,
)  # fmt: skip
OF_PROJECTS = (PROJECTS, CONTRIBUTIONS, PARTICIPATIONS, CLAIMS)
OTHERS = (
    _records(Country, noop("Countries"), noop("One row for each country.")),
    _records(Instrument, noop("Instruments"), noop("One row for each instrument.")),
    _records(Partnership, noop("Agreements"), noop("One row for each agreement.")),
    _records(Organisation, noop("Organisations"), noop("One row for each organisation.")),
    _records(Source, noop("Sources"), noop("One row for each source.")),
)
TABLES = {table.name: table for table in (*OF_PROJECTS, *OTHERS)}
