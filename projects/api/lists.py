"""Lists of the API: a page by its number, or a stretch from a place."""

from typing import NamedTuple

import orjson
from rest_framework.views import APIView

from ..doors import LONGEST_LINK, PublishedProjects, PublishedRecords, address, as_shown
from ..keyset import stretch, token_of
from .answers import json
from .filters import ProjectListFilter, RecordListFilter


class Page(NamedTuple):
    """A part of a list: its JSON texts, what the answer says before them, and ``{relation: parameter}`` of others."""

    texts: list[str]
    head: dict
    links: dict


class RecordList(PublishedRecords, APIView):
    """Published records with their number of projects, by name."""

    collection = ""
    filterset_class = RecordListFilter

    def get(self, request):
        asked = self.filterset.asked
        page = self.numbered() if asked["cursor"] is None else self.from_place()
        links = {relation: address(request, **change) for relation, change in page.links.items()}
        head = {**page.head, "next": links.get("next"), "previous": links.get("prev")}
        texts = as_shown(self.collection, asked["fields"], page.texts, asked["as_of"])
        response = json(orjson.dumps(head).decode()[:-1] + f',"results":[{",".join(texts)}]}}')
        said = ", ".join(f'<{address}>; rel="{relation}"' for relation, address in links.items())
        if len(said) <= LONGEST_LINK:
            response.headers["Link"] = said
        return response

    def numbered(self):
        """Return the Page of the number asked for."""
        page, size, _ = self.filterset.window(self.count)
        last = max(1, -(-self.count // size))
        links = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
        links = {relation: {"page": number} for relation, number in links.items() if 1 <= number <= last}
        return Page(self.documents(), {"count": self.count}, links)

    def from_place(self):
        """Return the Page from the place asked for; how many rows there are is not counted."""
        filterset = self.filterset
        found = stretch(self.rows, filterset.order, filterset.place, filterset.rows_a_page)
        links = {"prev": found.previous, "next": found.next}
        tokens = {name: {"cursor": token_of(to, filterset.question)} for name, to in links.items() if to}
        return Page(found.texts, {}, {"first": {"cursor": ""}, **tokens})


class ProjectList(PublishedProjects, RecordList):
    """Published projects, narrowed and ordered by the query string; whole projects, as at their own address."""

    filterset_class = ProjectListFilter
