"""A form whose record was merged or deleted while it was open: shown as it was typed, with what became of it."""

import re
from functools import partial

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from provenance import merging, recording, submitting
from provenance.models import Revision, State

from .telling import link

CONFLICT = 409
MERGED = "The {kind} “{key}” was merged into {into} by {who}, {when}{why}. Go on with that one."
DELETED = "The {kind} “{key}” was deleted by {who}, {when}{why}. Its {history} stays, and leads back to what it said."
MOVED = "“{key}” was changed since you opened this page: {history}, by {who}, {when}. Please look again."


class GoneMixin(admin.ModelAdmin):
    """Of a record: its form, the record put back for as long as that is made. Else the form of a new one."""

    def last_of(self, request, object_id):
        """Return the Revision from which the form ``object_id`` is known, if what it shows is gone; else None."""
        if not object_id or self.get_object(request, unquote(object_id)):
            return None
        return recording.newest(self.model, [unquote(object_id)]).get(unquote(object_id))

    def put_back(self, request, last, view):
        """Put back what the form shows, for a transaction that is undone. Return ``view``, or another to be shown."""
        request.refusal = [what_became(self.model, last)]
        faults, document = {}, recording.stated(last)
        submitting.submit("", self.model, {last.key: document}, state=State(last.state), faults=faults)
        return self.as_new(request, last, view) if faults else view

    def as_new(self, request, last, view):
        """Return the view of a new row, and make what was typed one."""
        request.POST = request.POST.copy()
        for name in list(request.POST):
            if name.endswith("-INITIAL_FORMS"):
                request.POST[name] = "0"
            elif re.fullmatch(r".+-\d+-id", name):
                del request.POST[name]
        request.POST[self.opts.pk.name] = last.key
        return partial(view.func, request, None, reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_add"))


def what_became(model, last):
    """Return in words, as HTML, who merged or deleted the record whose last Revision is ``last``, when and why."""
    into = merging.keys_of_moved(model, [last.key]).get(last.key)
    said = {
        "kind": model._meta.verbose_name,
        "key": last.key,
        "who": last.user_name,
        "when": date_format(timezone.localtime(last.at), "DATETIME_FORMAT"),
        "why": f" (“{last.reason}”)" if last.reason else "",
    }
    if into:
        return format_html(MERGED, into=link(model, "change", into, f"“{into}”"), **said)
    return format_html(DELETED, history=link(model, "history", last.key, "history"), **said)


def newest_id(records):
    """Return the id of the newest Revision of ``{model: keys}``, as a text: another once one of them moves on."""
    found = [model.objects.filter(pk__in=keys).aggregate(n=Max("revision_id"))["n"] for model, keys in records.items()]
    return str(max(filter(None, found), default=""))


def demand_seen(request, records):
    """ValidationError if one of ``{model: keys}`` moved on since the page was made that asked about them."""
    newest, sent = newest_id(records), request.POST.get("seen")
    if sent in (None, newest):
        return
    if not sent.isdecimal() or len(sent) > 18 or int(sent) > int(newest or 0):
        raise ValidationError("Not all that you chose is there any more. Please look again.")
    last = Revision.objects.get(pk=newest)
    model = next(model for model in records if model._meta.model_name == last.kind)
    when = date_format(timezone.localtime(last.at), "DATETIME_FORMAT")
    history = link(model, "history", last.key, "its history")
    raise ValidationError(format_html(MOVED, key=last.key, history=history, who=last.user_name, when=when))
