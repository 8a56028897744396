"""Reads of many rows at one point in time that do not block writers."""

from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot():
    """Read all tables as of one moment. Nested snapshots share the outer one.

    On PostgreSQL, ``iterator()`` streams rows inside it; outside a transaction the server would first buffer them all.
    """
    if connection.in_atomic_block or _reads_already():
        yield
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


def _reads_already():
    """Whether SQLite is in a transaction that ``atomic()`` does not know: a snapshot."""
    connection.ensure_connection()
    return connection.vendor == "sqlite" and connection.connection.in_transaction
