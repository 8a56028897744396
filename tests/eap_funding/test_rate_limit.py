"""How many requests a minute one client may make, and how it is told."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eap_funding.middleware import rate_limit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_a_minute(settings, monkeypatch):
    """Three requests a minute, and a clock that stands still twenty seconds before the next one."""
    settings.RATE_LIMIT = 3
    rate_limit.counted.clear()
    clock = {"now": 1_000_000_000 // 60 * 60 + 40.5}
    monkeypatch.setattr(rate_limit.time, "time", lambda: clock["now"])
    yield clock
    rate_limit.counted.clear()


@pytest.mark.parametrize("address", ["/api/v1/projects/nexus/", "/projects.json", "/projects/nexus/", "/nothing/"])
def test_client_is_told_what_is_left(client, register, address):
    for left in (2, 1, 0):
        response = client.get(address)
        b"".join(response)
        assert response.status_code in (200, 404)
        assert response.headers["RateLimit-Policy"] == '"public";q=3;w=60'
        assert response.headers["RateLimit"] == f'"public";r={left};t=20'
        assert "Retry-After" not in response.headers
    response = client.get(address)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "20"
    assert response.headers["RateLimit"] == '"public";r=0;t=20'
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


def spend(client):
    for _ in range(3):
        client.get("/accessibility/")


def test_refusal_to_programs_is_a_problem(client, register):
    spend(client)
    response = client.get("/api/v1/projects/")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 429
    assert response.json()["title"] == "Too Many Requests"


@pytest.mark.parametrize(
    ("address", "words"), [("/projects/", "Please wait a minute"), ("/fr/projects/", "Trop de requêtes")]
)
def test_refusal_to_people_is_a_page(client, register, address, words):
    spend(client)
    response = client.get(address)
    assert response.status_code == 429
    assert words in response.content.decode()


def test_refusal_asks_nothing_of_the_database(client, register):
    spend(client)
    with CaptureQueriesContext(connection) as captured:
        for address in ("/projects/", "/api/v1/projects/", "/projects.json"):
            assert client.get(address, headers={"if-none-match": "*"}).status_code == 429
    assert len(captured) == 0


def test_next_minute_begins_anew(client, register, three_a_minute):
    spend(client)
    assert client.get("/about/").status_code == 429
    three_a_minute["now"] += 20
    response = client.get("/about/")
    assert response.status_code == 200
    assert response.headers["RateLimit"] == '"public";r=2;t=60'


def test_unchanged_and_refused_count(client, register):
    known = client.get("/projects.json").headers["ETag"]
    client.get("/projects.json", headers={"if-none-match": known})
    client.post("/projects/?q=%FF")
    assert client.get("/projects.json").status_code == 429


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/static/eap_funding/icon.svg", "/admin/login/"])
def test_what_is_not_counted(client, db, address):
    spend(client)
    response = client.get(address)
    b"".join(response)
    assert response.status_code != 429
    assert "RateLimit" not in response.headers


def test_no_limit(client, db, settings):
    settings.RATE_LIMIT = 0
    for _ in range(5):
        response = client.get("/accessibility/")
    assert response.status_code == 200
    assert "RateLimit" not in response.headers


# -- Who is one client --


def test_clients_are_counted_apart(client, db):
    spend(client)
    assert client.get("/accessibility/").status_code == 429
    assert client.get("/accessibility/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_nobody_escapes_by_saying_another_address(client, db):
    spend(client)
    response = client.get("/accessibility/", headers={"x-forwarded-for": "192.0.2.7", "x-real-ip": "192.0.2.8"})
    assert response.status_code == 429


def test_behind_a_proxy_the_address_that_it_saw(client, db, settings):
    settings.BEHIND_PROXY = True
    for number in range(3):  # what stands before the last is what the client says of itself
        client.get("/accessibility/", headers={"x-forwarded-for": f"10.0.0.{number}, 192.0.2.7"})
    assert client.get("/accessibility/", headers={"x-forwarded-for": "192.0.2.7"}).status_code == 429
    assert client.get("/accessibility/", headers={"x-forwarded-for": "192.0.2.7, 192.0.2.9"}).status_code == 200


@pytest.mark.parametrize(
    ("seen", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
        pytest.param("x" * 5000, "unknown", id="long"),
        ("192.0.2.7\n", "unknown"),
        ("é", "unknown"),
    ],
)
def test_client_of_an_address(rf, seen, client):
    assert rate_limit.client_of(rf.get("/", REMOTE_ADDR=seen)) == client


@pytest.mark.parametrize(
    "said", ["", ",", "unknown", "192.0.2.7:443", pytest.param("x" * 9000, id="long"), "é", "\x00"]
)
def test_malformed_forwarding_never_fails(client, db, settings, said):
    settings.BEHIND_PROXY = True
    assert client.get("/accessibility/", headers={"x-forwarded-for": said}).status_code == 200


def test_number_of_clients_that_are_counted_is_bounded(client, db, monkeypatch):
    monkeypatch.setattr(rate_limit, "MOST_CLIENTS", 2)
    for number in range(5):
        client.get("/accessibility/", REMOTE_ADDR=f"192.0.2.{number}")
        assert client.get("/accessibility/", REMOTE_ADDR="192.0.2.200").status_code == (200 if number < 3 else 429)
    assert len(rate_limit.counted) == 2
