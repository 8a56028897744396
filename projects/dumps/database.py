"""The public register as an SQLite file, with tables that follow from the members of records.

For Datasette (https://datasette.io): ``datasette register.sqlite -m metadata.json``.
"""

import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import NamedTuple

import orjson
from django.conf import settings
from django.utils.text import capfirst

from provenance.documents import declaration as m
from provenance.documents.declaration import EVIDENCE, MONEY, key_of
from provenance.models import Claim
from provenance.store.build import upgrade
from provenance.store.log import chunks, record_models

from ..exports.about import REGISTER, is_address
from ..exports.columns import Column, columns_of, reader
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


class SqlTable(NamedTuple):
    """``member``: the list in a document whose items are its rows; "": the document is. ``rules``: its keys, as SQL.

    The ``kind`` of its Columns is that of SQL; ``own``: how many come first that are not read from an item: the key of
    its record, and its place in the list.
    """

    name: str
    about: str
    own: int
    columns: list[Column]
    rules: str
    member: str = ""

    def sql(self):
        """Return the statement that makes the table."""
        declared = [f"{one.heading} {one.kind}" for one in self.columns]
        for place, other in ((place, one.names._meta) for place, one in enumerate(self.columns) if one.names):
            declared[place] += f" REFERENCES {other.model_name} ({other.pk.name})"
        return f"CREATE TABLE {self.name} ({', '.join(declared)}, {self.rules})"

    def indexed(self):
        """Return the names of the columns to index; the first one already starts the primary key."""
        return [one.heading for one in self.columns[1:] if one.names or one.heading in INDEXED]

    def rows(self, kind, documents):
        """Yield the rows of documents of a ``kind``."""
        read = reader(self.columns[self.own :])
        for document in documents:
            for number, item in enumerate(document[self.member] if self.member else [document], 1):
                own = {kind: key_of(document), "number": number}
                yield [*(own.get(one.heading) for one in self.columns[: self.own]), *read(item)]


def _columns(model, member):
    """Return the Columns of a member of a record or part; none for a list, which has a table of its own."""
    name, shape = member.name, member.shape(model)
    if isinstance(member, m.Many | m.Lines | m.Items):
        return []
    if isinstance(member, m.Json):
        about = f"{capfirst(member.words)}."
        return [Column(name, "TEXT", lambda item: [item[name] and orjson.dumps(item[name]).decode()], about)]
    first, *others = (
        each._replace(kind=each.type.sql, description=f"{capfirst(each.description)}.")
        for each in columns_of(model, member)
    )
    read = first.read
    if shape is not EVIDENCE:
        first = first._replace(heading=name)
    if not member.may_be_null(model):
        first = first._replace(kind=f"{first.kind} NOT NULL")
    if isinstance(member, m.One):
        return [first._replace(read=lambda item: read(item)[:1])]
    if shape is not MONEY and not isinstance(member, m.Amount):
        return [first, *others]

    def with_cents(item):
        amount, *rest = read(item) if read else [item[name]]
        return [amount, amount and int(Decimal(amount) * 100), *rest]

    first = first._replace(description=f"{first.description} {SUMS}")
    return [each._replace(read=with_cents) for each in (first, Column(f"{name}_cents", "INTEGER", None, ""), *others)]


def _tables_of(model):
    """Yield the SqlTables of a kind of record: its own, and those of its lists."""
    kind, columns = model._meta.model_name, [one for member in model.members for one in _columns(model, member)]
    columns.append(Column("modified", "TEXT NOT NULL", None, ""))
    yield SqlTable(
        kind, f"{capfirst(model._meta.verbose_name_plural)}.", 0, columns, f"PRIMARY KEY ({model._meta.pk.name})"
    )
    own = Column(kind, "TEXT NOT NULL", None, "", names=model)
    number = Column("number", "INTEGER NOT NULL", None, "")
    numbered = f"PRIMARY KEY ({kind}, number)"
    for member in model.members:
        about = f"Of each {model._meta.verbose_name}: {member.words}."
        if isinstance(member, m.Many):
            model_of = member.other(model)
            other = Column(model_of._meta.model_name, "TEXT NOT NULL", lambda item: [key_of(item)], "", names=model_of)
            key = f"PRIMARY KEY ({kind}, {other.heading})"
            yield SqlTable(f"{kind}_{other.heading}", about, 1, [own, other], key, member.name)
        elif isinstance(member, m.Lines):
            name, column = TEXTS[member.name]
            text = Column(column, "TEXT NOT NULL", lambda text: [text], "")
            yield SqlTable(name, about, 2, [own, number, text], numbered, member.name)
        elif isinstance(member, m.Parts):
            part = member.part(model)
            columns = [one for each in part.members for one in _columns(part, each)]
            first = [own] if number.heading in part.key_fields else [own, number]
            rules = numbered
            for each in m.of_kind(part, m.Within):
                sibling = next(one for one in model.members if one.name == each.parts).part(model)._meta.model_name
                rules += f", FOREIGN KEY ({kind}, {each.name}) REFERENCES {sibling} ({kind}, number)"
            yield SqlTable(part._meta.model_name, about, len(first), [*first, *columns], rules, member.name)


def _claims():
    """Return the SqlTable of the claims on records of all kinds."""
    about = "What a source states of one member of a record, in its own words; a claim is about one record."
    claimed = [model for model in record_models() if m.of_kind(model, m.Claims)]
    own = [Column("id", "INTEGER", None, "")]
    own += [Column(model._meta.model_name, "TEXT", None, "", names=model) for model in claimed]
    columns = [column for member in Claim.members for column in _columns(Claim, member)]
    return SqlTable("claim", about, len(own), [*own, *columns], "PRIMARY KEY (id)", "claims")


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
        documents = [upgrade(model, text) for text in chunk]
        for table in OF_KIND[kind]:
            marks = ", ".join("?" * len(table.columns))
            database.executemany(f"INSERT INTO {table.name} VALUES ({marks})", table.rows(kind, documents))  # noqa: S608


def metadata(version):
    """Return the metadata for Datasette, for JSON."""
    tables = {"register": {"description": "Which version of the register this is."}}
    for table in TABLES.values():
        columns = {one.heading: one.description for one in table.columns if one.description}
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
