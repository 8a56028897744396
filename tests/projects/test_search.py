"""``q`` at every door: what is found by which words and phrases, and what is kept up when it changes."""

import json

import pytest

from projects.models import Component, Organisation, Project, Theme
from projects.search.highlight import excerpts, marked
from projects.words.terms import included_terms
from provenance.models import Claim
from provenance.store.integrity import check_register
from provenance.store.log import set_state
from tests.support.records import update

NEXUS = "nexus"


@pytest.fixture
def written(register):
    """Write columns of the project NEXUS, and record them."""

    def write(**columns):
        update(Project, NEXUS, **columns)

    return write


def slugs_for(client, query):
    """Slugs of what the API finds; page, file and figures tell the same."""
    rows = client.get("/api/v1/projects/", {"q": query}).json()["results"]
    assert client.get("/api/v1/stats/", {"q": query}).json()["total"]["projects"] == len(rows)
    assert len(json.loads(client.get("/projects.json", {"q": query}).getvalue())["results"]) == len(rows)
    page = client.get("/projects/", {"q": query})
    assert [project["slug"] for project in page.context["projects"]] == [row["slug"] for row in rows]
    return {row["slug"] for row in rows}


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("Bakı", ["BAKI", "baki", "BAKİ", "bakı"]),
        ("Երևան և Գյումրի", ["ԵՐԵՎԱՆ", "երեւան", "ԵՎ", '"և Գյումրի"']),
        ("Georgia's", ["Georgia’s", "Georgiaʼs", "georgias", "georgia´s"]),
        ("co\u00adoperat\u200bion\ufeff", ["cooperation", "coop\u200deration"]),
        ("cross\u2011border", ["cross-border", "cross–border", "cross border", "crossborder", '"cross border"']),
        ("Сім’я", ["сім'я", "СІМЯ"]),
        ("½ of it, Көк", ["1/2", "1⁄2", "½", "КОК"]),
    ],
)
def test_word_is_found_however_it_is_typed(client, written, text, queries):
    written(summary=f"Zzz {text} zzz")
    for query in queries:
        assert NEXUS in slugs_for(client, f"zzz {query}"), query


def test_phrase_occurs_as_it_stands(client, written):
    written(summary="Zzz border management", objectives=["Zzz visa", "policy"])
    for query in (
        '"zzz border management"',
        "“ZZZ  border”",
        "«\u00a0zzz border\u00a0»",
        'zzz "management"',
        "‘zzz border’",
    ):
        assert slugs_for(client, query) == {NEXUS}, query
    assert slugs_for(client, '"management border zzz"') == set()
    assert slugs_for(client, '"visa policy" zzz') == set()  # two objectives, over whose border no phrase goes
    assert slugs_for(client, 'zzz "policy') == {NEXUS}


def test_word_or_phrase_is_left_out(client, written):
    written(summary="Zzz border management of cross-border traffic")
    everything = set(Project.objects.values_list("pk", flat=True))
    assert slugs_for(client, "-zzz") == everything - {NEXUS}
    assert slugs_for(client, '-"zzz border"') == everything - {NEXUS}
    assert slugs_for(client, '-"border zzz"') == everything
    for minus in "-–—":
        assert slugs_for(client, f"zzz {minus}border") == set()
    assert slugs_for(client, "zzz -“traffic border”") == {NEXUS}
    assert slugs_for(client, "zzz -crossborder") == set()
    assert slugs_for(client, "zzz - traffic") == {NEXUS}
    assert slugs_for(client, "zzz --traffic") == {NEXUS}


@pytest.mark.parametrize("query", ['""', "“ ”", "-", "'", "\u200b", '-""'])
def test_query_that_holds_nothing_is_refused(client, register, query):
    answer = client.get("/api/v1/projects/", {"q": query})
    assert answer.status_code == 400
    assert "nothing to search for" in answer.json()["errors"]["q"][0]


def test_all_that_a_project_says_is_searched(client, written):
    project = Project.objects.get(pk=NEXUS)
    project.themes.add("border-management")
    project.countries.add("MD")
    component, _new = Component.objects.get_or_create(project=project, number=1)
    Component.objects.filter(pk=component.pk).update(title="Aaacomponent")
    claim = Claim.objects.filter(object_id=NEXUS).first()
    Claim.objects.filter(pk=claim.pk).update(quote=f"{claim.as_stated} Aaaquote")
    written(acronym="AAACRO", objectives=["Aaaobjective"])
    for word in ("Aaacomponent", "Aaaquote", "aaacro", "aaaobjective"):
        assert slugs_for(client, word) == {NEXUS}, word
    for name in ("Border management", "gestion des frontières", "Moldavie", "Moldova"):
        assert NEXUS in slugs_for(client, f'"{name}"'), name
    assert list(check_register()) == []


def test_search_follows_what_changes(client, written):
    Project.objects.get(pk=NEXUS).themes.add("border-management")
    written()
    update(Theme, "border-management", name="Zzztheme")
    assert NEXUS in slugs_for(client, "zzztheme")
    update(Organisation, "icmpd", aliases=["Zzz office"])
    leads = set(Project.objects.filter(participations__organisation="icmpd").values_list("pk", flat=True))
    assert slugs_for(client, '"zzz office"') == leads
    Claim.objects.filter(object_id=NEXUS).delete()
    written(summary="", title="Other")
    assert slugs_for(client, "other nexus") == set()


def test_words_of_drafts_find_nothing(client, written):
    Project.objects.filter(pk=NEXUS).update(summary="Zzz, not recorded")
    assert slugs_for(client, "zzz") == set()
    written()
    set_state(Project, [NEXUS], "withdrawn", user_name="tester")
    assert slugs_for(client, "zzz") == set()


def test_heading_and_tag_say_phrases_and_what_is_left_out(client, register):
    query = {"q": 'visa "border management" -training -“asylum policy”', "country": "GE"}
    page = client.get("/en/projects/", query)
    words = "in Georgia, matching “visa”, with the phrase “border management”, without “training” or “asylum policy”"
    assert words in page.content.decode()
    assert page.context["tags"][0] == (
        "Search: visa, “border management”, without “training” or “asylum policy”", "?country=GE",
    )  # fmt: skip
    french = client.get("/fr/projects/", query).content.decode().replace("\u00a0", " ")
    assert "Géorgie, contenant « visa », avec l’expression « border management », sans « training » ou" in french
    alone = client.get("/en/projects/", {"q": "-training"}).content.decode()
    assert "rojects without “training”" in alone
    assert "matches another name" not in alone


def test_page_shows_where_each_word_stands(register, written):
    written(title="Zzz title", summary="Of yyy", objectives=["yyy and xxx"])
    document = json.loads(Project.objects.get(pk=NEXUS).revision.document)
    shown = excerpts(document, included_terms("zzz yyy xxx"))
    assert shown.texts == ["Of <mark>yyy</mark>", "<mark>yyy</mark> and <mark>xxx</mark>"]
    assert not shown.is_by_other_name
    assert excerpts(document, included_terms("www")) == ([], True)
    assert marked("Zzz title", included_terms("z")) == "Zzz title"
