"""The history of a record, restoring an earlier version, and the list of all versions."""

from itertools import pairwise

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.html import format_html

from provenance.documents.diff import differences
from provenance.models import Revision, State
from provenance.models.fields import as_number
from provenance.site.admin_site import address
from provenance.store import log
from provenance.workflow import review
from provenance.workflow.restoring import Restoration

from .base import CarefulAdmin, KindFilter, its_kind, of_row
from .forms import CONFIRMED
from .summary import became, link, required_reason

PER_PAGE = 25
MERGED = "It was merged into {into}. After restoring, its address no longer redirects; “{into}” is not changed."
NO_SUCH = "“{key}” has no version {number}."
ACTIONS = ("created", "changed", "published", "withdrawn", "deleted")
AS_IT_WAS = "as_it_was"  # restore a deleted record in its last state
GONE = "gone"  # deleted and not restored


def step(revision, previous):
    """Return a version as the history shows it, with its changes since ``previous`` (None: the first)."""
    is_first = previous is None or previous.action == "deleted"
    before = None if is_first else log.document_of(previous)
    changes = differences(log.model_of(revision), before, log.document_of(revision))
    if not is_first and previous.state != revision.state:
        changes.insert(0, ("State", [previous.state], [revision.state]))
    return {"revision": revision, "changes": changes, "is_first": is_first}


def history(record_admin, request, object_id):
    """Show the versions of a record, newest first, even if it is deleted; ``?version=``: the page with that one."""
    model, key = record_admin.model, unquote(object_id)
    record = record_admin.get_object(request, key)
    if not record_admin.has_view_or_change_permission(request, record):
        raise PermissionDenied
    queryset = Revision.objects.of(model, key)
    number = request.GET.get("p")
    if version := as_number(request.GET.get("version")):
        number = queryset.filter(pk__gt=version).count() // PER_PAGE + 1
    page = Paginator(queryset, PER_PAGE).get_page(number)
    if record is None and not page.paginator.count:
        return record_admin._get_obj_does_not_exist_redirect(request, record_admin.opts, object_id)
    start = PER_PAGE * (page.number - 1)
    revisions = [*queryset[start : start + PER_PAGE + 1], None]
    return record_admin.page(request, "admin/record_history.html", {
        "title": f"History: {record or key}",
        "record": record,
        "key": key,
        "page": page,
        "page_range": page.paginator.get_elided_page_range(page.number),
        "steps": [step(*pair) for pair in pairwise(revisions)][:PER_PAGE],
        "may_restore": record_admin.may_write(request, record),
        "proposes": bool(record) and record_admin.proposes(request, record),
        "last": None if record else log.newest(model, [key]).get(key),
        "waiting": list(review.waiting_on(model, [key])),
    })  # fmt: skip


def restore(record_admin, request, object_id, number):
    """Show what restoring a version would change; restore it once confirmed with a reason."""
    model, key = record_admin.model, unquote(object_id)
    back = address(model, "history", key)
    record = record_admin.get_object(request, key)
    if not record_admin.may_write(request, record):
        raise PermissionDenied
    if not (revision := record_admin.version(key, number)):
        record_admin.message_user(request, NO_SUCH.format(key=key, number=number), messages.WARNING)
        return HttpResponseRedirect(back)

    def do():
        plan = Restoration(request.user, model, revision)
        outcome, state = plan.carry_out(request.POST[CONFIRMED], required_reason(request), AS_IT_WAS in request.POST)
        words = "restored as a draft" if state == State.DRAFT else f"restored as {state}"
        words = words if plan.is_gone else "restored to the earlier version"
        return became(request.user, model.objects.get(pk=key), outcome, words)

    if CONFIRMED in request.POST and (response := record_admin.carry_out(request, do, back)):
        return response
    plan = Restoration(request.user, model, revision)
    after, faults = plan.preview()
    if faults:
        record_admin.show_errors(request, ["This version cannot be restored.", *faults])
        return HttpResponseRedirect(back)
    return record_admin.preview_page(request, plan.now, plan.before, after, {
        "title": f"Restore the version of {date_format(revision.at, 'DATETIME_FORMAT')}",
        "proposes": bool(record) and record_admin.proposes(request, record),
        "merged": (into := plan.merged_into) and format_html(MERGED, into=link(model, "change", into, into)),
        "as_it_was": plan.state or "", "is_ticked": AS_IT_WAS in request.POST, "back": back,
    })  # fmt: skip


@of_row
def document_page(revision_admin, request, revision):
    """Serve a version as the JSON that was recorded."""
    return HttpResponse(revision.document, content_type="application/json")


class ActionFilter(admin.SimpleListFilter):
    title = parameter_name = "action"

    def lookups(self, request, model_admin):
        return [*((action, action) for action in ACTIONS), (GONE, "deleted and not restored")]

    def queryset(self, request, queryset):
        if self.value() == GONE:
            return queryset.filter(pk__in=Revision.objects.newest_of_each().filter(action="deleted"))
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Revision)
class RevisionAdmin(CarefulAdmin):
    list_display = ("at", its_kind, "its_record", "action", "state", "user_name", "reason", "is_public")
    list_filter = (KindFilter, ActionFilter, "is_public")
    search_fields = ("key", "user_name", "reason")
    search_help_text = "Key of the record, user or reason."
    date_hierarchy = "at"
    list_title = "History"
    views = {"<path:object_id>/document/": ("document", document_page)}

    @of_row
    def change_view(self, request, revision, form_url="", extra_context=None):
        """Lead to the version in the history of its record."""
        if request.method == "POST" and not self.has_change_permission(request, revision):
            raise PermissionDenied
        model, at = log.model_of(revision), revision.pk
        return HttpResponseRedirect(f"{address(model, 'history', revision.key, version=at)}#version-{at}")

    @admin.display(description="record", ordering="key")
    def its_record(self, revision):
        return log.title_of(revision)
