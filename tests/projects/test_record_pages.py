"""The pages of projects, countries, instruments, agreements and organisations: each value leads to its sentence."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from lxml import html
from playwright.sync_api import expect

from instruments.models import Instrument
from projects.index.follower import current_register
from projects.models import Contribution, Organisation, Project
from projects.models.project import LABELS
from projects.published.statements import not_stated
from provenance.documents.folding import fold
from provenance.models import Claim
from tests.support.browser import assert_accessible
from tests.support.loops import at_least_one
from tests.support.records import current, record, update
from tests.support.shown import text_of, words_of
from tests.support.staff import make, make_frame, make_project

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SOURCE = "sources/financial-and-technical-assistance/"
NASTY = "<script>alert(1)</script> “&” \"'> {{ 7*7 }} %s " + "Überlänge" * 40


def claims_of(file):
    """Return ``{key: [(member, as stated, quote)]}`` as the fixtures say it, of records that claim something."""
    documents = json.loads((FIXTURES / f"{file}.json").read_text(encoding="utf-8"))
    return {
        document.get("slug") or document["code"]: [
            (claim["field"], claim["as_stated"], claim["quote"]) for claim in document["claims"]
        ]
        for document in documents
        if document["claims"]
    }


PROJECT_CLAIMS = claims_of("projects")
RECORDS = [
    ("countries", "country"), ("instruments", "instrument"), ("partnerships", "partnership"),
    ("organisations", "organisation"),
]  # fmt: skip


def of_class(name):
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


def quotes_beside_values(page):
    """Return the (member, quote) of each number of a page that leads to its sentence, from which a link leads back."""
    quotes = set()
    for link in at_least_one(page.xpath(f"//main//*[{of_class('references')} or {of_class('disagree')}][@id]//a")):
        sentence = page.get_element_by_id(link.get("href").removeprefix("#"))
        fact = link.xpath("ancestor::*[@id][1]/@id")[0]
        member = fact.removeprefix("fact-")
        assert sentence.xpath(f'.//a[@href="#fact-{member}"]')
        assert page.get_element_by_id(f"fact-{member}") is not None
        quotes.add((member, words_of(sentence.find(".//blockquote"))))
    return quotes


@pytest.mark.parametrize("address", ["/instruments/", "/fr/instruments/"])
def test_list_is_in_the_order_of_the_names_that_it_shows(client, register, address):
    names = map(words_of, at_least_one(html.fromstring(text_of(client, address)).xpath("//tbody//th")))
    folded = [fold(name) for name in names]
    assert folded == sorted(folded)


@pytest.mark.parametrize("address", ["/projects/pictures/", "/projects/values/organisation/"])
def test_path_above_a_page_about_projects_leads_to_them(client, register, address):
    tree = html.fromstring(text_of(client, address))
    assert tree.xpath("//nav[@class='way']//a/@href") == ["/", "/projects/"]


@pytest.mark.parametrize(
    ("address", "number"),
    [("projects/cmba/", 3), ("projects/cmba/history/", 2), (f"{SOURCE}projects/cmba/", 2), ("projects/cmbb/", 1)],
)
def test_english_title_on_a_french_page_is_marked_as_english(client, register, address, number):
    tree = html.fromstring(client.get(f"/fr/{address}").content.decode())
    titles = [each for each in tree.find("body").iter() if (each.text or "").startswith("Consolidation of")]
    assert len(titles) == number
    assert {each.xpath("ancestor-or-self::*[@lang][1]/@lang")[0] for each in titles} == {"en"}


@pytest.mark.parametrize("slug", sorted(PROJECT_CLAIMS))
def test_every_value_of_a_project_leads_to_its_verbatim_quote_and_back(client, register, slug):
    page = html.fromstring(text_of(client, f"/projects/{slug}/"))
    assert quotes_beside_values(page) == {(member, quote) for member, _, quote in PROJECT_CLAIMS[slug]}
    quotes = map(words_of, page.xpath(f"//*[{of_class('quoted')}]//blockquote"))
    assert sorted(quotes) == sorted({quote for *_, quote in PROJECT_CLAIMS[slug]})  # each once
    assert "no source yet" not in words_of(page.find(".//main"))
    for fact in at_least_one(page.xpath(f"//*[{of_class('fact')}]")):
        label, value = (words_of(fact.find(f".//{name}")) for name in ("dt", "dd"))
        if label == "Themes":
            assert "keywords added by us" in words_of(fact)
        else:
            assert "not known" in value or fact.xpath(f".//*[{of_class('references')}]"), label


@pytest.mark.parametrize("collection", [collection for collection, _ in RECORDS])
def test_every_value_of_another_record_leads_to_its_verbatim_quote_and_back(client, register, collection):
    for key, claims in at_least_one(claims_of(collection).items()):
        page = html.fromstring(text_of(client, f"/{collection}/{key}/"))
        assert quotes_beside_values(page) == {(member, quote) for member, _, quote in claims}, key


@pytest.mark.parametrize("slug", sorted(PROJECT_CLAIMS))
def test_quote_stands_with_the_member_that_it_states(client, register, slug):
    page, project = text_of(client, f"/projects/{slug}/"), client.get(f"/projects/{slug}.json").json()
    labels = {  # in the name of each link to a sentence
        "title": "Title", "summary": "Purpose", "budget": "Total budget", "contributions": "Contributions",
        "start_date": "Start date", "end_date": "End date", "status": "Status", "countries": "Countries",
        "partnerships": "Agreements", "organisations": "Organisations", "acronym": "Acronym",
        "objectives": "Objectives", "components": "Components",
    }  # fmt: skip
    for member, label in labels.items():
        marks = re.findall(rf'aria-label="sentence \d+: {label}"', page)
        quotes = {claim["quote"] for claim in project["claims"] if claim["field"] == member}
        assert len(marks) == len(quotes) >= bool(project[member]), member


def test_source_list_counts_the_statements_of_the_page(client, register):
    for slug, claims in at_least_one(PROJECT_CLAIMS.items()):
        page = text_of(client, f"/projects/{slug}/")
        counts = [int(number) for number in re.findall(r"Used for (\d+) facts? on this page", page)]
        assert sum(counts) == len(claims)
        sources = set(re.findall(r'<li id="source-([^"]+)"', page))
        assert set(re.findall(r'href="/sources/([^"]+)/#s-', page)) == sources
        assert "Migration and Home Affairs" in page
        assert "Undated." in page


def test_dates_are_as_precise_as_the_source(client, register):
    for slug, words in {
        "moldova-targeted-initiative": "February 2009 to January 2012",
        "georgia-targeted-initiative": "2010 to 2013",
        "armenia-targeted-initiative": 'from 2012 <span class="not-stated">(end not known)</span>',
        "azerbaijan-targeted-initiative": "planned 2016 to 2018",
    }.items():
        page = text_of(client, f"/projects/{slug}/")
        assert f"<dt>Period</dt><dd>{words}" in page, slug
        assert "1 January" not in page


def test_end_that_has_passed_is_said_to_have(client, register):
    words = 'Planned 2016 to 2018 <span class="note">This end date has passed; there is no newer source.</span>'
    assert words in text_of(client, "/projects/azerbaijan-targeted-initiative/")
    assert "This end date has passed" not in text_of(client, "/projects/georgia-targeted-initiative/")


def test_status_says_when_it_held(client, register):
    assert "ongoing, according to an undated source" in text_of(client, "/projects/enigmma/")
    update(Project, "enigmma", status_as_of="2014-05")
    assert "ongoing (source of May 2014)" in text_of(client, "/projects/enigmma/")
    assert "undated source" not in text_of(client, "/projects/georgia-targeted-initiative/")


def test_value_that_is_not_decided_is_not_stated_and_has_its_sentences(client, project):
    claim = {"as_stated": "NXS", "quote": "NXS, it is called.", "status": "undecided", "set_aside": "Two are given."}
    Claim.objects.create(record=Project.objects.get(), field="acronym", source_id="nexus-1", **claim)
    record(Project, ["nexus"], user_name="anna")
    page = html.fromstring(client.get("/projects/nexus/").content.decode())
    [fact] = [each for each in page.find_class("fact") if each.find("dt").text_content() == "Acronym"]
    assert "not known" in fact.text_content()
    assert fact.xpath(".//a")


def test_what_is_not_stated_is_listed(client, register):
    page = text_of(client, "/projects/moldova-targeted-initiative/")
    gaps = page[page.index('id="not-stated"') : page.index('class="beside-rest"')]
    for label, gap in (("Total budget", "budget"), ("Instrument", "instrument"), ("Who implements it", "implementer")):
        assert f"{label}</span>" in gaps
        assert f'<a href="/projects/?not_stated={gap}">' in gaps
    assert 'Funders</span> <span class="note"><a href="/know/?record=/projects/moldova-targeted-initiative/' in gaps
    assert "Start date" not in gaps
    for document in at_least_one(client.get("/api/v1/projects/").json()["results"]):
        answer = client.get("/api/v1/projects/", {"not_stated": [g["gap"] for g in not_stated(document) if g["gap"]]})
        assert document["slug"] in [project["slug"] for project in answer.json()["results"]]


def test_amount_that_one_of_two_contributions_lacks_is_not_stated(register):
    document = current("nexus")
    parts = [document["contributions"][0] | {"amount": amount} for amount in ("1.00", None)]
    assert "amounts" in [each["member"] for each in not_stated(document | {"contributions": parts})]


def test_member_that_is_not_stated_is_listed_unless_another_tells_of_it():
    told_otherwise = {
        "title",
        "acronym",
        "status_as_of",
        "part_of",
        "sectors",
        "organisations",
        "partnerships",
        "components",
    }  # organisations by their roles; the last two by none: few projects have them
    assert set(Project.claimable) - LABELS.keys() == told_otherwise


# -- Related projects --


def test_related_projects_share_an_agreement_or_country_and_theme(client, register):
    def slugs(key):
        project = client.get(f"/projects/{key}.json").json()
        return set(current_register().projects.related_to(project).keys())

    def names(one, member):
        return {str(item) for item in one[member]}

    documents = {one["slug"]: one for one in client.get("/api/v1/projects/").json()["results"]}
    for slug, project in at_least_one(documents.items()):
        expected = {
            other["slug"] for other in documents.values() if other is not project and (
                names(other, "partnerships") & names(project, "partnerships")
                or (names(other, "countries") & names(project, "countries")
                    and names(other, "themes") & names(project, "themes"))
            )
        }  # fmt: skip
        assert slugs(slug) == expected
    assert slugs("enigmma") == {"georgia-targeted-initiative"}
    page = text_of(client, "/projects/enigmma/")
    assert "same agreement, EU-Georgia Mobility Partnership" in page
    for query in re.findall(r'href="/projects/\?((?:partnership|country)=[^"]+)">All', page):
        projects = client.get("/api/v1/projects/?" + query.replace("&amp;", "&")).json()["results"]
        assert {"enigmma", "georgia-targeted-initiative"} <= {one["slug"] for one in projects}


def test_related_projects_are_six_at_most(client, register):
    call_command("make_sample_projects", 200, beside_others=True, verbosity=0)
    for slug in at_least_one(Project.objects.published().values_list("pk", flat=True)[:20]):
        page = text_of(client, f"/projects/{slug}/")
        listed = re.search(r'<ul class="related">(.*?)</ul>', page)
        number = current_register().projects.related_to(client.get(f"/projects/{slug}.json").json()).count()
        assert (listed[1].count("<li>") if listed else 0) == min(number, 6)


def test_citation_names_the_record_its_day_and_its_address(client, register):
    page = text_of(client, "/projects/nexus/")
    [words] = re.findall(r'<blockquote class="citation"><p id="citation">(.*?)</p>', page)
    document = client.get("/projects/nexus.json").json()
    assert f"“{document['title']}”" in words
    [address] = re.findall(r"http://testserver(/projects/nexus/\?as_of=\S+)", words)
    assert client.get(address).status_code == 200
    assert re.search(r"Source: Financial and technical assistance, read on \d+ \w+ \d{4}\.$", words)
    assert document["modified"][:4] in words
    for address in ("/projects/nexus.json", "/api/v1/projects/nexus/"):
        assert f'href="{address}"' in page
        assert client.get(address).json() == document


# -- Country, instrument, agreement, organisation --


def test_figures_and_gaps_of_a_record_are_those_of_the_list(client, register):
    for collection, kind in RECORDS:
        for one in at_least_one(client.get(f"/api/v1/{collection}/").json()["results"]):
            key, page = one.get("code") or one["slug"], text_of(client, one["url"])
            number = client.get("/api/v1/projects/", {kind: key}).json()["count"]
            if number:
                assert f'<a href="/projects/?{kind}={key}">{number} project' in page
            else:
                assert "No project in this register mentions it." in page
                assert 'class="measures"' not in page
            missing = re.findall(
                rf"\?{kind}={key}&amp;not_stated=(\w+)\">[^<]+ missing for (?:all )?(both|the only|\d+)", page
            )
            shown = {gap: {"both": "2", "the only": "1"}.get(count, count) for gap, count in missing}
            for gap in ("budget", "start_date", "end_date", "instrument", "lead", "implementer"):
                lacking = client.get("/api/v1/projects/", {kind: key, "not_stated": gap}).json()["count"]
                assert shown.get(gap, "0") == str(lacking), (key, gap)


def test_instrument_shows_what_it_followed_and_what_followed_it(client, db):
    make_frame()
    make(Instrument, "ENPI", name="The one before", kind="eu", is_former=True)
    make(Instrument, "HIDDEN", "draft", name="A draft", kind="eu", predecessor_id="ENPI")
    update(Instrument, "ENI", predecessor="ENPI")
    after, before = text_of(client, "/instruments/ENI/"), text_of(client, "/instruments/ENPI/")
    assert '<dt>Predecessor</dt><dd><a href="/instruments/ENPI/">The one before (ENPI)</a>' in after
    assert "Followed by" not in after
    assert '<dt>Followed by</dt><dd><a href="/instruments/ENI/">European Neighbourhood' in before
    assert "HIDDEN" not in before
    assert "yes, according to a source" in before


def test_organisation_shows_its_names_and_its_roles(client, project):
    Organisation.objects.filter(pk="nexus-1").update(acronym="ORG", aliases=["Old name", "Older name"])
    Contribution.objects.create(project=project, funder_id="nexus-1")
    record(Organisation, ["nexus-1"], user_name="maker")
    record(Project, ["nexus"], user_name="maker")
    page = text_of(client, "/organisations/nexus-1/")
    assert "<dd>Old name, Older name " in page
    roles = re.findall(r'\?organisation=nexus-1&amp;role=(\w+)">[A-Za-z ]+ (\d+) project', page)
    assert roles == [("funder", "1"), ("partner", "1")]
    for role, number in at_least_one(roles):
        answer = client.get("/api/v1/projects/", {"organisation": "nexus-1", "role": role}).json()
        assert answer["count"] == int(number)


# -- Hostile words, and many rows --


@pytest.fixture
def nasty(db):
    """Records whose every text is long and full of marks."""
    make_frame()
    project = make_project(parts=2, title=NASTY[:500], summary=NASTY, acronym="W" * 50, objectives=[NASTY])
    Claim.objects.filter(object_id="nexus").update(
        quote="b " + NASTY, as_stated="b", status="set-aside", set_aside=NASTY
    )
    Claim.objects.create(record=project, field="summary", as_stated=NASTY[:60], quote=NASTY, source_id="paper")
    Organisation.objects.filter(pk="nexus-1").update(name=NASTY[:300], acronym="W" * 50, aliases=[NASTY])
    for model in (Organisation, Project):
        record(model, list(model.objects.values_list("pk", flat=True)), user_name="maker")


def test_long_and_hostile_words_break_nothing(page, live_server, nasty):
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    fits = "[...document.querySelectorAll('html, .table')].every(each => each.scrollWidth <= each.clientWidth)"
    for address in (
        "/projects/nexus/",
        "/organisations/nexus-1/",
        "/organisations/",
        "/projects/",
        "/embed/projects/nexus/",
    ):
        page.goto(live_server.url + address)
        for mark in page.locator("main details > summary").all():
            mark.click()
        assert_accessible(page, 320, 1440)
        assert page.evaluate(fits), address
    assert faults == []
    page.goto(live_server.url + "/projects/nexus/")
    expect(page.locator("h1")).to_contain_text("<script>alert(1)</script>")
    expect(page.locator(".citation")).to_contain_text("{{ 7*7 }} %s")
