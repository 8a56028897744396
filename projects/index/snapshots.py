"""The index of a large register on disk, so that a start need not read all documents."""

import hashlib
import hmac
import logging
import os
import pickle  # of files that are signed with the SECRET_KEY: nobody else can make one
from contextlib import suppress

from django.conf import settings

WORTH_IT = 100_000  # rows: fewer are built in a few seconds
FORMAT = b"index 4\n"  # change the number whenever Index holds something else
CHUNK = 2**20

logger = logging.getLogger(__name__)


def save(index):
    """Write the snapshot of ``index``, if it is large. What is there of a write that broke off stays unread."""
    if index.size < WORTH_IT:
        return
    beside = _path().with_suffix(f".{os.getpid()}")
    try:
        settings.INDEX_DIR.mkdir(parents=True, exist_ok=True)
        for broken_off in settings.INDEX_DIR.glob("snapshot.*"):  # left by processes that were killed
            broken_off.unlink(missing_ok=True)
        with open(beside, "wb") as file:
            file.write(FORMAT + bytes(hashlib.sha256().digest_size))
            pickle.dump(index, file, protocol=5)
        signature = _signature(beside)
        with open(beside, "r+b") as file:
            file.seek(len(FORMAT))
            file.write(signature)
        beside.replace(_path())
    except OSError:
        logger.exception("The snapshot of the index could not be written; the next start reads all documents.")
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def load():
    """Return the Index of the snapshot; None if there is none, or it does not fit: then it is thrown away."""
    try:
        with open(_path(), "rb") as file:
            head = file.read(len(FORMAT) + hashlib.sha256().digest_size)
            if head[: len(FORMAT)] == FORMAT and hmac.compare_digest(head[len(FORMAT) :], _signature(_path())):
                return pickle.load(file)  # noqa: S301 signed, see above
    except FileNotFoundError:
        return None
    except Exception:
        logger.exception("The snapshot of the index cannot be read.")
    logger.warning("The snapshot of the index does not fit: thrown away.")
    with suppress(OSError):  # it is never taken, wherever it lies
        throw_away()
    return None


def throw_away():
    _path().unlink(missing_ok=True)


def _path():
    return settings.INDEX_DIR / "snapshot"


def _signature(path):
    """Return the signature of what follows the head of a snapshot."""
    made = hmac.new(settings.SECRET_KEY.encode(), FORMAT, hashlib.sha256)
    with open(path, "rb") as file:
        file.seek(len(FORMAT) + made.digest_size)
        while piece := file.read(CHUNK):
            made.update(piece)
    return made.digest()
