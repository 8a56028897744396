"""Lists of the API, by page number or cursor."""

import hashlib

import orjson
from django.utils.functional import cached_property

from ..exports.content_negotiation import ReadByPrograms, json_response
from ..published.views import LONGEST_LINK, PublishedRecords, address, as_shown
from ..search.cursor import stretch, token_of
from ..search.filters import NOT_NARROWING, BadQuery, Filter, ListFilter, ProjectFilter, RecordFilter
from ..search.parameters import CursorField


class CursorFilter(RecordFilter):
    """The parameters of API lists in addition to those of pages."""

    cursor = Filter(
        CursorField, "Pages that stay stable while rows come and go. Start with an empty cursor, then follow next."
    )

    @property
    def position(self):
        """The Position to read from. BadQuery if the cursor is for another list."""
        position, question = self.asked["cursor"]
        if question not in ("", self.question):
            message = "The cursor belongs to another query string or order. Keep both, or start again with cursor=."
            raise BadQuery({"cursor": [message]})
        return position

    @cached_property
    def question(self):
        """A digest of kind, filters and order, however the query string is written."""
        values_of = {name: sorted(set(values)) for name, values in self.data.lists() if name not in NOT_NARROWING}
        query = repr((self.model._meta.label, self.asked.get("sort") or "title", sorted(values_of.items())))
        return hashlib.sha256(query.encode()).hexdigest()[:16]


class RecordListFilter(ListFilter, CursorFilter):
    """The parameters of an API list."""


class ProjectListFilter(ProjectFilter, CursorFilter):
    """The parameters of the API list of projects."""


class RecordListApi(PublishedRecords, ReadByPrograms):
    """Published {} by name, with the number of projects of each."""

    filterset_class = RecordListFilter

    def get(self, request):
        records, head, pages = self.page
        links = {relation: address(request, **change) for relation, change in pages.items()}
        head |= {"next": links.get("next"), "previous": links.get("prev")}
        texts = as_shown(self.model, self.filterset.asked["fields"], self.rows.texts(records), self.filterset.register)
        response = json_response(b'%b,"results":[%b]}' % (orjson.dumps(head)[:-1], b",".join(texts)))
        header = ", ".join(f'<{address}>; rel="{relation}"' for relation, address in links.items())
        if len(header) <= LONGEST_LINK:
            response.headers["Link"] = header
        return response

    @cached_property
    def page(self):
        """The records of the page, the members before them, and ``{relation: parameters}`` of other pages."""
        filterset = self.filterset
        if filterset.asked["cursor"] is None:
            page, window = filterset.window(self.count)
            last = page.paginator.num_pages
            links = {"first": 1, "prev": page.number - 1, "next": page.number + 1, "last": last}
            links = {relation: {"page": number} for relation, number in links.items() if 1 <= number <= last}
            return self.rows.ordered()[window], {"count": self.count}, links
        records, previous, following = stretch(self.rows, filterset.position, filterset.rows_a_page)
        links = {"prev": previous, "next": following}
        tokens = {name: {"cursor": token_of(to, filterset.question)} for name, to in links.items() if to}
        return records, {}, {"first": {"cursor": ""}, **tokens}


class ProjectListApi(RecordListApi):
    """Published projects that match the query string, in full."""

    filterset_class = ProjectListFilter
