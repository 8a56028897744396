"""The queue of imports: at most two are worked on at a time, in any processes.

It consists of locks on files, which are released however their holder ends. Nothing here needs Django, so that waiting
processes are small.
"""

import fcntl
import os
import time
from contextlib import contextmanager, nullcontext, suppress

AT_ONCE = 2
_EVERY = 0.2  # seconds between two attempts


@contextmanager
def alone(folder, number, patience=None):
    """Hold the lock of an import, and wait for it. Yields its file; None if it is not free within ``patience`` seconds.

    A check whether somebody is at work also holds it, for a moment.
    """
    path, deadline = folder / f"{number}.lock", time.monotonic() + (patience or 0)
    while not (lock := _locked(path, waits=patience is None)) and time.monotonic() < deadline:
        time.sleep(_EVERY)
    with lock or nullcontext():
        if lock:
            os.utime(lock.fileno())  # its place in line
        yield lock


@contextmanager
def turn(folder, number, patience=None, report=lambda place: None):
    """Wait in the queue for a place to work, and hold it; the caller is ``alone``. Yields whether it got one.

    It gives up after ``patience`` seconds, if given. ``report(place)``: called at each change, from 1.
    """
    began, last_place, work = time.monotonic(), None, None
    while (at := place(folder, number)) > 1 or not (work := _free(folder, number)):
        if patience is not None and time.monotonic() - began >= patience:
            break
        if at != last_place:
            report(at)
        last_place = at
        time.sleep(_EVERY)
    with work or nullcontext():
        yield bool(work)


def place(folder, number):
    """Return the place in the queue of the import ``number``, from 1; 0 if it does not wait."""
    at_work = _at_work(folder)
    locks = ((held_since(path), path.stem) for path in folder.glob("*.lock") if path.stem not in at_work)
    waiting = [each for since, each in sorted(lock for lock in locks if lock[0])]
    return waiting.index(str(number)) + 1 if str(number) in waiting else 0


def is_full(folder):
    """Whether all places to work are taken."""
    return len(_at_work(folder)) >= AT_ONCE


def _at_work(folder):
    return {path.read_text() for path in folder.glob(".work-*") if held_since(path)}


def held_since(path):
    """Return when the lock on a file was taken, in nanoseconds; None if it is free."""
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.fstat(file.fileno()).st_mtime_ns
    return None


def _free(folder, number):
    """Return the locked file of a place to work, with ``number`` written to it; None if all are taken."""
    for place in range(AT_ONCE):
        if work := _locked(folder / f".work-{place}"):
            work.truncate(0)
            work.write(str(number))
            work.flush()
            return work
    return None


def _locked(path, *, waits=False):
    """Return a file, open and locked; None if another holds the lock and nobody ``waits`` for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
