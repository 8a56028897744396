"""What is measured: databases, commits in folders of their own, and gunicorn as it is shipped."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

from tests.bench import bare
from tests.bench.client import Client
from tests.with_postgres import DATABASE

ROOT = Path(__file__).resolve().parent.parent.parent
STARTING = 600  # seconds until a server has to answer
PLAIN = {
    "DEBUG": "false", "HTTPS": "false", "BEHIND_PROXY": "false", "RATE_LIMIT": "0", "RELEASE": "bench",
    "ALLOWED_HOSTS": "127.0.0.1", "SECRET_KEY": secrets.token_urlsafe(50),
}  # fmt: skip


@contextmanager
def commit(name):
    """Yield a folder with that commit of the project, without its static files; None without a name."""
    if not name:
        yield None
        return
    known = subprocess.run(["git", "rev-parse", "-q", "--verify", f"{name}^{{commit}}"], cwd=ROOT, capture_output=True)
    if known.returncode:
        sys.exit(f"BASE is “{name}”, which is no commit of this repository. Give one that git log shows.")
    with tempfile.TemporaryDirectory(prefix="eap-bench-") as parent:
        folder = Path(parent, "base")
        subprocess.run(["git", "worktree", "add", "-q", "--detach", folder, name], cwd=ROOT, check=True)
        try:
            (folder / "assets").symlink_to(ROOT / "assets")
            pybabel = Path(sys.executable).with_name("pybabel")
            subprocess.run([pybabel, "-q", "compile", "-d", "locale", "-D", "django"], cwd=folder, check=True)
            yield folder
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=ROOT, check=True)


def environment(url, **more):
    return os.environ | PLAIN | {"DATABASE_URL": url} | more


@contextmanager
def connected(url):
    """Yield a cursor of a connection of its own, outside any transaction."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def fill(url, folder, count):
    """Make a register of the fixtures and ``count`` sample projects, or what it lacks, with the code in ``folder``."""
    for command in ("migrate", "load_fixtures"):
        manage(url, folder, command)
    with connected(url) as cursor:
        cursor.execute("SELECT count(*) FROM projects_project WHERE slug LIKE 'sample-%'")
        [[there]] = cursor
    if there < count:
        manage(url, folder, f"make_sample_projects {count - there} --beside-others")


def manage(url, folder, command):
    asked = [sys.executable, "manage.py", *command.split()]
    subprocess.run(asked, cwd=folder, env=environment(url), check=True, stdout=subprocess.DEVNULL)


def copy(url, name):
    """Return the address of a copy, called ``name``, of the database at ``url``, which nobody may be using."""
    with connected(url.replace(f"/{DATABASE}?", "/postgres?")) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE}")
    return url.replace(f"/{DATABASE}?", f"/{name}?")


def settle(url):
    """Make the bare app's tables, and leave nothing to be tidied while something is measured."""
    with connected(url) as cursor:
        cursor.execute(bare.PREPARE)
        cursor.execute("VACUUM ANALYZE")


class Server:
    """gunicorn in ``folder``, with the configuration that lies there."""

    def __init__(self, url, folder, *app, workers=1):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.started = time.perf_counter()
        more = {"PORT": str(self.port), "WEB_CONCURRENCY": str(workers)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *app],
            cwd=folder, env=environment(url, **more), stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def wait(self):
        """Return the seconds from its start to its first answer."""
        for _ in range(STARTING * 20):
            if self.process.poll() is not None:
                raise RuntimeError(f"gunicorn ended with {self.process.returncode}")
            try:
                with closing(Client(self.port)) as client:
                    if client.get("/healthz").status == 200:
                        return time.perf_counter() - self.started
            except (OSError, IndexError):  # nobody listens yet
                time.sleep(0.05)
        raise RuntimeError(f"gunicorn did not answer within {STARTING} seconds")

    def memory(self):
        """Return what all its processes take, in bytes: pages that they share count once (PSS)."""
        master = self.process.pid
        pids = [master, *Path(f"/proc/{master}/task/{master}/children").read_text().split()]
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
        return sum(int(line.split()[1]) * 1024 for text in rollups for line in text.splitlines() if line[:4] == "Pss:")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def serving(*arguments, **options):
    server = Server(*arguments, **options)
    try:
        server.starting = server.wait()
        yield server
    finally:
        server.stop()


@contextmanager
def changing(url, folder):
    """Yield a function that changes a project, by its key, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("changing.py")],
        cwd=folder, env=environment(url), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

    def change(key):
        print(key, file=process.stdin, flush=True)
        if process.stdout.readline() != "done\n":
            raise RuntimeError("The process that changes projects ended")

    try:
        yield change
    finally:
        process.stdin.close()
        process.wait()
