"""The page to withdraw or delete records: all that are chosen or none, with a reason."""

from functools import partial

from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst

from provenance.models import Revision, State
from provenance.site.admin_site import address
from provenance.store import log
from provenance.workflow import permissions, review

from .summary import NAMED_AT_MOST, deeds, in_short, link, newest_id, require_seen, required_reason, typed_reason

REFUSED = "You may not {} the {} “{}”. {}"
DELETED = "The {} “{}” was deleted. You can restore it from {}."
SEVERAL_DELETED = '{} {} were deleted. You can restore them from <a href="{}">the list of deleted ones</a>.'
CONFIRMED = "post"  # as Django names it


def remove_page(record_admin, request, action, rows, back, chosen=()):
    """Ask for a reason to ``action``, withdraw or delete, the records ``rows``; once it is given, do it.

    ``back``: where to go then. ``chosen``: further (name, value) pairs for the form.
    """
    request.typed_reason = typed_reason(request)
    do = partial(_withdraw if action == "withdraw" else _delete, record_admin, request, rows)
    if CONFIRMED in request.POST and (response := record_admin.carry_out(request, do, back)):
        return response
    model, keys = record_admin.model, [row.pk for row in rows]
    obstacles = _obstacles(record_admin, request, action, rows)
    kind = model._meta.verbose_name if len(rows) == 1 else model._meta.verbose_name_plural
    asked = f"{action.capitalize()} {'this' if len(rows) == 1 else 'these'} {kind}?"
    return record_admin.page(request, "admin/record_remove.html", {
        "title": f"Cannot {action} {kind}" if obstacles else asked, "action": action,
        "back": address(model, "change", keys[0]) if len(keys) == 1 else back,
        "names": in_short(rows), "obstacles": obstacles,
        "looked": newest_id(model, keys), "chosen": [(CONFIRMED, "yes"), *chosen],
        "waiting": review.waiting_on(model, keys) if action == "delete" else (),
    })  # fmt: skip


def _obstacles(record_admin, request, action, rows):
    """Return why the records cannot be removed, as words or links to the records that name them."""
    changed = [row for row in rows if row.state != State.WITHDRAWN or action == "delete"]
    refused = _refusals(record_admin, request, action, changed)
    return refused or (naming(record_admin.model, [row.pk for row in rows]) if action == "delete" else [])


def _refusals(record_admin, request, action, rows):
    """Return and log why the user may not do ``action`` on some of the records."""
    kind, refused = record_admin.opts.verbose_name, list(permissions.refusals(request.user, action, rows))
    for row, _why in refused[: log.FAULTS]:
        permissions.log_refusal(request.user, action, row)
    return [REFUSED.format(action, kind, row.pk, why) for row, why in refused[: log.FAULTS]]


def naming(model, keys):
    """Return links to the records that name any of the records ``keys``; not to all where there are many."""
    links = {}
    for other, _, rows in log.naming_rows(model, keys):
        for row in rows.order_by("pk").distinct()[: NAMED_AT_MOST + 1]:
            words = capfirst(other._meta.verbose_name), link(other, "change", row.pk, row)
            links[other, row.pk] = format_html("{}: {}", *words)
    return list(links.values())


def _withdraw(record_admin, request, rows):
    model, moved = record_admin.model, [row for row in rows if row.state != State.WITHDRAWN]
    already = [row for row in rows if row not in moved]
    fields = _agreed(record_admin, request, "withdraw", rows, moved)
    log.set_state(model, [row.pk for row in moved], State.WITHDRAWN, **fields)
    for row in moved:
        row.state = State.WITHDRAWN
    return deeds({"Withdrawn": moved, "Already withdrawn": already})


def _delete(record_admin, request, rows):
    model, meta = record_admin.model, record_admin.opts
    fields = _agreed(record_admin, request, "delete", rows, rows)
    log.delete(model, [row.pk for row in rows], **fields)
    if len(rows) == 1:
        return format_html(DELETED, meta.verbose_name, rows[0], link(model, "history", rows[0].pk, "its history"))
    where = address(Revision, kind=meta.model_name, action="gone")
    return format_html(SEVERAL_DELETED, f"{len(rows):,}", meta.verbose_name_plural, where)


def _agreed(record_admin, request, action, rows, changed):
    """Return user and reason of what was confirmed; ValidationError if it is not what was shown, or not allowed."""
    require_seen(request, record_admin.model, [row.pk for row in rows])
    reason = required_reason(request)
    if refused := _refusals(record_admin, request, action, changed):
        raise ValidationError(refused)
    return {"user_name": request.user.get_username(), "reason": reason}
