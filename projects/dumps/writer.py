"""Writes a full dump of one version of the register to a hidden folder, which is then renamed in one step."""

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager

from django.conf import settings

from provenance.store.database import snapshot

from ..index.version import register_version
from . import folder
from .descriptor import descriptor_of_dump
from .files import FILES, write_json

_ASIDE, _GOING = ".writing-", ".removing-"  # prefixes of hidden folders


class AlreadyRunning(Exception):
    """Another process is writing dumps."""


class OtherRegister(Exception):
    """The dump of this version belongs to another register."""


def write_dump():
    """Write the register's newest version to a folder of DUMPS_DIR, and remove all but the DUMPS_KEPT newest.

    Returns (folder, whether it was written now); (None, False) before anything is public. AlreadyRunning if another
    process is writing, OtherRegister if the folder holds another register's dump of this version. A run that is killed
    leaves only hidden files, which the next one removes.
    """
    place = settings.DUMPS_DIR
    place.mkdir(parents=True, exist_ok=True)
    with alone(place, AlreadyRunning(f"Another run is writing dumps to {place}. This one did nothing.")):
        for path in place.iterdir():
            if path.name.startswith((_ASIDE, _GOING)):  # left behind by a run that was killed
                shutil.rmtree(path)
        with snapshot():
            version = register_version()
            target = place / str(version.number)
            if not version.number:
                return None, False
            is_new = not target.exists()
            if is_new:
                _write(place / f"{_ASIDE}{version.number}", target, version)
            elif folder.read(target).at != version.at:
                raise OtherRegister(
                    f"{target} is a dump of another register, with another time for version {version.number}. Set"
                    " another DUMPS_DIR, or move the folder away."
                )
        for path in folder.folders(place)[settings.DUMPS_KEPT :]:
            if path != target:
                shutil.rmtree(path.rename(path.with_name(_GOING + path.name)))  # it disappears in one step
    return target, is_new


@contextmanager
def alone(place, refusal):
    """Lock a folder, at most until the process ends. Raise ``refusal`` if another process has it."""
    with open(place / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusal from None
        yield


def _write(aside, target, version):
    aside.mkdir()
    written = [each for each in FILES if each.write(aside / each.name, version) is not False]
    sums = {each.name: sha256_of(aside / each.name) for each in written}
    files = [(each, (aside / each.name).stat().st_size, sums[each.name]) for each in written]
    write_json(aside / folder.DESCRIPTOR, descriptor_of_dump(version, files))
    sums[folder.DESCRIPTOR] = sha256_of(aside / folder.DESCRIPTOR)
    (aside / folder.SUMS).write_text("".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items())))
    for path in [*aside.iterdir(), aside]:
        sync(path)
    aside.rename(target)
    sync(target.parent)


def sha256_of(path):
    """Return the SHA-256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path):
    """Wait until a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
