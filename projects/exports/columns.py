"""The flat shape of records, declared once: tables of columns, each a heading and a reader of a document.

Order and headings are stable: they are only ever added to, at the end (docs/api.md, "Files").
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

JOINT, LINE = "; ", "\n"  # between several values in one cell; between several texts


class Column(NamedTuple):
    """``kind``: text, amount (decimal text), integer, flag, date (a full one) or moment. ``read``: None: not stated.

    ``separator``: what stands between values, where a cell holds several.
    """

    heading: str
    kind: str
    read: Callable[[Any], Any]
    description: str
    separator: str = ""


class Part(NamedTuple):
    """A contribution, participation or claim: the document that it stands in, its number there, itself."""

    project: dict
    number: int
    member: dict


@dataclass(frozen=True)
class Table:
    """``name``: that of its file. ``title``: that of its sheet. ``rows``: a document in, what its columns read out."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    rows: Callable[[dict], Iterable[Any]] = lambda document: (document,)

    @cached_property
    def headings(self):
        return [column.heading for column in self.columns]

    @cached_property
    def _readers(self):
        return [column.read for column in self.columns]

    def read(self, document):
        """Return the rows of a document: lists of values; None or "" is not stated."""
        return [[read(row) for read in self._readers] for row in self.rows(document)]


# What is read: members are asked for with ``get``, as documents of past times may lack what was not told of yet.


def _of(name):
    return lambda document: document.get(name)


def _within(name, key):
    """Read a member of a member; not stated where either is not."""
    return lambda document: (document.get(name) or {}).get(key)


def _joined(name):
    return lambda key: lambda document: JOINT.join([member[key] for member in document.get(name) or ()])


def _in_role(role):
    return lambda key: (
        lambda document: JOINT.join(
            [member[key] for member in document.get("organisations") or () if member["role"] == role]
        )
    )


def _given(name):
    """Read the funders or instruments of contributions, each once."""
    return lambda key: (
        lambda document: JOINT.join(
            dict.fromkeys([part[name][key] for part in document.get("contributions") or () if part[name]])
        )
    )


def _lines(name):
    return lambda document: LINE.join(document.get(name) or ())


def _components(document):
    return LINE.join([f"{part['number']}. {part['title']}" for part in document.get("components") or ()])


def _parts(name):
    return lambda document: [
        Part(document, number, member) for number, member in enumerate(document.get(name) or (), 1)
    ]


# Columns, alone and in their usual company.


def _text(heading, description):
    return Column(heading, "text", _of(heading), description)


def _pair(name, key, read, what):
    """The two columns of a cell that names several: their keys, and their names in the same order."""
    return (
        Column(f"{name}_{key}s", "text", read(key), f"{what}: keys in this register", JOINT),
        Column(f"{name}_names", "text", read("name"), f"{what}: names, in the same order", JOINT),
    )


def _date(name):
    what = name.replace("_", " ")
    return (
        Column(name, "text", _within(name, "value"), f"{what}, ISO 8601, as precise as its source"),
        Column(f"{name}_precision", "text", _within(name, "precision"), "year, month or day"),
        Column(f"{name}_earliest", "date", _within(name, "earliest"), f"first day that the {what} may mean"),
        Column(f"{name}_latest", "date", _within(name, "latest"), f"last day that the {what} may mean"),
        Column(f"{name}_planned", "flag", _within(name, "planned"), "true: the source only plans it"),
    )


def _money(name, what):
    return (
        Column(f"{name}_amount", "amount", _within(name, "amount"), what),
        Column(f"{name}_currency", "text", _within(name, "currency"), "its ISO 4217 code"),
    )


_MODIFIED = Column("modified", "moment", _of("modified"), "when this record last changed, UTC")
_COUNT = Column("project_count", "integer", _of("project_count"), "published projects that name it")

PROJECTS = Table(
    "projects", "Projects", "One row a project.",
    (
        _text("slug", "its key in addresses"),
        _text("url", "its page, without the host"),
        _text("title", "the source's own words, shortened but not rephrased"),
        _text("acronym", "its acronym"),
        _text("summary", "what it is for, in the source's own words"),
        *_pair("country", "code", _joined("countries"), "countries"),
        *_pair("partnership", "slug", _joined("partnerships"), "agreements that a source names for it"),
        *_pair("theme", "slug", _joined("themes"), "the register's own index words"),
        _text("status", "planned, ongoing or completed, as the source says"),
        _text("status_as_of", "the date that this source bears, as precise as it is"),
        *_date("start_date"),
        *_date("end_date"),
        *_money("budget", "stated total"),
        *_money("unattributed", "the total less the stated contributions; empty where that cannot be said"),
        *_pair("funder", "slug", _given("funder"), "who pays"),
        *_pair("instrument", "code", _given("instrument"), "instruments that contributions name"),
        *_pair("lead", "slug", _in_role("lead"), "organisations that lead"),
        *_pair("implementer", "slug", _in_role("implementer"), "organisations that implement"),
        *_pair("partner", "slug", _in_role("partner"), "other partners"),
        Column("components", "text", _components, "numbered parts of the work, one a line", LINE),
        Column("objectives", "text", _lines("objectives"), "the aims in the source's own words, one a line", LINE),
        _MODIFIED,
        Column("part_of_slug", "text", _within("part_of", "slug"), "the larger project that it is part of: its slug"),
        Column("part_of_title", "text", _within("part_of", "title"), "its title"),
    ),
    ("slug",),
)  # fmt: skip

_PROJECT = (
    Column("project_slug", "text", lambda part: part.project["slug"], "slug of the project"),
    Column("project_title", "text", lambda part: part.project["title"], "its title"),
    Column("number", "integer", lambda part: part.number, "its place in the project, from 1"),
)


def _part(heading, description, name=None, kind="text"):
    """A column of a part: the member ``name`` of it; the heading is its name where none is given."""
    return Column(heading, kind, lambda part: part.member.get(name or heading), description)


def _named(name, key, what):
    """The two columns of what a part names one of."""
    return (
        Column(f"{name}_{key}", "text", lambda part: (part.member.get(name) or {}).get(key), f"{what}: {key}"),
        Column(f"{name}_name", "text", lambda part: (part.member.get(name) or {}).get("name"), f"{what}: name"),
    )


CONTRIBUTIONS = Table(
    "projects-contributions", "Contributions", "One row for each funder and instrument of each project.",
    (
        *_PROJECT,
        *_named("funder", "slug", "who pays"),
        *_named("instrument", "code", "the instrument it is paid from"),
        _part("amount", "empty where the funder is named and the sum is not", kind="amount"),
        _part("currency", "its ISO 4217 code"),
    ),
    ("project_slug", "number"), _parts("contributions"),
)  # fmt: skip
PARTICIPATIONS = Table(
    "projects-organisations", "Organisations", "One row for each role of an organisation in a project.",
    (
        *_PROJECT,
        _part("organisation_slug", "its slug", "slug"),
        _part("organisation_name", "its name", "name"),
        _part("role", "lead, implementer or partner; funders stand under contributions"),
        _part("role_as_stated", "the source's own word"),
        _part("component", "number of the component that the role is in; empty: the whole project", kind="integer"),
    ),
    ("project_slug", "number"), _parts("organisations"),
)  # fmt: skip
CLAIMS = Table(
    "projects-claims", "Claims", "One row for each sentence that states a value of a project.",
    (
        *_PROJECT,
        _part("field", "the member that is stated"),
        _part("as_stated", "the value in the source's own characters"),
        _part("quote", "the sentence, word for word; […] where words are left out"),
        Column("source_slug", "text", lambda part: part.member["source"]["slug"], "the text that says so: slug"),
        Column("source_title", "text", lambda part: part.member["source"]["title"], "its title"),
        _part("set_aside", "why the register does not adopt this value; empty where it does"),
        _part("place", "where in the source it stands, such as sheet, row and column; empty where not told"),
    ),
    ("project_slug", "number"), _parts("claims"),
)  # fmt: skip
OF_PROJECTS = (PROJECTS, CONTRIBUTIONS, PARTICIPATIONS, CLAIMS)

_NAMED = (_text("url", "its page, without the host"), _text("name", "its name"))
_CODE = (_text("code", "its key in addresses"), *_NAMED)
_SLUG = (_text("slug", "its key in addresses"), *_NAMED)
COUNTRIES = Table("countries", "Countries", "One row a country.", (*_CODE, _COUNT, _MODIFIED), ("code",))
INSTRUMENTS = Table(
    "instruments", "Instruments", "One row an instrument.",
    (
        *_CODE,
        _text("kind", "eu, member-state or partner-country"),
        _text("managed_by", "in the source's words"),
        Column("is_former", "flag", _of("is_former"), "true: a source calls it a former one"),
        Column("predecessor_code", "text", _within("predecessor", "code"), "the instrument that it followed"),
        Column("predecessor_name", "text", _within("predecessor", "name"), "its name"),
        _COUNT, _MODIFIED,
    ),
    ("code",),
)  # fmt: skip
PARTNERSHIPS = Table(
    "partnerships", "Partnerships", "One row an agreement.",
    (
        *_SLUG,
        _text("kind", "kind of agreement"),
        *_pair("country", "code", _joined("countries"), "the partner countries"),
        _COUNT, _MODIFIED,
    ),
    ("slug",),
)  # fmt: skip
ORGANISATIONS = Table(
    "organisations", "Organisations", "One row an organisation.",
    (
        *_SLUG,
        _text("acronym", "its acronym"),
        Column("aliases", "text", _lines("aliases"), "other and former names, one a line", LINE),
        Column("kind_code", "text", _within("kind", "code"), "of IATI's codelist OrganisationType"),
        Column("kind_name", "text", _within("kind", "name"), "its name"),
        Column("country_code", "text", _within("country", "code"), "ISO 3166-1 alpha-2"),
        Column("country_name", "text", _within("country", "name"), "its name"),
        _text("identifier", "IATI organisation identifier"),
        _COUNT, _MODIFIED,
    ),
    ("slug",),
)  # fmt: skip
TABLES = {table.name: table for table in (*OF_PROJECTS, COUNTRIES, INSTRUMENTS, PARTNERSHIPS, ORGANISATIONS)}
