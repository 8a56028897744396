"""Messages about what was done to records or refused, with links; and the reasons that users give."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from provenance.documents import errors
from provenance.models import State
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
ASKED = "Please give a reason. It is kept in the history."
MEANWHILE = (
    "The register was being changed at the same moment, so nothing was saved. Please check this record and save again."
)


def attempt(do, prepare=None):
    """Call ``do`` with the register's lock held. Returns (its result, []), or (None, messages) if it was refused.

    ``prepare`` is called before: it may take long, and must not keep others from writing.
    A broken rule of the database gives its own message. Other database errors are raised: what was saved is unknown.
    """
    try:
        if prepare:
            prepare()
        with register_lock():
            return do(), []
    except ValidationError as error:
        return None, error.messages
    except (IntegrityError, OperationalError) as error:
        if isinstance(error, OperationalError) and not errors.is_concurrency_error(error):
            raise
        return None, errors.broken_rules(error) or [MEANWHILE]


def link(model, page, key, words):
    """Return a link to a page of the record ``key``."""
    return format_html('<a href="{}">{}</a>', address(model, page, key), words)


def moment(revision):
    """Return when a Revision was recorded, in words."""
    return date_format(timezone.localtime(revision.at), "DATETIME_FORMAT")


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


def in_short(records):
    """Return the names of ``records`` as HTML, with links to public pages, and the number left out."""
    rest = f" and {len(records) - NAMED_AT_MOST:,} more" if len(records) > NAMED_AT_MOST else ""
    named = ((public_address(record), str(record)) for record in records[:NAMED_AT_MOST])
    names = (format_html('“<a href="{}">{}</a>”' if where else "“{1}”", where, name) for where, name in named)
    return format_html("{}{}", format_html_join(", ", "{}", ((name,) for name in names)), rest)


def deeds(rows_by_deed):
    """Return as HTML which deeds, such as “Published”, were done to which records."""
    return format_html_join(" ", "{}: {}.", ((deed, in_short(rows)) for deed, rows in rows_by_deed.items() if rows))


def what_became(model, last):
    """Return a message, as HTML, about who merged or deleted a record, given its last Revision."""
    into = merges.redirected_keys(model, [last.key]).get(last.key)
    details = {
        "kind": model._meta.verbose_name, "key": last.key, "who": last.user_name, "when": moment(last),
        "why": f" (“{last.reason}”)" if last.reason else "",
    }  # fmt: skip
    if into:
        return format_html(MERGED, into=link(model, "change", into, f"“{into}”"), **details)
    return format_html(DELETED, history=link(model, "history", last.key, "history"), **details)


def typed_reason(request):
    """Return the submitted reason, or an empty text."""
    return request.POST.get("reason", "").strip()[:LONGEST_REASON]


def required_reason(request):
    """Return the submitted reason; ValidationError if it is empty."""
    if reason := typed_reason(request):
        return reason
    raise ValidationError(ASKED)
