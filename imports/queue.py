"""The queue of imports: at most two are worked on at a time, in any processes, in the order in which they came.

It consists of a lock on a file for each import, which is released however its holder ends. Nothing here needs Django,
so that waiting processes are small.
"""

import fcntl
import os
import time
from contextlib import contextmanager, suppress

AT_ONCE = 2
_EVERY = 0.2  # seconds between two looks at the queue


@contextmanager
def alone(folder, number):
    """Wait for the lock of an import, and hold it. Yields its file."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{number}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        now = time.time_ns()  # its place in line, taken once it is locked, so that nobody can come before it any more
        os.utime(lock.fileno(), ns=(now, now))
        yield lock


def turn(folder, number, patience=None, report=lambda place: None):
    """Wait until an import has its turn; the caller is ``alone``, and so keeps it. Returns whether it came.

    It gives up after ``patience`` seconds, if given. ``report(place)``: called at each change, from 1.
    """
    began, last_place = time.monotonic(), 0
    while at := place(folder, number):
        if patience is not None and time.monotonic() - began >= patience:
            return False
        if at != last_place:
            report(at)
        last_place = at
        time.sleep(_EVERY)
    return True


def place(folder, number):
    """Return the place in line of the import ``number``, from 1; 0 if it need not wait."""
    held = sorted((since, path.stem) for path in folder.glob("*.lock") if (since := held_since(path)))
    return next((at for at, (_since, stem) in enumerate(held[AT_ONCE:], 1) if stem == str(number)), 0)


def held_since(path):
    """Return when the lock on a file was taken, in nanoseconds; None if it is free."""
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.fstat(file.fileno()).st_mtime_ns
    return None
