"""Who has no place is told to come back; who is quick waits a moment; health needs none."""

import gc
import threading
from contextlib import ExitStack

import pytest

from projects import capacity
from projects.capacity import Busy, Places
from projects.index.version import register_version
from projects.models import Project
from tests.support.records import update

pytestmark = pytest.mark.django_db


@pytest.fixture
def full():
    """All places are taken, and none has come free for long."""
    with ExitStack() as held:
        for taken in (capacity.REQUESTS, capacity.FILES):
            for _ in range(taken._free):
                held.enter_context(taken.held())
            taken._changed_at -= 10
        yield


def test_who_has_no_place_is_told_to_come_back(client, register, full):
    for address, kind in (
        ("/projects/", "text/html"), ("/api/v1/projects/", "application/problem+json"), ("/admin/login/", "text/html"),
        ("/fr/projects/", "text/html"), ("/projects.csv", "application/problem+json"),
    ):  # fmt: skip
        response = client.get(address)
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert response.headers["Cache-Control"] in ("no-store", "private, no-cache")
        assert response.headers["Content-Type"].startswith(kind)
        assert "ETag" not in response.headers
        words = "très sollicité" if "/fr/" in address else "very busy"
        assert words in response.content.decode()


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_needs_no_place(client, full, address):
    assert client.get(address).status_code == 200


def test_place_is_free_again_after_the_answer(client, register):
    free = capacity.REQUESTS._free, capacity.FILES._free
    for address in ("/projects/", "/projects.csv", "/nothing/", "/projects.csv?country=XX", "/projects.csv?page=9"):
        b"".join(client.get(address))
        b"".join(client.head(address))
        assert (capacity.REQUESTS._free, capacity.FILES._free) == free, address


def test_file_holds_its_place_until_it_is_read(client, register):
    free = capacity.FILES._free
    response = client.get("/projects.ndjson")
    assert capacity.FILES._free == free - 1
    b"".join(response)
    assert capacity.FILES._free == free


def test_file_that_is_dropped_unread_gives_its_place_back(client, register):
    free = capacity.FILES._free
    client.get("/projects.ndjson")
    gc.collect()
    assert capacity.FILES._free == free


def test_third_file_at_once_is_told_to_come_back_and_pages_are_not(client, register):
    first, second = client.get("/projects.ndjson"), client.get("/projects.csv")
    capacity.FILES._changed_at -= 10
    refused = client.get("/projects.xlsx")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get("/projects/").status_code == 200
    b"".join(first)
    assert b"".join(client.get("/projects.xlsx"))
    b"".join(second)


def test_past_that_is_being_built_for_long_is_told_and_now_is_answered(client, register):
    then = register_version().at.isoformat()
    update(Project, "nexus", acronym="N")
    asked = {"as_of": then}
    with capacity.BUILDS.held():
        capacity.BUILDS._changed_at -= 10
        for address in ("/projects/", "/api/v1/projects/", "/projects.csv", "/api/v1/stats/"):
            response = client.get(address, asked)
            assert response.status_code == 503, address
            assert int(response.headers["Retry-After"]) > 0
            assert b"".join(client.get(address))
    assert client.get("/api/v1/projects/", asked).json()["count"] == 8
    with capacity.BUILDS.held():
        capacity.BUILDS._changed_at -= 10
        assert client.get("/api/v1/projects/", asked).status_code == 200  # it is built


def test_who_comes_a_moment_too_early_waits_for_the_place():
    one, came = Places(1, patience=600), []

    def take():
        with one.held():
            came.append(True)

    with one.held():
        waiting = threading.Thread(target=take)
        waiting.start()
        assert came == []
    waiting.join(timeout=60)
    assert came == [True]


def test_place_of_an_answer_that_failed_is_free():
    one = Places(1, patience=0)
    with pytest.raises(ZeroDivisionError), one.held():
        raise ZeroDivisionError
    with one.held(), pytest.raises(Busy), one.held():
        pass
    with one.held():
        pass


def test_server_has_more_threads_than_places(settings):
    import runpy

    server = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))
    assert server["threads"] >= capacity.REQUESTS._free + 4
