"""``/healthz`` is answered at once, and says what Django says."""

import http.client
import io
import socket
from contextlib import ExitStack, closing
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIHandler

from eap_funding import health
from eap_funding.health import healthy_at_once
from tests.bench import servers

pytestmark = pytest.mark.django_db  # Django looks after its connection at each request


@pytest.fixture
def asked():
    """A function that asks as a server does, and the number of questions that got to Django."""
    django, reached = WSGIHandler(), []

    def counted(environ, start_response):
        reached.append(environ["PATH_INFO"])
        return django(environ, start_response)

    at_once = healthy_at_once(counted)

    def ask(application=at_once, **more):
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "QUERY_STRING": "", "SERVER_NAME": "localhost",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), **more,
        }  # fmt: skip
        started = []
        response = application(environ, lambda *given: started.extend(given))
        return started[0], dict(started[1]), b"".join(response)

    ask.reached, ask.django = reached, django
    return ask


WAYS = [
    {}, {"REQUEST_METHOD": "HEAD"}, {"REQUEST_METHOD": "OPTIONS"}, {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "1"}, {"HTTP_HOST": "elsewhere.example"},
    {"HTTP_ACCEPT": "application/json"}, {"HTTP_ACCEPT_ENCODING": "br"}, {"QUERY_STRING": "x=%FF"}, {"HTTP_ACCEPT_LANGUAGE": "fr"},
    {"HTTP_ORIGIN": "https://example.org"}, {"CONTENT_LENGTH": "5"},
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_answer_is_that_of_django_each_time(asked, way):
    one = {"HTTP_X_REQUEST_ID": "one", **way}
    expected = asked(asked.django, **one)
    assert [asked(**one) for _ in range(3)] == [expected] * 3


def test_answer_is_asked_for_once(asked):
    for number in range(5):
        status, headers, body = asked(HTTP_X_REQUEST_ID=f"r{number}")
        assert (status, headers["X-Request-ID"], body) == ("200 OK", f"r{number}", b"alive\n")
    first, second = (UUID(asked()[1]["X-Request-ID"]) for _ in range(2))
    assert first != second
    assert asked.reached == ["/healthz"]


def test_ways_to_ask_that_are_kept_are_bounded(asked, monkeypatch):
    monkeypatch.setattr(health, "MOST", 2)
    for number in range(6):
        assert asked(HTTP_ACCEPT_LANGUAGE=f"x{number}")[0] == "200 OK"
    assert len(asked.reached) == 6
    asked(HTTP_ACCEPT_LANGUAGE="x0")
    assert len(asked.reached) == 6


def test_health_has_threads_of_its_own_at_a_second_address(tmp_path):
    """Whoever sends half a request to the first address keeps one of its threads."""
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        first, second = (each.getsockname() for each in (one, two))
    binds = [word for host, port in (first, second) for word in ("--bind", f"{host}:{port}")]
    with ExitStack() as clients:
        server = servers.Server(f"sqlite:///{tmp_path}/none.sqlite3", servers.ROOT, *binds)
        clients.callback(server.stop)
        server.port = second[1]
        server.wait()
        for _ in range(30):
            clients.enter_context(socket.create_connection(first)).send(b"GET /projects/ HTTP/1.1\r\nHost: loc")
        waiting = clients.enter_context(closing(http.client.HTTPConnection(*first, timeout=1)))
        waiting.request("GET", "/healthz")
        with pytest.raises(TimeoutError):
            waiting.getresponse()
        asked = clients.enter_context(closing(http.client.HTTPConnection(*second, timeout=60)))
        asked.request("GET", "/healthz")
        assert asked.getresponse().read() == b"alive\n"
