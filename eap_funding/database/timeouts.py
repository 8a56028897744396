"""Limits how long a query waits for PostgreSQL.

A server can hang with its connections open; then TCP reports no error and a thread would wait for ever. So a
thread of ours closes the connection, which raises the usual error.
"""

import os
import socket
import threading
import time
from contextlib import suppress
from functools import wraps

from psycopg2 import Error, extensions

QUICK = 5  # seconds for the register's version, the first query of nearly every request
GRACE = 5  # seconds beyond the server's own statement timeout

_waiting = {}  # {thread: (deadline, connection)}
_watcher = threading.Thread()
_starting = threading.Lock()


def _in_time(method):
    @wraps(method)
    def ask(self, *args, **options):
        connection = getattr(self, "connection", self)
        is_quick = bool(args) and isinstance(args[0], str) and "EXECUTE version" in args[0]
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
    fetchmany = _in_time(extensions.cursor.fetchmany)  # of a server-side cursor


class Connection(extensions.connection):
    """A connection that is closed when an answer takes longer than ``longest`` seconds."""

    longest = 60.0
    commit = _in_time(extensions.connection.commit)
    rollback = _in_time(extensions.connection.rollback)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        _watch()


def wait_in_time(database, seconds):
    """Limit each statement on new connections of ``database``, one of DATABASES, to ``seconds``."""
    if not database["ENGINE"].endswith("postgresql"):
        return
    Connection.longest = float(seconds + GRACE)
    limits = f"-c statement_timeout={seconds}s -c idle_in_transaction_session_timeout={2 * seconds}s"
    own = database["OPTIONS"].get("options", "")
    database["OPTIONS"] |= {
        "options": f"{limits} {own}".strip(), "connection_factory": Connection, "cursor_factory": Cursor,
    }  # fmt: skip


def _watch():
    """Start the watching thread unless it runs. A fork does not copy it."""
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
            if now > until:  # the waiting thread gets an error
                with suppress(OSError, Error), socket.socket(fileno=os.dup(connection.fileno())) as beneath:
                    beneath.shutdown(socket.SHUT_RDWR)
