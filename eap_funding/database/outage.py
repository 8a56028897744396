"""The database is away: stopped, locked, read-only, full, broken, or without its tables."""

import logging
import time

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, NotSupportedError, ProgrammingError

from provenance.store.database import reading

RETRY_AFTER = 10  # seconds
NO_TABLE = ("42P01", "no such table")  # PostgreSQL's code, SQLite's message
_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)  # the query was wrong


def is_away(exception):
    """Whether ``exception``, or one that caused it, means that the database cannot answer any query."""
    while exception is not None:
        if isinstance(exception, (DatabaseError, InterfaceError)):
            return _is_away(exception)
        exception = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    return False


def _is_away(error):
    driver = error.__cause__
    if type(error) is DatabaseError and driver is None:
        return False  # Django's own, when no row was updated: for example, a session that has just ended
    if getattr(driver, "pgcode", None) == NO_TABLE[0] or NO_TABLE[1] in str(error):
        return True
    is_ours = isinstance(error, _OURS) or getattr(driver, "sqlite_errorname", "") == "SQLITE_ERROR"
    return not is_ours


def reconnect():
    """Make the next request reconnect. SQLite would otherwise go on using a file that has been replaced."""
    reading().close_at = 0.0


class OnceASecond(logging.Filter):
    """Logs that the database is away in one line without traceback, at most once a second in each process."""

    last = 0.0

    def filter(self, record):
        exception = record.exc_info and record.exc_info[1]
        is_outage = exception and is_away(exception)
        if not is_outage and getattr(record, "status_code", None) != 503:
            return True
        now = time.monotonic()
        if now - OnceASecond.last < 1:
            return False
        OnceASecond.last = now
        if is_outage:
            record.msg, record.args = "The database is away: %s", (" ".join(f"{exception}".split()),)
            record.exc_info = record.exc_text = None
        return True
