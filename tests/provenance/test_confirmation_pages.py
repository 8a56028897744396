"""Pages that ask before something is deleted or withdrawn: of what was changed since, they ask again."""

import re

import pytest

from projects.models import Project
from provenance.store.log import delete
from tests.support.staff import PUBLISHED, address, change, make_project, messages

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def hidden(response):
    """What the page that asks sends along."""
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    return {name: value for name, value in inputs if name != "csrfmiddlewaretoken"}


@pytest.mark.parametrize("action", ["delete", "delete_selected", "withdraw"])
def test_what_was_changed_since_the_page_that_asks_was_opened_is_not_deleted_or_withdrawn(staff, project, action):
    page = address(Project, "delete", "nexus") if action == "delete" else address(Project)
    sent = {"action": action, "_selected_action": "nexus"}
    asked = hidden(staff.get(page) if action == "delete" else staff.post(page, sent))
    change(staff, project, summary="Work of an hour")
    response = staff.post(page, asked | {"reason": "Recorded twice"})
    assert "“nexus” has changed since you opened this page" in messages(response)
    assert "by anna" in messages(response)
    assert 'value="Recorded twice"' in response.content.decode()
    assert (Project.objects.get().state, Project.objects.get().summary) == (PUBLISHED, "Work of an hour")
    assert staff.post(page, hidden(response) | {"reason": "Recorded twice"}).status_code == 302
    assert not Project.objects.filter(state=PUBLISHED).exists()


def test_selection_of_which_one_is_gone_meanwhile_is_not_deleted(staff, project):
    make_project("other", parts=0)
    sent = {"action": "delete_selected", "_selected_action": ["nexus", "other"]}
    asked = hidden(staff.post(address(Project), sent))
    delete(Project, ["other"], user_name="cleo")
    response = staff.post(address(Project), asked | sent | {"reason": "Because."})
    assert "Some of the selected records no longer exist." in messages(response)
    assert Project.objects.exists()


@pytest.mark.parametrize("sent", ["", "x", "9" * 5000])
def test_deletion_of_what_nobody_saw_is_refused(staff, project, sent):
    page = address(Project, "delete", "nexus")
    assert "no longer exist" in messages(staff.post(page, {"post": "yes", "reason": "Because.", "seen": sent})).lower()
    assert Project.objects.exists()
