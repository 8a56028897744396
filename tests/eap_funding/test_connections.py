"""A connection that broke between two requests costs no reader an answer, and is asked nothing only to find out."""

import psycopg2
import pytest
from django.db import Error, connection, transaction

from projects.index.version import Version, register_version
from provenance.models import Revision
from tests.support.database import queries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def breaking(register):
    """A function that breaks the connection as a restart of the server does."""

    def terminate():
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            connection.connection.close()
            return
        asked = {name: value for name, value in connection.get_connection_params().items() if name != "context"}
        with psycopg2.connect(**asked) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.get_backend_pid()])
        other.close()

    return terminate


@pytest.mark.parametrize("address", ["/api/v1/projects/nexus/", "/projects/", "/projects.csv", "/api/v1/stats/"])
def test_connection_that_broke_between_two_requests(client, breaking, address):
    assert client.get("/api/v1/projects/nexus/").status_code == 200
    for _ in range(2):
        breaking()
        response = client.get(address)
        assert response.status_code == 200
        assert b"".join(response)


def test_connection_that_broke_in_a_transaction_is_told(breaking):
    with pytest.raises(Error), transaction.atomic():
        breaking()
        register_version()
    connection.close()


def test_readers_ask_nothing_only_to_find_out(client, register, monkeypatch):
    monkeypatch.setattr(connection, "is_usable", lambda: pytest.fail("asked whether the connection is usable"))
    for address in ("/api/v1/projects/nexus/", "/projects/", "/projects.json"):
        connection.close_if_unusable_or_obsolete()  # as each request begins
        assert b"".join(client.get(address))


def test_version_is_that_of_the_newest_public_revision(register):
    newest = Revision.objects.public().order_by("-id").first()
    for _ in range(2):
        assert register_version() == Version(newest.pk, newest.at, newest.head)
    assert newest.head
    first = Revision.objects.public().order_by("id").first()
    assert register_version(until=first.at).head


def test_version_before_anything_is_public():
    assert register_version() == Version(0, None, "")


def test_version_is_one_query(register):
    register_version()
    [query] = queries(register_version)
    assert query.startswith("EXECUTE version") == (connection.vendor == "postgresql")
