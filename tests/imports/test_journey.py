"""An import from its file to its end, in the browser: by keyboard alone, and without a finding on any of its pages."""

import os

import pytest

from imports import lifecycle, worker
from imports.models import Import
from projects.models import Project
from tests.support.browser import assert_accessible
from tests.support.records import current
from tests.support.uploads import confirmed, uploaded, works

pytestmark = pytest.mark.one_database

PICTURES = os.environ.get("PICTURES_DIR")  # where to put pictures of the pages, to look at
TABLE = (
    "slug,title,country_codes,budget_amount,budget_currency\n"
    "nexus,Quite another title,,1500000.00,EUR\nfresh-one,A fresh one,MD,2000.00,EUR\nenigmma,Bad,AM,2.584,EUR\n"
)


@pytest.fixture
def look(signed_in, register, complaints):
    """A function that looks at the page as it stands, narrow and wide."""

    def looked(name):
        assert complaints == [], name
        for width in (320, 1280):
            assert_accessible(signed_in, width)
            if PICTURES:
                signed_in.screenshot(path=f"{PICTURES}/import-{name}-{width}.png", full_page=True)
        complaints.clear()

    return looked


def press(page, name):
    """Go to a button or a link by the Tab key, and press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value || document.activeElement.textContent.trim()") == name:
            break
    else:
        raise AssertionError(f"The keyboard does not reach “{name}”.")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tick(page, name):
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            break
    page.keyboard.press("Space")


@pytest.mark.slow
def test_import_from_file_to_end_by_keyboard_alone_without_finding(signed_in, live_server, look, tmp_path):
    page, path = signed_in, tmp_path / "mine.csv"
    path.write_text(TABLE)
    page.goto(f"{live_server.url}/admin/imports/import/add/")
    look("bring")
    page.get_by_label("File").set_input_files(path)
    page.get_by_label("File").focus()
    press(page, "Show what it would change")
    look("preview")
    tick(page, "publish")
    press(page, "Update the preview")
    assert "1 new record is added, published at once." in page.content()
    look("preview-publish")
    tick(page, "good_only")
    press(page, "Confirm and import")
    assert current()["title"] == "Quite another title"
    assert Project.objects.published().filter(pk="fresh-one").exists()
    look("done")
    page.goto(f"{live_server.url}/admin/imports/import/")
    look("list")


@pytest.mark.slow
def test_imported_drafts_are_published_by_keyboard_alone_without_finding(signed_in, live_server, look, admin_user):
    page = signed_in
    rows = [f"draft-{number},Draft number {number},MD,2000.00,EUR" for number in range(3)]
    content = "\n".join([TABLE.splitlines()[0], *rows]).encode()
    batch = confirmed(uploaded(admin_user, content, "drafts.csv"), admin_user)
    page.goto(f"{live_server.url}/admin/imports/import/{batch.pk}/change/")
    press(page, "Publish its 3 drafts")
    look("plan")
    press(page, "preview: Draft number 0")
    look("plan-of-one")
    press(page, "Publish all 2 records")
    assert Project.objects.published().filter(pk="draft-0").exists()
    page.goto(f"{live_server.url}/admin/imports/import/{batch.pk}/publish/")
    press(page, "Publish all 2 records")
    assert Project.objects.published().filter(pk__in=["draft-1", "draft-2"]).count() == 2
    look("plan-done")


def test_pages_of_work_and_of_refused_files_have_no_finding(signed_in, live_server, look, admin_user, folder):
    page = signed_in
    batch = lifecycle.upload(admin_user, "an ever longer name of a file " * 5 + ".csv", [b"slug,title\nnexus,Other\n"])
    lifecycle.read_again(batch)
    address = f"{live_server.url}/admin/imports/import/{batch.pk}/change/"
    page.goto(address)
    look("died")
    refused = uploaded(admin_user, b"<iati-activities><broken", "broken.xml")
    page.goto(f"{live_server.url}/admin/imports/import/{refused.pk}/change/")
    look("refused")
    unknown = uploaded(admin_user, b"slug,Titel,Bemerkung\nnexus,Other,x\n", "unknown.csv")
    assert unknown.state == Import.State.READ
    page.goto(f"{live_server.url}/admin/imports/import/{unknown.pk}/change/")
    look("columns")
    with works(folder, batch.pk):
        worker._reporter(batch)("compared", 2500, 10000)
        page.goto(address)
        look("working")  # at the end, as it loads itself again
