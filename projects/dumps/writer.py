"""Writes a full dump: aside first, all files of one version of the register, then in one step to where it is seen."""

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.conf import settings

from provenance.store.snapshot import snapshot

from ..index.version import register_version
from ..published.views import identity
from . import folder
from .descriptor import descriptor_of_dump
from .files import FILES

_ASIDE, _GOING = ".writing-", ".removing-"  # names of folders that nobody is shown


class AlreadyRunning(Exception):
    """Another run is writing."""


class OtherRegister(Exception):
    """There is a dump of this version that is not of this register."""


@dataclass(frozen=True)
class Register:
    """What is dumped: the register of one version. ``at``: None, and ``number`` 0, before anything was public."""

    number: int
    at: datetime | None
    site: str  # its address, without a last slash


def write_dump():
    """Write the register's newest version to a folder of DUMPS_DIR, and remove all but the DUMPS_KEPT newest.

    Returns (folder, whether it was written now); (None, False) before anything is public. AlreadyRunning if another
    run is at it, OtherRegister if the folder holds what this register never was. A run that is killed leaves nothing
    that is seen; the next one clears it away.
    """
    place = settings.DUMPS_DIR
    place.mkdir(parents=True, exist_ok=True)
    with _alone(place):
        _clear(place)
        with snapshot():
            version = register_version()
            register = Register(version.number, version.at, identity(""))
            target = place / str(register.number)
            if not register.number:
                return None, False
            is_new = not target.exists()
            if is_new:
                _write(place / f"{_ASIDE}{register.number}", target, register)
            elif folder.read(target).at != register.at:
                raise OtherRegister(
                    f"{target} holds version {register.number} of another register, of another time. Give this one"
                    " another DUMPS_DIR, or move the folder away."
                )
        _remove([path for path in folder.folders(place)[settings.DUMPS_KEPT :] if path != target])
    return target, is_new


@contextmanager
def _alone(place):
    """Hold the lock of ``place``. It goes with the process, however that ends."""
    with open(place / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"Another run is writing dumps to {place}. This one did nothing.") from None
        yield


def _clear(place):
    """Remove what runs that were killed left."""
    for path in place.iterdir():
        if path.name.startswith((_ASIDE, _GOING)):
            shutil.rmtree(path)


def _write(aside, target, register):
    aside.mkdir()
    written = [each for each in FILES if each.write(aside / each.name, register) is not False]
    sums = {each.name: sha256_of(aside / each.name) for each in written}
    told = descriptor_of_dump(
        register, [(each, (aside / each.name).stat().st_size, sums[each.name]) for each in written]
    )
    (aside / folder.DESCRIPTOR).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sums[folder.DESCRIPTOR] = sha256_of(aside / folder.DESCRIPTOR)
    (aside / folder.SUMS).write_text("".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items())))
    for path in [*aside.iterdir(), aside]:
        _settle(path)
    aside.rename(target)
    _settle(target.parent)


def sha256_of(path):
    """Return the SHA-256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(path):
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(paths):
    for path in paths:
        going = path.rename(path.with_name(_GOING + path.name))  # gone in one step
        shutil.rmtree(going)
