"""IATI files from end to end: brought, seen, confirmed, brought again after staff have edited."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from projects.models import Organisation, Project
from provenance.models import Original, Source
from tests.support.iati_files import activity, commitment, file_of, org
from tests.support.records import current, merge
from tests.support.staff import DRAFT, change, filled, make, somebody
from tests.support.uploads import confirmed, uploaded

pytestmark = pytest.mark.usefixtures("register")


def brought(user, text, name="activities.xml", **options):
    batch = uploaded(user, text.encode(), name, **options)
    assert batch.state == "read", batch.note
    return batch


def imported(user, text, *, good_only=False, **options):
    batch = confirmed(brought(user, text, **options), user, good_only=good_only)
    assert batch.state == "done", batch.note
    return batch


def shown_changes(batch):
    return {item.key: (item.verdict, [fault["what"] for fault in item.faults]) for item in batch.items.all()}


@pytest.mark.parametrize("publish", [False, True])
def test_edition_beside_what_staff_wrote_since_is_two_claims_and_a_person_decides(publisher, client, publish):
    imported(publisher, file_of(activity(title="Of the first edition")), publish=publish)
    client.force_login(publisher)
    change(client, Project.objects.get(pk="xx-1-a"), title="Of the staff")
    assert current("xx-1-a")["title"] == "Of the staff"
    batch = imported(publisher, file_of(activity(title="Of the second edition")))
    assert "Not decided" in batch.items.get(key="xx-1-a").notes[0]
    assert current("xx-1-a")["title"] == "Of the staff"
    sent = filled(client.get(reverse("admin:projects_project_change", args=["xx-1-a"])))
    claims = {sent[name]: name for name in sent if name.endswith("as_stated") and sent[name].startswith("Of ")}
    assert set(claims) >= {"Of the first edition", "Of the second edition"}
    row = claims["Of the second edition"].removesuffix("as_stated")
    assert sent[f"{row}set_aside"].startswith("Not decided")
    change(client, Project.objects.get(pk="xx-1-a"), **{"title": "Of the second edition", f"{row}set_aside": ""})
    assert current("xx-1-a")["title"] == "Of the second edition"
    [claim] = [each for each in current("xx-1-a")["claims"] if each["as_stated"] == "Of the second edition"]
    assert claim["set_aside"] is None
    imported(publisher, file_of(activity(title="Of the third edition")))  # decided as the file says: so it goes on
    assert current("xx-1-a")["title"] == "Of the third edition"


def test_export_of_the_version_that_an_import_makes_names_its_activities(publisher, client):
    inside = (
        "<description><narrative>Posts.</narrative></description>" + org("1", "XX-FUND", "A fund")
        + '<activity-status code="2"/><activity-date type="2" iso-date="2015-01-01"/><sector code="15190"/>'
    )  # fmt: skip
    imported(publisher, file_of(activity(inside=inside)), publish=True)
    text = b"".join(client.get("/projects.xml")).decode()
    assert '<related-activity ref="XX-1-A" type="5"/>' in text


def test_edition_that_changes_only_what_has_no_place_is_kept_when_confirmed(publisher, client):
    imported(publisher, file_of(activity()))
    batch = brought(publisher, file_of(activity(inside="<capital-spend percentage='5'/>")), publish=False)
    assert shown_changes(batch) == {"xx-1-a": ("same", [])}
    client.force_login(publisher)
    page = reverse("admin:imports_import_change", args=[batch.pk])
    shown = client.get(page).content.decode()
    assert "1 activity changed only in its date, or in what the register has no place for" in shown
    assert 'name="_confirm"' in shown
    before = current("xx-1-a")
    client.post(page, {"_confirm": "Confirm", "preview": "1"})
    assert ["capital-spend" in each.text for each in Original.objects.order_by("id")] == [False, True]
    assert current("xx-1-a") == before
    assert brought(publisher, file_of(activity(inside="<capital-spend percentage='5'/>"))).about["originals"] == 0


def test_what_was_left_out_is_said_by_page_and_command(publisher, client, tmp_path, capsys):
    batch = brought(publisher, file_of(activity(country="UA")))
    client.force_login(publisher)
    page = client.get(reverse("admin:imports_import_change", args=[batch.pk])).content.decode()
    (tmp_path / "a.xml").write_text(file_of(activity(country="UA")))
    call_command("import_iati", str(tmp_path / "a.xml"), user="chief")
    for text in page, capsys.readouterr().out:
        assert "0 of 1 activities concern countries AM, AZ, GE, MD; 1 left out." in text
        assert "Nothing of this file was asked for." in text
        assert "has all of it" not in text
    assert "Upload it again, with other countries" in page
    assert "0 of 1 activities" in client.get(reverse("admin:imports_import_changelist")).content.decode()


def test_command_names_what_vanished_and_what_changes(publisher, tmp_path, capsys):
    imported(publisher, file_of(activity(), *(activity(f"QQ-{number}") for number in range(102))))
    (tmp_path / "activities.xml").write_text(file_of(activity(title="A better title")))
    call_command("import_iati", str(tmp_path / "activities.xml"), user="chief")
    output = capsys.readouterr().out
    assert "changed: xx-1-a (activity XX-1-A), Title: A title → A better title" in output
    assert "vanished, and kept: QQ-0" in output
    assert output.count("vanished, and") == 100
    assert "… and 2 more" in output


def test_file_of_somebody_tied_to_countries_is_read_for_these(register):
    user = somebody("editor", countries=["MD"])
    content = file_of(activity("XX-1-A", country="MD"), activity("XX-1-B", country="GE", inside=org("4", "", "A body")))
    batch = brought(user, content)
    assert shown_changes(batch) == {"xx-1-a": ("new", [])}
    assert "countries MD; 1 left out" in batch.about["asked"]
    changes = shown_changes(brought(user, content, countries="GE"))
    assert changes["xx-1-b"] == (
        "refused",
        ["The record must belong to one of your countries (MD)."],
    )
    assert "a-body" not in changes  # nobody names it but what is refused


def test_edition_of_a_refused_activity_is_none_before(publisher):
    user = somebody("editor", countries=["MD"])
    imported(publisher, file_of(activity("XX-1-A", country="GE")))
    batch = brought(user, file_of(activity("XX-1-A", country="GE", title="Another")), countries="GE")
    confirmed(batch, user, good_only=True)
    assert Original.objects.count() == 1


def test_organisation_that_was_merged_is_found_by_what_it_was_called(publisher):
    make(Organisation, "old-fund", name="The Old Fund", identifier="XX-OLD")
    make(Organisation, "new-fund", name="The New Fund")
    merge(publisher, Organisation, "new-fund", "old-fund")
    inside = commitment("5", "XX-OLD", name="The Old Fund") + org("4", "", "The Old Fund")
    batch = brought(publisher, file_of(activity(inside=inside)))
    assert set(shown_changes(batch)) == {"xx-1-a"}
    table = "project_slug,funder_slug,instrument_code,amount,currency\nnexus,old-fund,,12.00,EUR\n"
    batch = brought(publisher, table, "contributions.csv")
    assert shown_changes(batch) == {"nexus": ("changed", [])}
    confirmed(batch, publisher)
    assert [each["funder"]["slug"] for each in current("nexus")["contributions"]] == ["new-fund"]


def test_twins_are_both_left_out_of_the_good_ones(publisher):
    imported(
        publisher,
        file_of(activity("XX-1-A") + activity("XX-1-A", title="Another") + activity("XX-1-B")),
        good_only=True,
    )
    assert not Project.objects.filter(pk="xx-1-a").exists()
    assert Project.objects.get(pk="xx-1-b").state == DRAFT
    assert Source.objects.filter(title="activities.xml").count() == 1
