"""The database is away: stopped, locked, read-only, full, broken, or without its tables. It comes back by itself."""

import logging
import time

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    connection,
)

RETRY_AFTER = 10  # seconds
NO_TABLE = ("42P01", "no such table")  # as PostgreSQL and SQLite say it
_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)  # what was asked of it was wrong


def is_away(exception):
    """Whether ``exception`` is one, or follows from one, by which the database says that it cannot answer anybody."""
    while exception is not None:
        if isinstance(exception, (DatabaseError, InterfaceError)):
            return _is_away(exception)
        exception = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    return False


def _is_away(error):
    driver = error.__cause__
    if type(error) is DatabaseError and driver is None:
        return False  # Django's own: no row was updated, as that of a session that has just ended
    if getattr(driver, "pgcode", None) == NO_TABLE[0] or NO_TABLE[1] in str(error):
        return True
    is_ours = isinstance(error, _OURS) or getattr(driver, "sqlite_errorname", "") == "SQLITE_ERROR"
    return not is_ours


def open_anew():
    """Let the next request open the database anew: SQLite would go on with a file that has been replaced since."""
    connection.close_at = 0.0


class OnceASecond(logging.Filter):
    """Makes one line, without traceback, of what is logged of a database that is away; one a second in a process."""

    last = 0.0

    def filter(self, record):
        exception = record.exc_info and record.exc_info[1]
        is_told_away = exception and is_away(exception)
        if not is_told_away and getattr(record, "status_code", None) != 503:
            return True
        now = time.monotonic()
        if now - OnceASecond.last < 1:
            return False
        OnceASecond.last = now
        if is_told_away:
            record.msg, record.args = "The database is away: %s", (" ".join(f"{exception}".split()),)
            record.exc_info = record.exc_text = None
        return True
