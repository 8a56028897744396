"""The register as it was: any past version can be rebuilt byte for byte, and what was not there is not invented."""

from datetime import timedelta

import orjson
import pytest

from instruments.models import Country
from projects.models import Organisation, Project
from projects.published.views import KINDS
from projects.search.as_of import parse
from provenance.models.revision import iso_milliseconds
from provenance.store.log import delete, set_state
from tests.conftest import REGISTER_BEGINS
from tests.support.database import queries
from tests.support.loops import at_least_one
from tests.support.records import record, update
from tests.support.shown import asked_for
from tests.support.staff import make

pytestmark = pytest.mark.django_db
WHO = {"user_name": "olga", "reason": "A secret reason"}
LISTS = ("/projects.json", *(f"/api/v1/{collection}/?page_size=100" for collection in KINDS))


@pytest.fixture
def clock(monkeypatch):
    """The time at which changes are recorded; each is a day and 1.234 seconds after the one before."""

    class Clock:
        now = REGISTER_BEGINS

        def tick(self):
            self.now += timedelta(days=1, milliseconds=1234)
            return self.now

    clock = Clock()
    monkeypatch.setattr("provenance.store.log._now", lambda: clock.now)
    return clock


@pytest.fixture
def register_in_march(clock, register):
    """The register as it came in March 2026."""
    return clock


def change(key="nexus", **columns):
    update(Project, key, **columns, **WHO)


def json_of(client, address):
    return orjson.loads(asked_for(client, address))


def refusal(client, address, status=400):
    response = client.get(address)
    assert response.status_code == status, address
    return response.json()["detail"], response.json().get("errors")


def at(moment):
    return iso_milliseconds(moment)


CHANGES = (
    lambda: change(title="Aaa, first by title", summary="", status="completed"),
    lambda: change("cmba", title="Zzz, last by title"),
    lambda: set_state(Project, ["enigmma"], "withdrawn", **WHO),
    lambda: change("enigmma", title="Unseen by the public"),
    lambda: (Organisation.objects.filter(pk="icmpd").update(name="Renamed"), record(Organisation, ["icmpd"], **WHO)),
    lambda: set_state(Project, ["enigmma"], "published", **WHO),
    lambda: delete(Project, ["nexus"], **WHO),
    lambda: (Country.objects.create(code="UA", name="Ukraine", state="published"), record(Country, ["UA"], **WHO)),
)


# -- Byte for byte --


def test_any_past_version_is_rebuilt_byte_for_byte(client, register_in_march):
    kept = {register_in_march.now: {address: results(asked_for(client, address)) for address in LISTS}}
    for change_something in CHANGES:
        register_in_march.tick()
        change_something()
        kept[register_in_march.now] = {address: results(asked_for(client, address)) for address in LISTS}
    assert len({str(version) for version in kept.values()}) == len(CHANGES)  # one was not public
    for moment, lists in at_least_one(kept.items()):
        for address, results_then in at_least_one(lists.items()):
            joined = f"{address}{'&' if '?' in address else '?'}as_of={at(moment)}"
            assert results(asked_for(client, joined)) == results_then, joined


def results(text):
    """The records of a list, byte for byte, without the address of the list around them."""
    return text[text.index(b'"results"') :]


def test_record_as_it_was_is_what_was_served(client, register_in_march):
    doors = ("/api/v1/projects/nexus/", "/projects/nexus.json")
    before, first = {door: asked_for(client, door) for door in doors}, register_in_march.now
    register_in_march.tick()
    change(title="Another")
    for door in doors:
        assert asked_for(client, f"{door}?as_of={at(first)}") == before[door]
        assert asked_for(client, f"{door}?as_of={at(register_in_march.now)}") == asked_for(client, door) != before[door]


def test_numbers_of_projects_are_those_of_the_time(client, register_in_march):
    first = at(register_in_march.now)
    register_in_march.tick()
    set_state(Project, ["enigmma"], "withdrawn", **WHO)
    assert json_of(client, "/api/v1/countries/GE/")["project_count"] == 1
    assert json_of(client, f"/api/v1/countries/GE/?as_of={first}")["project_count"] == 2
    listed = json_of(client, f"/api/v1/countries/?as_of={first}&fields=code,project_count")["results"]
    assert {"code": "GE", "project_count": 2} in listed


# -- What a time means --


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("2026-03-01", "NEXUS"),
        ("2026-03-02", "Second"),  # the end of that day
        ("2026-03-02T12:00:01Z", "Second"),  # the end of that second: what `modified` tells
        ("2026-03-02T12:00:00Z", "NEXUS"),
        ("2026-03-02T12:00", "Second"),
        ("2026-03-02T12:00:01.233Z", "NEXUS"),
        ("2026-03-02T12:00:01.234Z", "Second"),
        ("2026-03-02T12:00:01.234", "Second"),  # without an offset it is UTC
        ("2026-03-02T14:00:01.233%2B02:00", "NEXUS"),
        ("2026-03-02T14:00:01.234%2B02:00", "Second"),
        ("2026-03-02T14:00:01.234+02:00", "Second"),  # a + that was not encoded
        ("2026-03-02t07:00:01.234-05:00", "Second"),
        ("2026-11-24", "Second"),
    ],
)
def test_times_mean_their_end(client, register_in_march, given, title):
    register_in_march.tick()
    change(title="Second")
    assert json_of(client, f"/api/v1/projects/nexus/?as_of={given}")["title"] == title


def test_modified_of_a_document_finds_that_document(client, register_in_march):
    register_in_march.tick()
    change(title="Second")
    document = json_of(client, "/api/v1/projects/nexus/")
    register_in_march.tick()
    change(title="Third")
    assert json_of(client, f"/api/v1/projects/nexus/?as_of={document['modified']}") == document


@pytest.mark.parametrize(
    "given",
    [
        "x", "2026", "2026-03", "2026-02-30", "2026-13-01", "2026-03-01T25:00Z", "2026-03-01T10Z", "20260301",
        "2026-03-01T10:00:60Z", "2026-03-01T10:00.5Z", "2026-03-01 10:00Z", "2026-W10-1", "２０２６-03-01",
        "0001-01-01T00:00:00+14:00", "2026-03-01T10:00:00+99:00", "2026-03-01T10:00:00.1234567Z", "now", "47",
        "-2026-03-01", "2026-03-01T10:00:00Z" + "0" * 500,
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(client, register_in_march, given):
    for door in ("/api/v1/projects/", "/api/v1/projects/nexus/", "/projects.json", "/projects/nexus.json"):
        _detail, errors = refusal(client, f"{door}?as_of={given.replace('+', '%2B')}")
        assert "is not a date or a time. Use a form such as 2026-11-24" in errors["as_of"][0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("2999-01-01", "1 January 2999 is in the future."),
        ("9999-12-31", "31 December 9999 is in the future."),
        ("2026-02-28", "28 February 2026 is before the register began, on 1 March 2026, 12:00:00 UTC."),
        ("2026-03-01T11:59:59.999Z", "is before the register began, on 1 March 2026, 12:00:00 UTC."),
        ("0001-01-01", "is before the register began"),
    ],
)
def test_times_without_a_register_are_refused(client, register_in_march, given, words):
    for door in ("/api/v1/countries/", "/api/v1/projects/nexus/", "/projects.json"):
        _detail, errors = refusal(client, f"{door}?as_of={given}")
        assert words in errors["as_of"][0]


def test_register_without_a_past_says_so(client, db):
    _detail, errors = refusal(client, "/api/v1/projects/?as_of=2026-03-01")
    assert errors == {"as_of": ["Nothing has been published in this register yet. Leave this empty."]}


# -- With what else --


@pytest.mark.parametrize("address", ["/projects.atom", "/sources.atom", "/api/v1/", "/api/v1/changes/"])
def test_what_has_no_past_refuses_it(client, register_in_march, address):
    assert client.get(f"{address}?as_of=2026-03-01").status_code == 400


def test_page_that_has_no_past_leads_to_itself(client, register_in_march):
    assert client.get("/gaps/?as_of=2026-03-01").headers["Location"] == "/gaps/"


def test_pages_and_fields_of_a_past_list(client, register_in_march):
    first = json_of(client, "/api/v1/projects/?as_of=2026-03-01&page_size=3&fields=slug,title")
    assert first["count"] == 8
    assert [set(project) for project in first["results"]] == [{"slug", "title"}] * 3
    last = json_of(client, "/api/v1/projects/?as_of=2026-03-01&page_size=3&page=3&fields=slug")
    assert first["next"].endswith("as_of=2026-03-01&page_size=3&fields=slug%2Ctitle&page=2")
    assert (len(last["results"]), last["next"]) == (2, None)
    assert client.get("/api/v1/projects/?as_of=2026-03-01&page_size=3&page=4").status_code == 404


# -- What was not there --


def test_record_that_was_not_there_yet(client, register_in_march):
    register_in_march.tick()
    make(Project, "new", title="New")
    detail, _ = refusal(client, "/api/v1/projects/new/?as_of=2026-03-01", 404)
    assert detail == "“new” was not in the register on 1 March 2026."
    assert json_of(client, "/api/v1/projects/new/?as_of=2026-03-02")["title"] == "New"


def test_draft_shows_in_no_past(client, register_in_march):
    register_in_march.tick()
    make(Project, "draft", title="Secret title", state="draft")
    register_in_march.tick()
    detail, _ = refusal(client, "/api/v1/projects/draft/?as_of=2026-03-02", 404)
    nobody, _ = refusal(client, "/api/v1/projects/nobody/?as_of=2026-03-02", 404)
    assert detail == nobody.replace("nobody", "draft")
    assert b"Secret" not in asked_for(client, "/projects.json?as_of=2026-03-02")


def test_record_withdrawn_by_then_is_gone_and_before_it_is_there(client, register_in_march):
    register_in_march.tick()
    set_state(Project, ["enigmma"], "withdrawn", **WHO)
    detail, _ = refusal(client, "/api/v1/projects/enigmma/?as_of=2026-03-02", 410)
    assert detail == "This record was withdrawn on 2 March 2026."
    assert json_of(client, "/api/v1/projects/enigmma/?as_of=2026-03-01")["slug"] == "enigmma"


def test_unseen_changes_of_a_withdrawn_record_show_in_no_past(client, register_in_march):
    register_in_march.tick()
    Project.objects.filter(pk="enigmma").update(title="Secret title")
    set_state(Project, ["enigmma"], "withdrawn", **WHO)  # with what was not yet recorded
    for day in ("2026-03-01", "2026-03-02"):
        assert b"Secret" not in asked_for(client, f"/projects.json?as_of={day}")


# -- Cost --


def test_past_lists_take_as_many_queries_however_many_revisions_there_are(client, register_in_march):
    def number_of_queries(address):
        return len(queries(asked_for, client, address))

    pages = ("/projects/", "/countries/", "/projects/nexus/", "/countries/MD/", "/projects.csv", "/projects.ndjson")
    addresses = [f"{address}{'&' if '?' in address else '?'}as_of=2026-03-01" for address in (*LISTS, *pages)]
    for address in addresses:  # the indexes of then and now are built
        asked_for(client, address)
    few = [number_of_queries(address) for address in addresses]
    for number in range(5):
        register_in_march.tick()
        change(title=f"Title {number}")
    for address in addresses:
        asked_for(client, address)
    assert [number_of_queries(address) for address in addresses] == few


def test_moment_says_itself_in_words():
    assert parse("2026-03-01").in_words == "1 March 2026"
    assert parse("2026-03-01T05:00+02:00").in_words == "1 March 2026, 03:00:00 UTC"
    assert parse("2026-03-01T05:00:00.120Z").in_words == "1 March 2026, 05:00:00.120 UTC"


@pytest.mark.parametrize("path", ["/projects/", "/organisations/", "/countries/MD/"])
def test_page_of_the_past_says_its_version_each_time(client, register_in_march, path):
    before = client.get(path)["X-Register-Version"]
    moment = f"{register_in_march.now:%Y-%m-%dT%H:%M}"
    register_in_march.tick()
    change(title="Another title")
    assert client.get(path)["X-Register-Version"] != before
    asked = [method(f"{path}?as_of={moment}") for method in (client.get, client.get, client.head)]
    assert [response["X-Register-Version"] for response in asked] == [before] * 3
