"""Many rows at once, as fast as the database takes them. Nothing here checks a rule or records."""

import io
import json
from contextlib import contextmanager

from django.db import connection

_NULL, _LINE, _FIELD = "\x1d", "\x1e", "\x1f"  # between texts, so that few characters need an escape
_ESCAPES = ((b"\\", rb"\\"), (b"\n", rb"\n"), (b"\r", rb"\r"), (b"\x1e", b"\n"))
_COPY = r"COPY {} FROM STDIN WITH (DELIMITER E'\x1f', NULL E'\x1d')"


def moment(value):
    """Return an aware time as ``pack`` wants it in a row."""
    return connection.ops.adapt_datetimefield_value(value)


def pack(rows):
    """Return ``rows`` (of texts, numbers, booleans and None) in the form that ``write`` takes.

    This is the part of the work that needs no connection, so that another process can do it. ValueError
    if a text holds U+001E or U+001F; one that is U+001D and nothing else counts as None.
    """
    if connection.vendor != "postgresql" or not rows:
        return rows
    lines = [_FIELD.join([value if value.__class__ is str else _text(value) for value in row]) for row in rows]
    packed = _LINE.join(lines).encode()
    if packed.count(b"\x1f") != len(rows) * (len(rows[0]) - 1) or packed.count(b"\x1e") != len(rows) - 1:
        raise ValueError("A text holds a control character, U+001E or U+001F.")
    for raw, escaped in _ESCAPES:
        packed = packed.replace(raw, escaped)
    return packed


def _text(value):
    return _NULL if value is None else str(value)


def write(model, names, packed):
    """Insert packed rows, whose values are those of the columns ``names``."""
    if not packed:
        return
    columns = ", ".join(f'"{name}"' for name in names)
    table = f'"{model._meta.db_table}" ({columns})'
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", packed)  # noqa: S608
            return
        cursor.copy_expert(_COPY.format(table), io.BytesIO(packed))


def next_ids(model, count):
    """Return ``count`` ids in a row, that no other row of ``model`` has or will get.

    Nobody else can add rows to the table until the transaction ends.
    """
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        last = (_last_on_postgresql if connection.vendor == "postgresql" else _last_on_sqlite)(
            cursor, table, column, count
        )
    return range(last - count + 1, last + 1)


def _last_on_postgresql(cursor, table, column, count):
    cursor.execute(f'LOCK TABLE "{table}" IN SHARE ROW EXCLUSIVE MODE')
    sequence = "pg_get_serial_sequence(%s, %s)"
    cursor.execute(f"SELECT setval(ids, nextval(ids) + %s) FROM {sequence} ids", [count - 1, table, column])  # noqa: S608
    return cursor.fetchone()[0]


def _last_on_sqlite(cursor, table, column, count):
    cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    if not cursor.fetchone():
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [table])
    cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table])
    return cursor.fetchone()[0]


def measure(models):
    """Let PostgreSQL count the tables' rows now: with what it knew when they were empty, its plans are slow."""
    if connection.vendor == "postgresql":
        tables = ", ".join(f'"{model._meta.db_table}"' for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")


# What is taken away and made again, and how: (statement that drops it, statement that makes it).
_ON_POSTGRESQL = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
    UNION ALL
    SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index WHERE indrelid::regclass::text = ANY(%s)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
"""
_ON_SQLITE = """
    SELECT 'DROP INDEX "' || name || '"', sql FROM sqlite_master
    WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (SELECT value FROM json_each(%s))
"""


@contextmanager
def without_indexes(models):
    """Take the tables' indexes (and on PostgreSQL foreign keys) away, and make them again at the end.

    Rows go in several times as fast. To be used in a transaction, which brings all back if anything
    fails; until its end nobody else can read the tables. Primary keys stay, and every rule is checked.
    """
    tables = [model._meta.db_table for model in models]
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits to be checked forbids the rest
            cursor.execute(_ON_POSTGRESQL, [tables, tables])
        else:
            cursor.execute(_ON_SQLITE, [json.dumps(tables)])
        changes = cursor.fetchall()
        for drop, _ in changes:
            cursor.execute(drop)
        yield
        for _, restore in reversed(changes):
            cursor.execute(restore)
        if postgresql:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
