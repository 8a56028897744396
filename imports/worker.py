"""The work of an import: at once where it is little, else in a process of its own that outlives the browser.

A worker holds a lock on a file as long as it lives, so that one that died is noticed and another can begin anew;
nothing it did is half there, as each step is one transaction. Two work at a time (``queue``).
"""

import gc
import logging
import subprocess
import sys
import time

import orjson
from django.conf import settings
from django.db import Error, connection

from . import commit, lifecycle, preview, queue, storage
from .items import NotReadable
from .models import Import

PATIENCE = 5  # seconds, in which a worker that has told of its end does end, and one of a small file comes to it
MADE_BETWEEN = 100_000  # objects, between two looks for garbage: at work nearly all is still in use
SMALL = 200_000  # bytes: a file of that size is done while somebody waits
SHORT = 3  # seconds: how often the page of an import is shown anew
MEMORY = 2 * 2**30  # bytes, of a process that works at an import
State = Import.State
logger = logging.getLogger(__name__)
_started = []  # processes that may still be running


def start(batch):
    """Have done what waits to be done for an import, and return: when it is done, if its file is small."""
    if batch.size > SMALL or lifecycle.is_packed(batch) or not work(batch.pk, patience=0):
        with lifecycle.alone(batch, PATIENCE) as lock:
            process = _start_process(batch, lock) if lock else None
        if process and batch.size <= SMALL:
            _wait(process, batch)
    batch.refresh_from_db()


def _wait(process, batch):
    """Wait for work that is done while somebody waits, mostly; not for one that stands in line."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until and not queue.place(settings.IMPORTS_DIR, batch.pk):
        time.sleep(0.05)


def _start_process(batch, lock):
    """Start a worker that takes the lock over: so it is never free before the work is at its end. Returns it."""
    storage.beside(batch, "progress").unlink(missing_ok=True)  # of one that was killed
    _started[:] = [process for process in _started if process.poll() is None]
    command = [sys.executable, "-m", "imports", str(batch.pk), str(settings.IMPORTS_DIR)]
    detached = {"cwd": settings.BASE_DIR, "stdin": subprocess.DEVNULL, "start_new_session": True}
    _started.append(subprocess.Popen(command, pass_fds=[lock.fileno()], **detached))  # noqa: S603 (a number of ours)
    return _started[-1]


def work(import_id, **waiting_for):
    """Read the file of an import, or write what was confirmed: what its state says. A fault ends in its ``note``.

    It waits for its turn, as ``queue.turn`` takes it; returns whether that came.
    """
    with lifecycle.alone(Import.objects.get(pk=import_id)) as lock:
        if not lock:
            return True  # somebody else is at it
        with queue.turn(settings.IMPORTS_DIR, import_id, **waiting_for) as has_turn:
            if has_turn:
                work_locked(import_id)
        return has_turn


def work_locked(import_id):
    """Do ``work`` where this process holds the lock already, and has its turn."""
    batch = Import.objects.get(pk=import_id)
    if batch.state == State.IMPORTING:
        _guarded(batch, _write)
    elif batch.state == State.READING:
        _guarded(batch, preview.preview)


def _write(batch, tell):
    """Write what was confirmed; if the register has moved on, read the file again for another preview."""
    try:
        commit.write_confirmed(batch, tell)
    except commit.MovedOn as error:
        error.merged = commit.merged(batch)
        lifecycle.move(batch, State.IMPORTING, to=State.READING, note=str(error))
        preview.preview(batch, tell, error)


def _guarded(batch, step):
    before = gc.get_threshold()
    gc.set_threshold(MADE_BETWEEN, *before[1:])
    try:
        step(batch, _teller(batch))
    except NotReadable as error:
        lifecycle.move(batch, State.READING, to=State.FAILED, note=lifecycle.in_words(error))
        lifecycle.forget(batch)
    except lifecycle.TROUBLE as error:
        logger.exception("import %s", batch.pk)
        _stop(batch, lifecycle.in_words(error))
    except MemoryError as error:
        error.with_traceback(None)  # lets go of what was read
        most = storage.in_megabytes(MEMORY)
        _stop(batch, f"The file asks for more memory than an import is given ({most}). Split it and upload the parts.")
    except Exception:
        logger.exception("import %s", batch.pk)
        _stop(batch, "Something went wrong here. It has been noted; nothing was changed.")
    finally:
        gc.set_threshold(*before)
        storage.beside(batch, "progress").unlink(missing_ok=True)


def _stop(batch, note):
    """What was being read waits to be read again, what was being written waits for a decision again.

    If the database cannot be told, its state stays, and the page sees that nobody works at it any more.
    """
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        lifecycle.move(batch, State.READING, to=State.UPLOADED, note=note)
        lifecycle.move(batch, State.IMPORTING, to=State.READ, note=note)
    except Error:
        logger.exception("import %s: the database could not be told", batch.pk)


# -- How far --


def progress(batch):
    """Return how far the worker is: {"what", "done", "of", "left"}; empty if nothing is told.

    ``of`` is zero, and ``left`` (how long this step will take, in words) empty, where nobody knows.
    """
    try:
        return orjson.loads(storage.beside(batch, "progress").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}


def _teller(batch):
    path, began = storage.beside(batch, "progress"), {}

    def tell(what, done, of=0):
        first, since = began.setdefault(what, (done, time.monotonic()))
        seconds = (time.monotonic() - since) / (done - first) * (of - done) if of > done > first else 0
        progress_now = {"what": what, "done": done, "of": of, "left": _in_words(seconds)}
        storage.write_beside(path, orjson.dumps(progress_now))

    return tell


def _in_words(seconds):
    """Return a time as people say it; "" if it is over in a moment."""
    if seconds < SHORT:
        return ""
    return f"about {seconds / 60:.0f} minutes" if seconds >= 90 else f"about {seconds:.0f} seconds"
