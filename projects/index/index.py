"""The index: one row for each published state of a project, appended and never changed.

A project that changes gets a new row, and its old row is no longer live. So readers keep a consistent view while the
index follows the log.
"""

from bisect import bisect_left
from collections import defaultdict
from functools import partial
from threading import Lock
from typing import NamedTuple

import numpy as np
import orjson
from pyroaring import BitMap

from provenance.documents.declaration import further_names
from provenance.documents.folding import searchable_text
from provenance.models import Revision
from provenance.models.revision import SHOWN, public_state

from ..models import Organisation
from ..models.project import LEVELS
from ..words.phrases import names_in_every_language
from ..words.search_text import names_in_partner_languages
from .columns import ColumnTable, Numbers
from .documents import BATCH, documents_by_id
from .facts import LATE, facts_of, read, sources_of
from .version import Version, newest_of_each
from .vocabulary import WordIndex

CHUNK = 500  # projects added at once, whose documents are in memory together
ORDERS = {  # sort order: its column, and the value there that means "not stated"
    "title": None,
    "start_date": ("start_earliest", 0),
    "end_date": ("end_latest", LATE),
    "budget": ("cents", -1),
    "modified": ("modified", -1),
}
NOWHERE, SEVERAL = -1, -2  # in the column ``place``


class Named(NamedTuple):
    """A published record of another kind than projects."""

    key: str
    name: str
    sort_key: str
    revision: int
    sources: tuple[str, ...]  # named by its claims


PROJECT_COLUMNS = {
    "revision": np.int64, "modified": np.int64, "cents": np.int64, "currency": np.int16, "is_in_whole": np.bool_,
    "start_earliest": np.int32, "start_latest": np.int32, "end_earliest": np.int32, "end_latest": np.int32,
    "place": np.int32, "whole": np.int32, "project": np.int32, "left": np.int64,
}  # fmt: skip
CONTRIBUTION_COLUMNS = {
    "row": np.int32, "funder": np.int32, "instrument": np.int32, "cents": np.int64, "currency": np.int16,
    "is_in_whole": np.bool_,
}  # fmt: skip
CHANGE_COLUMNS = {"id": np.int64, "project": np.int32, "is_shown": np.bool_}  # public Revisions of projects


class Index:
    """What is public at one version of the register. It can be updated to a later one."""

    def __init__(self):
        self.version = Version(0, None, "")
        self.keys, self.sort_keys = [], []  # by row
        self.live, self.withdrawn = BitMap(), BitMap()
        self.projects, self.contributions = ColumnTable(PROJECT_COLUMNS), ColumnTable(CONTRIBUTION_COLUMNS)
        self.sets = defaultdict(partial(defaultdict, BitMap))  # {parameter: {key: rows}}
        self.words = WordIndex()
        self.currencies, self.organisations, self.instruments, self.countries = (Numbers() for _ in range(4))
        self.records = defaultdict(dict)  # {kind: {key: Named}}; the inner dict is replaced when it changes
        self.names = {}  # {(kind, key): folded names by which its projects are found}; replaced, too
        self.of_records = {}  # what follows from ``records`` and ``names`` alone; replaced, too
        self.orders, self.lock = {}, Lock()
        self._changes, self._changes_read = ColumnTable(CHANGE_COLUMNS), 0  # and up to which version
        self.numbers = Numbers()  # of all projects that ever were public
        self._row_of = {}  # {project: newest row}
        self._earlier = {}  # {row: the project's row before}, since the index was built
        self._whole_of, self._parts_of = {}, defaultdict(set)  # {sub-project: main project}, and back

    def __getstate__(self):
        return self.__dict__ | {"lock": None, "orders": {}, "of_records": {}}

    def __setstate__(self, state):
        self.__dict__.update(state, lock=Lock())

    @property
    def size(self):
        return len(self.keys)

    @property
    def dead(self):
        """The number of rows that are out of date."""
        return self.size - len(self.live) - len(self.withdrawn)

    def row_of(self, key, live):
        """Return the row of the project ``key`` among the rows ``live``, or None."""
        row = self._row_of.get(key)
        while row is not None and row not in live:
            row = self._earlier.get(row)
        return row

    # Following

    def follow(self, revisions, version):
        """Update the index to a later version. ``revisions``: the newest of each record that changed since."""
        projects, records, names = [], {}, {}
        for revision in revisions:
            if revision.kind == "project":
                projects.append(revision)
                if len(projects) >= CHUNK:
                    self._add(projects)
                    projects = []
            else:
                of_kind = records.setdefault(revision.kind, dict(self.records[revision.kind]))
                self._follow_record(revision, of_kind, names)
        self._add(projects)
        if records:
            self.of_records, self.names = {}, self.names | names
        self.records.update(records)
        self.version = version

    def _follow_record(self, revision, records, names):
        kind, key, others = revision.kind, revision.key, ()
        if revision.is_shown:
            document = orjson.loads(revision.document)
            name = document.get("name") or document["title"]
            records[key] = Named(key, name, revision.sort_key, revision.id, tuple(sources_of(document)))
            others = further_names(Organisation, document) if kind == "organisation" else ()
        elif key in records:  # its document may be empty; withdrawn projects are still found by its name
            name = records.pop(key).name
        else:
            return
        if kind != "source":  # projects are not found by those
            others = names_in_partner_languages(key) if kind == "country" else others
            names[kind, key] = searchable_text([*names_in_every_language(kind, key, name), *others])

    def _add(self, revisions):
        """Add projects, and their sub-projects again: whether those sums count depends on the main project."""
        changed = {each.key for each in revisions}
        parts = self._below(changed) - changed
        rows = [self._row_of[key] for key in parts]
        again = zip(rows, parts, documents_by_id(self._values("revision", rows).tolist()), strict=True)
        withdrawn = {each.key for each in revisions if not each.is_shown and each.action != "deleted"}
        states = [
            (each.key, each.sort_key, each.id, int(each.at.timestamp()), is_shown, facts_of(read(each.document)))
            for is_shown, group in ((False, self._last_shown(withdrawn, revisions)), (True, revisions))
            for each in group
            if each.is_shown
        ]
        for row, key, text in again:
            revision, modified = (int(self._values(name, [row])[0]) for name in ("revision", "modified"))
            states.append((key, self.sort_keys[row], revision, modified, row in self.live, facts_of(read(text))))
        for row in (self._row_of[key] for key in changed | parts if key in self._row_of):
            self.live.discard(row)
            self.withdrawn.discard(row)
        self._append(states)

    def _last_shown(self, keys, revisions):
        """Yield the last published Revision of the withdrawn projects ``keys``; a withdrawal may hold later drafts."""
        until = max((each.id for each in revisions), default=0)
        for first in range(0, len(keys), BATCH):
            batch = sorted(keys)[first : first + BATCH]
            yield from newest_of_each(Revision.objects.filter(SHOWN, kind="project", key__in=batch, id__lt=until))

    def _values(self, name, rows):
        return self.projects.upto(name, self.size)[rows]

    def _below(self, keys):
        below = new = set(keys)
        for _level in range(LEVELS):
            new = {part for key in new if key in self._parts_of for part in self._parts_of[key]} - below
            below = below | new
        return {key for key in below if key in self._row_of and self._row_of[key] in self.live}

    def _append(self, states):
        first = self.size
        projects, contributions, shown, gone = [], [], [], []
        with self.lock:
            numbers = [self.numbers[key] for key, *_ in states]
        for row, (_key, _sort_key, revision, modified, is_shown, facts) in enumerate(states, first):
            (shown if is_shown else gone).append(row)
            for parameter, keys in facts.keys.items():
                for key in keys:
                    self.sets[parameter][key].add(row)
            countries = facts.keys["country"]
            place = NOWHERE if not countries else SEVERAL if len(countries) > 1 else self.countries[countries[0]]
            projects.append(
                (revision, modified, facts.cents, self.currencies[facts.currency], False,
                 *facts.start, *facts.end, place, -1, numbers[row - first], facts.left)
            )  # fmt: skip
            contributions += (
                (row, self.organisations[part.funder], self.instruments[part.instrument] if part.instrument else -1,
                 part.cents, self.currencies[part.currency], False)
                for part in facts.contributions
            )  # fmt: skip
        self.projects.extend(projects)
        self.contributions.extend(contributions)
        self.words.add((row, facts.words) for row, (*_rest, facts) in enumerate(states, first))
        for row, (key, sort_key, *_rest) in enumerate(states, first):
            if key in self._row_of:
                self._earlier[row] = self._row_of[key]
            self._row_of[key] = row
            self.sort_keys.append(sort_key)
            self.keys.append(key)  # last, because its length is the number of rows
        self.live.update(shown)
        self.withdrawn.update(gone)
        self._relate([(key, facts.whole) for key, *_, facts in states], first)

    def _relate(self, wholes, first):
        """Link new rows to their main projects, and mark the sums that are already counted there.

        ``wholes``: (key, main project's key or None) for each row from ``first`` on.
        """
        for key, whole in wholes:
            if whole:
                self._whole_of[key] = whole
                self._parts_of[whole].add(key)
            else:
                self._whole_of.pop(key, None)
        for row, (_key, whole) in enumerate(wholes, first):
            if whole:
                currencies, counted = self._above(whole)
                self.projects.set("whole", row, self._live_row_of(whole))
                self.projects.set("is_in_whole", row, self._currency_of(row) in currencies)
                for part, sum_ in self._contributions_of(row):
                    self.contributions.set("is_in_whole", part, sum_ in counted)

    def _live_row_of(self, key):
        """Return the row of a published project, or -1."""
        row = self._row_of.get(key)
        return row if row is not None and row in self.live else -1

    def _above(self, key):
        """Return the currencies of the totals, and (funder, currency) of contributions, of ``key`` and its wholes."""
        currencies, sums = set(), set()
        for _level in range(1, LEVELS):
            row = self._live_row_of(key)
            if row >= 0:
                currencies.add(self._currency_of(row))
                sums.update(sum_ for _part, sum_ in self._contributions_of(row))
            key = self._whole_of.get(key)
        return currencies - {None}, sums

    def _currency_of(self, row):
        """Return the number of the currency of a row's total, or None if it states none."""
        cents, currency = (self._values(name, row) for name in ("cents", "currency"))
        return None if cents < 0 else int(currency)

    def _contributions_of(self, row):
        """Yield (row in the contributions table, (funder, currency)) of a project's contributions with an amount."""
        rows, funders, cents, currencies = (
            self.contributions.upto(name, self.contributions.size) for name in ("row", "funder", "cents", "currency")
        )
        for place in range(*np.searchsorted(rows, [row, row + 1])):
            if cents[place] >= 0:
                yield place, (int(funders[place]), int(currencies[place]))

    def changes(self):
        """Return the public Revisions of projects up to this version, a ColumnTable with CHANGE_COLUMNS."""
        with self.lock:
            rows = Revision.objects.filter(kind="project", id__lte=self.version.number).public().order_by("id")
            rows = rows.values_list("id", "key", "action", "state")
            while self._changes_read < self.version.number:
                batch = [
                    (pk, self.numbers[key], public_state(action, state) == "published")
                    for pk, key, action, state in rows.filter(id__gt=self._changes_read)[:BATCH]
                ]
                self._changes.extend(batch)
                self._changes_read = batch[-1][0] if len(batch) == BATCH else self.version.number
        return self._changes

    # Orders

    def position(self, order, row):
        """Return the position of a row in ``order``: (value to sort by, or None if it is not stated; key)."""
        sort = order.removeprefix("-")
        if sort == "title":
            return self.sort_keys[row], self.keys[row]
        name, blank = ORDERS[sort]
        value = int(self._values(name, row))
        return None if value == blank else value, self.keys[row]

    def count_before(self, rows, order, position, *, after):
        """Return how many of ``rows``, sorted by ``order``, come before ``position``; ``after``: or at it."""
        is_down = order.startswith("-")

        def is_past(row):
            (value, key), (at, at_key) = self.position(order, row), position
            if value == at:  # ties go by key
                return key > at_key or (key == at_key and not after)
            if value is None or at is None:  # blanks come last
                return value is None
            return value < at if is_down else value > at

        return bisect_left(rows, True, key=is_past)

    def in_order(self, order):
        """Return an array of all rows in ``order``."""
        with self.lock:
            rows = self.orders.get(order, np.empty(0, np.uint32))
            if new := range(len(rows), self.size):
                if len(new) > max(100, len(rows) // 100):
                    rows = self._sorted(range(self.size), order)
                else:
                    added = self._sorted(new, order)
                    at = [self.count_before(rows, order, self.position(order, row), after=True) for row in added]
                    rows = np.insert(rows, at, added)
                self.orders[order] = rows
        return rows

    def _sorted(self, rows, order):
        rows = sorted(rows, key=self.keys.__getitem__)
        sort, is_down = order.removeprefix("-"), order.startswith("-")
        if sort == "title":
            return np.array(sorted(rows, key=self.sort_keys.__getitem__, reverse=is_down), np.uint32)
        name, blank = ORDERS[sort]
        rows = np.array(rows, np.uint32)
        values = self._values(name, rows)
        is_stated = values != blank
        values = values[is_stated].astype(np.int64)
        in_order = np.argsort(-values if is_down else values, kind="stable")
        return np.concatenate([rows[is_stated][in_order], rows[~is_stated]])
