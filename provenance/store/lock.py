"""The register's one lock: who changes records takes a turn, around all reads that decide and all that is written.

Then Revisions commit in the order of their numbers, nobody waits for a row whose owner waits for the lock, and no row
is saved over a newer one.
"""

from contextlib import contextmanager

from django.db import connection, transaction

_LOCK = 0x0E_A9_F0_0D  # any number, the same in every process


@contextmanager
def turn():
    """A transaction that no other turn runs beside; within a turn, a savepoint.

    SQLite's writers wait for one another anyway. PostgreSQL keeps the lock to the end of the transaction, and gives
    it up with a savepoint that is rolled back.
    """
    with transaction.atomic():
        if _is_held():
            yield
            return
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        connection.is_in_turn = True
        try:
            yield
        finally:
            connection.is_in_turn = False


def demand_turn():
    """RuntimeError if nobody took a turn: what is about to be written could meet what another writes."""
    if not _is_held():
        raise RuntimeError("Records are changed in a turn only: put “with turn():” around what reads and writes them.")


def _is_held():
    return getattr(connection, "is_in_turn", False)
