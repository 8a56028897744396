"""The history of a record: who changed what, when and why, with old and new value in readable words."""

import pytest

from instruments.models import Country, Instrument
from projects.models import Organisation, Project
from provenance.documents.diff import UNSTATED, differences
from provenance.models import Revision
from provenance.store.log import set_state
from tests.support.records import update
from tests.support.shown import words_at
from tests.support.staff import DRAFT, address, change, last, make, make_project, row

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_history_shows_who_what_why_old_and_new(staff):
    project = make_project(title="Old title", start_date="2010", budget_amount=1, budget_currency="EUR")
    change(
        staff, project, title="New title", start_date="2010-02", start_date_planned="on",
        budget_amount="2.584.000", budget_currency="EUR", reason="Read again",
    )  # fmt: skip
    words = words_at(staff, address(Project, "history", "nexus"))
    for line in (
        "anna changed Read again",
        "Title Old title New title",
        "Start date 2010 2010-02 (planned)",
        "Total budget EUR 1.00 EUR 2,584,000.00",
    ):
        assert line in words
    assert "{" not in words


def test_history_shows_rows_inline_as_lines(staff, project):
    change(
        staff, project, **{"contributions-TOTAL_FORMS": 2, "components-0-title": "policy"},
        **row("contributions", 1, funder="european-union", instrument="ENI", amount="1000000", currency="EUR"),
    )  # fmt: skip
    words = words_at(staff, address(Project, "history", "nexus"))
    assert "European Union, European Neighbourhood Instrument (ENI), EUR 1,000,000.00" in words
    assert "Components 1. part 1 1. policy" in words


def test_history_is_newest_first_and_shows_states(staff):
    make_project(state=DRAFT)
    set_state(Project, ["nexus"], "published", user_name="bert", reason="Checked")
    set_state(Project, ["nexus"], "withdrawn", user_name="cleo")
    words = words_at(staff, address(Project, "history", "nexus"))
    assert "State draft published" in words
    assert "State published withdrawn" in words
    assert words.index("cleo withdrawn") < words.index("bert published Checked") < words.index("maker created")


def test_history_names_the_rename_that_changed_a_project(staff, project):
    change(staff, project.countries.get(), name="Republic of Moldova")
    words = words_at(staff, address(Project, "history", "nexus"))
    assert "anna changed country changed: MD" in words
    assert "Countries Moldova (MD) Republic of Moldova (MD)" in words


def test_history_leads_to_each_version_as_json(staff):
    make(Country, "AM", name="Armenia")
    page = address(Revision, "document", last("country", "AM").pk)
    assert page in staff.get(address(Country, "history", "AM")).content.decode()
    response = staff.get(page)
    assert (response.headers["Content-Type"], response.json()["name"]) == ("application/json", "Armenia")
    assert staff.get(address(Revision, "document", 999_999)).status_code == 302


def test_long_history_has_pages(staff):
    make(Organisation, "long")
    for number in range(60):
        update(Organisation, "long", name=f"Name {number}.")
    first, last_page = (words_at(staff, f"{address(Organisation, 'history', 'long')}?p={page}") for page in (1, 3))
    assert "Name 58. Name 59." in first
    assert "61 versions" in first
    assert "Name 34. Name 35." in first
    assert "Name 33. Name 34." not in first
    assert "First version" in last_page
    versions = [*Revision.objects.filter(kind="organisation", key="long").values_list("pk", flat=True)]
    for pk in (versions[24], versions[25], versions[-1]):
        where = staff.get(address(Revision, "change", pk)).url
        assert f'id="version-{pk}"' in staff.get(where).content.decode()
    for odd in ("0", "-1", "abc", "9" * 5000):
        words_at(staff, f"{address(Organisation, 'history', 'long')}?p={odd}")


def test_history_of_a_deleted_record_stays_and_is_found_from_the_revisions(staff, project):
    staff.post(address(Project, "delete", "nexus"), {"post": "yes", "reason": "Because."})
    words = words_at(staff, address(Project, "history", "nexus"))
    assert "The project “nexus” has been deleted. Its history is kept." in words
    assert "anna deleted" in words
    page = address(Revision, "change", last("project", "nexus").pk)
    assert staff.get(page).url.startswith(address(Project, "history", "nexus"))


def test_history_starts_anew_for_a_key_that_is_used_again(staff):
    for _ in range(2):
        make(Organisation, "again")
        staff.post(address(Organisation, "delete", "again"), {"post": "yes", "reason": "Because."})
    words = words_at(staff, address(Organisation, "history", "again"))
    assert words.count("First version") == 2


def test_history_of_what_never_was_leads_away(staff):
    response = staff.get(address(Project, "history", "never"), follow=True)
    assert "doesn’t exist" in response.content.decode()


def test_revision_is_shown_in_the_history_of_its_record_and_never_changed(staff):
    change(staff, make_project(title="Old title"), title="New title")
    revision = last("project", "nexus")
    where = staff.get(address(Revision, "change", revision.pk)).url
    assert "Title Old title New title" in words_at(staff, where)
    assert f'id="{where.partition("#")[2]}"' in staff.get(where).content.decode()
    for what in ("change", "delete"):
        assert staff.post(address(Revision, what, revision.pk), {"post": "yes", "reason": "X"}).status_code == 403
    assert b"delete_selected" not in staff.get(address(Revision)).content


def test_difference_of_lists_gives_only_what_came_and_went():
    old = {"objectives": ["a", "b", "c"]}
    assert differences(Project, old, {"objectives": ["a", "c", "d"]}) == [("Objectives", ["b"], ["d"])]
    assert differences(Project, old, {"objectives": ["a", "b", "c", "d"]}) == [("Objectives", ["–"], ["d"])]
    assert differences(Project, old, {"objectives": ["c", "b", "a"]}) == [
        ("Objectives", ["a", "b", "c"], ["c", "b", "a"])
    ]
    assert differences(Project, old, {"objectives": []}) == [("Objectives", ["a", "b", "c"], [UNSTATED])]


def test_difference_of_things_with_one_name_shows_their_keys():
    old, new = ({"funder": {"slug": slug, "name": "Ministry"}} for slug in ("ministry-md", "ministry-ge"))
    assert differences(Project, old, new) == [("Funder", ["Ministry (ministry-md)"], ["Ministry (ministry-ge)"])]


def test_difference_says_not_stated_yes_and_no():
    old = {"acronym": None, "is_former": False, "amount": {"amount": "0.00", "currency": "EUR"}}
    new = {"acronym": "X", "is_former": True, "amount": None}
    assert differences(Instrument, old, new) == [
        ("Acronym", [UNSTATED], ["X"]),
        ("Former", ["no"], ["yes"]),
        ("Amount", ["EUR 0.00"], [UNSTATED]),
    ]


def test_first_version_of_a_country_calls_its_code_so(staff):
    make(Country, "GE", name="Georgia")
    assert "Code GE Name Georgia" in words_at(staff, address(Country, "history", "GE"))
