"""The work of an import: at once where it is little, else in a process of its own that outlives the browser.

A worker holds a lock on a file as long as it lives (``queue``), so that one that died is noticed and another can begin
anew; nothing it did is half there, as each step is one transaction.
"""

import gc
import logging
import subprocess
import sys
import time
from contextlib import suppress

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
State = Import.State
logger = logging.getLogger(__name__)
_started = []  # processes that may still be running


def start(batch):
    """Have done what waits to be done for an import, and return: when it is done, if its file is small."""
    if batch.size > SMALL or storage.is_packed(storage.beside(batch, "bytes")) or not work(batch.pk, patience=0):
        with queue.alone(settings.IMPORTS_DIR, batch.pk, PATIENCE) as lock:
            process = _start_process(batch, lock) if lock else None
        if process and batch.size <= SMALL and not queue.is_full(settings.IMPORTS_DIR):
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
    batch.refresh_from_db()


def _start_process(batch, lock):
    """Start a worker that takes the lock over: so it is never free before the work is at its end. Returns it."""
    _started[:] = [process for process in _started if process.poll() is None]
    command = [sys.executable, "-m", "imports", str(settings.IMPORTS_DIR), str(batch.pk)]
    detached = {"cwd": settings.BASE_DIR, "stdin": subprocess.DEVNULL, "start_new_session": True}
    _started.append(subprocess.Popen(command, pass_fds=[lock.fileno()], **detached))  # noqa: S603 (a number of ours)
    return _started[-1]


def work(import_id, **waiting_for):
    """Wait for the turn of an import, as ``queue.turn`` takes it, and ``work_now``; returns whether that came."""
    with queue.alone(settings.IMPORTS_DIR, import_id) as lock:
        if not lock:
            return True  # somebody else is at it
        with queue.turn(settings.IMPORTS_DIR, import_id, **waiting_for) as has_turn:
            if has_turn:
                work_now(import_id)
        return has_turn


def work_now(import_id):
    """Read the file of an import, or write what was confirmed: what its state says. A fault ends in its ``note``.

    Who calls it holds the import's lock and has its turn.
    """
    batch, threshold = Import.objects.get(pk=import_id), gc.get_threshold()
    gc.set_threshold(MADE_BETWEEN, *threshold[1:])
    try:
        if batch.state == State.READING:
            preview.preview(batch, _teller(batch))
        elif batch.state == State.IMPORTING:
            _write(batch, _teller(batch))
    except NotReadable as error:
        lifecycle.move(batch, State.READING, to=State.FAILED, note=str(error))
        lifecycle.forget(batch)
    except Exception as error:
        logger.exception("import %s", batch.pk)
        _stop(batch, lifecycle.in_words(error.with_traceback(None)))  # lets go of what was read
    finally:
        gc.set_threshold(*threshold)
        storage.beside(batch, "progress").unlink(missing_ok=True)


def _write(batch, tell):
    """Write what was confirmed; if the register has moved on, read the file again for another preview."""
    try:
        commit.write_confirmed(batch, tell)
    except commit.MovedOn as moved_on:
        lifecycle.move(batch, State.IMPORTING, to=State.READING, note=str(moved_on))
        preview.preview(batch, tell, moved_on)


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
    except FileNotFoundError:
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
