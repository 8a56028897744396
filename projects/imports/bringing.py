"""The life of an import: brought, read, confirmed or dropped. Pages and commands both go through here."""

import re
from importlib import import_module

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from projects.models import Import
from provenance import access

from . import files
from .items import NotReadable

READERS = {"table": "projects.imports.tables", "iati": "projects.imports.activities"}
OPEN = (Import.State.UPLOADED, Import.State.READING, Import.State.READ, Import.State.IMPORTING, Import.State.FAILED)
_REMEMBERED = 50  # imports whose columns are looked at
_PACKED = b"PK"  # how a workbook begins


def reader_of(kind):
    """Return the module that reads files of a kind."""
    return import_module(READERS[kind])


def bring(user, name, chunks, *, options=None, kind=None):
    """Keep a file that ``user`` brought, bytes in ``chunks``; returns its Import, not yet read.

    NotReadable if it is too large or empty, or no file of ``kind``, where one is asked for. OSError: disk full.
    """
    access.demand(user, "import")
    digest, size = files.keep(chunks, settings.IMPORT_MAX_UNPACKED)
    start = _start_of(digest)
    found = _kind_of(start)
    if start.startswith(_PACKED) and size > settings.IMPORT_MAX_PACKED:
        raise NotReadable(files.too_large(settings.IMPORT_MAX_PACKED))
    if kind and kind != found:
        raise NotReadable(f"This is no file of the kind “{Import.Kind(kind).label}”: it looks like “{found.label}”.")
    return Import.objects.create(
        kind=found, file_name=shown_name(name), digest=digest, size=size, user=user, user_name=user.get_username(),
        at=timezone.now(), options={"columns": remembered_columns(), **(options or {})},
    )  # fmt: skip


def shown_name(name):
    """Return a file's own name without folders and what cannot be shown, at most 255 characters."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:255] or "file"


def _start_of(digest):
    with files.path_of(digest).open("rb") as file:
        return file.read(1000)


def _kind_of(start):
    begin = re.sub(rb"^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)", b"", start).replace(b"\0", b"").lstrip()
    return Import.Kind.IATI if begin.startswith(b"<") else Import.Kind.TABLE


def remembered_columns():
    """Return ``{heading: our column}`` as people chose them in the last imports; the latest choice counts."""
    recent = Import.objects.filter(kind=Import.Kind.TABLE).exclude(options={}).values_list("options", flat=True)
    chosen = {}
    for options in reversed(recent[:_REMEMBERED]):
        chosen |= options.get("columns", {})
    return chosen


def move(batch, *states, to, **columns):
    """Put an import into the state ``to`` if it is in one of ``states``; returns whether it was."""
    if "note" in columns:
        columns["note"] = columns["note"].replace("\0", "␀")  # PostgreSQL keeps no NUL
    moved = Import.objects.filter(pk=batch.pk, state__in=states).update(state=to, **columns)
    batch.refresh_from_db()
    return bool(moved)


def read_again(batch, **options):
    """Have the file read (again), with other ``options``; returns whether it now waits for that."""
    states = Import.State.UPLOADED, Import.State.READ, Import.State.FAILED
    return move(batch, *states, to=Import.State.READING, options={**batch.options, **options}, note="")


def confirm(batch, user, *, publish=False, good_only=False):
    """Say that what the preview shows is to be written. Returns why not, in words; "" if it now waits to be written."""
    access.demand(user, "import")
    if batch.user_id != user.pk:
        return f"Only {batch.user_name}, who brought the file, can confirm: the preview shows what they may write."
    if publish and not access.may(user, "publish"):
        return "You may not publish. Nothing was written."
    if is_faulty(batch) and not good_only:
        return "Some of the file is refused. Mend it and bring it again, or import the good ones without the refused."
    if batch.user_id and not move(
        batch, Import.State.READ, to=Import.State.IMPORTING, note="",
        options={**batch.options, "publish": publish, "good_only": good_only},
    ):  # fmt: skip
        return "This import does not wait for a decision any more. Look at what became of it."
    return ""


def is_faulty(batch):
    """Whether anything of the file was refused."""
    return bool(batch.counts.get("refused") or batch.about.get("faults"))


def drop(batch):
    """Throw an import away that is not written; returns whether it was."""
    with transaction.atomic():
        dropped = move(batch, *(state for state in OPEN if state != Import.State.IMPORTING), to=Import.State.DROPPED)
        if dropped:
            batch.items.all().delete()
    if dropped:
        forget(batch)
        files.beside(batch, "refused").unlink(missing_ok=True)
    return dropped


def forget(batch):
    """Delete the file's bytes, unless another import needs them still."""
    if not Import.objects.filter(digest=batch.digest, state__in=OPEN).exclude(pk=batch.pk).exists():
        files.path_of(batch.digest).unlink(missing_ok=True)
