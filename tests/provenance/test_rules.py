"""What keeps a document from being written is found before anything is written."""

import pytest

from projects.models import Organisation, Project
from provenance.store import log, writer
from provenance.store.database import register_lock
from provenance.store.writer import check
from tests.support.database import queries
from tests.support.loops import at_least_one
from tests.support.records import in_words, write

WHO = {"user_name": "tester"}
DATE = {"precision": "year", "earliest": "", "latest": "", "planned": False}
EU = {"slug": "european-union", "name": "European Union"}
IOM = {"slug": "iom", "name": "IOM"}
PART = {"funder": EU, "instrument": None, "amount": None, "currency": None}
ROLE = {**IOM, "role": "partner", "role_as_stated": None, "component": None}
CLAIM = {
    "field": "title", "as_stated": "b", "quote": "a b", "set_aside": None, "place": None,
    "status": "adopted", "value": None, "reading": None, "language": None,
    "evidence": None, "url": None,
}  # fmt: skip

PLANTED = [  # members, words
    ({"title": "x" * 501}, "at most 500"),
    ({"slug": "other"}, "A key never changes"),
    ({"status": "nope"}, "not a valid choice"),
    ({"themes": [{"slug": "training", "name": ""}] * 2}, "one record twice"),
    ({"countries": [{"code": "MD", "name": ""}, {"code": "XX", "name": ""}]}, "no country “XX”"),
    ({"part_of": {"slug": "nothing", "title": ""}}, "no project “nothing”"),
    ({"part_of": {"slug": "nexus", "title": ""}}, "not part of itself"),
    ({"part_of": {"slug": "enigmma", "title": ""}}, "part of its own part"),
    ({"start_date": DATE | {"value": "2010-13"}}, "2010-13"),
    ({"start_date": DATE | {"value": "2015"}, "end_date": DATE | {"value": "1999"}}, "before the start"),
    ({"status": None, "status_as_of": "2012"}, "without a status"),
    ({"budget": {"amount": "-1.00", "currency": "EUR"}}, "negative"),
    ({"budget": {"amount": "5.00", "currency": "euro"}}, "at most 3"),
    ({"budget": {"amount": "5.00", "currency": "eur"}}, "urrency"),
    ({"budget": {"amount": "5.00", "currency": "EUR"}, "contributions": [PART | {"amount": "6.00", "currency": "EUR"}]},
     "more than the total"),
    ({"contributions": [PART, PART | {"funder": IOM, "amount": "1.00"}]}, "its currency"),
    ({"contributions": [PART, PART]}, "without an instrument"),
    ({"contributions": [PART | {"funder": IOM, "instrument": {"code": "ENI", "name": ""}}]},
     "is an EU instrument"),
    ({"components": [{"number": 1, "title": "a"}, {"number": 1, "title": "b"}], "organisations": []},
     "already has a component"),
    ({"components": [{"number": 0, "title": "a"}], "organisations": []}, "1"),
    ({"organisations": [ROLE, ROLE]}, "already has this role in the project"),
    ({"organisations": [ROLE | {"component": 7}]}, "no component 7"),
    ({"claims": [CLAIM | {"source": {"slug": "none", "title": ""}}]}, "no source “none”"),
]  # fmt: skip


def documents_of(model=Project):
    return writer.current(model, model.objects.values_list("pk", flat=True))


def faults_found(*arguments, **options):
    """Return the Faults that ``check`` finds."""
    faults = {}
    check(*arguments, faults, **options)
    return [fault for own in faults.values() for fault in own]


def faults_of(model, documents):
    return faults_found(model, documents, writer.current(model, documents))


def test_project_with_the_slug_of_another_page_is_refused(register):
    document = documents_of()["nexus"] | {"slug": "pictures", "claims": []}
    assert "is the address of another page" in str(faults_of(Project, {"pictures": document}))


@pytest.fixture
def enigmma_is_part_of_nexus(register):
    part = documents_of()["enigmma"]
    write(Project, {"enigmma": part | {"part_of": {"slug": "nexus", "title": ""}}}, **WHO)


@pytest.mark.parametrize(("members", "words"), PLANTED)
def test_planted_fault_is_found_and_the_database_refuses_it_too(enigmma_is_part_of_nexus, members, words):
    document = documents_of()["nexus"] | members
    broken = faults_of(Project, {"nexus": document})
    assert {fault.key for fault in broken} == {"nexus"}
    assert words in broken[0].words
    faults = {}
    assert write(Project, {"nexus": document}, faults=faults, **WHO) == 0
    assert set(in_words(faults)["nexus"]) <= {fault.words for fault in broken}


def test_documents_that_stand_have_no_fault_and_neither_have_they_as_new_ones(register):
    for model in at_least_one(log.record_models()):
        documents = documents_of(model)
        assert faults_found(model, documents, documents) == faults_found(model, documents, {}) == []


def test_checking_writes_nothing_and_asks_little_of_what_stands(register):
    document = documents_of()["nexus"]
    with register_lock():
        asked = queries(faults_found, Project, {"nexus": document | {"acronym": "N"}}, {"nexus": document})
    assert all(sql.startswith(("SELECT", "SAVEPOINT", "RELEASE")) for sql in asked)
    assert len(asked) < 25


def test_published_record_that_names_a_draft_has_a_fault_unless_that_is_published_along(register):
    write(Organisation, {"draft": documents_of(Organisation)["iom"] | {"slug": "draft", "identifier": None}}, **WHO)
    document = documents_of()["nexus"]
    document = document | {"organisations": [*document["organisations"], ROLE | {"slug": "draft", "name": ""}]}
    [fault] = faults_of(Project, {"nexus": document})
    assert "which is draft. Publish the organisation first" in fault.words
    assert faults_found(Project, {"nexus": document}, {}, hidden=["withdrawn"]) == []
    assert faults_found(Project, {"new": document | {"slug": "new"}}, {}) == []


def test_identifier_of_another_organisation_is_a_fault_also_among_what_is_new(register):
    iom = documents_of(Organisation)["iom"] | {"identifier": "XM-1"}
    new = {key: iom | {"slug": key} for key in ("one", "two")}
    [fault] = faults_found(Organisation, new, {})
    assert fault.key == "two"
    assert "Another organisation has this identifier" in fault.words
    write(Organisation, {"iom": iom}, **WHO)
    assert len(faults_found(Organisation, new, {})) == 2
    assert faults_of(Organisation, {"iom": iom}) == []
