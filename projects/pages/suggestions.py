"""Suggestions while somebody types a search: records and projects with names that begin like its words."""

from itertools import chain, islice

import orjson
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views import View

from provenance.documents.folding import fold

from ..documents.phrases import value_in_words
from ..published.views import COLLECTIONS, filterset_of
from ..search.filters import NoFilter, ProjectFilter

MOST_OF_A_KIND, MOST = 3, 9
WORDS = {
    "country": _("Country"), "theme": _("Theme"), "instrument": _("Instrument"), "organisation": _("Organisation"),
    "partnership": _("Agreement"), "project": _("Project"),
}  # fmt: skip


class SuggestionsFilter(NoFilter):
    """What was typed."""

    q = ProjectFilter.base_filters["q"]


class Suggestions(View):
    """A fragment of HTML: the options of a listbox."""

    def get(self, request):
        filterset = filterset_of(request, SuggestionsFilter)
        words = fold(filterset.asked["q"] or "").split()
        matches = chain(_records(filterset.view, words), _projects(filterset.view, words)) if words else ()
        response = render(request, "projects/suggestions.html", {"suggestions": [*islice(matches, MOST)]})
        response.headers["X-Robots-Tag"] = "noindex"
        return response


def _records(view, words):
    for kind in WORDS:
        for key in islice(view.begins_like(kind, words), MOST_OF_A_KIND) if kind != "project" else ():
            address = f"/projects/?theme={key}" if kind == "theme" else f"/{COLLECTIONS[kind]}/{key}/"
            name = value_in_words(kind, key, view.name(kind, key))
            yield {"name": name, "kind": WORDS[kind], "address": address}


def _projects(view, words):
    rows = [*islice(view.titles_like(words), MOST)]
    for document in map(orjson.loads, view.projects.texts(rows) if rows else ()):
        yield {"name": document["title"], "kind": WORDS["project"], "address": document["url"]}
