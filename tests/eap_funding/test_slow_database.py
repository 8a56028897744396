"""A database that does not answer is not waited for without end."""

import subprocess
import sys
import time
from threading import get_ident
from types import SimpleNamespace

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from eap_funding.database import timeouts

ON_POSTGRESQL = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
needs_postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite is asked without a server")


@pytest.fixture
def connected(request, db, monkeypatch):
    """A connection that waits as many seconds for an answer as a test says."""
    monkeypatch.setattr(timeouts, "GRACE", request.param)
    monkeypatch.setattr(timeouts, "QUICK", request.param)
    monkeypatch.setattr(timeouts.Connection, "longest", timeouts.Connection.longest)
    database = {"ENGINE": connection.settings_dict["ENGINE"], "OPTIONS": {}}
    timeouts.wait_in_time(database, 0)
    own = {name: value for name, value in connection.get_connection_params().items() if name != "cursor_factory"}
    asked = psycopg2.connect(**{**own, **database["OPTIONS"]})
    yield asked
    asked.close()


@needs_postgresql
@pytest.mark.parametrize("connected", [0.1], indirect=True)
@pytest.mark.parametrize(
    "statement", ["SELECT pg_sleep(50)", "PREPARE version AS SELECT pg_sleep(50); EXECUTE version"]
)
def test_server_that_does_not_answer_is_hung_up_on(connected, statement):
    with pytest.raises(psycopg2.OperationalError):
        connected.cursor().execute(statement)
    assert connected.closed
    assert timeouts._waiting == {}


@needs_postgresql
@pytest.mark.parametrize("connected", [60], indirect=True)
def test_server_that_answers_is_heard(connected):
    with connected, connected.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchmany(5) == [(1,)]
    assert not connected.closed


@needs_postgresql
@pytest.mark.parametrize(("module", "limited"), [("eap_funding.wsgi", True), ("django.core.management", False)])
def test_statements_are_limited_where_pages_are_served_and_not_in_commands(module, limited):
    code = (
        f"import django; django.setup(); import {module}\n"
        "from django.conf import settings\n"
        "print(settings.DATABASES['default']['OPTIONS'].get('options', 'none'))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert ("statement_timeout=30s -c idle_in_transaction_session_timeout=60s" in output) == limited


def test_sqlite_is_left_as_it_is():
    database = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"timeout": 20}}
    timeouts.wait_in_time(database, 30)
    assert database["OPTIONS"] == {"timeout": 20}


def test_options_of_the_address_of_the_database_are_kept():
    database = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"options": "-c search_path=x"}}
    longest = timeouts.Connection.longest
    timeouts.wait_in_time(database, 7)
    timeouts.Connection.longest = longest
    assert database["OPTIONS"]["options"].startswith("-c statement_timeout=7s ")
    assert database["OPTIONS"]["options"].endswith(" -c search_path=x")


def test_version_is_waited_for_less_long_than_other_answers():
    left = timeouts._in_time(lambda asked, _statement: timeouts._waiting[get_ident()][0] - time.monotonic())
    asked = SimpleNamespace(longest=60.0)
    assert left(asked, "SELECT 1") > timeouts.QUICK
    for statement in ("EXECUTE version(%s)", "PREPARE version AS SELECT 1; EXECUTE version(%s)"):
        assert left(asked, statement) <= timeouts.QUICK
    assert get_ident() not in timeouts._waiting
