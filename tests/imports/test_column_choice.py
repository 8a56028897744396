"""A table of which no heading is ours, in the browser: chosen on the page, by its labels."""

import pytest

from imports.models import Import
from tests.support.browser import assert_accessible

pytestmark = pytest.mark.one_database

TABLE = "Hankkeita Moldovassa\n\nHanke;Maa;Rahat;Valuutta;Huomautus\nBrücke;MD;2.584,50;EUR;gut\n"


def test_table_in_another_language_is_chosen_and_imported(signed_in, live_server, register, tmp_path):
    page, path = signed_in, tmp_path / "liste.csv"
    path.write_text(TABLE)
    page.goto(f"{live_server.url}/admin/imports/import/add/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Show what it would change").click()
    assert "It begins with “Hankkeita Moldovassa”" in page.inner_text("#content-main")
    assert_accessible(page, 1280)
    assert "For example “2.584,50”" in page.inner_text("#content-main")
    page.get_by_label("It is the table").select_option(label="Projects")
    chosen = {"A “Hanke”": "title", "B “Maa”": "country_codes", "C “Rahat”": "budget_amount"}
    chosen |= {"D “Valuutta”": "budget_currency", "E “Huomautus”": ""}
    for label, ours in chosen.items():
        page.get_by_label(label).select_option(ours)
    page.get_by_role("button", name="Read it this way").click()
    text = page.inner_text("#content-main")
    assert "1 new" in text
    assert "Column E “Huomautus” is left out, as chosen" in text
    assert_accessible(page, 1280)
    page.get_by_role("button", name="Confirm and import").click()
    assert "Done" in page.inner_text("#content-main")
    assert Import.objects.get().source
