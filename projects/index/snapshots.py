"""The index of a large register on disk, so that a restart does not read all documents."""

import hashlib
import hmac
import logging
import os
import pickle  # only of files signed with the SECRET_KEY
from contextlib import suppress

from django.conf import settings

WORTH_IT = 100_000  # rows; fewer are read in a few seconds
FORMAT = b"index 8\n"  # change the number whenever Index holds something else
CHUNK = 2**20

logger = logging.getLogger(__name__)


def save(index):
    """Write a snapshot of ``index`` if it is large."""
    if index.size < WORTH_IT:
        return
    beside = _path().with_suffix(f".{os.getpid()}")
    try:
        settings.INDEX_DIR.mkdir(parents=True, exist_ok=True)
        for partial in settings.INDEX_DIR.glob("snapshot.*"):  # left by processes that were killed
            partial.unlink(missing_ok=True)
        with open(beside, "wb") as file:
            file.write(FORMAT + bytes(hashlib.sha256().digest_size))
            pickle.dump(index, file, protocol=5)
        signature = _signature(beside)
        with open(beside, "r+b") as file:
            file.seek(len(FORMAT))
            file.write(signature)
        beside.replace(_path())
    except OSError:
        logger.exception("The index snapshot could not be written. The next start reads all documents.")
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def load():
    """Return the Index of the snapshot, or None. A snapshot that does not fit is deleted."""
    try:
        with open(_path(), "rb") as file:
            head = file.read(len(FORMAT) + hashlib.sha256().digest_size)
            if head[: len(FORMAT)] == FORMAT and hmac.compare_digest(head[len(FORMAT) :], _signature(_path())):
                return pickle.load(file)  # noqa: S301 signed, see above
    except FileNotFoundError:
        return None
    except Exception:
        logger.exception("The index snapshot cannot be read.")
    logger.warning("The index snapshot does not fit and was deleted.")
    with suppress(OSError):
        delete()
    return None


def delete():
    _path().unlink(missing_ok=True)


def _path():
    return settings.INDEX_DIR / "snapshot"


def _signature(path):
    """Return the signature of a snapshot without its head."""
    signature = hmac.new(settings.SECRET_KEY.encode(), FORMAT, hashlib.sha256)
    with open(path, "rb") as file:
        file.seek(len(FORMAT) + signature.digest_size)
        while piece := file.read(CHUNK):
            signature.update(piece)
    return signature.digest()
