"""The public pages in a real browser: by keyboard, narrow and wide, without JavaScript, under the strict CSP."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PAGES = [
    "/", "/projects/", "/projects/?country=GE&sort=-budget", "/projects/?amount_min=2.584&foo=1", "/projects/?q=nothing-of-this",
    "/projects/bagratashen-sadakhlo-ibm/", "/projects/azerbaijan-targeted-initiative/", "/countries/", "/countries/MD/", "/instruments/",
    "/instruments/TPMA/", "/partnerships/", "/partnerships/eu-georgia-mobility-partnership/", "/organisations/", "/organisations/european-union/",
    "/nothing/", "/api/v1/docs/",
]  # fmt: skip


@pytest.fixture
def faults(page):
    """What the browser complains of, but for the status of error pages."""
    found = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert [
        fault for fault in found if "Failed to load resource: the server responded with a status of 4" not in fault
    ] == []


@pytest.mark.parametrize("width", [320, 1280])
def test_page_fits_and_the_browser_has_no_complaint(page, live_server, register, faults, width):
    page.set_viewport_size({"width": width, "height": 800})
    for address in PAGES:
        page.goto(live_server.url + address, wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.locator("h1").count() >= 1


def test_page_has_no_accessibility_finding(page, live_server, register):
    for address in PAGES[:-1]:  # the last holds Swagger UI, whose own marks are not ours to mend
        page.goto(live_server.url + address)
        assert Axe().run(page).response["violations"] == [], address


def test_figure_opens_to_its_sentence_by_keyboard(page, live_server, register, faults):
    page.goto(live_server.url + "/projects/bagratashen-sadakhlo-ibm/")
    budget = page.locator(".fact", has_text="Total budget")
    quote = budget.locator("blockquote")
    expect(quote).to_be_hidden()
    budget.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(quote).to_contain_text("(EUR 2.584.000 including EUR 1.716.000 from the ENI)")
    expect(quote).to_contain_text("Financial and technical assistance")
    expect(page.locator(".fact", has_text="Remainder")).to_contain_text("EUR 868,000")


def test_what_is_not_stated_says_so(page, live_server, register):
    page.goto(live_server.url + "/projects/moldova-targeted-initiative/")
    expect(page.locator(".fact", has_text="Total budget")).to_contain_text("not stated")
    expect(page.locator(".fact", has_text="Contributions")).to_contain_text("not stated")
    expect(page.locator(".fact", has=page.get_by_text("Period", exact=True))).to_contain_text("February 2009")
    page.goto(live_server.url + "/projects/azerbaijan-targeted-initiative/")
    expect(page.locator(".fact", has=page.get_by_text("Period", exact=True))).to_contain_text("planned 2016 to 2018")
    expect(page.locator("main")).not_to_contain_text("1 January")


def test_journey_without_javascript(browser, live_server, register):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + "/")
    page.get_by_label("Search projects").fill("BORDER management")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("Filters").click()
    page.get_by_label("Country").select_option("GE")
    page.get_by_role("button", name="Show").last.click()
    expect(page.locator("h1")).to_have_text("Projects matching “BORDER management” in Georgia")
    expect(page.locator("#result")).to_contain_text("EUR 16,000,000 stated for 1 of 1 project")
    page.get_by_role("link", name="Stated total").click()
    assert "sort=budget" in page.url
    assert "country=GE" in page.url
    page.get_by_role("link", name="ENIGMMA").click()
    expect(page.locator("h1")).to_contain_text("ENIGMMA")


def test_skip_link_is_the_first_stop(page, live_server, register):
    page.goto(live_server.url + "/projects/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_api_docs_are_shown(page, live_server, register, faults):
    page.goto(live_server.url + "/api/v1/docs/")
    expect(page.locator("#swagger-ui")).to_contain_text("/api/v1/projects/", timeout=20_000)
