"""The preview: what an import would do, found by doing it and undoing it, a chunk of records at a time."""

import pickle
import re
import tempfile
from collections import Counter, defaultdict
from dataclasses import asdict

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


WRITTEN = (Verdict.NEW, Verdict.CHANGED, Verdict.PROPOSED)
_NAMED = re.compile(r'"(?:slug|code)":"([^"]+)"')
_DERIVED = {"url", "modified", "claims"}
_ORGANISATION = Organisation._meta.model_name
TWICE = "This record is in the file twice, here and at {place}. Leave one of them out."


def storable(value):
    """Return ``value`` as both databases can keep it: JSON without NUL characters."""
    return value and orjson.loads(orjson.dumps(value, default=str).replace(b"\\u0000", "␀".encode()))


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
    user, register = batch.user, last_id(Revision)
    if user is None or not permissions.may(user, "import"):
        raise NotReadable("Whoever uploaded this file may not import any more. Upload it again.")
    if not storage.bytes_of(batch).exists():
        raise NotReadable("The file is not kept any more. Upload it again.")
    batch.items.all().delete()
    source = {"slug": source_of(batch)["slug"], "title": batch.file_name}
    reader = lifecycle.reader_of(batch.kind)
    arguments = {"name": batch.file_name, "options": batch.options, "source": source, "tell": tell}
    reading = reader.read(storage.bytes_of(batch), **arguments)
    done = otherwise = 0
    new, named = set(), set()  # organisations, to drop those that only refused activities name
    with tempfile.TemporaryFile(dir=settings.IMPORTS_DIR) as file:
        spool = _Spool(file)
        count = spool.take(reading.items, tell)
        for group in spool.chunks():
            judged = _judge(batch, user, spool, group, moved_on)
            if not _keep(batch, [row for row, _is_seen in judged]):
                return
            for row, is_seen in judged:
                otherwise += is_seen
                if row.kind != _ORGANISATION:
                    named.update(_NAMED.findall(row.document))
                elif row.verdict == Verdict.NEW:
                    new.add(row.key)
            done += len(judged)
            tell("compared", done, count)
    for keys in chunks(sorted(new - named) if batch.kind == Import.Kind.IATI else ()):
        batch.items.filter(kind=_ORGANISATION, key__in=keys).delete()
    counts, about = _counted(batch, reading)
    about |= {"otherwise": otherwise, "register": register}
    rejects.keep(batch, reading)
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
    counted = Counter(dict(items.values_list("verdict").annotate(Count("pk"))))
    counted[Verdict.VANISHED] += gone
    about = {
        **reading.about,
        "faults": [asdict(fault) for fault in reading.faults],
        "unsure": items.exclude(notes=[]).exclude(verdict=Verdict.REFUSED).count(),
        "originals": items.filter(verdict=Verdict.SAME).exclude(original="").count(),
    }
    return {str(verdict): counted[verdict] for verdict in Verdict}, about


def last_id(model):
    """Return the id of the newest row; 0 if there is none."""
    return model.objects.aggregate(last=Max("id"))["last"] or 0


class _Spool:
    """Items of a file, put aside, so that none is judged before those that it may name."""

    def __init__(self, file):
        self._file = file
        self._places = defaultdict(list)  # {model: [(number, key, place in the file)]}
        self._named = defaultdict(dict)  # {model that others name: {key: (place in the file, same_kind_reference)}}

    def take(self, items, tell):
        """Put items aside, those refused whose record was there before. Returns how many there are."""
        first, number = {}, 0
        for number, item in enumerate(items, 1):
            for name in ("key", "place", "identifier", "original"):
                setattr(item, name, getattr(item, name).replace("\0", "␀"))
            if item.document is not None and (at := first.setdefault((item.model, item.key), item.place)) != item.place:
                item.document = None
                item.faults.append(PlacedFault(item.place, "", TWICE.format(place=at)))
            place = self._file.tell()
            pickle.dump(item, self._file, pickle.HIGHEST_PROTOCOL)
            self._places[item.model].append((number, item.key, place))
            if item.document is not None and _is_named(item.model):
                self._named[item.model][item.key] = place, same_kind_reference(item.model, item.document)
            if number % 500 == 0:
                tell("put in order", number)
        tell("put in order", number)
        return number

    def chunks(self):
        """Yield lists of (number, Item) of one kind, each after what it names: then that has the smaller number."""
        for model in models_in_order():
            places = sorted(self._places[model], key=lambda place: self._depth(model, place[1]))
            pairs = zip(self._places[model], places, strict=True)
            yield from chunks((number, self._load(place)) for (number, *_), (*_, place) in pairs)

    def _depth(self, model, key):
        """Return how many others of its kind a record names, one by way of the other; a circle ends somewhere."""
        depth, named = 0, self._named[model]
        while depth < LEVELS and named.get(key, (0, None))[1] in named:
            depth, key = depth + 1, named[key][1]
        return depth

    def _load(self, place):
        self._file.seek(place)
        return pickle.load(self._file)  # noqa: S301 (written here a moment ago, to a file without a name)

    def named_in(self, model, documents):
        """Return ``{model: {key: document}}`` of the other records that ``documents`` name, and that these name."""
        others = defaultdict(dict, {model: dict(documents)})
        waiting = list(documents.values())
        while waiting:
            keys = set(_NAMED.findall(orjson.dumps(waiting).decode()))
            waiting = []
            for other, named in self._named.items():
                for key in sorted((keys & named.keys()) - others[other].keys()):
                    others[other][key] = self._load(named[key][0]).document
                    waiting.append(others[other][key])
        return {**others, model: {key: each for key, each in others[model].items() if key not in documents}}


def _is_named(model):
    label = model._meta.label_lower
    return any(name == label for other in record_models() for name, _ in other.names)


def _judge(batch, user, spool, group, moved_on=None):
    """Return [(unsaved ImportItem, whether readers would see of it what reads otherwise than its source)] of a chunk
    of (number, Item), all of one kind.
    """
    model = group[0][1].model
    kind, items = model._meta.model_name, [item for _number, item in group]
    merged, late, moved = (moved_on.merged, moved_on.faults, moved_on.moved) if moved_on else ({}, {}, {})
    documents = {item.key: merged.get((kind, item.key), item.document) for item in items if item.document is not None}
    before = {key: each for key, each in newest(model, list(documents)).items() if each.action != "deleted"}
    standing = {key: document_of(revision) for key, revision in before.items()}
    changed = {key: document for key, document in documents.items() if not _is_same(document, standing.get(key))}
    after, faults, proposed = _try(batch, user, model, changed, spool)
    faults = {key: late[kind, key] for key in changed if (kind, key) in late} | faults
    kept, judged = _originals(model, [item.key for item in items if item.original]), []
    for number, item in group:
        key, old = item.key, standing.get(item.key)
        document = None if item.document is None else after.get(key, documents[key])
        wrong = [*item.faults, *(PlacedFault(item.place, "", fault.words) for fault in faults.get(key, ()))]
        verdict = _verdict(wrong, document, key, after, proposed, before)
        is_written, is_same = verdict in WRITTEN, verdict == Verdict.SAME
        otherwise = _otherwise(model, document, old, key in after) if is_written else []
        is_public = (before[key].state if key in before else state_of(batch)) == State.PUBLISHED
        is_kept = is_written or (is_same and kept.get(key, item.original) != item.original)
        row = ImportItem(
            batch=batch, number=number, kind=kind, key=key[:300], place=item.place[:300], verdict=verdict,
            changes=storable(differences(old, document)) if is_written and old else [],
            faults=storable([asdict(fault) for fault in wrong]), numbers=item.numbers,
            notes=storable([*otherwise, *item.notes, *(() if is_same else moved.get((kind, key), ()))]),
            document=as_text(model, document) if is_written else "", base=before[key].pk if key in before else None,
            identifier=item.identifier[:300], original=item.original if is_kept else "",
        )  # fmt: skip
        judged.append((row, bool(otherwise) and is_public and verdict != Verdict.PROPOSED))
    return judged


def _verdict(faults, document, key, after, proposed, before):
    if faults:
        return Verdict.REFUSED
    if document is None:
        return Verdict.VANISHED
    if key in proposed:
        return Verdict.PROPOSED
    if key not in after:
        return Verdict.SAME
    return Verdict.CHANGED if key in before else Verdict.NEW


def _otherwise(model, document, standing, is_tried):
    """Return in words what a document says otherwise than its source, and did not before."""
    if is_tried and not any(contradicts(claim) or is_not_found(claim) for claim in document.get("claims", ())):
        return []  # the trial settled its claims
    return contradictions(model, document, standing)


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
        if documents := named.get(model):
            submit(user, model, documents, reason="tried", faults={}, trial={}, **new_records)


def _originals(model, keys):
    """Return ``{key: text}`` of the newest Originals."""
    rows = Original.objects.filter(kind=model._meta.model_name, key__in=keys).order_by("id")
    return dict(rows.values_list("key", "text")) if keys else {}
