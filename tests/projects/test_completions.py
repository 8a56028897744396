"""Completions while somebody types: what they name, in the language of the page, and how they are used by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from projects.models import Organisation, Project
from provenance.store.log import set_state
from tests.support.browser import assert_accessible
from tests.support.staff import make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def completions(client, query, root=""):
    """Return ``{address: words}``."""
    response = client.get(f"{root}/suggestions/", {"q": query})
    assert (response.status_code, response.headers["X-Robots-Tag"]) == (200, "noindex")
    matches = re.findall(r'data-address="([^"]+)">(.*?)</li>', response.content.decode())
    return {address: re.sub("<[^>]+>", "", words) for address, words in matches}


def test_names_of_every_kind_are_completed(client, register):
    assert completions(client, "geo")["/countries/GE/"] == "Georgia Country"
    assert completions(client, "border m")["/projects/?theme=border-management"] == "Border management Theme"
    assert "/instruments/ENI/" in completions(client, "neighb")
    assert "/organisations/icmpd/" in completions(client, "icm")
    assert "/partnerships/eu-georgia-mobility-partnership/" in completions(client, "mob geo")
    assert completions(client, "enig")["/projects/enigmma/"].endswith(" Project")
    assert len(completions(client, "m")) <= 9


def test_names_are_those_of_the_page_and_found_in_any_language(client, register):
    assert "/fr/countries/GE/" in completions(client, "geo", "/fr")
    assert completions(client, "géo", "/fr")["/fr/countries/GE/"] == "Géorgie Pays"
    assert completions(client, "საქა") == {"/countries/GE/": "Georgia Country"}


def test_search_for_a_name_leads_to_its_record_beside_the_projects(client, register):
    page = client.get("/projects/?q=eni+-moldova").content.decode()
    assert 'See also: <a href="/instruments/ENI/">European Neighbourhood Instrument</a>' in page
    assert "/countries/AM/" not in page.partition("See also")[2].partition("</p>")[0]  # "Armenia" only has it inside
    assert client.get("/projects/?q=m").content.decode().partition("See also")[2].partition("</p>")[0].count("<a ") == 4
    past = client.get("/fr/projects/?q=border+m&as_of=2026-11-01").content.decode()
    assert '<a href="/fr/projects/?theme=border-management&amp;as_of=2026-11-01">Gestion des frontières</a>' in past


def test_only_what_is_published_is_offered(client, register):
    set_state(Project, ["nexus"], "withdrawn", user_name="tester")
    assert completions(client, "nexus") == {}
    make(Organisation, "zzz", name="Zzz office", state="draft")
    assert completions(client, "zzz") == {}


@pytest.mark.parametrize(
    "query", ["", "?q=<script>", "?q=%22", "?q=" + "a" * 200, "?q=a&q=b", "?q=" + "a" * 201, "?q=%00"]
)
def test_odd_input_completes_nothing(client, register, query):
    response = client.get(f"/suggestions/{query}")
    assert response.status_code in (200, 400)
    assert b"data-address" not in response.content
    assert b"<script>" not in response.content.split(b"<li")[-1] or response.status_code == 400


def test_completion_is_chosen_by_keyboard(page, live_server, register, faults):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + "/projects/")
    field = page.get_by_role("combobox", name="Search the register")
    page.get_by_role("searchbox", name="Search the register").or_(field).focus()
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("geor")
    expect(page.get_by_role("option", name="Georgia Country")).to_be_in_viewport()
    expect(field).to_have_attribute("aria-expanded", "true")
    assert_accessible(page, 1280)
    field.press("ArrowDown")
    option = page.get_by_role("listbox").get_by_role("option", selected=True)
    expect(option).to_have_text("Georgia Country")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    field.press_sequentially("g")
    expect(page.get_by_role("listbox")).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(page).to_have_url(re.compile("/countries/GE/$"))


def test_words_typed_before_the_script_came_get_completions(page, live_server, register, faults):
    held = []
    page.route("**/completions*.js", lambda route: held.append(route))
    page.goto(live_server.url + "/projects/")
    field = page.locator("#id_q")
    with page.expect_request("**/completions*.js"):
        field.focus()
    field.press_sequentially("geor")
    held[0].continue_()
    expect(page.get_by_role("option", name="Georgia Country")).to_be_visible()


def test_search_without_choosing_a_completion_searches(page, live_server, register, faults):
    page.goto(live_server.url + "/fr/projects/")
    field = page.locator("#id_q")
    field.focus()
    field.press_sequentially("front")
    expect(page.get_by_role("option", name="Gestion des frontières Thème")).to_be_visible()
    field.press("Enter")
    expect(page.locator("h1")).to_have_text("Projets contenant «\u00a0front\u00a0»")
