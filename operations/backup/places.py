"""Where a backup is restored: beside the database in use, which it then replaces in one step."""

import sqlite3
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from provenance.store.database import register_lock

from .archive import Unfit, sync

_IN_USE = "The site, or another program, still has the database open. Stop it, and restore again."
_ASIDE = "restoring"


@contextmanager
def beside():
    """Make this process use an empty database, and yield its place. It is removed unless it is switched to."""
    connection.close()
    place = _DatabaseFile() if connection.vendor == "sqlite" else _Schema()
    usual = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(place.settings)
    try:
        yield place
    finally:
        connection.close()
        connection.settings_dict.update(usual)
        place.clear()


class _DatabaseFile:
    """SQLite: a file beside the one in use."""

    def __init__(self):
        self._live = Path(connection.settings_dict["NAME"])
        self._file = self._live.with_name(f"{self._live.name}.{_ASIDE}")
        self.settings = {"NAME": str(self._file)}
        self.clear()
        with self._alone():
            pass  # fail now rather than after all the work

    def clear(self):
        for path in _with_logs(self._file):
            path.unlink(missing_ok=True)

    def switch(self, name):
        """Replace the database; the old one is kept beside it as ``name``. Returns its path, None if it was empty."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")  # all in one file
        connection.close()
        sync(self._file)
        aside = self._live.with_name(f"{self._live.name}.{name}")
        with self._alone() as is_filled:
            for path, target in zip(_with_logs(self._live), _with_logs(aside), strict=True):
                if path.exists():  # a log left here would be read into the new file
                    path.rename(target) if is_filled else path.unlink()
            self._file.rename(self._live)
            sync(self._live.parent)
        return aside if is_filled else None

    @contextmanager
    def _alone(self):
        """Hold the database in use, all in one file. Yields whether it has anything. Unfit if somebody has it open."""
        if not self._live.exists():
            yield False
            return
        database, is_filled = sqlite3.connect(self._live, timeout=1, isolation_level=None), True
        try:
            database.execute("PRAGMA journal_mode=DELETE")  # refused as long as another has it open
            database.execute("BEGIN EXCLUSIVE")
            [[is_filled]] = database.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                database.close()
                raise Unfit(_IN_USE) from None
        except sqlite3.DatabaseError:
            pass  # broken: kept as it is
        try:
            yield bool(is_filled)
        finally:
            database.close()


def _with_logs(path):
    """Return a database's file, and those that SQLite keeps beside it."""
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]


class _Schema:
    """PostgreSQL: a schema beside the one in use, which a rename replaces in one transaction."""

    def __init__(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            [self._live] = cursor.fetchone()
        if not self._live:
            raise Unfit("The database has no schema to restore to. Make one: CREATE SCHEMA public")
        options = connection.settings_dict["OPTIONS"]
        path = f"{options.get('options', '')} -c search_path={_ASIDE}".strip()
        self.settings = {"OPTIONS": {**options, "options": path}}
        self.clear()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {_ASIDE}")

    def clear(self):
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {_ASIDE} CASCADE")

    def switch(self, name):
        """Replace the schema; the old one is kept beside it as ``name``. Returns its name, None if it was empty."""
        with register_lock(), connection.cursor() as cursor:  # no change is under way
            for before, after in ((self._live, name), (_ASIDE, self._live)):
                cursor.execute(f'ALTER SCHEMA "{before}" RENAME TO "{after}"')
            cursor.execute("SELECT 1 FROM pg_class WHERE relnamespace = %s::regnamespace LIMIT 1", [name])
            if cursor.fetchone():
                return f"the schema {name}"
            cursor.execute(f'DROP SCHEMA "{name}"')
        return None
