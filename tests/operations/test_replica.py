"""With REPLICA_URL readers are answered from the replica, and never with less than they or others saw before.

Here the replica is a copy of the database, which follows when the test says so. `make drill` has a real one.
"""

import http.client
import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from provenance.store.database import DATABASE, REPLICA, read_from
from tests.bench import servers
from tests.operations.conftest import ROOT, new_site

pytestmark = [pytest.mark.slow, pytest.mark.one_database]
CHANGE = r"""
from projects.models import Project
from provenance.store.database import register_lock
from provenance.store.log import record
with register_lock():
    Project.objects.filter(pk="nexus").update(acronym="{acronym}")
    record(Project, ["nexus"], user_name="tester", reason="A test.")
"""


def copy(database, other):
    with closing(sqlite3.connect(database)) as here, closing(sqlite3.connect(other)) as there:
        here.backup(there)


class Replicated:
    def __init__(self, site):
        self.site, self.database, self.replica = site, site.folder / "site.sqlite3", site.folder / "replica.sqlite3"

    def change(self, acronym):
        self.site.do(CHANGE.format(acronym=acronym))

    def follow(self):
        """Bring the replica up to date."""
        copy(self.database, self.replica)

    def lose(self, path):
        for each in path.parent.glob(f"{path.name}*"):
            shutil.move(each, f"{each}.away")
        path.mkdir()

    def ask(self, seen=""):
        """Return (acronym, version) that the site answers to a reader who saw version ``seen``."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", "/api/v1/projects/nexus/", headers={"X-Register-Version": str(seen)})
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, body
            assert "Set-Cookie" not in response.headers
            return json.loads(body)["acronym"], int(response.headers["X-Register-Version"])


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The path of a database with the eight projects, of which one was changed."""
    with new_site(tmp_path_factory.mktemp("site"), is_postgres=False) as site:
        for command in ("migrate", "load_fixtures"):
            assert site.run(command, "-v0")[0] == 0
        made = Replicated(site)
        made.change("BEFORE")
        return made.database


@pytest.fixture
def replicated(database, tmp_path, monkeypatch):
    """A site of one process with a replica that is up to date."""
    with new_site(tmp_path, is_postgres=False) as site:
        made = Replicated(site)
        copy(database, made.database)
        made.follow()
        # A connection that stays open would go on reading a file that was moved away.
        monkeypatch.setitem(servers.PLAIN, "REPLICA_URL", f"sqlite:///{made.replica}?conn_max_age=0")
        monkeypatch.setitem(servers.PLAIN, "INDEX_DIR", str(tmp_path / "index"))
        with servers.serving(site.url, ROOT) as server:
            made.port = server.port
            yield made


def test_readers_are_answered_from_the_replica_whatever_version_they_name(replicated):
    for seen in ("x", "-1", "9" * 5000, "٣", " ", "1e9"):
        assert replicated.ask(seen.encode() if not seen.isascii() else seen)[0] == "BEFORE", seen[:10]
    replicated.change("AFTER")
    assert replicated.ask()[0] == "BEFORE"
    replicated.follow()
    assert replicated.ask()[0] == "AFTER"


def test_reader_who_saw_more_than_the_replica_has_is_answered_from_the_database(replicated):
    _acronym, before = replicated.ask()
    replicated.change("AFTER")
    acronym, after = replicated.ask(seen=before + 1)
    assert (acronym, after > before) == ("AFTER", True)
    assert replicated.ask() == ("AFTER", after)  # nor does the process go back for others


def test_form_of_visitors_reads_the_database_after_a_page_that_read_the_replica(client, register):
    read_from(REPLICA)
    try:
        assert client.get("/know/?record=/projects/nexus/").status_code == 200
    finally:
        read_from(DATABASE)


def test_readers_are_answered_while_the_replica_is_away(replicated):
    replicated.ask()
    replicated.lose(replicated.replica)
    replicated.change("AFTER")
    assert replicated.ask()[0] == "AFTER"
    replicated.replica.rmdir()
    shutil.copy(f"{replicated.replica}.away", replicated.replica)  # back, but behind
    assert replicated.ask()[0] == "AFTER"


def test_readers_are_answered_while_the_database_is_away(replicated):
    replicated.lose(replicated.database)
    assert replicated.ask()[0] == "BEFORE"
