"""What the register asks of its database beyond Django's ORM: one lock, snapshots, fast bulk writes, and a replica.

With the lock held around every read that decides a change, and around the change itself, Revisions commit in the order
of their ids, transactions do not deadlock, and no row overwrites a newer one. Bulk writes check no rules and record
nothing.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, connections, models, transaction

_LOCK = 0x0E_A9_F0_0D  # any number, the same in every process
DATABASE, REPLICA = "default", "replica"  # where this request reads; with REPLICA_URL, a replica may be chosen
_place = ContextVar("place", default=DATABASE)


@contextmanager
def register_lock():
    """A transaction that holds the register's lock; inside another, a savepoint.

    PostgreSQL releases the lock at the end of the transaction, or when the savepoint in which it was taken is rolled
    back.
    """
    with transaction.atomic():
        if getattr(connection, "holds_register_lock", False):
            yield
            return
        wait_for_lock(_LOCK)
        connection.holds_register_lock = True
        try:
            yield
        finally:
            connection.holds_register_lock = False


def wait_for_lock(number):
    """Hold the lock of this number until the transaction ends. SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def require_lock():
    """RuntimeError unless the lock is held: a concurrent change could interfere."""
    if not getattr(connection, "holds_register_lock", False):
        raise RuntimeError("Use “with register_lock():” around code that reads and changes records.")


@contextmanager
def snapshot():
    """Read all tables as of one moment. Nested snapshots share the outer one.

    On PostgreSQL, ``iterator()`` streams rows inside it; outside a transaction the server would first buffer them all.
    """
    connection.ensure_connection()
    if connection.in_atomic_block or (connection.vendor == "sqlite" and connection.connection.in_transaction):
        yield  # in a transaction of atomic(), or in an outer snapshot
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # a read transaction: atomic() would block writers
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


# -- Bulk writes --


def write(model, names, rows):
    """Insert ``rows`` of values, as the database takes them, for the columns ``names``."""
    columns = ", ".join(f'"{name}"' for name in names)
    table = f'"{model._meta.db_table}" ({columns})'
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            from psycopg2.extras import execute_values

            execute_values(cursor.cursor, f"INSERT INTO {table} VALUES %s", rows, page_size=500)  # noqa: S608
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def insert(rows):
    """Insert unsaved instances of one model with new primary keys; much faster than ``bulk_create``.

    IntegrityError if a database constraint fails.
    """
    if not rows:
        return
    if rows[0].pk is None:
        set_keys(rows)
    for row in rows:
        row._prepare_related_fields_for_save("insert")  # copies keys that were set since
        row._state.adding = False
    fields = [field for field in rows[0]._meta.concrete_fields if not field.generated]
    write(type(rows[0]), [field.column for field in fields], _values(rows, fields))


def update(rows, names):
    """Write the columns ``names`` of saved instances of one model; much faster than ``bulk_update``.

    No upsert: rows of migrations have only some of their columns in memory, and to load the others takes a query each.
    PostgreSQL gets a hundred statements at a time: psycopg2's own ``executemany`` waits for the answer to each.
    """
    meta = type(rows[0])._meta
    fields = [*map(meta.get_field, names), meta.pk]
    sets = ", ".join(f'"{field.column}" = %s' for field in fields[:-1])
    statement = f'UPDATE "{meta.db_table}" SET {sets} WHERE "{meta.pk.column}" = %s'  # noqa: S608
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            from psycopg2.extras import execute_batch

            execute_batch(cursor.cursor, statement, _values(rows, fields))
        else:
            cursor.executemany(statement, _values(rows, fields))


_PLAIN = {  # passed to the database unchanged
    str: (models.CharField, models.TextField), int: models.IntegerField, bool: models.BooleanField,
}  # fmt: skip


def _values(rows, fields):
    """Return the values of ``fields`` of each row, as the database takes them."""
    columns = []
    for field in fields:
        named = field.target_field if field.remote_field else field
        plain = next((kind for kind, classes in _PLAIN.items() if isinstance(named, classes)), None)
        columns.append([
            value if (value := getattr(row, field.attname)) is None or value.__class__ is plain
            else field.get_db_prep_save(value, connection)
            for row in rows
        ])  # fmt: skip
    return list(zip(*columns, strict=True))


def set_keys(rows):
    """Set new primary keys on unsaved instances of one model, in order, and reserve them."""
    if not rows:
        return
    model = type(rows[0])
    table, column, count = model._meta.db_table, model._meta.pk.column, len(rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sequence, [table, column, count])
            keys = sorted(key for (key,) in cursor.fetchall())
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            if not cursor.fetchone():
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [table])
            cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table])
            last = cursor.fetchone()[0]
            keys = range(last - count + 1, last + 1)
    for row, key in zip(rows, keys, strict=True):
        row.pk = key


def reset_sequences(loaded):
    """Make the keys of new rows follow those that were loaded into the tables of the models ``loaded``."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(loaded)):
            cursor.execute(statement)


def analyze():
    """Update PostgreSQL's statistics: after a large load, plans made for empty tables are slow."""
    if connection.vendor == "postgresql":
        tables = ", ".join(f'"{model._meta.db_table}"' for model in apps.get_models(include_auto_created=True))
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")


# -- Where to read --


def read_from(place):
    """Read from ``place``, DATABASE or REPLICA, until this is called again in this thread."""
    _place.set(place)


def reading():
    """Return the connection to read from."""
    return connections[_place.get()]


class Router:
    """Reading goes to the place of ``read_from``; writing, always to the database."""

    def db_for_read(self, model, **hints):
        return DATABASE if model._meta.app_label == "django_cache" else _place.get()

    def db_for_write(self, model, **hints):
        return DATABASE

    def allow_relation(self, one, other, **hints):
        return True

    def allow_migrate(self, database, app_label, **hints):
        return database == DATABASE
