"""Who works at an import, and who waits: at most two work at a time, in whatever processes.

All of it is locks on files, which are free again however their holder ends. Nothing here needs Django, so that a
process that waits is small.
"""

import fcntl
import os
import time
from contextlib import contextmanager, nullcontext, suppress

AT_ONCE = 2
_EVERY = 0.2  # seconds between two looks


@contextmanager
def alone(folder, number, patience=1):
    """Hold the lock of an import; gives its file, None if somebody else holds it still after ``patience`` seconds.

    Who looks whether somebody is at work holds it too, for a moment.
    """
    deadline = time.monotonic() + patience
    while not (lock := _locked(folder / f"{number}.lock")) and time.monotonic() < deadline:
        time.sleep(_EVERY)
    with lock or nullcontext():
        if lock:
            os.utime(lock.fileno())  # its place in line
        yield lock


@contextmanager
def turn(folder, number, patience=None, tell=lambda place: None):
    """Wait in line for a place at work, and hold it; who asks is ``alone``. Gives whether it has one.

    It gives up after ``patience`` seconds, where that is given. ``tell(place)``: at each change, from 1.
    """
    began, last_place, work = time.monotonic(), None, None
    while (at := place(folder, number)) > 1 or not (work := _free(folder, number)):
        if patience is not None and time.monotonic() - began >= patience:
            break
        if at != last_place:
            tell(at)
        last_place = at
        time.sleep(_EVERY)
    with work or nullcontext():
        yield bool(work)


def place(folder, number):
    """Return the place in line of the import ``number``, from 1; 0 if it does not wait."""
    at_work = _at_work(folder)
    locks = ((held_since(path), path.stem) for path in folder.glob("*.lock") if path.stem not in at_work)
    waiting = [each for since, each in sorted(lock for lock in locks if lock[0])]
    return waiting.index(str(number)) + 1 if str(number) in waiting else 0


def is_full(folder):
    """Whether as many are at work as may be."""
    return len(_at_work(folder)) >= AT_ONCE


def _at_work(folder):
    return {path.read_text() for path in folder.glob(".work-*") if held_since(path)}


def held_since(path):
    """Return since when somebody holds the lock on a file, in nanoseconds; None if nobody does."""
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.fstat(file.fileno()).st_mtime_ns
    return None


def _free(folder, number):
    """Return the file, locked and with the ``number`` in it, of a place at work; None if all are taken."""
    for each in range(AT_ONCE):
        if work := _locked(folder / f".work-{each}"):
            work.truncate(0)
            work.write(str(number))
            work.flush()
            return work
    return None


def _locked(path):
    """Return a file, open and locked; None if somebody else holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
