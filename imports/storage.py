"""Files as they were brought: kept by their import's number until they are done with, never served as they came."""

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from .items import NotReadable

_MEGABYTE = 2**20


def bytes_of(batch):
    """Return where the bytes that an Import brought lie, a Path. The name that a file came with is in no path."""
    return beside(batch, "bytes")


def beside(batch, what):
    """Return the Path of something of ours about an Import: its ``lock``, its ``progress``, its ``refused`` rows."""
    return settings.IMPORTS_DIR / f"{batch.pk}.{what}"


@contextmanager
def aside(chunks, most):
    """Write what ``chunks`` (of bytes) hold aside; gives (Path, digest, size). What is not moved away is deleted after.

    NotReadable if it is empty or above ``most`` bytes, OSError if the disk is full.
    """
    settings.IMPORTS_DIR.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=settings.IMPORTS_DIR, prefix=".aside-")
    try:
        with open(handle, "wb") as file:
            digest, size = _copy(chunks, file, most)
        yield Path(name), digest, size
    finally:
        Path(name).unlink(missing_ok=True)


def _copy(chunks, file, most):
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise NotReadable(too_large(most))
        digest.update(chunk)
        file.write(chunk)
    if not size:
        raise NotReadable("The file is empty. Look whether it was saved.")
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest(), size


def too_large(most):
    """Return what is said of a file of more than ``most`` bytes."""
    return f"The file is larger than {in_megabytes(most)}. Split it and upload the parts."


def in_megabytes(size):
    """Return a number of bytes as people read it."""
    return f"{size / _MEGABYTE:,.0f} MB" if size >= _MEGABYTE else f"{size:,} bytes"


def write_beside(path, data):
    """Write bytes aside, then in one step to where they are read."""
    aside = path.with_name(f".{path.name}")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
