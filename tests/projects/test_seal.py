"""The seal stands wherever people copy from, and is that of the version shown."""

import base64
import hashlib
import io
import sqlite3

import orjson
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from nacl.signing import VerifyKey

from eap_funding.checks import refuse_broken_key
from projects.dumps.checkpoint import new_key
from projects.models import Project
from provenance.models import Revision
from tests.support.records import update

pytestmark = pytest.mark.django_db
ADDRESSES = (
    "/", "/projects/", "/projects/nexus/", "/countries/", "/countries/MD/", "/sources/", "/data/", "/data/checkpoint",
    "/projects.csv", "/projects.json", "/projects.ndjson", "/projects.xlsx", "/projects.xml", "/projects.atom",
    "/projects.csv-metadata.json", "/projects/nexus.json", "/api/v1/projects/", "/api/v1/projects/nexus/",
    "/api/v1/stats/", "/api/v1/changes/",
)  # fmt: skip


def newest():
    return Revision.objects.public().order_by("id").values_list("id", "head").last()


def shown(head):
    return f"{head[:4]} {head[4:8]} {head[8:12]} {head[12:16]} {head[16:20]}"


@pytest.fixture
def later(register):
    """Return (version, head) as of 1 March 2026; a project changed since."""
    before = newest()
    update(Project, "nexus", title="Another", user_name="olga")
    assert newest() != before
    return before


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_has_version_and_head_in_its_headers(client, later, address):
    headers = client.head(address).headers
    assert (int(headers["X-Register-Version"]), headers["X-Register-Seal"]) == newest()


@pytest.mark.parametrize(
    "address",
    [
        "/projects/",
        "/projects.json",
        "/api/v1/projects/nexus/",
        "/api/v1/stats/",
        "/sources.json",
    ],
)
def test_answer_about_the_past_has_the_head_of_then(client, later, address):
    headers = client.get(f"{address}?as_of=2026-03-02").headers
    assert (int(headers["X-Register-Version"]), headers["X-Register-Seal"]) == later


def test_refused_request_has_no_head(client, register):
    assert "X-Register-Seal" not in client.get("/api/v1/projects/?x=1").headers


def test_files_hold_the_head(client, later):
    for query, (version, head) in (("", newest()), ("?as_of=2026-03-02", later)):
        about = orjson.loads(b"".join(client.get(f"/projects.json{query}")))["about"]
        assert (about["version"], about["head"]) == (version, head)
        notes = client.get(f"/projects.csv-metadata.json{query}").json()["notes"][0]
        assert notes["head"] == head
        iati = b"".join(client.get(f"/projects.xml{query}")).decode()
        assert f"version {version} of the" in iati
        assert f"Seal: {head}." in iati
    version, head = newest()
    assert f"Version {version} of the register. Seal: {shown(head)}." in client.get("/projects.atom").content.decode()
    assert (
        f"Version {version} of the Eastern Partnership migration funding register. Seal: {head}."
        in client.get("/projects/moldova-targeted-initiative.xml").content.decode()
    )
    assert client.get("/data/datapackage.json").json()["head"] == head


def test_dump_holds_the_head(client, later, settings, tmp_path):
    settings.DUMPS_DIR = tmp_path
    call_command("write_dumps", stdout=io.StringIO())
    version, head = newest()
    folder = tmp_path / str(version)
    assert orjson.loads((folder / "register.ndjson").read_bytes().splitlines()[0])["head"] == head
    assert orjson.loads((folder / "datapackage.json").read_bytes())["head"] == head
    assert orjson.loads((folder / "metadata.json").read_bytes())["source"].startswith(
        f"Version {version} of the register, seal {shown(head)}"
    )
    assert (
        f"Version {version} of the Eastern Partnership migration funding register. Seal: {head}."
        in (folder / "projects.xml").read_text()
    )
    with sqlite3.connect(folder / "register.sqlite") as database:
        assert database.execute("SELECT value FROM register WHERE name = 'head'").fetchone() == (head,)


@pytest.mark.parametrize(
    "address",
    ["/projects/nexus/", "/projects/", "/countries/MD/", "/countries/", "/sources/financial-and-technical-assistance/"],
)
def test_citation_has_version_and_seal(client, later, address):
    for query, (version, head) in (("", newest()), ("?as_of=2026-03-02", later)):
        page = client.get(address + query).content.decode()
        assert f"version {version} " in page
        assert f"seal {shown(head)}" in page
    assert f"sceau {shown(newest()[1])}" in client.get(f"/fr{address}").content.decode()


def test_old_version_has_its_own_seal(client, later):
    first = Revision.objects.filter(kind="project", key="nexus").order_by("id").first()
    response = client.get(f"/projects/nexus/history/{first.pk}/")
    assert f"version {first.pk} " in response.content.decode()
    assert f"seal {shown(first.head)}" in response.content.decode()
    assert response.headers["X-Register-Seal"] == first.head


def test_empty_register_has_no_seal(client, db):
    assert client.get("/projects/").headers["X-Register-Seal"] == ""
    assert "seal" not in client.get("/countries/").content.decode().lower()
    assert client.get("/data/checkpoint").content.decode().splitlines()[1:4] == ["0", "", "version 0"]


# -- The checkpoint --


def test_checkpoint_has_origin_count_head_and_version(client, later, settings):
    settings.SITE_ADDRESS = "https://register.example/"
    response = client.get("/data/checkpoint")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    version, head = newest()
    count = Revision.objects.public().count()
    assert response.content.decode() == f"register.example\n{count}\n{head}\nversion {version}\n"
    assert client.get("/data/checkpoint?x=1").status_code in (302, 400)


def test_checkpoint_is_signed_where_a_key_is_set(client, later, settings):
    settings.SITE_ADDRESS = "https://register.example"
    settings.SEAL_KEY, public = new_key()
    text, _, signature = client.get("/data/checkpoint").content.decode().partition("\n\n")
    dash, name, encoded = signature.split()
    assert (dash, name) == ("—", "register.example")
    key_name, key_hash, key = public.split("+", 2)
    signed, key = base64.b64decode(encoded), base64.b64decode(key)
    assert (key_name, key[:1]) == (name, b"\x01")
    assert signed[:4].hex() == key_hash == hashlib.sha256(f"{name}\n".encode() + key).hexdigest()[:8]
    VerifyKey(key[1:]).verify(f"{text}\n".encode(), signed[4:])


@pytest.mark.parametrize("key", ["x", "not base64!", base64.b64encode(b"short").decode()])
def test_broken_key_is_refused_at_the_start(key):
    refuse_broken_key("")
    refuse_broken_key(new_key()[0])
    with pytest.raises(ImproperlyConfigured, match="make one with: manage.py make_seal_key"):
        refuse_broken_key(key)


def test_new_keys_are_printed(capsys):
    call_command("make_seal_key")
    assert "SEAL_KEY=" in capsys.readouterr().out
