"""What was done to records and what became of them, in sentences that lead on; and why, as it was typed."""

from django.contrib import messages
from django.contrib.admin.views.main import IS_POPUP_VAR
from django.contrib.messages.storage import default_storage
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from provenance.models import Revision, State
from provenance.site.admin_site import address
from provenance.store.log import LONGEST_REASON
from provenance.workflow import merges, review

NAMED_AT_MOST = 20
UNCHANGED = "Nothing was changed."
WAITS = "Nothing was changed: {} proposes this already, and waits for a publisher."
PROPOSED = "Proposed: {} waits for a publisher; until then the record stays as it is."
MERGED = "The {kind} “{key}” was merged into {into} by {who}, {when}{why}. Go on with that one."
DELETED = "The {kind} “{key}” was deleted by {who}, {when}{why}. Its {history} stays, and leads back to what it said."
MOVED = "“{key}” was changed since you opened this page: {history}, by {who}, {when}. Please look again."
ASKED = "Say why: the history keeps it."


def link(model, what, key, words):
    """Return a link to a page of the record ``key``."""
    return format_html('<a href="{}">{}</a>', address(model, what, key), words)


def public_address(record):
    """Return the address at which the public reads ``record``; empty if it is not published, or has no page."""
    return record.get_absolute_url() if record.state == State.PUBLISHED else ""


def done(record, words):
    """Return in a sentence, as HTML, what was done to ``record``."""
    called = link(type(record), "change", record.pk, record)
    return format_html("The {} “{}” was {}.{}", record._meta.verbose_name, called, words, on_site(record))


def on_site(record):
    """Return a sentence, as HTML, that leads to the public page of ``record``; empty if it has none."""
    where = public_address(record)
    return format_html(' <a href="{}">See its public page</a>.', where) if where else ""


def became(user, record, outcome, words):
    """Return in a sentence, as HTML, what became of a document that ``user`` handed in: see ``done``, or submitting."""
    if outcome.written:
        return done(record, words)
    mine = review.waiting_on(type(record), [record.pk]).filter(user=user).first()
    called = mine and link(type(mine), "change", mine.pk, "your proposal")
    said = format_html(PROPOSED if outcome.proposed else WAITS, called)
    return format_html("{}{}", said, on_site(record)) if mine else UNCHANGED


def in_short(records, most=NAMED_AT_MOST):
    """Return the names of ``records`` as HTML, cut off honestly; those with a public page lead there."""
    rest = f" and {len(records) - most:,} more" if len(records) > most else ""
    named = ((public_address(record), str(record)) for record in records[:most])
    names = [format_html('“<a href="{}">{}</a>”' if where else "“{1}”", where, name) for where, name in named]
    return format_html("{}{}", format_html_join(", ", "{}", ((name,) for name in names)), rest)


def in_own_words(request, words, respond):
    """Return the answer of ``respond``, with ``words`` in place of what Django has it say."""
    said = request._messages
    request._messages = default_storage(request)
    response = respond()
    request._messages = said
    if IS_POPUP_VAR not in request.POST:
        messages.success(request, words)
    return response


def what_became(model, last):
    """Return in words, as HTML, who merged or deleted the record whose last Revision is ``last``, when and why."""
    into = merges.redirected_keys(model, [last.key]).get(last.key)
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


def newest_id(model, keys):
    """Return the id of the newest Revision of the records ``keys``, as a text: another once one of them moves on."""
    return str(model.objects.filter(pk__in=keys).aggregate(newest=Max("revision_id"))["newest"] or "")


def demand_seen(request, model, keys):
    """ValidationError if one of the records ``keys`` moved on since the page was made that asked about them."""
    newest, sent = newest_id(model, keys), request.POST.get("seen")
    if sent in (None, newest):
        return
    if not sent.isdecimal() or len(sent) > 18 or int(sent) > int(newest or 0):
        raise ValidationError("Not all that you chose is there any more. Please look again.")
    last = Revision.objects.get(pk=newest)
    when = date_format(timezone.localtime(last.at), "DATETIME_FORMAT")
    history = link(model, "history", last.key, "its history")
    raise ValidationError(format_html(MOVED, key=last.key, history=history, who=last.user_name, when=when))


def reason_typed(request):
    """Return the reason that was sent; empty if there is none."""
    return request.POST.get("reason", "").strip()[:LONGEST_REASON]


def reason_demanded(request):
    """Return the reason that was sent; ValidationError if there is none."""
    if reason := reason_typed(request):
        return reason
    raise ValidationError(ASKED)
