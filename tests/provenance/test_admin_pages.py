"""The first page, the pages of pairs and of merging, and an original, in the browser."""

import pytest
from django.utils import timezone
from lxml import html
from playwright.sync_api import expect

from projects.models import Organisation, Project
from provenance.models import Claim, Original
from tests.support.browser import assert_accessible
from tests.support.staff import make, make_frame

pytestmark = pytest.mark.one_database

ADDRESSES = [
    "/admin/",
    "/admin/projects/project/duplicates/",
    "/admin/projects/project/one/merge/two/",
    "/admin/projects/organisation/duplicates/",
    "/admin/projects/project/one/history/",
    "/admin/projects/project/one/delete/",
    "/admin/instruments/country/MD/delete/",
    "/admin/imports/import/add/",
    "/admin/projects/organisation/long/change/",
    "/admin/projects/organisation/long/history/",
]


@pytest.fixture
def staff_page(signed_in):
    """A page in which a superuser is signed in, of a register with two projects that look alike."""
    make_frame()
    make(Organisation, "long", name="9" * 300)
    for slug, summary in (("one", "First"), ("two", "Second")):
        make(Project, slug, title="The same title of some length", summary=summary).countries.add("MD")
    return signed_in


@pytest.mark.slow
def test_staff_pages_have_no_accessibility_finding(staff_page, live_server, complaints):
    for address in ADDRESSES:
        staff_page.goto(live_server.url + address)
        assert complaints == [], address
        for width, colours in ((320, "dark"), (1280, "light")):
            staff_page.emulate_media(color_scheme=colours)
            assert_accessible(staff_page, width)
        complaints.clear()  # axe breaks the policy


def test_whole_menu_is_in_view(staff_page, live_server):
    staff_page.goto(f"{live_server.url}/admin/")
    for width in (320, 390, 1280):
        staff_page.set_viewport_size({"width": width, "height": 800})
        if width < 768:
            expect(staff_page.locator("#menu")).to_be_hidden()
            staff_page.get_by_role("button", name="Menu").click()
        boxes = [link.bounding_box() for link in staff_page.locator("#menu a").all()]
        assert len(boxes) > 10
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
        assert all(box["height"] >= 24 for box in boxes)
        assert staff_page.locator("#menu").bounding_box()["height"] <= 800
        staff_page.keyboard.press("Escape")


def test_two_are_merged_by_keyboard_alone(staff_page, live_server):
    page = staff_page
    page.goto(live_server.url + "/admin/projects/project/one/merge/two/")
    page.get_by_role("radio", checked=True).first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("They are one.")
    page.keyboard.press("Enter")
    page.wait_for_url("**/one/change/")
    assert Project.objects.get(pk="one").summary == "Second"


def test_original_has_no_accessibility_finding(page, live_server, db, complaints):
    make_frame()
    project = make(Project, "one")
    Claim.objects.create(record=project, field="title", as_stated="one", quote="The one", source_id="paper")
    text = "<iati-activity><title>" + "long " * 200 + "</title></iati-activity>"
    columns = {"source_id": "paper", "kind": "project", "key": "one", "identifier": "XM-1", "at": timezone.now()}
    original = Original.objects.create(text=text, **columns)
    for language in ("", "/fr"):
        page.goto(f"{live_server.url}{language}/projects/one/originals/{original.pk}/")
        assert complaints == [], language
        assert_accessible(page, 320, 1280)
        complaints.clear()


def test_sentence_that_a_claim_shares_with_the_one_above_is_marked_and_no_other(chief):
    page = html.fromstring(chief.get("/admin/projects/project/enigmma/change/").content)
    rows = [each for each in page.iter("textarea") if each.get("name", "").endswith("-quote") and each.text.strip()]
    quotes = [each.text for each in rows]
    assert [each.get("data-repeats") is not None for each in rows] == [
        quote == above for quote, above in zip(quotes, [None, *quotes], strict=False)
    ]
    assert len(set(quotes)) < len(quotes)
