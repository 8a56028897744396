"""What one client may cost a minute, and how it is told; counted by all processes together with CACHE_URL."""

import shutil
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.core.management import call_command
from environ import Env

from eap_funding.middleware import rate_limit
from projects import shared_cache
from projects.capacity import REQUESTS
from tests.conftest import NO_REDIS
from tests.support.database import queries

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def three_a_minute(settings, monkeypatch):
    """Three requests a minute, which take no time, and a clock that stands still twenty seconds before the next one."""
    settings.RATE_LIMIT = 3
    rate_limit.counted.clear()
    clock = {"now": 1_000_000_000 // 60 * 60 + 40.5, "worked": 0}
    stopped = SimpleNamespace(time=lambda: clock["now"], thread_time=lambda: clock["worked"])
    monkeypatch.setattr(rate_limit, "time", stopped)
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
    for address in ("/projects/", "/api/v1/projects/", "/projects.json"):
        assert not queries(client.get, address, headers={"if-none-match": "*"}), address


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
    "header", ["", ",", "unknown", "192.0.2.7:443", pytest.param("x" * 9000, id="long"), "é", "\x00"]
)
def test_malformed_forwarding_never_fails(client, db, settings, header):
    settings.BEHIND_PROXY = True
    assert client.get("/accessibility/", headers={"x-forwarded-for": header}).status_code == 200


def test_number_of_clients_that_are_counted_is_bounded(client, db, monkeypatch):
    monkeypatch.setattr(rate_limit, "MOST_CLIENTS", 2)
    for number in range(5):
        client.get("/accessibility/", REMOTE_ADDR=f"192.0.2.{number}")
        assert client.get("/accessibility/", REMOTE_ADDR="192.0.2.200").status_code == (200 if number < 3 else 429)
    assert len(rate_limit.counted) == 2


# -- What costs much --


@contextmanager
def working(clock, seconds, monkeypatch):
    """Let each answer take processor time, counted in a clock that moves while it is made."""
    respond = REQUESTS.respond

    def slowly(*arguments):
        clock["worked"] += seconds
        return respond(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(REQUESTS, "respond", slowly)
        yield


@pytest.mark.parametrize("address", ["/accessibility/", "/projects.ndjson"])
def test_answer_that_takes_long_costs_more_than_one(client, register, settings, three_a_minute, monkeypatch, address):
    settings.RATE_LIMIT = 100
    with working(three_a_minute, 0.5, monkeypatch):
        response = client.get(address)
        assert response.headers["RateLimit"] == '"public";r=99;t=20'  # known at its end
        b"".join(response)
        response.close()
    assert client.get("/accessibility/").headers["RateLimit"] == '"public";r=48;t=20'


def test_few_answers_that_take_very_long_are_enough(client, db, settings, three_a_minute, monkeypatch):
    settings.RATE_LIMIT = 100
    with working(three_a_minute, 0.6, monkeypatch):
        assert [client.get("/accessibility/").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/accessibility/", REMOTE_ADDR="192.0.2.7").status_code == 200


# -- All processes together --


class Process:
    """What one process counted, in place of what this one did."""

    def __init__(self, monkeypatch):
        self.counted, self.monkeypatch = {}, monkeypatch

    def get(self, client):
        self.monkeypatch.setattr(rate_limit, "counted", self.counted)
        return client.get("/accessibility/")


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    """The address of a running Redis."""
    if NO_REDIS:
        pytest.skip(NO_REDIS)
    path = str(tmp_path_factory.mktemp("redis") / "socket")
    options = ["--port", "0", "--save", "", "--logfile", "/dev/null", "--unixsocket", path]
    with (
        subprocess.Popen([shutil.which("redis-server"), *options]) as server,
        closing(socket.socket(socket.AF_UNIX)) as client,
    ):
        while client.connect_ex(path):
            assert server.poll() is None
            time.sleep(0.01)
        yield f"redis://{path}"
        server.terminate()


def use_cache(settings, monkeypatch, address):
    settings.CACHES = settings.CACHES | {"shared": Env.cache_url_config(address)}
    monkeypatch.setattr(shared_cache, "_asked_again", 0.0)


@pytest.fixture(params=["database", "redis"])
def shared(request, db, settings, monkeypatch):
    """A cache that all processes share, as CACHE_URL names it."""
    use_redis = request.param == "redis"
    use_cache(settings, monkeypatch, request.getfixturevalue("redis") if use_redis else "dbcache://eap_cache")
    if not use_redis:
        call_command("createcachetable", verbosity=0)
    caches["shared"].clear()


def test_processes_count_together(client, shared, monkeypatch):
    one, other = Process(monkeypatch), Process(monkeypatch)
    assert [each.get(client).status_code for each in (one, other, one, other)] == [200, 200, 200, 429]


def test_processes_tell_one_another_after_a_hundredth_of_the_limit(client, shared, settings, monkeypatch):
    settings.RATE_LIMIT = 1000
    one, other = Process(monkeypatch), Process(monkeypatch)
    for _ in range(11):
        one.get(client)
    for _ in range(10):  # not told yet, and so not asked
        response = other.get(client)
    assert response.headers["RateLimit"] == '"public";r=990;t=20'
    assert other.get(client).headers["RateLimit"] == '"public";r=978;t=20'


def test_each_process_goes_on_by_itself_while_the_shared_cache_is_away(client, db, settings, monkeypatch, caplog):
    use_cache(settings, monkeypatch, "redis://127.0.0.1:9/0")
    one = Process(monkeypatch)
    assert [one.get(client).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert caplog.text.count("The shared cache is away") == 1


def test_page_is_built_once_for_all_processes(client, register, shared):
    built = client.get("/projects/").content
    caches["default"].clear()  # as in another process
    assert not [sql for sql in queries(client.get, "/projects/") if '"provenance_revision"."document"' in sql]
    response = client.get("/projects/")
    assert (response.content, response.wsgi_request.page_cache) == (built, "hit")


def test_page_of_another_release_is_not_shown(client, register, shared, settings):
    client.get("/projects/")
    caches["default"].clear()
    settings.RELEASE_DIGEST = "another"
    assert client.get("/projects/").wsgi_request.page_cache == "miss"
