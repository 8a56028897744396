"""What was public and is no longer answers 410 and says since when; what never was, 404."""

import html
from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from instruments.models import Instrument
from projects.index.follower import current_register
from projects.models import Project
from projects.published.views import KINDS
from provenance.models import Revision
from provenance.store.log import delete, set_state
from tests.support.database import queries
from tests.support.records import update
from tests.support.staff import DRAFT, WITHDRAWN, make

pytestmark = pytest.mark.django_db
DOORS = ("/projects/enigmma/", "/projects/enigmma.json", "/api/v1/projects/enigmma/")


@pytest.mark.parametrize("model", KINDS.values(), ids=KINDS)
def test_each_kind_of_record_has_its_words_for_what_is_not_there(model, client, register):
    for root, words in (
        ("", "This register has no “nothing” among its"),
        ("/fr", "Aucun « nothing » parmi les"),
    ):
        absent = client.get(root + model.path_of("nothing"))
        with override(root.strip("/") or "en"):
            assert f"{words} {str(model.heading).lower()}." in html.unescape(text_of(absent)), root
        assert absent.status_code == 404


@pytest.fixture
def at(monkeypatch):
    """A function that sets the time at which changes are recorded."""

    def set_time(*moment):
        monkeypatch.setattr("provenance.store.log._now", lambda: datetime(*moment, tzinfo=UTC))

    return set_time


def text_of(response):
    """What an answer says of its status, on a page or as a problem."""
    if response.headers["Content-Type"] == "application/problem+json":
        return response.json()["detail"]
    return response.content.decode()


def test_withdrawn_project_says_since_when(client, register, at):
    at(2026, 11, 24, 23, 59)
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="olga", reason="A secret reason")
    for door in DOORS:
        response = client.get(door)
        assert response.status_code == 410, door
        assert "This record was withdrawn on 24 November 2026." in text_of(response)
        assert "secret" not in text_of(response)
        assert "olga" not in text_of(response)
    problem = client.get(DOORS[2]).json()
    assert (problem["status"], problem["title"]) == (410, "Gone")


def test_withdrawn_project_changed_later_says_the_day_of_withdrawal(client, register, at):
    at(2026, 11, 24)
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="tester")
    at(2026, 12, 25)
    update(Project, "enigmma", title="Not for the public")
    for door in DOORS:
        assert "24 November 2026" in text_of(client.get(door))
        assert "Not for" not in text_of(client.get(door))


def test_deleted_project_is_gone(client, register, at):
    at(2026, 11, 24)
    delete(Project, ["enigmma"], user_name="tester")
    for door in DOORS:
        response = client.get(door)
        assert response.status_code == 410
        assert "24 November 2026" in text_of(response)


def test_project_deleted_after_its_withdrawal_says_the_day_of_withdrawal(client, register, at):
    at(2026, 11, 24)
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="tester")
    at(2026, 12, 25)
    delete(Project, ["enigmma"], user_name="tester")
    assert "24 November 2026" in text_of(client.get(DOORS[0]))


@pytest.mark.parametrize("end", [None, WITHDRAWN, "deleted"])
def test_draft_that_was_never_published_is_as_if_it_were_not(client, register, end):
    make(Project, "secret", state=DRAFT)
    if end == "deleted":
        delete(Project, ["secret"], user_name="tester")
    elif end:
        set_state(Project, ["secret"], end, user_name="tester")
    assert Revision.objects.filter(key="secret").exists()
    for door in DOORS:
        nobody = client.get(door.replace("enigmma", "nobody"))
        secret = client.get(door.replace("enigmma", "secret"))
        assert (secret.status_code, text_of(secret).replace("secret", "nobody")) == (404, text_of(nobody))


def test_other_kinds_say_what_they_were(client, register, at):
    at(2026, 11, 24)
    set_state(Instrument, ["AMIF"], WITHDRAWN, user_name="tester")
    for door in ("/instruments/AMIF/", "/api/v1/instruments/AMIF/"):
        response = client.get(door)
        assert response.status_code == 410
        assert "This record was withdrawn on 24 November 2026." in text_of(response)


def test_only_what_is_not_found_costs_a_query_more(client, register):
    client.get(DOORS[2])
    asked = queries(client.get, DOORS[2])
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="tester")
    current_register()  # the index has followed
    gone = queries(client.get, DOORS[2])
    assert (len(asked), len(gone)) == (1, 4)  # the version of the register; when it went, merged into what, spelled how


def test_api_describes_410_where_one_record_is(client, register):
    paths = client.get("/api/v1/schema/").json()["paths"]
    assert {path for path, verbs in paths.items() if "410" in verbs["get"]["responses"]} == {
        path for path in paths if "{key}" in path
    }
