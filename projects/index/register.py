"""The register at one version: it stays the same while the index follows the log."""

from collections import OrderedDict

import numpy as np
from django.utils.functional import cached_property
from django.utils.translation import get_language
from pyroaring import BitMap

from provenance.documents.folding import fold

from ..words.phrases import value_in_words
from ..words.word_forms import is_one_edit
from .columns import set_of
from .documents import documents_by_id
from .rows import Records, Rows
from .vocabulary import WordIndex

MOST_CACHED = 256  # cached for one version
MOST_TITLES = 2000  # looked at for completions


def _begin(names, words):
    """Whether each of ``words`` is at the beginning of a word of ``names``, both folded."""
    return all(f" {word}" in f" {names}" for word in words)


class Register:
    """What is public in one version of the register."""

    def __init__(self, index):
        self.index, self.version = index, index.version
        self.size, self._live = index.size, index.live.copy()
        self._withdrawn = index.withdrawn.copy()
        self._contributions = index.contributions.size
        self.records, self._names = dict(index.records), index.names
        self.words = index.words
        self._cached, self._of_records = OrderedDict(), index.of_records

    @property
    def projects(self):
        """All published projects."""
        return Rows(self, self._live)

    @property
    def ever_published(self):
        """Published projects, and withdrawn ones as they last were."""
        return Rows(self, self._live | self._withdrawn)

    def cached(self, question, find):
        """Return ``find()``, cached by ``question``."""
        try:
            return self._cached[question]
        except KeyError:
            value = self._cached[question] = find()
        while len(self._cached) > MOST_CACHED:
            self._cached.popitem(last=False)
        return value

    # Records of other kinds

    def cached_of_records(self, question, find):
        """Return ``find()``, which follows from the records and names alone, cached until one of these changes."""
        if question not in self._of_records:
            self._of_records[question] = find()
        return self._of_records[question]

    def choices(self, kind):
        """Return ``{key: name}`` of the published records of a kind, in list order."""
        return self.cached_of_records(
            ("choices", kind), lambda: {each.key: each.name for each in self.sorted_records(kind)}
        )

    def name(self, kind, key):
        """Return the name of the published record ``key``, or ``key``."""
        record = self.records.get(kind, {}).get(key)
        return record.name if record else key

    def sorted_records(self, kind):
        records = self.records.get(kind, {})
        return self.cached_of_records(
            ("records", kind), lambda: sorted(records.values(), key=lambda record: (record.sort_key, record.key))
        )

    def by_name_shown(self, kind):
        """Return the published records of a kind by their names in the page's language."""

        def name(record):
            return fold(value_in_words(kind, record.key, record.name))

        return self.cached_of_records(
            ("by name shown", kind, get_language()), lambda: sorted(self.sorted_records(kind), key=name)
        )

    def rows(self, model):
        """Return all published records of ``model``."""
        kind = model._meta.model_name
        return self.projects if kind == "project" else Records(self, model, self.sorted_records(kind))

    def keys_like(self, model, key):
        """Return the keys of published records of ``model`` that differ from ``key`` by one mistake, in list order."""
        kind = model._meta.model_name
        known = self.index.keys if kind == "project" else self.records.get(kind, ())
        return self.rows(model).of([each for each in known if is_one_edit(key, each)]).keys()

    def citing(self, model, source):
        """Return the published records of ``model`` that have a claim of the source ``source``."""
        kind = model._meta.model_name
        if kind == "project":
            return self.projects.having("source", [source])
        return Records(self, model, [record for record in self.sorted_records(kind) if source in record.sources])

    def document(self, model, key):
        """Return the document of the published record ``key``, JSON as bytes, or None."""
        revision = self.revision(model, key)
        return revision and documents_by_id([revision])[0]

    def revision(self, model, key):
        """Return the id of the Revision that shows the published record ``key``, or None."""
        if model._meta.model_name != "project":
            record = self.records.get(model._meta.model_name, {}).get(key)
            return record and record.revision
        row = self.row_of(key)
        return None if row is None else int(self.column("revision")[row])

    def changes(self, rows=None):
        """Return the ids of the public Revisions of projects, newest first, as an array; ``rows``: only of these.

        A project that is no longer public appears only with its withdrawal; a deleted one only without ``rows``.
        """
        table = self.index.changes()
        ids, projects, is_shown = (table.upto(name, table.size) for name in ("id", "project", "is_shown"))

        def are_of(rows):
            is_one = np.zeros(len(self.index.numbers), np.bool_)
            is_one[self.column("project")[rows.array()]] = True
            return is_one[projects]

        wanted = (ids <= self.version.number) & (~is_shown | are_of(self.projects))
        if rows is not None:
            wanted &= are_of(rows)
        return ids[wanted][::-1]

    def parts(self, wholes=None):
        """Return ``{main project: [sub-projects]}`` by key; ``wholes``: only of these main projects."""
        sets = ((key, self.projects.within(rows)) for key, rows in self.sets("part_of"))
        return {key: sorted(rows.keys()) for key, rows in sets if rows.count() and (wholes is None or key in wholes)}

    # Rows

    def row_of(self, key):
        """Return the row of the published project ``key``, or None."""
        return self.index.row_of(key, self._live)

    def rows_of(self, parameter, keys):
        """Return the rows with one of ``keys`` of ``parameter``, perhaps with rows that are out of date."""
        sets = self.index.sets.get(parameter, {})
        return BitMap.union(BitMap(), *(sets[key] for key in keys if key in sets))

    def all_of(self, parameter):
        """Return the rows with any key of ``parameter``."""
        return self.rows_of(parameter, list(self.index.sets.get(parameter, ())))

    def sets(self, parameter):
        """Return ``[(key, rows)]`` of a parameter, perhaps with rows that are out of date."""
        return list(self.index.sets.get(parameter, {}).items())

    def rows_with(self, term):
        """Return the rows with a Term in a name, or with a word of their texts that contains it or is a form of it."""

        def find():
            containing = (self.words.containing(folded) for folded in term.foldings if " " not in folded)
            return BitMap.union(self.linked_by_name(term), self.words.with_form_of(term), *containing)

        return self.cached(("term", term), find)

    def linked_by_name(self, term):
        """Return the rows of projects linked to a record with the Term in one of its names."""
        names, records = self.words_of_names, list(self._names.items())
        places = names.with_form_of(term)
        for folded in term.foldings:
            places |= BitMap([each for each in names.containing_all(folded) if folded in records[each][1]])
        linked = (records[each][0] for each in places)
        return BitMap.union(BitMap(), *(self.rows_of(parameter, [key]) for parameter, key in linked))

    @property
    def words_of_names(self):
        """A WordIndex whose rows are the places of records in ``_names``."""

        def find():
            index = WordIndex()
            index.add(enumerate(names.split() for names in self._names.values()))
            return index

        return self.cached_of_records("words of names", find)

    def begins_like(self, kind, words):
        """Yield the keys of the records of a kind with each of ``words`` at the beginning of a word of their names."""
        for record in self.sorted_records(kind):
            if _begin(self._names[kind, record.key].replace("\n", " "), words):
                yield record.key

    def titles_like(self, words):
        """Yield rows of projects with each of ``words`` at the beginning of a word of their titles, by title."""
        rows = BitMap.intersection(self._live, *(self.words.containing(word, at_start=True) for word in words))
        for row in Rows(self, rows).ordered()[:MOST_TITLES].tolist():
            if _begin(self.index.sort_keys[row], words):
                yield row

    def words_like(self, word):
        """Return words of texts and names that are spelled almost like ``word``, or are forms of it."""
        return self.words.like(word) | self.words_of_names.like(word)

    def is_called(self, parameter, key, terms):
        """Whether the names of a record, in any language, match the Terms ``terms``."""
        names = self._names.get((parameter, key), "")
        return all(term.occurs_in(names) != term.is_left_out for term in terms)

    @cached_property
    def in_whole(self):
        """The rows whose total is already counted in what they are part of."""
        return set_of(np.flatnonzero(self.column("is_in_whole")))

    @cached_property
    def totals(self):
        """``[(currency, rows)]``: the rows whose totals are added, perhaps with rows that are out of date."""
        return sorted((code, rows - self.in_whole) for code, rows in self.sets("currency"))

    # Columns

    def column(self, name):
        return self.index.projects.upto(name, self.size)

    def contributions(self, name):
        return self.index.contributions.upto(name, self._contributions)

    def numbered(self, name):
        """Return the keys by number of ``currencies``, ``organisations``, ``instruments`` or ``countries``."""
        return list(getattr(self.index, name))
