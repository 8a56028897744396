"""Check your change is seen before a published record is saved; all of it by keyboard, and for everybody."""

import os

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import expect

from instruments.models import Country
from projects.models import Project
from provenance.models import Proposal, Revision
from tests.support.browser import assert_accessible
from tests.support.staff import (
    DRAFT,
    address,
    change,
    filled,
    make_frame,
    make_project,
    messages,
    press,
    sent,
    somebody,
)

pytestmark = pytest.mark.one_database

PICTURES = os.environ.get("PICTURES_DIR")
NOW = "Nothing has been saved yet."


def test_published_record_is_saved_only_after_its_preview(staff, project):
    response = sent(staff, project, title="New title", reason="Misread")
    text = response.content.decode()
    for words in (NOW, "Title", "The nexus", "New title"):
        assert words in text
    assert Project.objects.get().title == "The nexus"
    assert press(staff, response).status_code == 302
    assert Project.objects.get().title == "New title"
    assert Revision.objects.first().reason == "Misread"


@pytest.mark.parametrize("role", ["publisher", "editor"])
def test_why_is_asked_before_a_published_record_changes(staff, project, role):
    staff.force_login(somebody(role))
    response = press(staff, sent(staff, project, title="New title"), reason=" ")
    assert "Please give a reason" in response.content.decode()
    assert Project.objects.get().title == "The nexus"
    response = press(staff, response, reason="Misread")
    assert response.status_code == 302
    row = Proposal.objects.get() if role == "editor" else Revision.objects.first()
    assert row.reason == "Misread"


def test_back_to_the_form_keeps_what_was_typed_and_saves_nothing(staff, project):
    response = sent(staff, project, title="New title", **{"components-0-title": "typed"})
    again = staff.post(response.request["PATH_INFO"], {"_typed": response.context["typed"], "_back": "1"})
    assert (filled(again)["title"], filled(again)["components-0-title"]) == ("New title", "typed")
    assert "It is not saved yet" in messages(again)
    assert "error" not in again.content.decode().partition("<form")[0].lower()
    assert Project.objects.get().title == "The nexus"


def test_preview_says_how_many_other_records_show_the_name(staff):
    make_project("one")
    make_project("two")
    text = sent(staff, Country.objects.get(), name="Republic of Moldova").content.decode()
    assert "2 other published records show its name" in text
    assert "show its name" not in sent(staff, Project.objects.get(pk="one"), summary="x").content.decode()


def test_preview_is_asked_again_where_the_record_moved_on(staff, project):
    response = sent(staff, project, title="New title")
    change(staff, Project.objects.get(), acronym="X")
    text = press(staff, response, reason="Misread").content.decode()
    assert "Somebody else changed this" in text
    assert 'name="reason" value="Misread"' in text
    assert Project.objects.get().title == "The nexus"


def test_drafts_and_what_readers_do_not_see_are_saved_at_once(staff):
    assert sent(staff, make_project(state=DRAFT), title="New title").status_code == 302
    assert sent(staff, make_project("other"), reason="Nothing else").status_code == 302


def test_ends_of_lines_as_browsers_send_them_are_no_change(staff):
    project = make_project(summary="one\ntwo")
    before = Revision.objects.count()
    assert sent(staff, project, summary="one\r\ntwo").status_code == 302
    assert Revision.objects.count() == before


# -- In a browser --


@pytest.fixture
def open_page(page, context, live_server):
    """Opens an address of the admin, signed in as ``user``; a fault of the content policy fails the test."""
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)

    def opened(user, path):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + path)

    yield opened
    assert not faults


def save(page):
    """Press the form's own button by keyboard."""
    page.locator("[name=_save]").focus()
    page.keyboard.press("Enter")


def look(page, title):
    """Wait for the page of that title; axe finds nothing on it."""
    expect(page.locator("h1")).to_contain_text(title)
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{title}.png", full_page=True)
    # With preload, axe would read style sheets in a way that the policy forbids.
    assert_accessible(page, page.viewport_size["width"], preload=False)


def test_pages_before_saving_are_used_by_keyboard_and_axe_finds_nothing(page, open_page, transactional_db):
    make_frame()
    anna, project = User.objects.create_superuser("anna"), make_project()
    open_page(anna, address(Project, "change", "nexus"))
    page.fill("#id_title", "By Anna")
    other = Client()
    other.force_login(User.objects.create_superuser("bert"))
    change(other, project, title="By Bert")
    save(page)
    look(page, "Somebody else changed this record")
    page.locator("input[type=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    for name, title in (("_agreed", "Somebody else"), ("_confirmed", "Check your change")):
        look(page, title)
        if name == "_confirmed":
            page.get_by_label("Reason").fill("Because.")
        page.locator(f"button[name={name}]").focus()
        page.keyboard.press("Enter")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Project.objects.get().title == "By Anna"


def test_proposal_is_made_and_accepted_by_keyboard_and_axe_finds_nothing(page, open_page, transactional_db):
    make_frame()
    make_project()
    editor, publisher = somebody("editor", name="ed"), somebody("publisher", name="pia")
    open_page(editor, address(Project, "change", "nexus"))
    page.fill("#id_title", "Proposed")
    save(page)
    look(page, "Check your proposal")
    page.get_by_label("Reason").fill("Because.")
    page.locator("button[name=_confirmed]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("your proposal now waits for a publisher")
    open_page(publisher, address(Proposal, "change", Proposal.objects.get().pk))
    look(page, "Proposal for")
    page.locator("button[value=accept]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("accepted")
    assert Project.objects.get().title == "Proposed"
    open_page(publisher, address(Project, "history", "nexus"))
    look(page, "History")
    page.get_by_role("link", name="Restore").first.click()
    look(page, "Restore")


def test_on_a_phone_all_that_is_decided_about_is_in_view(page, open_page, transactional_db):
    make_frame()
    project, other = make_project(), Client()
    editor = somebody("editor", name="ed")
    page.set_viewport_size({"width": 360, "height": 800})
    open_page(editor, address(Project, "change", "nexus"))
    page.fill("#id_title", "By Ed, with words that take some room on a screen as narrow as this")
    other.force_login(anna := User.objects.create_superuser("anna"))
    change(other, project, title="By Anna")
    save(page)
    is_in_view(page, "Somebody else changed", {"Before", "Their version", "Your version", "Result"})
    page.locator("button[name=_agreed]").click()  # the browser asks for the choice that is missing
    is_in_view(page, "Somebody else changed", {"Their version", "Your version"})
    page.get_by_role("radio", name="Your version").check()
    page.locator("button[name=_agreed]").click()
    is_in_view(page, "Check your proposal", {"Before", "After"})
    page.get_by_label("Reason").fill("Because.")
    page.locator("button[name=_confirmed]").click()
    expect(page.locator(".messagelist")).to_contain_text("your proposal now waits for a publisher")
    open_page(anna, address(Proposal, "change", Proposal.objects.get().pk))
    is_in_view(page, "Proposal for", {"Accept", "Now", "Proposed", "Current sources"})


def is_in_view(page, title, headings):
    """Each cell stands within the width of the screen, and says what it is."""
    look(page, title)
    cells = page.locator("table.changes tbody :is(th, td)").evaluate_all(
        "cells => cells.map(cell => [cell.getBoundingClientRect().right, cell.dataset.label])"
    )
    assert max(right for right, _ in cells) <= 360
    assert headings <= {heading for _, heading in cells}
