"""What was done to records, told in sentences that lead on: to the record, and to where the public reads it."""

from django.contrib import messages
from django.contrib.admin.views.main import IS_POPUP_VAR
from django.contrib.messages.storage import default_storage
from django.utils.html import format_html, format_html_join

from provenance import deciding
from provenance.models import State
from provenance.sites import address

NAMED_AT_MOST = 20
UNCHANGED = "Nothing was changed."
WAITS = "Nothing was changed: {} proposes this already, and waits for a publisher."
PROPOSED = "Proposed: {} waits for a publisher; until then the record stays as it is."


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
    mine = deciding.waiting_on(type(record), [record.pk]).filter(user=user).first()
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
