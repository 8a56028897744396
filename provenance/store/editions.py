"""Texts of sources: kept, withdrawn, and searched for quotes."""

import hashlib

from django.core.exceptions import ValidationError
from django.utils import timezone

from ..documents.quotes import look_for
from ..models import Edition
from .lock import require_lock


def keep(source, data, text, read_date, user_name):
    """Keep ``text``, read from ``data``, as an edition of the source with that key. Returns the Edition.

    A text that is there already stays as it is. ValidationError if it was withdrawn, or the day has not come yet.
    """
    require_lock()
    digest = hashlib.sha256(data).hexdigest()
    edition = of_source(source).filter(digest=digest).first()
    if edition is None:
        edition = Edition(
            source_id=source, digest=digest, text=text, file=data, read_date=read_date, at=timezone.now(),
            user_name=user_name,
        )  # fmt: skip
        edition.full_clean(exclude=["source"])
        edition.save()
    if edition.withdrawn:
        raise ValidationError(f"This text was withdrawn, and is not kept again: {edition.withdrawn}")
    return edition


def withdraw(edition, reason, user_name):
    """Delete text and file of an Edition. Its digest, its days and the verdicts on quotes stay."""
    require_lock()
    gone = {"text": "", "file": None, "withdrawn": reason, "withdrawn_at": timezone.now(), "withdrawn_by": user_name}
    Edition.objects.filter(pk=edition.pk).update(**gone)


def of_source(source):
    """Return the editions of the source with that key, newest first, without their files."""
    return Edition.objects.filter(source_id=source).defer("file")


def newest_text(source):
    """Return the text of the edition that a source's document names; None if it names none, or it is gone."""
    if not source["edition"]:
        return None
    rows = Edition.objects.filter(source_id=source["slug"], digest=source["edition"])
    return rows.values_list("text", flat=True).first() or None


def verdicts(source, claims):
    """Return the Found of each of ``claims`` (documents or rows' values) in the newest text of a source's document."""
    text = newest_text(source)
    return [look_for(claim["quote"], claim["as_stated"], text) for claim in claims]
