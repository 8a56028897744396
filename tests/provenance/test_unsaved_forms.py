"""Forms of the admin that are left, in the browser: it asks where something was typed, and nowhere else."""

import pytest
from django.contrib import admin

from tests.support.staff import address, somebody

pytestmark = pytest.mark.one_database

NOTHING_TO_TYPE = {
    "auditentry",
    "group",
    "revision",
    "import",
    "proposal",
    "failedsignin",
    "suggestedsource",
}  # to read only, or pages of our own: see below


@pytest.fixture
def browsing(signed_in, register):
    """A page in which a superuser is signed in; there is another user too."""
    somebody("editor")
    return signed_in


def forms():
    """Addresses of the pages to add and to change one of each kind."""
    for model in admin.site._registry:
        if model._meta.model_name in NOTHING_TO_TYPE:
            continue
        yield address(model, "add")
        yield from (address(model, "change", row.pk) for row in model.objects.order_by("-pk")[:1])


WOULD_ASK = "!dispatchEvent(new Event('beforeunload', {cancelable: true}))"


def asked(page, url, touch=None):
    """Whether the browser asks when the page ``url`` is left, of which a person has touched something at least."""
    seen = []
    page.goto(url)
    page.once("dialog", lambda dialog: (seen.append(dialog.type), dialog.accept()))
    page.locator("h1").first.click()
    if touch:
        assert not page.evaluate(WOULD_ASK), url  # as nobody touched it yet
        touch(page)
    page.goto("about:blank")
    return seen


def type_something(page):
    field = page.locator("#content-main form :is(input[type=text], textarea):visible").first
    field.fill(field.input_value() + "x")


@pytest.mark.slow
def test_form_that_nobody_touched_asks_nothing_and_one_that_was_touched_asks(browsing, live_server):
    pages = list(forms())
    assert len(pages) >= 18
    for each in pages:
        assert asked(browsing, live_server.url + each, type_something) == ["beforeunload"], each


def test_file_that_was_chosen_is_asked_about(browsing, live_server):
    url = live_server.url + "/admin/imports/import/add/"
    file = {"name": "table.csv", "mimeType": "text/csv", "buffer": b"slug,title\n"}
    assert asked(browsing, url) == []
    assert asked(browsing, url, lambda page: page.locator("#id_file").set_input_files(file)) == ["beforeunload"]
