"""Writes a confirmed import: all of it or nothing, in one transaction with the Source that the import becomes."""

import logging

from django.utils import timezone

from provenance.models import Original, Proposal, Revision
from provenance.store import database
from provenance.store.database import register_lock
from provenance.store.log import CHUNK, document_of, newest
from provenance.workflow.submission import submit

from . import storage
from .models import Import, ImportItem
from .preview import WRITTEN, how_written, items_in_chunks, last_id, models_in_order, source_of

logger = logging.getLogger("access")
_NAMED_AT_ONCE = 20


class MovedOn(Exception):
    """The preview can no longer be written, so nothing was. The next preview shows why, record by record.

    ``notes``: on records that others changed since; ``faults``: of records that break a rule only together with others
    of the file. Both are ``{(model, key): [words]}``.
    """

    def __init__(self, notes, faults):
        self.notes, self.faults = notes, faults
        reasons = [f"{key}: {' '.join(words)}" for (_model, key), words in (notes | faults).items()]
        more = [f"… and {len(reasons) - _NAMED_AT_ONCE} more."] if len(reasons) > _NAMED_AT_ONCE else []
        first = "The register has changed since the preview, so nothing was written. This is the preview as of now."
        super().__init__("\n".join([first, *reasons[:_NAMED_AT_ONCE], *more]))


def write_confirmed(batch, report):
    """Write the items of ``batch``. MovedOn, and nothing written, if one of them cannot be."""
    with register_lock():
        batch.refresh_from_db()
        if batch.state != Import.State.IMPORTING:
            return
        revision, proposal = last_id(Revision), last_id(Proposal)
        todo = batch.items.filter(verdict__in=WRITTEN)
        originals = batch.items.exclude(original="")
        options = {"is_tried": revision == batch.about.get("register")}
        if todo.exists() or originals.exists():
            options |= how_written(batch)
            batch.source = source_of(batch)["slug"]
        notes, faults, done, of = {}, {}, 0, todo.count()
        for model in models_in_order():
            for items in items_in_chunks(todo.filter(kind=model._meta.model_name)):
                _write(batch, model, items, notes, faults, options)
                done += len(items)
                report("written", done, of)
        if notes or faults:
            raise MovedOn(notes, faults)
        for items in items_in_chunks(originals):
            _keep_originals(batch, items, since=revision)
        if done >= CHUNK:
            database.analyze()
        batch.items.update(original="")
        batch.items.exclude(verdict=ImportItem.Verdict.NEW).update(document="")
        batch.state = Import.State.DONE
        batch.about["revisions"] = [revision, last_id(Revision)]
        batch.about["proposals"] = [proposal, last_id(Proposal)]
        batch.save(update_fields=["state", "source", "about"])
    storage.forget(batch)
    logger.info("imported: import=%d records=%d", batch.pk, done)


def _write(batch, model, items, notes, faults, options):
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


def _keep_originals(batch, items, since):
    """Keep the own form of each item, from the first Revision of the import on, if it makes any."""
    first = Revision.objects.filter(pk__gt=since).order_by("pk").values_list("at", flat=True).first()
    fields = {"source_id": batch.source, "at": first or timezone.now()}
    originals = [
        Original(kind=item.kind, key=item.key, identifier=item.identifier, text=item.original, **fields)
        for item in items
    ]
    Original.objects.bulk_create(originals, ignore_conflicts=True)
