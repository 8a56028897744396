"""Two records that are one: merged with all that both had, old addresses lead on, nothing is lost."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from instruments.models import Country
from projects.models import Component, Contribution, Organisation, Participation, Project
from provenance.documents.errors import Refused
from provenance.models import Claim, Moved, Proposal, Revision
from provenance.store.log import newest
from provenance.workflow import merges
from tests.support import staff
from tests.support.records import current, merge, record, update
from tests.support.staff import faults, filled, make, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return somebody("publisher", name="merger")


def two_projects():
    """Two projects that tell of one, in part the same."""
    one = make(Project, "one", title="The project", start_date="2010", budget_amount="100", budget_currency="EUR")
    two = make(Project, "two", title="The Project II", end_date="2012", budget_amount="120", budget_currency="EUR")
    Participation.objects.create(project=one, organisation_id="iom", role="lead")
    Participation.objects.create(project=two, organisation_id="iom", role="lead")
    Participation.objects.create(project=two, organisation_id="european-union", role="partner")
    Contribution.objects.create(project=two, funder_id="european-union", instrument_id="ENI")
    for project in (one, two):
        columns = {"quote": f"{project.slug}: a b c", "source_id": "paper"}
        Claim.objects.create(record=project, field="budget", as_stated=project.slug, **columns)
    one.countries.add("MD")
    record(Project, ["one", "two"], user_name="maker")


def test_merged_project_leaves_all_it_had_to_the_one_kept(frame, user):
    two_projects()
    merge(user, Project, "one", "two")
    kept = current("one")
    assert not Project.objects.filter(pk="two").exists()
    assert kept["title"] == "The project"
    assert kept["start_date"]["value"] == "2010"
    assert kept["end_date"]["value"] == "2012"
    assert [(each["slug"], each["role"]) for each in kept["organisations"]] == [
        ("iom", "lead"), ("european-union", "partner"),
    ]  # fmt: skip
    assert [each["instrument"]["code"] for each in kept["contributions"]] == ["ENI"]
    claims = {claim["as_stated"]: claim["set_aside"] for claim in kept["claims"]}
    assert claims["one"] is None
    assert claims["two"] == "“The Project II” was merged into “The project”, and the other value adopted."
    call_command("check_register", verbosity=0)


def test_components_of_two_projects_stay_apart_unless_they_are_the_same(frame, user):
    two_projects()
    for slug, titles in (("one", ["Visas", "Borders"]), ("two", ["Asylum", "Borders"])):
        for number, title in enumerate(titles, 1):
            component = Component.objects.create(project_id=slug, number=number, title=title)
            Participation.objects.create(
                project_id=slug, organisation_id="iom", role="partner", component=component, role_as_stated=title
            )
    record(Project, ["one", "two"], user_name="maker")
    merge(user, Project, "one", "two")
    kept = current("one")
    assert [(part["number"], part["title"]) for part in kept["components"]] == [
        (1, "Visas"), (2, "Borders"), (3, "Asylum"),
    ]  # fmt: skip
    roles = {part["component"]: part["role_as_stated"] for part in kept["organisations"] if part["component"]}
    assert roles == {1: "Visas", 2: "Borders", 3: "Asylum"}


@pytest.mark.parametrize("has_another", [False, True])
def test_claim_of_a_contribution_that_was_not_taken_is_set_aside(frame, user, has_another):
    two_projects()
    Contribution.objects.filter(project="two").update(amount="7", currency="EUR")
    Contribution.objects.create(
        project_id="one", funder_id="european-union", instrument_id="ENI", amount="5", currency="EUR"
    )
    if has_another:  # what of both the claim is of, nobody can say
        Contribution.objects.create(project_id="two", funder_id="iom")
    Claim.objects.create(
        record=Project.objects.get(pk="two"), field="contributions", as_stated="7", quote="7 b c", source_id="paper"
    )
    record(Project, ["one", "two"], user_name="maker")
    merge(user, Project, "one", "two")
    kept = current("one")
    assert kept["contributions"][0]["amount"] == "5.00"
    [claim] = [claim for claim in kept["claims"] if claim["field"] == "contributions"]
    assert claim["status"] == ("earlier" if has_another else "set-aside")


def test_conflicts_are_named_and_the_other_value_can_be_taken(frame, user):
    two_projects()
    places = [part.name for part in merges.disagreements(Project, current("one"), current("two"))]
    assert places == ["title", "budget"]
    merge(user, Project, "one", "two", take=["budget"])
    kept = current("one")
    assert kept["title"] == "The project"
    assert kept["budget"]["amount"] == "120.00"
    assert {claim["as_stated"] for claim in kept["claims"] if claim["set_aside"]} == {"one"}


def test_merge_is_refused_where_one_of_them_changed_since(frame, user):
    two_projects()
    seen = {key: revision.pk for key, revision in newest(Project, ["one", "two"]).items()}
    update(Project, "two", title="New words")
    before = Revision.objects.count()
    with pytest.raises(merges.CannotMerge, match="Changed since you opened this page: two"):
        merge(user, Project, "one", "two", seen=seen)
    assert Revision.objects.count() == before
    assert Project.objects.filter(pk="two").exists()


def test_published_record_is_not_merged_into_a_draft(frame, user):
    make(Project, "one", state="draft")
    make(Project, "two")
    with pytest.raises(merges.CannotMerge, match="Publish “one” first"):
        merge(user, Project, "one", "two")


def test_old_addresses_of_a_project_lead_on(frame, user, client):
    two_projects()
    merge(user, Project, "one", "two")
    for address in ("/projects/{}/", "/fr/projects/{}/", "/projects/{}.json", "/projects/{}.xml",
                    "/api/v1/projects/{}/", "/projects/{}/history/", "/api/v1/projects/{}/?fields=slug"):  # fmt: skip
        answer = client.get(address.format("two"))
        assert (answer.status_code, answer.headers.get("Location")) == (301, address.format("one")), address
    assert client.get("/projects/nothing/").status_code == 404


@pytest.mark.parametrize("key", ["s", "history", "json", "projects"])
def test_old_address_changes_in_its_key_alone(frame, user, client, key):
    make(Project, key)
    make(Project, "son")
    merge(user, Project, "son", key)
    for address in (
        "/projects/{}/history/",
        "/fr/projects/{}/",
        "/projects/{}.json",
        "/api/v1/projects/{}/?fields=slug",
    ):
        assert client.get(address.format(key)).headers["Location"] == address.format("son")


@pytest.mark.parametrize("state", ["draft", "published"])
def test_draft_that_was_merged_is_not_told_of(frame, user, client, state):
    make(Project, "one", state=state)
    make(Project, "two", state="draft")
    merge(user, Project, "one", "two")
    answer = client.get("/projects/two/")
    assert answer.status_code == 404
    assert "/projects/one/" not in answer.content.decode()


def test_key_that_was_made_again_and_withdrawn_is_gone_itself(frame, user, client):
    make(Project, "one")
    make(Project, "two")
    merge(user, Project, "one", "two")
    make(Project, "two")
    update(Project, "two", state="withdrawn")
    assert client.get("/projects/two/").status_code == 410


def test_chain_of_merges_is_followed(frame, user, client):
    for slug in ("one", "two", "three"):
        make(Project, slug)
    merge(user, Project, "two", "three")
    merge(user, Project, "one", "two")
    assert client.get("/projects/three/").headers["Location"] == "/projects/one/"
    assert merges.merged_into(Project, "one") == ["two", "three"]


def test_key_that_is_a_record_again_leads_nowhere(frame, user, client):
    make(Project, "one")
    make(Project, "two")
    merge(user, Project, "one", "two")
    make(Project, "two")
    assert client.get("/projects/two/").status_code == 200
    merge(user, Project, "two", "one")
    assert client.get("/projects/one/").headers["Location"] == "/projects/two/"
    assert list(Moved.objects.values_list("key", "new_key")) == [("one", "two")]


def test_key_that_was_merged_is_not_given_again_by_hand(frame, user, client):
    two_projects()
    merge(user, Project, "one", "two")
    client.force_login(user)
    page = staff.address(Project, "add")
    answer = client.post(page, filled(client.get(page)) | {"slug": "two", "title": "Again"})
    assert "“two” was merged into “one”" in faults(answer)
    assert not Project.objects.filter(pk="two").exists()


def test_ring_of_moved_keys_is_no_endless_way(frame):
    Moved.objects.create(kind="project", key="a", new_key="b")
    Moved.objects.create(kind="project", key="b", new_key="a")
    Moved.objects.create(kind="project", key="c", new_key="a")
    assert set(merges.redirected_keys(Project, ["a", "c"])) == {"a", "c"}


def test_history_of_the_kept_project_tells_of_both(frame, user, client):
    two_projects()
    merge(user, Project, "one", "two")
    page = client.get("/projects/one/history/").content.decode()
    old = Revision.objects.filter(kind="project", key="two").last()
    assert f"/projects/two/history/{old.pk}/" in page
    assert client.get(f"/projects/two/history/{old.pk}/").status_code == 200


def two_organisations():
    make(Organisation, "un", name="United Nations", acronym="UN", identifier="XM-1", aliases=["ONU"])
    make(Organisation, "un-2", name="The United Nations", acronym="UNO", identifier="XM-2")
    for slug in ("one", "two"):
        project = make(Project, slug)
        Participation.objects.create(project=project, organisation_id="un-2", role="lead", role_as_stated="led by")
    Participation.objects.create(project_id="two", organisation_id="un", role="lead")
    Contribution.objects.create(project_id="one", funder_id="un-2", amount="5", currency="EUR")
    record(Project, ["one", "two"], user_name="maker")


def test_merged_organisation_leaves_its_names_and_identifiers_and_its_projects(frame, user, client):
    two_organisations()
    merge(user, Organisation, "un", "un-2")
    kept = current("un", Organisation)
    assert kept["identifier"] == "XM-1"
    assert kept["other_identifiers"] == ["XM-2"]
    assert kept["aliases"] == ["ONU", "The United Nations", "UNO"]
    assert [each["slug"] for each in current("one")["organisations"]] == ["un"]
    [lead] = current("two")["organisations"]
    assert (lead["slug"], lead["role_as_stated"]) == ("un", "led by")
    assert current("one")["contributions"][0]["funder"]["slug"] == "un"
    assert client.get("/organisations/un-2/").headers["Location"] == "/organisations/un/"
    assert client.get("/api/v1/organisations/un-2/").headers["Location"] == "/api/v1/organisations/un/"
    assert client.get("/api/v1/projects/?organisation=un-2").json()["count"] == 2
    assert client.get("/api/v1/projects/?q=UNO").json()["count"] == 2
    of_projects = "“The United Nations” was merged into “United Nations”."
    assert dict(Revision.objects.filter(user_name="merger").values_list("key", "reason")) == {
        "one": of_projects, "two": of_projects, "un-2": "Merged into “United Nations”: They are one.",
        "un": "“The United Nations” was merged into it: They are one.",
    }  # fmt: skip


def test_identifier_of_the_merged_organisation_can_be_the_one_kept(frame, user):
    two_organisations()
    merge(user, Organisation, "un", "un-2", take=["identifier", "name"])
    kept = current("un", Organisation)
    assert (kept["identifier"], kept["other_identifiers"]) == ("XM-2", ["XM-1"])
    assert kept["name"] == "The United Nations"
    assert "United Nations" in kept["aliases"]


def test_two_amounts_of_one_project_are_never_made_one(frame, user):
    two_organisations()
    Contribution.objects.create(project_id="one", funder_id="un", amount="7", currency="EUR")
    record(Project, ["one"], user_name="maker")
    with pytest.raises(merges.CannotMerge, match="one amount or two"):
        merge(user, Organisation, "un", "un-2")
    assert Organisation.objects.filter(pk="un-2").exists()


def test_european_union_is_not_merged_away(frame, user):
    make(Organisation, "eu-2")
    project = make(Project, "one")
    Contribution.objects.create(project=project, funder_id="european-union", instrument_id="ENI")
    record(Project, ["one"], user_name="maker")
    with pytest.raises(Refused, match="European Union"):
        merge(user, Organisation, "eu-2", "european-union")


def propose(key, user_name, **columns):
    base = newest(Project, [key])[key]
    columns |= {"base": base, "document": base.document, "user_name": user_name, "at": base.at}
    return Proposal.objects.create(kind="project", key=key, **columns)


def test_proposals_for_the_merged_project_are_declined_and_no_others(frame, user):
    two_projects()
    for_merged, for_kept = propose("two", "ed"), propose("one", "ed")
    decided = propose("two", "eva", outcome="accepted", decided_by="pia", decided_at=timezone.now(), comment="Good.")
    merge(user, Project, "one", "two")
    for each in (for_merged, for_kept, decided):
        each.refresh_from_db()
    assert (for_merged.outcome, for_merged.decided_by) == ("declined", "merger")
    assert for_merged.comment == "The record was merged into one. Propose it there."
    assert (for_kept.outcome, for_kept.decided_by) == ("waiting", "")
    assert (decided.outcome, decided.decided_by, decided.comment) == ("accepted", "pia", "Good.")


def test_merge_that_would_change_records_of_another_country_is_refused(frame):
    make(Country, "GE", name="Georgia")
    tied = somebody("publisher", name="tied", countries=("GE",))
    two_projects()
    make(Organisation, "twin", name="The twin")
    Participation.objects.create(project_id="one", organisation_id="twin", role="partner")
    record(Organisation, ["twin"], user_name="maker")
    record(Project, ["one"], user_name="maker")
    before = Revision.objects.count()
    with pytest.raises(
        Refused, match="You may not change this. “The project” belongs to Moldova; you write for Georgia"
    ):
        merge(tied, Organisation, "iom", "twin")
    assert Organisation.objects.filter(pk="twin").exists()
    assert Revision.objects.count() == before
