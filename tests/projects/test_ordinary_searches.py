"""Searches as people type them find what they mean, in the register as delivered; or the page says what may be meant."""

import re

import pytest

from projects.models import Project
from projects.words.word_forms import is_one_edit
from tests.support.records import update
from tests.support.staff import make

pytestmark = pytest.mark.one_database

MD, GE, AM, AZ = (
    {"moldova-targeted-initiative", "nexus"}, {"georgia-targeted-initiative", "enigmma"},
    {"armenia-targeted-initiative", "bagratashen-sadakhlo-ibm"}, {"azerbaijan-targeted-initiative", "cmba"},
)  # fmt: skip
BORDER = {"bagratashen-sadakhlo-ibm", "cmba", "enigmma"}
TARGETED = {f"{country}-targeted-initiative" for country in ("moldova", "georgia", "armenia", "azerbaijan")}
EVERYWHERE = MD | GE | AM | AZ
SEARCHES = {
    # Countries, in the languages in which people write them
    "Georgia": GE, "GEORGIE": GE, "Géorgie": GE, "საქართველო": GE, "Грузия": GE, "Грузія": GE, "Gürcüstan": GE,
    "moldavie": MD, "Молдова": MD, "Republica Moldova": MD, "Հայաստան": AM, "Azərbaycan": AZ, "Азербайджан": AZ,
    # Instruments, organisations, agreements
    "European Neighbourhood Instrument": BORDER, "IEV": BORDER, "ICMPD": {"azerbaijan-targeted-initiative"},
    "IOM": {"cmba"}, "OIM": {"cmba"}, "Tchéquie": {"georgia-targeted-initiative"},
    "Swedish employment service": {"moldova-targeted-initiative"}, "Union européenne": EVERYWHERE - {"moldova-targeted-initiative"},
    "readmission agreement": {"cmba"},
    # Themes, in both languages
    "border management": BORDER, "gestion des frontières": BORDER, "Réadmission": {"cmba", "georgia-targeted-initiative", "moldova-targeted-initiative"},
    "reintegration": {"armenia-targeted-initiative", "azerbaijan-targeted-initiative", "georgia-targeted-initiative"},
    # Other forms of words
    "borders": BORDER, "migrations": EVERYWHERE, "targeted initiatives": TARGETED, "mobility partnerships": TARGETED | {"enigmma"},
    "migration policies": {"azerbaijan-targeted-initiative"}, "returnees": {"georgia-targeted-initiative"},
    # Phrases, and words of sentences
    '"mobility partnership"': TARGETED | {"enigmma"}, "16 million": {"enigmma"}, "integrated border": {"bagratashen-sadakhlo-ibm", "enigmma"},
    "border -georgia": BORDER - GE,
}  # fmt: skip
MEANT = {
    "bordr": "border", "Goergia": "georgia", "moldva": "moldova", "migrants": "migration", "asylmu": "asylum",
    "visa liberalization": "visa liberalisation", "mobilty partnreship": "mobility partnership",
    "bordre managment": "border management", "fronteires": "frontières",
}  # fmt: skip


@pytest.fixture
def slugs_for(client, register):
    """Return the slugs that the list shows for a search, and those that the API does; they are the same."""

    def slugs(query):
        [page, api] = (client.get(there, {"q": query}) for there in ("/projects/", "/api/v1/projects/"))
        shown = [project["slug"] for project in page.context["projects"]]
        assert shown == [project["slug"] for project in api.json()["results"]]
        return {*shown}

    return slugs


@pytest.mark.parametrize("query", SEARCHES)
def test_search_finds_what_is_meant(slugs_for, query):
    assert slugs_for(query) == SEARCHES[query]


@pytest.mark.parametrize("query", MEANT)
def test_search_that_finds_nothing_says_what_may_be_meant(client, slugs_for, query):
    page = client.get("/projects/", {"q": query})
    assert page.context["projects"] == []
    assert "Did you mean" in page.content.decode()
    meant, address, number = page.context["meant"][0]
    assert meant == MEANT[query]
    assert client.get(f"/api/v1/projects/{address}").json()["count"] == number == len(slugs_for(meant))


QUESTIONS = {
    "How much does the EU pay Moldova for border management?": ["EU border management", "EU Moldova management"],
    "What is the budget of ENIGMMA?": ["ENIGMMA", "budget"], "when does nexus end?": ["end", "nexus"],
    "Who leads the mobility partnership in Armenia": ["mobility partnership Armenia"],
    "EU border management zebra": ["EU border management"],
    "Combien la gestion des frontières coûte-t-elle ?": ["gestion frontières"], "xqzwv qqq border -georgia": ["border -georgia"],
    '"and" xqzwv': ['"and"'],
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_that_finds_nothing_is_shortened_to_what_projects_have(client, slugs_for, question):
    page = client.get("/projects/", {"q": question})
    meant = page.context["meant"]
    assert sorted(query for query, *_ in meant) == sorted(QUESTIONS[question])
    assert page.context["loosened"] == []  # they keep fewer words
    for query, address, number in meant:
        assert client.get(f"/api/v1/projects/{address}").json()["count"] == number == len(slugs_for(query))


def test_other_filters_stay_if_what_is_meant_matches_them(client, register):
    page = client.get("/projects/", {"q": "bordr", "country": "GE"})
    assert page.context["meant"] == [("border", "?country=GE&q=border", 1)]
    page = client.get("/projects/", {"q": "bordr", "country": "MD"})
    assert page.context["meant"] == [("border", "?q=border", 3)]


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
@pytest.mark.parametrize("country", [{}, {"country": "GE"}])
def test_words_that_are_not_public_are_never_meant(client, register, state, country):
    make(Project, "secret", title="Quetzalcoatlus")
    query = {"q": "quetzalcoatlux", **country}
    assert client.get("/projects/", query).context["meant"] == [("quetzalcoatlus", "?q=quetzalcoatlus", 1)]
    update(Project, "secret", state=state)
    page = client.get("/projects/", query)
    assert page.context["meant"] == []
    assert "quetzalcoatlus" not in page.content.decode().lower()


def test_form_of_a_word_in_another_language_is_not_meant(client, register):
    assert client.get("/projects/", {"q": "migrant"}).context["meant"] == [("migration", "?q=migration", 8)]


@pytest.mark.parametrize("query", ["xqzwv", "-bordr", '"bordr"', "bor", "border", "ab"])
def test_nothing_else_is_meant(client, register, query):
    assert client.get("/projects/", {"q": query}).context["meant"] == []


def test_word_that_other_filters_leave_nothing_of_is_not_meant_instead(client, register):
    page = client.get("/projects/", {"q": "border", "country": "MD"})
    assert (page.context["projects"], page.context["meant"]) == ([], [])


def test_filters_without_a_search_mean_nothing_else(client, register):
    page = client.get("/projects/?country=GE&instrument=GPGC")
    assert (page.context["projects"], page.context["meant"]) == ([], [])
    assert "Did you mean" not in page.content.decode()


def test_each_word_of_a_search_can_be_left_out(client, register):
    page = client.get("/projects/", {"q": "border moldova"}).content.decode()
    offers = re.findall(r'href="([^"]*)">without “Search: ([^”]*)”: ([0-9])', page)
    assert sorted(offers) == [("/projects/?q=border", "moldova", "3"), ("/projects/?q=moldova", "border", "2")]


@pytest.mark.parametrize("other", ["bordr", "boarder", "borger", "bodrer", "border", "borderx", "xborder"])
def test_one_mistake_is_recognised(other):
    assert is_one_edit("border", other)
    assert is_one_edit(other, "border")


@pytest.mark.parametrize("other", ["bord", "brodre", "orders", "redrob", ""])
def test_two_mistakes_are_not_one(other):
    assert not is_one_edit("border", other)
