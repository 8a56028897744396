"""Ticking a filter of a long list, in a real browser: the reader stays where they are, or is brought to the result."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

pytestmark = pytest.mark.one_database

SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def long_list(page, live_server, transactional_db, faults):
    """Opens the list of 150 projects on a screen of a width, and returns its page."""
    call_command("make_sample_projects", 150, verbosity=0)

    def opened(width):
        page.set_viewport_size({"width": width, "height": 800})
        page.route(
            "**/projects/pictures/**", lambda route: route.fulfill(status=204)
        )  # they come late, and move what is below
        page.goto(live_server.url + "/projects/?page_size=100")
        return page

    return opened


def this_box(page, box):
    """Return a box by its value: a result brings a new form, in which another box may stand in its place."""
    return page.locator(f"input[name={box.get_attribute('name')}][value={box.get_attribute('value')}]")


def tick(page, box):
    """Tick a box, and wait until the list that it asks for is there; return where on the screen the box was."""
    box.scroll_into_view_if_needed()
    before = box.bounding_box()["y"]
    box.check()
    wait_for_result(page)
    return before


def wait_for_result(page):
    """Wait until the result was said, which is the last that is done, and the page was drawn."""
    expect(page.locator("#announcement")).not_to_be_empty()
    page.evaluate(SETTLED)


@pytest.mark.parametrize("name", ["status", "not_stated"])
def test_page_stays_where_a_filter_was_ticked_on_a_wide_screen(long_list, name):
    page = long_list(1300)
    page.locator(f"#facet-{name} > summary").click()
    box = this_box(page, page.locator(f"input[name={name}]").last)
    before = tick(page, box)
    assert page.evaluate("scrollY") > 400
    assert box.bounding_box()["y"] == pytest.approx(before, abs=2)
    expect(box).to_be_checked()
    expect(box).to_be_focused()


def test_page_stays_though_a_short_result_is_ticked_away(long_list):
    """Two steps: the second makes a short list long again."""
    page = long_list(1300)
    page.locator("#facet-not_stated > summary").click()
    again = this_box(page, page.locator("input[name=not_stated]").last)
    tick(page, again)
    page.locator("#announcement").evaluate("each => { each.textContent = ''; }")
    before = again.bounding_box()["y"]
    again.uncheck()
    wait_for_result(page)
    assert again.bounding_box()["y"] == pytest.approx(before, abs=2)


def test_result_is_in_view_on_a_phone(long_list):
    page = long_list(360)
    page.locator("#facet-not_stated > summary").click()
    tick(page, this_box(page, page.locator("input[name=not_stated]").last))
    expect(page.locator("#result")).to_be_in_viewport(ratio=1)
    expect(page.locator("#result")).to_be_focused()
    expect(page.locator(".to-filters")).to_be_in_viewport()
    assert re.search(r"not_stated=", page.url)


def test_refused_value_on_a_phone_is_said_in_view(long_list):
    page = long_list(360)
    page.locator("#facet-budget > summary").click()
    page.get_by_label("Smallest budget").fill("2.584")
    page.get_by_label("Smallest budget").press("Enter")
    wait_for_result(page)
    expect(page.locator(".errors")).to_contain_text("can be read in two ways")
    expect(page.locator(".errors")).to_be_in_viewport()
    expect(page.get_by_label("Smallest budget")).to_have_value("2.584")
