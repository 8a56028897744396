"""The history of a record: its Revisions, and what each of them changed."""

from dataclasses import dataclass
from itertools import pairwise

import orjson
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse

from provenance import deciding, recording
from provenance.differences import differences
from provenance.models import Revision

from .bringing_back import BringBackMixin
from .gone import what_became

PER_PAGE = 25
PAGE = "p"


@dataclass
class Step:
    """A Revision beside the one before it."""

    revision: Revision
    changes: list  # of (label, old lines, new lines)
    is_first: bool
    is_newest: bool = False  # as the record stands


def step(revision, previous):
    """Compare ``revision`` with ``previous``: the Revision before it of the same record, or None."""
    is_first = previous is None or previous.action == "deleted"
    new = orjson.loads(revision.document)
    old = None if is_first else orjson.loads(previous.document)
    changes = differences(old, new)
    if not is_first and previous.state != revision.state:
        changes.insert(0, ("State", [previous.state], [revision.state]))
    return Step(revision, changes, is_first)


def previous_of(revision):
    """Return the Revision of the same record before ``revision``, or None."""
    return Revision.objects.filter(kind=revision.kind, key=revision.key, id__lt=revision.pk).first()


def page_of_steps(revisions, number):
    """Return the page ``number`` of ``revisions`` (newest first) with steps for its items: two queries."""
    page = Paginator(revisions, PER_PAGE).get_page(number)
    start = PER_PAGE * (page.number - 1)
    found = list(revisions[start : start + PER_PAGE + 1])
    page.steps = [step(*pair) for pair in pairwise([*found, None])][:PER_PAGE]
    if page.number == 1 and page.steps:
        page.steps[0].is_newest = page.steps[0].revision.action != "deleted"
    return page


class HistoryMixin(BringBackMixin):
    """Shows Revisions as an object's history, a deleted record's included."""

    def history_view(self, request, object_id, extra_context=None):
        key = unquote(object_id)
        record = self.get_object(request, key)
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        revisions = Revision.objects.filter(kind=self.model._meta.model_name, key=key)
        page = page_of_steps(revisions, request.GET.get(PAGE, 1))
        if record is None and not page.steps:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        request.current_app = self.admin_site.name
        context = self._history_context(request, key, record, page)
        return TemplateResponse(request, "admin/record_history.html", context | (extra_context or {}))

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Of a record that was there before: to its history, with what became of it."""
        key = unquote(object_id)
        last = recording.newest(self.model, [key]).get(key)
        if last is None:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        self.message_user(request, what_became(self.model, last), messages.WARNING)
        return HttpResponseRedirect(self._history_of(key))

    def _history_context(self, request, key, record, page):
        return {
            **self.admin_site.each_context(request),
            "title": f"History: {record or key}",
            "opts": self.opts,
            "record": record,
            "key": key,
            "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "page_var": PAGE,
            "may_bring_back": self.may_bring_back(request, record),
            "proposes": bool(record) and self.proposes(request, record),
            "last": None if record else recording.newest(self.model, [key]).get(key),
            "waiting": list(deciding.waiting_on(self.model, [key])),
        }
