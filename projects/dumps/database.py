"""The public register as an SQLite file: tables made from documents, keys and indexes ready for Datasette."""

import sqlite3
from contextlib import closing
from decimal import Decimal

import orjson

from provenance.recording import chunks, record_models
from provenance.shapes import key_of

# Every column of a date is four: the text as precise as its source, how precise, and the days that it may mean.
_DATE = "{0} TEXT, {0}_precision TEXT, {0}_earliest TEXT, {0}_latest TEXT"
TABLES = {
    "source": "slug TEXT PRIMARY KEY, title TEXT NOT NULL, publisher TEXT, address TEXT, language TEXT,"
    f" {_DATE.format('date')}, read_date TEXT, modified TEXT NOT NULL",
    "country": "code TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL, modified TEXT NOT NULL",
    "instrument": "code TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, managed_by TEXT,"
    " is_former INTEGER NOT NULL, predecessor TEXT REFERENCES instrument, url TEXT NOT NULL, modified TEXT NOT NULL",
    "partnership": "slug TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL,"
    " modified TEXT NOT NULL",
    "partnership_country": "partnership TEXT NOT NULL REFERENCES partnership,"
    " country TEXT NOT NULL REFERENCES country, PRIMARY KEY (partnership, country)",
    "organisation": "slug TEXT PRIMARY KEY, name TEXT NOT NULL, acronym TEXT, kind TEXT, kind_name TEXT,"
    " country TEXT REFERENCES country, identifier TEXT, url TEXT NOT NULL, modified TEXT NOT NULL",
    "other_identifier": "organisation TEXT NOT NULL REFERENCES organisation, number INTEGER NOT NULL,"
    " identifier TEXT NOT NULL, PRIMARY KEY (organisation, number)",
    "alias": "organisation TEXT NOT NULL REFERENCES organisation, number INTEGER NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY (organisation, number)",
    "theme": "slug TEXT PRIMARY KEY, name TEXT NOT NULL, modified TEXT NOT NULL",
    "project": "slug TEXT PRIMARY KEY, title TEXT NOT NULL, acronym TEXT, summary TEXT, status TEXT,"
    f" status_as_of TEXT, {_DATE.format('start_date')}, start_date_planned INTEGER, {_DATE.format('end_date')},"
    " end_date_planned INTEGER, budget TEXT, budget_cents INTEGER, budget_currency TEXT, unattributed TEXT,"
    " unattributed_cents INTEGER, url TEXT NOT NULL, modified TEXT NOT NULL, part_of TEXT REFERENCES project",
    "project_country": "project TEXT NOT NULL REFERENCES project, country TEXT NOT NULL REFERENCES country,"
    " PRIMARY KEY (project, country)",
    "project_partnership": "project TEXT NOT NULL REFERENCES project,"
    " partnership TEXT NOT NULL REFERENCES partnership, PRIMARY KEY (project, partnership)",
    "project_theme": "project TEXT NOT NULL REFERENCES project, theme TEXT NOT NULL REFERENCES theme,"
    " PRIMARY KEY (project, theme)",
    "objective": "project TEXT NOT NULL REFERENCES project, number INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (project, number)",
    "component": "project TEXT NOT NULL REFERENCES project, number INTEGER NOT NULL, title TEXT NOT NULL,"
    " PRIMARY KEY (project, number)",
    "contribution": "project TEXT NOT NULL REFERENCES project, number INTEGER NOT NULL,"
    " funder TEXT NOT NULL REFERENCES organisation, instrument TEXT REFERENCES instrument, amount TEXT,"
    " amount_cents INTEGER, currency TEXT, PRIMARY KEY (project, number)",
    "participation": "project TEXT NOT NULL REFERENCES project, number INTEGER NOT NULL,"
    " organisation TEXT NOT NULL REFERENCES organisation, role TEXT NOT NULL, role_as_stated TEXT,"
    " component INTEGER, PRIMARY KEY (project, number),"
    " FOREIGN KEY (project, component) REFERENCES component (project, number)",
    "claim": "id INTEGER PRIMARY KEY, project TEXT REFERENCES project, country TEXT REFERENCES country,"
    " instrument TEXT REFERENCES instrument, partnership TEXT REFERENCES partnership,"
    " organisation TEXT REFERENCES organisation, field TEXT NOT NULL, as_stated TEXT NOT NULL, quote TEXT NOT NULL,"
    " source TEXT NOT NULL REFERENCES source, set_aside TEXT, place TEXT",
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
    for member, value in document.items():
        if not isinstance(value, list):
            own |= _columns(member, value)
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


def _columns(member, value):
    """Return the columns of a member that is no list."""
    if member in ("start_date", "end_date", "date"):
        return _date(member, value, planned=member != "date")
    if member in ("budget", "unattributed"):
        return _money(member, value)
    if member == "kind" and isinstance(value, dict | None):
        return {"kind": value and value["code"], "kind_name": value and value["name"]}
    return {member: key_of(value) if isinstance(value, dict) else value}


def _date(name, value, planned):
    value = value or {}
    columns = {name: value.get("value")}
    columns |= {f"{name}_{part}": value.get(part) for part in ("precision", "earliest", "latest")}
    return columns | ({f"{name}_planned": value.get("planned")} if planned else {})


def _money(name, value):
    amount = value and value["amount"]
    currency = {"budget_currency": value and value["currency"]} if name == "budget" else {}
    return {name: amount, f"{name}_cents": _cents(amount), **currency}


def _cents(amount):
    return None if amount is None else int(Decimal(amount) * 100)
