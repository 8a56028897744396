"""What becomes of an item: judged by what stands and what a trial made of it, and kept as a row of the preview."""

from dataclasses import asdict, dataclass

import orjson

from provenance.documents.diff import differences
from provenance.models import State
from provenance.store.build import as_text
from provenance.store.evidence import contradictions

from .items import PlacedFault
from .models import ImportItem

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
        at = next(iter(item.numbers), 0)
        tried = [PlacedFault(item.place, "", fault.words, at) for fault in self.faults.get(item.key, ())]
        return [asdict(fault) for fault in (*item.faults, *tried)]

    def contradictions(self, item, state):
        """Return what an item says otherwise than its source, in words, and whether readers would see that: it is
        published, or new, and ``state`` is what new records get."""
        found = contradictions(item.model, self.after.get(item.key, item.document), self.standing.get(item.key))
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
        document=as_text(item.model, item.document) if is_written else "",
        base=seen.before[item.key].pk if item.key in seen.before else None,
        identifier=item.identifier[:300], original=item.original if is_kept else "",
    )  # fmt: skip
    return row, is_seen


def storable(value):
    """Return ``value`` as both databases can keep it: JSON without NUL characters."""
    return value and orjson.loads(orjson.dumps(value, default=str).replace(b"\\u0000", "␀".encode()))
