"""Who is at work at an import: a lock on a file of its own, which is free again however its holder ends."""

import fcntl
import time
from contextlib import contextmanager

from django.conf import settings

from imports.models import Import

from . import storage

WORKED_AT = (Import.State.READING, Import.State.IMPORTING)


@contextmanager
def alone(batch, patience=1):
    """Hold the import's lock; gives its file, None if somebody else holds it still after ``patience`` seconds.

    Who looks whether somebody is at work holds it too, for a moment.
    """
    settings.IMPORTS_DIR.mkdir(parents=True, exist_ok=True)
    with storage.beside(batch, "lock").open("wb") as file:
        deadline = time.monotonic() + patience
        while not (is_ours := _lock(file)) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield file if is_ours else None


def _lock(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_alive(batch):
    """Whether a worker is at this import now."""
    try:
        with storage.beside(batch, "lock").open("rb") as file:
            return not _lock(file)
    except FileNotFoundError:
        return False


def has_died(batch):
    """Whether an import should be worked at, and nobody is. Looks at its row anew, as a worker may just have ended."""
    if batch.state not in WORKED_AT or is_alive(batch):
        return False
    batch.refresh_from_db()
    return batch.state in WORKED_AT
