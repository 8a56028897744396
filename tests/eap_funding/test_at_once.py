"""Health and documents of the API are answered at once, and say what Django says, byte for byte."""

import http.client
import io
import json
import socket
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signing import TimestampSigner
from django.db import OperationalError, connection

from eap_funding import at_once as before_django
from eap_funding.at_once import at_once
from eap_funding.middleware import rate_limit
from operations import metrics
from projects import capacity
from projects.index import documents
from projects.models import Project
from provenance.store.log import set_state
from tests.bench import servers
from tests.support.database import queries
from tests.support.records import update

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch):
    """A function that asks as a server does, and the addresses of the questions that got to Django."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)  # it is in the test's transaction
    now = TimestampSigner().timestamp()
    monkeypatch.setattr(TimestampSigner, "timestamp", lambda signer: now)  # of cursors
    django, reached = WSGIHandler(), []

    def counted(environ, start_response):
        reached.append(environ["PATH_INFO"])
        return django(environ, start_response)

    front = at_once(counted)

    def ask(address="/healthz", application=front, **more):
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": "", "SERVER_NAME": "localhost",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "HTTP_X_REQUEST_ID": "one", **more,
        }  # fmt: skip
        started = []
        response = application(environ, lambda *given: started.extend(given))
        body = b"".join(response)
        if hasattr(response, "close"):
            response.close()
        return started[0], dict(started[1]), body

    ask.reached, ask.django = reached, django
    return ask


WAYS = [
    {}, {"REQUEST_METHOD": "HEAD"}, {"REQUEST_METHOD": "OPTIONS"}, {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "1"}, {"HTTP_HOST": "elsewhere.example"},
    {"HTTP_ACCEPT": "application/json"}, {"HTTP_ACCEPT_ENCODING": "br"}, {"QUERY_STRING": "x=%FF"}, {"HTTP_ACCEPT_LANGUAGE": "fr"},
    {"HTTP_ORIGIN": "https://example.org"}, {"CONTENT_LENGTH": "5"},
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_health_is_what_django_says_each_time(asked, way):
    expected = asked(application=asked.django, **way)
    assert [asked(**way) for _ in range(3)] == [expected] * 3


def test_health_is_told_apart_from_lists_and_by_its_query(asked, register):
    for query in ("", "x=%FF"):
        for address, own in (("/healthz", query), ("/api/v1/projects/", "cursor=")):
            assert asked(address, QUERY_STRING=own) == asked(address, asked.django, QUERY_STRING=own)


def test_health_is_asked_for_once(asked):
    for number in range(5):
        status, headers, body = asked(HTTP_X_REQUEST_ID=f"r{number}")
        assert (status, headers["X-Request-ID"], body) == ("200 OK", f"r{number}", b"alive\n")
    first, second = (UUID(asked(HTTP_X_REQUEST_ID="")[1]["X-Request-ID"]) for _ in range(2))
    assert first != second
    assert asked.reached == ["/healthz"]


def test_failure_is_not_kept(asked):
    bodies = {"503 Service Unavailable": b"away\n", "200 OK": b"alive\n"}
    statuses = iter(bodies)

    def fails_once(environ, start_response):
        start_response(status := next(statuses), [])
        return io.BytesIO(bodies[status])

    front = at_once(fails_once)
    assert [asked(application=front)[2] for _ in range(3)] == [b"away\n", b"alive\n", b"alive\n"]


def test_ways_to_ask_that_are_kept_are_bounded(asked, monkeypatch):
    monkeypatch.setattr(before_django, "MOST", 2)
    for number in (0, 1, 1, 0, 2, 3, 3, 0):
        assert asked(HTTP_ACCEPT_LANGUAGE=f"x{number}")[0] == "200 OK"
    assert len(asked.reached) == 5


DOCUMENT, SECOND, ABSENT = (f"/api/v1/projects/{key}/" for key in ("enigmma", "nexus", "nobody"))
ADDRESSES = [
    DOCUMENT, SECOND, "/api/v1/projects/mobilaze/", "/api/v1/projects/sprint/", "/api/v1/projects/NEXUS/", ABSENT,
    "/api/v1/projects/n\xc3\xa9xus/", "/api/v1/projects/nexus", "/api/v1/countries/GE/", "/api/v1/countries/MD/", "/fr/api/v1/projects/nexus/",
]  # fmt: skip
OF_DOCUMENTS = [
    *WAYS, {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_IF_NONE_MATCH": '"x"'}, {"HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"HTTP_RANGE": "bytes=0-9"}, {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_ACCEPT_ENCODING": "br;q=0, identity"}, {"QUERY_STRING": "format=csv"},
    {"QUERY_STRING": "as_of=2020-01-01"}, {"QUERY_STRING": "fields=title"}, {"QUERY_STRING": "&"}, {"HTTP_ACCEPT": " "}, {"HTTP_ACCEPT": "text/html"},
    {"HTTP_HOST": "LOCALHOST.:80"}, {"HTTP_HOST": ""}, {"SCRIPT_NAME": "/x"}, {"HTTP_TRANSFER_ENCODING": "chunked"}, {"HTTP_COOKIE": "sessionid=x"},
    {"wsgi.url_scheme": "https"}, {"HTTP_X_FORWARDED_PROTO": "https"}, {"HTTP_X_REGISTER_VERSION": "9"}, {"REQUEST_METHOD": "get"},
]  # fmt: skip


def test_documents_are_what_django_says_however_asked(asked, register):
    quick = Counter()
    set_state(Project, ["sprint"], "withdrawn", user_name="tester")
    for way in OF_DOCUMENTS:
        for address in ADDRESSES:
            expected, before = asked(address, asked.django, **way), len(asked.reached)
            assert asked(address, **way) == expected, (way, address)
            quick[expected[0]] += len(asked.reached) == before
    assert set(+quick) == {"200 OK"}
    assert quick.total() > 30


def test_document_of_the_next_version_is_shown_at_once(asked, register):
    asked(DOCUMENT)
    for number in range(3):
        update(Project, "nexus", title=f"Title {number}", reason="")
        assert asked(SECOND) == asked(SECOND, asked.django)
    set_state(Project, ["nexus"], "withdrawn", user_name="tester")
    assert asked(SECOND)[0] == "410 Gone"
    assert asked.reached == [DOCUMENT, SECOND]


@pytest.mark.parametrize("address", [SECOND, "/api/v1/countries/GE/"])
def test_document_is_read_with_the_version(asked, register, address):
    first = asked(address)
    documents.clear_cache()
    assert len(queries(asked, address)) == 1
    [query] = queries(asked, address)
    assert "('{}'" in query or "('[]')" in query  # no document is asked for: it is cached
    assert asked(address) == first


LIST = "/api/v1/projects/"
QUICK_QUERIES = [
    "cursor=", "cursor=&page_size=3", "page_size=3&cursor=", "page_size=3", "page_size=&cursor=&", "cursor=&page_size=%33",
]  # fmt: skip
OTHER_QUERIES = [
    "", "cursor=&cursor=", "cursor=x", "cursor=%00", "cursor=%FF", "page_size=0", "page_size=%C3%A9", "cursor=&country=GE", "cursor=&as_of=2099-01-01",
    "cursor=&fields=title", "cursor=&page=1", "cursor=&x", "Cursor=", "cursor=&page_size=3?", "cursor=" + 900 * "x",
]  # fmt: skip


def test_lists_are_what_django_says_however_asked(asked, register):
    for way in OF_DOCUMENTS:
        for query in (QUICK_QUERIES + OTHER_QUERIES)[:: 1 if way == {} else 4]:
            environ = {"QUERY_STRING": query} | way
            assert asked(LIST, **environ) == asked(LIST, asked.django, **environ), environ


@pytest.mark.parametrize("query", QUICK_QUERIES)
def test_list_is_walked_at_once_with_one_query_a_page(asked, register, query):
    asked(LIST, QUERY_STRING="cursor=")
    del asked.reached[:]
    titles = []
    while query is not None:
        documents.clear_cache()
        [_query] = queries(lambda: titles.append(asked(LIST, QUERY_STRING=query)))  # noqa: B023
        _status, headers, body = titles[-1]
        assert titles[-1] == asked(LIST, asked.django, QUERY_STRING=query)
        assert 'rel="first"' in headers["Link"]
        following = json.loads(body)["next"]
        query = following and following.partition("?")[2] if "cursor" in query else None
    assert asked.reached == []


def test_list_of_the_next_version_is_shown_at_once(asked, register):
    asked(LIST, QUERY_STRING="cursor=")
    update(Project, "nexus", title="Aaa first")
    answer = asked(LIST, QUERY_STRING="cursor=&page_size=1")
    assert answer == asked(LIST, asked.django, QUERY_STRING="cursor=&page_size=1")
    assert json.loads(answer[2])["results"][0]["title"] == "Aaa first"
    assert asked.reached == [LIST]


def test_documents_count_and_hold_places_as_others_do(asked, register, settings, monkeypatch):
    monkeypatch.setattr(rate_limit, "time", SimpleNamespace(time=lambda: 60, thread_time=lambda: 0))
    settings.RATE_LIMIT, free = 4, capacity.REQUESTS._free
    answers = []
    for application in (asked.django, at_once(asked.django)):
        rate_limit.counted.clear()
        answers.append([asked(address, application)[:2] for address in (SECOND, ABSENT, *[SECOND] * 4)])
    rate_limit.counted.clear()
    assert answers[0] == answers[1]
    assert [status[:3] for status, _headers in answers[1]] == ["200", "404", "200", "200", "429", "429"]
    assert capacity.REQUESTS._free == free


def test_document_is_counted_and_its_connection_looked_after(asked, register, monkeypatch):
    asked(DOCUMENT)
    counted, ended = [], []
    monkeypatch.setattr(metrics, "count", lambda *values: counted.append(values))
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: ended.append(len(counted)))
    _status, headers, _body = asked(SECOND)
    [(kind, status, _seconds, size, _page_cache)] = counted
    assert (kind, status, size) == ("api", 200, int(headers["Content-Length"]))
    assert ended == [1]


def test_document_while_no_place_is_free_is_refused_by_django(asked, register, monkeypatch):
    asked(DOCUMENT)
    monkeypatch.setattr(capacity.REQUESTS, "_free", 0)
    monkeypatch.setattr(capacity.REQUESTS, "_patience", 0)
    expected = asked(SECOND, asked.django)
    assert expected[0] == "503 Service Unavailable"
    assert asked(SECOND) == expected


def test_document_without_a_database_is_refused_by_django(asked, register, monkeypatch):
    asked(DOCUMENT)

    def refuse(*args):
        given.append(args)
        raise OperationalError("gone")

    given = []
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    expected, number = asked(SECOND, asked.django), len(given)
    assert expected[0] == "503 Service Unavailable"
    assert asked(SECOND) == expected
    assert len(given) == 2 * number


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


def test_address_that_is_too_long_is_refused_as_the_api_refuses(tmp_path):
    with (
        servers.serving(f"sqlite:///{tmp_path}/none.sqlite3", servers.ROOT) as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as asked,
    ):
        asked.request("GET", f"/api/v1/projects/?q={'a' * 2**18}")
        answer = asked.getresponse()
        problem = json.loads(answer.read())
    assert (answer.status, answer.headers["Content-Type"]) == (414, "application/problem+json")
    assert (problem["status"], problem["title"]) == (414, "URI Too Long")
    assert "too large" in problem["detail"]


def test_clients_that_stay_after_their_last_answer_delay_nobody_and_have_all_of_it(tmp_path):
    """With gunicorn's own way to hang up, these keep its only process from accepting others for eighty seconds."""
    options = ("--worker-connections", "50")
    with servers.serving(f"sqlite:///{tmp_path}/none.sqlite3", servers.ROOT, *options) as server:
        processes = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        at_first = processes.read_text()

        def ask():
            with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as asked:
                asked.request("GET", "/healthz", headers={"Connection": "close"})
                assert asked.getresponse().read() == b"alive\n"

        with ExitStack() as clients:
            for _ in range(40):
                staying = clients.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                staying.send(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\nmore")
            reading = clients.enter_context(socket.socket())
            reading.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # most of its answer waits at the server
            reading.connect(("127.0.0.1", server.port))
            reading.send(b"GET /nothing/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\nmore")
            reading.recv(1, socket.MSG_PEEK)
            for _ in range(3):
                ask()
                reading.send(b"and more")
            answer = http.client.HTTPResponse(reading)
            answer.begin()
            assert answer.read().rstrip().endswith(b"</html>")
        for _ in range(20):  # more than there are connections, if one of those that left took its place with it
            ask()
        assert processes.read_text() == at_first  # none has died of it
