"""The claims on a source as W3C Web Annotations (https://www.w3.org/TR/annotation-model/), in JSON-LD."""

from functools import partial

import orjson
from django.http import StreamingHttpResponse
from django.utils import translation
from django.views import View

from provenance.documents.claims import claim_address
from provenance.documents.diff import label
from provenance.documents.quotes import parts_of
from provenance.models import Source
from provenance.store.build import upgrade
from provenance.store.editions import public_text

from ..capacity import FILES
from ..published.source_page import citing, place_of, values_in_words
from ..published.statements import LANGUAGE
from ..published.views import PublishedRecord, identity
from .about import address_of
from .streams import CUT_OFF, streamed

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
CONTENT_TYPE = f'application/ld+json; profile="{CONTEXT}"'
AROUND = 32  # characters before and after a quote, to tell it from the same words elsewhere


class SourceAnnotations(PublishedRecord, View):
    """All claims on a source, each as an annotation of the words that it quotes."""

    model = Source

    def get(self, request, key):
        source, is_past = self.record(key), self.filterset.asked["as_of"]
        address = identity(address_of(f"/sources/{key}.jsonld", self.filterset.data))
        text = None if is_past else public_text(source)
        pieces = streamed(_written(address, source, text, self.filterset.register), b"\n%b\n" % orjson.dumps(CUT_OFF))
        return FILES.respond(partial(StreamingHttpResponse, pieces, content_type=CONTENT_TYPE))


def _written(address, source, text, register):
    """Yield an AnnotationCollection with one page, as bytes."""
    collection = {"@context": CONTEXT, "id": address, "type": "AnnotationCollection", "label": source["title"]}
    page = {"id": f"{address}#page", "type": "AnnotationPage", "startIndex": 0}
    yield b'%b,"first":%b,"items":[' % (orjson.dumps(collection)[:-1], orjson.dumps(page)[:-1])
    total = 0
    for model, records in citing(register, source["slug"]):
        for document in (upgrade(model, each) for each in records.stream_documents()):
            for claim in document["claims"]:
                if claim["source"]["slug"] == source["slug"]:
                    yield (b",\n" if total else b"\n") + orjson.dumps(annotation(model, document, claim, source, text))
                    total += 1
    yield b'\n]},"total":%d}' % total


def annotation(model, document, claim, source, text):
    """Return a claim as an annotation. ``text``: that of the source, if readers may see all of it."""
    with translation.override("en"):
        words = "; ".join(values_in_words(model, document, claim)) or claim["as_stated"]
    body = {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "language": "en"}
    return {
        "id": identity(claim_address(document["url"], claim)),
        "type": "Annotation",
        "motivation": "describing",
        "body": [
            body | {"value": f"{label(claim['field'])}: {words}"},
            {"type": "SpecificResource", "purpose": "identifying", "source": identity(document["url"])},
        ],
        "target": _targets(claim, source, text),
    }


def _targets(claim, source, text):
    """Return what a claim quotes: one place in the public text, or each part of the quote without its omissions."""
    language = claim["language"] or source["language"] or LANGUAGE
    if text and (place := place_of(claim, source)):
        start, end = place
        around = {"prefix": text[max(0, start - AROUND) : start], "suffix": text[end : end + AROUND]}
        quote = {"type": "TextQuoteSelector", "exact": text[start:end]} | around
        position = {"type": "TextPositionSelector", "start": start, "end": end}
        return [{"source": _resource(identity(f"{source['url']}text/"), language), "selector": [quote, position]}]
    where = _resource(source["address"] or identity(source["url"]), language)
    return [
        {"source": where, "selector": {"type": "TextQuoteSelector", "exact": part}} for part in parts_of(claim["quote"])
    ]


def _resource(address, language):
    return {"id": address, "type": "Text", "language": language}
