"""The index of a large register on disk, so that a restart does not read all documents."""

import hashlib
import hmac
import logging
import os
import pickle  # only of files signed with the SECRET_KEY
from contextlib import suppress

from django.conf import settings

WORTH_IT = 20_000  # rows; fewer are read in a few seconds
FORMAT = b"index 13\n"  # change the number whenever Index holds something else; it is signed, too
SIGNATURE = hashlib.sha256().digest_size  # bytes, before what is signed

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
        content = pickle.dumps(index, protocol=5)
        with open(beside, "wb") as file:
            file.write(_signature(content))
            file.write(content)
        beside.replace(_path())
    except OSError:
        logger.exception("The index snapshot could not be written. The next start reads all documents.")
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def load():
    """Return the Index of the snapshot, or None. A snapshot that does not fit is deleted."""
    try:
        content = memoryview(_path().read_bytes())
        if hmac.compare_digest(content[:SIGNATURE], _signature(content[SIGNATURE:])):
            return pickle.loads(content[SIGNATURE:])  # noqa: S301 signed, see above
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


def _signature(content):
    signature = hmac.new(settings.SECRET_KEY.encode(), FORMAT, hashlib.sha256)
    signature.update(content)
    return signature.digest()
