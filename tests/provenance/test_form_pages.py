"""The forms and lists of records, and what is shown of changes, in the browser."""

import json
from collections import Counter

import pytest
from django.contrib import admin
from django.utils import timezone

from projects.models import Organisation, Project
from provenance.models import Proposal, Revision
from tests.support.browser import assert_accessible
from tests.support.loops import at_least_one
from tests.support.records import update
from tests.support.staff import address, make

ADDRESSES = [
    "/admin/projects/project/nexus/change/",
    "/admin/projects/project/add/",
    "/admin/projects/project/",
    "/admin/projects/organisation/",
    "/admin/projects/organisation/iom/change/",
    "/admin/projects/organisation/iom/merge/other/",
    "/admin/instruments/country/MD/change/",
    "/admin/instruments/delegation/add/",
]

pytestmark = [pytest.mark.usefixtures("register"), pytest.mark.one_database]


@pytest.fixture
def changes(signed_in):
    """Addresses of pages whose tables are wide and have no control: a decided proposal, and what bringing back does."""
    base, now = Revision.objects.of(Project, "nexus").first(), timezone.now()
    document = json.dumps(json.loads(base.document) | {"summary": "Another summary of some length."})
    columns = {"kind": "project", "key": "nexus", "base": base, "document": document, "user_name": "ed", "at": now}
    decided = Proposal.objects.create(outcome="declined", decided_by="pia", decided_at=now, **columns)
    update(Project, "nexus", summary="Another summary of some length.", user_name="pia")
    return [
        address(Proposal, "change", decided.pk),
        address(Project, "restore", "nexus", base.pk),
        address(Project, "history", "nexus"),
    ]


@pytest.mark.slow
def test_forms_lists_and_tables_of_changes_have_no_accessibility_finding(signed_in, changes, live_server):
    make(Organisation, "other")
    for each in (*ADDRESSES, *changes):
        signed_in.goto(live_server.url + each)
        assert_accessible(signed_in, 320, 1280)


def test_what_is_chosen_by_autocompletion_has_a_name_in_rows_added_later_too(signed_in, live_server):
    signed_in.goto(live_server.url + "/admin/projects/project/nexus/change/")
    signed_in.get_by_role("button", name="Add another contribution").click()
    box = signed_in.locator("#contributions-2").get_by_role("combobox", name="Funder")
    box.click()
    assert signed_in.get_by_role("searchbox", name="Funder").is_visible()
    signed_in.get_by_role("option", name="European Union").first.click()
    assert "European Union" in box.aria_snapshot()


@pytest.mark.slow
def test_lists_and_numbers_are_read_without_scrolling_sideways(signed_in, live_server):
    Project.objects.filter(pk="nexus").update(acronym="A" * 40, budget_amount=9_999_999_999, budget_currency="EUR")
    seen = Counter()
    for each in ("/admin/", *(address(model) for model in admin.site._registry)):
        signed_in.goto(live_server.url + each)
        for width, boxes in ((390, "#result_list, .quality"), (1280, ".results")):
            signed_in.set_viewport_size({"width": width, "height": 800})
            for box in signed_in.locator(boxes).all():
                assert box.evaluate("it => it.scrollWidth - it.clientWidth") <= 0, each
                assert box.bounding_box()["width"] <= width, each
                seen[width] += 1
    assert min(seen[390], seen[1280]) >= 8


def test_field_beside_one_with_an_error_keeps_its_distance(signed_in, live_server):
    signed_in.goto(live_server.url + "/admin/projects/project/nexus/change/")
    signed_in.locator("#id_start_date").fill("2012-13-45")
    signed_in.get_by_role("button", name="Save", exact=True).click()
    for width in (390, 1280):
        signed_in.set_viewport_size({"width": width, "height": 800})
        error = signed_in.locator(".field-start_date .errorlist").first.bounding_box()
        typed = signed_in.locator("#id_start_date").bounding_box()
        beside = signed_in.locator("#id_start_date_planned").bounding_box()
        assert error["x"] >= 0
        assert error["x"] + error["width"] <= width
        assert beside["y"] >= error["y"] + error["height"]
        assert beside["x"] - typed["x"] - typed["width"] >= 16 or beside["y"] >= typed["y"] + typed["height"]


def test_claims_fit_a_page_of_1280(signed_in, live_server):
    signed_in.set_viewport_size({"width": 1280, "height": 800})
    signed_in.goto(live_server.url + "/admin/projects/project/nexus/change/")
    for rows in at_least_one(signed_in.locator(".tabular").all()):
        assert rows.evaluate("it => it.scrollWidth - it.clientWidth") <= 0


def test_members_of_a_delegation_are_found_by_their_names(admin_client):
    asked = {"app_label": "instruments", "model_name": "delegation", "field_name": "members", "term": "adm"}
    offered = admin_client.get("/admin/autocomplete/", asked).json()["results"]
    assert [each["text"] for each in offered] == ["admin"]
