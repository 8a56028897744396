"""The register's lock: held around every read that decides a change, and around the change itself.

With it, Revisions commit in the order of their ids, transactions do not deadlock, and no row overwrites a newer one.
"""

from contextlib import contextmanager

from django.db import connection, transaction

_LOCK = 0x0E_A9_F0_0D  # any number, the same in every process


@contextmanager
def register_lock():
    """A transaction that holds the register's lock; inside another, a savepoint.

    SQLite has one writer at a time anyway. PostgreSQL releases the lock at the end of the transaction, or when the
    savepoint in which it was taken is rolled back.
    """
    with transaction.atomic():
        if _is_held():
            yield
            return
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        connection.holds_register_lock = True
        try:
            yield
        finally:
            connection.holds_register_lock = False


def require_lock():
    """RuntimeError unless the lock is held: a concurrent change could interfere."""
    if not _is_held():
        raise RuntimeError("Use “with register_lock():” around code that reads and changes records.")


def _is_held():
    return getattr(connection, "holds_register_lock", False)
