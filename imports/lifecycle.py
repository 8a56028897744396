"""The life of an import: brought, read, confirmed or dropped. Pages and commands both go through here."""

import fcntl
import re
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.db import Error, transaction
from django.utils import timezone

from provenance.models import State
from provenance.store.log import UNEXPLAINED, record_models
from provenance.workflow import permissions

from . import storage
from .items import NotReadable
from .models import Import, ImportItem
from .storage import PACKED, kind_of

READERS = {"table": "imports.tables", "iati": "imports.iati"}
OPEN = (Import.State.UPLOADED, Import.State.READING, Import.State.READ, Import.State.IMPORTING)  # its bytes are needed
TROUBLE = (NotReadable, OSError, Error)  # what an import may end with, that in_words can say
_OTHER_KIND = {
    "table": "This looks like XML, and not like a table. Give CSV or XLSX; an IATI activity file goes by import_iati.",
    "iati": "This is no XML. Give an IATI activity file, with <iati-activities>; a table goes by import_table.",
}
MOST_AT_ONCE = 10_000  # drafts of a kind that are published together
_REMEMBERED = 50  # imports whose columns are looked at
WORKED_AT = (Import.State.READING, Import.State.IMPORTING)
A_DAY = 24 * 3600  # seconds: a file that is younger may be in the making
_OURS = re.compile(r"\d+\.(bytes|lock|progress|refused)|\.(aside-|\d+\.).*")


def in_words(error):
    """Return what is said of one of TROUBLE: what was wrong, that nothing was changed, and what to do."""
    if isinstance(error, NotReadable):
        return str(error)
    if isinstance(error, OSError):
        return f"The file cannot be read, or not be kept: {error.strerror or error}. Nothing was changed; try again."
    first_line = next(iter(str(error).splitlines()), "").rstrip(".")
    return f"The database refused it: {first_line[:300]}. Nothing was changed; try again."


def reader_of(kind):
    """Return the module that reads files of a kind."""
    return import_module(READERS[kind])


def bring(user, name, chunks, *, options=None, kind=None):
    """Keep a file that ``user`` brought, bytes in ``chunks``; returns its Import, not yet read.

    NotReadable if it is too large or empty, or no file of ``kind``, where one is asked for. OSError: disk full.
    """
    permissions.require(user, "import")
    with storage.aside(chunks, settings.IMPORT_MAX_UNPACKED) as (path, digest, size):
        kind_found = _checked(path, size, kind)
        batch = Import.objects.create(
            kind=kind_found, file_name=shown_name(name), digest=digest, size=size, user=user, at=timezone.now(),
            user_name=user.get_username(),
            options={**remembered(user), **_own_countries(user, kind_found), **(options or {})},
        )  # fmt: skip
        path.replace(storage.bytes_of(batch))
    return batch


def _own_countries(user, kind):
    """Return the filter of an IATI file that somebody brings who writes only of some countries."""
    codes = permissions.territory(user)
    return {"countries": sorted(codes)} if codes and kind == Import.Kind.IATI else {}


def _checked(path, size, kind):
    start = _start_of(path)
    kind_found = kind_of(start)
    if start.startswith(PACKED) and size > settings.IMPORT_MAX_PACKED:
        raise NotReadable(storage.too_large(settings.IMPORT_MAX_PACKED))
    if kind and kind != kind_found:
        raise NotReadable(_OTHER_KIND[kind])
    return kind_found


def shown_name(name):
    """Return a file's own name without folders and what cannot be shown, at most 255 characters."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:255] or "file"


def _start_of(path):
    with path.open("rb") as file:
        return file.read(1000)


def is_packed(batch):
    """Whether its file is packed: what it holds may be a thousand times as large."""
    with suppress(OSError):  # said when it is read
        return _start_of(storage.bytes_of(batch)).startswith(PACKED)
    return False


def remembered(user):
    """Return the options "columns", "chosen_on" and "answers" as ``user`` chose in the last imports; the latest counts.

    An import that was dropped, and what was said of single rows of a file, is not remembered.
    """
    recent = _of(user).exclude(state=Import.State.DROPPED).values_list("options", flat=True)
    choices = {"columns": {}, "chosen_on": {}, "answers": {}}
    for options in reversed(recent[:_REMEMBERED]):
        for name in ("columns", "chosen_on"):
            choices[name] |= options.get(name, {})
        for heading, meanings in options.get("answers", {}).items():
            choices["answers"][heading] = choices["answers"].get(heading, {}) | meanings
    choices["answers"].pop("", None)
    return choices


def forget_choices(user):
    """Forget what ``user`` chose for columns and answered in imports before."""
    for batch in _of(user):
        for name in ("columns", "chosen_on", "answers"):
            batch.options.pop(name, None)
        batch.save(update_fields=["options"])


def _of(user):
    return Import.objects.filter(kind=Import.Kind.TABLE, user=user).exclude(options={})


def move(batch, *states, to, **columns):
    """Put an import into the state ``to`` if it is in one of ``states``; returns whether it was."""
    if "note" in columns:
        columns["note"] = columns["note"].replace("\0", "␀")  # PostgreSQL keeps no NUL
    moved = Import.objects.filter(pk=batch.pk, state__in=states).update(state=to, **columns)
    batch.refresh_from_db()
    return bool(moved)


def read_again(batch, **options):
    """Have the file read (again), with other ``options``; returns whether it now waits for that.

    PermissionDenied if who uploaded it chooses to publish, and may not.
    """
    options = {**batch.options, **options}
    if options.get("publish"):
        permissions.require(batch.user, "publish")
    return move(batch, Import.State.UPLOADED, Import.State.READ, to=Import.State.READING, options=options, note="")


def confirm(batch, user, *, good_only=False, reason=""):
    """Say that what the preview shows is to be written. Returns why not, in words; "" if it now waits to be written.

    ``reason``: why what reads otherwise than its source is published so.
    """
    permissions.require(user, "import")
    if batch.user_id != user.pk:
        return f"Only {batch.user_name}, who uploaded the file, can confirm: the preview shows what they may write."
    if batch.options.get("publish") and not permissions.may(user, "publish"):
        return "You may not publish. Nothing was written."
    if batch.about.get("faults"):
        return "The file as a whole is refused, so that nothing of it can be imported. Fix it and upload it again."
    if is_faulty(batch) and not good_only:
        return "Some of the file is refused. Fix it and upload it again, or import the good ones without the refused."
    if batch.about.get("otherwise") and not reason:
        return f"{noted(batch)} {UNEXPLAINED} Nothing was written."
    options = {**batch.options, "good_only": good_only, **({"reason": reason} if reason else {})}
    if not move(batch, Import.State.READ, to=Import.State.IMPORTING, note="", options=options):
        return "This import does not wait for a decision any more. Look at what became of it."
    return ""


def drafts(batch):
    """Return ``{model: keys}`` of the records that an import which is done tells of, and that are drafts still."""
    if batch.state != Import.State.DONE:
        return {}
    drafts_by_model = {}
    for model in record_models():
        items = batch.items.filter(kind=model._meta.model_name).exclude(verdict=ImportItem.Verdict.REFUSED)
        rows = model.objects.filter(state=State.DRAFT, pk__in=items.values("key")).order_by("pk")
        if keys := list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE]):
            drafts_by_model[model] = keys
    return drafts_by_model


def noted(batch):
    """Return in words how many records, once public, read otherwise than their source."""
    count = batch.about.get("otherwise")
    return count and f"Readers would see what reads otherwise than its source in {count:,} of these records: see notes."


def is_faulty(batch):
    """Whether anything of the file was refused."""
    return bool(batch.counts.get("refused") or batch.about.get("faults"))


def drop(batch, note=""):
    """Throw an import away that is not written, nor being written; returns whether it was."""
    if batch.state not in OPEN:
        return False
    with alone(batch) as lock, transaction.atomic():
        states = [state for state in OPEN if lock or state != Import.State.IMPORTING]
        dropped = move(batch, *states, to=Import.State.DROPPED, note=note)
        if dropped:
            batch.items.all().delete()
    if dropped:
        storage.beside(batch, "refused").unlink(missing_ok=True)
        forget(batch)
    return dropped


def close(batch):
    """Say that nothing of an import that is done waits for anybody: its refused records are not given back any more."""
    if move(batch, Import.State.DONE, to=Import.State.DONE, about={**batch.about, "closed": True}):
        storage.beside(batch, "refused").unlink(missing_ok=True)


def forget(batch):
    """Delete what lies on disk of an import at its end, but for its refused rows."""
    for what in ("lock", "progress", "bytes"):
        storage.beside(batch, what).unlink(missing_ok=True)


@contextmanager
def alone(batch, patience=1):
    """Hold the import's lock; gives its file, None if somebody else holds it still after ``patience`` seconds.

    Who looks whether somebody is at work holds it too, for a moment.
    """
    settings.IMPORTS_DIR.mkdir(parents=True, exist_ok=True)
    with storage.beside(batch, "lock").open("wb") as file:
        deadline = time.monotonic() + patience
        while not (is_ours := _lock(file)) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield file if is_ours else None


def _lock(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_alive(batch):
    """Whether a worker is at this import now."""
    try:
        with storage.beside(batch, "lock").open("rb") as file:
            return not _lock(file)
    except FileNotFoundError:
        return False


def has_died(batch):
    """Whether an import should be worked at, and nobody is. Looks at its row anew, as a worker may just have ended."""
    if batch.state not in WORKED_AT or is_alive(batch):
        return False
    batch.refresh_from_db()
    return batch.state in WORKED_AT


def tidy():
    """Drop imports that nobody decided in IMPORT_KEPT_DAYS, close what is older, and delete files that none needs.

    Returns (imports dropped, files deleted).
    """
    old = Import.objects.filter(at__lt=timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS))
    note = f"Nobody decided in {settings.IMPORT_KEPT_DAYS} days."
    dropped = sum(drop(batch, note) for batch in old.filter(state__in=OPEN))
    for batch in old.filter(state=Import.State.DONE, about__closed__isnull=True):
        close(batch)
    return dropped, sum(_delete(path) for path in _not_needed())


def _not_needed():
    """Return the files of ours, older than a day, that no import needs."""
    if not settings.IMPORTS_DIR.is_dir():
        return []
    rows = Import.objects.filter(state__in=(*OPEN, Import.State.DONE)).order_by()
    needed = set()
    for number, state in rows.values_list("pk", "state"):
        needed.add(f"{number}.refused")
        if state in OPEN:
            needed |= {f"{number}.bytes", f"{number}.lock", f"{number}.progress"}
    return [path for path in settings.IMPORTS_DIR.iterdir() if _OURS.fullmatch(path.name) and path.name not in needed]


def _delete(path):
    """Delete a file that is older than a day; returns whether it was. One that cannot be is in nobody's way."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > A_DAY:
            path.unlink()
            return True
    return False
