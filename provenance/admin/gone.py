"""What became of a record that was merged, deleted or changed while a page about it was open."""

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from provenance import merging
from provenance.models import Revision

from .telling import link

MERGED = "The {kind} “{key}” was merged into {into} by {who}, {when}{why}. Go on with that one."
DELETED = "The {kind} “{key}” was deleted by {who}, {when}{why}. Its {history} stays, and leads back to what it said."
MOVED = "“{key}” was changed since you opened this page: {history}, by {who}, {when}. Please look again."


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
