"""The parameters of the API's lists, beside those of the lists themselves."""

import hashlib

from django.utils.functional import cached_property

from ..filters import NOT_NARROWING, BadQuery, Filter, ListFilter, ProjectFilter, RecordFilter
from ..parameters import CursorField


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
        """The Place from which to read on. BadQuery if the cursor is of another list."""
        place, question = self.asked["cursor"]
        if question not in ("", self.question):
            said = "It belongs to another query string or order. Keep both, or start again with cursor=."
            raise BadQuery({"cursor": [said]})
        return place

    @cached_property
    def question(self):
        """A digest of what is asked for, however it is written: which rows of which kind, in which order."""
        given = {name: sorted(set(values)) for name, values in self.data.lists() if name not in NOT_NARROWING}
        asked = repr((self.queryset.model._meta.label, self.order, sorted(given.items())))
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


class RecordListFilter(ListFilter, CursorFilter):
    """The parameters of a list of the API."""


class ProjectListFilter(ProjectFilter, CursorFilter):
    """The parameters of the list of projects of the API."""
