"""Texts of sources: kept, withdrawn, and searched for quotes."""

import hashlib
from datetime import date

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Q, Subquery
from django.utils import timezone

from ..documents.quotes import VERBATIM
from ..models import Edition, Revision, Source
from . import audit
from .database import require_lock
from .evidence import found_in


def keep(source, data, text, read_date, user):
    """Keep ``text``, read from ``data``, as an edition of the source with that key. Returns its digest.

    The audit log gets the digest of the text. An existing text stays unchanged. ValidationError if it was withdrawn, or
    the day is in the future.
    """
    require_lock()
    digest = hashlib.sha256(data).hexdigest()
    edition = of_source(source).filter(digest=digest).first()
    if edition is None:
        edition = Edition(
            source_id=source, digest=digest, text=text, file=data, read_date=read_date, at=timezone.now(),
            user_name=user.get_username(),
        )  # fmt: skip
        edition.clean_fields(exclude=["source"])
        edition.save()
        audit.note_text(user, edition)
    if edition.withdrawn:
        raise ValidationError(f"This text was withdrawn, and is not kept again: {edition.withdrawn}")
    return digest


def withdraw(edition, reason, user_name):
    """Delete text and file of an Edition. Its digest, its days and the verdicts on quotes stay."""
    require_lock()
    gone = {"text": "", "file": None, "withdrawn": reason, "withdrawn_at": timezone.now(), "withdrawn_by": user_name}
    Edition.objects.filter(pk=edition.pk).update(**gone)


def of_source(source):
    """Return the editions of the source with that key, newest first, without their files."""
    return Edition.objects.filter(source_id=source).defer("file")


def in_use(source):
    """Return the Edition that a source's document names; None if it names none."""
    return of_source(source["slug"]).filter(digest=source["edition"] or "").first()


def before(edition):
    """Return the Edition that was in use before ``edition``, which is; None if there was none or its text is gone."""
    revisions = Revision.objects.of(Source, edition.source_id).order_by("-id")
    for document in revisions.values_list("document", flat=True):
        digest = orjson.loads(document).get("edition")
        if digest and digest != edition.digest:
            return of_source(edition.source_id).filter(digest=digest).exclude(text="").first()
    return None


def days_seen(source, quotes, verbatim=()):
    """Return ``{quote: (first, last day)}`` on which quotes were in the texts of a source's document, word for word.

    Only texts up to the one in use count; the source says when that was last read. If it was withdrawn, ``verbatim``
    are the quotes that were found in it.
    """
    slug, days, last_read = source["slug"], {}, date.fromisoformat(source["read_date"] or "0001-01-01")
    used = of_source(slug).filter(digest=source["edition"] or "").values("pk")
    texts = of_source(slug).filter(pk__lte=Subquery(used)).order_by("read_date")
    for day, digest, is_gone in texts.values_list("read_date", "digest", Q(text="")):
        is_used = digest == source["edition"]
        for quote in quotes:
            if is_gone:
                is_in = is_used and quote in verbatim
            else:
                is_in = found_in(slug, digest, quote, quote).verdict == VERBATIM
            if is_in:
                last = max(day, last_read) if is_used else day
                days[quote] = days.get(quote, (day,))[0], last
    return days


def newest_text(source):
    """Return the text of the edition that a source's document names; None if it names none, or it is gone."""
    edition = in_use(source)
    return (edition and edition.text) or None


def public_text(source):
    """Return the text of a source's document if readers may see all of it; else None."""
    return newest_text(source) if source["text_shown"] == Source.TextShown.TEXT else None
