"""What a record said before is brought back as a new Revision, its parts and claims too."""

import pytest
from django.contrib.auth.models import User
from django.utils import dateformat

from projects.models import Organisation, Project
from provenance import changing, recording
from provenance.models import Proposal, Revision

from .staff import PUBLISHED, act, address, change, last, make_frame, make_project, press, somebody, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("anna"))
    make_frame()
    return client


@pytest.fixture
def first(staff):
    """The first full Revision of a project that was changed much since."""
    change(staff, make_project(), title="Other", **{"components-0-DELETE": "on", "contributions-0-amount": "3",
        "contributions-0-currency": "EUR", "provenance-claim-content_type-object_id-0-DELETE": "on"})  # fmt: skip
    return Revision.objects.of(Project, "nexus")[1]


def page_of(revision):
    return address(Project, "bring_back", revision.key, revision.pk)


def document():
    return changing.current(Project, ["nexus"])["nexus"]


def test_revision_is_brought_back_with_parts_and_claims_after_a_look(staff, first):
    assert page_of(first) in staff.get(address(Project, "history", "nexus")).content.decode()
    before, response = document(), staff.get(page_of(first))
    assert "The nexus" in response.content.decode()
    when = dateformat.format(first.at, "j M Y, H:i T")
    assert f"Bring back what was said on {when}" in response.content.decode()
    assert document() == before
    press(staff, response, reason="It was right.")
    assert document() == recording.stated(first.document)
    assert (last("project", "nexus").reason, last("project", "nexus").user_name) == ("It was right.", "anna")
    assert Revision.objects.of(Project, "nexus").count() == 4


def test_revision_is_not_brought_back_without_a_reason_or_over_another_change(staff, first):
    response = staff.get(page_of(first))
    assert "Say why" in told(press(staff, response, reason=" "))
    change(staff, Project.objects.get(), title="Third")
    again = press(staff, response, reason="It was right.")
    assert "Please look again" in told(again)
    assert 'value="It was right."' in again.content.decode()
    assert Project.objects.get().title == "Third"


def test_revision_that_there_is_not_is_told_of_on_the_history(staff, first):
    response = staff.get(address(Project, "bring_back", "nexus", 999999), follow=True)
    assert "“nexus” has no revision 999999." in told(response)
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
    assert "Bring back" not in staff.get(address(Project, "history", "nexus")).content.decode()


def test_deleted_record_is_brought_back_as_a_draft(staff, first):
    staff.post(address(Project, "delete", "nexus"), {"post": "yes", "reason": "Because."})
    history = staff.get(address(Project, "history", "nexus")).content.decode()
    assert "The record was deleted as it stood." in history
    assert "The record itself stayed" not in history
    press(staff, staff.get(page_of(first)), reason="Deleted by mistake.")
    assert document() == recording.stated(first.document)
    assert Project.objects.get().state == "draft"


def test_revision_that_names_what_is_gone_says_so(staff, first):
    change(staff, Project.objects.get(), countries=[])
    staff.post(address(Project, "delete", "nexus-1"), {"post": "yes", "reason": "Because."})
    recording.delete(type(Project.objects.get().countries.model()), ["MD"], user_name="x")
    assert "The register has no country “MD”" in told(staff.get(page_of(first), follow=True))


def test_revision_of_another_record_or_none_leads_away(staff, first):
    make_project("other")
    assert staff.get(address(Project, "bring_back", "other", first.pk)).status_code == 302
    assert staff.get(address(Project, "bring_back", "nexus", 2**63)).status_code == 302


def test_withdraw_asks_why_first(staff):
    make_project()
    response = act(staff, Project, "withdraw", "nexus", reason="")
    assert "Why are these withdrawn?" in response.content.decode()
    assert Project.objects.get().state == PUBLISHED
    act(staff, Project, "withdraw", "nexus", reason="Not ours.")
    assert (last("project", "nexus").action, last("project", "nexus").reason) == ("withdrawn", "Not ours.")


def test_member_that_is_only_there_where_told_is_brought_back_as_it_was(staff):
    body = Organisation.objects.get(pk="iom")
    without = last("organisation", "iom")
    change(staff, body, other_identifiers="XM-1")
    told_then = last("organisation", "iom")
    for revision, expected in ((without, []), (told_then, ["XM-1"])):
        page = address(Organisation, "bring_back", "iom", revision.pk)
        press(staff, staff.get(page), reason="As it was.")
        assert Organisation.objects.get(pk="iom").other_identifiers == expected
