"""PostgreSQL, waited for in time only: a server that took a question and says nothing is hung up on.

It can stand still with its connections open: then the system beneath goes on saying that all is well, and a thread
would wait without end. Hung up on, it is a connection that broke, as any other.
"""

import os
import socket
import threading
import time
from contextlib import suppress
from functools import wraps

from psycopg2 import Error, extensions

QUICK = 5  # seconds for the register's version, the first question of nearly all readers
LONGEST = 5  # seconds beyond those after which the server itself breaks off a statement

_waiting = {}  # {thread: (until when, for whom)}
_watcher = threading.Thread()
_starting = threading.Lock()


def _in_time(method):
    @wraps(method)
    def ask(self, *args, **options):
        connection = getattr(self, "connection", self)
        is_quick = bool(args) and isinstance(args[0], str) and args[0].endswith("EXECUTE version")
        seconds = QUICK if is_quick else connection.longest
        thread = threading.get_ident()
        _waiting[thread] = time.monotonic() + seconds, connection
        try:
            return method(self, *args, **options)
        finally:
            del _waiting[thread]

    return ask


class Cursor(extensions.cursor):
    execute = _in_time(extensions.cursor.execute)
    fetchmany = _in_time(extensions.cursor.fetchmany)  # of a cursor that the server holds
    copy_expert = _in_time(extensions.cursor.copy_expert)


class Connection(extensions.connection):
    """A connection that is closed where an answer takes longer than ``longest`` seconds."""

    longest = 60.0
    commit = _in_time(extensions.connection.commit)
    rollback = _in_time(extensions.connection.rollback)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        _watch()


def wait_in_time(database, seconds):
    """Let no statement of new connections of ``database``, one of DATABASES, take more than so many seconds."""
    if not database["ENGINE"].endswith("postgresql"):
        return
    Connection.longest = float(seconds + LONGEST)
    limits = f"-c statement_timeout={seconds}s -c idle_in_transaction_session_timeout={2 * seconds}s"
    own = database["OPTIONS"].get("options", "")
    database["OPTIONS"] |= {
        "options": f"{limits} {own}".strip(), "connection_factory": Connection, "cursor_factory": Cursor,
    }  # fmt: skip


def _watch():
    """Start the thread that watches, unless it runs: after a fork it runs in the parent only."""
    global _watcher
    with _starting:
        if not _watcher.is_alive():
            _watcher = threading.Thread(target=_hang_up_in_time, name="patience", daemon=True)
            _watcher.start()


def _hang_up_in_time():
    while True:
        time.sleep(0.5)
        now = time.monotonic()
        for until, connection in list(_waiting.values()):
            if now > until:
                _hang_up(connection)


def _hang_up(connection):
    """End the connection beneath; the thread that waits for it goes on with an error."""
    with suppress(OSError, Error), socket.socket(fileno=os.dup(connection.fileno())) as beneath:
        beneath.shutdown(socket.SHUT_RDWR)
