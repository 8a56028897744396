"""The work of an import: at once if it is little, else in a process of its own that outlives the request.

A worker holds a lock on a file as long as it lives (``queue``), so that the death of one is noticed and another can
start again. Each step is one transaction, so nothing is left half done.
"""

import gc
import logging
import subprocess
import sys
import time
from contextlib import suppress

import orjson
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from provenance.models import Original, Proposal, Revision
from provenance.store import database
from provenance.store.log import CHUNK, document_of, newest
from provenance.workflow.submission import submit

from . import lifecycle, preview, queue, storage
from .items import NotReadable
from .models import Import, ImportItem
from .preview import how_written, items_in_chunks, last_id, models_in_order

PATIENCE = 5  # seconds for the worker of a small file to finish
MADE_BETWEEN = 1_000_000  # objects between two garbage collections: during the work nearly all are in use
SMALL = 200_000  # bytes; a file of at most this size is read within the request
SHORT = 3  # seconds between two refreshes of the page of an import
State = Import.State
logger, access = logging.getLogger(__name__), logging.getLogger("access")
_NAMED_AT_ONCE = 20
_started = []  # processes that may still be running


def start(batch):
    """Start the work that waits for an import, and return; if its file is small, when the work is done.

    A worker that has moved the import to its state, and is about to end, is waited for.
    """
    if batch.size > SMALL or storage.is_packed(storage.beside(batch, "bytes")) or not work(batch.pk, patience=0):
        with queue.alone(settings.IMPORTS_DIR, batch.pk) as lock:
            # The process takes the lock over, so that it is never free before the work ends.
            number = lock.fileno()
            command = [sys.executable, "-m", "imports", str(settings.IMPORTS_DIR), str(batch.pk), str(number)]
            detached = {"cwd": settings.BASE_DIR, "stdin": subprocess.DEVNULL, "start_new_session": True}
            process = subprocess.Popen(command, pass_fds=[number], **detached)  # noqa: S603 (numbers of ours)
            _started[:] = [*(each for each in _started if each.poll() is None), process]
        if batch.size <= SMALL and not queue.place(settings.IMPORTS_DIR, batch.pk):
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
    batch.refresh_from_db()


def work(import_id, **waiting_for):
    """Wait for the turn of an import, as ``queue.turn`` does, then ``work_now``. Returns whether the turn came."""
    folder = settings.IMPORTS_DIR
    with queue.alone(folder, import_id):
        if has_turn := queue.turn(folder, import_id, **waiting_for):
            work_now(import_id)
    return has_turn


def work_now(import_id):
    """Read the file of an import or write what was confirmed, depending on its state. A failure ends in its ``note``.

    The caller holds the import's lock and has its turn.
    """
    batch, threshold = Import.objects.get(pk=import_id), gc.get_threshold()
    gc.set_threshold(MADE_BETWEEN, *threshold[1:])
    try:
        if batch.state == State.READING:
            preview.preview(batch, _reporter(batch))
        elif batch.state == State.IMPORTING:
            _write(batch, _reporter(batch))
    except NotReadable as error:
        lifecycle.move(batch, *lifecycle.WORKED_AT, to=State.FAILED, note=str(error))
        storage.forget(batch)
    except Exception as error:
        logger.exception("import %s", batch.pk)
        _stop(batch, lifecycle.in_words(error.with_traceback(None)))  # lets go of what was read
    finally:
        gc.set_threshold(*threshold)
        storage.forget(batch, "progress")


def _write(batch, report):
    """Write what was confirmed; if the register has changed, read the file again for another preview."""
    try:
        write_confirmed(batch, report)
    except MovedOn as moved_on:
        lifecycle.move(batch, State.IMPORTING, to=State.READING, note=str(moved_on))
        preview.preview(batch, report, *moved_on.args)


def _stop(batch, note):
    """Put an import back: one being read waits to be read again, one being written waits for a decision again.

    If the database is away, the state stays, and the page notices that nobody works on it any more.
    """
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        lifecycle.move(batch, State.READING, to=State.UPLOADED, note=note)
        lifecycle.move(batch, State.IMPORTING, to=State.READ, note=note)
    except Error:
        logger.exception("import %s: the database could not be told", batch.pk)


# -- Writing: all of it or nothing, in one transaction with the Source that the import becomes --


class MovedOn(Exception):
    """The preview can no longer be written, so nothing was. The next preview shows why, record by record.

    ``args``: the notes on records that others changed since, and the faults of records that break a rule only together
    with others of the file. Both are ``{(model, key): [words]}``.
    """

    def __str__(self):
        notes, faults = self.args
        reasons = [f"{key}: {' '.join(words)}" for (_model, key), words in (notes | faults).items()]
        more = [f"… and {len(reasons) - _NAMED_AT_ONCE} more."] if len(reasons) > _NAMED_AT_ONCE else []
        first = "The register has changed since the preview, so nothing was written. This is the preview as of now."
        return "\n".join([first, *reasons[:_NAMED_AT_ONCE], *more])


def write_confirmed(batch, report):
    """Write the items of ``batch``. MovedOn, and nothing written, if one of them cannot be."""
    with database.register_lock():
        batch.refresh_from_db(from_queryset=Import.objects.select_for_update())  # so that it is not dropped meanwhile
        if batch.state != State.IMPORTING:
            return
        revision, proposal = last_id(Revision), last_id(Proposal)
        todo = batch.items.filter(verdict__in=ImportItem.WRITTEN)
        originals = batch.items.exclude(original="")
        options = {"is_tried": revision == batch.about.get("register")}
        if todo.exists() or originals.exists():
            options |= how_written(batch)
            batch.source = batch.source_slug
        notes, faults, done, of = {}, {}, 0, todo.count()
        for model in models_in_order():
            for items in items_in_chunks(todo.filter(kind=model._meta.model_name)):
                _write_items(batch, model, items, notes, faults, options)
                done += len(items)
                report("written", done, of)
        if notes or faults:
            raise MovedOn(notes, faults)
        first = Revision.objects.filter(pk__gt=revision).order_by("pk").values_list("at", flat=True).first()
        fields = {"source_id": batch.source, "at": first or timezone.now()}
        for items in items_in_chunks(originals):
            Original.objects.bulk_create(
                [
                    Original(kind=item.kind, key=item.key, identifier=item.identifier, text=item.original, **fields)
                    for item in items
                ],
                ignore_conflicts=True,
            )
        if done >= CHUNK:
            database.analyze()
        batch.items.update(original="")
        batch.items.exclude(verdict=ImportItem.Verdict.NEW).update(document="")
        batch.state = State.DONE
        batch.about["revisions"] = [revision, last_id(Revision)]
        batch.about["proposals"] = [proposal, last_id(Proposal)]
        batch.save(update_fields=["state", "source", "about"])
    storage.forget(batch, "lock", "progress", "bytes")  # refused rows can still be downloaded
    access.info("imported: import=%d records=%d", batch.pk, done)


def _write_items(batch, model, items, notes, faults, options):
    """Write the records of some items of one kind, as previewed; others add to ``notes`` or ``faults``."""
    documents = {item.key: document_of(item) for item in items}
    bases = {item.key: item.base for item in items if item.base}
    there = set(model.objects.filter(pk__in=documents).values_list("pk", flat=True))
    for key in [key for key in documents if (key in there) != (key in bases)]:
        notes[model, key] = ["It is in the register by now." if key in there else "It was deleted meanwhile."]
        del documents[key]
    refused = {}
    submit(batch.user, model, documents, bases={} if options["is_tried"] else bases, faults=refused, **options)
    now = newest(model, refused)
    for key, key_faults in refused.items():
        is_changed = key in bases and now[key].pk != bases[key]
        (notes if is_changed else faults)[model, key] = [fault.words for fault in key_faults]


# -- How far --


def progress(batch):
    """Return the progress of the worker: {"what", "done", "of", "left"}; empty if there is none.

    ``of`` is zero, and ``left`` (the time that this step still needs, in words) empty, if they are not known.
    """
    try:
        return orjson.loads(storage.beside(batch, "progress").read_bytes())
    except FileNotFoundError:
        return {}


def _reporter(batch):
    path, began = storage.beside(batch, "progress"), {}

    def report(step, done, of=0):
        first, since = began.setdefault(step, (done, time.monotonic()))
        seconds = (time.monotonic() - since) / (done - first) * (of - done) if of > done > first else 0
        left = f"about {seconds / 60:.0f} minutes" if seconds >= 90 else f"about {seconds:.0f} seconds"
        progress_now = {"what": step, "done": done, "of": of, "left": left if seconds >= SHORT else ""}
        storage.write_beside(path, orjson.dumps(progress_now))

    return report
