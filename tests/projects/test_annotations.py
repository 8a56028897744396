"""The claims on a source as W3C Web Annotations."""

import json

import pytest
from django.conf import settings
from rdflib import RDF, Graph, Namespace
from rdflib.plugins.parsers.jsonld import to_rdf

from projects.models import Project
from provenance.models import Claim, Source
from provenance.store.log import set_state
from tests.provenance.test_evidence import QUOTE, TEXT, keep
from tests.provenance.test_evidence import project as project
from tests.support.records import record
from tests.support.staff import WITHDRAWN

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SITE = settings.SITE_ADDRESS.rstrip("/")
OA, AS = Namespace("http://www.w3.org/ns/oa#"), Namespace("http://www.w3.org/ns/activitystreams#")
TERMS = {  # those of http://www.w3.org/ns/anno.jsonld that stand in the files
    "oa": str(OA), "as": str(AS), "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": str(RDF), "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "dctypes": "http://purl.org/dc/dcmitype/",
    "id": "@id", "type": "@type", "Annotation": "oa:Annotation", "TextualBody": "oa:TextualBody",
    "SpecificResource": "oa:SpecificResource", "TextQuoteSelector": "oa:TextQuoteSelector",
    "TextPositionSelector": "oa:TextPositionSelector", "Text": "dctypes:Text",
    "AnnotationCollection": "as:OrderedCollection", "AnnotationPage": "as:OrderedCollectionPage",
    "describing": "oa:describing", "identifying": "oa:identifying",
    "body": {"@id": "oa:hasBody", "@type": "@id"}, "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"}, "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"}, "purpose": {"@id": "oa:hasPurpose", "@type": "@vocab"},
    "exact": "oa:exact", "prefix": "oa:prefix", "suffix": "oa:suffix", "start": "oa:start", "end": "oa:end",
    "value": "rdf:value", "format": "dc:format", "language": "dc:language", "label": "rdfs:label",
    "first": {"@id": "as:first", "@type": "@id"}, "startIndex": "as:startIndex", "total": "as:totalItems",
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
}  # fmt: skip


def read(client, address="/sources/paper.jsonld"):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    return json.loads(response.getvalue())


def of_budget(client):
    items = read(client)["first"]["items"]
    [annotation] = [each for each in items if each["body"][0]["value"].startswith("Total budget")]
    return annotation


def test_public_text_is_selected_by_quote_and_position(project, client):
    Source.objects.update(text_shown="text")
    keep()
    annotation = of_budget(client)
    start = TEXT.index(QUOTE)
    quote, position = annotation["target"][0]["selector"]
    assert quote["exact"] == QUOTE == TEXT[position["start"] : position["end"]]
    assert TEXT.startswith(f"{quote['prefix']}{QUOTE}{quote['suffix']}")
    assert (position["type"], position["start"]) == ("TextPositionSelector", start)
    assert annotation["target"][0]["source"]["id"] == f"{SITE}/sources/paper/text/"
    assert annotation["body"][0]["value"] == "Total budget: EUR 3,000,000"
    assert annotation["body"][1]["source"] == f"{SITE}/projects/nexus/"
    assert client.get("/sources/paper/").content.decode().count('href="/sources/paper.jsonld"') == 1


def test_annotations_of_the_past_are_those_of_then(register, client):
    slug, then = "financial-and-technical-assistance", "2026-03-01"
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="tester", reason="It is wrong.")
    assert (
        f'href="/sources/{slug}.jsonld?as_of={then}"' in client.get(f"/sources/{slug}/?as_of={then}").content.decode()
    )
    now, past = read(client, f"/sources/{slug}.jsonld"), read(client, f"/sources/{slug}.jsonld?as_of={then}")
    assert past["id"] == f"{now['id']}?as_of={then}"
    assert "/projects/enigmma/" in str(past)
    assert "/projects/enigmma/" not in str(now)


def test_text_that_is_not_public_is_quoted_only(project, client):
    keep()
    Claim.objects.filter(field="budget").update(quote="Nexus started […] costs EUR 3 million.")
    record(Project, ["nexus"], user_name="maker")
    selectors = [target["selector"] for target in of_budget(client)["target"]]
    assert [each["exact"] for each in selectors] == ["Nexus started", "costs EUR 3 million."]
    assert {each["type"] for each in selectors} == {"TextQuoteSelector"}
    assert "2012" not in json.dumps(selectors)


def test_annotations_are_valid_and_as_many_as_claims(register, client):
    slug = "financial-and-technical-assistance"
    collection = read(client, f"/sources/{slug}.jsonld")
    assert collection.pop("@context") == "http://www.w3.org/ns/anno.jsonld"
    graph = to_rdf(collection | {"@context": TERMS}, Graph())
    annotations = set(graph.subjects(RDF.type, OA.Annotation))
    assert len(annotations) == len(collection["first"]["items"]) == collection["total"] == Claim.objects.count()
    for annotation in annotations:
        assert str(annotation).startswith(f"{SITE}/sources/{slug}/")
        assert len(list(graph.objects(annotation, OA.hasBody))) == 2
        assert list(graph.objects(annotation, OA.motivatedBy)) == [OA.describing]
        for target in graph.objects(annotation, OA.hasTarget):
            assert list(graph.objects(target, OA.hasSource))
            [selector] = graph.objects(target, OA.hasSelector)
            assert list(graph.objects(selector, OA.exact))
    assert named(collection) <= TERMS.keys()


def named(value):
    """Return the names of all members in a JSON value."""
    if isinstance(value, list):
        return set().union(*map(named, value))
    return value.keys() | named(list(value.values())) if isinstance(value, dict) else set()


def test_file_of_a_source_that_is_not_public_is_not_there(client, register):
    assert client.get("/sources/nothing.jsonld").status_code == 404
    assert client.get("/sources/financial-and-technical-assistance.jsonld?x=1").status_code == 400
