"""The form of a record says a document: what is typed is what is recorded, row by row, and nothing before it is due."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Participation, Project, Theme
from provenance.store.log import record_models
from tests.support.records import current
from tests.support.staff import (
    DRAFT,
    act,
    address,
    change,
    confirm,
    faults,
    filled,
    make,
    make_project,
    messages,
    press,
    row,
    sent,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WRITES = ("INSERT", "UPDATE", "DELETE")
CLAIMS = "provenance-claim-content_type-object_id"


@pytest.mark.slow
def test_form_that_nobody_touched_says_the_document_with_which_it_began(register, admin_client):
    """Of every kind, and of eight of its records: of all projects."""
    for model in record_models():
        for one in model.objects.all()[:8]:
            before = current(one.pk, model)
            answer = sent(admin_client, one)
            assert (answer.status_code, current(one.pk, model)) == (302, before)
    assert "Nothing was changed." in messages(admin_client.get(answer.url))


SUM = {"amount": "2584000.00", "currency": "EUR"}
TYPED = [
    ({"acronym": "N", "summary": "a\r\nb", "objectives": "one\r\n\r\n two "},
     {"acronym": "N", "summary": "a\nb", "objectives": ["one", "two"]}),
    ({"acronym": "\u200b"}, {"acronym": None}),
    ({"countries": [], "themes": ["asylum"]}, {"countries": [], "themes": [{"slug": "asylum", "name": "The asylum"}]}),
    ({"budget_amount": "2.584.000", "budget_currency": "eur"}, {"budget": SUM, "unattributed": SUM}),
    ({"start_date": "2012-05", "start_date_planned": "on"},
     {"start_date": {"value": "2012-05", "precision": "month", "earliest": "2012-05-01", "latest": "2012-05-31",
                     "planned": True}}),
    ({"part_of": "other"}, {"part_of": {"slug": "other", "title": "The other"}}),
    ({"contributions-0-DELETE": "on"}, {"contributions": []}),
    ({"participations-0-component": ""},
     {"organisations": [{"slug": "nexus-1", "name": "Organisation 1", "role": "partner", "role_as_stated": None,
                         "component": None},
                        {"slug": "nexus-2", "name": "Organisation 2", "role": "partner", "role_as_stated": None,
                         "component": 2}]}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "members"), TYPED)
def test_form_says_what_is_typed_and_nothing_else(staff, typed, members):
    make(Theme, "asylum")
    make_project("other", parts=0)
    make_project(parts=2)
    if "contributions-0-DELETE" in typed:
        typed = typed | {"contributions-1-DELETE": "on"}
    before = current()
    assert change(staff, Project.objects.get(pk="nexus"), **typed).status_code == 302
    assert current() == before | members


@pytest.mark.parametrize("title", ["\u200b", "\u2800 \u200e", "\u0301"])
def test_title_that_nobody_can_see_is_refused(staff, project, title):
    assert "title: This field cannot be blank." in faults(change(staff, project, title=title))


def test_claims_are_typed_and_taken_away(staff):
    project = make_project(parts=2)
    before = current()["claims"]
    change(staff, project, **row(CLAIMS, 0, place="page 3"), **row(CLAIMS, 1, DELETE="on"))
    assert current()["claims"] == [before[0] | {"place": "page 3"}]


def numbers():
    return [(one.component.number, one.component.title) for one in Participation.objects.select_related("component")]


def test_components_that_change_places_take_along_who_is_in_them(staff):
    change(staff, make_project(parts=2), **{"components-0-number": "2", "components-1-number": "1"})
    assert [one["title"] for one in current()["components"]] == ["part 2", "part 1"]
    assert numbers() == [(2, "part 1"), (1, "part 2")]


def test_component_of_another_number_and_title_keeps_who_is_in_it(staff, project):
    change(staff, project, **{"components-0-number": "7", "components-0-title": "Another"})
    assert numbers() == [(7, "Another")]


def test_funders_that_change_places_are_no_repetition(staff):
    change(staff, make_project(parts=2), **{"contributions-0-funder": "nexus-2", "contributions-1-funder": "nexus-1"})
    assert [one["funder"]["slug"] for one in current()["contributions"]] == ["nexus-2", "nexus-1"]


def test_deleted_component_says_before_it_goes_who_goes_with_it(staff):
    answer = sent(staff, make_project(parts=2), **{"components-0-DELETE": "on"})
    assert "“nexus-1: partner” is deleted with “Component 1: part 1”" in messages(answer)
    assert "Organisation 1" in answer.content.decode()
    confirm(staff, answer)
    assert numbers() == [(2, "part 2")]


def test_save_and_go_on_is_remembered_through_the_preview(staff, project):
    answer = confirm(staff, sent(staff, project, title="New", _continue="1"))
    assert answer.url == address(Project, "change", "nexus")
    answer = confirm(staff, sent(staff, Project.objects.get(), title="Newer", _addanother="1"))
    assert answer.url == address(Project, "add")
    assert current()["title"] == "Newer"


def test_what_is_confirmed_is_what_was_shown(staff, project):
    page = sent(staff, project, title="New")
    about = {"_confirmed": page.context["newest"], "reason": "x"}
    typed = page.context["typed"]
    answer = staff.post(page.request["PATH_INFO"], about | {"_typed": f"{typed}&title=", "_document": "forged"})
    assert "This field is required." in faults(answer)
    other = sent(staff, make_project("other"), title="Of another")
    carried = dict(other.context["chosen"])
    answer = staff.post(page.request["PATH_INFO"], about | {"_typed": f"{typed}&title=", **carried})
    assert "This field is required." in faults(answer)
    assert current()["title"] == "The nexus"
    press(staff, page, _typed=typed.replace("title=New", "title=Other"))
    assert current()["title"] == "New"


def test_record_is_not_saved_as_a_new_one(staff):
    assert sent(staff, make_project(state=DRAFT), _saveasnew="1").status_code == 400
    assert Project.objects.count() == 1


def test_record_is_logged_by_its_revisions_alone(staff):
    page = address(Theme, "add")
    staff.post(page, filled(staff.get(page)) | {"slug": "asylum", "name": "Asylum"})
    change(staff, Theme.objects.get(), name="Asylum and return")
    act(staff, Theme, "delete_selected", "asylum")
    assert not Theme.objects.exists()
    assert not LogEntry.objects.exists()


def test_nothing_is_written_before_a_person_confirmed(staff):
    """Neither for the preview, nor where the form is refused, nor where others changed the record meanwhile."""
    project = make_project(parts=2, budget_amount=10, budget_currency="EUR")
    page = address(Project, "change", "nexus")
    data = filled(staff.get(page)) | {"title": "New", "components-0-DELETE": "on"}
    refused = {"contributions-0-amount": "11", "contributions-0-currency": "EUR"}
    for is_stale in (False, True):
        for typed, words in ((data, "Nothing has been saved yet"), (data | refused, "more than the total budget")):
            with CaptureQueriesContext(connection) as queries:
                answer = staff.post(page, typed)
            assert is_stale or words in answer.content.decode()
            assert [query["sql"] for query in queries if query["sql"].startswith(WRITES)] == []
        change(staff, project, summary="Another")
