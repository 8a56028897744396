"""Lists of the API: a page by its number, or a stretch from a place."""

import hashlib
from typing import NamedTuple

import orjson
from django.utils.functional import cached_property

from ..exports.content_negotiation import ReadByPrograms
from ..published.views import LONGEST_LINK, PublishedProjects, PublishedRecords, address, as_shown
from ..search.cursor import stretch, token_of
from ..search.filters import NOT_NARROWING, BadQuery, Filter, ListFilter, ProjectFilter, RecordFilter
from ..search.parameters import CursorField
from .answers import json


class CursorFilter(RecordFilter):
    """The parameters that lists of the API take beside those of the page."""

    cursor = Filter(
        CursorField, "Pages that stay stable while rows are added and removed. Empty: the first; then follow next."
    )

    @property
    def order(self):
        """The order asked for, one of SORTS; the other lists have but the one."""
        return self.asked.get("sort") or "title"

    @property
    def place(self):
        """The Position from which to read on. BadQuery if the cursor is of another list."""
        place, question = self.asked["cursor"]
        if question not in ("", self.question):
            said = "It belongs to another query string or order. Keep both, or start again with cursor=."
            raise BadQuery({"cursor": [said]})
        return place

    @cached_property
    def question(self):
        """A digest of what is asked for, however it is written: which rows of which kind, in which order."""
        given = {name: sorted(set(values)) for name, values in self.data.lists() if name not in NOT_NARROWING}
        asked = repr((self.model._meta.label, self.order, sorted(given.items())))
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


class RecordListFilter(ListFilter, CursorFilter):
    """The parameters of a list of the API."""


class ProjectListFilter(ProjectFilter, CursorFilter):
    """The parameters of the list of projects of the API."""


class Page(NamedTuple):
    """A part of a list: documents, what the answer says before them, and ``{relation: parameter}`` of others."""

    texts: list[bytes]
    head: dict
    links: dict


class RecordListApi(PublishedRecords, ReadByPrograms):
    """Published records with their number of projects, by name."""

    collection = ""
    filterset_class = RecordListFilter

    def get(self, request):
        asked = self.filterset.asked
        page = self.numbered() if asked["cursor"] is None else self.from_place()
        links = {relation: address(request, **change) for relation, change in page.links.items()}
        head = {**page.head, "next": links.get("next"), "previous": links.get("prev")}
        texts = as_shown(self.collection, asked["fields"], page.texts, self.filterset.view)
        response = json(b'%b,"results":[%b]}' % (orjson.dumps(head)[:-1], b",".join(texts)))
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
        found = stretch(self.rows, filterset.place, filterset.rows_a_page)
        links = {"prev": found.previous, "next": found.next}
        tokens = {name: {"cursor": token_of(to, filterset.question)} for name, to in links.items() if to}
        return Page(found.texts, {}, {"first": {"cursor": ""}, **tokens})


class ProjectListApi(PublishedProjects, RecordListApi):
    """Published projects, narrowed and ordered by the query string; whole projects, as at their own address."""

    filterset_class = ProjectListFilter
