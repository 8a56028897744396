"""Facets of a list of projects: the values to filter by, each with the number of projects that it would leave.

A count is the number of projects that match all other parameters and this value.
"""

import re
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain, islice, product
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from provenance.documents.folding import fold_with_spans

from ..index import figures
from ..words.phrases import amount_in_words, date_in_words, search_in_words, value_in_words
from ..words.search_text import texts_of
from ..words.terms import terms_of
from ..words.word_forms import is_one_edit, root_of
from .filters import NOT_NARROWING, ONLY_WITH, ProjectFilter
from .parameters import ChoicesField, RecordsField

LINKED, CHOSEN = (
    tuple(name for name, each in ProjectFilter.base_filters.items() if each.field_class is kind)
    for kind in (RecordsField, ChoicesField)
)
ALWAYS_OPEN = ("country", "instrument", "theme")  # these facets come first
SHOWN = 8  # values of a facet in addition to those picked; the others are on a page of their own
MOST_YEARS = 40  # the last, on a page of their own
MOST_MEANT = 3  # other queries offered where a search finds nothing
LEAST_LETTERS = 4  # of a word that may be misspelled
WITH_PAGE = (*LINKED, "year")
PERIOD = ONLY_WITH["certainty"]


@dataclass
class Value:
    """One value of a facet, with the number of projects."""

    key: str
    label: str
    count: int
    is_picked: bool
    address: str = ""  # of the list with it, if a link chooses it


@dataclass
class Facet:
    """A parameter with its values: those picked, then the largest; ``more`` others are listed at ``address``."""

    name: str
    label: str
    values: list[Value]
    errors: list[str]
    more: int
    address: str

    @property
    def is_open(self):
        """Whether it is one of the first, or something in it is picked or wrong."""
        return self.name in ALWAYS_OPEN or bool(self.errors) or any(value.is_picked for value in self.values)


def facets(filterset, errors=None):
    """Return the Facets of a valid ProjectFilter; ``errors``: ``{parameter: messages}`` of those left out of it."""
    errors = errors or {}
    has_roles = filterset.asked["organisation"] or "role" in errors
    shown, query = [], address(filterset)
    for name in sorted((*LINKED, *CHOSEN), key=lambda name: name not in ALWAYS_OPEN):
        if name == "role" and not has_roles:
            continue
        values, more = linked_values(filterset, name, SHOWN) if name in LINKED else (_values(filterset, name), 0)
        if values or name in errors:
            label, messages = filterset.filters[name].label, errors.get(name, [])
            shown.append(Facet(name, label, values, messages, more, f"values/{name}/{query}"))
    return shown


def linked_values(filterset, name, most=None, called=""):
    """Return (Values, number of others) of a parameter whose values are records, the picked ones first.

    ``most``: how many in addition to those picked, None: all. ``called``: only those with a matching name.
    """
    groupings = (name == "organisation" and filterset.asked["role"]) or [name]
    numbers = figures.numbers(filterset.narrowed(without=[name]), *groupings)
    picked, register = filterset.asked[name] or {}, filterset.register
    keys = sorted(picked, key=lambda key: (-numbers.get(key, 0), key))
    others = numbers.keys() - picked.keys()
    if terms := terms_of(called):
        keys, others = ([key for key in among if register.is_called(name, key, terms)] for among in (keys, others))
    shown = nsmallest(len(others) if most is None else most, others, key=lambda key: (-numbers[key], key))
    values = [Value(key, register.name(name, key), numbers.get(key, 0), key in picked) for key in (*keys, *shown)]
    return values, len(others) - len(shown)


def _values(filterset, name):
    """Return the Values, with projects, of a parameter with few choices."""
    rows, picked = filterset.narrowed(without=[name]), filterset.asked[name] or {}
    values = []
    for key, label in filterset.form.fields[name].choices:
        # A role is indexed as the organisations that have it.
        matching = (
            rows.having(key, list(filterset.asked["organisation"])) if name == "role" else rows.having(name, [key])
        )
        values.append(Value(key, str(label), matching.count(), key in picked))
    values = [value for value in values if value.count or value.is_picked]
    return sorted(values, key=lambda value: (not value.is_picked, -value.count))


def years(filterset):
    """Return the Values of the last years in which projects may have been active.

    With ``certainty=certain``, the years in which they certainly were. Projects without dates are not counted (see
    ``without_dates``).
    """
    asked, rows = filterset.asked, filterset.narrowed(without=PERIOD)
    certainty = "certain" if asked["certainty"] == "certain" else "dated"
    chosen = {str(asked[name]) for name in PERIOD}
    numbers = {str(year): number for year, number in figures.years(rows, certainty, MOST_YEARS).items()}
    return [
        Value(
            year, year, number, chosen == {year},
            address(filterset, **dict.fromkeys(PERIOD, year), certainty=certainty),
        )
        for year, number in numbers.items()
        if number or chosen == {year}
    ]  # fmt: skip


def without_dates(filterset):
    """Return a Value for the projects without dates in a period, to include or leave out.

    None without a period, with ``certainty=certain``, or if there are none.
    """
    asked = filterset.asked
    if asked["certainty"] == "certain" or not any(asked[name] for name in PERIOD):
        return None
    is_picked = asked["certainty"] != "dated"
    number = filterset.narrowed(without=["certainty"]).undated().count()
    there = address(filterset, certainty="dated" if is_picked else None)
    return Value("undated", "", number, is_picked, there) if number else None


def address(filterset, drop=(), add=(), **wanted):
    """Return the query string with the ``wanted`` parameters set (None: removed), for its first page; "" if empty.

    ``drop``, ``add``: (parameter, value) pairs to remove or add.
    """
    query = {name: list(values) for name, values in filterset.data.lists()}
    for name, value in add:
        query.setdefault(name, []).append(value)
    for name, value in {"page": None, "called": None, **wanted}.items():
        query.pop(name, None)
        if value is not None:
            query[name] = [value]
    for name, value in drop:
        query[name] = [each for each in query.get(name, ()) if each != value]
    if not query.get("organisation"):
        query.pop("role", None)
    text = urlencode(query, doseq=True)
    return text and f"?{text}"


def narrowing(filterset):
    """Return ``{parameter: value}`` of the parameters that have an effect on which projects are listed."""
    asked = {name: value for name, value in filterset.asked.items() if value not in (None, "", {})}
    return {
        name: value
        for name, value in asked.items()
        if name not in (*NOT_NARROWING, "as_of") and (name not in ONLY_WITH or asked.keys() & set(ONLY_WITH[name]))
    }


def tags(filterset):
    """Return ``[(words, address without it)]`` of each filter in use. The query string must be valid."""
    pairs = []
    for name, value in narrowing(filterset).items():
        changes = [{"drop": [(name, key)]} for key in value] if isinstance(value, dict) else [{name: None}]
        places = [address(filterset, **change) for change in changes]
        pairs += zip(_in_words(filterset, name), places, strict=True)
    return pairs


def _in_words(filterset, name):
    """Return ``label: value`` for each value of a parameter."""
    label, value = filterset.filters[name].label, filterset.asked[name]
    if isinstance(value, dict):
        values = [value_in_words(name, key, text) for key, text in value.items()]
    else:
        values = [_single_value(filterset, name, value)]
    return [_("%(label)s: %(value)s") % {"label": label, "value": words} for words in values]


def _single_value(filterset, name, value):
    """Return the value of a parameter in words."""
    if name == "q":
        return search_in_words(value)
    if name.startswith("amount_"):
        return amount_in_words(value, filterset.asked["currency"] or "EUR")
    if name.startswith("active_"):
        return date_in_words(str(value))
    if name.startswith("modified_"):
        return value.in_words
    return dict(getattr(filterset.form.fields[name], "choices", ())).get(value, value)


def loosened(filterset):
    """Return ``[(words, address, number of projects)]`` for dropping each filter in use, if that finds projects.

    Of a search with several words, each word is dropped; the whole search only if that finds nothing.
    """
    in_use, terms, changes = narrowing(filterset), terms_of(filterset.asked["q"]), []
    for term in terms if len(terms) > 1 else ():
        words = {"label": filterset.filters["q"].label, "value": search_in_words(term.as_typed)}
        query = " ".join(each.as_typed for each in terms if each is not term)
        changes.append((_("%(label)s: %(value)s") % words, {"q": query}))
    is_kept = {"q"} if _found(filterset, changes) else set()
    joined = [(*others, name) for name, others in ONLY_WITH.items()]  # they depend on each other
    alone = ProjectFilter.base_filters.keys() - {*NOT_NARROWING, *chain.from_iterable(joined)} - is_kept
    for names in [*joined, *((name,) for name in ProjectFilter.base_filters if name in alone)]:
        if words := [in_words for name in names if name in in_use for in_words in _in_words(filterset, name)]:
            changes.append((", ".join(words), dict.fromkeys(names)))
    return _found(filterset, changes)


def _found(filterset, changes):
    """Return ``[(words, address, number of projects)]`` of (words, parameters to set) that find any, most first."""
    rows, asked = filterset.all_rows, filterset.asked
    counted = [(words, address(filterset, **new), filterset.apply(rows, asked | new).count()) for words, new in changes]
    return sorted((each for each in counted if each[2]), key=lambda each: -each[2])


def corrected(filterset):
    """Return ``[(query, address, number of projects)]``: what a search that finds nothing may mean.

    Words that occur nowhere are replaced by words that are spelled almost like them, or are forms of them. If that
    finds nothing either, the search is shortened. If the new search finds nothing with the other filters, it drops
    them.
    """
    terms = terms_of(filterset.asked["q"])
    alike = [[word for _number, word in _words_meant(filterset.register, term)] for term in terms]
    words = [meant or [term.as_typed] for term, meant in zip(terms, alike, strict=True)]
    replaced = [" ".join(each) for each in islice(product(*words), MOST_MEANT)] if any(alike) else []
    for queries in (replaced, *_shortened(filterset.register, terms)):
        for dropped in ({}, dict.fromkeys(narrowing(filterset))):
            if found := _found(filterset, [(query, dropped | {"q": query}) for query in queries]):
                return found[:MOST_MEANT]
    return []


def _shortened(register, terms):
    """Yield lists of queries: ``terms`` without small words, final marks and what occurs nowhere; then with one less.

    If all of ``terms`` occur, ``loosened`` offers the search with one less.
    """
    bare = terms_of(" ".join(term.as_typed.rstrip("?!.,;:…") for term in terms))
    others = [term.as_typed for term in bare if term.is_left_out]
    wanted = [term.as_typed for term in bare if not (term.is_left_out or term.is_small)]
    known = [text for text in wanted if register.projects.matching(text).count()]
    if len(known + others) < len(terms):
        for choices in ([known], [known[:place] + known[place + 1 :] for place in range(len(known))]):
            yield [" ".join(choice + others) for choice in choices if choice]


def _words_meant(register, term):
    """Return ``[(-number of projects, word)]``, the most frequent first, for a Term that occurs nowhere as typed.

    A misspelled word may still be found, as a form of the right one. If no word has one mistake, one form is meant.
    """
    is_word = not term.is_phrase and not term.is_left_out and len(term.foldings) == 1
    if not is_word or len(term.text) < LEAST_LETTERS or register.projects.matching(f'"{term.text}"').count():
        return []
    [typed] = term.foldings
    alike = [(-register.projects.matching(f'"{word}"').count(), word) for word in register.words_like(typed)]
    mistaken = [each for each in alike if is_one_edit(typed, each[1])]
    by_root = {root_of(word): (number, word) for number, word in sorted(mistaken or alike, reverse=True) if number}
    meant = sorted(by_root.values())[: MOST_MEANT if mistaken else 1]
    return [(number, _with_accents(register, word)) for number, word in meant]


def _with_accents(register, word):
    """Return a folded word, in small letters, as a project that it finds has it."""
    for document in register.projects.matching(f'"{word}"').read(slice(1)):
        for text in texts_of(document):
            for folded, parts in fold_with_spans(text):
                if at := re.search(rf"\b{re.escape(word)}\b", folded):
                    return text[parts[at.start()][0] : parts[at.end() - 1][1]].lower()
    return word
