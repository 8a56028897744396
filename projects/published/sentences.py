"""A source read from its side: the sentences that published records quote from it, and what each of them supports."""

from functools import cache
from urllib.parse import urlencode

from django.utils.translation import gettext

from provenance.documents.claims import bare, is_adopted
from provenance.documents.diff import label
from provenance.documents.quotes import (
    NO_TEXT,
    NOT_FOUND,
    VERBATIM,
    Found,
    claim_id,
    look_for,
    marked,
    sentence_id,
    text_fragment,
)
from provenance.documents.schema import key_of
from provenance.models import Source
from provenance.store.build import upgrade
from provenance.store.editions import newest_text, seen

from ..documents.phrases import item_in_words
from .statements import LANGUAGE
from .views import KINDS

RECORDS_A_PAGE = 100
VERDICTS = ["", NO_TEXT, VERBATIM, NOT_FOUND]  # worst last
CITING = [kind.model for kind in KINDS.values() if kind.model is not Source]  # projects first


def citing(view, source):
    """Return ``[(model, its published records in a View that quote the source)]``, of kinds that have any."""
    found = ((model, view.citing(model, source)) for model in CITING)
    return [(model, records) for model, records in found if records.count()]


def sentences(found, source, window):
    """Return the sentences that the records ``found`` (of ``citing``) in a slice quote from a source's document.

    Those that stand in the text come first, as they stand there, if readers may know of it. Each is ``{"id", "found",
    "seen", "parts", "language", "records"}``: ``seen`` the first and the last day on which it stood there; ``parts`` of
    its text as ``marked``; of each record its ``kind``, ``document`` and ``facts`` (see ``_facts``), in words.
    """
    by_quote = {}
    for model, document in _documents(found, window):
        for claim in document["claims"]:
            if claim["source"]["slug"] == source["slug"]:
                records = by_quote.setdefault(claim["quote"], {})
                records.setdefault(document["url"], (model, document, []))[2].append(claim)
    text = newest_text(source) if source["text_shown"] else None
    days = seen(source, by_quote) if text else {}
    found = [_sentence(quote, records.values(), source, text) for quote, records in by_quote.items()]
    for quote, sentence in zip(by_quote, found, strict=True):
        sentence["seen"] = [day.isoformat() for day in days.get(quote, ())]
    return sorted(found, key=_place)


def _place(sentence):
    """Return where a sentence stands in the text; after all others if it is not found there."""
    _verdict, start, end = sentence["found"]
    return (start is None, start or 0, end or 0)


def _sentence(quote, records, source, text):
    claims = [claim for *_, claims in records for claim in claims]
    return {
        "found": look_for(quote, quote, text) if text or not source["text_shown"] else _recorded(claims),
        "id": sentence_id(quote),
        "parts": marked(quote, [claim["as_stated"] for claim in claims]),
        "language": claims[0]["language"] or source["language"] or LANGUAGE,
        "records": [_record(*each) for each in records],
    }


def _recorded(claims):
    """Return the Found that was recorded of claims on one sentence, as the text was withdrawn."""
    evidence = next(filter(None, (claim.get("evidence") for claim in claims)), {"verdict": NO_TEXT})
    return Found(evidence["verdict"], evidence.get("start"), evidence.get("end"))


def _documents(found, window):
    """Return ``[(model, document)]`` of a slice of all records ``found``."""
    documents, first, last = [], window.start, window.stop
    for model, records in found:
        if first < last and first < (count := records.count()):
            documents += [(model, upgrade(model, text)) for text in records.documents(slice(first, last))]
        first, last = max(0, first - count), max(0, last - count)
    return documents


def _record(model, document, claims):
    return {"kind": model._meta.model_name, "document": document, "facts": list(_facts(model, document, claims))}


def _facts(model, document, claims):
    """Yield what claims support, each once: ``{"label", "values", "readings", "ids"}``; then what is not adopted."""
    supported = {}
    for claim in filter(is_adopted, claims):
        fact = supported.setdefault(
            claim["field"], {"label": label_of(model, claim["field"]), "values": {}, "readings": {}, "ids": []}
        )
        values = values_in_words(model, document, claim)
        fact["values"] |= dict.fromkeys(() if values == [claim["as_stated"]] else values)
        fact["readings"][claim["reading"]] = claim
        fact["ids"].append(claim_id(document["url"], claim))
    yield from supported.values()
    for claim in claims:
        if not is_adopted(claim):
            yield {
                "label": label_of(model, claim["field"]), "refused": claim, "ids": [claim_id(document["url"], claim)],
            }  # fmt: skip


def values_in_words(model, document, claim):
    """Return the items of its member that a claim supports, in words."""
    value, choices = document.get(claim["field"]), _choices(model, claim["field"])
    items = value if isinstance(value, list) else [value]
    supported = [item for item in items if bare(item) in (claim["value"] or ())]
    return [item_in_words(choices.get(item, item) if isinstance(item, str) else item) for item in supported]


@cache
def _choices(model, name):
    """Return ``{code: its word}`` of a member that is one of several codes."""
    return {
        code: word for column in model._meta.concrete_fields if column.name == name for code, word in column.flatchoices
    }


def quoted(model, said, sources):
    """Return the sentences of a record's Statements, each once, and give each claim the ``number`` of its sentence.

    They stand as the sources do, and as in the text of each; those that are not found there follow. Each is
    ``{"number", "parts", "language", "used": [(member, label)], "source", "verdict", "address", "original"}``.
    """
    by_quote, named = {}, {source["slug"]: source for source in sources}
    for claim in (claim for statements in said.values() for claim in statements.claims):
        by_quote.setdefault((claim["source"]["slug"], claim["quote"]), []).append(claim)
    found = []
    for claims in sorted(by_quote.values(), key=lambda claims: _order(claims[0], named)):
        first = claims[0]
        for claim in claims:
            claim["number"] = len(found) + 1
        source = named.get(first["source"]["slug"], first["source"])
        fields = dict.fromkeys(claim["field"] for claim in claims)
        found.append({
            "number": first["number"],
            "parts": marked(first["quote"], [claim["as_stated"] for claim in claims]),
            "language": first["language"],
            "used": [(name, label_of(model, name)) for name in fields],
            "source": source,
            "verdict": max(((claim["evidence"] or {}).get("verdict", "") for claim in claims), key=VERDICTS.index),
            "address": first.get("address"),
            "original": text_fragment(source.get("address"), first["quote"]),
        })  # fmt: skip
    return found


def _order(claim, sources):
    evidence = claim["evidence"] or {}
    source, start = sources.get(claim["source"]["slug"], {}), evidence.get("start")
    return source.get("number", len(sources) + 1), start is None, start or 0


def label_of(model, name):
    """Return the name of a member in the language of the page."""
    return gettext(next((member.label for member in model.members if member.name == name), "") or label(name))


def addresses(view, model, document, past=None):
    """Return ``{slug: address}`` of the pages of published sources on which the sentences of a document stand.

    ``view``: where it is read; None: no page is linked to. ``past``: of when the page tells that links to them.
    """
    published = view.records.get("source", {}) if view else {}
    slugs = dict.fromkeys(claim["source"]["slug"] for claim in document["claims"])
    return {
        slug: _address(slug, page_of(view, model, key_of(document), slug), past) for slug in slugs if slug in published
    }


def _address(slug, page, past):
    asked = ({"as_of": past.moment.text} if past else {}) | ({"page": page} if page > 1 else {})
    return Source.path_of(slug) + (f"?{urlencode(asked)}" if asked else "")


def page_of(view, model, key, slug):
    """Return the number of the page of a source on which a record stands."""
    found = citing(view, slug)
    before = 0
    if sum(records.count() for _model, records in found) > RECORDS_A_PAGE:
        for other, records in found:
            if other is model:
                own = records.of([key]).ordered()
                before += records.place_in(records.ordered(), records.place(own[0]), after=False) if len(own) else 0
                break
            before += records.count()
    return before // RECORDS_A_PAGE + 1
