"""The life of an import: uploaded, read, confirmed or dropped. Pages and commands both use this."""

import re
import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import Error, transaction
from django.db.models import Q
from django.utils import timezone

from provenance.models import State
from provenance.store.database import register_lock
from provenance.store.log import LONGEST_REASON, UNEXPLAINED, record_models
from provenance.workflow import permissions

from . import queue, storage
from .answers import to_keep
from .items import NotReadable
from .models import Import, ImportItem

OPEN = (Import.State.UPLOADED, Import.State.READING, Import.State.READ, Import.State.IMPORTING)  # its bytes are needed
WORKED_AT = (Import.State.READING, Import.State.IMPORTING)
TROUBLE = (NotReadable, OSError, Error)  # errors that may end an import and are no bugs
_OTHER_KIND = {
    "table": "This looks like XML, and not like a table. Give CSV or XLSX; an IATI activity file goes by import_iati.",
    "iati": "This is no XML. Give an IATI activity file, with <iati-activities>; a table goes by import_table.",
}
MOST_AT_ONCE = 10_000  # drafts of a kind published together
_REMEMBERED = 50  # imports whose choices are remembered
_NO_CHOICES = {"columns": {}, "answers": {}, "kept": []}
MEMORY = 2 * 2**30  # bytes for a process that works on an import
A_DAY = 24 * 3600  # seconds; a younger file may still be being written
_OURS = re.compile(r"(\d+)\.(?:bytes|lock|progress|refused)|\.(?:aside-|\d+\.).*")


def in_words(error):
    """Return the message about an error that ended an import: what was wrong, that nothing changed, what to do."""
    if isinstance(error, NotReadable):
        return str(error)
    if isinstance(error, OSError):
        return f"The file cannot be read, or not be kept: {error.strerror or error}. Nothing was changed; try again."
    if isinstance(error, Error):
        first_line = next(iter(str(error).splitlines()), "").rstrip(".")
        return f"The database refused it: {first_line[:300]}. Nothing was changed; try again."
    if isinstance(error, MemoryError):
        most = storage.in_megabytes(MEMORY)
        return f"The file asks for more memory than an import is given ({most}). Split it and upload the parts."
    return "Something went wrong here. It has been noted; nothing was changed."


# -- Upload --


def upload(user, name, chunks, *, options=None, kind=None):
    """Keep a file that ``user`` uploads, bytes in ``chunks``. Returns its Import, which is not read yet.

    NotReadable if it is too large, empty, or not of ``kind``, if that is given. OSError: disk full.
    """
    permissions.require(user, "import")
    with storage.aside(chunks, settings.IMPORT_MAX_UNPACKED) as (path, digest, size):
        kind_found = storage.kind_of(path)
        if size > settings.IMPORT_MAX_PACKED and storage.is_packed(path):
            raise NotReadable(storage.too_large(settings.IMPORT_MAX_PACKED))
        if kind and kind != kind_found:
            raise NotReadable(_OTHER_KIND[kind])
        codes = permissions.territory(user)
        own = {"countries": sorted(codes)} if codes and kind_found == Import.Kind.IATI else {}
        batch = Import.objects.create(
            kind=kind_found, file_name="".join(filter(str.isprintable, name)) or "file", digest=digest, size=size,
            user=user, user_name=user.get_username(), at=timezone.now(),
            options=remembered(user) | own | (options or {}),
        )  # fmt: skip
        path.replace(storage.beside(batch, "bytes"))
    return batch


def remembered(user):
    """Return the options "columns" and "kept" that ``user`` last confirmed, but not of what was undone."""
    states = Import.State.IMPORTING, Import.State.DONE
    confirmed = Import.objects.filter(user=user, state__in=states, about__undone__isnull=True)
    columns, kept = {}, {}
    for options, headings in reversed(confirmed.values_list("options", "about__headings")[:_REMEMBERED]):
        columns |= options.get("columns", {})
        own = to_keep(options.get("answers", {}), headings or {})
        kept |= {tuple(where): meaning for *where, meaning in (*options.get("kept", ()), *own)}
    return _NO_CHOICES | {"columns": columns, "kept": [[*where, meaning] for where, meaning in kept.items()]}


def forget_choices(user):
    """Forget the columns and answers that ``user`` chose in earlier imports."""
    for batch in Import.objects.filter(user=user):
        batch.options |= _NO_CHOICES
        batch.save(update_fields=["options"])


# -- From state to state --


def move(batch, *states, to, **columns):
    """Move an import to the state ``to`` if it is in one of ``states``, and its preview is still that of ``batch``.

    Returns whether it was moved.
    """
    seen = {"about__preview": batch.about["preview"]} if "preview" in batch.about else {}
    moved = Import.objects.filter(pk=batch.pk, state__in=states, **seen).update(state=to, **columns)
    batch.refresh_from_db()
    return bool(moved)


def read_again(batch, **options):
    """Ask for the file to be read again, with other ``options``. Returns whether it now waits for that.

    PermissionDenied if its user chooses to publish without being allowed to.
    """
    options = batch.options | options
    if options.get("publish"):
        permissions.require(batch.user, "publish")
    states = (Import.State.UPLOADED, Import.State.READ)
    return move(batch, *states, to=Import.State.READING, options=options, note="")


def confirm(batch, user, *, good_only=False, reason=""):
    """Ask for the preview to be written. Returns why not, in words; "" if it now waits to be written.

    ``reason``: why values that differ from their source are published.
    """
    permissions.require(user, "import")
    if batch.options.get("publish") and not permissions.may(user, "publish"):
        return "You may not publish. Nothing was written."
    if batch.about.get("faults"):
        return "The whole file is refused, so nothing in it can be imported. Correct it and upload it again."
    if batch.is_faulty() and not good_only:
        return (
            "Some records are refused. Correct the file and upload it again, or import the valid records without them."
        )
    if batch.about.get("otherwise") and not reason:
        return f"{batch.noted()} {UNEXPLAINED} Nothing was written."
    options = batch.options | {"good_only": good_only, "reason": reason}
    if not move(batch, Import.State.READ, to=Import.State.IMPORTING, note="", options=options):
        return "This preview does not wait for a decision any more. Look at what became of it."
    return ""


def drop(batch, note=""):
    """Drop an import that is neither written nor being written. Returns whether it was dropped."""
    states = [state for state in OPEN if state != Import.State.IMPORTING or has_died(batch)]
    with transaction.atomic():
        if dropped := move(batch, *states, to=Import.State.DROPPED, note=note):
            batch.items.all().delete()
    if dropped:  # for good: what is rolled back would still need its files
        storage.forget(batch)
    return dropped


def close(batch):
    """Close an import that is done: its refused records can no longer be downloaded."""
    with register_lock():  # an undo writes ``about``, too
        batch.refresh_from_db()
        is_closed = move(batch, Import.State.DONE, to=Import.State.DONE, about=batch.about | {"closed": True})
    if is_closed:
        storage.forget(batch, "refused")


def tidy():
    """Drop imports that were not decided within IMPORT_KEPT_DAYS, close older ones, and delete files without an import.

    Returns (imports dropped, files deleted).
    """
    days, dropped, deleted = settings.IMPORT_KEPT_DAYS, 0, 0
    waiting = Import.objects.filter(Q(state__in=OPEN) | Q(state=Import.State.DONE, about__closed__isnull=True))
    for batch in waiting.filter(at__lt=timezone.now() - timedelta(days=days)):
        dropped += drop(batch, f"Nobody decided in {days} days.")
        close(batch)
    needed = set(map(str, waiting.values_list("pk", flat=True)))
    for path in settings.IMPORTS_DIR.glob("*"):
        ours = _OURS.fullmatch(path.name)
        with suppress(OSError):  # one that cannot be deleted does no harm
            if ours and ours[1] not in needed and time.time() - path.stat().st_mtime > A_DAY:
                path.unlink()
                deleted += 1
    return dropped, deleted


# -- How it stands --


def has_died(batch):
    """Whether an import lacks the worker that it needs. Reads its row again, because a worker may just have ended."""
    if batch.state not in WORKED_AT or queue.held_since(storage.beside(batch, "lock")):
        return False
    batch.refresh_from_db()
    return batch.state in WORKED_AT


def reason_of_undo(batch):
    """Return the reason of the Revisions that undo an import."""
    return f"The import of {batch.file_name} was undone."[:LONGEST_REASON]


def drafts(batch):
    """Return ``{model: keys}`` of the records of an import, done and not undone, that are still drafts."""
    if batch.state != Import.State.DONE or "undone" in batch.about:
        return {}
    drafts_by_model = {}
    for model in record_models():
        items = batch.items.filter(kind=model._meta.model_name).exclude(verdict=ImportItem.Verdict.REFUSED)
        rows = model.objects.filter(state=State.DRAFT, pk__in=items.values("key")).order_by("pk")
        if keys := list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE]):
            drafts_by_model[model] = keys
    return drafts_by_model
