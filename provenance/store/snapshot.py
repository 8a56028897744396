"""Reading many rows as of one moment, without keeping writers waiting."""

from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot():
    """See all tables as of one moment: what others write meanwhile does not show, and nobody waits.

    On PostgreSQL rows that are read with ``iterator()`` in it arrive as they are found: outside a transaction
    the server would first put all of them aside. Within another snapshot, it is that one.
    """
    if connection.in_atomic_block or _reads_already():
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # of a transaction that reads, and blocks no writer as atomic() would
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _reads_already():
    """Whether SQLite is in a transaction that ``atomic()`` knows nothing of: a snapshot."""
    connection.ensure_connection()
    return connection.vendor == "sqlite" and connection.connection.in_transaction
