"""The drill: the site behind nginx, on PostgreSQL with a replica, while machines and clients do their worst.

`make drill` runs it; it needs nginx, openssl and PostgreSQL (Debian: apt-get install nginx openssl postgresql). The
servers are real, with the files in deploy/, and have nothing of the machine's own.
"""

import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import psycopg2
import pytest

from tests.operations.conftest import DEPLOY, NGINX, ROOT, SCRIPT, Site, listens, nginx_for

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: float(path.parent.name))
pytestmark = pytest.mark.skipif(
    not (BINARIES and NGINX and shutil.which("openssl")), reason="no nginx, openssl or PostgreSQL found"
)
SAMPLES = 2000  # projects
SAVES, SAVERS = 200, 4
PATIENCE = 120  # seconds for anything to happen
BYTE_AT_A_TIME, SLOW_READERS, COLD_PAGES = 40, 10, 12
WATCHED = 15  # seconds
TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the certificate is made for the drill
TRUSTING.check_hostname, TRUSTING.verify_mode = False, ssl.CERT_NONE

SAVER = """
import itertools, json, sys, time
from django.db import Error, connection
from projects.models import Project
from provenance.models import Revision
from provenance.store.database import register_lock
from provenance.store.log import record
key = sys.argv[1]
for number in itertools.count():
    try:
        with register_lock():
            Project.objects.filter(pk=key).update(acronym=f"SAVED {number}")
            record(Project, [key], user_name="saver", reason="A drill.")
            saved = Revision.objects.filter(key=key).values_list("pk", "digest").order_by("-pk")[0]
    except Error:
        connection.close()
        time.sleep(0.2)
        continue
    print(json.dumps(saved), flush=True)
"""


def eventually(happened, what):
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, f"{what} did not happen within {PATIENCE} seconds"
        time.sleep(0.1)


class Postgres:
    """A PostgreSQL server with the settings of deploy/, reached by a socket in its folder."""

    user = "postgres" if os.geteuid() == 0 else None  # which refuses root

    def __init__(self, folder, port):
        self.folder, self.port, self.data = folder, port, folder / "data"
        folder.mkdir()
        if self.user:
            shutil.chown(folder, self.user)

    def call(self, program, *arguments):
        command = [BINARIES / program, *map(str, arguments)]
        done = subprocess.run(
            command, user=self.user, cwd=self.folder, capture_output=True, text=True, env={"LC_ALL": "C"}
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def make(self):
        self.call("initdb", "-D", self.data, "-U", "register", "--auth=trust", "-E", "UTF8", "--no-sync")

    def follow(self, other):
        """Make this a replica of ``other``."""
        source = f"host={other.folder} port={other.port} user=register application_name={self.folder.name}"
        self.call("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "-d", source)

    def start(self):
        given = (DEPLOY / "postgresql.conf").read_text(encoding="utf-8")
        own = f"port = {self.port}\nunix_socket_directories = '{self.folder}'\nlisten_addresses = ''\nshared_buffers = 64MB\n"
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(given + own)
        self.call("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "start")

    def rows(self, query):
        with closing(
            psycopg2.connect(host=str(self.folder), port=self.port, user="register", dbname="postgres")
        ) as database:
            database.autocommit = True
            cursor = database.cursor()
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []

    def need(self, replica):
        """Acknowledge from now on only what ``replica`` has and shows."""
        self.rows(f"ALTER SYSTEM SET synchronous_standby_names = '{replica.folder.name}'")
        self.rows("SELECT pg_reload_conf()")
        state = "SELECT sync_state FROM pg_stat_replication"
        eventually(lambda: self.rows(state) == [("sync",)], "That the replica follows")

    def promote(self):
        self.rows("ALTER SYSTEM RESET synchronous_standby_names")  # copied with the rest
        self.call("pg_ctl", "-D", self.data, "-w", "promote")

    def kill(self):
        """Kill it and all its processes, as a machine that loses power."""
        master = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for each in (master, *map(int, children)):
            os.kill(each, signal.SIGKILL)

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            subprocess.run(
                [BINARIES / "pg_ctl", "-D", self.data, "-m", "immediate", "stop"],
                user=self.user, cwd=self.folder, capture_output=True,
            )  # fmt: skip


class Stack:
    """nginx, the site with two processes, the database and its replica."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.database, self.replica = Postgres(folder / "one", 5432), Postgres(folder / "two", 5433)
        self.site = Site(self.address("read-write", self.database, self.replica), folder)
        self.site.environment |= {
            "REPLICA_URL": self.address("prefer-standby", self.replica, self.database), "RATE_LIMIT": "0",
            "HTTPS": "true", "BEHIND_PROXY": "true", "ALLOWED_HOSTS": "localhost", "RELEASE": "drill",
        }  # fmt: skip

    @staticmethod
    def address(attributes, *servers):
        hosts, ports = (
            ",".join(str(value) for value in each) for each in zip(*((s.folder, s.port) for s in servers), strict=True)
        )
        more = urlencode(
            {"host": hosts, "port": ports, "target_session_attrs": attributes, "connect_timeout": 2}, safe="/,"
        )
        return f"postgres://register@/postgres?{more}"

    def rows(self, query):
        return self.database.rows(query)

    def saver(self, key):
        command = [sys.executable, "-c", SCRIPT + SAVER, key]
        return subprocess.Popen(command, cwd=ROOT, env=self.site.environment, stdout=subprocess.PIPE, text=True)

    def connection(self, client="127.0.0.1"):
        return http.client.HTTPSConnection(
            "localhost", self.port, timeout=PATIENCE, context=TRUSTING, source_address=(client, 0)
        )

    def ask(self, path, client="127.0.0.1"):
        """Return (status, headers, seconds) of an answer through nginx."""
        began = time.monotonic()
        with closing(self.connection(client)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response.status, response.headers, time.monotonic() - began


@contextmanager
def running(command, **more):
    with subprocess.Popen(command, **more) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def stack():
    with TemporaryDirectory(prefix="eap-drill-") as name, ExitStack() as until_the_end:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, -15)  # what else this machine does is not what is judged
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        command, _plain, port = nginx_for(folder, web=f"unix:{folder}/web.sock", watch=f"unix:{folder}/watch.sock")
        made = Stack(folder, port)
        made.database.make()
        made.database.start()
        until_the_end.callback(made.database.stop)
        for job in (["migrate", "-v0"], ["load_fixtures"], ["make_sample_projects", SAMPLES, "--beside-others"]):
            code, output = made.site.run(*job)
            assert code == 0, output
        made.replica.follow(made.database)
        made.replica.start()
        until_the_end.callback(made.replica.stop)
        made.database.need(made.replica)
        sockets = [word for name in ("web", "watch") for word in ("--bind", f"unix:{folder}/{name}.sock")]
        gunicorn = [sys.executable, "-m", "gunicorn", *sockets]
        more = {"cwd": ROOT, "env": made.site.environment, "stdout": subprocess.DEVNULL}
        until_the_end.enter_context(running(gunicorn, **more))
        until_the_end.enter_context(running(command, stderr=subprocess.DEVNULL))
        eventually(lambda: listens(port) and made.ask("/healthz")[0] == 200, "The start of the site")
        yield made


class Reader(threading.Thread):
    """Reads addresses, one after the other, until it is told to stop; notes what it got."""

    def __init__(self, stack, path, client):
        super().__init__(daemon=True)
        self.stack, self.path, self.client, self.answers, self.is_stopped = stack, path, client, [], False

    def run(self):
        while not self.is_stopped:
            try:
                status, headers, seconds = self.stack.ask(self.path.format(len(self.answers)), self.client)
                version, kept = int(headers.get("X-Register-Version", 0)), headers.get("X-Cache")
            except OSError as error:
                status, version, kept, seconds = repr(error), 0, None, 0
            self.answers.append((status, version, kept, seconds))
            time.sleep(0.05)

    def stop(self):
        self.is_stopped = True
        self.join()
        return self.answers


def test_slow_clients_do_not_stop_the_site(stack):
    """Each sends a byte at a time, reads a little at a time, or asks for a page that nobody asked for before."""
    with ExitStack() as clients:
        senders, readers = [], []
        for _ in range(BYTE_AT_A_TIME):
            sender = clients.enter_context(closing(stack.connection()))
            sender.connect()
            senders.append(sender.sock)
        for number in range(SLOW_READERS):
            reader = clients.enter_context(closing(stack.connection(f"127.0.0.{number + 10}")))
            reader.request("GET", "/projects.ndjson")
            reader.sock.settimeout(0.01)
            readers.append(reader.sock)
        cold = [
            Reader(stack, f"/projects/?q=project+{number}{{}}", f"127.0.0.{number + 30}")
            for number in range(COLD_PAGES)
        ]
        for each in cold:
            each.start()
        health, at, end = [], 0, time.monotonic() + WATCHED
        request = b"GET /projects/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 10_000
        while time.monotonic() < end:
            for each in senders:
                with suppress(OSError):  # nginx hung up
                    each.send(request[at : at + 1])
            for each in readers:
                with suppress(OSError):  # nothing is there yet
                    each.recv(64)
            at += 1
            status, _headers, seconds = stack.ask("/healthz", "127.0.0.9")
            health.append((status, seconds))
        answers = [answer for each in cold for answer in each.stop()]
    print(f"healthz: {len(health)} times, slowest {max(seconds for _status, seconds in health):.2f} s")
    print(f"cold pages: {len(answers)}, slowest {max(seconds for *_rest, seconds in answers):.2f} s")
    assert {status for status, _seconds in health} == {200}
    assert max(seconds for _status, seconds in health) <= 1
    assert {status for status, *_rest in answers} <= {200, 503}
    assert stack.ask("/projects/")[0] == 200


def test_nothing_acknowledged_is_lost_when_the_database_is_killed(stack, tmp_path):
    acknowledged, lock = [], threading.Lock()

    def note(saver):
        for line in saver.stdout:
            with lock:
                acknowledged.append(tuple(json.loads(line)))

    keys = [key for (key,) in stack.rows(f"SELECT slug FROM projects_project ORDER BY slug LIMIT {SAVERS}")]
    new = [Reader(stack, f"/api/v1/projects/?q={{}}x{number}", f"127.0.0.{number + 50}") for number in range(3)]
    kept = Reader(stack, "/projects/", "127.0.0.60")
    with ExitStack() as savers:
        processes = [savers.enter_context(stack.saver(key)) for key in keys]
        notes = [threading.Thread(target=note, args=(each,), daemon=True) for each in processes]
        for each in (*notes, *new, kept):
            each.start()
        eventually(lambda: len(acknowledged) >= SAVES // 2, "Half of the saves")
        stack.database.kill()
        killed, before = time.monotonic(), len(acknowledged)
        time.sleep(3)  # as long as it takes somebody to notice
        stack.replica.promote()
        eventually(lambda: len(acknowledged) > before + SAVERS, "A save after the promotion")
        print(f"saved again after {time.monotonic() - killed:.1f} s")
        eventually(lambda: len(acknowledged) >= SAVES, "The other half of the saves")
        for each in processes:
            each.kill()
        for each in notes:
            each.join()
    answers = {"new": [answer for each in new for answer in each.stop()], "kept": kept.stop()}
    for name, requests in answers.items():
        print(f"{name}: {len(requests)} answers, slowest {max(seconds for *_rest, seconds in requests):.2f} s")
        assert {status for status, *_rest in requests} == {200}, name
    for each in new:
        versions = [version for _status, version, _kept, _seconds in each.answers]
        assert versions == sorted(versions)
    there = set(stack.replica.rows("SELECT id, digest FROM provenance_revision"))
    print(f"{len(acknowledged)} saves acknowledged, {len(set(acknowledged) - there)} missing after the failover")
    assert set(acknowledged) <= there
    path = stack.site.backup()
    restored = Site(f"sqlite:///{tmp_path}/site.sqlite3", tmp_path)
    code, output = restored.run("restore", path)
    assert code == 0, output
    there = set(restored.rows("SELECT id, digest FROM provenance_revision"))
    print(f"{len(set(acknowledged) - there)} missing after restoring a backup")
    assert set(acknowledged) <= there


def test_new_replica_takes_the_place_of_the_lost_one(stack):
    """The last step of docs/operate.md after a failover."""
    shutil.rmtree(stack.database.data)
    stack.database.follow(stack.replica)
    stack.database.start()
    stack.replica.need(stack.database)
    before = stack.replica.rows("SELECT max(id) FROM provenance_revision")
    with stack.saver("nexus") as saver:
        saver.stdout.readline()
        saver.kill()
    assert stack.database.rows("SELECT max(id) FROM provenance_revision") > before
    assert stack.ask("/projects/nexus/")[0] == 200
