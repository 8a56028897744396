"""The page of a source: the sentences that published records quote from it, and what each of them supports."""

from functools import cache, lru_cache

import orjson
from django.utils.translation import gettext

from provenance.documents import passages
from provenance.documents.claims import REFUSED, bare, claim_id, is_adopted
from provenance.documents.declaration import as_list, key_of
from provenance.documents.diff import label
from provenance.documents.quotes import (
    NO_TEXT,
    NOT_FOUND,
    VERBATIM,
    find,
    layers,
    marked,
    parts_of,
    sentence_id,
    text_fragment,
)
from provenance.documents.readings import AS_VALUE
from provenance.models import Source
from provenance.store.editions import days_seen, public_text

from ..words.phrases import item_in_words
from .statements import LANGUAGE
from .views import KINDS

RECORDS_A_PAGE = 50
TEXT_A_PAGE = 20_000  # characters; a passage on the border of two pages is on both
LONGEST_PIECE = 3000  # characters of a text without sentences that are one passage
MOST_MISSING = 500  # quotes below a text in which they are not found
VERDICTS = ["", NO_TEXT, VERBATIM, NOT_FOUND]  # worst last
CITING = [model for model in KINDS.values() if model is not Source]  # projects first


def citing(register, source):
    """Return ``[(model, its published records in a Register that quote the source)]``, of kinds that have any."""
    by_model = ((model, register.citing(model, source)) for model in CITING)
    return [(model, records) for model, records in by_model if records.count()]


def page_count(register, source, text):
    """Return the number of pages of a source's document; ``text``: all of it, if it is shown."""
    count, size = (_count(register, source["slug"]), RECORDS_A_PAGE) if text is None else (len(text), TEXT_A_PAGE)
    return max(1, -(-count // size))


def read(register, source, text, page):
    """Return a page of a source's document: ``{"passages", "missing", "more_missing"}``.

    ``text``: all of it, in passages, quoted or not. Quotes that are not found in it are ``missing``, on its last page.
    Without it (None), the passages are the quotes of the records of a page, starting with those found in the kept text,
    in its order.

    A passage is ``{"ids", "parts", "language", "claim", "verdict", "seen", "original", "records"}``. ``parts`` are
    ``[(text, level)]``: 1 in a quote, 2 in the words that state a value, else 0; ``claim``: its first; ``seen``: the
    first and last day on which it was in the texts; ``original``: its address on the publisher's page; of each record
    its ``kind``, ``document``, and what the passage supports (see ``_facts``), in words.
    """
    records = citing(register, source["slug"])
    if text is None:
        return {
            "passages": of_documents(source, _documents(records, (page - 1) * RECORDS_A_PAGE, page * RECORDS_A_PAGE))
        }
    places = register.cached(("places", source["slug"], source["edition"]), lambda: _places(records, source))
    first, last = (page - 1) * TEXT_A_PAGE, page * TEXT_A_PAGE
    pieces = [piece for piece in _pieces(text) if piece[0] < last and first < piece[1]]
    start, end = pieces[0][0], pieces[-1][1]
    spans = sorted((*place, quote) for quote, (place, _keys) in places.items() if place)
    spans = [span for span in spans if span[0] < end and start < span[1]]
    missing = [quote for quote, (place, _keys) in places.items() if not place] if last >= len(text) else []
    quotes = [*(quote for *_, quote in spans), *missing[:MOST_MISSING]]
    keys = set().union(*(places[quote][1] for quote in quotes))
    documents = [
        (model, document)
        for model, rows in records
        for document in rows.of([key for kind, key in keys if kind is model]).read()
    ]
    by_quote = _by_quote(source, documents)
    return {
        "passages": [_passage_of_text(source, text, span, by_quote, opens) for opens, *span in _joined(pieces, spans)],
        "missing": _of_quotes(source, {quote: by_quote[quote] for quote in missing[:MOST_MISSING]}),
        "more_missing": len(missing[MOST_MISSING:]),
    }


def of_documents(source, documents):
    """Return the passages that records, ``[(model, document)]``, quote from a source's document, as ``read`` does."""
    return _of_quotes(source, _by_quote(source, documents))


def _of_quotes(source, by_quote):
    rows = []
    for quote, records in by_quote.items():
        phrases = [claim["as_stated"] for *_, claims in records for claim in claims]
        spans = [(at, at + len(phrase)) for phrase in phrases if (at := quote.find(phrase)) >= 0]
        rows.append((quote, _passage(source, [quote], records, layers(quote, [[(0, len(quote))], spans]))))
    verbatim = {quote for quote, passage in rows if passage["verdict"] == VERBATIM}
    days = days_seen(source, by_quote, verbatim) if source["text_shown"] and source["edition"] else {}
    passages = [passage | {"seen": [day.isoformat() for day in days.get(quote, ())]} for quote, passage in rows]
    return sorted(passages, key=lambda passage: (passage["start"] is None, passage["start"] or 0))


def _passage(source, quotes, records, parts):
    """Return a passage with these quotes; ``records``: ``[(model, document, [claims])]``."""
    claims = [claim for *_, claims in records for claim in claims]
    evidence = filter(None, (claim["evidence"] for claim in claims))
    evidence = max(evidence, key=lambda each: VERDICTS.index(each["verdict"]), default={})
    return {
        "ids": [sentence_id(quote) for quote in quotes],
        "parts": parts,
        "claim": claims[0],
        "language": claims[0]["language"] or source["language"] or LANGUAGE,
        "verdict": evidence.get("verdict", NO_TEXT),
        "start": evidence.get("start"),
        "original": text_fragment(source["address"], " […] ".join(quotes)),
        "records": [
            {"kind": model._meta.model_name, "document": document} | _facts(source, model, document, claims)
            for model, document, claims in records
        ],
    }


def _by_quote(source, documents):
    """Return ``{quote: [(model, document, [claims])]}`` of a source's document in records ``[(model, document)]``."""
    by_quote = {}
    for model, document in documents:
        for claim in document["claims"]:
            if claim["source"]["slug"] == source["slug"]:
                records = by_quote.setdefault(claim["quote"], {})
                records.setdefault(document["url"], (model, document, []))[2].append(claim)
    return {quote: list(records.values()) for quote, records in by_quote.items()}


def _documents(records_by_model, first, last):
    """Return ``[(model, document)]`` from the ``first`` of all records to before the ``last``."""
    documents = []
    for model, records in records_by_model:
        documents += [(model, document) for document in records.read(slice(first, last))]
        first, last = (max(0, each - records.count()) for each in (first, last))
    return documents


# -- The whole text --


def _places(records_by_model, source):
    """Return ``{quote: ((start, end) in the text, or None, {(model, key)} of the records that quote it)}``."""
    places = {}
    for model, records in records_by_model:
        for document in map(orjson.loads, records.stream_documents()):
            for claim in document["claims"]:
                if claim["source"]["slug"] == source["slug"]:
                    found_there = places.setdefault(claim["quote"], (place_of(claim, source), set()))
                    found_there[1].add((model, key_of(document)))
    return places


def place_of(claim, source):
    """Return (start, end) of a claim's quote in the text of its source's document; None if it is not found there."""
    evidence = claim.get("evidence") or {}
    is_found = evidence.get("verdict") == VERBATIM and evidence["edition"] == source["edition"]
    return (evidence["start"], evidence["end"]) if is_found else None


@lru_cache(2)
def _pieces(text):
    """Return ``[(start, end, number of the paragraph)]`` of all of ``text``: sentences, or parts of very long ones."""
    pieces, start = [], 0
    for sentence in passages.sentences(text):
        for end in [*range(sentence.start + LONGEST_PIECE, sentence.end, LONGEST_PIECE), sentence.end]:
            pieces.append((start, end, sentence.paragraph))
            start = end
    return [*pieces[:-1], (pieces[-1][0], len(text), pieces[-1][2])] if pieces else [(0, len(text), 1)]


def _joined(pieces, spans):
    """Yield (whether it begins a paragraph, start, end, its spans) of passages.

    A passage joins pieces that a span connects, or the pieces of one paragraph without a span.
    """
    passage, before = None, None
    for start, end, paragraph in pieces:
        own = [span for span in spans if span[0] < end and start < span[1]]
        if passage and (own[0][0] < start if own else not passage[3] and paragraph == before):
            passage[2], passage[3] = end, list(dict.fromkeys(passage[3] + own))
        else:
            if passage:
                yield passage
            passage = [paragraph != before, start, end, own]
        before = paragraph
    if passage:
        yield passage


def _passage_of_text(source, text, span, by_quote, opens):
    """Return the passage of a span (start, end, quotes with their places) of a text."""
    start, end, quotes = span
    start, end = end - len(text[start:end].lstrip()), start + len(text[start:end].rstrip())
    quoted, values, records = [], [], {}
    for first, last, quote in quotes:
        quoted += _within(text, parts_of(quote), first, last)
        for model, document, claims in by_quote[quote]:
            records.setdefault(document["url"], (model, document, []))[2].extend(claims)
            values += [find(claim["as_stated"], text, first, last) for claim in claims]
    spans = [[(a - start, b - start) for a, b in filter(None, places)] for places in (quoted, values)]
    parts = layers(text[start:end], spans)
    if not quotes:
        return {"ids": [f"t-{start}"], "parts": parts, "language": source["language"] or LANGUAGE, "opens": opens}
    passage = _passage(source, [quote for *_, quote in quotes], list(records.values()), parts)
    return passage | {"original": text_fragment(source["address"], text[start:end]), "opens": opens}


def _within(text, parts, start, end):
    """Yield the places of the parts of a quote, one after another."""
    for part in parts:
        if place := find(part, text, start, end):
            yield place
            start = place[1]


# -- What a passage supports --


def _facts(source, model, document, claims):
    """Return what claims support: ``{"facts", "marked"}``; ``marked`` are values in the very words that are marked.

    Each member is there once, ``{"member", "label", "values", "readings", "ids", "others"}``; then each claim that
    is not adopted, ``refused``. ``others``: claims of other sources that disagree.
    """
    supported, refused = {}, []
    for claim in {claim_id(document["url"], claim): claim for claim in claims}.values():  # the same twice is one
        fact = _fact(source, document, claim)
        if is_adopted(claim):
            fact = supported.setdefault(claim["field"], fact | {"values": {}, "readings": {}})
            values = values_in_words(model, document, claim)
            fact["values"] |= dict.fromkeys(() if values == [claim["as_stated"]] else values)
            fact["readings"][claim["reading"]] = claim
        else:
            refused.append(fact | {"refused": claim})
        fact["ids"].append(claim_id(document["url"], claim))
    marked = [
        fact for fact in supported.values()
        if not fact["values"] and not fact["others"] and [*fact["readings"]] == [AS_VALUE]
    ]  # fmt: skip
    facts = [fact for fact in supported.values() if fact not in marked]
    return {"facts": facts + refused, "marked": marked}


def _fact(source, document, claim):
    others = [
        other
        for other in document["claims"]
        if other["field"] == claim["field"] and other["source"]["slug"] != source["slug"]
        and (other["status"] in REFUSED if is_adopted(claim) else is_adopted(other) and claim["status"] in REFUSED)
    ]  # fmt: skip
    return {"member": claim["field"], "label": gettext(label(claim["field"])), "ids": [], "others": others}


def values_in_words(model, document, claim):
    """Return the items of its member that a claim supports, in words."""
    choices = _choices(model, claim["field"])
    supported = [item for item in as_list(document.get(claim["field"])) if bare(item) in (claim["value"] or ())]
    return [item_in_words(choices.get(item, item) if isinstance(item, str) else item) for item in supported]


@cache
def _choices(model, name):
    """Return ``{code: its word}`` of a member that is one of several codes."""
    return {
        code: word for column in model._meta.concrete_fields if column.name == name for code, word in column.flatchoices
    }


def quoted(by_member, sources, past=None):
    """Return the sentences of a record's Statements, each once, and give each claim the ``number`` of its sentence.

    They are in the order of the sources and of the text of each; those that are not found in it follow. Each is
    ``{"number", "parts", "language", "used": [(member, label)], "source", "verdict", "address", "original"}``.
    """
    by_quote, named = {}, {source["slug"]: source for source in sources}
    for claim in (claim for statements in by_member.values() for claim in statements.claims):
        by_quote.setdefault((claim["source"]["slug"], claim["quote"]), []).append(claim)
    sentences = []

    def order(claims):
        source, start = named.get(claims[0]["source"]["slug"], {}), (claims[0]["evidence"] or {}).get("start")
        return source.get("number", len(named) + 1), start is None, start or 0

    for claims in sorted(by_quote.values(), key=order):
        first = claims[0]
        for claim in claims:
            claim["number"] = len(sentences) + 1
        source = named.get(first["source"]["slug"], first["source"])
        fields = dict.fromkeys(claim["field"] for claim in claims)
        sentences.append({
            "number": first["number"],
            "parts": marked(first["quote"], [claim["as_stated"] for claim in claims]),
            "language": first["language"],
            "used": [(name, gettext(label(name))) for name in fields],
            "source": source,
            "verdict": max(((claim["evidence"] or {}).get("verdict", "") for claim in claims), key=VERDICTS.index),
            "address": sentence_address(source, first, past),
            "original": text_fragment(source.get("address"), first["quote"]),
        })  # fmt: skip
    return sentences


def addresses(register, document, past=None):
    """Return ``{slug: address}`` of the pages of published sources that show the sentences of a document.

    ``register``: where it is read; None: no page is linked to. ``past``: the Past of the page that links to them.
    """
    published = register.records.get("source", {}) if register else {}
    slugs = dict.fromkeys(claim["source"]["slug"] for claim in document["claims"])
    return {
        slug: page_of(register, slug, document["url"]) + (past.query if past else "")
        for slug in slugs
        if slug in published
    }


def page_of(register, slug, page):
    """Return the path of the page of a source with the sentences of the record with the path ``page``.

    Of a source with many records, it is the page of what the source says about this one.
    """
    return Source.path_of(slug) + ("" if _count(register, slug) <= RECORDS_A_PAGE else page[1:])


def _count(register, slug):
    return sum(records.count() for _model, records in citing(register, slug))


def with_addresses(passages, register, source, page, past):
    """Return the passages of the record with the path ``page``, each with its ``address`` on the page of its source."""
    is_whole = not past and public_text(source) is not None
    there = source["url"] if is_whole else page_of(register, source["slug"], page)
    source = source | {"is_whole": is_whole, "page": there + past.query if past else there}
    return [passage | {"address": sentence_address(source, passage["claim"], past)} for passage in passages]


def sentence_address(source, claim, past=None):
    """Return the address of a claim's sentence; None if the page of the source is not linked to.

    ``source``: as ``statements`` returns it. If its whole text is shown, the sentence is on the page with its place.
    """
    page, place = source.get("page"), place_of(claim, source) if source.get("is_whole") and not past else None
    if page and place:
        number = place[0] // TEXT_A_PAGE + 1
        page = source["url"] + (f"?page={number}" if number > 1 else "")
    return page and f"{page}#{sentence_id(claim['quote'])}"
