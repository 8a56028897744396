"""The files in deploy/ are ones that nginx, systemd and the site take; skipped, and listed, where the tools are missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import NO_TOOLS
from tests.support.documentation import read, sections, tables

pytestmark = pytest.mark.one_database
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PATH = f"{os.environ['PATH']}:/usr/sbin"
NGINX, SYSTEMD = (shutil.which(name, path=PATH) for name in ("nginx", "systemd-analyze"))


@pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason=NO_TOOLS)
def test_nginx_takes_its_configuration(tmp_path):
    (tmp_path / "privkey.pem").touch(mode=0o600)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=register.example.org",
         "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"], check=True, capture_output=True,
    )  # fmt: skip
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/ssl/eap-funding", str(tmp_path)).replace("/var/cache/nginx", str(tmp_path))
    text = re.sub(r"(listen (?:\[::\]:)?)(80|443)\b", lambda found: f"{found[1]}2{int(found[2]):04}", text)
    site = tmp_path / "site.conf"
    site.write_text(text, encoding="utf-8")
    main = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {site}; }}"
    (tmp_path / "main.conf").write_text(main)
    done = subprocess.run([NGINX, "-t", "-p", tmp_path, "-c", tmp_path / "main.conf"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


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
