"""The preview: what an import would do, found out by doing and undoing it, a chunk of records at a time."""

import pickle
import re
import tempfile
from collections import Counter, defaultdict
from dataclasses import asdict

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from projects.models import Organisation
from provenance.documents.claims import contradicts, is_not_found
from provenance.documents.diff import differences
from provenance.models import Original, Revision, Source, State
from provenance.store import database, writer
from provenance.store.build import as_text, blank, in_order, names_in, same_kind_reference
from provenance.store.editions import contradictions
from provenance.store.log import LONGEST_REASON, chunks, document_of, newest, record_models, set_state
from provenance.workflow import permissions, publication
from provenance.workflow.submission import rebase, submit

from . import iati, lifecycle, storage, tables
from .items import NotReadable, PlacedFault
from .models import Import, ImportItem

Verdict = ImportItem.Verdict
READERS = {Import.Kind.TABLE: tables, Import.Kind.IATI: iati}
TWICE = "This record is in the file twice, here and at {place}. Leave one of them out."
WITHDRAWN = "The record is withdrawn, and stays so. To show it to readers again, publish it on its own page."
SOURCE_WITHDRAWN = (
    "This file was imported before, and its source {slug} was then withdrawn by {who}. It stays so, so nothing new can"
    " rest on it. If it may be public, publish it on its own page; then upload the file again."
)
_SLUG = re.compile(r'"slug":"([^"]+)"')


def models_in_order():
    """Return the kinds of record, each after those that it can name."""
    return sorted(record_models(), key=lambda model: (model is not Source, len(model.names)))


def how_written(batch):
    """Write the Source of an import unless it exists, and return the options of ``submit`` for its records.

    The Source is a draft at first, because the name of a file should not become public by itself; so it is again if
    undoing an earlier import of the file withdrew it. NotReadable if a person did.
    """
    slug, user_name = batch.source_slug, batch.user.get_username()
    reason = f"Imported from {batch.file_name}. {batch.options.get('reason', '')}".strip()[:LONGEST_REASON]
    last = newest(Source, [slug]).get(slug)
    if not last or last.action == "deleted":
        stated = {"title": batch.file_name, "read_date": timezone.localdate().isoformat(), "digest": batch.digest}
        submit(user_name, Source, {slug: blank(Source, slug) | stated}, reason=reason)
    elif last.state == State.WITHDRAWN:
        undone = Import.objects.filter(source=slug, about__has_key="undone")
        if last.reason not in map(lifecycle.reason_of_undo, undone):
            raise NotReadable(SOURCE_WITHDRAWN.format(slug=slug, who=last.user_name))
        set_state(Source, [slug], State.DRAFT, user_name=user_name, reason=reason)
    shown = publication.plan(None, {Source: [slug]}).items()
    state = State.PUBLISHED if batch.options.get("publish") else State.DRAFT
    return {"reason": reason, "state": state, "publish": shown}


def last_id(model):
    """Return the id of the newest row; 0 if there is none."""
    return model.objects.aggregate(last=Max("id"))["last"] or 0


def items_in_chunks(items):
    """Yield the rows of a queryset of ImportItems, 500 at a time, by their numbers."""
    for keys in chunks(list(items.order_by("number").values_list("pk", flat=True))):
        yield list(ImportItem.objects.filter(pk__in=keys).order_by("number").defer("changes", "faults", "notes"))


def preview(batch, report, *why_again):
    """Read the file of ``batch``, find out what it would do, and keep that as its items. The register stays unchanged.

    ``report(what, number)``: called with the progress; ``why_again``: the ``args`` of the ``worker.MovedOn`` that says
    why the last preview could not be written. NotReadable if the whole file is refused. If the import is dropped
    meanwhile, nothing is kept.
    """
    register = last_id(Revision)
    if batch.user is None or not permissions.may(batch.user, "import"):
        raise NotReadable("Whoever uploaded this file may not import any more. Upload it again.")
    merged = _merged(batch) if why_again else {}
    batch.items.all().delete()
    storage.forget(batch, "refused")
    source = {"slug": batch.source_slug, "title": batch.file_name}
    arguments = {"name": batch.file_name, "options": batch.options, "source": source, "report": report}
    reading = READERS[batch.kind].read(storage.beside(batch, "bytes"), **arguments)
    items = _late(reading.items, merged, *why_again) if why_again else reading.items
    otherwise = _judge_all(batch, items, report)
    if batch.kind == Import.Kind.IATI:
        _drop_unnamed(batch)
    counts, about = _counted(batch, reading)
    about |= {"otherwise": otherwise, "register": register, "preview": batch.about.get("preview", 0) + 1}
    refused = batch.items.filter(verdict=Verdict.REFUSED).values_list("numbers", flat=True)
    if (lines := {tuple(line) for numbers in refused for line in numbers}) and reading.given_back:
        storage.write_beside(storage.beside(batch, "refused"), reading.given_back(lines))
    if not lifecycle.move(batch, Import.State.READING, to=Import.State.READ, counts=counts, about=about):
        batch.items.all().delete()
        storage.forget(batch, "refused")


def _judge_all(batch, items, report):
    """Save an ImportItem for each Item, until the import is dropped. Returns how many would contradict their source."""
    done = otherwise = 0
    with tempfile.TemporaryFile(dir=settings.IMPORTS_DIR) as file:
        spool = _Spool(file)
        count = spool.take(items, report)
        for model, numbered in spool.chunks():
            rows, seen = _judge(batch, model, numbered, spool)
            with transaction.atomic():
                database.insert(rows)
            done, otherwise = done + len(rows), otherwise + seen
            report("compared", done, count)
            batch.refresh_from_db(fields=["state"])
            if batch.state != Import.State.READING:
                break
    return otherwise


def _merged(batch):
    """Return ``{(model, key): document}`` of records that others changed since the preview, with both changes.

    So values that only others changed stay, although the file has the old ones.
    """
    documents_of_both = {}
    for model in models_in_order():
        seen = batch.items.filter(kind=model._meta.model_name, verdict__in=ImportItem.WRITTEN, base__isnull=False)
        for items in items_in_chunks(seen):
            there = set(model.objects.filter(pk__in=[item.key for item in items]).values_list("pk", flat=True))
            documents = {item.key: document_of(item) for item in items if item.key in there}
            both = rebase(model, documents, {item.key: item.base for item in items}, take_mine=True)
            documents_of_both |= {(model, key): document for key, (document, _places) in both.items()}
    return documents_of_both


def _late(items, merged, notes, faults):
    """Yield ``items`` with what others changed since the last preview, and with why that could not be written."""
    for item in items:
        name = item.model, item.key
        item.notes += notes.get(name, ())
        item.faults += [PlacedFault(item.place, "", words) for words in faults.get(name, ())]
        if item.document is not None:
            item.document = None if item.faults else merged.get(name, item.document)
        yield item


def _drop_unnamed(batch):
    """Drop new organisations that only refused activities name."""
    kind, named = Organisation._meta.model_name, set()
    for document in batch.items.exclude(kind=kind).values_list("document", flat=True).iterator():
        named.update(_SLUG.findall(document))
    new = set(batch.items.filter(kind=kind, verdict=Verdict.NEW).values_list("key", flat=True))
    for keys in chunks(sorted(new - named)):
        batch.items.filter(kind=kind, key__in=keys).delete()


def _counted(batch, reading):
    """Return (number of items by Verdict, what the page shows about the file)."""
    items, gone = batch.items.order_by(), len(reading.about.get("vanished", ()))
    counted = Counter(dict(items.values_list("verdict").annotate(Count("pk"))))
    counted[Verdict.VANISHED] += gone
    about = {
        **reading.about,
        "faults": [asdict(fault) for fault in reading.faults],
        "unanswered": sum(each.is_unanswered() for each in items.filter(verdict=Verdict.REFUSED).only("faults")),
        "unsure": items.exclude(notes=[]).exclude(verdict=Verdict.REFUSED).count(),
        "originals": items.filter(verdict=Verdict.SAME).exclude(original="").count(),
    }
    return {str(verdict): counted[verdict] for verdict in Verdict}, about


class _Spool:
    """Items of a file, put aside so that each is judged after those that it may name."""

    def __init__(self, file):
        self._file = file
        self._kept = defaultdict(dict)  # {model: {key, or number if refused: (number, place, start, key it names)}}

    def take(self, items, report):
        """Put items aside, and refuse repeated records. Returns the number of items."""
        number = 0
        for number, item in enumerate(items, 1):
            kept = self._kept[item.model]
            if item.document is not None and item.key in kept:
                item.document = None
                item.faults.append(PlacedFault(item.place, "", TWICE.format(place=kept[item.key][1])))
            named = item.document and same_kind_reference(item.model, item.document)
            name = number if item.document is None else item.key
            kept[name] = (number, item.place, self._file.tell(), named)
            pickle.dump(item, self._file, pickle.HIGHEST_PROTOCOL)
            if number % 500 == 0:
                report("put in order", number)
        report("put in order", number)
        return number

    def chunks(self):
        """Yield (model, list of (number, Item)), each item after the one that it names, which has a smaller number."""
        for model in models_in_order():
            kept = self._kept[model]
            names = in_order({name: named for name, (*_others, named) in kept.items()})
            for chunk in chunks(zip([number for number, *_others in kept.values()], names, strict=True)):
                yield model, [(number, self._load(model, name)) for number, name in chunk]

    def _load(self, model, name):
        self._file.seek(self._kept[model][name][2])
        return pickle.load(self._file)  # noqa: S301 (written here a moment ago, to a file without a name)

    def named_in(self, model, documents):
        """Return ``{model: {key: document}}`` of the other records that ``documents`` name, and that these name."""
        others, waiting = defaultdict(dict), [(model, document) for document in documents.values()]
        while waiting:
            for other, key in names_in(*waiting.pop()):
                is_known = key in others[other] or (other is model and key in documents)
                if key in self._kept[other] and not is_known:
                    others[other][key] = self._load(other, key).document
                    waiting.append((other, others[other][key]))
        return others


def _judge(batch, model, numbered, spool):
    """Return unsaved ImportItems of (number, Item) pairs, and how many would publicly contradict their source."""
    kind, items = model._meta.model_name, [item for _number, item in numbered]
    documents = {item.key: item.document for item in items if item.document is not None}
    before = {key: each for key, each in newest(model, list(documents)).items() if each.action != "deleted"}
    standing = {key: document_of(revision) for key, revision in before.items()}
    changed = {key: document for key, document in documents.items() if not _is_same(document, standing.get(key))}
    after, faults, proposed = _try(batch, model, changed, spool)
    rows, seen = [], 0
    newest_originals = Original.objects.filter(kind=kind, key__in=[item.key for item in items if item.original])
    originals = dict(newest_originals.order_by("id").values_list("key", "text"))
    for number, item in numbered:
        key, old, document = item.key, standing.get(item.key), after.get(item.key, item.document)
        words = faults.get(key, ()) if item.document is not None else ()
        wrong = [*item.faults, *(PlacedFault(item.place, "", message) for message in words)]
        verdict = (
            Verdict.REFUSED if wrong
            else Verdict.PROPOSED if key in proposed
            else Verdict.SAME if key not in after
            else Verdict.CHANGED if key in before
            else Verdict.NEW
        )  # fmt: skip
        is_written = verdict in ImportItem.WRITTEN
        may_differ = is_written and any(contradicts(one) or is_not_found(one) for one in document.get("claims", ()))
        contradicting = contradictions(model, document, old) if may_differ else []
        is_kept = is_written or (verdict == Verdict.SAME and originals.get(key, item.original) != item.original)
        if not wrong and key in before and before[key].state == State.WITHDRAWN:
            item.notes.append(WITHDRAWN)
        rows.append(ImportItem(
            batch=batch, number=number, kind=kind, key=key[:300], place=item.place[:300], verdict=verdict,
            changes=differences(model, old, document) if is_written and old else [], numbers=item.numbers,
            faults=[asdict(fault) for fault in wrong], notes=[*contradicting, *item.notes],
            document=as_text(model, document) if is_written else "", base=before[key].pk if key in before else None,
            identifier=item.identifier[:300], original=item.original if is_kept else "",
        ))  # fmt: skip
        is_public = before[key].state == State.PUBLISHED if key in before else batch.options.get("publish")
        seen += bool(contradicting and is_public and verdict != Verdict.PROPOSED)
    return rows, seen


def _is_same(document, standing):
    """Whether a document equals the ``standing`` one, except for members that follow from others."""
    own = document.keys() - {"url", "modified"}
    return standing is not None and all(document[name] == standing.get(name) for name in own)


def _try(batch, model, documents, spool):
    """Write documents and undo it. Returns ({key: resulting document}, {key: [faults in words]}, proposed keys)."""
    after, faults, proposed = {}, {}, []
    if documents:
        with writer.dry_run():
            options = how_written(batch)
            named = spool.named_in(model, documents)
            for other in filter(named.get, models_in_order()):
                submit(batch.user, other, named[other], faults={}, trial={}, **options)
            proposed = submit(batch.user, model, documents, faults=faults, trial=after, **options).proposed
    return after, {key: [fault.words for fault in each] for key, each in faults.items()}, proposed
