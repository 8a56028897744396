"""Proposals: made instead of a change, seen beside what stands, decided once."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from instruments.models import Country
from projects.models import Contribution, Project
from provenance.models import Claim, Proposal, Revision, Source
from provenance.workflow import submission
from tests.support.records import current, record
from tests.support.staff import (
    DRAFT,
    PUBLISHED,
    WITHDRAWN,
    address,
    change,
    confirm,
    faults,
    filled,
    make,
    make_frame,
    make_project,
    messages,
    page_of,
    row,
    somebody,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clients(client):
    """Clients of an editor and of a publisher."""
    make_frame()
    other = type(client)()
    client.force_login(somebody("editor", name="ed"))
    other.force_login(somebody("publisher", name="pia"))
    return client, other


def decide(client, proposal, decision, **more):
    page = client.get(page_of(proposal)).context
    places = [place["name"] for place in page["places"] if not place["is_conflict"]]
    publish = page["publication"]["shown"] if page["publication"] else ""
    sent = {"decision": decision, "place": places, "seen": page["now"].pk, "publish": publish}
    return client.post(page_of(proposal), sent | more, follow=True)


def propose(client, title="New title", **changes):
    project = Project.objects.filter(pk="nexus").first() or make_project()
    change(client, project, title=title, **changes)
    return Proposal.objects.first()


def test_home_leads_to_the_proposals_of_its_user_alone(clients):
    proposal = propose(clients[0])
    assert f"user__id__exact={proposal.user_id}" in clients[0].get("/admin/").content.decode()


def title():
    return Project.objects.get(pk="nexus").title


def test_change_by_an_editor_becomes_a_proposal_and_the_record_stays(clients):
    editor, _ = clients
    project = make_project()
    before = Revision.objects.count()
    page = address(Project, "change", "nexus")
    response = editor.post(page, filled(editor.get(page)) | {"title": "New title", "reason": "Misread"})
    assert ">Propose</button>" in response.content.decode()
    assert not Proposal.objects.exists()
    confirm(editor, response)
    proposal = Proposal.objects.get()
    assert (proposal.user_name, proposal.reason, proposal.outcome) == ("ed", "Misread", "waiting")
    assert (title(), Revision.objects.count()) == (project.title, before)
    assert b"New title" in editor.get(page_of(proposal)).content
    assert "Proposal for the project “The nexus”" in editor.get(page_of(proposal)).content.decode()
    listed = editor.get(address(Proposal), {"user__id__exact": proposal.user_id})
    assert listed.context["cl"].result_count == 1
    cells = re.findall(r'<td class="field-(?:its_\w+|outcome)">(.*?)</td>', listed.content.decode())
    assert cells == ["project", "The nexus", "Waiting"]


def test_proposal_accepted_is_a_revision_in_the_name_of_who_decided(clients):
    editor, publisher = clients
    proposal = propose(editor, **{"contributions-0-amount": "5", "contributions-0-currency": "EUR"})
    decide(publisher, proposal, "accept", comment="Right.")
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.decided_by, proposal.comment) == ("accepted", "pia", "Right.")
    assert (title(), Contribution.objects.get().amount) == ("New title", 5)
    assert Revision.objects.of(Project, "nexus").first().user_name == "pia"


def test_proposal_accepted_publishes_the_draft_sources_that_support_it(clients):
    editor, publisher = clients
    make(Source, "fresh", state=DRAFT)
    prefix = "provenance-claim-content_type-object_id"
    claim = {"field": "title", "as_stated": "New", "quote": "New title", "source": "fresh"}
    proposal = propose(editor, **{f"{prefix}-TOTAL_FORMS": 2}, **row(prefix, 1, **claim))
    assert Source.objects.get(pk="fresh").state == DRAFT
    page = publisher.get(page_of(proposal)).content.decode()
    assert "New title" in page
    assert "Also published" in page
    assert f'href="{address(Source, "change", "fresh")}"' in page
    assert "have changed since you opened this page" in messages(decide(publisher, proposal, "accept", publish=""))
    assert (Source.objects.get(pk="fresh").state, title()) == (DRAFT, "The nexus")
    decide(publisher, proposal, "accept")
    assert Source.objects.get(pk="fresh").state == PUBLISHED
    assert Project.objects.get().claims.count() == 2


def test_proposal_is_declined_with_a_comment_that_its_author_reads(clients):
    editor, publisher = clients
    proposal = propose(editor)
    assert "Say why you decline it" in messages(decide(publisher, proposal, "decline"))
    decide(publisher, proposal, "decline", comment="The paper says otherwise.")
    assert "The paper says otherwise." in editor.get(page_of(proposal)).content.decode()
    assert title() == "The nexus"


def test_decision_that_is_refused_keeps_the_comment_and_what_was_chosen(clients):
    editor, publisher = clients
    make_project()
    propose(editor, summary="New words")
    proposal = Proposal.objects.get()
    page = decide(publisher, proposal, "decide", place=["title"], comment="As the paper says")
    assert "Choose whether to accept or decline" in page.content.decode()
    assert ">As the paper says</textarea>" in page.content.decode()
    assert [place["name"] for place in page.context["places"] if place["is_chosen"]] == ["title"]


def test_decision_is_kept_through_a_session_that_ended(clients):
    editor, publisher = clients
    make_project()
    propose(editor)
    proposal, page = Proposal.objects.get(), page_of(Proposal.objects.get())
    publisher.logout()
    answer = publisher.post(page, {"decision": "decline", "comment": "Not so"})
    assert "Your session ended" in answer.content.decode()
    publisher.force_login(User.objects.get(username="pia"))
    answer = publisher.post(page, {"_typed": answer.context["typed"], "_back": "1"})
    assert ">Not so</textarea>" in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.outcome == "waiting"


def test_proposal_is_taken_back_by_its_author_alone_and_decided_by_no_editor(clients):
    editor, publisher = clients
    proposal = propose(editor)
    assert decide(editor, proposal, "accept").status_code == 403
    editor.force_login(somebody("editor", name="eve"))
    assert decide(editor, proposal, "take-back").status_code == 403
    editor.force_login(User.objects.get(username="ed"))
    decide(editor, proposal, "take-back")
    proposal.refresh_from_db()
    assert proposal.outcome == "taken-back"
    late = decide(publisher, proposal, "accept", comment="As the paper says")
    assert "already been decided" in messages(late)
    assert "As the paper says" in late.content.decode()
    assert title() == "The nexus"


def test_two_proposals_are_both_kept_and_their_conflict_is_shown(clients):
    editor, publisher = clients
    first = propose(editor, title="First")
    second = propose(editor, title="Second")
    page = publisher.get(page_of(first)).content.decode()
    assert "Second" in page
    assert "Conflict:" in page
    [others] = re.findall(r'href="([^"]+)">all of them', page)
    assert publisher.get(others.replace("&amp;", "&")).context["cl"].result_count == 2
    decide(publisher, first, "accept")
    page = publisher.get(page_of(second)).content.decode()
    assert "Conflict: somebody else changed this too." in page
    assert "Choose at least one change" in messages(decide(publisher, second, "accept"))
    decide(publisher, second, "accept", place=["title"])
    assert title() == "Second"


def test_proposal_is_not_accepted_over_a_record_that_moved_on(clients):
    editor, publisher = clients
    proposal = propose(editor)
    seen = publisher.get(page_of(proposal)).context["now"].pk
    change(publisher, Project.objects.get(), title="Other")
    assert "Please check it again" in messages(decide(publisher, proposal, "accept", seen=seen, place=["title"]))
    assert title() == "Other"
    proposal.refresh_from_db()
    assert proposal.outcome == "waiting"


def test_proposal_edited_in_the_form_is_accepted_as_saved(clients):
    editor, publisher = clients
    extra = {"contributions-TOTAL_FORMS": 2, **row("contributions", 1, funder="iom", amount="7", currency="EUR")}
    proposal = propose(editor, **extra)
    page = f"{address(Project, 'change', 'nexus')}?proposal={proposal.pk}"
    data = filled(publisher.get(page))
    assert (data["title"], data["contributions-TOTAL_FORMS"]) == ("New title", "2")
    assert title() == "The nexus"
    confirm(publisher, publisher.post(page, data | {"title": "Newer title"}))
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.decided_by, title()) == ("accepted", "pia", "Newer title")
    assert Contribution.objects.filter(funder="iom", amount=7).count() == 1
    confirm(publisher, publisher.post(page, data | {"title": "Again"}))
    assert title() == "Newer title"


def test_proposal_that_leaves_the_countries_of_a_publisher_is_edited_by_them(clients):
    make(Country, "GE", name="Georgia")
    proposal, _ = proposed(countries=[{"code": "GE", "name": "Georgia"}], title="New title")
    clients[1].force_login(somebody("publisher", name="pub", countries=["MD"]))
    page = f"{address(Project, 'change', 'nexus')}?proposal={proposal.pk}"
    data = filled(clients[1].get(page))
    assert data["countries"] == ["GE"]
    confirm(clients[1], clients[1].post(page, data | {"countries": ["MD"]}))
    proposal.refresh_from_db()
    assert (proposal.outcome, title()) == ("accepted", "New title")


def test_proposals_are_neither_added_nor_changed_nor_deleted(clients):
    editor, publisher = clients
    proposal = propose(editor)
    assert publisher.get(address(Proposal, "add")).status_code == 403
    assert publisher.post(address(Proposal, "delete", proposal.pk), {"post": "yes"}).status_code == 403
    assert publisher.get(address(Proposal)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_proposal_is_decided_once_though_two_publishers_decide_at_once(client):
    make_frame()
    client.force_login(somebody("editor", name="ed"))
    proposal, both = propose(client), Barrier(2, timeout=60)
    seen = Revision.objects.of(Project, "nexus").first().pk

    def work(user):
        try:
            publisher = Client()
            publisher.force_login(user)
            both.wait()
            data = {"decision": "accept", "place": ["title"], "seen": seen}
            return publisher.post(page_of(proposal), data, follow=True).content.decode()  # contexts mix among threads
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        words = list(pool.map(work, [somebody("publisher", name=name) for name in ("pia", "paul")]))
    assert sorted("proposal was accepted" in word for word in words) == [False, True]
    assert any("already been decided" in word for word in words)
    assert Revision.objects.of(Project, "nexus").count() == 3


def proposed(**members):
    """A proposal by ed that says ``members`` of the project "nexus", and the address at which it is edited."""
    make_project()
    document = {**current(), **members}
    submission.submit(User.objects.get(username="ed"), Project, {"nexus": document})
    proposal = Proposal.objects.get()
    return proposal, f"{address(Project, 'change', 'nexus')}?proposal={proposal.pk}"


def test_proposal_in_a_form_that_is_refused_leaves_nothing_in_the_record(clients):
    funder = {"slug": "iom", "name": "International Organisation"}
    _, publisher = clients
    _, page = proposed(contributions=[{"funder": funder, "instrument": None, "amount": None, "currency": None}])
    data = filled(publisher.get(page))
    assert "required" in faults(publisher.post(page, data | {"title": ""}))
    assert [part.funder_id for part in Contribution.objects.all()] == ["nexus-1"]


def test_proposal_edited_in_the_form_publishes_the_draft_sources_that_support_it(clients):
    make(Source, "fresh", state=DRAFT)
    source = {"slug": "fresh", "title": "The fresh"}
    claim = {"field": "acronym", "as_stated": "NEW", "quote": "NEW it is", "source": source}
    proposal, page = proposed(acronym="NEW", claims=[claim])
    publisher = clients[1]
    assert confirm(publisher, publisher.post(page, filled(publisher.get(page)))).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.outcome, Project.objects.get().acronym) == ("accepted", "NEW")
    assert Source.objects.get(pk="fresh").state == PUBLISHED


def test_proposal_is_not_accepted_into_countries_of_others(clients):
    make(Country, "GE", name="Georgia")
    proposal, _ = proposed(countries=[{"code": "GE", "name": "Georgia"}])
    clients[1].force_login(somebody("publisher", name="pub", countries=["MD"]))
    assert "must belong to one of your countries (MD)" in messages(decide(clients[1], proposal, "accept"))
    proposal.refresh_from_db()
    assert (proposal.outcome, Project.objects.get().countries.get().pk) == ("waiting", "MD")


def test_proposal_of_another_kind_or_to_no_effect_is_not_settled_by_a_form(clients):
    proposal, page = proposed(acronym="NEW")
    publisher = clients[1]
    assert "This would change nothing" in faults(publisher.post(page, filled(publisher.get(page)) | {"acronym": ""}))
    Proposal.objects.update(kind="organisation")
    data = filled(publisher.get(address(Project, "change", "nexus")))
    assert "already been decided" in faults(publisher.post(page, data | {"acronym": "OLD"}))
    proposal.refresh_from_db()
    assert (proposal.outcome, Project.objects.get().acronym) == ("waiting", "")


def test_unchanged_form_of_who_may_only_propose_publishes_no_source(clients):
    make_project(state=WITHDRAWN)
    make(Source, "fresh", state=DRAFT)
    Claim.objects.update(source="fresh")
    record(Project, ["nexus"], user_name="maker")
    change(clients[0], Project.objects.get())
    assert Source.objects.get(pk="fresh").state == DRAFT
    assert not Proposal.objects.exists()


def test_author_reads_which_places_of_a_proposal_were_accepted(clients):
    editor, publisher = clients
    proposal = propose(editor, acronym="NT", summary="Proposed")
    decide(publisher, proposal, "accept", place=["title", "summary"], comment="No acronym there.")
    change(publisher, Project.objects.get(), summary="Another since")
    page = editor.get(page_of(proposal)).content.decode()
    assert "Accepted in part. No acronym there." in page
    rows = re.findall(r'<td data-label="Result">((?:not )?accepted)\s*</td>\s*<th scope="row">\s*(\w+)', page)
    assert sorted(rows) == [("accepted", "Summary"), ("accepted", "Title"), ("not accepted", "Acronym")]


def test_author_reads_what_was_changed_of_a_proposal_that_was_edited(clients):
    editor, publisher = clients
    proposal = propose(editor, acronym="NT")
    page = f"{address(Project, 'change', 'nexus')}?proposal={proposal.pk}"
    confirm(publisher, publisher.post(page, filled(publisher.get(page)) | {"acronym": "NX"}))
    page = editor.get(page_of(proposal))
    assert "Accepted with changes." in page.content.decode()
    assert page.context["left"] == {"acronym"}
