"""At most two imports run at a time, in whatever processes; the others wait in line.

All of it is locks on files, which are free again however their holder ends. Nothing here needs Django, so that a
process that waits is small.
"""

import fcntl
import os
import time
from contextlib import contextmanager, suppress

AT_ONCE = 2
_LINE, _EVERY = ".line", 0.2  # seconds between two looks


@contextmanager
def turn(folder, number, patience=None, tell=lambda place: None):
    """Wait in line for the import ``number``, then hold a place at work. Gives whether it has one.

    It gives up after ``patience`` seconds, where that is given. ``tell(place)``: at each change, from 1.
    """
    line = folder / _LINE
    line.mkdir(parents=True, exist_ok=True)
    aside, shown = line / f".{number}", line / str(number)
    began, last_place, work = time.monotonic(), None, None
    with aside.open("wb") as file:  # its place in line, locked before anybody sees it
        fcntl.flock(file, fcntl.LOCK_EX)
        os.utime(aside)
        aside.replace(shown)
        try:
            while (at := place(folder, number)) > 1 or not (work := _free(line)):
                if patience is not None and time.monotonic() - began >= patience:
                    break
                if at != last_place:
                    tell(at)
                last_place = at
                time.sleep(_EVERY)
        finally:
            shown.unlink(missing_ok=True)
    try:
        yield bool(work)
    finally:
        if work:
            work.close()


def _free(line):
    """Return the file, locked, of a place at work that nobody holds; None if there is none."""
    for each in range(AT_ONCE):
        file = (line / f"work-{each}").open("wb")
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        file.close()
    return None


def place(folder, number):
    """Return the place in line of the import ``number``, from 1; 0 if it does not wait."""
    waiting = sorted(_waiting(folder / _LINE))
    return next((at for at, (_since, each) in enumerate(waiting, 1) if each == number), 0)


def _waiting(line):
    """Yield (since when, number) of those in line; what one left there that was killed counts for nothing."""
    for path in line.glob("[0-9]*"):
        with suppress(FileNotFoundError), path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield os.fstat(file.fileno()).st_mtime_ns, int(path.name)
