"""Sources that visitors suggest: received, declined, or accepted as draft sources with their text."""

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ..files import texts
from ..models import Source, SuggestedSource
from ..store import audit, editions
from ..store.build import blank
from ..store.lock import register_lock
from . import permissions
from .submission import submit

LARGEST = 10 * 2**20  # bytes of a file
A_DAY, FROM_ONE = timedelta(days=1), 10  # at most so many suggestions a day from one sender
MOST_WAITING = 200
EMAIL_KEPT = timedelta(days=30)
ALREADY = "This suggestion has already been decided."
WAITING = SuggestedSource.Outcome.WAITING


class Full(Exception):
    """No suggestion is taken now: too many wait, or too many came from one sender."""


def receive(client, **values):
    """Keep a suggestion from ``client``, an address of the network. Returns it. Full if too many came before."""
    now = timezone.now()
    sender = salted_hmac("suggestion", client).hexdigest()[:32]  # says nothing of the address without our key
    rows = SuggestedSource.objects.order_by()
    is_full = rows.filter(outcome=WAITING).count() >= MOST_WAITING
    if is_full or rows.filter(sender=sender, at__gt=now - A_DAY).count() >= FROM_ONE:
        raise Full
    return rows.create(token=secrets.token_urlsafe(32), at=now, sender=sender, **values)


def decline(user, suggestion, comment):
    """Decline a suggestion, with an answer to its sender. ValidationError without one, or if it was decided."""
    if not comment.strip():
        raise ValidationError("Say why you decline it. The sender will read this.")
    with register_lock():
        _decide(user, suggestion, SuggestedSource.Outcome.DECLINED, comment)


def accept(user, suggestion, document, comment=""):
    """Make a draft source of a suggestion; its file becomes the text of it. Returns the Source.

    ``document``: slug, title, publisher and language of the source. ValidationError or Refused, and nothing written,
    if the user may not add it, the key is taken, or the file cannot be read.
    """
    permissions.require(user, "add")
    text = texts.text_of(bytes(suggestion.file)) if suggestion.file else None
    today, key = timezone.localdate(), document["slug"]
    with register_lock():
        if Source.objects.filter(pk=key).exists():
            raise ValidationError(f"There is a source “{key}” already. Choose another key.")
        document = blank(Source, key) | {"address": suggestion.address or None, **document}
        submit(user, Source, {key: document}, reason="Suggested by a visitor.")
        if text:
            digest = editions.keep(key, bytes(suggestion.file), text, today, user)
            read = {"edition": digest, "read_date": today.isoformat()}
            submit(user, Source, {key: document | read}, reason="The text that a visitor sent.")
        _decide(user, suggestion, SuggestedSource.Outcome.ACCEPTED, comment, source_id=key)
    return Source.objects.get(pk=key)


def _decide(user, suggestion, outcome, comment, **more):
    """Note the decision on a waiting suggestion, and delete its file. ValidationError if it was decided."""
    decided = {"outcome": outcome, "decided_by": user.get_username(), "decided_at": timezone.now(), "comment": comment}
    rows = SuggestedSource.objects.filter(pk=suggestion.pk, outcome=WAITING)
    if not rows.update(**decided, **more, file=None):
        raise ValidationError(ALREADY)
    audit.note(user, f"suggested source {outcome}", f"suggested source {suggestion.pk}")


def tidy():
    """Delete e-mail addresses after EMAIL_KEPT and digests of senders after a day. Returns how many of each."""
    now, rows = timezone.now(), SuggestedSource.objects.order_by()
    emails = rows.filter(at__lt=now - EMAIL_KEPT).exclude(email="").update(email="")
    return emails, rows.filter(at__lt=now - A_DAY).exclude(sender="").update(sender="")
