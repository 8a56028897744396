"""The public register as an SQLite file, with tables that follow from the members of records.

For Datasette (https://datasette.io): ``datasette register.sqlite -m metadata.json``.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.utils.text import capfirst

from provenance.documents import declaration as m
from provenance.documents.declaration import EVIDENCE, MONEY, key_of
from provenance.models import Claim
from provenance.store.build import upgrade
from provenance.store.log import chunks, record_models

from ..exports.about import REGISTER, is_address
from ..exports.columns import columns_of, reader
from ..models import Project
from ..published.views import identity
from .descriptor import DESCRIPTION

TEXTS = {  # members that are lists of texts: (table, column)
    "objectives": ("objective", "text"),
    "sectors": ("sector", "text"),
    "aliases": ("alias", "name"),
    "other_identifiers": ("other_identifier", "identifier"),
}
INDEXED = ("status", "start_date_earliest", "end_date_latest")  # in addition to keys
SUMS = "Exact, as decimal text; the next column has it in hundredths, for sums. Never add different currencies."


class SqlColumn(NamedTuple):
    """``read``: an item in, its value out; None: it is the key of the item's record, or the item's place in its list.

    ``names``: the kind of record that it is the key of. ``about``: what it holds, in words.
    """

    name: str
    declared: str
    read: Callable[[Any], Any] | None = None
    names: type | None = None
    about: str = ""


class SqlTable(NamedTuple):
    """``member``: the list in a document whose items are its rows; "": the document is. ``rules``: its keys, as SQL."""

    name: str
    about: str
    columns: list[SqlColumn]
    rules: str
    member: str = ""

    def sql(self):
        """Return the statement that makes the table."""
        declared = [f"{one.name} {one.declared}" for one in self.columns]
        for place, other in ((place, one.names._meta) for place, one in enumerate(self.columns) if one.names):
            declared[place] += f" REFERENCES {other.model_name} ({other.pk.name})"
        return f"CREATE TABLE {self.name} ({', '.join(declared)}, {self.rules})"

    def indexed(self):
        """Return the names of the columns to index; the first one already starts the primary key."""
        return [one.name for one in self.columns[1:] if one.names or one.name in INDEXED]


def _columns(model, member):
    """Return the SqlColumns of a member of a record or part; none for a list, which has a table of its own."""
    name, shape = member.name, member.shape(model)
    if isinstance(member, m.Many | m.Lines | m.Items):
        return []
    if isinstance(member, m.Json):
        about = f"{capfirst(member.words)}."
        return [SqlColumn(name, "TEXT", lambda item: item[name] and orjson.dumps(item[name]).decode(), None, about)]
    columns = columns_of(model, member)
    first, *others = (
        SqlColumn(
            each.heading, each.type.sql, _at(place, reader(columns)), each.names, f"{capfirst(each.description)}."
        )
        for place, each in enumerate(columns)
    )
    if shape is not EVIDENCE:
        first = first._replace(name=name)
    if not member.may_be_null(model):
        first = first._replace(declared=f"{first.declared} NOT NULL")
    if isinstance(member, m.One):
        return [first]
    if shape is MONEY or isinstance(member, m.Amount):
        return [first._replace(about=f"{first.about} {SUMS}"), _cents(first), *others]
    return [first, *others]


def _at(place, read):
    return lambda item: read(item)[place]


def _cents(amount):
    """Return the SqlColumn with ``amount`` in hundredths."""

    def read(item):
        text = amount.read(item)
        return None if text is None else int(Decimal(text) * 100)

    return SqlColumn(f"{amount.name}_cents", "INTEGER", read)


def _tables_of(model):
    """Yield the SqlTables of a kind of record: its own, and those of its lists."""
    kind, columns = model._meta.model_name, [one for member in model.members for one in _columns(model, member)]
    columns.append(SqlColumn("modified", "TEXT NOT NULL", lambda document: document["modified"]))
    yield SqlTable(
        kind, f"{capfirst(model._meta.verbose_name_plural)}.", columns, f"PRIMARY KEY ({model._meta.pk.name})"
    )
    own = SqlColumn(kind, "TEXT NOT NULL", None, model)
    number = SqlColumn("number", "INTEGER NOT NULL")
    numbered = f"PRIMARY KEY ({kind}, number)"
    for member in model.members:
        about = f"Of each {model._meta.verbose_name}: {member.words}."
        if isinstance(member, m.Many):
            other = SqlColumn(member.other(model)._meta.model_name, "TEXT NOT NULL", key_of, member.other(model))
            key = f"PRIMARY KEY ({kind}, {other.name})"
            yield SqlTable(f"{kind}_{other.name}", about, [own, other], key, member.name)
        elif isinstance(member, m.Lines):
            name, column = TEXTS[member.name]
            text = SqlColumn(column, "TEXT NOT NULL", lambda text: text)
            yield SqlTable(name, about, [own, number, text], numbered, member.name)
        elif isinstance(member, m.Parts):
            part = member.part(model)
            columns = {"number": number} | {one.name: one for each in part.members for one in _columns(part, each)}
            rules = numbered
            for each in m.of_kind(part, m.Within):
                sibling = next(one for one in model.members if one.name == each.parts).part(model)._meta.model_name
                rules += f", FOREIGN KEY ({kind}, {each.name}) REFERENCES {sibling} ({kind}, number)"
            yield SqlTable(part._meta.model_name, about, [own, *columns.values()], rules, member.name)


def _claims():
    """Return the SqlTable of the claims on records of all kinds."""
    about = "What a source states of one member of a record, in its own words; a claim is about one record."
    claimed = [model for model in record_models() if m.of_kind(model, m.Claims)]
    columns = [
        SqlColumn("id", "INTEGER"),
        *(SqlColumn(model._meta.model_name, "TEXT", None, model) for model in claimed),
    ]
    columns += [column for member in Claim.members for column in _columns(Claim, member)]
    return SqlTable("claim", about, columns, "PRIMARY KEY (id)", "claims")


_CLAIMS = _claims()
OF_KIND = {
    model._meta.model_name: [*_tables_of(model), *([_CLAIMS] if m.of_kind(model, m.Claims) else [])]
    for model in record_models()
}
TABLES = {table.name: table for tables in OF_KIND.values() for table in tables}


def write_database(path, **about):
    """Write all published records to a new file at ``path``; ``about``: values for the table ``register``.

    Call it within a ``snapshot``. The same register gives the same bytes.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=OFF")  # the file is only used when complete
        database.execute("BEGIN")
        for table in TABLES.values():
            database.execute(table.sql())
        database.execute("CREATE TABLE register (name TEXT PRIMARY KEY, value)")
        database.executemany("INSERT INTO register VALUES (?, ?)", about.items())
        for model in record_models():
            _fill(database, model)
        for table in TABLES.values():
            for name in table.indexed():
                database.execute(f"CREATE INDEX {table.name}_{name} ON {table.name} ({name})")
        searched = ", ".join(each.name for each in m.of_kind(Project, m.Text) if each.is_searched)
        database.execute(f"CREATE VIRTUAL TABLE project_fts USING fts5({searched}, content=project)")
        database.execute("INSERT INTO project_fts (project_fts) VALUES ('rebuild')")
        database.execute("COMMIT")
        database.execute("ANALYZE")
        if broken := database.execute("PRAGMA foreign_key_check").fetchone():
            raise ValueError(f"A record in the dump refers to one that is not in it: {tuple(broken)}.")


def _fill(database, model):
    kind = model._meta.model_name
    texts = model.objects.published().order_by("pk").values_list("revision__document", flat=True)
    for chunk in chunks(texts.iterator(chunk_size=500)):
        rows = defaultdict(list)
        for document in (upgrade(model, text) for text in chunk):
            for table, row in rows_of(kind, document):
                rows[table].append(row)
        for table, values in rows.items():
            names = ", ".join(values[0])
            marks = ", ".join(f":{name}" for name in values[0])
            database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608


def rows_of(kind, document):
    """Yield (name of the table, row as a dict) for a document of a ``kind``."""
    own = {kind: key_of(document)}
    for table in OF_KIND[kind]:
        for number, item in enumerate(document[table.member] if table.member else [document], 1):
            own["number"] = number
            yield table.name, {one.name: one.read(item) if one.read else own.get(one.name) for one in table.columns}


def metadata(version):
    """Return the metadata for Datasette, for JSON."""
    tables = {"register": {"description": "Which version of the register this is."}}
    for table in TABLES.values():
        columns = {one.name: one.about for one in table.columns if one.about}
        tables[table.name] = {"description": table.about} | ({"columns": columns} if columns else {})
    document = {
        "title": settings.HEADER_NAME or REGISTER,
        "description": DESCRIPTION,
        "source": f"Version {version.number} of the register, seal {version.seal}",
        "source_url": identity("/data/"),
    }
    if licence := settings.LICENCE:
        document |= {"license": licence} | ({"license_url": licence} if is_address(licence) else {})
    return document | {"databases": {"register": {"tables": tables}}}
