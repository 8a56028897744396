"""Where the quotes of claims stand in the texts that are kept of their sources."""

from functools import lru_cache

import orjson

from ..documents import claims
from ..documents.passages import nearest
from ..documents.quotes import NO_TEXT, Found, claim_address, look_for
from ..documents.schema import key_of
from ..models import Edition, Source

NEAREST = "The nearest is “{}”."


def weigh(model, documents, known=None):
    """Set evidence and address of each claim in ``{key: document}``, which has none yet, if its source has a text.

    Where that text is not here, because it was withdrawn or came from a dump, which has no texts, what was recorded of
    the same words stays: in ``known``, ``{key: document}``, or else in the newest Revision.
    """
    named = {claim["source"]["slug"] for document in documents.values() for claim in document.get("claims") or ()}
    editions = dict(Source.objects.filter(pk__in=named).exclude(edition="").values_list("pk", "edition"))
    if not editions:
        return
    unread = {}
    for key, document in documents.items():
        page = model.path_of(key)
        for claim in document.get("claims") or ():
            slug = claim["source"]["slug"]
            if edition := editions.get(slug):
                claim["url"] = claim_address(Source.path_of(slug), page, claim)
                try:
                    claim["evidence"] = _evidence(edition, _found(slug, edition, claim["quote"], claim["as_stated"]))
                except LookupError:
                    unread.setdefault(key, []).append((claim, edition))
    if unread:
        known = known or _recorded(model, unread)
    for key, found in unread.items():
        kept = _kept(known.get(key) or {})
        for claim, edition in found:
            before = kept.get(claims.claim_identity(claim))
            is_same = before and before["edition"] == edition
            claim["evidence"] = before if is_same else _evidence(edition, Found(NO_TEXT))


def contradictions(model, document, before=None):
    """Return what ``claims.contradictions`` does, of a document without evidence, with the nearest sentences."""
    fresh = {"evidence": None, "url": None}
    document = {**document, "claims": [claim | fresh for claim in document.get("claims") or ()]}
    weigh(model, {key_of(document): document})
    hints = {claims.not_found_in_words(each): each for each in document["claims"] if claims.is_not_found(each)}
    return [
        f"{words} {nearest_in_words(hints[words])}".strip() if words in hints else words
        for words in claims.contradictions(document, before)
    ]


def nearest_in_words(claim):
    """Return for staff, in words, the sentence of the text nearest to the quote of a claim; "" if there is none."""
    try:
        sentence = nearest(claim["quote"], _text(claim["source"]["slug"], claim["evidence"]["edition"]))
    except LookupError:
        return ""
    return NEAREST.format(sentence) if sentence else ""


def _evidence(edition, found):
    return {"verdict": found.verdict, "edition": edition, "start": found.start, "end": found.end}


@lru_cache(50_000)
def _found(slug, edition, quote, as_stated):
    """Return a Found. LookupError if the text is not here. A text never changes, so the answer stays."""
    return look_for(quote, as_stated, _text(slug, edition))


@lru_cache(2)
def _text(slug, edition):
    text = Edition.objects.filter(source_id=slug, digest=edition).values_list("text", flat=True).first()
    if not text:
        raise LookupError(f"There is no text {edition} of {slug}.")
    return text


def _recorded(model, keys):
    """Return ``{key: document}`` of the newest Revisions, as they were recorded."""
    texts = model.objects.filter(pk__in=keys, revision__isnull=False).values_list("pk", "revision__document")
    return {key: orjson.loads(text) for key, text in texts}


def _kept(document):
    return {claims.claim_identity(claim): claim.get("evidence") for claim in document.get("claims") or ()}
