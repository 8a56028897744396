"""The public pages in a real browser: by keyboard, narrow and wide, without JavaScript, under the strict CSP."""

import pytest
from django.db import OperationalError
from django.test import Client
from playwright.sync_api import expect

from projects.models import Project
from provenance.models import State
from provenance.store.log import set_state
from tests.support.browser import assert_accessible
from tests.support.records import update
from tests.support.staff import make

pytestmark = pytest.mark.one_database

PAGES = [
    "/", "/projects/", "/projects/?country=GE&sort=-budget", "/projects/?page_size=3&page=2", "/projects/?q=swedish&status=completed",
    "/projects/?amount_min=2.584&foo=1&country=XX&role=lead", "/projects/?q=nothing-of-this", "/projects/?country=GE&instrument=GPGC",
    "/projects/bagratashen-sadakhlo-ibm/", "/projects/azerbaijan-targeted-initiative/", "/projects/moldova-targeted-initiative/", "/projects/nothing/",
    "/countries/", "/countries/MD/", "/countries/?page_size=0", "/instruments/", "/instruments/TPMA/", "/instruments/AMIF/", "/partnerships/",
    "/partnerships/eu-georgia-mobility-partnership/", "/organisations/", "/organisations/european-union/", "/sources/", "/sources/financial-and-technical-assistance/", "/gaps/", "/compare/", "/compare/?country=GE&country=MD", "/compare/?country=XX&country=MD", "/data/", "/about/", "/accessibility/",
    "/fr/", "/fr/projects/?country=GE", "/fr/projects/enigmma/", "/fr/gaps/", "/fr/nothing/", "/nothing/",
]  # fmt: skip


def show(page, live_server, response):
    """Show an answer that the test client got, with its style and its policy, as if the browser had asked for it."""
    headers = {
        name: value for name, value in response.headers.items() if name in ("Content-Type", "Content-Security-Policy")
    }
    address = f"{live_server.url}/shown/{response.status_code}/"
    page.route(
        address, lambda route: route.fulfill(body=response.content, status=response.status_code, headers=headers)
    )
    page.goto(address)


def refused(client, monkeypatch, status):
    """Return the page of an answer with ``status`` that no address of PAGES gives."""
    if status == 403:
        return Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})
    if status == 405:
        return client.post("/projects/")
    if status == 410:
        set_state(Project, ["nexus"], State.WITHDRAWN, user_name="tester")
        return client.get("/projects/nexus/")
    if status == 500:
        client.raise_request_exception = False
        monkeypatch.setattr("projects.index.figures.totals", None)
        return client.get("/projects/")
    monkeypatch.setattr("eap_funding.pages.status.tables.waiting", broken)
    return client.get("/readyz")


def broken():
    raise OperationalError("gone")


def test_refusal_is_a_page_like_the_others(page, live_server, register, client, monkeypatch, complaints):
    for status in (403, 405, 410, 500, 503):
        response = refused(client, monkeypatch, status)
        assert response.status_code == status
        show(page, live_server, response)
        assert [each for each in complaints if f"status of {status}" not in each] == []
        assert_accessible(page, 320, 1280)
        expect(page.get_by_role("link", name="All projects", exact=True)).to_be_visible()
        complaints.clear()


def test_register_without_data_says_so(page, live_server, db, faults):
    for address in ("/", "/projects/", "/countries/", "/gaps/"):
        page.goto(live_server.url + address)
        assert_accessible(page, 1280)
    page.goto(live_server.url + "/projects/")
    expect(page.locator("main")).to_contain_text("There are no projects in the register yet.")


@pytest.mark.slow
def test_page_has_no_accessibility_finding_with_everything_open(page, live_server, register):
    for address in (
        "/projects/", "/projects/pictures/", "/projects/values/theme/", "/projects/bagratashen-sadakhlo-ibm/",
        "/countries/GE/",
    ):  # fmt: skip
        page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert_accessible(page, 320, 1280)


@pytest.mark.slow
def test_page_fits_and_neither_browser_nor_axe_has_a_complaint(page, live_server, register, faults):
    for address in PAGES:
        page.set_viewport_size({"width": 320, "height": 800})
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        assert page.locator("h1").count() >= 1
        assert_accessible(page, 1280)


def test_list_is_sorted_without_javascript(browser, live_server, register):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + "/projects/?country=GE")
    page.get_by_label("Sort by").select_option("Largest budget first")
    page.get_by_role("button", name="Apply", exact=True).click()
    assert page.url.endswith("/projects/?sort=-budget&country=GE")


def test_skip_link_is_the_first_stop(page, live_server, register):
    page.goto(live_server.url + "/projects/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()


def test_narrow_list_says_what_is_not_stated(page, live_server, register):
    make(Project, "bare")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(live_server.url + "/projects/?q=bare")
    for label in ("EU contributes", "Total budget", "Status in the source"):
        expect(page.locator(f'td[data-label="{label}"]')).to_be_visible()
        expect(page.locator(f'td[data-label="{label}"]')).to_have_text("not known")


@pytest.mark.parametrize("width", [1280, 360])
def test_largest_amount_has_room(page, live_server, register, width):
    update(Project, "nexus", budget_amount="999999999999.99", budget_currency="EUR")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url + "/")
    amount = page.locator(".rows .amount").first
    expect(amount).to_have_text("EUR 999,999,999,999.99")
    assert amount.evaluate("each => each.scrollWidth <= each.clientWidth")
