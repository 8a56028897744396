"""The history of a record, restoring an earlier version, and the list of all versions."""

from functools import partial
from itertools import pairwise

import orjson
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from provenance.documents.diff import differences
from provenance.models import Revision, State
from provenance.site.admin_site import address
from provenance.store import log
from provenance.store.build import with_current_names
from provenance.store.rules import check
from provenance.workflow import merges, permissions, review, submission

from .changelist import CarefulAdmin, KindFilter
from .forms import CONFIRMED, naming, without_source
from .summary import became, link, reason_demanded

PER_PAGE = 25
NOT_YOURS = "It was merged into “{into}”. Only users who may merge these records may restore it."
MERGED = "It was merged into {into}. After restoring, its address no longer redirects; “{into}” is not changed."
TAKEN = "“{key}” was deleted, and a new record has used this key since {when}. Delete the new one first."
MOVED = "The record has changed since you opened this page. Please check it again."
NO_SUCH = "“{key}” has no version {number}."
ACTIONS = ("created", "changed", "published", "withdrawn", "deleted")
GONE = "gone"  # deleted and not restored


def step(revision, previous):
    """Return a version as the history shows it, with its changes since ``previous`` (None: the first)."""
    is_first = previous is None or previous.action == "deleted"
    changes = differences(None if is_first else log.document_of(previous), log.document_of(revision))
    if not is_first and previous.state != revision.state:
        changes.insert(0, ("State", [previous.state], [revision.state]))
    return {"revision": revision, "changes": changes, "is_first": is_first}


def history(record_admin, request, object_id):
    """Show the versions of a record, newest first, even if it is deleted."""
    model, key = record_admin.model, unquote(object_id)
    record = record_admin.get_object(request, key)
    if not record_admin.has_view_or_change_permission(request, record):
        raise PermissionDenied
    queryset = Revision.objects.filter(kind=model._meta.model_name, key=key)
    page = Paginator(queryset, PER_PAGE).get_page(request.GET.get("p"))
    if record is None and not page.paginator.count:
        return record_admin._get_obj_does_not_exist_redirect(request, record_admin.opts, object_id)
    start = PER_PAGE * (page.number - 1)
    revisions = [*queryset[start : start + PER_PAGE + 1], None]
    return TemplateResponse(request, "admin/record_history.html", record_admin.admin_site.each_context(request) | {
        "title": f"History: {record or key}",
        "opts": record_admin.opts,
        "record": record,
        "key": key,
        "page": page,
        "page_range": page.paginator.get_elided_page_range(page.number),
        "steps": [step(*pair) for pair in pairwise(revisions)][:PER_PAGE],
        "may_restore": may_restore(record_admin, request, record),
        "proposes": bool(record) and record_admin.proposes(request, record),
        "last": None if record else log.newest(model, [key]).get(key),
        "waiting": list(review.waiting_on(model, [key])),
    })  # fmt: skip


def may_restore(record_admin, request, record):
    """Whether the user may restore, or propose to restore, a version of ``record`` (None: a deleted one)."""
    may_change, may_add = record_admin.has_change_permission, record_admin.has_add_permission
    return may_change(request, record) if record else may_add(request)


def restore(record_admin, request, object_id, number):
    """Show what restoring a version would change; restore it once confirmed with a reason."""
    model, key = record_admin.model, unquote(object_id)
    if not may_restore(record_admin, request, record_admin.get_object(request, key)):
        raise PermissionDenied
    revision = Revision.objects.of(model, key).filter(pk=number).first() if number < 2**63 else None
    if revision is None:
        record_admin.message_user(request, NO_SUCH.format(key=key, number=number), messages.WARNING)
        return HttpResponseRedirect(address(model, "history", key))
    view = partial(_looked_at, record_admin, request, revision, "as_it_was" in request.POST)
    return record_admin._or_message(request, view, QueryDict()) if request.method == "POST" else view()


def _looked_at(record_admin, request, revision, is_ticked):
    """Return the page to confirm, or restore if confirmed; redirect to the history if it is impossible.

    ``is_ticked``: restore a deleted record in its last state.
    """
    model, key = record_admin.model, revision.key
    now = log.newest(model, [key])[key]
    is_gone, merged_into = now.action == "deleted", merges.redirected_keys(model, [key]).get(key)
    keeps_state = is_gone and now.state != State.DRAFT and permissions.may_add(request.user, State(now.state))
    hindrance = _hindrance(request.user, model, revision, is_gone, merged_into)
    document = {key: log.document_of(revision)}
    if confirmed := request.POST.get(CONFIRMED):
        if confirmed != str(now.pk):
            raise ValidationError(MOVED)
        state = State(now.state) if is_ticked and keeps_state else State.DRAFT
        return _brought_back(record_admin, request, document, hindrance, state, is_gone)
    before = None if is_gone else log.document_of(now)
    faults = check(model, document, {} if is_gone else {key: before})
    if faults := [hindrance] if hindrance else [fault.words for fault in faults]:
        for words in ["This version cannot be restored.", *faults]:
            record_admin.message_user(request, words, messages.ERROR)
        return HttpResponseRedirect(address(model, "history", key))
    after = with_current_names(model, document)[key]
    record = record_admin.get_object(request, key)
    return record_admin.look_page(request, "admin/record_preview.html", {
        "title": f"Restore the version of {date_format(revision.at, 'DATETIME_FORMAT')}",
        "changes": differences(before, after),
        "naming": naming(model, key) if not is_gone else 0,
        "unsupported": without_source(model, before, after),
        "proposes": bool(record) and record_admin.proposes(request, record),
        "is_gone": is_gone, "is_published": not is_gone and now.state == State.PUBLISHED,
        "merged": merged_into and format_html(MERGED, into=link(model, "change", merged_into, merged_into)),
        "as_it_was": now.state if keeps_state else "", "is_ticked": is_ticked,
        "asks_reason": True, "marker": CONFIRMED, "newest": now.pk, "back": address(model, "history", key),
    })  # fmt: skip


def _brought_back(record_admin, request, document, hindrance, state, is_gone):
    model, [key] = record_admin.model, document
    reason = reason_demanded(request)
    if hindrance:
        raise ValidationError(hindrance)
    outcome = submission.submit(request.user, model, document, reason=reason, state=state)
    if outcome.written:
        merges.remove_redirect(model, key)
    words = f"restored as {state}" if state != State.DRAFT else "restored as a draft"
    words = words if is_gone else "restored to the earlier version"
    words = became(request.user, model.objects.get(pk=key), outcome, words)
    record_admin.message_user(request, words, messages.SUCCESS)
    return HttpResponseRedirect(address(model, "history", key))


def _hindrance(user, model, revision, is_gone, merged_into):
    """Return why ``revision`` cannot be restored, whatever its content: a new record or a redirect; empty if it can."""
    if new_record := not is_gone and taken_again(revision):
        return TAKEN.format(key=revision.key, when=date_format(timezone.localtime(new_record.at), "DATETIME_FORMAT"))
    target = model.objects.filter(pk=merged_into).first() if merged_into else None
    if merged_into and not permissions.may(user, "merge", target):
        permissions.log_refusal(user, "merge", target)
        return NOT_YOURS.format(into=merged_into)
    return ""


def taken_again(revision):
    """Return the first Revision of a later record under the same key, or None."""
    revisions = Revision.objects.filter(kind=revision.kind, key=revision.key)
    deletion = revisions.filter(id__gte=revision.pk, action="deleted").first()
    restart = deletion and revisions.filter(id__gt=deletion.pk).last()
    if not restart:
        return None
    before = map(log.document_of, revisions.filter(id__lt=deletion.pk))
    return None if log.document_of(restart) in before else restart  # a restored record is the same record


class ActionFilter(admin.SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request, model_admin):
        return [*((action, action) for action in ACTIONS), (GONE, "deleted and not restored")]

    def queryset(self, request, queryset):
        if self.value() == GONE:
            later = Revision.objects.filter(kind=OuterRef("kind"), key=OuterRef("key"), pk__gt=OuterRef("pk"))
            return queryset.filter(~Exists(later), action="deleted")
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Revision)
class RevisionAdmin(CarefulAdmin):
    list_display = ("at", "kind", "key", "action", "state", "user_name", "reason", "is_public")
    list_filter = (KindFilter, ActionFilter, "is_public")
    search_fields = ("key", "user_name", "reason")
    search_help_text = "Key of the record, user or reason."
    date_hierarchy = "at"
    fields = readonly_fields = (
        "at", "user_name", "kind", "key", "action", "state", "reason", "changes", "history",
        "is_public", "said", "digest", "previous_digest",
    )  # fmt: skip
    change_form_template = "admin/revision.html"

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Offer to restore a deleted record, if the user may."""
        model = log.model_of(obj)
        is_gone = obj.action == "deleted" and log.newest(model, [obj.key])[obj.key] == obj
        is_offered = is_gone and may_restore(self.admin_site.get_model_admin(model), request, None)
        context["restore"] = address(model, "restore", obj.key, obj.pk) if is_offered else ""
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_queryset(self, request):
        """Leave out the long documents unless the list shows titles."""
        rows = super().get_queryset(request)
        return rows if _shows_gone(request) else rows.defer("document")

    def get_list_display(self, request):
        """Show titles in the list of deleted records, which no other list has."""
        return ("at", "kind", "called", *self.list_display[2:]) if _shows_gone(request) else self.list_display

    @admin.display(description="title")
    def called(self, revision):
        return log.title_of(revision)

    @admin.display(description="what changed")
    def changes(self, revision):
        before = Revision.objects.filter(kind=revision.kind, key=revision.key, id__lt=revision.pk).first()
        return render_to_string("admin/_changes.html", {"step": step(revision, before)})

    @admin.display(description="other versions")
    def history(self, revision):
        """A link to the history of the record."""
        return link(log.model_of(revision), "history", revision.key, "The history of this record")

    @admin.display(description="the whole record")
    def said(self, revision):
        text = orjson.dumps(orjson.loads(revision.document), option=orjson.OPT_INDENT_2).decode()
        return format_html('<details><summary>JSON</summary><pre class="document">{}</pre></details>', text)


def _shows_gone(request):
    return request.GET.get(ActionFilter.parameter_name) == GONE
