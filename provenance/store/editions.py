"""Texts of sources: kept, withdrawn, and searched for the quotes of claims."""

import hashlib
from datetime import date
from functools import lru_cache

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from ..documents import claims
from ..documents.declaration import key_of
from ..documents.passages import nearest
from ..documents.quotes import NO_TEXT, VERBATIM, Found, find_quote
from ..models import Edition, Revision, Source
from . import audit
from .database import require_lock

NEAREST = "The nearest is “{}”."


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
        audit.note(user, audit.kept(edition), f"edition {edition.pk}")
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


# -- Evidence: where the quotes of claims are --


def set_evidence(model, documents, known=None):
    """Set evidence and address of each claim in ``{key: document}``, which has none yet.

    If the text of its source is not here, because it was withdrawn or the source came from a dump, which has no texts,
    the evidence recorded for the same words stays: from ``known``, ``{key: document}`` of a dump, or else from the
    newest Revision.
    """
    named = {claim["source"]["slug"] for document in documents.values() for claim in document.get("claims") or ()}
    used = Source.objects.filter(pk__in=named).exclude(edition="")
    is_kept = Exists(_kept_texts(OuterRef("pk"), OuterRef("edition")))
    editions = {slug: (edition, is_there) for slug, edition, is_there in used.values_list("pk", "edition", is_kept)}
    unread = {}
    for key, document in documents.items():
        for claim in document.get("claims") or ():
            slug = claim["source"]["slug"]
            edition, is_there = editions.get(slug, (None, False))
            place = found_in(slug, edition, claim["quote"], claim["as_stated"]) if is_there else Found(NO_TEXT)
            claim["evidence"] = {"verdict": place.verdict, "edition": edition, "start": place.start, "end": place.end}
            claim["url"] = claims.claim_address(model.path_of(key), claim)
            if not is_there and (edition or known):
                unread.setdefault(key, []).append((claim, edition))
    before = known
    if not known:
        texts = model.objects.filter(pk__in=unread, revision__isnull=False).values_list("pk", "revision__document")
        before = {key: orjson.loads(text) for key, text in texts}
    for key, unread_claims in unread.items():
        recorded = {claims.claim_identity(each): each for each in before.get(key, {}).get("claims") or ()}
        for claim, edition in unread_claims:
            evidence = recorded.get(claims.claim_identity(claim), {}).get("evidence")
            if known and not evidence:  # a dump from before claims had evidence
                claim["evidence"] = claim["url"] = None
            elif evidence and evidence["edition"] == edition:
                claim["evidence"] = evidence


def contradictions(model, document, before=None):
    """Return what ``claims.contradictions`` does, of a document without evidence, with the nearest sentences."""
    document = {**document, "claims": [dict(claim) for claim in document.get("claims") or ()]}
    set_evidence(model, {key_of(document): document})
    sentences = claims.contradictions(document, before)
    for claim in document["claims"] if sentences else ():
        named = claim["source"]["slug"], (claim["evidence"] or {}).get("edition")
        words = claims.not_found_in_words(claim) if claims.is_not_found(claim) else ""
        if words in sentences and _kept_texts(*named).exists() and (near := nearest(claim["quote"], _text(*named))):
            sentences[sentences.index(words)] = f"{words} {NEAREST.format(near)}"
    return sentences


@lru_cache(50_000)
def found_in(slug, edition, quote, as_stated):
    """Return the Found of a quote in an edition of a source, whose text is here.

    A text never changes, so the answer is cached; whether the text was withdrawn is for the caller to ask.
    """
    return find_quote(quote, as_stated, _text(slug, edition))


@lru_cache(2)
def _text(slug, edition):
    return _kept_texts(slug, edition).values_list("text", flat=True).get()


def _kept_texts(slug, edition):
    return Edition.objects.filter(source_id=slug, digest=edition).exclude(text="")
