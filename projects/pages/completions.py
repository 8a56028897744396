"""Completions while somebody types a search: records and projects with names that begin like its words."""

from itertools import chain, islice

import orjson
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from provenance.documents.folding import fold
from provenance.store.log import record_kinds

from ..published.views import filterset_of
from ..search.filters import NoFilter, ProjectFilter
from ..words.phrases import value_in_words
from ..words.terms import included_terms

MOST_OF_A_KIND, MOST = 3, 9
KINDS = ("country", "theme", "instrument", "organisation", "partnership")


class CompletionsFilter(NoFilter):
    """What was typed."""

    q = ProjectFilter.base_filters["q"]


class Completions(View):
    """A fragment of HTML: the options of a listbox."""

    def get(self, request):
        filterset = filterset_of(request, CompletionsFilter)
        register, text = filterset.register, filterset.asked["q"]
        matches = chain(records_called(register, text), _projects(register, text)) if words_of(text) else ()
        response = render(request, "projects/completions.html", {"completions": [*islice(matches, MOST)]})
        response.headers["X-Robots-Tag"] = "noindex"
        return response


def words_of(text):
    """Return the words of a search, folded, but for those that it leaves out."""
    return [word for term in included_terms(text) for word in fold(term.text).split()]


def records_called(register, text):
    """Yield ``{"name", "kind", "address"}`` of records whose names have words that begin like those of ``text``."""
    words = words_of(text)
    for kind in KINDS if words else ():
        for key in islice(register.begins_like(kind, words), MOST_OF_A_KIND):
            address = record_kinds()[kind].path_of(key) or f"/projects/?theme={key}"
            name = value_in_words(kind, key, register.name(kind, key))
            yield {"name": name, "kind": ProjectFilter.base_filters[kind].label, "address": address}


def _projects(register, text):
    rows = [*islice(register.titles_like(words_of(text)), MOST)]
    for document in map(orjson.loads, register.projects.texts(rows) if rows else ()):
        yield {"name": document["title"], "kind": _("Project"), "address": document["url"]}
