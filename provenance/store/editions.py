"""Texts of sources: kept, and searched for quotes."""

import hashlib

from django.utils import timezone

from ..documents.quotes import look_for
from ..models import Edition
from .lock import require_lock


def keep(source, data, text, read_date, user_name):
    """Keep ``text``, read from ``data``, as an edition of the source with that key. Returns its digest.

    A text that is there already stays as it is.
    """
    require_lock()
    digest = hashlib.sha256(data).hexdigest()
    more = {"text": text, "read_date": read_date, "at": timezone.now(), "user_name": user_name}
    Edition.objects.get_or_create(source_id=source, digest=digest, defaults=more)
    return digest


def newest_text(source):
    """Return the text of the edition that a source's document names; None if it names none, or it is gone."""
    if not source["edition"]:
        return None
    rows = Edition.objects.filter(source_id=source["slug"], digest=source["edition"])
    return rows.values_list("text", flat=True).first()


def verdicts(source, claims):
    """Return the Found of each of ``claims`` (documents or rows' values) in the newest text of a source's document."""
    text = newest_text(source)
    return [look_for(claim["quote"], claim["as_stated"], text) for claim in claims]
