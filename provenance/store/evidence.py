"""Where the quotes of claims are in the kept texts of their sources."""

from functools import lru_cache

import orjson
from django.db.models import Exists, OuterRef

from ..documents import claims
from ..documents.passages import nearest
from ..documents.quotes import NO_TEXT, Found, claim_address, find_quote
from ..documents.schema import key_of
from ..models import Edition, Source

NEAREST = "The nearest is “{}”."


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
            (edition, is_there), claim["url"] = editions.get(slug, (None, False)), _address(model.path_of(key), claim)
            place = found_in(slug, edition, claim["quote"], claim["as_stated"]) if is_there else None
            claim["evidence"] = _evidence(edition, place or Found(NO_TEXT))
            if not place and (edition or known):
                unread.setdefault(key, []).append((claim, edition))
    before = known or _recorded(model, unread)
    for key, unread_claims in unread.items():
        recorded = {claims.claim_identity(each): each for each in before.get(key, {}).get("claims") or ()}
        for claim, edition in unread_claims:
            evidence = recorded.get(claims.claim_identity(claim), {}).get("evidence")
            if known and not evidence:  # a dump from before claims had evidence
                claim["evidence"] = claim["url"] = None
            elif evidence and evidence["edition"] == edition:
                claim["evidence"] = evidence


def with_evidence(document):
    """Return a recorded document; its claims from before evidence existed get the verdict that no text is kept."""
    own_claims, page = document.get("claims"), document.get("url")
    if not own_claims or not page or all(each["url"] for each in own_claims):
        return document
    nothing = {"evidence": _evidence(None, Found(NO_TEXT))}
    return document | {
        "claims": [each if each["url"] else each | nothing | {"url": _address(page, each)} for each in own_claims]
    }


def _address(page, claim):
    return claim_address(Source.path_of(claim["source"]["slug"]), page, claim)


def contradictions(model, document, before=None):
    """Return what ``claims.contradictions`` does, of a document without evidence, with the nearest sentences."""
    document = {**document, "claims": [dict(claim) for claim in document.get("claims") or ()]}
    set_evidence(model, {key_of(document): document})
    hints = {claims.not_found_in_words(each): each for each in document["claims"] if claims.is_not_found(each)}
    return [
        f"{words} {_nearest_in_words(hints[words])}".strip() if words in hints else words
        for words in claims.contradictions(document, before)
    ]


def _nearest_in_words(claim):
    named = claim["source"]["slug"], claim["evidence"]["edition"]
    sentence = nearest(claim["quote"], _text(*named)) if _kept_texts(*named).exists() else None
    return NEAREST.format(sentence) if sentence else ""


def _evidence(edition, place):
    return {"verdict": place.verdict, "edition": edition, "start": place.start, "end": place.end}


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


def _recorded(model, keys):
    texts = model.objects.filter(pk__in=keys, revision__isnull=False).values_list("pk", "revision__document")
    return {key: orjson.loads(text) for key, text in texts}
