"""What staff are told: which proposals wait, what a button does, what was done and what was not, and where it shows."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from imports.models import Import, ImportItem
from instruments.models import Delegation
from projects.models import Organisation, Project, Theme
from provenance.models import Proposal, Revision
from tests.support.database import queries
from tests.support.staff import (
    DRAFT,
    PUBLISHED,
    act,
    address,
    change,
    confirm,
    filled,
    make,
    make_project,
    messages,
    press,
    publish,
    somebody,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PAGE = 'href="/projects/nexus/"'


@pytest.fixture
def editor_client(staff):
    client = Client()
    client.force_login(somebody("editor"))
    return client


def after(client, response):
    """The messages that stand on the page to which an answer leads."""
    return messages(client.get(response.url))


def propose(editor, **changes):
    return change(editor, Project.objects.get(pk="nexus"), **changes)


# -- What waits --


def test_proposals_that_wait_are_told_of_with_links_where_their_record_is_worked_on(staff, project, editor_client):
    make_project("other", parts=0)
    propose(editor_client, title="Another title", reason="It was renamed")
    proposal = Proposal.objects.get()
    link = f'<a href="{address(Proposal, "change", proposal.pk)}">bert, '
    merge = address(Project, "merge", "other", "nexus")
    for what in (address(Project, "change", "nexus"), address(Project, "history", "nexus"),
                 address(Project, "delete", "nexus"), merge):  # fmt: skip
        page = staff.get(what).content.decode()
        assert link in page, what
        assert "1 proposal " in page
        assert "is waiting" in page
        assert "“Because.”" in page or "“It was renamed”" in page
    for client, what in ((editor_client, "nexus"), (staff, "other")):
        assert (link in client.get(address(Project, "change", what)).content.decode()) == (what == "nexus")


def test_proposal_that_was_decided_waits_no_more(staff, project, editor_client):
    propose(editor_client, title="Another title")
    Proposal.objects.update(outcome="declined", decided_by="anna", decided_at=Proposal.objects.get().at)
    assert "is waiting" not in staff.get(address(Project, "change", "nexus")).content.decode()


def test_form_asks_as_many_queries_for_many_proposals_as_for_one(staff, project, editor_client):
    counts = []
    for numbers in (range(1), range(1, 5)):
        for number in numbers:
            propose(editor_client, title=f"Title {number}")
        counts.append(len(queries(staff.get, address(Project, "change", "nexus"))))
    assert counts[1] <= counts[0]


# -- What a button does --


def buttons(client, page):
    return re.findall(
        r'<input type="submit" value="([^"]+)"|<input type="submit"[^>]* value="([^"]+)"',
        client.get(page).content.decode(),
    )


@pytest.mark.parametrize(
    ("role", "state", "expected"),
    [
        ("editor", PUBLISHED, {"Propose this change"}),
        ("editor", "withdrawn", {"Propose this change"}),
        ("editor", DRAFT, {"Save", "Save and continue editing", "Save and add another"}),
        ("publisher", PUBLISHED, {"Save", "Save and continue editing", "Save and add another"}),
        ("publisher", DRAFT, {"Save", "Save and continue editing", "Save and add another", "Save and publish"}),
        ("viewer", PUBLISHED, set()),
    ],
)
def test_button_says_propose_where_saving_proposes(staff, role, state, expected):
    make_project(state=state)
    staff.force_login(somebody(role))
    labels = {one or other for one, other in buttons(staff, address(Project, "change", "nexus"))}
    assert labels == expected


def test_editor_is_offered_to_propose_what_a_revision_said(staff, project, editor_client):
    change(staff, project, title="Another title")
    assert ">Propose to restore<" in editor_client.get(address(Project, "history", "nexus")).content.decode()
    assert ">Propose to restore<" not in staff.get(address(Project, "history", "nexus")).content.decode()


# -- What was done --


def test_saving_what_is_not_changed_says_so_and_records_nothing(staff, project, editor_client):
    before = Revision.objects.count()
    for client in (staff, editor_client):
        for button in ({}, {"_continue": "1"}):
            words = after(client, change(client, project, reason="No reason at all", **button))
            assert words == "Nothing was changed."
    assert (Revision.objects.count(), Proposal.objects.count()) == (before, 0)


def test_saving_what_is_not_changed_says_so_of_what_is_no_record_too(staff):
    delegation = Delegation.objects.create(name="Chisinau")
    delegation.countries.add("MD")
    page = address(Delegation, "change", delegation.pk)
    sent = filled(staff.get(page)) | {"countries": ["MD"]}
    assert after(staff, staff.post(page, sent)) == "Nothing was changed."
    assert "changed successfully" in after(staff, staff.post(page, sent | {"name": "Kyiv"}))


def test_what_was_changed_is_told_with_a_link_to_where_readers_see_it(staff, project):
    words = after(staff, change(staff, project, title="Another title"))
    assert strip_tags(words).splitlines()[-1] == "The project “Another title” was changed. See its public page."
    assert PAGE in words


def test_draft_has_no_public_page_to_lead_to_until_it_is_published(staff):
    project = make_project(state=DRAFT)
    words = after(staff, change(staff, project, title="Another title"))
    assert strip_tags(words).splitlines()[-1] == "The project “Another title” was changed."
    words = messages(publish(staff, Project.objects.get()))
    assert strip_tags(words).splitlines()[-1] == "Published: “Another title”."
    assert PAGE in words


def test_what_was_added_is_told_with_its_state(staff):
    page = address(Project, "add")
    words = after(staff, staff.post(page, filled(staff.get(page)) | {"slug": "nexus", "title": "The <nexus>"}))
    link = f'<a href="{address(Project, "change", "nexus")}">The &lt;nexus&gt;</a>'
    assert f"The project “{link}” was added as a draft." in words
    assert PAGE not in words


def test_theme_has_no_public_page(staff):
    theme = make(Theme, "asylum")
    assert strip_tags(after(staff, change(staff, theme, name="Asylum"))) == "The theme “Asylum” was changed."


def test_list_action_leads_to_what_readers_see(staff):
    make_project("nexus", state=DRAFT)
    assert f"Published: “<a {PAGE}>The nexus</a>”." in messages(act(staff, Project, "publish", "nexus"))
    words = messages(act(staff, Project, "withdraw", "nexus"))
    assert "Withdrawn: “The nexus”." in words


def test_proposal_is_told_of_with_a_link_and_not_made_twice(staff, project, editor_client):
    words = after(editor_client, propose(editor_client, title="Another title"))
    link = f'<a href="{address(Proposal, "change", Proposal.objects.get().pk)}">your proposal</a>'
    assert f"{link} now waits for a publisher" in words
    assert f"<a {PAGE}>See its public page</a>" in words
    assert f"Nothing was changed: {link} already contains this" in after(
        editor_client, propose(editor_client, title="Another title")
    )
    assert Proposal.objects.count() == 1


def test_change_beside_another_one_is_told_as_any_other(staff, project):
    page = address(Project, "change", "nexus")
    sent = filled(staff.get(page)) | {"title": "Another title"}
    change(staff, project, summary="Meanwhile")
    words = after(staff, confirm(staff, press(staff, staff.post(page, sent))))
    assert "Title: no source yet for the new value" in words
    assert strip_tags(words).endswith("The project “Another title” was changed. See its public page.")


def test_accepted_proposal_leads_to_what_readers_see(staff, project, editor_client):
    propose(editor_client, title="Another title")
    page = address(Proposal, "change", Proposal.objects.get().pk)
    seen = staff.get(page).context["now"].pk
    assert PAGE in after(staff, staff.post(page, {"decision": "accept", "place": ["title"], "seen": seen}))


def test_deletion_leads_to_the_history_that_brings_back(staff, project):
    words = after(staff, staff.post(address(Project, "delete", "nexus"), {"post": "yes", "reason": "Because."}))
    assert f'restore it from <a href="{address(Project, "history", "nexus")}">its history</a>' in words


def test_record_added_in_a_window_says_nothing_later(staff):
    page = address(Organisation, "add")
    sent = filled(staff.get(page)) | {"slug": "osce", "name": "OSCE", "_popup": "1"}
    assert staff.post(page, sent).status_code == 200
    assert Organisation.objects.filter(pk="osce").exists()
    assert messages(staff.get(address(Project))) == ""


def test_import_that_is_done_leads_to_what_readers_see(staff):
    batch = Import.objects.create(
        kind="table",
        file_name="a.csv",
        size=1,
        digest="d",
        user=User.objects.get(),
        user_name="anna",
        state="done",
        at=timezone.now(),
    )
    for number, (key, state) in enumerate([("nexus", PUBLISHED), ("hidden", DRAFT)]):
        make_project(key, parts=0, state=state)
        ImportItem.objects.create(batch=batch, number=number, kind="project", key=key, verdict="new")
    page = staff.get(address(Import, "change", batch.pk)).content.decode()
    assert f'<a href="{address(Project, "change", "hidden")}">' in page
    assert PAGE in page
    assert 'href="/projects/hidden/"' not in page
