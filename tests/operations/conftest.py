"""A site of its own for what replaces whole databases: its commands run in processes of their own."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.eap_funding.conftest import log  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
URL = os.environ["DATABASE_URL"]
IS_POSTGRES = URL.startswith("postgres")
SCRIPT = "import django; django.setup()\n"
DEPLOY = ROOT / "deploy"
PATH = f"{os.environ['PATH']}:/usr/sbin"
NGINX = shutil.which("nginx", path=PATH)


class Site:
    """An installation: a database, and folders of its own in ``folder``."""

    def __init__(self, url, folder):
        self.url, self.folder, self.uploads, self.backups = url, folder, folder / "uploads", folder / "backups"
        self.environment = os.environ | {
            "DATABASE_URL": url, "IMPORTS_DIR": str(self.uploads), "INDEX_DIR": str(folder / "index"),
            "DJANGO_SETTINGS_MODULE": "eap_funding.settings",
        }  # fmt: skip

    def run(self, *command, **more):
        """Run a command of manage.py, and return its exit code and all that it says."""
        command = [sys.executable, "manage.py", *map(str, command)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment | more, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def start(self, script):
        """Start a script with our models at hand; returns its process, with a pipe from its output."""
        command = [sys.executable, "-c", SCRIPT + script]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)

    def do(self, script):
        with self.start(script) as process:
            output = process.stdout.read()
        assert process.returncode == 0
        return output

    def backup(self, **more):
        """Write a backup, and return its path."""
        code, output = self.run("backup", self.backups, **more)
        assert code == 0, output
        return max(self.backups.glob("register-*"))

    @contextmanager
    def connected(self):
        is_file = self.url.startswith("sqlite")
        with closing(sqlite3.connect(self.url[10:]) if is_file else psycopg2.connect(self.url)) as connection:
            yield connection

    def rows(self, query):
        with self.connected() as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return cursor.fetchall()

    def lose(self):
        """Lose the machine: the database and the uploaded files."""
        for path in self.folder.glob("site.sqlite3*"):
            path.unlink()
        for path in self.uploads.glob("*"):
            path.unlink()
        if not self.url.startswith("sqlite"):
            with self.connected() as connection:
                connection.cursor().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                connection.commit()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with the eight projects."""
    with new_site(tmp_path_factory.mktemp("site"), is_postgres=IS_POSTGRES) as made:
        for command in ("migrate", "load_fixtures"):
            code, output = made.run(command, "-v0")
            assert code == 0, output
        yield made


@contextmanager
def new_site(folder, *, is_postgres):
    """Yield a Site with an empty database."""
    if not is_postgres:
        yield Site(f"sqlite:///{folder}/site.sqlite3", folder)
        return
    name = f"drill_{os.getpid()}_{folder.name[-1]}"
    admin = psycopg2.connect(URL)
    admin.autocommit = True
    with closing(admin), admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield Site(urlsplit(URL)._replace(path=f"/{name}").geturl(), folder)
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def nginx_for(folder, *, web, watch):
    """Make nginx's files in ``folder``, with the site at two addresses, and return its command and two ports."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=register.example.org",
         "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"], check=True, capture_output=True,
    )  # fmt: skip
    with socket.socket() as plain, socket.socket() as secure:
        for each in (plain, secure):
            each.bind(("127.0.0.1", 0))
        ports = {"80": plain.getsockname()[1], "443": secure.getsockname()[1]}
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for name, address in (("web", web), ("watch", watch)):
        text = text.replace(f"unix:/run/eap-funding/{name}.sock", address)
    text = text.replace("/srv/eap-funding/deploy", str(DEPLOY))
    for path in ("/etc/ssl/eap-funding", "/var/cache/nginx", "/run/eap-funding"):
        text = text.replace(path, str(folder))
    text = re.sub(r"(listen (?:\[::\]:)?)(80|443)\b", lambda match: f"{match[1]}{ports[match[2]]}", text)
    (folder / "site.conf").write_text(text.replace("register.example.org", "localhost"), encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "main.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log stderr; events {{}}"
        f" http {{ access_log off; include {folder}/site.conf; }}"
    )
    return [NGINX, "-p", folder, "-c", folder / "main.conf"], *ports.values()


def listens(port):
    with socket.socket() as client:
        return not client.connect_ex(("127.0.0.1", port))
