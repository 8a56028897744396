"""What was confirmed is written: all of it, or nothing, in one transaction with the Source that the import becomes."""

import logging

from django.utils import timezone

from provenance.models import Original, Proposal, Revision
from provenance.store import bulk
from provenance.store.lock import register_lock
from provenance.store.log import CHUNK, chunks, document_of, newest
from provenance.workflow.submission import rebase, submit

from . import lifecycle
from .models import Import, ImportItem
from .preview import WRITTEN, last_id, models_in_order, reason_of, source_of, state_of, write_source

logger = logging.getLogger("access")
Verdict = ImportItem.Verdict
_NAMED_AT_ONCE = 20


class MovedOn(Exception):
    """What the preview showed cannot be written, so nothing was: the next preview is told of it, record by record.

    ``moved`` are records that others changed since, ``{(kind, key): [what, in words]}``; ``faults`` those that only all
    of the file together shows to break a rule, ``{(kind, key): Faults}``. ``merged``: see the function of that name.
    """

    def __init__(self, moved, faults):
        self.moved, self.faults, self.merged = moved, faults, {}
        reasons = moved | {named: [fault.words for fault in each] for named, each in faults.items()}
        named = [f"{key}: {' '.join(texts)}" for (_, key), texts in list(reasons.items())[:_NAMED_AT_ONCE]]
        more = [f"… and {len(reasons) - _NAMED_AT_ONCE} more."] if len(reasons) > _NAMED_AT_ONCE else []
        first = "The register has changed since the preview, so nothing was written. This is the preview as of now."
        super().__init__("\n".join([first, *named, *more]))


def write_confirmed(batch, tell):
    """Write what the items of ``batch`` say. MovedOn, and nothing written, if one of them cannot be."""
    with register_lock():
        batch.refresh_from_db()
        if batch.state != Import.State.IMPORTING:
            return
        revision, proposal = last_id(Revision), last_id(Proposal)
        is_as_seen = revision == batch.about.get("register")
        todo = batch.items.filter(verdict__in=WRITTEN)
        originals = batch.items.exclude(original="")
        publish = ()
        if todo.exists() or originals.exists():
            publish = write_source(batch, batch.user)
            batch.source = source_of(batch)["slug"]
        moved, faults, done, of = {}, {}, 0, todo.count()
        for model in models_in_order():
            items_of_model = todo.filter(kind=model._meta.model_name)
            for verdicts, is_tried in (((Verdict.NEW, Verdict.CHANGED), is_as_seen), ((Verdict.PROPOSED,), False)):
                for items in _in_chunks(items_of_model.filter(verdict__in=verdicts)):
                    _write(batch, model, items, moved, faults, publish=publish, is_tried=is_tried)
                    done += len(items)
                    tell("written", done, of)
        if moved or faults:
            raise MovedOn(moved, faults)
        for items in _in_chunks(originals):
            _keep_originals(batch, items)
        if done >= CHUNK:
            bulk.analyze()
        batch.items.update(original="")
        batch.items.exclude(verdict=Verdict.NEW).update(document="")
        batch.state = Import.State.DONE
        batch.about["revisions"] = [revision, last_id(Revision)]
        batch.about["proposals"] = [proposal, last_id(Proposal)]
        batch.save(update_fields=["state", "source", "about"])
    lifecycle.forget(batch)
    logger.info("imported: import=%d records=%d", batch.pk, done)


def _in_chunks(items):
    """Yield the rows of a queryset, 500 at a time, by their numbers."""
    for keys in chunks(list(items.order_by("number").values_list("pk", flat=True))):
        yield list(ImportItem.objects.filter(pk__in=keys).order_by("number").defer("changes", "faults", "notes"))


def _write(batch, model, items, moved, faults, **options):
    kind = model._meta.model_name
    documents = {item.key: document_of(item) for item in items}
    bases = {item.key: item.base for item in items if item.base}
    there = set(model.objects.filter(pk__in=documents).values_list("pk", flat=True))
    gone = {key: ["It is in the register by now."] for key in documents if key in there and key not in bases}
    gone |= {key: ["It was deleted meanwhile."] for key in bases if key not in there}
    moved.update({(kind, key): texts for key, texts in gone.items()})
    rest = {key: document for key, document in documents.items() if key not in gone}
    refused = {}
    fields = {"reason": reason_of(batch), "state": state_of(batch), **options}
    seen = {} if options["is_tried"] else bases
    submit(batch.user, model, rest, bases=seen, faults=refused, **fields)
    now = newest(model, refused)
    for key, each in refused.items():
        if key in bases and now[key].pk != bases[key]:
            moved[kind, key] = [fault.words for fault in each]
        else:
            faults[kind, key] = each


def merged(batch):
    """Return ``{(kind, key): document}`` of records that others changed since the preview: with what both changed.

    So what only others changed stays, though the file says what stood there before.
    """
    documents_of_both = {}
    for model in models_in_order():
        kind = model._meta.model_name
        for items in _in_chunks(batch.items.filter(kind=kind, verdict__in=WRITTEN, base__isnull=False)):
            there = set(model.objects.filter(pk__in=[item.key for item in items]).values_list("pk", flat=True))
            documents = {item.key: document_of(item) for item in items if item.key in there}
            both = rebase(model, documents, {item.key: item.base for item in items}, take_mine=True)
            documents_of_both |= {(kind, key): document for key, (document, _places) in both.items()}
    return documents_of_both


def _keep_originals(batch, items):
    fields = {"source_id": batch.source, "at": timezone.now()}
    Original.objects.bulk_create(
        [
            Original(kind=item.kind, key=item.key, identifier=item.identifier, text=item.original, **fields)
            for item in items
        ],
        ignore_conflicts=True,
    )
