"""Streamed bodies, which say so if they are cut off."""

import errno
import time
from contextlib import closing
from socket import MSG_DONTWAIT, MSG_PEEK

from django.core.exceptions import BadRequest

CHUNK = 64 * 1024  # bytes
SLOWEST, PATIENCE = 1000, 60  # minimum bytes per second of a reader; seconds before it applies
CUT_OFF = (
    "INCOMPLETE: this file was cut off here by an error of the register or because it was read very slowly."
    " Nothing after this was read. Fetch it again."
)


class TooSlow(ConnectionResetError):
    """A reader is too slow, and must leave its place to others. The server treats it as a lost connection."""


def read_in_time(body):
    """Yield the chunks of a generator; raise TooSlow in it, which may then end the body, if the reader is too slow.

    The average over at least PATIENCE seconds counts, because buffers make readers take chunks in bursts. The server
    drops readers that take nothing at all (gunicorn.conf.py).
    """
    with closing(body):
        taken = waited = 0
        for chunk in body:
            start = time.monotonic()
            yield chunk
            taken, waited = taken + len(chunk), waited + time.monotonic() - start
            if waited > PATIENCE:
                if taken < SLOWEST * waited:
                    yield body.throw(TooSlow(errno.ECONNRESET, f"Read more slowly than {SLOWEST} bytes a second"))
                taken = waited = 0


def while_awaited(texts, request):
    """Yield ``texts`` for a file that is sent when it is complete. BadRequest once the client has left."""
    client = request.META.get("gunicorn.socket")
    for text in texts:
        if client and _has_left(client):
            raise BadRequest("The client has left.")
        yield text


def _has_left(client):
    try:
        return not client.recv(1, MSG_PEEK | MSG_DONTWAIT)
    except BlockingIOError:  # it waits
        return False
    except OSError:
        return True


def streamed(pieces, cut_off):
    """Yield pieces, as bytes, in chunks; after an error, ``cut_off`` is the last one.

    The error is raised again, so that the server aborts the connection and no cache stores half a file.
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
