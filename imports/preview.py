"""The preview: what an import would do, found by doing it and undoing it, a chunk of records at a time."""

import pickle
import re
import tempfile
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from projects.models import Organisation
from projects.models.querysets import LEVELS
from provenance.documents.claims import contradicts, is_not_found, settle_claims
from provenance.documents.diff import differences
from provenance.models import Original, Revision, Source, State
from provenance.store import bulk, writer
from provenance.store.build import as_text, same_kind_reference
from provenance.store.evidence import contradictions
from provenance.store.log import chunks, document_of, newest, record_models
from provenance.workflow import permissions, publication
from provenance.workflow.submission import submit

from . import lifecycle, storage
from .items import NotReadable, PlacedFault
from .models import Import, ImportItem
from .tables import rejects

Verdict = ImportItem.Verdict


@dataclass
class Seen:
    """What is known of the records of a chunk, ``{key: …}`` each, to judge their items."""

    before: dict  # Revisions that stand
    standing: dict  # what these state
    after: dict  # what was written, as a trial
    faults: dict
    proposed: set
    kept: dict  # the newest Originals
    moved: dict  # what others changed meanwhile, in words

    def verdict(self, item, faults):
        """Return the Verdict of an item with the faults ``found``."""
        if faults:
            return Verdict.REFUSED
        if item.document is None:
            return Verdict.VANISHED
        if item.key in self.proposed:
            return Verdict.PROPOSED
        if item.key not in self.after:
            return Verdict.SAME
        return Verdict.CHANGED if item.key in self.before else Verdict.NEW

    def faults_of(self, item):
        """Return the faults of an item, its own and those of the trial."""
        tried = [PlacedFault(item.place, "", fault.words) for fault in self.faults.get(item.key, ())]
        return [asdict(fault) for fault in (*item.faults, *tried)]

    def contradictions(self, item, state):
        """Return what an item says otherwise than its source, in words, and whether readers would see that: it is
        published, or new, and ``state`` is what new records get."""
        after = self.after.get(item.key)
        if after and not any(contradicts(claim) or is_not_found(claim) for claim in after.get("claims", ())):
            return [], False
        found = contradictions(item.model, after or item.document, self.standing.get(item.key))
        state = self.before[item.key].state if item.key in self.before else state
        return found, bool(found) and state == State.PUBLISHED and item.key not in self.proposed

    def changes(self, item, verdict):
        """Return what an item changes, in words; of what is new, its document tells."""
        is_compared = verdict in (Verdict.CHANGED, Verdict.PROPOSED)
        return differences(self.standing.get(item.key), self.after.get(item.key, item.document)) if is_compared else []


def row_of(batch, kind, seen, number, item, state):
    """Return the unsaved ImportItem of an Item, the ``number``th of its file, as ``seen`` judges it, and whether
    readers would see of it what reads otherwise than its source. ``state``: of new records."""
    faults = seen.faults_of(item)
    verdict = seen.verdict(item, faults)
    is_written = verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.PROPOSED)
    is_kept = is_written or (verdict == Verdict.SAME and seen.kept.get(item.key, item.original) != item.original)
    moved = seen.moved.get(item.key, ()) if verdict != Verdict.SAME else ()
    otherwise, is_seen = seen.contradictions(item, state) if is_written else ([], False)
    row = ImportItem(
        batch=batch, number=number, kind=kind, key=item.key[:300], place=item.place[:300],
        verdict=verdict, changes=storable(seen.changes(item, verdict)), faults=storable(faults),
        notes=storable([*otherwise, *item.notes, *moved]), numbers=item.numbers,
        document=as_text(item.model, seen.after.get(item.key, item.document)) if is_written else "",
        base=seen.before[item.key].pk if item.key in seen.before else None,
        identifier=item.identifier[:300], original=item.original if is_kept else "",
    )  # fmt: skip
    return row, is_seen


def storable(value):
    """Return ``value`` as both databases can keep it: JSON without NUL characters."""
    return value and orjson.loads(orjson.dumps(value, default=str).replace(b"\\u0000", "␀".encode()))


_NAMED = re.compile(r'"(?:slug|code)":"([^"]+)"')
_DERIVED = {"url", "modified", "claims"}
_ORGANISATION = Organisation._meta.model_name
_SLUGS = re.compile(r'"slug":"([^"]+)"')
TWICE = "This record is in the file twice, here and at {place}. Leave one of them out."


def models_in_order():
    """Return the kinds of record, each after those that it can name."""
    return sorted(record_models(), key=lambda model: (model is not Source, len(model.names)))


def source_of(batch):
    """Return the document of the Source that an import is."""
    return {
        "slug": f"import-{batch.digest[:12]}", "title": batch.file_name, "publisher": None, "address": None,
        "language": None, "date": None, "read_date": timezone.localdate().isoformat(), "digest": batch.digest,
        "modified": "",
    }  # fmt: skip


def write_source(batch, user):
    """Write the Source of an import, if it is not there, as a draft: the name of a file is not public by itself.

    Returns what becomes public with records that the import publishes, or changes: see ``submit``.
    """
    source = source_of(batch)
    if not Source.objects.filter(pk=source["slug"]).exists():
        submit(user.get_username(), Source, {source["slug"]: source}, reason=reason_of(batch))
    return publication.plan(None, {Source: [source["slug"]]}).items()


def reason_of(batch):
    """Return why records change that an import writes."""
    return f"Imported from {batch.file_name}. {batch.options.get('reason', '')}".strip()[:300]


def state_of(batch):
    """Return the state that new records of an import get."""
    return State.PUBLISHED if batch.options.get("publish") else State.DRAFT


def preview(batch, tell, moved_on=None):
    """Read the file of ``batch``, see what it would do, and keep that as its items; the register stays as it is.

    ``tell(what, number)`` is told how far it is; ``moved_on``: what kept the preview before from being written.
    NotReadable if the whole file is refused. If the import is dropped meanwhile, nothing of it is kept.
    """
    user = batch.user
    if user is None or not permissions.may(user, "import"):
        raise NotReadable("Whoever uploaded this file may not import any more. Upload it again.")
    if not storage.bytes_of(batch).exists():
        raise NotReadable("The file is not kept any more. Upload it again.")
    batch.items.all().delete()
    arguments = {"name": batch.file_name, "options": batch.options}
    arguments["source"] = {"slug": source_of(batch)["slug"], "title": batch.file_name}
    register = last_id(Revision)
    reading, orphans, done = lifecycle.reader_of(batch.kind).read(storage.bytes_of(batch), **arguments), _Orphans(), 0
    otherwise = 0
    with _Spool(settings.IMPORTS_DIR) as spool:
        spool.take(reading.items, tell)
        for group in spool.chunks():
            judged = _judge(batch, user, spool, group, moved_on)
            rows, otherwise = [row for row, _is_seen in judged], otherwise + sum(is_seen for _row, is_seen in judged)
            if not _keep(batch, rows):
                return
            orphans.look(rows)
            done += len(rows)
            tell("compared", done, spool.number)
    orphans.drop(batch)
    counts, about = _counted(batch, reading)
    about |= {"otherwise": otherwise, "register": register}
    if batch.kind == Import.Kind.TABLE:
        rejects.keep(batch, about["sheets"])
    if not lifecycle.move(batch, Import.State.READING, to=Import.State.READ, counts=counts, about=storable(about)):
        rejects.remove(batch)


def _keep(batch, rows):
    """Keep the rows of a preview; False, and nothing kept, if the import was dropped meanwhile."""
    with transaction.atomic():
        if not Import.objects.select_for_update().filter(pk=batch.pk, state=Import.State.READING).first():
            return False
        bulk.insert(rows)
    return True


def _counted(batch, reading):
    """Return (how many items there are of each Verdict, what the page tells of the file)."""
    items, gone = batch.items.order_by(), len(reading.about.get("vanished", ()))
    found = Counter(dict(items.values_list("verdict").annotate(Count("pk"))))
    found[Verdict.VANISHED] += gone
    about = {
        **reading.about,
        "faults": [asdict(fault) for fault in reading.faults],
        "unsure": items.exclude(notes=[]).exclude(verdict=Verdict.REFUSED).count(),
        "originals": items.filter(verdict=Verdict.SAME).exclude(original="").count(),
    }
    return {str(verdict): found[verdict] for verdict in Verdict}, about


def last_id(model):
    """Return the id of the newest row; 0 if there is none."""
    return model.objects.aggregate(last=Max("id"))["last"] or 0


class _Spool:
    """Items of a file, put aside kind by kind, so that none is judged before those that it may name."""

    def __init__(self, folder):
        self._folder, self._files, self._seen = folder, {}, {}
        self.number = 0  # of items
        self._places = defaultdict(list)  # {model: [(number, key, place in its file)]}
        self._named = defaultdict(dict)  # {model that others name: {key: (place in its file, named_by)}}

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for file in self._files.values():
            file.close()

    def take(self, items, tell):
        for number, item in enumerate(items, 1):
            self.number = number
            self._check(item)
            if item.model not in self._files:
                self._files[item.model] = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 (__exit__)
            place = self._files[item.model].tell()
            pickle.dump(item, self._files[item.model], pickle.HIGHEST_PROTOCOL)
            self._places[item.model].append((number, item.key, place))
            if item.document is not None and _is_named(item.model):
                self._named[item.model][item.key] = place, same_kind_reference(item.model, item.document)
            if number % 500 == 0:
                tell("read", number)
        tell("read", self.number)

    def _check(self, item):
        for name in ("key", "place", "identifier", "original"):
            setattr(item, name, getattr(item, name).replace("\0", "␀"))
        before = self._seen.setdefault((item.model, item.key), item.place) if item.document is not None else None
        if before not in (None, item.place):
            item.document = None
            item.faults.append(PlacedFault(item.place, "", TWICE.format(place=before)))

    def chunks(self):
        """Yield lists of (number, Item) of one kind, each after what it names: then that has the smaller number."""
        for model in models_in_order():
            places = sorted(self._places[model], key=lambda place: self._depth(model, place[1]))
            numbers = [number for number, _key, _place in self._places[model]]
            pairs = zip(numbers, places, strict=True)
            yield from chunks((number, self._load(model, place)) for number, (_number, _key, place) in pairs)

    def _depth(self, model, key):
        """Return how many others of its kind a record names, one by way of the other; a circle ends somewhere."""
        depth, named = 0, self._named[model]
        while depth < LEVELS and named.get(key, (0, None))[1] in named:
            depth, key = depth + 1, named[key][1]
        return depth

    def _load(self, model, place):
        file = self._files[model]
        file.seek(place)
        return pickle.load(file)  # noqa: S301 (written here a moment ago, to a file without a name)

    def named_in(self, model, documents):
        """Return ``{model: {key: document}}`` of the other records that ``documents`` name, and that these name."""
        found = defaultdict(dict, {model: dict(documents)})
        waiting = list(documents.values())
        while waiting:
            keys = set(_NAMED.findall(orjson.dumps(waiting).decode()))
            waiting = []
            for other, named in self._named.items():
                for key in sorted((keys & named.keys()) - found[other].keys()):
                    found[other][key] = self._load(other, named[key][0]).document
                    waiting.append(found[other][key])
        return {**found, model: {key: each for key, each in found[model].items() if key not in documents}}


def _is_named(model):
    label = model._meta.label_lower
    return any(name == label for other in record_models() for name, _ in other.names)


def _judge(batch, user, spool, group, moved_on=None):
    """Return what ``row_of`` makes of a chunk of (number, Item), all of one kind."""
    model = group[0][1].model
    kind = model._meta.model_name
    for _, item in group:
        if moved_on and item.document is not None:
            item.document = moved_on.merged.get((kind, item.key), item.document)
    documents = {item.key: item.document for _, item in group if item.document is not None}
    before = {key: each for key, each in newest(model, list(documents)).items() if each.action != "deleted"}
    standing = {key: document_of(revision) for key, revision in before.items()}
    changed = {key: document for key, document in documents.items() if not _is_same(document, standing.get(key))}
    after, faults, proposed = _try(batch, user, model, changed, spool)
    moved = {}
    if moved_on:
        faults = {key: found for key in changed if (found := moved_on.faults.get((kind, key)))} | faults
        moved = {item.key: moved_on.moved.get((kind, item.key), ()) for _, item in group}
    kept = _originals(model, [item.key for _, item in group if item.original])
    seen = Seen(before=before, standing=standing, after=after, faults=faults, proposed=proposed, kept=kept, moved=moved)
    return [row_of(batch, kind, seen, number, item, state_of(batch)) for number, item in group]


def _is_same(document, standing):
    """Whether a document says what stands, but for what follows from other members."""
    if standing is None or any(document[name] != standing.get(name) for name in document.keys() - _DERIVED):
        return False
    if document.get("claims") == standing.get("claims"):
        return True
    return settle_claims(document)["claims"] == settle_claims(standing)["claims"]


def _try(batch, user, model, documents, spool):
    """Write documents, see what became of them, and undo it: ({key: document}, {key: faults}, keys proposed)."""
    if not documents:
        return {}, {}, ()
    faults, after = {}, {}
    with writer.dry_run():
        new_records = {"state": state_of(batch), "publish": write_source(batch, user)}
        _write_named(user, spool.named_in(model, documents), new_records)
        outcome = submit(user, model, documents, reason=reason_of(batch), faults=faults, trial=after, **new_records)
    return after, faults, set(outcome.proposed)


def _write_named(user, named, new_records):
    """Write the other records of the file that documents name, ``{model: {key: document}}``, so that they are there."""
    for model in models_in_order():
        if found := named.get(model):
            submit(user, model, found, reason="tried", faults={}, trial={}, **new_records)


def _originals(model, keys):
    """Return ``{key: text}`` of the newest Originals."""
    rows = Original.objects.filter(kind=model._meta.model_name, key__in=keys).order_by("id")
    return dict(rows.values_list("key", "text")) if keys else {}


class _Orphans:
    """New organisations that an IATI file names only in activities that are refused: they are not added."""

    def __init__(self):
        self._new, self._named = set(), set()

    def look(self, rows):
        """Take note of unsaved ImportItems: which organisations are new, and which the others name."""
        for row in rows:
            if row.kind == _ORGANISATION and row.verdict == ImportItem.Verdict.NEW:
                self._new.add(row.key)
            elif row.document and row.kind != _ORGANISATION:
                self._named.update(_SLUGS.findall(row.document))

    def drop(self, batch):
        """Delete the items of new organisations that nothing written names."""
        gone = sorted(self._new - self._named) if batch.kind == Import.Kind.IATI else []
        for keys in chunks(gone):
            batch.items.filter(kind=_ORGANISATION, key__in=keys).delete()
