"""The files in deploy/ are ones that nginx, systemd and the site take; skipped, and listed, where the tools are missing."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, closing
from functools import partial
from http.client import HTTPConnection, HTTPSConnection

import pytest
from django.utils import timezone

from provenance.models import SuggestedSource
from tests.conftest import NO_TOOLS
from tests.operations.conftest import DEPLOY, NGINX, PATH, listens, nginx_for
from tests.support.documentation import read, sections, tables

pytestmark = pytest.mark.one_database
SYSTEMD = shutil.which("systemd-analyze", path=PATH)


@pytest.fixture
def nginx(tmp_path):
    """A function that makes nginx's files, with the site at ``upstream``, and returns its command and two ports."""
    return lambda upstream="unix:/nowhere": nginx_for(tmp_path, web=upstream, watch=upstream)


def asked(port, path, *, is_secure=True, **headers):
    """Return (status, headers, text) of an address at nginx."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    kind = partial(HTTPSConnection, context=context) if is_secure else HTTPConnection
    with closing(kind("localhost", port, timeout=60)) as connection:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()


@pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason=NO_TOOLS)
def test_nginx_takes_its_configuration(nginx):
    command, *_ports = nginx()
    done = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason=NO_TOOLS)
def test_nginx_serves_keeps_and_closes_the_site(nginx, live_server, register, tmp_path):
    SuggestedSource.objects.create(token="of-one", at=timezone.now(), address="https://example.org/")
    command, plain, secure = nginx(live_server.url.removeprefix("http://"))
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process, ExitStack() as clients:
        try:
            until = time.monotonic() + 30
            while not listens(secure) and time.monotonic() < until:
                time.sleep(0.1)
            status, headers, _text = asked(secure, "/projects/")
            assert (status, headers["X-Cache"]) == (200, "MISS")
            time.sleep(2.1)  # what is older than a second is asked for again
            again = asked(secure, "/projects/")[1]
            assert (again["X-Cache"], again["ETag"]) == ("REVALIDATED", headers["ETag"])
            assert again["X-Request-ID"] != headers["X-Request-ID"]
            assert asked(secure, "/projects/", **{"X-Register-Version": "1"})[1]["X-Cache"] == "BYPASS"
            # What is for one visitor is not kept
            assert [asked(secure, "/know/of-one/")[1]["X-Cache"] for _ in range(2)] == ["MISS", "MISS"]
            statuses = [asked(secure, path)[0] for path in ("/admin/", "/metrics", "/readyz", "/healthz")]
            assert statuses == [403, 403, 403, 200]
            status, headers, _text = asked(plain, "/projects/?q=x", is_secure=False)
            assert (status, headers["Location"]) == (301, "https://localhost/projects/?q=x")
            for _ in range(30):  # say half of something, and wait
                half = clients.enter_context(socket.create_connection(("127.0.0.1", plain)))
                half.send(b"GET /projects/ HTTP/1.1\r\nHost: loc")
            assert asked(secure, "/healthz")[0] == 200
            (tmp_path / "maintenance").touch()
            status, headers, text = asked(secure, "/projects/")
            assert (status, headers["Retry-After"]) == (503, "300")
            assert "Back soon" in text
            (tmp_path / "maintenance").unlink()
            assert asked(secure, "/projects/")[0] == 200
        finally:
            process.terminate()


@pytest.mark.skipif(not SYSTEMD, reason=NO_TOOLS)
def test_systemd_takes_the_units(tmp_path):
    for path in (DEPLOY / "systemd").iterdir():
        name = path.name.replace("@.", "@backup.")  # of a template, one of its units
        text = re.sub(r"/srv/eap-funding/\.venv/bin/\w+", "/bin/true", path.read_text(encoding="utf-8"))
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [SYSTEMD, "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stderr


def test_settings_of_the_environment_file_exist():
    [table] = tables(sections("README.md")["Settings"], "name")
    named = re.findall(r"^([A-Z_]+)=", (DEPLOY / "environment").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert named
    assert set(named) <= set(table)


def test_each_job_has_a_timer_and_is_enabled_in_the_instructions():
    jobs = {path.name.partition("@")[2].removesuffix(".timer") for path in (DEPLOY / "systemd").glob("*.timer")}
    [enabled] = re.findall(r"^for job in (.+); do$", read("docs/operate.md"), flags=re.MULTILINE)
    assert jobs == set(enabled.split())


def test_page_of_maintenance_needs_nothing_else():
    text = (DEPLOY / "maintenance.html").read_text(encoding="utf-8")
    assert not re.search(r"src=|href=|style", text)
    assert 'lang="fr"' in text
