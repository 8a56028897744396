"""Messages about what was done to records or refused, with links; and the reasons that users give."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from provenance.documents import errors
from provenance.models import Revision, State
from provenance.models.fields import as_number
from provenance.site.admin_site import address
from provenance.store.database import register_lock
from provenance.store.log import LONGEST_REASON
from provenance.workflow import merges, review

NAMED_AT_MOST = 20
UNCHANGED = "Nothing was changed."
WAITS = "Nothing was changed: {} already contains this and waits for a publisher."
PROPOSED = "Thank you: {} now waits for a publisher. The record stays unchanged until it is accepted."
MERGED = "The {kind} “{key}” was merged into {into} by {who}, {when}{why}. Please use that record."
DELETED = "The {kind} “{key}” was deleted by {who}, {when}{why}. You can restore it from its {history}."
MOVED = "“{key}” has changed since you opened this page (see {history}, by {who}, {when}). Please check it again."
ASKED = "Please give a reason. It is kept in the history."
MEANWHILE = "Somebody else changed this or a related record at the same moment. Please check it and save again."


def attempt(do):
    """Call ``do`` with the register's lock held. Returns (its result, []), or (None, messages) if it was refused."""
    try:
        with register_lock():
            return do(), []
    except (ValidationError, IntegrityError, OperationalError) as error:
        return None, error_messages(error)


def error_messages(error):
    """Return the messages of a refusal: for a broken database rule, the rule's own.

    Other database errors are raised again: whether anything was saved is unknown.
    """
    if isinstance(error, OperationalError) and not errors.is_concurrency_error(error):
        raise error
    if isinstance(error, ValidationError):
        return error.messages
    return errors.broken_rules(error) or [MEANWHILE]


def link(model, page, key, words):
    """Return a link to a page of the record ``key``."""
    return format_html('<a href="{}">{}</a>', address(model, page, key), words)


def public_address(record):
    """Return the public path of ``record``; empty if it is not published or has no page."""
    return record.get_absolute_url() if record.state == State.PUBLISHED else ""


def done(record, words):
    """Return the message, as HTML, that ``record`` was published, changed or the like."""
    called = link(type(record), "change", record.pk, record)
    return format_html("The {} “{}” was {}.{}", record._meta.verbose_name, called, words, on_site(record))


def on_site(record):
    """Return a link to the public page of ``record`` as a sentence; empty if there is none."""
    where = public_address(record)
    return format_html(' <a href="{}">See its public page</a>.', where) if where else ""


def became(user, record, outcome, words):
    """Return the message, as HTML, for a submitted document: done, proposed or unchanged."""
    if outcome.written:
        return done(record, words)
    proposal = review.waiting_on(type(record), [record.pk]).filter(user=user).first()
    proposal_link = proposal and link(type(proposal), "change", proposal.pk, "your proposal")
    message = format_html(PROPOSED if outcome.proposed else WAITS, proposal_link)
    return format_html("{}{}", message, on_site(record)) if proposal else UNCHANGED


def in_short(records, most=NAMED_AT_MOST):
    """Return the names of ``records`` as HTML, with links to public pages, and the number left out."""
    rest = f" and {len(records) - most:,} more" if len(records) > most else ""
    named = ((public_address(record), str(record)) for record in records[:most])
    names = [format_html('“<a href="{}">{}</a>”' if where else "“{1}”", where, name) for where, name in named]
    return format_html("{}{}", format_html_join(", ", "{}", ((name,) for name in names)), rest)


def deeds(rows_by_deed):
    """Return as HTML which deeds, such as “Published”, were done to which records."""
    return format_html_join(" ", "{}: {}.", ((deed, in_short(rows)) for deed, rows in rows_by_deed.items() if rows))


def what_became(model, last):
    """Return a message, as HTML, about who merged or deleted a record, given its last Revision."""
    into = merges.redirected_keys(model, [last.key]).get(last.key)
    details = {
        "kind": model._meta.verbose_name,
        "key": last.key,
        "who": last.user_name,
        "when": date_format(timezone.localtime(last.at), "DATETIME_FORMAT"),
        "why": f" (“{last.reason}”)" if last.reason else "",
    }
    if into:
        return format_html(MERGED, into=link(model, "change", into, f"“{into}”"), **details)
    return format_html(DELETED, history=link(model, "history", last.key, "history"), **details)


def newest_id(model, keys):
    """Return the newest Revision id of the records ``keys`` as text: it changes when one of them does."""
    return str(model.objects.filter(pk__in=keys).aggregate(newest=Max("revision_id"))["newest"] or "")


def require_seen(request, model, keys):
    """ValidationError if one of the records ``keys`` changed since the page was shown."""
    newest, seen = newest_id(model, keys), request.POST.get("seen")
    if seen in (None, newest):
        return
    if as_number(seen) is None or int(seen) > int(newest or 0):
        raise ValidationError("Some of the selected records no longer exist. Please check your selection.")
    last = Revision.objects.get(pk=newest)
    when = date_format(timezone.localtime(last.at), "DATETIME_FORMAT")
    history = link(model, "history", last.key, "its history")
    raise ValidationError(format_html(MOVED, key=last.key, history=history, who=last.user_name, when=when))


def typed_reason(request):
    """Return the submitted reason, or an empty text."""
    return request.POST.get("reason", "").strip()[:LONGEST_REASON]


def required_reason(request):
    """Return the submitted reason; ValidationError if it is empty."""
    if reason := typed_reason(request):
        return reason
    raise ValidationError(ASKED)
