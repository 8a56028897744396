"""Uploaded files: received, distinguished by their first bytes, and kept under their import's number until it is done.

They are never served unchanged.
"""

import hashlib
import os
import re
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

from .items import NotReadable
from .models import Import

PACKED = b"PK"  # the beginning of a workbook
# Files that people mistake for a table: how each begins, byte by byte, and what it is.
_OTHERS = orjson.loads(Path(__file__).with_name("other_files.json").read_bytes())


def beside(batch, suffix):
    """Return the Path of a file of an Import: its ``bytes``, ``lock``, ``progress`` or ``refused`` rows.

    No path contains the user's name for the file.
    """
    return settings.IMPORTS_DIR / f"{batch.pk}.{suffix}"


@contextmanager
def aside(chunks, most):
    """Write ``chunks`` of bytes aside. Yields (Path, digest, size); the file is deleted afterwards unless it was moved.

    NotReadable if it is empty or above ``most`` bytes, OSError if the disk is full.
    """
    settings.IMPORTS_DIR.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=settings.IMPORTS_DIR, prefix=".aside-")
    path, digest, size = Path(name), hashlib.sha256(), 0
    try:
        with open(handle, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise NotReadable(too_large(most))
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(handle)
        if not size:
            raise NotReadable("The file is empty. Look whether it was saved.")
        yield path, digest.hexdigest(), size
    finally:
        path.unlink(missing_ok=True)


def too_large(most):
    """Return the message about a file of more than ``most`` bytes."""
    return f"The file is larger than {in_megabytes(most)}. Split it and upload the parts."


def in_megabytes(size):
    """Return a number of bytes in words."""
    return f"{size / 2**20:,.0f} MB" if size >= 2**20 else f"{size:,} bytes"


def write_beside(path, data):
    """Write bytes to a file that appears whole."""
    aside = path.with_name(f".{path.name}")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def forget(batch, *suffixes):
    """Delete files of an Import: those with ``suffixes``, by default all."""
    for suffix in suffixes or ("lock", "progress", "bytes", "refused"):
        beside(batch, suffix).unlink(missing_ok=True)


def is_packed(path):
    """Whether a file is packed: its contents may be a thousand times as large."""
    with suppress(OSError), path.open("rb") as file:  # reported when it is read
        return file.read(len(PACKED)) == PACKED
    return False


def kind_of(path):
    """Return the Import.Kind of a file by its first bytes; NotReadable, with its name, if it is something else."""
    with path.open("rb") as file:
        begin = re.sub(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)|\0", b"", file.read(1000))  # in any encoding
    for pattern, name in _OTHERS:
        if re.match(pattern.encode(), begin, re.DOTALL | re.IGNORECASE):
            raise NotReadable(f"This is {name}. CSV, XLSX or IATI XML is expected.")
    return Import.Kind.IATI if begin.lstrip().startswith(b"<") else Import.Kind.TABLE


class CarefulUpload(TemporaryFileUploadHandler):
    """Django's handler that writes a file to disk while it is uploaded; if the disk is full, the page says so.

    It leaves out a file that cannot be written, and keeps the reason as ``request.upload_fault``.
    """

    def receive_data_chunk(self, raw_data, start):
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self.request.upload_fault = error
            raise SkipFile from error
