"""Sets of projects: methods that narrow them, count them and put them in order."""

from bisect import bisect_left, bisect_right

import numpy as np
import orjson
from django.utils.functional import cached_property
from pyroaring import BitMap

from provenance.documents.folding import searchable_text
from provenance.store.build import upgrade

from ..models import Project
from ..words.search_text import own_texts
from ..words.terms import terms_of
from .columns import rows_in, set_of
from .documents import BATCH, documents_by_id
from .facts import LATE
from .index import SEVERAL


class Published:
    """Published records of a Register, whose documents are read in order."""

    def __init__(self, register, model, selected):
        self.register, self.model, self.selected = register, model, selected

    def count(self):
        return len(self.selected)

    def texts(self, records):
        """Return the documents of ``records``, JSON as bytes."""
        return documents_by_id(self.revisions(records))

    def documents(self, window=slice(None)):
        """Return the documents of a slice of the records, JSON as bytes."""
        return self.texts(self.ordered()[window])

    def read(self, window=slice(None)):
        """Return the documents of a slice of the records, with every member."""
        return [upgrade(self.model, text) for text in self.documents(window)]

    def stream_documents(self, records=None):
        """Yield the documents of all records in order, or of an array of ``records``, JSON as bytes, in batches."""
        records = self.ordered() if records is None else records
        for first in range(0, len(records), BATCH):
            yield from self.texts(records[first : first + BATCH])


class Rows(Published):
    """Projects in an order (one of ORDERS, ``-`` for descending). Methods that narrow return new Rows."""

    def __init__(self, register, selected, order="title"):
        super().__init__(register, Project, selected)
        self.order = order

    def within(self, rows):
        """Those in a set of rows."""
        return Rows(self.register, self.selected & rows, self.order)

    def without(self, rows):
        return Rows(self.register, self.selected - rows, self.order)

    def having(self, parameter, keys):
        """Those with one of ``keys`` of ``parameter``."""
        return self.within(self.register.rows_of(parameter, keys))

    # Words of the filter

    def matching(self, text):
        """Those that match the search ``text`` (see ``terms.terms_of``)."""
        rows = self
        for term in sorted(terms_of(text), key=lambda term: any(" " in folded for folded in term.foldings)):
            known = self.register.rows_with(term)
            phrases = (rows._with_phrase(folded, known) for folded in term.foldings if " " in folded)
            occurs = BitMap.union(known, *phrases)
            rows = rows.without(occurs) if term.is_left_out else rows.within(occurs)
        return rows

    def _with_phrase(self, folded, known):
        """Return the rows with a phrase in one of their own texts; those ``known`` to match need not be among them."""
        candidates = (self.selected - known) & self.register.words.containing_all(folded)

        def find():
            texts = self.stream_documents(rows_in(candidates))
            matches = (folded in searchable_text(own_texts(orjson.loads(text))) for text in texts)
            return BitMap([row for row, occurs in zip(candidates, matches, strict=True) if occurs])

        return self.register.cached(("phrase", folded, candidates.serialize()), find)

    def in_several_countries(self):
        """Those in more than one country."""
        place = self.register.column("place")
        return self.within(self.register.cached("several countries", lambda: set_of(np.flatnonzero(place == SEVERAL))))

    def with_organisations(self, organisations, roles=()):
        """Those where one of ``organisations`` has one of ``roles``, or without ``roles`` any role."""
        sets = [self.register.rows_of(role, organisations) for role in roles or ("organisation",)]
        return self.within(BitMap.union(*sets))

    def active(self, first=None, last=None, certainty="possible"):
        """Those active at some time between two dates: possible, dated or certain (see docs/api.md)."""
        first, last = first.toordinal() if first else 0, last.toordinal() if last else LATE
        start, end = ("start_latest", "end_earliest") if certainty == "certain" else ("start_earliest", "end_latest")
        column = self.register.column
        rows = self.within(set_of(np.flatnonzero((column(start) <= last) & (column(end) >= first))))
        if certainty == "certain":
            rows = rows.without(self.register.rows_of("planned", ("start", "end")))
            return rows.without(self.register.rows_of("not_stated", ("start_date", "end_date")))
        return rows.without(rows.undated().selected) if certainty == "dated" else rows

    def undated(self):
        """Those without any date."""
        return self.having("not_stated", ["start_date"]).having("not_stated", ["end_date"])

    def with_total(self, currency, least=None, most=None):
        """Those with a total budget between ``least`` and ``most`` (decimals) in ``currency``."""
        rows, cents = self.having("currency", [currency]), self.register.column("cents")
        if least is not None:
            rows = rows.within(set_of(np.flatnonzero(cents >= int(least * 100))))
        return rows if most is None else rows.within(set_of(np.flatnonzero(cents <= int(most * 100))))

    def modified_between(self, first=None, last=None):
        """Those last changed between two aware datetimes, to the second, as documents have it."""
        at = self.register.column("modified")
        is_within = at >= (-(-first.timestamp() // 1) if first else 0)
        if last:
            is_within &= at <= last.timestamp()
        return self.within(set_of(np.flatnonzero(is_within)))

    def in_order(self, order):
        return Rows(self.register, self.selected, order)

    # Other questions

    def with_passed_end(self, day):
        """Those that ended before ``day`` but are called planned or ongoing."""
        ended = set_of(np.flatnonzero(self.register.column("end_latest") < day.toordinal()))
        return self.within(ended).having("status", ["planned", "ongoing"])

    def with_parts_above_them(self):
        """Those whose published sub-projects have larger totals, in the same currency, than they have."""
        whole, cents, currency = (self.register.column(name) for name in ("whole", "cents", "currency"))
        parts = self.register.projects.array()
        parts = parts[(whole[parts] >= 0) & (cents[parts] >= 0)]
        parts = parts[currency[parts] == currency[whole[parts]]]
        wholes, of = np.unique(whole[parts], return_inverse=True)
        sums = np.zeros(len(wholes), object)
        np.add.at(sums, of, cents[parts])
        return self.within(set_of(wholes[(cents[wholes] >= 0) & (sums > cents[wholes])]))

    def related_to(self, project):
        """Those that share an agreement, or both a country and a theme, with ``project``, a document."""
        keys = {
            name: [member.get("code") or member["slug"] for member in project[plural]]
            for name, plural in (("partnership", "partnerships"), ("country", "countries"), ("theme", "themes"))
        }
        rows_by = {name: self.register.rows_of(name, values) for name, values in keys.items()}
        row = self.register.row_of(project["slug"])
        return self.within(rows_by["partnership"] | (rows_by["country"] & rows_by["theme"])).without(
            BitMap() if row is None else BitMap([row])
        )

    # The selected rows

    def of(self, keys):
        """Those of ``keys``."""
        return self.within(BitMap([row for row in map(self.register.row_of, keys) if row is not None]))

    def position(self, row):
        """Return the position of a row in the order: (value, key)."""
        return self.register.index.position(self.order, row)

    def count_before(self, ordered, position, *, after):
        """Return how many of ``ordered`` come before ``position`` (value, key); ``after``: or at it."""
        return self.register.index.count_before(ordered, self.order, position, after=after)

    def revisions(self, rows):
        """Return the ids of the Revisions that show ``rows``."""
        return self.register.column("revision")[rows].tolist()

    def array(self):
        """Return the rows as an array, not in order."""
        return rows_in(self.selected)

    @cached_property
    def contributions(self):
        """The places of the contributions to them, as an array."""
        return np.flatnonzero(self.mask()[self.register.contributions("row")])

    def mask(self):
        """Return a boolean array by row: whether it is one of these."""
        mask = np.zeros(self.register.size, np.bool_)
        mask[self.array()] = True
        return mask

    def ordered(self):
        """Return the rows in their order, as an array."""
        if self.selected == self.register.projects.selected:
            return self.register.cached(("ordered", self.order), self._ordered)
        return self._ordered()

    def _ordered(self):
        rows, size = self.register.index.in_order(self.order), self.register.size
        rows = rows if len(rows) == size else rows[rows < size]  # the index may have newer ones
        return rows[self.mask()[rows]]

    def keys(self):
        return [self.register.index.keys[row] for row in self.ordered()]


class Records(Published):
    """Published records other than projects, in list order."""

    def of(self, keys):
        """Those of ``keys``."""
        records = self.register.records.get(self.model._meta.model_name, {})
        records_of_keys = sorted({records[key] for key in keys if key in records}, key=self.position)
        return Records(self.register, self.model, records_of_keys)

    def called(self, text):
        """Those whose names match the search ``text``."""
        kind, terms = self.model._meta.model_name, terms_of(text)
        matches = [record for record in self.selected if self.register.is_called(kind, record.key, terms)]
        return Records(self.register, self.model, matches)

    def ordered(self):
        return self.selected

    def position(self, record):
        """Return the position of a record in the order: (sort key, key)."""
        return record.sort_key, record.key

    def count_before(self, ordered, position, *, after):
        """Return how many of ``ordered`` come before ``position``; ``after``: or at it."""
        return (bisect_right if after else bisect_left)(ordered, tuple(position), key=self.position)

    def keys(self):
        return [record.key for record in self.selected]

    def revisions(self, records):
        return [record.revision for record in records]
