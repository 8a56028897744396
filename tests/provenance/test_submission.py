"""Documents that are handed in: written, proposed or refused, by what their user may do."""

import pytest
from django.contrib.auth.models import User

from instruments.models import Delegation
from projects.models import Project
from provenance.documents.errors import Refused
from provenance.models import Proposal, Revision, State
from provenance.store.log import newest, set_state
from provenance.workflow import submission
from tests.support.records import current, in_words, write
from tests.support.staff import somebody

pytestmark = pytest.mark.django_db


def nexus(**changes):
    return {"nexus": current() | changes}


def test_submit_by_a_publisher_is_written(register):
    outcome = submission.submit(somebody("publisher", name="publisher"), Project, nexus(acronym="N"), reason="Seen.")
    assert (outcome.written, outcome.proposed) == (1, [])
    assert Project.objects.get(pk="nexus").acronym == "N"


def test_submit_by_an_editor_is_a_proposal_for_what_is_published_and_is_made_once(register):
    editor, before = somebody("editor", name="editor"), Revision.objects.count()
    for proposed in (["nexus"], []):
        outcome = submission.submit(editor, Project, nexus(acronym="N"), reason="Seen.")
        assert (outcome.written, outcome.proposed) == (0, proposed)
    [proposal] = Proposal.objects.all()
    assert (proposal.user_name, proposal.reason, proposal.outcome) == ("editor", "Seen.", "waiting")
    assert proposal.base == newest(Project, ["nexus"])["nexus"]
    assert Revision.objects.count() == before
    assert submission.submit(editor, Project, nexus()).proposed == []


def test_submit_by_an_editor_is_written_for_a_draft(register):
    set_state(Project, ["nexus"], State.DRAFT, user_name="x")
    assert submission.submit(somebody("editor", name="editor"), Project, nexus(acronym="N")).written == 1


def test_submit_by_a_viewer_is_refused(register):
    faults = {}
    outcome = submission.submit(somebody("viewer", name="viewer"), Project, nexus(acronym="N"), faults=faults)
    assert (outcome.written, outcome.proposed, in_words(faults)) == (
        0,
        [],
        {"nexus": ["You may not change this. Only publishers may change published records."]},
    )
    with pytest.raises(Refused):
        submission.submit(User.objects.get(username="viewer"), Project, nexus(acronym="N"))


def test_submit_moves_no_record_out_of_the_countries_of_its_user_not_by_a_proposal_either(register):
    moldova = Delegation.objects.create(name="Moldova")
    moldova.countries.set(["MD"])
    for role in ("editor", "publisher"):
        moldova.members.add(user := somebody(role, name=role))
        faults = {}
        away = nexus(countries=[{"code": "GE", "name": "Georgia"}])
        outcome = submission.submit(user, Project, away, faults=faults)
        assert (outcome.written, outcome.proposed) == (0, [])
        assert "must belong to one of your countries (MD)" in in_words(faults)["nexus"][0]
    assert not Proposal.objects.exists()


def test_submit_keeps_what_was_changed_since_and_refuses_what_conflicts(register):
    base, mine = newest(Project, ["nexus"])["nexus"].pk, nexus(acronym="M")
    write(Project, nexus(title="Theirs"), user_name="x")
    publisher = somebody("publisher", name="publisher")
    submission.submit(publisher, Project, mine, bases={"nexus": base})
    written = current()
    assert (written["title"], written["acronym"]) == ("Theirs", "M")
    faults = {}
    submission.submit(publisher, Project, nexus(title="Mine"), bases={"nexus": base}, faults=faults)
    assert in_words(faults) == {
        "nexus": ["Somebody else changed the same values: title. Please check the record and try again."]
    }
    assert current()["title"] == "Theirs"
