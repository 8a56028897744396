"""The work of an import: at once where it is little, else in a process of its own that outlives the browser.

A worker holds a lock on a file as long as it lives, so that one that died is noticed and another can begin anew;
nothing it did is half there, as each step is one transaction.
"""

import fcntl
import gc
import logging
import os
import subprocess
import sys
import time
from contextlib import contextmanager

import orjson
from django.conf import settings
from django.db import DatabaseError

from projects.models import Import

from . import bringing, files, previewing, writing
from .items import NotReadable

PATIENCE = 5  # seconds, in which a worker that has told of its end does end
MADE_BETWEEN = 100_000  # objects, between two looks for garbage: at work nearly all is still in use
SMALL = 200_000  # bytes: a file of that size is done while somebody waits
State = Import.State
logger = logging.getLogger(__name__)
_started = []  # processes that may still be running


def start(batch):
    """Have done what waits to be done for an import, and return: when it is done, if its file is small."""
    if batch.size <= SMALL:
        work(batch.pk)
    else:
        with _alone(batch, PATIENCE) as lock:
            if lock:
                _start_process(batch, lock)
    batch.refresh_from_db()


def _start_process(batch, lock):
    """Start a worker that takes the lock over: so it is never free before the work is at its end."""
    _started[:] = [process for process in _started if process.poll() is None]
    command = [sys.executable, "-m", "projects.imports", str(batch.pk), "locked"]
    said = {"cwd": settings.BASE_DIR, "stdin": subprocess.DEVNULL, "start_new_session": True}
    _started.append(subprocess.Popen(command, pass_fds=[lock.fileno()], **said))  # noqa: S603 (a number of ours)


def work(import_id):
    """Read the file of an import, or write what was confirmed: what its state says. A fault ends in its ``note``."""
    with _alone(Import.objects.get(pk=import_id)) as lock:
        if lock:
            work_locked(import_id)


def work_locked(import_id):
    """Do ``work`` where this process holds the lock already."""
    batch = Import.objects.get(pk=import_id)
    if batch.state == State.IMPORTING:
        _guarded(batch, _write)
    elif batch.state == State.READING:
        _guarded(batch, previewing.preview)


def _write(batch, tell):
    """Write what was confirmed; if the register has moved on, read the file again for another preview."""
    try:
        writing.write_confirmed(batch, tell)
    except writing.MovedOn as error:
        bringing.move(batch, State.IMPORTING, to=State.READING, note=str(error))
        previewing.preview(batch, tell, error)


def _guarded(batch, step):
    before = gc.get_threshold()
    gc.set_threshold(MADE_BETWEEN, *before[1:])
    try:
        step(batch, _teller(batch))
    except NotReadable as error:
        _fail(batch, str(error))
    except OSError as error:
        _fail(
            batch, f"The file could not be read, or the disk is full: {error.strerror or error}. Nothing was changed."
        )
    except DatabaseError as error:
        logger.exception("import %s", batch.pk)
        _fail(batch, f"The database did not take it: {str(error).strip()[:300]} Nothing was changed; try again.")
    except Exception:
        logger.exception("import %s", batch.pk)
        _fail(batch, "Something went wrong here. It has been noted; nothing was changed.")
    finally:
        gc.set_threshold(*before)
    files.beside(batch, "progress").unlink(missing_ok=True)


def _fail(batch, note):
    """What was being read has failed; what was being written waits for a decision again."""
    bringing.move(batch, State.READING, to=State.FAILED, note=note)
    bringing.move(batch, State.IMPORTING, to=State.READ, note=note)


# -- Alive, and how far --


@contextmanager
def _alone(batch, patience=0):
    """Hold the import's lock; gives its file, None if somebody else holds it still after ``patience`` seconds."""
    settings.IMPORTS_DIR.mkdir(parents=True, exist_ok=True)
    with files.beside(batch, "lock").open("wb") as file:
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
    with _alone(batch) as lock:
        return lock is None


def has_died(batch):
    """Whether an import should be worked at, and nobody is."""
    return batch.state in (State.READING, State.IMPORTING) and not is_alive(batch)


def progress(batch):
    """Return how far the worker is: {"what", "done"}; empty if nothing is told."""
    try:
        return orjson.loads(files.beside(batch, "progress").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}


def _teller(batch):
    path = files.beside(batch, "progress")
    return lambda what, done: files.write_beside(path, orjson.dumps({"what": what, "done": done, "by": os.getpid()}))
