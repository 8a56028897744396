"""Sources are a kind of record: their list, page, API and files; and each claim leads to its sentence there, and back."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command

from projects.models import Project
from projects.published import source_page
from provenance.documents.quotes import marked, sentence_id
from provenance.models import Claim, Revision, Source
from provenance.store.log import set_state
from tests.support.browser import assert_accessible
from tests.support.loops import at_least_one
from tests.support.records import record
from tests.support.shown import text_of
from tests.support.staff import DRAFT, WITHDRAWN, make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SLUG = "financial-and-technical-assistance"
PAGE = f"/sources/{SLUG}/"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
QUOTES = {
    claim["quote"]
    for name in ("countries", "instruments", "partnerships", "organisations", "projects")
    for document in json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    for claim in document["claims"]
}


def shown(page):
    """Return ``{id: (its words, what stands beside it)}`` of the sentences on a page."""
    items = re.findall(r'<li id="(s-\w+)">.*?<blockquote[^>]*><p[^>]*>(.*?)</p></blockquote>(.*?)</li>', page)
    return {name: (plain(quote), plain(beside)) for name, quote, beside in items}


def plain(html):
    words = re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").replace("&amp;", "&").replace("&quot;", '"')
    return re.sub(r" (?=[,.:;)])|(?<=\() ", "", " ".join(words.split()))


def test_source_stands_in_list_page_api_files_and_site_map(client, register):
    assert f'href="{PAGE}"' in text_of(client, "/sources/")
    assert 'href="/sources/"' in text_of(client, "/")
    one = client.get(f"/api/v1{PAGE}").json()
    assert (one["slug"], one["url"], one["project_count"]) == (SLUG, PAGE, 8)
    assert client.get("/api/v1/sources/").json()["results"] == [one]
    assert json.loads(client.get("/sources.json").getvalue())["results"] == [one]
    assert f",8,{one['modified']},,{PAGE},," in client.get("/sources.csv").getvalue().decode()
    assert client.get("/api/v1/").json()["sources"].endswith("/api/v1/sources/")
    assert PAGE in text_of(client, "/sitemap-sources.xml")
    changes = client.get("/api/v1/changes/").json()["results"]
    assert [each["url"] for each in changes if each["kind"] == "source"] == [PAGE]


def test_address_of_its_page_is_not_recorded(register):
    """Documents of before stay as they were recorded."""
    assert "url" not in json.loads(Revision.objects.get(kind="source").document)
    call_command("check_register", stdout=StringIO())


def test_page_shows_every_quoted_sentence_once(client, register):
    sentences = shown(text_of(client, PAGE))
    assert {sentence_id(quote) for quote in QUOTES} == sentences.keys()
    words = {re.sub(r"\W+", "", quote) for quote, _beside in sentences.values()}
    assert words == {re.sub(r"\W+", "", quote) for quote in QUOTES}


@pytest.mark.parametrize("address", ["/projects/", "/countries/", "/instruments/", "/partnerships/", "/organisations/"])
@pytest.mark.parametrize("language", ["", "/fr"])
def test_each_claim_leads_to_its_sentence_and_back(client, register, address, language):
    source = text_of(client, f"{language}{PAGE}")
    for record_page in at_least_one(set(re.findall(rf'href="{language}({address}[\w-]+/)"', source))):
        page = text_of(client, language + record_page)
        told_of = {record_page, *re.findall(rf'href="{language}(/projects/[\w-]+/)"', page)}  # its largest projects too
        for sentence in at_least_one(re.findall(rf'href="{language}{PAGE}#(s-\w+)"', page)):
            [there] = re.findall(rf'<li id="{sentence}">(.*?)</li>', source)
            assert any(f'href="{language}{each}"' in there for each in told_of)


def test_values_stand_beside_the_words_that_state_them(client, register):
    page = text_of(client, PAGE)
    beside = " ".join(beside for quote, beside in shown(page).values() if "EUR 16 million" in quote)
    assert "Total budget EUR 16,000,000" in beside
    assert "Contributions European Union, European Neighbourhood Instrument, EUR 16,000,000" in beside
    assert "EUR 16 million" in " ".join(re.findall("<mark>(.*?)</mark>", page))
    french = text_of(client, f"/fr{PAGE}")
    assert "Contributions Union européenne, Instrument européen de voisinage, 16" in plain(french)


def test_claims_of_drafts_and_withdrawn_records_show_nowhere(client, register):
    draft = make(Project, "secret-draft", state=DRAFT, title="A secret draft")
    Claim.objects.create(record=draft, field="title", as_stated="secret", quote="A secret draft.", source_id=SLUG)
    record(Project, ["secret-draft"], user_name="tester")
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="tester", reason="It is wrong.")
    page = text_of(client, PAGE)
    assert "secret" not in page
    assert "/projects/enigmma/" not in page
    assert "7 projects" in page
    assert client.get(f"/api/v1{PAGE}").json()["project_count"] == 7


def test_draft_of_a_source_shows_nowhere(client, register):
    make(Source, "kept-back", state=DRAFT, title="A hidden text")
    for address in ("/sources/", "/sources.csv", "/sources.json", "/api/v1/sources/", "/sitemap-sources.xml"):
        response = client.get(address)
        assert b"kept-back" not in response.getvalue()
    text_of(client, "/sources/kept-back/", 404)
    assert client.get("/api/v1/sources/kept-back/").status_code == 404


def test_source_that_nothing_quotes_says_so(client, register):
    make(Source, "unused", title="Never quoted", address="https://example.org/a", licence="CC BY 4.0")
    page = text_of(client, "/sources/unused/")
    assert "No published record quotes this source." in page
    assert "CC BY 4.0" in page
    set_state(Source, ["unused"], WITHDRAWN, user_name="tester", reason="It is wrong.")
    assert "This record was withdrawn" in text_of(client, "/sources/unused/", 410)


def test_page_of_the_past_tells_what_was_quoted_then(client, register):
    then = "2026-03-01T12:00:00Z"
    claim = Claim.objects.filter(object_id="enigmma", field="budget").first()
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="tester", reason="It is wrong.")
    assert "/projects/enigmma/" not in text_of(client, PAGE)
    page = text_of(client, f"{PAGE}?as_of={then}")
    assert f'href="/projects/enigmma/?as_of={then.replace(":", "%3A")}"' in page
    assert "register as it was on" in page
    project = text_of(client, f"/projects/enigmma/?as_of={then}")
    assert f'href="{PAGE}?as_of=2026-03-01T12%3A00%3A00Z#{sentence_id(claim.quote)}"' in project


def test_source_of_many_records_comes_in_pages_and_claims_lead_to_theirs(client, register, monkeypatch):
    monkeypatch.setattr(source_page, "RECORDS_A_PAGE", 5)
    cache.clear()
    shown_sentences = {}
    for number in range(1, 8):
        shown_sentences |= shown(text_of(client, f"{PAGE}?page={number}" if number > 1 else PAGE))
    assert {sentence_id(quote) for quote in QUOTES} == shown_sentences.keys()
    text_of(client, f"{PAGE}?page=8", 404)
    for address in ("/projects/nexus/", "/countries/MD/", "/organisations/iom/"):
        own = text_of(client, address)
        told_of = {address, *re.findall(r'href="(/projects/[\w-]+/)"', own)}  # its largest projects too
        for page, sentence in at_least_one(re.findall(rf'href="({PAGE}[^"#]*)#(s-\w+)"', own)):
            assert page.removeprefix(PAGE) in {each[1:] for each in told_of}
            [there] = re.findall(rf'<li id="{sentence}">(.*?)</li>', text_of(client, page))
            assert f'href="/{page.removeprefix(PAGE)}#fact-' in there


def test_marked_words_may_overlap():
    assert marked("one two three", ["two three", "one two"]) == [("one two three", True)]
    assert marked("one two three", ["two", "absent", ""]) == [("one ", False), ("two", True), (" three", False)]


def test_words_are_marked_where_they_stand_alone():
    quote = "slug: p-2014; start: 2014"
    assert marked(quote, ["2014"]) == [("slug: p-2014; start: ", False), ("2014", True)]
    assert marked("EU-Georgia", ["Georgia"]) == [("EU-", False), ("Georgia", True)]


def test_sentence_has_one_address_however_it_is_spaced():
    assert sentence_id("It  ended in\n2013.") == sentence_id("It ended in 2013.") != sentence_id("It ended in 2012.")


@pytest.mark.browser
@pytest.mark.slow
def test_page_of_a_source_is_accessible(page, live_server, register):
    for address in ("/sources/", PAGE, f"/fr{PAGE}"):
        page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert_accessible(page, 360, 1280)
        assert_accessible(page, 360, runOnly=["target-size"])
