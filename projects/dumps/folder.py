"""Where dumps lie: one folder for each version of the register, named by its number, never changed once it is there."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from django.conf import settings

DESCRIPTOR, SUMS = "datapackage.json", "SHA256SUMS"
_MEDIA_TYPES = {DESCRIPTOR: "application/json", SUMS: "text/plain"}
_VERSION = re.compile(r"[1-9][0-9]{0,15}")


@dataclass(frozen=True)
class File:
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


def dumps():
    """Return all Dumps that there are, the newest first."""
    return [read(path) for path in folders(settings.DUMPS_DIR)]


def folders(place):
    """Return the folders of finished dumps, the newest version first."""
    found = [path for path in place.iterdir() if _VERSION.fullmatch(path.name)] if place.is_dir() else []
    return sorted(found, key=lambda path: int(path.name), reverse=True)


def read(folder):
    """Return the Dump in ``folder``, as its descriptor and its sums tell of it."""
    told = orjson.loads((folder / DESCRIPTOR).read_bytes())
    titles = {each["path"]: (each["title"], each["mediatype"]) for each in told["resources"]}
    sums = (line.split("  ", 1) for line in (folder / SUMS).read_text().splitlines())
    files = {name: _file(folder / name, sha256, titles) for sha256, name in sums}
    files[SUMS] = _file(folder / SUMS, hashlib.sha256((folder / SUMS).read_bytes()).hexdigest(), titles)
    licence = (told.get("licenses") or [None])[0]
    return Dump(int(told["version"]), datetime.fromisoformat(told["created"]), licence, files)


def _file(path, sha256, titles):
    title, media_type = titles.get(path.name) or ("", _MEDIA_TYPES[path.name])
    return File(path, title, media_type, path.stat().st_size, sha256)
