"""What was acknowledged before a backup is there after the machine is lost, byte for byte; nothing else is restored."""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from operations.backup import archive
from tests.operations.conftest import IS_POSTGRES, new_site

pytestmark = pytest.mark.slow

STAFF = r"""
from datetime import date
from hashlib import sha256
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.utils import timezone
from imports.models import Import
from imports.storage import beside
from provenance.models import Edition, Source
from provenance.store import audit
user = User.objects.create_user("anna", password="correct horse battery")
user.groups.add(Group.objects.first())
batch = Import.objects.create(kind="table", file_name="Zażółć\\ \t,\"'.csv", digest="0" * 64, size=9, user=user,
    user_name="anna", at=timezone.now(), state="read", options={"z": [1, None, "é\n"], "a": {"y": True, "b": 1.5}})
beside(batch, "bytes").parent.mkdir(exist_ok=True)
beside(batch, "bytes").write_bytes(b"\x00\xff,bytes\n")
file = b"%PDF\x00\xff\\ \x1f\n"
edition = Edition.objects.create(source=Source.objects.get(), digest=sha256(file).hexdigest(), file=file, text="A text\x1f\x1e\x1d \\N \r\n“of” it.",
    read_date=date(2026, 1, 2), at=timezone.now(), user_name="anna")
audit.note(user, audit.kept(edition), f"edition {edition.pk}")
Session.objects.create(session_key="signed-in", session_data="secret", expire_date=timezone.now())
"""
SAVER = r"""
import itertools, json
from projects.models import Project
from provenance.models import Revision
from provenance.store.database import register_lock
from provenance.store.log import record
for number in itertools.count():
    with register_lock():
        Project.objects.filter(pk="nexus").update(acronym=f"NEXUS {number}")
        record(Project, ["nexus"], user_name="saver", reason="Under load.")
    print(json.dumps(Revision.objects.values_list("pk", "digest").order_by("-pk")[0]), flush=True)
"""
REVISIONS = "SELECT id, digest FROM provenance_revision ORDER BY id"
KEPT = {
    "staff": "SELECT username, password, is_active FROM auth_user ORDER BY id",
    "roles": "SELECT user_id, group_id FROM auth_user_groups ORDER BY id",
    "imports": "SELECT file_name, size, state FROM imports_import ORDER BY id",
    "texts": "SELECT digest, text FROM provenance_edition ORDER BY id",
    "claims": "SELECT object_id, field, quote, content_type_id FROM provenance_claim ORDER BY id",
}


def acknowledged(saver, number):
    """Return the next saves that were acknowledged."""
    return [tuple(json.loads(saver.stdout.readline())) for _ in range(number)]


def manifest_of(path):
    with archive.reading(path) as (_backup, manifest):
        return manifest


def rows_of(manifest):
    """The digests of all files in a backup, but of the note of when backups ran."""
    return {name: each["sha256"] for name, each in manifest["files"].items() if "operations_run" not in name}


@pytest.fixture(scope="module")
def drill(site):
    """The site after the drill, its backup, and what was there when it was made."""
    site.do(STAFF)
    with site.start(SAVER) as saver:
        before = acknowledged(saver, 5)
        path = site.backup()
        last = site.rows(REVISIONS)[-1]
        while (after := acknowledged(saver, 1)[0]) <= last:
            pass
        saver.kill()
    kept = {name: site.rows(query) for name, query in KEPT.items()}
    site.lose()
    code, output = site.run("restore", path)
    assert code == 0, output
    return site, path, before, after, kept


def test_saves_acknowledged_before_a_backup_are_there_after_the_machine_was_lost(drill):
    site, _path, before, after, _kept = drill
    restored = site.rows(REVISIONS)
    assert set(before) <= set(restored)
    assert after not in restored
    assert site.run("check_register")[0] == 0


def test_staff_and_imports_and_texts_are_there_and_nobody_is_signed_in(drill):
    site, _path, _before, _after, kept = drill
    assert {name: site.rows(query) for name, query in KEPT.items()} == kept
    assert [path.read_bytes() for path in site.uploads.iterdir()] == [b"\x00\xff,bytes\n"]
    assert site.rows("SELECT * FROM django_session") == []


def test_saves_go_on_after_a_restore(drill):
    site, path, *_ = drill
    last = site.rows(REVISIONS)[-1][0]
    with site.start(SAVER) as saver:
        [(number, *_)] = acknowledged(saver, 1)
        saver.kill()
    assert number == last + 1
    code, output = site.run("restore", path, "--replace")
    assert code == 0, output
    assert "What was there before is kept" in output
    assert site.rows(REVISIONS)[-1][0] == last


def test_backup_holds_names_of_settings_and_no_value(drill):
    _site, path, *_ = drill
    assert {"SECRET_KEY", "DATABASE_URL"} <= set(manifest_of(path)["settings"])
    with zipfile.ZipFile(path) as file:
        for name in file.namelist():
            content = file.read(name)
            assert os.environ["SECRET_KEY"].encode() not in content
            assert b"sqlite3" not in content
    assert path.stat().st_mode & 0o077 == 0


def test_register_in_use_is_replaced_only_when_asked(drill):
    site, path, *_ = drill
    code, output = site.run("restore", path)
    assert code == 1
    assert "add --replace" in output


@pytest.mark.skipif(IS_POSTGRES, reason="PostgreSQL replaces its schema in one transaction")
def test_database_that_somebody_has_open_is_not_replaced(drill):
    site, path, *_ = drill
    with site.connected() as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("SELECT count(*) FROM provenance_revision").fetchone()
        code, output = site.run("restore", path, "--replace")
    assert code == 1
    assert "still has the database open" in output


def changed(path, target, change):
    """Write a backup whose files were ``change``d, but whose manifest is right."""
    with zipfile.ZipFile(path) as file:
        files = {name: file.read(name) for name in file.namelist()}
    manifest = json.loads(files.pop(archive.MANIFEST))
    change(manifest, files)
    for name, content in files.items():
        manifest["files"][name] = {"sha256": archive.sha256_of([content]), "size": len(content)}
    manifest["files"] = {name: each for name, each in manifest["files"].items() if name in files}
    with zipfile.ZipFile(target, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
        file.writestr(archive.MANIFEST, json.dumps(manifest))
    return target


def test_register_that_is_not_in_order_is_refused_and_nothing_changes(drill, tmp_path):
    site, path, *_ = drill

    def falsify(_manifest, files):
        name = "tables/provenance_revision.ndjson"
        files[name] = files[name].replace(b"NEXUS", b"SUXEN", 1)

    before = site.rows(REVISIONS)
    code, output = site.run("restore", changed(path, tmp_path / "x", falsify), "--replace")
    assert code == 1
    assert "was changed after it was recorded" in output
    assert output.endswith("Nothing was restored.\n")
    assert site.rows(REVISIONS) == before


def test_older_backup_is_restored_and_migrated(drill, tmp_path):
    site, path, *_ = drill

    def older(manifest, files):
        manifest["migrations"] = [each for each in manifest["migrations"] if each[0] != "operations"]
        del files["tables/operations_run.ndjson"]

    code, output = site.run("restore", changed(path, tmp_path / "x", older), "--replace")
    assert code == 0, output
    assert site.rows("SELECT * FROM operations_run") == []


def test_newer_backup_is_refused(drill, tmp_path):
    site, path, *_ = drill

    def newer(manifest, _files):
        manifest["migrations"].append(["projects", "9999_flying"])

    code, output = site.run("restore", changed(path, tmp_path / "x", newer), "--replace")
    assert code == 1
    assert "newer program: this one has no migration projects.9999_flying" in output


@pytest.mark.skipif(not IS_POSTGRES, reason="needs PostgreSQL beside SQLite")
def test_register_moves_to_the_other_database_and_back(drill, tmp_path):
    site, path, *_ = drill
    with new_site(tmp_path, is_postgres=False) as other:
        code, output = other.run("restore", path)
        assert code == 0, output
        back = other.backup()
    assert rows_of(manifest_of(back)) == rows_of(manifest_of(path))
    assert manifest_of(back)["content_digest"] == manifest_of(path)["content_digest"]
    code, output = site.run("restore", back, "--replace")
    assert code == 0, output
    assert rows_of(manifest_of(site.backup())) == rows_of(manifest_of(path))


# -- The file --


def refused(path, identity=""):
    with pytest.raises(archive.Unfit) as error, archive.reading(path, identity):
        pass
    return str(error.value)


@pytest.fixture
def file(tmp_path):
    """A small backup."""
    with archive.writing(tmp_path, "register-1.backup", "", {}) as add:
        add("tables/x.ndjson", [b"[1]\n" * 1000, b"[2]\n"])
    return tmp_path / "register-1.backup"


def test_file_reads_as_it_was_written(file):
    with archive.reading(file) as (backup, _manifest):
        assert backup.open("tables/x.ndjson").read() == b"[1]\n" * 1000 + b"[2]\n"


def test_torn_file_is_refused_at_each_length(file):
    content = file.read_bytes()
    for length in range(0, len(content), 7):
        file.write_bytes(content[:length])
        assert "torn" in refused(file)


def test_file_with_a_byte_changed_is_refused_or_reads_as_it_was(file):
    content, refusals = file.read_bytes(), 0
    for place in range(0, len(content), 3):
        file.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            test_file_reads_as_it_was_written(file)  # such as another time of a file, which nobody reads
        except archive.Unfit:
            refusals += 1
    assert refusals > len(content) / 6


def test_foreign_file_is_refused(tmp_path):
    path = tmp_path / "x"
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("manifest.json", '{"format": "other"}')
    assert "not a backup of this program" in refused(path)
    path.write_text("<html>")
    assert "no backup" in refused(path)


def test_backup_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="disk full"), archive.writing(tmp_path, "register-1.backup", "", {}):
        raise OSError("disk full")
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_only_the_newest_backups_are_kept(tmp_path):
    for number in range(5):
        (tmp_path / f"register-{number}.backup").touch()
    (tmp_path / "mine").touch()
    archive.remove_old(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "register-3.backup", "register-4.backup"]


def test_key_without_its_program_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with (
        pytest.raises(archive.Unfit, match="age is not installed. Install it .Debian: apt-get install age"),
        archive.writing(tmp_path, "register-1.backup", "age1xyz", {}),
    ):
        pass


@pytest.mark.skipif(not shutil.which("age"), reason="age is not installed")
def test_backup_is_encrypted_for_an_age_key(tmp_path):
    secret = tmp_path / "key"
    subprocess.run(["age-keygen", "-o", secret], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", secret], check=True, capture_output=True, text=True).stdout.strip()
    check_encrypted(tmp_path, public, "age", str(secret))
    assert "--identity" in refused(tmp_path / "register-1.backup.age")
    with (
        pytest.raises(archive.Unfit, match="age did not encrypt the backup"),
        archive.writing(tmp_path, "register-2.backup", "age1wrong", {}) as add,
    ):
        add("x", [os.urandom(10_000)] * 100)


@pytest.mark.skipif(not shutil.which("gpg"), reason="GPG is not installed")
def test_backup_is_encrypted_for_a_gpg_key(tmp_path, monkeypatch):
    home = Path(tmp_path, "gpg")
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    made = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "b@example.org", "rsa2048", "encr"]
    subprocess.run(made, check=True, capture_output=True)
    check_encrypted(tmp_path, "b@example.org", "gpg", "")
    subprocess.run(["gpgconf", "--kill", "all"], check=True)


def check_encrypted(folder, key, tool, identity):
    with archive.writing(folder, "register-1.backup", key, {}) as add:
        add("tables/x.ndjson", [b"in the clear"])
    path = folder / f"register-1.backup.{tool}"
    assert b"clear" not in path.read_bytes()
    assert b"tables" not in path.read_bytes()
    with archive.reading(path, identity) as (backup, _manifest):
        assert backup.open("tables/x.ndjson").read() == b"in the clear"
