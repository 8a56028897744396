"""The pages to publish, withdraw or delete records: all that are chosen or none."""

from functools import partial

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.html import format_html
from django.utils.text import capfirst

from provenance.documents.claims import contradictions, unsupported
from provenance.models import Revision, State
from provenance.models.fields import as_number
from provenance.site.admin_site import address
from provenance.store import log
from provenance.workflow import permissions, publication, review

from .summary import NAMED_AT_MOST, deeds, in_short, link, moment, required_reason, typed_reason, what_became

SHOWN = "publish"  # the items shown (see ``publication.item``)
LISTED = 500  # records listed of each kind
CONFIRMED = "post"  # as Django names it
REFUSED = "You may not {} the {} “{}”. {}"
DELETED = "The {} “{}” was deleted. You can restore it from {}."
SEVERAL_DELETED = '{} {} were deleted. You can restore them from <a href="{}">the list of deleted ones</a>.'
MOVED = "“{key}” has changed since you opened this page (see {history}, by {who}, {when}). Please check it again."


def _chosen(request):
    """Return the (name, value) pairs that repeat the choice of an action and rows of a list."""
    sent = ("action", "select_across", ACTION_CHECKBOX_NAME)
    return [(name, value) for name in sent for value in request.POST.getlist(name)]


# -- Publish --


def shown(request):
    """Return the set of items that the confirmed page showed."""
    return set(request.POST.get(SHOWN, "").split())


def publish_page(model_admin, request, records, back, title="Publish this?"):
    """Show what becomes public with ``{model: keys}``; once confirmed, publish it and redirect to ``back``.

    Everybody who may see drafts sees the page; those who may not publish see why, and no button. A single record is
    shown as readers will see it.
    """
    do = partial(_publish, request, records)
    if SHOWN in request.POST and (response := model_admin.carry_out(request, do, back)):
        return response
    plan = publication.plan(request.user, records)
    context = {
        "title": title if plan.records() or SHOWN in request.POST else "Already published", "publication": listed(plan),
        "back": back, "chosen": _chosen(request), "typed_reason": typed_reason(request),
    }  # fmt: skip
    rows = plan.asked
    if len(rows) == 1 and rows[0].revision and rows[0].get_absolute_url():
        response = admin.site.public_page(request, type(rows[0]), rows[0].revision.document, context)
    else:
        response = model_admin.page(request, "admin/record_publish.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _publish(request, records):
    """Publish records as confirmed. Returns what was published, as HTML."""
    published = publication.publish(request.user, records, shown(request), typed_reason(request))
    asked, along = published.asked, published.along
    for row in (*asked, *along):
        row.state = State.PUBLISHED
    before = [(model, set(keys) - {row.pk for row in asked if type(row) is model}) for model, keys in records.items()]
    already = [row for model, keys in before for row in model.objects.filter(pk__in=keys).order_by("pk")]
    for model, keys in before:
        if gone := keys - {row.pk for row in already if isinstance(row, model)}:
            raise ValidationError([what_became(model, last) for last in log.newest(model, gone).values()])
    return deeds({"Published": asked, "Published with it": along, "Already published": already})


def listed(plan):
    """Return a Plan as templates show it."""
    rows = [row for records in plan.records().values() for row in records[:LISTED]]
    revisions = Revision.objects.in_bulk([row.revision_id for row in rows])
    documents = {row: log.document_of(revisions[row.revision_id]) for row in rows if row.revision_id in revisions}
    count = len(plan.items())
    return {
        "needs_reason": any(map(contradictions, documents.values())),
        "shown": " ".join(sorted(plan.items())),
        "count": count,
        "label": f"Publish all {count} records" if count > 1 else "Publish",
        "asked": [_group(model, rows, documents) for model, rows in publication.by_kind(plan.asked).items()],
        "along": [_group(model, rows, documents) for model, rows in publication.by_kind(plan.along).items()],
        "obstacles": [(address(type(row), "change", row.pk), row, words) for row, words in plan.obstacles[:LISTED]],
    }


def _group(model, rows, documents):
    listed = rows[:LISTED]
    return {
        "kind": model_ngettext(model, len(rows)),
        "count": len(rows),
        "more": len(rows) - len(listed),
        "records": [
            {
                "record": row,
                "address": address(model, "change", row.pk),
                "look": address(model, "publish", row.pk) if row.get_absolute_url() else "",
                "no_source": [label for label, _ in unsupported(model, None, documents.get(row, {}))],
                "otherwise": contradictions(documents.get(row, {})),
            }
            for row in listed
        ],
    }


# -- Withdraw or delete --


def remove_page(record_admin, request, action, rows, back):
    """Ask for a reason to ``action``, withdraw or delete, the records ``rows``; once it is given, do it.

    ``back``: where to go then.
    """
    model, keys, kind = record_admin.model, [row.pk for row in rows], model_ngettext(record_admin.model, len(rows))
    changed = [row for row in rows if row.state != State.WITHDRAWN or action == "delete"]
    do = partial(_remove, request, model, action, rows, changed)
    if CONFIRMED in request.POST and (response := record_admin.carry_out(request, do, back)):
        return response
    obstacles = _refusals(request, action, changed) or (naming(model, keys) if action == "delete" else [])
    asked = f"{action.capitalize()} {'this' if len(rows) == 1 else 'these'} {kind}?"
    return record_admin.page(request, "admin/record_remove.html", {
        "title": f"Cannot {action} {kind}" if obstacles else asked, "action": action,
        "back": address(model, "change", keys[0]) if len(keys) == 1 else back,
        "names": in_short(rows), "obstacles": obstacles,
        "looked": _newest(model, keys), "chosen": [(CONFIRMED, "yes"), *_chosen(request)],
        "waiting": review.waiting_on(model, keys) if action == "delete" else (),
    })  # fmt: skip


def _remove(request, model, action, rows, changed):
    """Withdraw or delete records as confirmed. Returns what was done, as HTML.

    ValidationError if they are not as shown, or the user may not do it.
    """
    keys = [row.pk for row in rows]
    newest, seen = _newest(model, keys), request.POST.get("seen")
    if seen not in (None, newest):
        if as_number(seen) is None or int(seen) > int(newest or 0):
            raise ValidationError("Some of the selected records no longer exist. Please check your selection.")
        last = Revision.objects.get(pk=newest)
        history = link(model, "history", last.key, "its history")
        raise ValidationError(format_html(MOVED, key=last.key, history=history, who=last.user_name, when=moment(last)))
    fields = {"user_name": request.user.get_username(), "reason": required_reason(request)}
    if refused := _refusals(request, action, changed):
        raise ValidationError(refused)
    if action == "withdraw":
        log.set_state(model, [row.pk for row in changed], State.WITHDRAWN, **fields)
        already = [row for row in rows if row not in changed]
        for row in changed:
            row.state = State.WITHDRAWN
        return deeds({"Withdrawn": changed, "Already withdrawn": already})
    log.delete(model, keys, **fields)
    if len(rows) == 1:
        return format_html(DELETED, model._meta.verbose_name, rows[0], link(model, "history", keys[0], "its history"))
    where = address(Revision, kind=model._meta.model_name, action="gone")
    return format_html(SEVERAL_DELETED, f"{len(rows):,}", model._meta.verbose_name_plural, where)


def _refusals(request, action, rows):
    """Return and log why the user may not do ``action`` on some of the records."""
    refused = list(permissions.refusals(request.user, action, rows))[: log.FAULTS]
    for row, _why in refused:
        permissions.log_refusal(request.user, action, row)
    return [REFUSED.format(action, row._meta.verbose_name, row.pk, why) for row, why in refused]


def naming(model, keys):
    """Return links to the records that name any of the records ``keys``; not to all where there are many."""
    links = {}
    for other, _, rows in log.naming_rows(model, keys):
        for row in rows.order_by("pk").distinct()[: NAMED_AT_MOST + 1]:
            words = capfirst(other._meta.verbose_name), link(other, "change", row.pk, row)
            links[other, row.pk] = format_html("{}: {}", *words)
    return list(links.values())


def _newest(model, keys):
    """Return the newest Revision id of the records ``keys`` as text: it changes when one of them does."""
    return str(model.objects.filter(pk__in=keys).aggregate(newest=Max("revision_id"))["newest"] or "")
