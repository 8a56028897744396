"""The public register as an SQLite file: tables made from documents, keys and indexes ready for Datasette."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from provenance.documents import document_shape
from provenance.members import One
from provenance.recording import chunks, record_models
from provenance.shapes import DATE, MONEY, key_of, stated

SHAPES = {model._meta.model_name: document_shape(model) for model in record_models()}
KEYS = {kind: next(iter(shape)) for kind, shape in SHAPES.items()}
NAMED = {  # members that name one record
    (model._meta.model_name, member.name): member.other(model)._meta.model_name
    for model in record_models()
    for member in model.members
    if type(member) is One
}
TYPES = {str: "TEXT", int: "INTEGER", bool: "INTEGER"}


class Column(NamedTuple):
    """``read``: the value of its member in, its own out."""

    name: str
    declared: str
    read: Callable[[Any], Any] = lambda value: value


def _columns(kind, member, shape):
    """Return the Columns of a member of a shape; none of a list, which has a table of its own."""
    name, is_stated = member.removesuffix("?"), member.endswith("?") or isinstance(shape, stated)
    shape = shape.shape if isinstance(shape, stated) else shape
    if isinstance(shape, list):
        return []
    if (kind, name) in NAMED:
        return [Column(name, f"TEXT {_of(NAMED[kind, name])}", key_of)]
    if shape is DATE:
        return [_within(name, "value", name), *(_within(name, part) for part in list(DATE)[1:])]
    if shape is MONEY:
        cents = Column(f"{name}_cents", "INTEGER", lambda value: _cents(value and value["amount"]))
        return [_within(name, "amount", name, MONEY), cents, _within(name, "currency", shape=MONEY)]
    if isinstance(shape, dict):
        return [Column(name, "TEXT", key_of), _within(name, "name", shape=shape)]
    return [Column(name, TYPES[shape] + ("" if is_stated else " NOT NULL"))]


def _within(name, part, column="", shape=DATE):
    """Return the Column of a part of a member."""
    return Column(column or f"{name}_{part}", TYPES[shape[part]], lambda value: value and value[part])


def _of(kind):
    return f"REFERENCES {kind} ({KEYS[kind]})"


def _linked(kind, other):
    """Return the columns of a table of which record of one kind has which of another."""
    columns = [f"{each} TEXT NOT NULL {_of(each)}" for each in (kind, other)]
    return f"{', '.join(columns)}, PRIMARY KEY ({kind}, {other})"


def _listed(kind, columns):
    """Return the columns of a table of the numbered parts of a kind of record."""
    return f"{kind} TEXT NOT NULL {_of(kind)}, number INTEGER NOT NULL, {columns}, PRIMARY KEY ({kind}, number)"


COLUMNS = {
    kind: {member.removesuffix("?"): _columns(kind, member, part) for member, part in shape.items()}
    for kind, shape in SHAPES.items()
}
_CLAIMED = ", ".join(f"{kind} TEXT {_of(kind)}" for kind, shape in SHAPES.items() if "claims" in shape)
TABLES = {
    kind: ", ".join(f"{each.name} {each.declared}" for some in columns.values() for each in some)
    + f", PRIMARY KEY ({KEYS[kind]})"
    for kind, columns in COLUMNS.items()
} | {
    "partnership_country": _linked("partnership", "country"),
    "other_identifier": _listed("organisation", "identifier TEXT NOT NULL"),
    "alias": _listed("organisation", "name TEXT NOT NULL"),
    "project_country": _linked("project", "country"),
    "project_partnership": _linked("project", "partnership"),
    "project_theme": _linked("project", "theme"),
    "objective": _listed("project", "text TEXT NOT NULL"),
    "component": _listed("project", "title TEXT NOT NULL"),
    "contribution": _listed(
        "project",
        f"funder TEXT NOT NULL {_of('organisation')}, instrument TEXT {_of('instrument')}, amount TEXT,"
        " amount_cents INTEGER, currency TEXT",
    ),
    "participation": _listed(
        "project",
        f"organisation TEXT NOT NULL {_of('organisation')}, role TEXT NOT NULL, role_as_stated TEXT, component INTEGER",
    )
    + ", FOREIGN KEY (project, component) REFERENCES component (project, number)",
    "claim": f"id INTEGER PRIMARY KEY, {_CLAIMED}, field TEXT NOT NULL, as_stated TEXT NOT NULL, quote TEXT NOT NULL,"
    f" source TEXT NOT NULL {_of('source')}, set_aside TEXT, place TEXT",
}
INDEXES = {
    "instrument": ["predecessor"], "partnership_country": ["country"], "organisation": ["country"],
    "project": ["status", "start_date_earliest", "end_date_latest", "part_of"], "project_country": ["country"],
    "project_partnership": ["partnership"], "project_theme": ["theme"], "contribution": ["funder", "instrument"],
    "participation": ["organisation", "project, component"],
    "claim": ["project", "country", "instrument", "partnership", "organisation", "source"],
}  # fmt: skip
FOUND_BY = "CREATE VIRTUAL TABLE project_fts USING fts5(title, acronym, summary, content=project)"
FILL_FOUND_BY = "INSERT INTO project_fts (project_fts) VALUES ('rebuild')"


def write_database(path, **about):
    """Write all published records to a new file at ``path``; ``about``: texts and numbers on the register as a whole.

    To be called within one ``snapshot``. The same register gives the same bytes.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=OFF")  # nobody sees the file before it is whole
        database.execute("BEGIN")
        for table, columns in TABLES.items():
            database.execute(f"CREATE TABLE {table} ({columns})")
        database.execute("CREATE TABLE register (name TEXT PRIMARY KEY, value)")
        database.executemany("INSERT INTO register VALUES (?, ?)", about.items())
        for model in record_models():
            _fill(database, model)
        for table, indexes in INDEXES.items():
            for columns in indexes:
                name = f"{table}_{columns.replace(', ', '_')}"
                database.execute(f"CREATE INDEX {name} ON {table} ({columns})")
        database.execute(FOUND_BY)
        database.execute(FILL_FOUND_BY)
        database.execute("COMMIT")
        database.execute("ANALYZE")
        if broken := database.execute("PRAGMA foreign_key_check").fetchone():
            raise ValueError(f"A record of the dump names what is not in it: {tuple(broken)}.")


def _fill(database, model):
    kind = model._meta.model_name
    texts = model.objects.published().order_by("pk").values_list("revision__document", flat=True)
    for chunk in chunks(texts.iterator(chunk_size=500)):
        rows = {}
        for document in map(orjson.loads, chunk):
            for table, row in rows_of(kind, document):
                rows.setdefault((table, tuple(row)), []).append(tuple(row.values()))
        for (table, columns), values in rows.items():
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608


def rows_of(kind, document):
    """Yield (table, row as a dict) of what one document of a ``kind`` tells."""
    key, own = key_of(document), {}
    for member, columns in COLUMNS[kind].items():
        own |= {column.name: column.read(document.get(member)) for column in columns}
    yield kind, own
    for member, make in PARTS.items():
        for number, value in enumerate(document.get(member, ()), 1):
            table, row = make(value, number)
            yield table.format(kind=kind), {kind: key, **row}


# Of each member that is a list: table and row of one of its values, whose number in the list is given too.
PARTS = {
    "countries": lambda value, _: ("{kind}_country", {"country": value["code"]}),
    "partnerships": lambda value, _: ("{kind}_partnership", {"partnership": value["slug"]}),
    "themes": lambda value, _: ("{kind}_theme", {"theme": value["slug"]}),
    "aliases": lambda value, number: ("alias", {"number": number, "name": value}),
    "other_identifiers": lambda value, number: ("other_identifier", {"number": number, "identifier": value}),
    "objectives": lambda value, number: ("objective", {"number": number, "text": value}),
    "components": lambda value, _: ("component", value),
    "contributions": lambda value, number: (
        "contribution",
        {
            "number": number, "funder": key_of(value["funder"]), "instrument": key_of(value["instrument"]),
            "amount": value["amount"], "amount_cents": _cents(value["amount"]), "currency": value["currency"],
        },
    ),
    "organisations": lambda value, number: (
        "participation",
        {
            "number": number, "organisation": value["slug"],
            **{name: value[name] for name in ("role", "role_as_stated", "component")},
        },
    ),
    "claims": lambda value, _: (
        "claim",
        {
            **{name: value[name] for name in ("field", "as_stated", "quote")},
            "source": value["source"]["slug"], "set_aside": value.get("set_aside"),
            "place": value.get("place"),
        },
    ),
}  # fmt: skip


def _cents(amount):
    return None if amount is None else int(Decimal(amount) * 100)
