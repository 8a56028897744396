"""Where dumps lie: one folder for each version of the register, named by its number, never changed once it is there."""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from django.conf import settings

from ..exports.about import is_address

DESCRIPTOR, SUMS = "datapackage.json", "SHA256SUMS"
_OWN = {DESCRIPTOR: ("These files described as a Data Package", "application/json"), SUMS: ("Their sums", "text/plain")}
_VERSION = re.compile(r"[1-9][0-9]{0,15}")


@dataclass(frozen=True)
class StoredFile:
    """One file of a dump. ``size`` in bytes; ``sha256`` in hexadecimal."""

    path: Path
    title: str
    media_type: str
    size: int
    sha256: str

    @property
    def name(self):
        return self.path.name


@dataclass(frozen=True)
class Dump:
    """The register of one version, as files by name. ``at``: the time of that version."""

    version: int
    at: datetime
    licence: dict | None
    files: dict

    @property
    def url(self):
        return f"/data/{self.version}/"


def licence_of(text):
    """Return a licence as a descriptor tells it: by its address, else by its name; None if none is decided."""
    return ({"path": text} if is_address(text) else {"name": text}) if text else None


def dumps():
    """Return all Dumps that there are, the newest first."""
    found = []
    for path in folders(settings.DUMPS_DIR):
        with suppress(FileNotFoundError, NotADirectoryError):  # removed since, or not ours
            found.append(read(path))
    return found


def folders(place):
    """Return the folders of finished dumps, the newest version first."""
    found = [path for path in place.iterdir() if _VERSION.fullmatch(path.name)] if place.is_dir() else []
    return sorted(found, key=lambda path: int(path.name), reverse=True)


def read(folder):
    """Return the Dump in ``folder``, as its descriptor and its sums tell of it."""
    told = orjson.loads((folder / DESCRIPTOR).read_bytes())
    named = {each["path"]: (each["title"], each["mediatype"]) for each in told["resources"]} | _OWN
    sums = dict(reversed(line.split("  ", 1)) for line in (folder / SUMS).read_text().splitlines())
    sums[SUMS] = hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()
    files = {
        name: StoredFile(folder / name, title, media_type, (folder / name).stat().st_size, sums[name])
        for name, (title, media_type) in named.items()
    }
    licence = (told.get("licenses") or [licence_of(settings.LICENCE)])[0]  # decided since, it holds for these too
    return Dump(int(told["version"]), datetime.fromisoformat(told["created"]), licence, files)
