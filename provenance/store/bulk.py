"""Many rows at once, as fast as the database takes them. Nothing here checks a rule or records."""

import io

from django.apps import apps
from django.db import connection, connections, models

_NULL, _LINE, _FIELD = "\x1d", "\x1e", "\x1f"  # between texts, so that few characters need an escape
_ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r"}
_ALL_ESCAPES = str.maketrans({**_ESCAPES, _NULL: r"\x1d", _LINE: r"\x1e", _FIELD: r"\x1f"})
_COPY = r"COPY {} FROM STDIN WITH (DELIMITER E'\x1f', NULL E'\x1d')"


def pack(rows):
    """Return ``rows`` (of texts, numbers, moments, booleans, JSON and None) in the form that ``write`` takes."""
    if connection.vendor != "postgresql" or not rows:
        return rows
    lines = [_FIELD.join([value if value.__class__ is str else _text(value) for value in row]) for row in rows]
    packed = _LINE.join(lines)
    if _is_clear(packed, rows):
        for raw, escaped in _ESCAPES.items():
            packed = packed.replace(raw, escaped)
    else:  # a text holds what stands between texts
        lines = [
            _FIELD.join([_NULL if value is None else _text(value).translate(_ALL_ESCAPES) for value in row])
            for row in rows
        ]
        packed = _LINE.join(lines)
    return packed.replace(_LINE, "\n").encode()


def _is_clear(packed, rows):
    """Whether what stands between texts stands nowhere in them."""
    expected = {_NULL: sum(row.count(None) for row in rows), _LINE: len(rows) - 1}
    expected[_FIELD] = len(rows) * (len(rows[0]) - 1)
    return all(packed.count(mark) == count for mark, count in expected.items())


def _text(value):
    if hasattr(value, "adapted"):  # JSON, as psycopg2 wraps it
        return value.dumps(value.adapted)
    return _NULL if value is None else str(value)


def write(model, names, packed):
    """Insert packed rows, whose values are those of the columns ``names``."""
    if not packed:
        return
    columns = ", ".join(f'"{name}"' for name in names)
    table = f'"{model._meta.db_table}" ({columns})'
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor != "postgresql":
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", packed)  # noqa: S608
            return
        cursor.copy_expert(_COPY.format(table), io.BytesIO(packed))


def insert(rows):
    """Insert unsaved model instances of one model, with numbers of their own; faster than ``bulk_create``.

    Constraints are the database's to check: IntegrityError, as ever.
    """
    model = type(rows[0])
    for row in rows:
        row._prepare_related_fields_for_save(operation_name="insert")  # what was numbered since is named by its number
    _number([row for row in rows if row.pk is None], model)
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    readers = [_reader(field, is_new=True) for field in fields]
    values = [tuple([read(row) for read in readers]) for row in rows]
    write(model, [field.column for field in fields], pack(values))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update(rows, names):
    """Write the columns ``names`` of saved rows of one model; many times as fast as ``bulk_update``."""
    meta = type(rows[0])._meta
    fields = [*(meta.get_field(name) for name in names), meta.pk]
    readers = [_reader(field) for field in fields]
    values = [tuple([read(row) for read in readers]) for row in rows]
    if connection.vendor == "postgresql":
        sets = ", ".join(
            [f'"{field.column}" = new.c{at}' for at, field in enumerate(fields[:-1])] + _own_value(meta, names)
        )
        columns = ", ".join(f"c{at}" for at in range(len(fields)))
        key = f'"{meta.db_table}"."{meta.pk.column}" = new.c{len(fields) - 1}'
        _many(f'UPDATE "{meta.db_table}" SET {sets} FROM (VALUES %s) AS new ({columns}) WHERE {key}', fields, values)  # noqa: S608
        return
    sets = ", ".join(f'"{field.column}" = %s' for field in fields[:-1])
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{meta.db_table}" SET {sets} WHERE "{meta.pk.column}" = %s', values)  # noqa: S608


def _own_value(meta, names):
    """Return an assignment that changes nothing, if no computed column follows from the columns ``names``.

    PostgreSQL prepares the computed columns anew for each row if it finds that none is asked for.
    """
    expressions = [field.expression for field in meta.fields if field.generated]
    bases = {part.name for each in expressions for part in each.flatten() if isinstance(part, models.F)}
    if not bases or bases.intersection(names):
        return []
    column = meta.get_field(min(bases)).column
    return [f'"{column}" = "{meta.db_table}"."{column}"']


_PLAIN = {  # taken by databases as they are
    str: (models.CharField, models.TextField), int: models.IntegerField, bool: models.BooleanField,
}  # fmt: skip


def _reader(field, *, is_new=False):
    """Return a function that gives a row's value of ``field`` as the database takes it."""
    named = field.target_field if field.remote_field else field
    plain = next((kind for kind, fields in _PLAIN.items() if isinstance(named, fields)), None)
    is_filled_in = is_new and type(field).pre_save is not models.Field.pre_save
    name, database = field.attname, connections[connection.alias]  # found once, and not for each value

    def read(row):
        value = field.pre_save(row, add=True) if is_filled_in else getattr(row, name)
        if value is None or value.__class__ is plain:
            return value  # nearly all is plain already
        return field.get_db_prep_save(value, database)

    return read


def _many(statement, fields, values):
    """Let PostgreSQL take many rows in one statement; each value says its type, as NULL alone has none."""
    from psycopg2.extras import execute_values

    types = [(field.target_field if field.remote_field else field).cast_db_type(connection) for field in fields]
    template = f"({', '.join(f'%s::{kind}' for kind in types)})"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        execute_values(cursor.cursor, statement, values, template, page_size=500)


def _number(rows, model):
    """Give new rows numbers that no other has or will get, in their order."""
    if not rows:
        return
    table, column, count = model._meta.db_table, model._meta.pk.column, len(rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sequence, [table, column, count])
            numbers = sorted(number for (number,) in cursor.fetchall())
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            if not cursor.fetchone():
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [table])
            cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table])
            last = cursor.fetchone()[0]
            numbers = range(last - count + 1, last + 1)
    for row, number in zip(rows, numbers, strict=True):
        row.pk = number


def measure():
    """Let PostgreSQL count the rows of all tables now: with what it knew when they were empty, its plans are slow."""
    if connection.vendor == "postgresql":
        tables = ", ".join(f'"{model._meta.db_table}"' for model in apps.get_models(include_auto_created=True))
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")
