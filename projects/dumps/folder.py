"""The folder of dumps: a folder for each version of the register, named by its number, which never changes."""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson
from django.conf import settings
from django.utils.translation import gettext_noop as noop

from ..exports.about import is_address

DESCRIPTOR, SUMS = "datapackage.json", "SHA256SUMS"
OWN = {
    DESCRIPTOR: (noop("These files described as a Data Package"), "application/json"),
    SUMS: (noop("SHA-256 fingerprints of these files"), "text/plain"),
}
_VERSION = re.compile(r"[1-9][0-9]{0,15}")


@dataclass(frozen=True)
class PublicFile:
    """A file of this site. Only files of a dump have a path, size in bytes, SHA-256 in hexadecimal and time."""

    url: str
    title: str
    media_type: str
    path: Path | None = None
    size: int | None = None
    sha256: str = ""
    at: datetime | None = None

    @property
    def name(self):
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class Dump:
    """A dump: its files by name. ``at``: the time of its version."""

    version: int
    at: datetime
    licence: dict | None
    files: dict = field(default_factory=dict)

    @property
    def url(self):
        return f"/data/{self.version}/"


def licence_of(text):
    """Return a licence for a descriptor: its address or name; None if it is not set."""
    return ({"path": text} if is_address(text) else {"name": text}) if text else None


def dumps():
    """Return all Dumps, newest first."""
    whole = []
    for path in folders(settings.DUMPS_DIR):
        with suppress(FileNotFoundError, NotADirectoryError):  # removed meanwhile, or not a dump
            whole.append(read(path))
    return whole


def folders(place):
    """Return the folders of finished dumps, newest version first."""
    finished = [path for path in place.iterdir() if _VERSION.fullmatch(path.name)] if place.is_dir() else []
    return sorted(finished, key=lambda path: int(path.name), reverse=True)


def read(folder):
    """Read the Dump in ``folder`` from its descriptor and checksums."""
    descriptor = orjson.loads((folder / DESCRIPTOR).read_bytes())
    named = {each["path"]: (each["title"], each["mediatype"]) for each in descriptor["resources"]} | OWN
    sums = dict(reversed(line.split("  ", 1)) for line in (folder / SUMS).read_text().splitlines())
    sums[SUMS] = hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()
    dump = Dump(
        int(descriptor["version"]),
        datetime.fromisoformat(descriptor["created"]),
        (descriptor.get("licenses") or [licence_of(settings.LICENCE)])[0],  # one set later applies here, too
    )
    for name, (title, media_type) in named.items():
        path = folder / name
        size = path.stat().st_size
        dump.files[name] = PublicFile(dump.url + name, title, media_type, path, size, sums[name], dump.at)
    return dump
