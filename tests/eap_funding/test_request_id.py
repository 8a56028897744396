"""Every answer has an id, and so has what the log says of it."""

import logging
import re

import pytest

pytestmark = pytest.mark.one_database

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ADDRESSES = [
    "/projects/",
    "/api/v1/projects/",
    "/nothing/",
    "/healthz",
    "/admin/login/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_answer_has_an_id(client, register, address):
    first, second = (client.get(address).headers["X-Request-ID"] for _ in range(2))
    assert UUID.fullmatch(first)
    assert first != second
    assert client.get(address, headers={"x-request-id": "mine.1~-_"}).headers["X-Request-ID"] == "mine.1~-_"
    assert client.post(address, headers={"x-request-id": "x"}).headers["X-Request-ID"] == "x"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "a b",
        "a\r\nX-Evil: 1",
        "a\n",
        "é",
        "a" * 65,
        "٣",
    ],
)
def test_id_that_is_not_well_formed_is_replaced(client, db, header):
    assert UUID.fullmatch(client.get("/healthz", headers={"x-request-id": header}).headers["X-Request-ID"])


def test_unchanged_and_refused_have_theirs(client, register, settings):
    known = client.get("/projects/").headers["ETag"]
    assert (
        client.get("/projects/", headers={"if-none-match": known, "x-request-id": "b"}).headers["X-Request-ID"] == "b"
    )
    settings.RATE_LIMIT = 1
    asked = [client.get("/about/", headers={"x-request-id": "c"}) for _ in range(2)]
    assert [(each.status_code, each.headers["X-Request-ID"]) for each in asked] == [(200, "c"), (429, "c")]


@pytest.mark.parametrize("address", ["/projects/", "/fr/projects/", "/api/v1/stats/"])
def test_fault_tells_its_id_to_reader_and_log(client, register, address, monkeypatch, log):
    client.raise_request_exception = False
    monkeypatch.setattr("projects.index.figures.totals", None)
    monkeypatch.setattr("projects.index.figures.figures", None)
    response = client.get(address, headers={"x-request-id": "tell-us"})
    assert response.status_code == 500
    assert "ERROR django.request [tell-us] Internal Server Error" in log.getvalue()
    if address.startswith("/api/"):
        assert response.json()["instance"] == "tell-us"
    else:
        assert "<code>tell-us</code>" in response.content.decode()


def test_only_faults_of_ours_show_it(client, register):
    for address in ("/nothing/", "/projects/", "/api/v1/projects/nobody/", "/projects.json?foo=1"):
        assert b"tell-us" not in b"".join(client.get(address, headers={"x-request-id": "tell-us"}))


def test_kept_page_keeps_nobodys_id(client, register):
    first = client.get("/projects/", headers={"x-request-id": "somebody"})
    second = client.get("/projects/", headers={"x-request-id": "another"})
    assert second.content == first.content
    assert second.headers["X-Request-ID"] == "another"


def test_log_outside_of_a_request(log):
    from contextvars import Context

    Context().run(logging.getLogger("projects").warning, "Said by a command.")
    assert log.getvalue() == "WARNING projects [-] Said by a command.\n"
