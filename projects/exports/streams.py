"""Bodies that are sent while they are made, and that say so where they could not be finished."""

import errno
import time
from contextlib import closing

CHUNK = 64 * 1024  # bytes
SLOWEST, PATIENCE = 1000, 60  # bytes a second that a reader takes at the least, seconds in which one may take fewer
CUT_OFF = (
    "INCOMPLETE: this file was cut off here by an error of the register or because it was read very slowly."
    " Nothing after this was read. Fetch it again."
)


class TooSlow(ConnectionResetError):
    """A reader takes so little that its place is given to others. To the server it is as one who went away."""

    def __init__(self):
        super().__init__(errno.ECONNRESET, f"Read more slowly than {SLOWEST} bytes a second")


def read_in_time(body):
    """Yield the chunks of a generator. If they are taken too slowly, TooSlow is raised in it: it may have last words.

    What is sent is taken in bursts, as systems hold some of it on both sides: so it is the average that counts, of
    PATIENCE at the least. Who takes nothing at all is hung up on by the server (gunicorn.conf.py).
    """
    with closing(body):
        taken = waited = 0
        for chunk in body:
            given = time.monotonic()
            yield chunk
            taken, waited = taken + len(chunk), waited + time.monotonic() - given
            if waited > PATIENCE:
                if taken < SLOWEST * waited:
                    yield body.throw(TooSlow())
                taken = waited = 0


def streamed(pieces, cut_off):
    """Yield pieces, as bytes, in chunks. If one cannot be made, ``cut_off`` is the last that is said.

    The error goes on: the server then breaks the connection off, so that no cache keeps the half as a whole.
    """
    held, size = [], 0
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= CHUNK:
                chunk, held, size = b"".join(held), [], 0
                yield chunk
    except Exception:
        yield b"".join([*held, cut_off])
        raise
    yield b"".join(held)
