"""The history of a record: its Revisions, what each of them changed, and the way back to what one said."""

from functools import partial
from itertools import pairwise

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from provenance import access, deciding, merging, recording, submitting
from provenance.differences import differences
from provenance.documents import renewed
from provenance.models import Revision, State
from provenance.rules import check
from provenance.sites import address

from . import reasons
from .editing import CONFIRMED, naming, without_source
from .telling import became, link

PER_PAGE = 25
NOT_YOURS = "It was merged into “{into}”, and its address leads there: only who may merge the two may bring it back."
MERGED = "It was merged into {into}. Once it is back, its address leads to it again; “{into}” stays as it is."
TAKEN = "“{key}” was deleted, and is another record since {when}. Delete that one first, or add this one anew."
MOVED = "The record was changed since you opened this page. Please look again."
NO_SUCH = "“{key}” has no revision {number}."


def step(revision, previous):
    """Return what ``revision`` changed since ``previous``, the one before it of the same record; None: none is."""
    is_first = previous is None or previous.action == "deleted"
    changes = differences(None if is_first else recording.stated(previous), recording.stated(revision))
    if not is_first and previous.state != revision.state:
        changes.insert(0, ("State", [previous.state], [revision.state]))
    return {"revision": revision, "changes": changes, "is_first": is_first}


def history(record_admin, request, object_id):
    """Show the Revisions of a record, newest first, a deleted one's too."""
    model, key = record_admin.model, unquote(object_id)
    record = record_admin.get_object(request, key)
    if not record_admin.has_view_or_change_permission(request, record):
        raise PermissionDenied
    revisions = Revision.objects.filter(kind=model._meta.model_name, key=key)
    page = Paginator(revisions, PER_PAGE).get_page(request.GET.get("p"))
    if record is None and not page.paginator.count:
        return record_admin._get_obj_does_not_exist_redirect(request, record_admin.opts, object_id)
    start = PER_PAGE * (page.number - 1)
    found = [*revisions[start : start + PER_PAGE + 1], None]
    return TemplateResponse(request, "admin/record_history.html", record_admin.admin_site.each_context(request) | {
        "title": f"History: {record or key}",
        "opts": record_admin.opts,
        "record": record,
        "key": key,
        "page": page,
        "page_range": page.paginator.get_elided_page_range(page.number),
        "steps": [step(*pair) for pair in pairwise(found)][:PER_PAGE],
        "may_bring_back": may_bring_back(record_admin, request, record),
        "proposes": bool(record) and record_admin.proposes(request, record),
        "last": None if record else recording.newest(model, [key]).get(key),
        "waiting": list(deciding.waiting_on(model, [key])),
    })  # fmt: skip


def may_bring_back(record_admin, request, record):
    """Whether whoever asks may write, or propose, what ``record`` (None: a deleted one) said before."""
    may_change, may_add = record_admin.has_change_permission, record_admin.has_add_permission
    return may_change(request, record) if record else may_add(request)


def bring_back(record_admin, request, object_id, number):
    """Show what bringing back a Revision would change, and do it once that was seen and a reason given."""
    model, key = record_admin.model, unquote(object_id)
    if not may_bring_back(record_admin, request, record_admin.get_object(request, key)):
        raise PermissionDenied
    revision = Revision.objects.of(model, key).filter(pk=number).first() if number < 2**63 else None
    if revision is None:
        record_admin.message_user(request, NO_SUCH.format(key=key, number=number), messages.WARNING)
        return HttpResponseRedirect(address(model, "history", key))
    view = partial(_looked_at, record_admin, request, revision, "as_it_was" in request.POST)
    return record_admin._or_message(request, view, QueryDict()) if request.method == "POST" else view()


def _looked_at(record_admin, request, revision, is_ticked):
    """Return the page that shows what would change, or do it where that was seen; the history if it cannot be.

    ``is_ticked``: whether a deleted record shall have the state again that it had.
    """
    model, key = record_admin.model, revision.key
    now = recording.newest(model, [key])[key]
    is_gone, into = now.action == "deleted", merging.keys_of_moved(model, [key]).get(key)
    keeps_state = is_gone and now.state != State.DRAFT and access.may_add(request.user, State(now.state))
    hindrance = _hindrance(request.user, model, revision, is_gone, into)
    document = {key: recording.stated(revision)}
    if seen := request.POST.get(CONFIRMED):
        if seen != str(now.pk):
            raise ValidationError(MOVED)
        state = State(now.state) if is_ticked and keeps_state else State.DRAFT
        return _brought_back(record_admin, request, document, hindrance, state, is_gone)
    before = None if is_gone else recording.stated(now)
    faults = check(model, document, {} if is_gone else {key: before})
    if faults := [hindrance] if hindrance else [fault.words for fault in faults]:
        for words in ["This cannot be brought back as it is.", *faults]:
            record_admin.message_user(request, words, messages.ERROR)
        return HttpResponseRedirect(address(model, "history", key))
    after = renewed(model, document)[key]
    record = record_admin.get_object(request, key)
    return record_admin.look_page(request, "admin/record_preview.html", {
        "title": f"Bring back what was said on {date_format(revision.at, 'DATETIME_FORMAT')}",
        "changes": differences(before, after),
        "naming": naming(model, key) if not is_gone else 0,
        "unsupported": without_source(model, before, after),
        "proposes": bool(record) and record_admin.proposes(request, record),
        "is_gone": is_gone, "is_published": not is_gone and now.state == State.PUBLISHED,
        "merged": into and format_html(MERGED, into=link(model, "change", into, into)),
        "as_it_was": now.state if keeps_state else "", "is_ticked": is_ticked,
        "asks_reason": True, "marker": CONFIRMED, "newest": now.pk, "back": address(model, "history", key),
    })  # fmt: skip


def _brought_back(record_admin, request, document, hindrance, state, is_gone):
    model, [key] = record_admin.model, document
    reason = reasons.demanded(request)
    if hindrance:
        raise ValidationError(hindrance)
    outcome = submitting.submit(request.user, model, document, reason=reason, state=state)
    if outcome.written:
        merging.forget_move(model, key)
    as_it_was = f"brought back as it was, {state}" if state != State.DRAFT else "brought back as a draft"
    words = as_it_was if is_gone else "brought back to what it said"
    words = became(request.user, model.objects.get(pk=key), outcome, words)
    record_admin.message_user(request, words, messages.SUCCESS)
    return HttpResponseRedirect(address(model, "history", key))


def _hindrance(user, model, revision, is_gone, into):
    """Return in words what stands against bringing back ``revision``, whatever it says: another record, a redirect."""
    if begun := not is_gone and taken_again(revision):
        return TAKEN.format(key=revision.key, when=date_format(timezone.localtime(begun.at), "DATETIME_FORMAT"))
    kept = model.objects.filter(pk=into).first() if into else None
    if into and not access.may(user, "merge", kept):
        access.note(user, "merge", kept)
        return NOT_YOURS.format(into=into)
    return ""


def taken_again(revision):
    """Return the Revision with which another record began under the key of ``revision`` after that; None: none did."""
    known = Revision.objects.filter(kind=revision.kind, key=revision.key)
    gone = known.filter(id__gte=revision.pk, action="deleted").first()
    begun = gone and known.filter(id__gt=gone.pk).last()
    if not begun:
        return None
    before = map(recording.stated, known.filter(id__lt=gone.pk))
    return None if recording.stated(begun) in before else begun  # what was brought back is the same record
