"""What people come for, walked in a real browser from the home page, in at most four steps each."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.one_database


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def visitor(request, browser, live_server, register):
    """A page at home, with and without JavaScript. The numbers in the walks count the pages gone to."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=request.param)
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()


def test_journalist_finds_what_was_paid_in_georgia_for_borders_and_who_says_so(visitor):
    visitor.get_by_label("Search projects").fill("border georgia")
    visitor.get_by_role("button", name="Search").click()  # 1
    expect(visitor.locator("#result")).to_contain_text("EUR 16,000,000 in total budgets (known for 1 project)")
    assert "q=border+georgia" in visitor.url  # a link that keeps
    visitor.locator("summary", has_text="Download").click()
    visitor.locator("summary", has_text="Other formats").click()
    expect(visitor.locator(".files").get_by_role("link", name="JSON", exact=True)).to_have_attribute(
        "href", re.compile(r"^/projects\.json\?q=border")
    )
    visitor.locator("tbody th a").first.click()  # 2
    budget = visitor.locator(".fact", has=visitor.get_by_text("Total budget", exact=True))
    budget.locator(".references a").click()
    expect(visitor.locator(":target")).to_contain_text("It is funded by the EU under the ENI for EUR 16 million.")
    expect(visitor.locator("body")).to_contain_text("/projects/enigmma/")  # how to cite


class Keyboard:
    """A page used by keys only, which are counted."""

    def __init__(self, page):
        self.page, self.number = page, 0

    def press(self, key):
        self.page.keyboard.press(key)
        self.number += 1

    def tab_to(self, is_there):
        """Press Tab until the script ``is_there`` is true of the element with the focus, ``it``."""
        while not self.page.evaluate(f"(it => {is_there})(document.activeElement)"):
            self.press("Tab")


def test_same_question_is_answered_in_thirty_keys(page, live_server, register):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + "/")
    keys = Keyboard(page)
    keys.tab_to("it.textContent === 'Skip to main content'")
    keys.press("Enter")
    keys.tab_to("it.name === 'q'")
    for letter in "border georgia":
        keys.press(letter if letter != " " else "Space")
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text(re.compile("^Projects"))
    keys.tab_to("it.textContent === 'Skip to results'")
    keys.press("Enter")
    keys.tab_to("it.closest('tbody')")
    keys.press("Enter")
    expect(page.locator(".card .amount-m")).to_have_text("EUR 16,000,000")
    expect(page.locator(".quoted")).to_contain_text("It is funded by the EU under the ENI for EUR 16 million.")
    expect(page.locator("#citation")).to_contain_text(re.compile(r"version \d+ .*seal .*/projects/enigmma/"))
    assert keys.number <= 30


def test_values_of_a_long_facet_are_found_by_name(visitor, request):
    visitor.goto("/projects/")
    facet = visitor.locator("#facet-theme")
    expect(facet).not_to_contain_text("Legal migration")
    if request.node.callspec.params["visitor"]:
        facet.get_by_role("searchbox").fill("legal")
    else:
        facet.get_by_role("link", name="2 more").click()
    visitor.get_by_role("link", name="Legal migration").click()
    expect(visitor.locator("h1")).to_have_text("Projects on legal migration")


def test_desk_officer_sees_what_runs_under_the_partnership_and_what_is_missing(visitor):
    visitor.get_by_role("navigation", name="Main").get_by_role("link", name="Agreements").click()  # 1
    visitor.get_by_role("link", name="EU-Georgia Mobility Partnership").first.click()  # 2
    expect(visitor.locator("#figure")).to_contain_text("2 projects")
    visitor.goto("/")
    visitor.get_by_role("link", name="All missing information, by field and country").click()  # 1
    visitor.get_by_role("row", name="Georgia").get_by_role("link", name="Start date").click()  # 2
    expect(visitor.locator("h1")).to_have_text("Projects in Georgia, with missing information (start date)")
    visitor.locator("tbody th a").first.click()  # 3
    visitor.get_by_role("link", name=re.compile("Suggest a source.*start date", re.IGNORECASE)).first.click()  # 4
    expect(visitor.locator(".summary")).to_have_text(re.compile("About: ENIGMMA.* – start date"))


def test_researcher_takes_everything_about_return_with_its_uncertainty(visitor, request):
    visitor.get_by_role("navigation", name="Main").get_by_role("link", name="Projects").click()  # 1
    expect(visitor.locator("h1")).to_have_text("Projects")  # else the question below is asked of the page before
    visitor.get_by_role("checkbox", name="Return and readmission").check()  # 2, in place where there is JavaScript
    if not request.node.callspec.params["visitor"]:
        visitor.get_by_role("button", name="Apply filters").click()
    expect(visitor.locator("h1")).to_have_text("Projects on return and readmission")
    expect(visitor.locator("#result")).to_contain_text("EUR 3,000,000 in total budgets (known for 1 of 2 projects)")
    visitor.locator("summary", has_text="Download").click()
    visitor.locator("summary", has_text="Other formats").click()
    link = visitor.locator(".files").get_by_role("link", name="JSON", exact=True)
    file = visitor.request.get(link.get_attribute("href")).json()["results"]
    assert len(file) == 2
    start = next(project for project in file if project["slug"] == "georgia-targeted-initiative")["start_date"]
    assert (start["value"], start["precision"]) == ("2010", "year")


def test_citizen_on_an_old_phone_reads_a_country(browser, live_server, register):
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 320, "height": 480}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Moldova", exact=True).click()  # 1
    expect(page.locator("#figure")).to_contain_text("2 projects, no budget published")
    page.get_by_role("link", name="NEXUS").first.click()  # 2
    money = page.locator(".fact", has=page.get_by_text("Contributions", exact=True))
    expect(money).to_contain_text("amount not known")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def test_list_is_narrowed_in_place_and_back_brings_it_back(page, live_server, register, faults):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + "/projects/")
    page.get_by_role("checkbox", name="Georgia 2").check()
    expect(page.locator("h1")).to_have_text("Projects in Georgia")
    expect(page.locator("[name=country][value=GE]")).to_be_focused()
    expect(page.locator("#announcement")).to_have_text(
        "2 projects: EUR 19,000,000 in total budgets (known for both projects)"
    )
    assert page.url.endswith("/projects/?country=GE")
    expect(page.locator(".site-languages a[lang=fr]")).to_have_attribute("href", "/fr/projects/?country=GE")
    expect(page).to_have_title(re.compile("^Projects in Georgia"))
    page.locator(".tags").get_by_role("link", name=re.compile("Georgia")).click()
    expect(page.locator("h1")).to_have_text("Projects")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Projects in Georgia")
    expect(page.locator("[name=country][value=GE]")).to_be_checked()


# Answers that the list is swapped for wait until the test lets them come.
HOLD = """
    const held = new Promise((done) => { come = done }), read = fetch;
    fetch = (...asked) => held.then(() => read(...asked));
    0
"""


def test_words_typed_while_an_answer_is_under_way_stay(page, live_server, register):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + "/projects/")
    page.evaluate(HOLD)
    page.get_by_role("checkbox", name="Georgia 2").check()
    page.locator("#finder #id_q").fill("border")
    page.evaluate("come()")
    expect(page.locator("h1")).to_have_text("Projects in Georgia")
    expect(page.locator("#finder #id_q")).to_have_value("border")
    expect(page.locator("#finder #id_q")).to_be_focused()


# Marks the page when an answer was read, and the list could have been swapped.
READ = """
    const { text } = Response.prototype;
    Response.prototype.text = async function () {
        const words = await text.call(this);
        setTimeout(() => { document.body.dataset.read = "" });
        return words;
    };
    0
"""


def test_older_answer_that_waits_for_the_mouse_is_not_shown(page, live_server, register):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + "/projects/")
    titles = page.evaluate_handle(
        "() => { const titles = []; new MutationObserver(() => titles.push(document.querySelector('h1').textContent))"
        ".observe(document.body, { childList: true, subtree: true }); return titles; }"
    )
    page.evaluate(READ)
    page.locator("h1").hover()
    page.mouse.down()
    page.evaluate("document.querySelector('[name=country][value=GE]').click()")
    expect(page.locator("body[data-read]")).to_be_attached()  # it waits for the mouse
    page.evaluate("document.querySelector('[name=country][value=MD]').click()")
    page.mouse.up()
    expect(page.locator("h1")).to_have_text("Projects in Georgia or Moldova")
    assert "Projects in Georgia" not in titles.json_value()


def test_click_that_takes_long_leads_where_it_began(page, live_server, register):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + "/projects/")
    page.locator("#finder #id_q").fill("border")
    project = page.get_by_role("link", name="NEXUS")
    project.hover()
    page.evaluate(READ)
    page.mouse.down()  # the field loses the focus, and the list is asked for
    expect(page.locator("body[data-read]")).to_be_attached()
    page.mouse.up()
    expect(page.locator("h1")).to_contain_text("NEXUS")


def test_lost_connection_and_a_page_of_a_proxy_leave_nothing_wrong(page, live_server, register):
    page.set_viewport_size({"width": 1280, "height": 900})
    asked = []

    def refuse(route):
        asked.append(route)
        route.fulfill(status=502, body="<h1>Bad gateway</h1>", content_type="text/html")

    page.route("**/projects/?country=GE", refuse)
    page.goto(live_server.url + "/projects/")
    themes = page.locator("#facet-theme")
    themes.get_by_role("searchbox").fill("xyz")
    expect(themes.locator(".offers")).to_have_text("No value has this name.")
    page.context.set_offline(True)
    themes.get_by_role("searchbox").fill("legal")
    expect(themes.locator(".offers")).to_be_empty()
    page.context.set_offline(False)
    page.get_by_role("checkbox", name="Georgia 2").click()  # not check(): the page may be gone before that looks
    expect(page.locator("h1")).to_have_text("Bad gateway")
    assert len(asked) == 1
    page.evaluate("history.back()")
    expect(page.locator("h1")).to_have_text("Projects")


def test_back_to_the_list_shows_no_tick_that_it_does_not_follow(page, live_server, register):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + "/projects/")
    page.evaluate(HOLD)
    page.get_by_role("checkbox", name="Georgia 2").check()
    page.locator("tbody th a").first.click()
    expect(page.locator("#finder")).to_have_count(0)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Projects")
    expect(page.locator("[name=country][value=GE]")).not_to_be_checked()


def test_next_page_of_the_list_comes_into_view(page, live_server, register):
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(live_server.url + "/projects/?page_size=5")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_attached()
    expect(page.locator("#result")).to_be_in_viewport()
    expect(page.locator("#result")).to_be_focused()


def test_same_question_asked_twice_is_one_step_back(page, live_server, register):
    page.goto(live_server.url + "/projects/")
    for _ in range(2):
        with page.expect_response("**/projects/?q=border"):
            page.locator("#finder #id_q").fill("border")
            page.locator("#finder #id_q").press("Enter")
        expect(page.locator("h1")).to_have_text("Projects matching “border”")
        expect(page.locator(".waiting")).to_have_count(0)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Projects")
