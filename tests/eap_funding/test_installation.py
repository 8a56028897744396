"""Settings that would be unsafe stop the site, whatever starts it; placeholders are warned of; one name for one host."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from eap_funding.checks import Environment, placeholders, refuse_unsafe, spelled_hosts

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[2]
LONG = "k" * 50


def start(*command, **environment):
    """What starting the site by ``command`` says at its end, and its exit code."""
    environment = os.environ | {"SECRET_KEY": LONG} | environment
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", [["-c", "import eap_funding.wsgi"], ["manage.py", "check"]])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"SECRET_KEY": "k" * 49}, "SECRET_KEY has 49 characters; it needs at least 50"),
        ({"ALLOWED_HOSTS": "example.org,*"}, "ALLOWED_HOSTS contains “*”"),
        (
            {"DEBUG": "true", "ALLOWED_HOSTS": "localhost,example.org"},
            "DEBUG is true and ALLOWED_HOSTS contains “example.org”",
        ),
    ],
)
def test_unsafe_site_does_not_start(command, wrong, words):
    code, output = start(*command, **wrong)
    assert code
    assert words in output.splitlines()[-1]


@pytest.mark.parametrize(
    "hosts", ["*", " * ", ".", " . ", "..", ".org", ".ORG.", "*.example.org", "example.org,.", "*:80"]
)
def test_hosts_that_are_not_ones_own_are_refused(hosts):
    with pytest.raises(ImproperlyConfigured, match=r"such as register\.example\.org"):
        refuse_unsafe(LONG, False, spelled_hosts(hosts.split(",")))


@pytest.mark.parametrize(
    ("hosts", "is_local"),
    [
        ("localhost,127.0.0.1,[::1]", True),
        ("LOCALHOST.,.localhost,my.localhost,127.9.9.9", True),
        ("0.0.0.0", False),  # noqa: S104
        ("192.168.1.1", False),
        ("[2001:db8::1]", False),
        ("notlocalhost", False),
        ("localhost.example.org", False),
        (".example.org", False),
    ],
)
def test_debug_pages_are_for_this_machine_alone(hosts, is_local):
    hosts = spelled_hosts(hosts.split(","))
    refuse_unsafe(LONG, False, hosts)
    if is_local:
        refuse_unsafe(LONG, True, hosts)
    else:
        with pytest.raises(ImproperlyConfigured, match="DEBUG"):
            refuse_unsafe(LONG, True, hosts)


def test_key_of_blanks_is_none():
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY has 1 char"):
        refuse_unsafe("k" + " " * 60, False, [])


# -- Wrong values --


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("RATE_LIMIT", "abc", "it needs a whole number from 0"),
        ("BACKUPS_KEPT", "0", "it needs a whole number from 1"),
        ("IMPORT_MAX_PACKED", "20MB", "it needs a whole number from 1"),
        ("HTTPS", "2", "it needs true or false"),
        ("METRICS_NETWORKS", "10.0.0.1/8", "It needs networks such as 10.0.0.0/8"),
    ],
)
def test_wrong_setting_is_refused_with_its_name(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    read = {"HTTPS": Environment().bool, "METRICS_NETWORKS": lambda name, default: Environment().networks(name)}
    with pytest.raises(ImproperlyConfigured, match=f"^{name}.*{words}"):
        least = {"least": 0} if name == "RATE_LIMIT" else {}
        read.get(name, Environment().int)(name, default=False, **least)


@pytest.mark.parametrize(("value", "is_on"), [("true", True), ("1", True), ("Yes", True), ("off", False), ("", False)])
def test_switch_is_read_in_each_usual_word(monkeypatch, value, is_on):
    monkeypatch.setenv("HTTPS", value)
    assert Environment().bool("HTTPS", default=False) is is_on


# -- Placeholders --


REAL = {
    "SECURITY_CONTACT": "mailto:security@example.org",
    "CONTACT_EMAIL": "register@example.org",
    "REPORTING_ORG_REF": "XM-DAC-1",
}


def warned(settings, hosts=("example.org",), **changes):
    settings.ALLOWED_HOSTS = list(hosts)
    for name, value in (REAL | changes).items():
        setattr(settings, name, value)
    return [warning.msg.split()[0] for warning in placeholders(None)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECURITY_CONTACT", "mailto:security@localhost"),
        ("SECURITY_CONTACT", ""),
        ("CONTACT_EMAIL", "register@localhost"),
        ("REPORTING_ORG_REF", "XE-EXAMPLE-EAPFUNDING"),
        ("REPORTING_ORG_REF", ""),
    ],
)
def test_placeholder_of_a_public_site_is_warned_of(settings, name, value):
    assert warned(settings, **{name: value}) == [name]
    assert warned(settings, ["localhost"], **{name: value}) == []


def test_real_contacts_are_not_warned_of(settings):
    assert warned(settings) == []
    assert warned(settings, CONTACT_EMAIL="") == []


def test_placeholders_as_they_come_are_all_warned_of():
    code, output = start("manage.py", "check", "--fail-level", "WARNING", ALLOWED_HOSTS="example.org")
    assert code
    assert [name for name in REAL if f"{name} is a placeholder" in output] == [*REAL]


# -- A database without tables --


def test_command_before_migrate_says_so_in_one_line(tmp_path):
    database = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    code, output = start("manage.py", "import_records", __file__, DATABASE_URL=database)
    assert code == 1
    assert output.splitlines()[-1] == "Some tables are missing or out of date. Run “manage.py migrate” first."
    assert "Traceback" not in output


# -- What a proxy says --


def test_gunicorn_believes_no_header_of_a_proxy(monkeypatch):
    monkeypatch.chdir(ROOT)
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert (
        configuration["secure_scheme_headers"],
        configuration["forwarder_headers"],
        configuration["forwarded_allow_ips"],
    ) == ({}, "", "")


@pytest.mark.parametrize(("is_behind", "scheme"), [("true", "https"), ("false", "http")])
def test_forwarded_scheme_is_believed_behind_a_proxy_only(is_behind, scheme):
    words = (
        "import django; django.setup(); from django.test import RequestFactory;"
        " print(RequestFactory().get('/', headers={'x-forwarded-proto': 'https'}).scheme)"
    )
    environment = os.environ | {"BEHIND_PROXY": is_behind, "DJANGO_SETTINGS_MODULE": "eap_funding.settings"}
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == scheme


# -- One name for one host --


@pytest.fixture
def example(settings):
    settings.ALLOWED_HOSTS = ["example.org", "[::1]"]


SPELLINGS = ["EXAMPLE.org", "example.org.", "example.org:80", "Example.ORG.:0080"]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/projects/",
        "/projects.atom",
        "/sitemap.xml",
        "/robots.txt",
    ],
)
def test_host_in_another_spelling_is_the_same(client, register, example, path, spelling):
    usual, other = (client.get(path, headers={"host": host}) for host in ("example.org", spelling))
    assert other.status_code == usual.status_code == 200
    assert other.content == usual.content
    assert other.headers.get("ETag") == usual.headers.get("ETag")
    assert spelling.encode() not in other.content


@pytest.mark.django_db
@pytest.mark.parametrize("host", SPELLINGS)
def test_redirect_names_the_host_in_one_spelling(client, settings, example, host):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/projects/", headers={"host": host}).headers["Location"] == "https://example.org/projects/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("EXAMPLE.org:8080", "http://example.org:8080/"),
        ("example.org:443", "http://example.org:443/"),
        ("[::1]:80", "http://[::1]/"),
    ],
)
def test_port_that_is_not_the_usual_one_stays(client, example, host, named):
    assert named + "sitemap.xml" in client.get("/robots.txt", headers={"host": host}).content.decode()


@pytest.mark.parametrize(
    "host", ["", "a b", "evil.example", "example.org..", "example.org:x", "é", "[", "example.org:" + "9" * 5000]
)
def test_host_that_is_none_never_fails(client, register, example, host):
    assert client.get("/projects/", headers={"host": host}).status_code in (200, 400)


def test_allowed_hosts_are_spelled_alike():
    assert spelled_hosts([" Example.ORG. ", "", " "]) == ["example.org"]
    assert all(host == host.lower() for host in django_settings.ALLOWED_HOSTS)


# -- Secrets --


def test_secrets_are_read_from_files(tmp_path):
    for name, text in (("key", "f" * 60), ("url", "sqlite:///from-a-file.sqlite3")):
        (tmp_path / name).write_text(f"{text}\n")
    files = {"SECRET_KEY_FILE": str(tmp_path / "key"), "DATABASE_URL_FILE": str(tmp_path / "url")}
    command = "from eap_funding import settings as s; assert s.SECRET_KEY == 'f' * 60; raise SystemExit(s.DATABASES)"
    code, output = start("-c", command, **files)
    assert code
    assert "'NAME': 'from-a-file.sqlite3'" in output


def test_session_outlives_a_new_key_while_the_old_one_is_a_fallback(admin_client, settings):
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 60
    settings.SECRET_KEY_FALLBACKS = [old]
    assert admin_client.get("/admin/").status_code == 200
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "o" * 60, []
    assert admin_client.get("/admin/").status_code == 302
