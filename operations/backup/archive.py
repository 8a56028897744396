"""The file of a backup: a ZIP with a manifest that names each file in it with its SHA-256; encrypted if a key is given.

While a backup is encrypted, nothing is written to disk in the clear; while it is read, a nameless temporary file holds
it.
"""

import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import orjson

from projects.dumps.writer import alone, sync

FORMAT = {"format": "eap-funding-backup", "version": 1}
MANIFEST = "manifest.json"
PATTERN = "register-*.backup*"  # the names of backups in their folder
_LEVEL = 3  # of compression: higher ones take twice the time for a tenth less
_TORN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, OverflowError)
_ENCRYPT = {"age": "age --encrypt", "gpg": "gpg --batch --quiet --trust-model always --encrypt"}
_DECRYPT = {"age": "age --decrypt --identity", "gpg": "gpg --quiet --decrypt"}


class Unfit(Exception):
    """A backup that cannot be written, or a file that cannot be restored; the text says why."""


@contextmanager
def writing(folder, name, recipient, manifest):
    """Yield ``add(name, chunks of bytes)``, which adds a file to a new backup; this appears whole or not at all.

    ``recipient``: an age or GPG key to encrypt for; empty: not encrypted. ``manifest``: a dict, written last.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tool = None
    if recipient:
        tool = "age" if recipient.startswith(("age1", "ssh-")) else "gpg"
        _require(tool, "BACKUP_KEY is set")
    with alone(folder, Unfit(f"Another backup is being written to {folder}.")):
        aside, target = folder / ".writing", folder / (f"{name}.{tool}" if tool else name)
        aside.unlink(missing_ok=True)  # of a run that was killed
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            try:
                with _encrypted(tool, recipient, file) as inner, _zip(inner, "w") as archive:
                    files = {}
                    yield partial(_add, archive, files)
                    content = FORMAT | manifest | {"files": files}
                    archive.writestr(MANIFEST, orjson.dumps(content, option=orjson.OPT_INDENT_2))
                os.fsync(file.fileno())
            except BaseException:
                aside.unlink()
                raise
        aside.rename(target)
        sync(folder)


def _add(archive, files, name, chunks):
    """Write ``chunks`` of bytes as the file ``name``, and its digest and size to ``files``."""
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    files[name] = {"sha256": digest.hexdigest(), "size": archive.getinfo(name).file_size}


def _zip(file, mode):
    return zipfile.ZipFile(file, mode, zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)


def _require(tool, why):
    if not shutil.which(tool):
        package = {"gpg": "gnupg"}.get(tool, tool)
        raise Unfit(f"{why}, but {tool} is not installed. Install it (Debian: apt-get install {package}).")


@contextmanager
def _encrypted(tool, recipient, file):
    """Yield a file to write to, whose bytes ``tool``, if any, encrypts into ``file``."""
    if not tool:
        yield file
        return
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 (the key comes from the settings)
            [*_ENCRYPT[tool].split(), "--recipient", recipient], stdin=subprocess.PIPE, stdout=file, stderr=errors
        )
        try:
            with process, process.stdin:
                yield process.stdin
        except BrokenPipeError:
            process.wait()
        if process.returncode:
            errors.seek(0)
            raise Unfit(f"{tool} did not encrypt the backup: {errors.read().decode(errors='replace').strip()}")


@contextmanager
def reading(path, identity=""):
    """Yield the ZIP file of the backup at ``path``, and its manifest: what it contains, and what made it.

    Unfit if it is torn, changed, or no backup of this program.

    ``identity``: the file with the private key, for age; GPG finds its own.
    """
    with path.open("rb") as file, _decrypted(file, identity) as inner:
        try:
            archive = _zip(inner, "r")
            manifest = _checked(archive)
        except _TORN as error:
            raise Unfit(f"The file is torn, or no backup: {error}.") from None
        yield archive, manifest


@contextmanager
def _decrypted(file, identity):
    start = os.pread(file.fileno(), 64, 0)  # the program that decrypts reads from the beginning, too
    if start.startswith(b"PK"):
        yield file
        return
    is_age = start.startswith(b"age-encryption.org/") or b"BEGIN AGE" in start
    if not is_age and not (start[:1] >= b"\x80" or b"BEGIN PGP" in start):
        raise Unfit("The file is torn, or no backup: it is neither a ZIP file nor encrypted with age or GPG.")
    if is_age and not identity:
        raise Unfit("The file is encrypted with age. Give the file with the private key: --identity FILE")
    tool = "age" if is_age else "gpg"
    _require(tool, f"The file is encrypted with {tool}")
    with tempfile.TemporaryFile() as clear:
        done = subprocess.run(  # noqa: S603 (a path that the operator gave)
            [*_DECRYPT[tool].split(), *([identity] if is_age else [])], stdin=file, stdout=clear, stderr=subprocess.PIPE
        )
        if done.returncode:
            raise Unfit(f"{tool} cannot decrypt the file: {done.stderr.decode(errors='replace').strip()}")
        clear.seek(0)
        yield clear


def _checked(archive):
    """Return the manifest, once every file has the size and the digest that it gives."""
    try:
        manifest = orjson.loads(archive.read(MANIFEST))
        if {name: manifest[name] for name in FORMAT} != FORMAT:
            raise KeyError
        files = {name: (each["sha256"], each["size"]) for name, each in manifest["files"].items()}
    except (KeyError, TypeError, ValueError):
        raise Unfit("The file is not a backup of this program, or of a version that this one cannot read.") from None
    if sorted(archive.namelist()) != sorted([*files, MANIFEST]):
        raise Unfit("The file was changed: it does not hold the files that its manifest names.")
    for name, expected in files.items():
        with archive.open(name) as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest(), archive.getinfo(name).file_size
        if actual != expected:
            raise Unfit(f"The file was changed: {name} does not have the digest in the manifest.")
    return manifest


def sha256_of(chunks):
    """Return the SHA-256 of ``chunks`` of bytes, in hexadecimal."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def remove_old(folder, number):
    """Remove all but the ``number`` newest backups in ``folder``."""
    for path in sorted(Path(folder).glob(PATTERN), reverse=True)[number:]:
        path.unlink()
