"""Where two sources disagree, both values stand in the record, with the one that it adopts, and why."""

import json
import re
from html import unescape

import pytest
from playwright.sync_api import expect

from projects.index.follower import current_register
from projects.models import Contribution, Organisation, Project
from projects.published.recent_changes import latest_news
from provenance.documents.diff import differences
from provenance.models import Claim, Revision, Source
from provenance.store.integrity import check_register
from provenance.store.log import document_of
from tests.support.records import record, update
from tests.support.staff import PUBLISHED, address, change, last, make_frame, make_project

pytestmark = pytest.mark.one_database

WHY = "The later source corrects it."


@pytest.fixture
def disagreement(db):
    """A project whose total two sources state, each another."""
    make_frame()
    project = make_project(parts=0, budget_amount="300.00", budget_currency="EUR")
    for amount, why in (("300", ""), ("250", WHY)):
        columns = {"field": "budget", "as_stated": f"EUR {amount}", "quote": f"It costs EUR {amount}."}
        Claim.objects.create(
            record=project, source_id="paper", set_aside=why, status="set-aside" if why else "adopted", **columns
        )
    record(Project, ["nexus"], user_name="maker")
    return project


def budget_claims(client):
    return [claim for claim in client.get("/api/v1/projects/nexus/").json()["claims"] if claim["field"] == "budget"]


def test_document_says_why_only_of_what_is_set_aside(client, disagreement):
    adopted, set_aside = budget_claims(client)
    assert set(adopted) == {"field", "as_stated", "quote", "source", "status", "reading", "evidence", "url"}
    assert (adopted["status"], adopted["reading"]) == ("adopted", "as-value")
    aside = {"as_stated": "EUR 250", "quote": "It costs EUR 250.", "set_aside": WHY}
    own = {"status": "set-aside", "reading": "otherwise", "url": set_aside["url"]}
    assert set_aside == adopted | aside | own
    assert list(check_register()) == []


QUOTE = "It costs EUR 250."


def test_iati_quotes_no_claim_that_was_set_aside(client, disagreement):
    Project.objects.update(status="ongoing", start_date="2010", sectors=["1:15190"])
    Contribution.objects.create(project=disagreement, funder_id="european-union")
    for where in ("", "https://paper.example/"):  # a description of the activity, or of the link to the source
        update(Source, "paper", address=where)
        record(Project, ["nexus"], user_name="maker")
        for file in ("/projects.xml", "/projects/nexus.xml"):
            text = client.get(file).getvalue().decode()
            assert "“It costs EUR 300.”" in text
            assert QUOTE not in text
            assert WHY not in text
    Claim.objects.filter(field="budget").update(status="set-aside", set_aside=WHY)
    record(Project, ["nexus"], user_name="maker")
    assert "It costs" not in client.get("/projects/nexus.xml").getvalue().decode()


@pytest.mark.parametrize("address", ["/projects/", "/", "/projects.csv", "/gaps/"])
def test_what_tells_of_values_tells_no_claim_that_was_set_aside(client, disagreement, address):
    text = client.get(address).getvalue().decode()
    assert "nexus" in text.lower()
    assert QUOTE not in text


def test_every_place_of_claims_says_why_one_was_set_aside(client, disagreement):
    [row] = [row for row in client.get("/projects-claims.csv").getvalue().decode().splitlines() if QUOTE in row]
    assert WHY in row
    page = " ".join(client.get("/projects/nexus/").content.decode().split())
    [number] = re.findall(
        r'<li id="sentence-(\d)"><blockquote[^>]*><p[^>]*>[^/]*<mark class="amount">EUR 250</mark>', page
    )
    items = re.findall(rf'<li><q[^>]*>EUR 250</q> <a href="#sentence-{number}".*?</li>', page)
    assert items
    assert all(f"not adopted: {WHY}" in each for each in items)
    feed = client.get("/projects.atom").content.decode()
    assert feed.count(QUOTE) == feed.count(f"{QUOTE}” (The paper); set aside: {WHY}") == 1


def test_linked_data_names_no_source_of_which_all_was_set_aside(client, disagreement):
    def sources():
        text = client.get("/projects/nexus/").content.decode()
        [script] = re.findall(r'ld\+json">(.*?)</script>', text)
        assert QUOTE not in script
        return [work["name"] for work in json.loads(script)["@graph"][0].get("subjectOf", [])]

    assert sources() == ["The paper"]
    Claim.objects.filter(field="budget").update(status="set-aside", set_aside=WHY)
    record(Project, ["nexus"], user_name="maker")
    assert sources() == []


def test_history_tells_what_was_set_aside(disagreement):
    Claim.objects.filter(as_stated="EUR 300").update(status="set-aside", set_aside="It is older.")
    record(Project, ["nexus"], user_name="maker")
    new, old = [document_of(revision) for revision in Revision.objects.filter(key="nexus")[:2]]
    [(label, before, now)] = differences(Project, old, new)
    assert label == "Claims"
    assert "set aside" not in before[0]
    assert now == ["Total budget: “EUR 300” – “It costs EUR 300.” (The paper); set aside: It is older."]


def test_claim_that_is_only_set_aside_or_adopted_again_is_neither_removed_nor_added(client, disagreement):
    def latest():
        record(Project, ["nexus"], user_name="maker")
        lines = latest_news(current_register())[0]["lines"]
        for path in ("/projects/nexus/history/", "/projects.atom"):
            page = unescape(client.get(path).content.decode())
            assert [line for line in lines if line not in page] == []
        return lines

    claims = Claim.objects.filter(as_stated="EUR 300")
    claim_words = "Total budget: “EUR 300” – “It costs EUR 300.” (The paper)"
    claims.update(status="set-aside", set_aside="It is older.")
    assert latest() == [f"Claims: set aside: {claim_words}: It is older."]
    claims.update(status="adopted", set_aside="")
    assert latest() == [f"Claims: adopted again: {claim_words}"]
    french = unescape(client.get("/fr/projects/nexus/history/").content.decode())
    assert "Extraits des sources, mise à l’écart : " in french.replace("\u00a0", " ")
    assert "Extraits des sources, rétablissement : " in french.replace("\u00a0", " ")
    claims.update(status="set-aside", set_aside="It is older.", quote="It costs EUR 300, all told.")
    added, removed = sorted(latest())
    assert added.startswith("Claims: added: Total budget")
    assert removed == f"Claims: removed: {claim_words}"
    claims.delete()
    [removed] = latest()
    assert removed.startswith("Claims: removed: Total budget: ")


def test_claim_set_aside_beside_one_that_is_removed(client, disagreement):
    Claim.objects.filter(as_stated="EUR 300").update(status="set-aside", set_aside="It is older.")
    Claim.objects.filter(as_stated="EUR 250").delete()
    record(Project, ["nexus"], user_name="maker")
    removed, aside = latest_news(current_register())[0]["lines"]
    assert removed == f"Claims: removed: Total budget: “EUR 250” – “{QUOTE}” (The paper); set aside: {WHY}"
    assert aside == "Claims: set aside: Total budget: “EUR 300” – “It costs EUR 300.” (The paper): It is older."


def test_admin_sets_a_claim_aside(admin_client, disagreement):
    claims = list(Project.objects.get(pk="nexus").claims.order_by("pk").values_list("set_aside", flat=True))
    field = f"provenance-claim-content_type-object_id-{claims.index(WHY)}-set_aside"
    project = Project.objects.get(pk="nexus")
    assert change(admin_client, project, **{field: "It tells of another project."}).status_code == 302
    assert "It tells of another project." in last("project", "nexus").document
    page = admin_client.get(address(Project, "change", "nexus")).content.decode()
    assert "It tells of another project." in page
    assert "Not adopted, because" in page


def test_page_shows_both_values_and_why(client, page, live_server, disagreement):
    page.goto(live_server.url + "/projects/nexus/")
    budget = page.locator(".fact", has_text="Total budget")
    expect(budget).to_contain_text("EUR 300")
    expect(budget).not_to_contain_text("no source yet")
    expect(budget).to_contain_text("Sources disagree")
    rows = budget.locator(".disagree li", has=page.locator("q"))
    expect(rows).to_have_count(2)
    for row, words in zip(rows.all(), (["EUR 300", "adopted"], ["EUR 250", f"not adopted: {WHY}"]), strict=True):
        for text in words:
            expect(row).to_contain_text(text)
        row.locator("a").click()
        for text in (f"It costs {words[0]}.", "The paper"):
            expect(page.locator(":target")).to_contain_text(text)
    expect(rows.first).not_to_contain_text("not adopted")


# -- Other and former names --


def test_organisation_is_found_by_its_other_names(db):
    make_frame()
    update(Organisation, "iom", aliases=["Comité intergouvernemental", "PICMME"])
    for text in ("iom", "INTERNATIONAL organisation", "comite INTER", "picmme iom"):
        assert current_register().rows(Organisation).called(text).keys() == ["iom"], text
    for text in ("iom union", "100%"):
        assert current_register().rows(Organisation).called(text).keys() == [], text
    assert list(check_register()) == []


def test_migration_fills_what_recording_would_have_written(register):
    from importlib import import_module

    from django.apps import apps

    expected = dict(Organisation.objects.values_list("pk", "search_text"))
    assert "iom" in expected["iom"]
    Organisation.objects.create(pk="draft", name="Not recorded", state=PUBLISHED)
    Organisation.objects.update(search_text="")
    import_module("projects.migrations.0002_organisations_found_by_other_names").fill(apps, None)
    assert dict(Organisation.objects.values_list("pk", "search_text")) == expected | {"draft": ""}
