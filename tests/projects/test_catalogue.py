"""``/data/``: the page of dumps, their files, the catalogue (DCAT-AP) and the Data Package descriptor."""

import base64
import csv
import gzip
import hashlib
import io
import json
import re
from io import BytesIO

import pytest
from django.core.management import call_command
from playwright.sync_api import expect
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, BNode, Graph, Literal, Namespace, URIRef

from projects.dumps import views
from projects.dumps.catalogue import public_files
from projects.exports.columns import TABLES
from projects.index.version import register_version
from projects.models import Project
from tests.support.browser import assert_accessible
from tests.support.loops import at_least_one
from tests.support.staff import make

pytestmark = pytest.mark.one_database

SPDX, VCARD = Namespace("http://spdx.org/rdf/terms#"), Namespace("http://www.w3.org/2006/vcard/ns#")
AUTHORITY = "http://publications.europa.eu/resource/authority/"


@pytest.fixture
def dump_address(register, place):
    """The address of a dump of the eight projects."""
    call_command("write_dumps", verbosity=0)
    return f"/data/{register_version().number}/"


# -- Page and files --


def test_page_without_dumps_says_how(client, register, place):
    page = client.get("/data/").content.decode()
    assert "There is no complete snapshot yet" in page
    assert 'href="/projects.csv"' in page
    assert 'href="/api/v1/changes/"' in page


def test_page_lists_each_file_with_its_sum(client, dump_address, place):
    page = client.get("/data/").content.decode()
    [folder] = [path for path in place.iterdir() if path.name.isdigit()]
    for path in at_least_one(folder.iterdir()):
        assert f'href="{dump_address}{path.name}"' in page
        assert hashlib.sha256(path.read_bytes()).hexdigest() in page
    assert "No licence has been chosen" in page


def test_rows_and_sizes_are_those_of_the_files(client, samples, place):
    rows = {row["table"].name: row for row in client.get("/data/").context["tables"]}
    exact = {name for name, row in rows.items() if row["is_exact"]}
    assert exact == {"countries", "instruments", "partnerships", "sources"}
    for name, row in rows.items():
        answer = client.get(f"/{name}.csv")
        data = answer.getvalue()
        number = len(list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))) - 1
        assert row["size"] == pytest.approx(len(data), rel=0 if name in exact else 0.25), name
        assert row["rows"] == (number if row["is_counted"] else pytest.approx(number, rel=0.25)), name
    page = client.get("/data/").content.decode()
    assert re.search(r'data-label="Size as CSV">about [\d.]+\xa0KB<', page)


def test_page_names_the_licence(client, register, place, settings):
    settings.LICENCE = "https://creativecommons.org/licenses/by/4.0/"
    call_command("write_dumps", verbosity=0)
    settings.LICENCE = "A licence that was chosen later"
    assert '<a href="https://creativecommons.org/licenses/by/4.0/">' in client.get("/data/").content.decode()


def test_page_names_the_licence_that_was_decided_after_the_dump(client, dump_address, settings):
    settings.LICENCE = "CC BY 4.0"
    page = client.get("/data/").content.decode()
    assert "CC BY 4.0" in page
    assert "No licence has been chosen" not in page


def test_page_tells_of_itself_as_a_dataset(client, dump_address):
    page = client.get("/data/").content.decode()
    [node] = json.loads(re.search(r'ld\+json">(.*?)</script>', page)[1])["@graph"]
    assert node["@type"] == "Dataset"
    assert "license" not in node
    assert {each["contentUrl"] for each in node["distribution"]} >= {
        "http://testserver/projects.csv", f"http://testserver{dump_address}register.ndjson",
    }  # fmt: skip


def test_file_is_what_it_is_said_to_be(client, dump_address, place):
    response = client.get(dump_address + "register.ndjson")
    whole = response.getvalue()
    digest = hashlib.sha256(whole)
    assert whole == (place / dump_address.split("/")[2] / "register.ndjson").read_bytes()
    assert response.headers["ETag"] == f'"{digest.hexdigest()}"'
    assert response.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert response.headers["Content-Type"] == "application/x-ndjson"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Length"] == str(len(whole))
    assert re.fullmatch(r'attachment; filename="\d+-register.ndjson"', response.headers["Content-Disposition"])


def test_file_that_one_has_is_not_sent_again(client, dump_address):
    first = client.get(dump_address + "register.sqlite")
    assert first.getvalue()
    etag = first.headers["ETag"]
    again = client.get(dump_address + "register.sqlite", headers={"If-None-Match": etag})
    assert (again.status_code, again.getvalue()) == (304, b"")
    assert again.headers["Vary"] == first.headers["Vary"] == "Accept-Encoding"
    assert again.headers["ETag"] == etag
    for ignored in ({"If-Match": '"x"'}, {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}):
        response = client.get(dump_address + "SHA256SUMS", headers=ignored)
        assert (response.status_code, bool(response.getvalue())) == (200, True), ignored
    head = client.head(dump_address + "register.sqlite")
    head.close()
    assert (head.status_code, head.getvalue()) == (200, b"")
    assert int(head.headers["Content-Length"]) > 10_000


def test_packed_file_has_a_weak_etag(client, dump_address):
    for packing in ("gzip", "br"):
        response = client.get(dump_address + "register.ndjson", headers={"Accept-Encoding": packing})
        assert response.headers["Content-Encoding"] == packing
        assert response.headers["ETag"].startswith('W/"')
        packed = response.getvalue()
        if packing == "gzip":
            assert gzip.GzipFile(fileobj=BytesIO(packed)).read().startswith(b'{"kind":"register"')


def test_latest_leads_to_the_newest(client, dump_address, db):
    assert client.get("/data/latest/register.ndjson").headers["Location"] == dump_address + "register.ndjson"
    make(Project, "new", title="New")
    call_command("write_dumps", verbosity=0)
    newest = f"/data/{register_version().number}/register.ndjson"
    assert client.get("/data/latest/register.ndjson").headers["Location"] == newest


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("{dump}nothing.csv", "has no file “nothing.csv”. Its files are: "),
        ("{dump}..%2f..%2f.lock", ""),
        ("{dump}%2e%2e", "has no file “..”"),
        ("/data/7777/register.ndjson", "There is no snapshot of version 7777"),
        ("/data/0x/register.ndjson", "There is no snapshot of version 0x"),
        ("/data/../.lock", ""),
        ("/data/latest/nothing.csv", "has no file “nothing.csv”"),
    ],
)
def test_what_is_not_there_says_what_is(client, dump_address, address, words):
    response = client.get(address.format(dump=dump_address))
    assert response.status_code == 404
    assert words in response.content.decode()


def test_files_without_any_dump(client, register, place):
    for address in ("/data/latest/register.ndjson", "/data/12/register.ndjson"):
        response = client.get(address)
        assert response.status_code == 404
        assert "There is no complete snapshot yet" in response.json()["detail"]


def test_dump_that_is_removed_meanwhile_is_none(client, dump_address, place, monkeypatch):
    dumps = views.dumps()
    (place / str(dumps[0].version)).rename(place / ".gone")
    (place / "7").mkdir()
    (place / "8").write_text("not ours")
    assert "There is no complete snapshot yet" in client.get("/data/").content.decode()
    answers = iter([dumps, []])
    monkeypatch.setattr(views, "dumps", lambda: next(answers))
    assert client.get(dump_address + "projects.csv").status_code == 404


# -- The catalogue --


@pytest.fixture
def graph(client, dump_address):
    return Graph().parse(data=client.get("/data/catalog.ttl").content, format="turtle")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # by the parser of the test itself
def test_both_forms_say_the_same(client, dump_address, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", None)  # no context is fetched
    turtle = Graph().parse(data=client.get("/data/catalog.ttl").content, format="turtle")
    linked = Graph().parse(data=client.get("/data/catalog.jsonld").content, format="json-ld")
    assert turtle.isomorphic(linked)
    assert len(turtle) > 100


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/ld+json;q=0.5, text/turtle", "text/turtle"),
        ("text/turtle;q=0.5, application/ld+json", "application/ld+json"),
        ("text/html, application/ld+json;q=0.1", "application/ld+json"),
        ("text/turtle;q=0, */*;q=0.1", "application/ld+json"),
    ],
)
def test_form_is_the_one_that_is_liked_best(client, register, place, accept, media_type):
    response = client.get("/data/catalog", headers={"Accept": accept} if accept else {})
    assert response.headers["Content-Type"] == media_type
    assert "Accept" in response.headers["Vary"]


def test_form_that_there_is_not(client, register, place):
    response = client.get("/data/catalog", headers={"Accept": "application/pdf"})
    assert response.status_code == 406
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "/data/catalog.ttl (text/turtle), /data/catalog.jsonld" in response.json()["detail"]


def one(graph, kind):
    [subject] = graph.subjects(RDF.type, kind)
    return subject


def test_catalogue_holds_what_dcat_ap_asks_for(graph):
    """What DCAT-AP 3 makes mandatory, and the classes of what is pointed at."""
    catalogue, dataset, service = one(graph, DCAT.Catalog), one(graph, DCAT.Dataset), one(graph, DCAT.DataService)
    for node in (catalogue, dataset):
        assert graph.value(node, DCTERMS.title).language == "en"
        assert graph.value(node, DCTERMS.description).language == "en"
    agent = graph.value(catalogue, DCTERMS.publisher)
    assert (agent, RDF.type, FOAF.Agent) in graph
    assert graph.value(agent, FOAF.name)
    assert (catalogue, DCAT.dataset, dataset) in graph
    assert (catalogue, DCAT.service, service) in graph
    assert graph.value(service, DCTERMS.title)
    assert graph.value(service, DCAT.endpointURL) == URIRef("http://testserver/api/v1/")
    assert (service, DCAT.servesDataset, dataset) in graph
    contact = graph.value(dataset, DCAT.contactPoint)
    assert (contact, RDF.type, VCARD.Kind) in graph
    assert graph.value(contact, VCARD.hasEmail) == URIRef("mailto:register@localhost")
    for distribution in at_least_one(graph.subjects(RDF.type, DCAT.Distribution)):
        assert (dataset, DCAT.distribution, distribution) in graph
        assert isinstance(graph.value(distribution, DCAT.accessURL), URIRef)
    for concept in [*graph.subjects(RDF.type, SKOS.Concept)]:
        assert graph.value(concept, SKOS.prefLabel).language == "en"
    assert {str(label) for label in graph.objects(None, SKOS.prefLabel)} == {
        "International issues", "Population and society",
    }  # fmt: skip
    assert graph.value(one(graph, SKOS.ConceptScheme), DCTERMS.title).language == "en"
    for prop, kind in {DCTERMS.spatial: DCTERMS.Location, DCTERMS.language: DCTERMS.LinguisticSystem}.items():
        assert all((value, RDF.type, kind) in graph for value in graph.objects(dataset, prop))


EU_TYPES = {"atom": "ATOM", "csv": "CSV", "json": "JSON", "xlsx": "XLSX", "xml": "XML", "SHA256SUMS": "TXT"}


def test_catalogue_tells_the_format_of_every_file(graph, place):
    """That of the EU's list where it has one, else by name; and the media type that IANA registered."""
    offered = {URIRef(f"https://register.example{file.url}#distribution") for file in public_files([])}
    dumped = {
        URIRef(f"https://register.example/data/{path.parent.name}/{path.name}#distribution")
        for path in place.glob("[0-9]*/*")
    }
    assert set(graph.subjects(RDF.type, DCAT.Distribution)) == offered | dumped
    seen = set()
    for node in offered | dumped:
        suffix = re.split(r"[./]", str(node).removesuffix("#distribution"))[-1]
        [form] = graph.objects(node, DCTERMS.format)
        assert (form, RDF.type, DCTERMS.MediaTypeOrExtent) in graph
        known = EU_TYPES.get(suffix)
        assert str(form) == f"{AUTHORITY}file-type/{known}" if known else isinstance(form, BNode)
        assert str(graph.value(form, RDFS.label)) == (known or suffix.upper())
        media_type = graph.value(node, DCAT.mediaType)
        assert suffix == "ndjson" if media_type is None else (media_type, RDF.type, DCTERMS.MediaType) in graph
        seen.add(suffix)
    assert seen >= {*EU_TYPES, "ndjson", "sqlite"}


def test_catalogue_keeps_its_names_under_another_host(client, dump_address):
    """Who harvests it twice must not find everything twice; links lead to the host that was asked."""
    here, there = (
        Graph().parse(data=client.get("/data/catalog.ttl", headers={"Host": host}).content, format="turtle")
        for host in ("testserver", "localhost")
    )
    for kind in (DCAT.Catalog, DCAT.Dataset, DCAT.DataService, DCAT.Distribution, FOAF.Agent):
        assert set(here.subjects(RDF.type, kind)) == set(there.subjects(RDF.type, kind)), kind
    assert str(here.value(one(here, DCAT.Dataset), DCTERMS.identifier)) == "https://register.example/data/#dataset"
    assert URIRef("http://localhost/projects.csv") in set(there.objects(None, DCAT.downloadURL))


def test_catalogue_names_the_countries_of_the_register(graph):
    places = {str(each).rpartition("/")[2] for each in graph.objects(one(graph, DCAT.Dataset), DCTERMS.spatial)}
    assert places == {"MDA", "GEO", "ARM", "AZE"}


def test_catalogue_gives_size_and_sum_of_each_dumped_file(graph, client, dump_address):
    node = URIRef(f"https://register.example{dump_address}register.sqlite#distribution")
    whole = client.get(dump_address + "register.sqlite").getvalue()
    assert int(graph.value(node, DCAT.byteSize)) == len(whole)
    checksum = graph.value(node, SPDX.checksum)
    assert str(graph.value(checksum, SPDX.checksumValue)).lower() == hashlib.sha256(whole).hexdigest()
    assert graph.value(checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256


def test_what_is_not_known_is_left_out(graph):
    for prop in (DCTERMS.license, DCTERMS.accrualPeriodicity, DCTERMS.temporal):
        assert not list(graph.subject_objects(prop))


def test_catalogue_says_what_the_installation_sets(client, register, place, settings):
    settings.HEADER_NAME, settings.CONTACT_EMAIL = "Ministry of Examples", ""
    settings.LICENCE = "https://creativecommons.org/licenses/by/4.0/"
    graph = Graph().parse(data=client.get("/data/catalog.ttl").content, format="turtle")
    assert Literal("Ministry of Examples", lang="en") in graph.objects(None, FOAF.name)
    assert {str(each) for each in graph.objects(None, DCTERMS.license)} == {settings.LICENCE}
    assert not list(graph.objects(None, DCAT.contactPoint))


def test_catalogue_of_an_empty_register(client, db, place):
    graph = Graph().parse(data=client.get("/data/catalog.ttl").content, format="turtle")
    assert not list(graph.objects(None, DCTERMS.modified))


# -- The descriptor --


def test_descriptor_tells_the_columns_of_the_files(client, register, place):
    descriptor = client.get("/data/datapackage.json").json()
    assert {each["name"] for each in descriptor["resources"]} == set(TABLES)
    for each in at_least_one(descriptor["resources"]):
        path = each["path"].removeprefix("http://testserver")
        heading = client.get(path).getvalue().decode("utf-8-sig").split("\r\n")[0]
        assert heading.split(",") == [field["name"] for field in each["schema"]["fields"]]
        assert "apostrophe" in each["description"]
        names = {field["name"] for field in each["schema"]["fields"]}
        assert set(each["schema"]["primaryKey"]) <= names
        for key in each["schema"]["foreignKeys"]:
            assert set(key["fields"]) <= names
            assert key["reference"]["resource"] in TABLES


def test_tables_of_a_dump_are_those_at_their_addresses(client, dump_address):
    for name in TABLES:
        assert client.get(f"{dump_address}{name}.csv").getvalue() == client.get(f"/{name}.csv").getvalue(), name


# -- In the browser --


@pytest.mark.parametrize("root", ["", "/fr"])
def test_page_in_the_browser(page, faults, live_server, dump_address, root):
    page.goto(f"{live_server.url}{root}/data/")
    assert_accessible(page, 320, 1280)
    expect(page.get_by_role("link", name="register.sqlite", exact=True)).to_be_visible()
