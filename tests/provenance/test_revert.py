"""What a record said before is brought back as a new Revision, its parts and claims too."""

import html
import re

import pytest
from django.contrib.auth.models import User
from django.utils import dateformat
from django.utils.html import strip_tags

from instruments.models import Country
from projects.models import Organisation, Project
from projects.quality.merges import MERGE_RULES
from provenance.models import Moved, Proposal, Revision, Source
from provenance.store import log
from provenance.store.integrity import check_register
from provenance.workflow import merges
from tests.support.records import current, record
from tests.support.staff import (
    PUBLISHED,
    act,
    address,
    change,
    last,
    make,
    make_project,
    messages,
    press,
    somebody,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(project):
    """The first full Revision of a project that was changed much since."""
    Project.objects.update(title="Other")
    project.components.all().delete()
    project.contributions.update(amount=3, currency="EUR")
    project.claims.all().delete()
    record(Project, ["nexus"], user_name="anna", reason="Because.")
    return Revision.objects.of(Project, "nexus")[1]


def page_of(revision):
    return address(Project, "restore", revision.key, revision.pk)


def test_revision_is_brought_back_with_parts_and_claims_after_a_look(staff, first):
    assert page_of(first) in staff.get(address(Project, "history", "nexus")).content.decode()
    before, response = current(), staff.get(page_of(first))
    assert "The nexus" in response.content.decode()
    when = dateformat.format(first.at, "j M Y, H:i T")
    assert f"Restore the version of {when}" in response.content.decode()
    assert current() == before
    press(staff, response, reason="It was right.")
    assert current() == log.document_of(first)
    assert (last("project", "nexus").reason, last("project", "nexus").user_name) == ("It was right.", "anna")
    assert Revision.objects.of(Project, "nexus").count() == 4


def test_revision_is_not_brought_back_without_a_reason_or_over_another_change(staff, first):
    response = staff.get(page_of(first))
    assert re.search(
        "Nothing was changed.*Please give a reason", messages(press(staff, response, reason=" ")), re.DOTALL
    )
    change(staff, Project.objects.get(), title="Third")
    again = press(staff, response, reason="It was right.")
    assert "Please check it again" in messages(again)
    assert 'value="It was right."' in again.content.decode()
    assert Project.objects.get().title == "Third"


def test_revision_that_there_is_not_is_told_of_on_the_history(staff, first):
    response = staff.get(address(Project, "restore", "nexus", 999999), follow=True)
    assert "“nexus” has no version 999999." in messages(response)
    assert "History" in response.context["title"]


def test_revision_is_proposed_by_an_editor(staff, first):
    staff.force_login(somebody("editor"))
    response = staff.get(page_of(first))
    assert ">Propose</button>" in response.content.decode()
    press(staff, response, reason="It was right.")
    assert Project.objects.get().title == "Other"
    assert Proposal.objects.get().reason == "It was right."


def test_revision_is_brought_back_by_nobody_who_may_only_look(staff, first):
    staff.force_login(somebody("viewer"))
    assert staff.get(page_of(first)).status_code == 403
    assert "Restore" not in staff.get(address(Project, "history", "nexus")).content.decode()


def test_deleted_record_is_brought_back_as_a_draft(staff, first):
    staff.post(address(Project, "delete", "nexus"), {"post": "yes", "reason": "Because."})
    history = staff.get(address(Project, "history", "nexus")).content.decode()
    assert "The record was deleted." in history
    assert "No values changed" not in history
    press(staff, staff.get(page_of(first)), reason="Deleted by mistake.")
    assert current() == log.document_of(first)
    assert Project.objects.get().state == "draft"


def deleted(staff, model=Project, key="nexus"):
    staff.post(address(model, "delete", key), {"post": "yes", "reason": "Because."})
    return last(model._meta.model_name, key)


def test_page_of_a_deleted_record_leads_to_its_history_which_offers_to_bring_it_back(staff, first):
    gone = deleted(staff)
    page = staff.get(address(Project, "change", "nexus"), follow=True)
    assert f'<a class="button" href="{page_of(gone)}">Restore</a>' in page.content.decode()
    assert "was deleted by anna" in messages(page)
    look = staff.get(page_of(gone)).content.decode()
    assert "The record has been deleted. You can restore it as a draft, or as published." in look
    response = press(staff, staff.get(page_of(gone)), reason="Deleted by mistake.")
    assert strip_tags(messages(staff.get(response.url))) == "The project “Other” was restored as a draft."


def test_deleted_records_are_found_from_the_list_of_their_kind(staff, first):
    deleted(staff)
    (where,) = re.findall(r'href="([^"]+)">Deleted projects<', staff.get(address(Project)).content.decode())
    listed = staff.get(html.unescape(where))
    assert [revision.key for revision in listed.context["cl"].result_list] == ["nexus"]
    assert ">Other</td>" in listed.content.decode()


def test_record_that_was_brought_back_is_not_among_the_deleted_ones_any_more(staff, first):
    listed = f"{address(Revision)}?kind=project&action=gone"
    gone = deleted(staff)
    assert gone in staff.get(listed).context["cl"].result_list
    press(staff, staff.get(page_of(gone)), reason="Deleted by mistake.")
    assert not staff.get(listed).context["cl"].result_list
    again = deleted(staff)
    assert list(staff.get(listed).context["cl"].result_list) == [again]


def test_history_of_what_is_gone_offers_to_bring_it_back_to_whoever_may(staff, first):
    gone = deleted(staff)
    way, page = f'<a class="button" href="{page_of(gone)}">Restore</a>', address(Project, "history", "nexus")
    assert way in staff.get(page).content.decode()
    for role, is_offered in (("editor", True), ("viewer", False), ("administrator", False)):
        staff.force_login(somebody(role, name=role))
        text = staff.get(page).content.decode()
        assert (way in text) == is_offered, role
    staff.force_login(User.objects.get(username="anna"))
    press(staff, staff.get(page_of(gone)), reason="Deleted by mistake.")
    assert way not in staff.get(page).content.decode()


@pytest.mark.parametrize(("role", "is_offered"), [("publisher", True), ("editor", False)])
def test_published_record_comes_back_published_by_who_may_publish(staff, first, role, is_offered):
    page = page_of(deleted(staff))
    staff.force_login(somebody(role))
    response = staff.get(page)
    assert ('name="as_it_was"' in response.content.decode()) == is_offered
    response = press(staff, response, reason="Deleted by mistake.", as_it_was="on")
    assert Project.objects.get().state == ("published" if is_offered else "draft")
    assert ('href="/projects/nexus/"' in messages(staff.get(response.url))) == is_offered
    assert staff.get("/projects/nexus/").status_code == (200 if is_offered else 410)


def test_withdrawn_record_comes_back_withdrawn_or_as_a_draft(staff):
    make_project(state="withdrawn")
    press(staff, staff.get(page_of(deleted(staff))), reason="Deleted by mistake.", as_it_was="on")
    assert Project.objects.get().state == "withdrawn"


def test_deleted_draft_comes_back_as_a_draft_and_nothing_else(staff):
    make_project(state="draft")
    response = staff.get(page_of(deleted(staff)))
    assert 'name="as_it_was"' not in response.content.decode()
    press(staff, response, reason="Deleted by mistake.", as_it_was="on")
    assert Project.objects.get().state == "draft"


def test_what_cannot_be_published_as_it_was_says_why_and_keeps_what_was_typed(staff, project):
    gone = deleted(staff)
    for model, key in ((Organisation, "nexus-1"), (Source, "nexus-1")):
        act(staff, model, "withdraw", key)
    response = press(staff, staff.get(page_of(gone)), reason="Deleted by mistake.", as_it_was="on")
    assert "names the organisation “nexus-1”, which is withdrawn" in messages(response)
    assert 'value="Deleted by mistake."' in response.content.decode()
    assert 'id="id_as_it_was" checked' in response.content.decode()
    assert not Project.objects.exists()


@pytest.mark.parametrize(("role", "countries"), [("viewer", ()), ("administrator", ()), ("editor", ["GE"])])
def test_deleted_record_is_brought_back_by_nobody_who_may_not_add_it(staff, first, role, countries):
    page, newest = page_of(deleted(staff)), last("project", "nexus").pk
    make(Country, "GE", name="Georgia")
    staff.force_login(somebody(role, countries=countries))
    response = staff.post(page, {"_confirmed": newest, "reason": "I want it."}, follow=True)
    assert response.status_code == 403 or "must belong to one of your countries (GE)" in messages(response)
    assert not Project.objects.exists()


def test_key_that_another_record_took_is_not_taken_from_it(staff, first):
    response = staff.get(page_of(deleted(staff)))
    make(Project, "nexus", title="Another undertaking")
    refused = staff.get(press(staff, response, reason="Deleted by mistake.").url)
    assert "Please check it again" in messages(refused)
    log.delete(Country, ["MD"], user_name="x")  # what is wrong besides does not hide it
    for revision in (first, Revision.objects.of(Project, "nexus").filter(action="deleted").get()):
        words = messages(staff.get(page_of(revision), follow=True))
        assert "“nexus” was deleted, and a new record has used this key since" in words
        sent = {"_confirmed": last("project", "nexus").pk, "reason": "Deleted by mistake."}
        assert "new record has used this key since" in messages(staff.post(page_of(revision), sent, follow=True))
    assert Project.objects.get().title == "Another undertaking"


def test_identifier_that_another_organisation_took_is_told_of(staff):
    change(staff, Organisation.objects.get(pk="iom"), identifier="XM-1")
    gone = deleted(staff, Organisation, "iom")
    make(Organisation, "other", identifier="XM-1")
    words = messages(staff.get(address(Organisation, "restore", "iom", gone.pk), follow=True))
    assert "Another organisation has this identifier. Merge them, or correct it." in words


@pytest.fixture
def merged(staff, project):
    """The last Revision of a project that was merged into another one, which is public."""
    make_project("other", parts=0)
    seen = {key: last("project", key).pk for key in ("nexus", "other")}
    user = User.objects.get(username="anna")
    merges.merge(user, Project, "other", "nexus", seen=seen, reason="Twice", rules=MERGE_RULES[Project])
    return last("project", "nexus")


def test_merged_record_that_is_brought_back_has_its_address_again(staff, merged):
    assert staff.get("/projects/nexus/").headers["Location"].endswith("/projects/other/")
    response = staff.get(page_of(merged))
    assert "It was merged into" in response.content.decode()
    press(staff, response, reason="They are two.", as_it_was="on")
    assert staff.get("/projects/nexus/").status_code == 200
    assert staff.get("/api/v1/projects/nexus/").status_code == 200
    assert Project.objects.filter(pk="other").exists()
    assert not Moved.objects.exists()
    assert list(check_register()) == []


def test_merged_record_is_brought_back_by_nobody_who_may_not_merge(staff, merged):
    staff.force_login(somebody("editor"))
    for response in (
        staff.get(page_of(merged), follow=True),
        staff.post(page_of(merged), {"_confirmed": merged.pk, "reason": "They are two."}, follow=True),
    ):
        assert "It was merged into “other”. Only users who may merge" in messages(response)
    assert (Project.objects.count(), Moved.objects.count()) == (1, 1)


def test_revision_that_names_what_is_gone_says_so(staff, first):
    change(staff, Project.objects.get(), countries=[])
    staff.post(address(Project, "delete", "nexus-1"), {"post": "yes", "reason": "Because."})
    log.delete(type(Project.objects.get().countries.model()), ["MD"], user_name="x")
    assert "The register has no country “MD”" in messages(staff.get(page_of(first), follow=True))


def test_revision_of_another_record_or_none_leads_away(staff, first):
    make_project("other")
    assert staff.get(address(Project, "restore", "other", first.pk)).status_code == 302
    assert staff.get(address(Project, "restore", "nexus", 2**63)).status_code == 302


def test_withdraw_asks_why_first(staff, project):
    response = act(staff, Project, "withdraw", "nexus", reason="")
    assert "Withdraw this project?" in response.content.decode()
    assert Project.objects.get().state == PUBLISHED
    act(staff, Project, "withdraw", "nexus", reason="Not ours.")
    assert (last("project", "nexus").action, last("project", "nexus").reason) == ("withdrawn", "Not ours.")


def test_member_that_is_only_there_where_told_is_brought_back_as_it_was(staff):
    body = Organisation.objects.get(pk="iom")
    without = last("organisation", "iom")
    change(staff, body, other_identifiers="XM-1")
    told_then = last("organisation", "iom")
    for revision, expected in ((without, []), (told_then, ["XM-1"])):
        page = address(Organisation, "restore", "iom", revision.pk)
        press(staff, staff.get(page), reason="As it was.")
        assert Organisation.objects.get(pk="iom").other_identifiers == expected
