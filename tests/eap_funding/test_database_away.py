"""The database goes away, and comes back: 503 in words, one line of log a second, and nothing to mend by hand."""

import logging
import sqlite3
from contextlib import contextmanager

import psycopg2
import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
)

from eap_funding.database import outage
from projects.models import Theme
from provenance.admin import summary
from provenance.store.database import register_lock
from tests.support.staff import confirm, sent, somebody

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/fr/projects/",
    "/projects/nexus/",
    "/api/v1/projects/",
    "/projects.csv",
    "/projects.atom",
]


def database_error(kind, driver, **of_driver):
    """Return an error as Django passes on that of a driver."""
    for name, value in of_driver.items():
        setattr(driver, name, value)
    error = kind(*driver.args)
    error.__cause__ = driver
    return error


def lite(text, name, kind=OperationalError):
    return database_error(kind, sqlite3.OperationalError(text), sqlite_errorname=name)


def lost():
    return database_error(OperationalError, psycopg2.OperationalError("connection refused\n\tIs the server running?"))


class WithCode(psycopg2.Error):
    """An error of PostgreSQL: only the server can make one with a code."""

    pgcode = ""


AWAY = [
    lost(),
    lite("unable to open database file", "SQLITE_CANTOPEN"),
    lite("database is locked", "SQLITE_BUSY"),
    lite("attempt to write a readonly database", "SQLITE_READONLY"),
    lite("disk I/O error", "SQLITE_IOERR_READ"),
    lite("database or disk is full", "SQLITE_FULL"),
    lite("database disk image is malformed", "SQLITE_CORRUPT", DatabaseError),
    lite("file is not a database", "SQLITE_NOTADB", DatabaseError),
    lite("no such table: projects_project", "SQLITE_ERROR"),
    database_error(ProgrammingError, WithCode("relation does not exist"), pgcode="42P01"),
    database_error(InternalError, WithCode("cannot execute INSERT in a read-only transaction"), pgcode="25006"),
    InterfaceError("connection already closed"),
]
OURS = [
    lite("no such column: x", "SQLITE_ERROR"),
    database_error(ProgrammingError, WithCode("syntax error"), pgcode="42601"),
    IntegrityError("UNIQUE constraint failed"),
    DataError("out of range"),
    ValueError("x"),
    None,
]


def test_what_is_away():
    assert [error for error in AWAY if not outage.is_away(error)] == []
    assert [error for error in OURS if outage.is_away(error)] == []


def test_what_follows_from_it_is_too():
    try:
        try:
            raise lost()
        except OperationalError:
            raise ValueError("a session that was not saved")  # noqa: B904 (as Django does)
    except ValueError as error:
        assert outage.is_away(error)


@pytest.fixture
def failing(client, register, monkeypatch):
    """A function that lets every query fail with an error, until ``monkeypatch`` undoes it."""
    client.raise_request_exception = False
    monkeypatch.setattr(outage.OnceASecond, "last", 0.0)

    def breaking(error):
        def refuse(*args):
            raise error

        monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        monkeypatch.setattr(connection, "chunked_cursor", refuse)

    return breaking


@pytest.mark.parametrize("address", ADDRESSES)
def test_reader_is_told_when_to_come_back(client, failing, monkeypatch, address):
    failing(lost())
    response = client.get(address)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert "refused" not in response.getvalue().decode()  # what the server is called is nobody's business
    if address.endswith("/") and "/api/" not in address:
        assert (
            "ne répond pas" in response.getvalue().decode()
            if "/fr/" in address
            else "is not responding" in response.getvalue().decode()
        )
    else:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == 503
    monkeypatch.undo()
    response = client.get(address)
    assert response.status_code == 200
    b"".join(response)


@pytest.mark.parametrize("error", AWAY, ids=str)
def test_each_way_to_be_away(client, failing, error):
    failing(error)
    assert client.get("/api/v1/projects/").status_code == 503


@pytest.mark.parametrize("error", OURS[:4], ids=str)
def test_fault_of_our_own_stays_one(client, failing, caplog, error):
    failing(error)
    assert client.get("/api/v1/projects/").status_code == 500
    assert caplog.records[-1].exc_info


@pytest.mark.parametrize("address", ["/accessibility/", "/healthz", "/robots.txt", "/nothing/", "/projects/?q=%FF"])
def test_what_needs_no_database_is_answered(client, failing, address):
    failing(lost())
    assert client.get(address).status_code in (200, 400, 404)


def test_readiness_says_when_to_ask_again(client, failing):
    failing(InterfaceError("closed"))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
    assert "The database cannot be reached." in response.getvalue().decode()


def test_who_saved_is_not_told_that_nothing_was_changed(admin_client, failing):
    admin_client.raise_request_exception = False
    failing(lost())
    response = admin_client.post("/admin/projects/project/nexus/change/", {"title": "x"})
    assert response.status_code == 503
    page = response.getvalue().decode()
    assert "may or may not have been saved" in page
    assert "Nothing was" not in page
    assert "nothing was" not in page


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (lost(), 503),
        (lite("attempt to write a readonly database", "SQLITE_READONLY"), 503),
        (lite("database is locked", "SQLITE_BUSY"), 200),
        (database_error(OperationalError, WithCode("deadlock detected"), pgcode="40P01"), 200),
    ],
    ids=str,
)
def test_commit_that_breaks_is_not_told_as_undone(admin_client, register, monkeypatch, error, status):
    def breaks(*args, **options):
        raise error

    admin_client.raise_request_exception = False
    monkeypatch.setattr("provenance.admin.records.RecordAdmin.save_related", breaks)
    response = admin_client.post("/admin/projects/theme/border-management/change/", {"name": "x", "slug": "y"})
    assert response.status_code == status
    assert ("Nothing was saved" in response.getvalue().decode()) == (status == 200)


def test_log_says_one_line_a_second(client, failing, monkeypatch):
    lines, clock = [], {"now": 1000.0}
    monkeypatch.setattr(outage.time, "monotonic", lambda: clock["now"])
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(logging.Formatter("%(levelname)s %(message)s").format(record))
    handler.addFilter(outage.OnceASecond())
    logging.getLogger("django.request").addHandler(handler)
    try:
        failing(lost())
        for _ in range(20):
            client.get("/projects/")
        assert lines == ["ERROR The database is away: connection refused Is the server running?"]
        clock["now"] += 1
        client.get("/projects/")
        assert len(lines) == 2
        logging.getLogger("django.request").error("something else")
        assert len(lines) == 3
    finally:
        logging.getLogger("django.request").removeHandler(handler)


def test_log_of_the_site_and_of_its_server_are_filtered(settings):
    import runpy

    assert "once_a_second" in settings.LOGGING["handlers"]["console"]["filters"]
    assert "post_worker_init" in runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))


def test_save_that_fails_at_its_end_is_not_reported_as_done(client, register, monkeypatch):
    @contextmanager
    def full():
        with register_lock():
            yield
        raise lite("database or disk is full", "SQLITE_FULL")

    client.force_login(somebody("publisher"))
    client.raise_request_exception = False
    shown = sent(client, Theme.objects.get(pk="asylum"), name="Protection")
    monkeypatch.setattr(summary, "register_lock", full)
    assert confirm(client, shown).status_code == 503
    monkeypatch.undo()
    assert "was changed" not in client.get("/admin/").content.decode()
