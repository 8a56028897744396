"""Records changed by their documents, as imports, proposals and revisions brought back do."""

import copy

import pytest

from projects.models import Component, Contribution, Organisation, Project, Theme
from provenance.admin.summary import attempt
from provenance.documents import conflicts
from provenance.documents.claims import claim_identity
from provenance.documents.errors import Refused
from provenance.documents.folding import composed
from provenance.models import Proposal, Revision, Source, State
from provenance.store import database, writer
from provenance.store.build import blank
from provenance.workflow.submission import submit
from tests.support.records import current, in_words, write
from tests.support.staff import make, make_frame, make_project, somebody

WHO = {"user_name": "tester"}


def test_document_with_changed_parts_is_written_children_too(register):
    document = current("enigmma")
    document["contributions"][0]["amount"] = "15000000.00"
    document["countries"].append({"code": "AM", "name": ""})
    document["components"] = [{"number": 1, "title": "one"}]
    document["claims"] = document["claims"][1:]
    assert write(Project, {"enigmma": document}, reason="Because.", **WHO) == 1
    written = current("enigmma")
    assert [part["amount"] for part in written["contributions"]] == ["15000000.00"]
    assert [country["name"] for country in written["countries"]] == ["Armenia", "Georgia"]
    assert written["components"] == document["components"]
    assert [claim_identity(claim) for claim in written["claims"]] == [
        claim_identity(claim) for claim in document["claims"]
    ]
    assert [each["as_stated"] for each in written["claims"] if each["status"] == "earlier"] == [
        "funded by the EU under the ENI for EUR 16 million"
    ]
    assert Revision.objects.of(Project, "enigmma").first().reason == "Because."


def test_records_are_called_as_they_are_now_whatever_a_document_calls_them(register):
    key = "azerbaijan-targeted-initiative"
    standing, document = current(key), current(key)
    document["acronym"] = "TI"
    for claim in document["claims"]:
        claim["source"]["title"] = "An older title"
    for member in document["organisations"]:
        member["name"] = "An older name"
    write(Project, {key: document}, reason="Because.", **WHO)
    assert current(key) == standing | {"acronym": "TI"}


def test_titles_and_other_short_texts_stand_in_one_line(register):
    document = current("enigmma")
    document |= {"title": "A title\r\nof two lines", "components": [{"number": 1, "title": "one\n and a half"}]}
    write(Project, {"enigmma": document | {"summary": "one\r\ntwo"}}, **WHO)
    written = current("enigmma")
    assert (written["title"], written["summary"]) == ("A title of two lines", "one\ntwo")
    assert written["components"] == [{"number": 1, "title": "one and a half"}]


def test_parts_and_claims_stand_in_the_order_of_the_document(db):
    make_frame()
    make_project(parts=3)
    document = current("nexus")
    document["components"][2]["title"] = "another"
    document["contributions"][1]["amount"], document["contributions"][1]["currency"] = "1.00", "EUR"
    document["organisations"].insert(0, {**document["organisations"][0], "role": "lead"})
    document["claims"].reverse()
    write(Project, {"nexus": document}, **WHO)
    written = current("nexus")
    for name in ("components", "contributions", "organisations", "claims"):
        assert written[name] == document[name], name


def test_projects_written_beside_a_refused_one_keep_their_components(db):
    make_frame()
    for slug in ("one", "two", "bad"):
        make_project(slug, parts=2)
    documents = writer.current(Project, ["one", "two", "bad"])
    new = {f"new-{slug}": document | {"slug": f"new-{slug}"} for slug, document in documents.items()}
    for document in documents.values():
        document["components"][0]["title"] = "another"
    for document in (documents["bad"], new["new-bad"]):
        document["components"][1]["number"] = 1
        document["organisations"] = []
    faults = {}
    write(Project, documents | new, faults=faults, **WHO)
    assert set(faults) == {"bad", "new-bad"}
    for slug in ("one", "two", "new-one", "new-two"):
        assert [part["component"] for part in current(slug)["organisations"]] == [1, 2], slug


def test_new_document_is_a_draft_unless_said(register):
    document = current("nexus") | {"slug": "nexus-2"}
    write(Project, {"nexus-2": document}, **WHO)
    assert Project.objects.get(pk="nexus-2").state == State.DRAFT
    write(Project, {"nexus-3": document | {"slug": "nexus-3"}}, state=State.PUBLISHED, **WHO)
    assert Project.objects.published().filter(pk="nexus-3").exists()


def test_document_that_breaks_a_rule_is_refused_and_the_others_are_written(register):
    before = current("georgia-targeted-initiative")
    good = current("nexus") | {"acronym": "N"}
    faults = {}
    documents = {"georgia-targeted-initiative": before | {"countries": [{"code": "XX", "name": ""}]}, "nexus": good}
    assert write(Project, documents, faults=faults, **WHO) == 1
    assert in_words(faults) == {"georgia-targeted-initiative": ["The register has no country “XX”."]}
    assert current("georgia-targeted-initiative") == before
    assert current("nexus")["acronym"] == "N"
    with pytest.raises(Refused, match="georgia-targeted-initiative"):
        write(Project, documents | {"nexus": good | {"acronym": "M"}}, **WHO)
    assert current("nexus")["acronym"] == "N"


def test_rule_whose_name_stands_in_the_record_is_not_taken_for_the_broken_one(register):
    document = current("nexus") | {"slug": "new", "title": "project_start_date_is_a_date", "acronym": "slug)="}
    faults = {}
    end = {"value": "1999", "precision": "year", "earliest": "", "latest": "", "planned": False}
    start = end | {"value": "2015"}
    write(Project, {"new": document | {"start_date": start, "end_date": end}}, faults=faults, **WHO)
    [message] = in_words(faults)["new"]
    assert "before the start" in message


def test_date_without_a_value_is_none(register):
    empty = {"value": "", "precision": "year", "earliest": "", "latest": "", "planned": False}
    for key in ("nexus", "new"):
        document = current("nexus") | {"slug": key, "start_date": empty, "status_as_of": ""}
        write(Project, {key: document}, **WHO)
        assert current(key)["start_date"] is current(key)["status_as_of"] is None


@pytest.fixture
def versions(register):
    base = current("enigmma")
    return base, copy.deepcopy(base), copy.deepcopy(base)


def test_changes_of_different_members_are_both_kept(versions):
    base, theirs, mine = versions
    theirs["title"], mine["acronym"] = "T", "M"
    mine["countries"] = [*mine["countries"], {"code": "AM", "name": "Armenia"}]
    theirs["countries"] = [*theirs["countries"], {"code": "AZ", "name": "Azerbaijan"}]
    theirs["unattributed"], mine["unattributed"] = (base["budget"] | {"amount": each} for each in ("1.00", "2.00"))
    merged = conflicts.merge(Project, base, theirs, mine)
    assert (merged["title"], merged["acronym"]) == ("T", "M")
    assert [country["code"] for country in merged["countries"]] == ["GE", "AZ", "AM"]
    assert not any(each.is_conflict for each in conflicts.differences(Project, base, theirs, mine))


def test_part_taken_away_by_one_and_untouched_by_the_other_goes(versions):
    base, theirs, mine = versions
    mine["contributions"] = []
    assert conflicts.merge(Project, base, theirs, mine)["contributions"] == []
    assert Contribution.objects.filter(project="enigmma").exists()  # documents alone were looked at


def test_rule_that_the_database_holds_is_told_in_the_admin_in_its_own_words(project):
    _, refused = attempt(lambda: Component.objects.create(project_id="nexus", number=1, title="another"))
    assert refused == ["The project already has a component of this number."]


@pytest.mark.parametrize("quote", ["a\\.\n\t\\N", "a e\u0301", "x\\x1e"])
def test_words_of_a_claim_come_back_to_the_letter(register, quote):
    document = current("nexus")
    claim = document["claims"][0] | {"as_stated": quote[:1], "quote": quote}
    write(Project, {"nexus": document | {"claims": [claim, *document["claims"]]}}, **WHO)
    assert claim_identity(composed(claim)) in map(claim_identity, current("nexus")["claims"])


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ({"as_stated": ""}, "cannot be blank"),
        ({"as_stated": "x" * 2001, "quote": "x" * 2001}, "at most 2000"),
        ({"place": "p" * 301}, "at most 300"),
        ({"field": "nope"}, "A source cannot state “nope” here. Choose one of: "),
        ({"field": "nope", "as_stated": "3", "quote": "3 years"}, "A source cannot state"),
        ({"language": "nope"}, "“nope” is not a language"),
        ({"source": {"slug": "none", "title": ""}}, "The register has no source “none”"),
    ],
)
def test_claim_that_breaks_a_rule_is_refused_in_words(register, members, what):
    document, faults = current("nexus"), {}
    claims = [document["claims"][0] | members, *document["claims"][1:]]
    write(Project, {"nexus": document | {"claims": claims}}, faults=faults, **WHO)
    assert what in " ".join(in_words(faults)["nexus"])
    assert current("nexus") == document


@pytest.mark.parametrize("odd", ["", "\x1d", "a\x1db", "a\x1eb", "a\x1fb", r"\x1e\N"])
def test_texts_that_need_an_escape_are_kept(db, odd):
    text = f"{odd}back\\slash \\N \ttab\nline\r\nreturn “quote\" ' NULL"
    rows = [("odd", text, "draft", "", ""), ("other", odd or "x", "draft", "", "")]
    database.write(Theme, ("slug", "name", "state", "sort_key", "search_text"), rows)
    assert dict(Theme.objects.values_list("slug", "name")) == {"odd": text, "other": odd or "x"}


def test_claims_of_a_record_of_another_kind_with_the_same_key_stay(register):
    namesake = make(Organisation, "nexus")
    namesake.claims.create(field="name", as_stated="The nexus", quote="The nexus", source=Source.objects.first())
    write(Project, {"nexus": current("nexus") | {"acronym": "NX"}}, **WHO)
    assert namesake.claims.exists()


def test_nothing_that_is_refused_is_proposed(register):
    iom, icmpd = ({key: current(key, Organisation) | {"identifier": "XM-1"}} for key in ("iom", "icmpd"))
    write(Organisation, iom, **WHO)
    faults, editor = {}, somebody("editor", name="editor")
    assert submit(editor, Organisation, icmpd, faults=faults).proposed == []
    assert (list(faults), Proposal.objects.count()) == (["icmpd"], 0)


def test_published_record_names_no_draft_that_comes_with_it(register):
    faults, nexus = {}, current("nexus") | {"part_of": {"slug": "whole", "title": "Whole"}}
    documents = {"nexus": nexus, "whole": blank(Project, "whole") | {"title": "Whole"}}
    submit("tester", Project, documents, faults=faults)
    assert "names the project “whole”, which is draft" in " ".join(in_words(faults)["nexus"])
    assert Project.objects.get(pk="whole").state == "draft"
