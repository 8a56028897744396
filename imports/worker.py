"""The work of an import: at once if it is little, else in a process of its own that outlives the request.

A worker holds a lock on a file as long as it lives (``queue``), so that the death of one is noticed and another can
start again. Each step is one transaction, so nothing is left half done.
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

PATIENCE = 5  # seconds for the worker of a small file to finish
MADE_BETWEEN = 1_000_000  # objects between two garbage collections: during the work nearly all are in use
SMALL = 200_000  # bytes; a file of at most this size is read within the request
SHORT = 3  # seconds between two refreshes of the page of an import
State = Import.State
logger = logging.getLogger(__name__)
_started = []  # processes that may still be running


def start(batch):
    """Start the work that waits for an import, and return; if its file is small, when the work is done.

    A worker that has moved the import to its state, and is about to end, is waited for.
    """
    if batch.size > SMALL or storage.is_packed(storage.beside(batch, "bytes")) or not work(batch.pk, patience=0):
        with queue.alone(settings.IMPORTS_DIR, batch.pk) as lock:
            # The process takes the lock over, so that it is never free before the work ends.
            number = lock.fileno()
            command = [sys.executable, "-m", "imports", str(settings.IMPORTS_DIR), str(batch.pk), str(number)]
            detached = {"cwd": settings.BASE_DIR, "stdin": subprocess.DEVNULL, "start_new_session": True}
            process = subprocess.Popen(command, pass_fds=[number], **detached)  # noqa: S603 (numbers of ours)
            _started[:] = [*(each for each in _started if each.poll() is None), process]
        if batch.size <= SMALL and not queue.is_full(settings.IMPORTS_DIR):
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
    batch.refresh_from_db()


def work(import_id, **waiting_for):
    """Wait for the turn of an import, as ``queue.turn`` does, then ``work_now``. Returns whether the turn came."""
    folder = settings.IMPORTS_DIR
    with queue.alone(folder, import_id), queue.turn(folder, import_id, **waiting_for) as has_turn:
        if has_turn:
            work_now(import_id)
    return has_turn


def work_now(import_id):
    """Read the file of an import or write what was confirmed, depending on its state. A failure ends in its ``note``.

    The caller holds the import's lock and has its turn.
    """
    batch, threshold = Import.objects.get(pk=import_id), gc.get_threshold()
    gc.set_threshold(MADE_BETWEEN, *threshold[1:])
    try:
        if batch.state == State.READING:
            preview.preview(batch, _reporter(batch))
        elif batch.state == State.IMPORTING:
            _write(batch, _reporter(batch))
    except NotReadable as error:
        lifecycle.move(batch, *lifecycle.WORKED_AT, to=State.FAILED, note=str(error))
        storage.forget(batch)
    except Exception as error:
        logger.exception("import %s", batch.pk)
        _stop(batch, lifecycle.in_words(error.with_traceback(None)))  # lets go of what was read
    finally:
        gc.set_threshold(*threshold)
        storage.forget(batch, "progress")


def _write(batch, report):
    """Write what was confirmed; if the register has changed, read the file again for another preview."""
    try:
        commit.write_confirmed(batch, report)
    except commit.MovedOn as moved_on:
        lifecycle.move(batch, State.IMPORTING, to=State.READING, note=str(moved_on))
        preview.preview(batch, report, moved_on.notes, moved_on.faults)


def _stop(batch, note):
    """Put an import back: one being read waits to be read again, one being written waits for a decision again.

    If the database is away, the state stays, and the page notices that nobody works on it any more.
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
    """Return the progress of the worker: {"what", "done", "of", "left"}; empty if there is none.

    ``of`` is zero, and ``left`` (the time that this step still needs, in words) empty, if they are not known.
    """
    try:
        return orjson.loads(storage.beside(batch, "progress").read_bytes())
    except FileNotFoundError:
        return {}


def _reporter(batch):
    path, began = storage.beside(batch, "progress"), {}

    def report(step, done, of=0):
        first, since = began.setdefault(step, (done, time.monotonic()))
        seconds = (time.monotonic() - since) / (done - first) * (of - done) if of > done > first else 0
        progress_now = {"what": step, "done": done, "of": of, "left": _in_words(seconds)}
        storage.write_beside(path, orjson.dumps(progress_now))

    return report


def _in_words(seconds):
    """Return a time in words; "" if it is only a moment."""
    if seconds < SHORT:
        return ""
    return f"about {seconds / 60:.0f} minutes" if seconds >= 90 else f"about {seconds:.0f} seconds"
