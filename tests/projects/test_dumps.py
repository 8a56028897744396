"""Full dumps: whole or not there, of one version of the register, each file what it says it is."""

import fcntl
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from projects import samples
from projects.dumps import files, writer
from projects.dumps.database import TABLES
from projects.index.follower import current_register
from projects.index.version import register_version
from projects.models import Project
from tests.support.loops import at_least_one
from tests.support.staff import make

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def dump(register, place):
    """The folder of a dump of the eight projects."""
    call_command("write_dumps", verbosity=0)
    return place / str(register_version().number)


def seen(place):
    return sorted(path.name for path in place.iterdir() if path.name != ".lock")


def publish(slug):
    """Let the register have another version."""
    make(Project, slug, title=slug)
    return str(register_version().number)


# -- The folder --


def test_dump_is_written_once_for_a_version(dump, place, capsys):
    before = {path.name: path.stat().st_mtime_ns for path in dump.iterdir()}
    call_command("write_dumps")
    assert "already exists: nothing to do" in capsys.readouterr().out
    assert {path.name: path.stat().st_mtime_ns for path in dump.iterdir()} == before
    assert seen(place) == [dump.name]


def test_same_version_is_the_same_to_the_byte(dump, settings, tmp_path):
    settings.DUMPS_DIR = tmp_path / "again"
    again, is_new = writer.write_dump()
    assert is_new
    files = {path.name: path.read_bytes() for path in dump.iterdir()}
    assert {path.name: path.read_bytes() for path in again.iterdir()} == files


def test_sums_and_descriptor_agree_with_the_files(dump):
    sums = dict(reversed(line.split("  ")) for line in (dump / "SHA256SUMS").read_text().splitlines())
    assert {*sums, "SHA256SUMS"} == {path.name for path in dump.iterdir()}
    assert all(hashlib.sha256((dump / name).read_bytes()).hexdigest() == each for name, each in sums.items())
    descriptor = json.loads((dump / "datapackage.json").read_text())
    assert descriptor["version"] == dump.name
    for each in at_least_one(descriptor["resources"]):
        assert each["hash"] == f"sha256:{sums[each['path']]}"
        assert each["bytes"] == (dump / each["path"]).stat().st_size
    assert {each["path"] for each in descriptor["resources"]} == {*sums} - {"datapackage.json"}


def test_oldest_versions_go(register, place, settings):
    settings.DUMPS_KEPT = 2
    call_command("write_dumps")
    versions = [publish("one"), publish("two")]
    call_command("write_dumps")
    versions.append(publish("three"))
    call_command("write_dumps")
    assert seen(place) == sorted(versions[1:], key=str)


def test_what_a_killed_run_left_is_never_seen_and_goes(register, place, client):
    (place / ".writing-7").mkdir(parents=True)
    (place / ".writing-7" / "register.ndjson").write_text("half")
    (place / ".removing-3").mkdir()
    call_command("write_dumps")
    assert seen(place) == [str(register_version().number)]


def test_two_runs_at_once_do_not_harm_each_other(register, place, capsys):
    place.mkdir()
    with open(place / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        call_command("write_dumps")
        assert "Another run is writing" in capsys.readouterr().out
        assert seen(place) == []
    call_command("write_dumps")
    assert len(seen(place)) == 1


def test_run_that_fails_leaves_nothing_seen(register, place, monkeypatch):
    def broken(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr(writer, "descriptor_of_dump", broken)
    with pytest.raises(CommandError, match="No space left"):
        call_command("write_dumps")
    assert [name for name in seen(place) if not name.startswith(".")] == []


def test_dump_of_another_register_is_not_taken_for_this_one(dump):
    descriptor = json.loads((dump / "datapackage.json").read_text())
    (dump / "datapackage.json").write_text(json.dumps(descriptor | {"created": "2020-01-01T00:00:00.000Z"}))
    with pytest.raises(CommandError, match="of another register"):
        call_command("write_dumps")


def test_register_without_data_gives_no_dump(db, place, capsys):
    call_command("write_dumps")
    assert "Nothing is public yet" in capsys.readouterr().out
    assert seen(place) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_run_that_is_killed_leaves_nothing_half_seen(place):
    samples.make(300)
    environment = os.environ | {"DATABASE_URL": address_of_database(), "DUMPS_DIR": str(place)}
    run = [sys.executable, "manage.py", "write_dumps"]
    process = subprocess.Popen(run, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not place.is_dir() or not any(path.name.startswith(".writing-") for path in place.iterdir()):
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [name for name in seen(place) if not name.startswith(".")] == []
    subprocess.run(run, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert seen(place) == [str(register_version().number)]


def address_of_database():
    """The test's own database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.mark.django_db(transaction=True)
def test_all_files_are_of_one_version_while_others_write(place, monkeypatch):
    """Outside a test's own transaction, so that the snapshot is a real one."""
    samples.make(40)
    was = register_version().number
    write = files.FILES[0].write

    def and_change(path, register):
        write(path, register)
        change_elsewhere()

    monkeypatch.setattr(writer, "FILES", [files.FILES[0]._replace(write=and_change), *files.FILES[1:]])
    folder, _ = writer.write_dump()
    assert register_version().number > was
    assert folder.name == str(was)
    with closing(sqlite3.connect(folder / "register.sqlite")) as database:
        lines = (folder / "register.ndjson").read_text().splitlines()
        assert (
            sum('"kind":"project"' in line and '"document":' in line for line in lines)
            == database.execute("SELECT count(*) FROM project").fetchone()[0]
        )
        assert database.execute("SELECT count(*) FROM project WHERE slug = 'meanwhile'").fetchone() == (0,)


def change_elsewhere():
    """Publish a project through another connection, as another process would."""

    def work():
        publish("meanwhile")
        connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()


# -- The database --


@pytest.fixture
def database(dump):
    with closing(sqlite3.connect(dump / "register.sqlite")) as opened:
        yield opened


def test_database_holds_what_the_register_holds(database, client):
    total = client.get("/api/v1/stats/").json()["total"]
    assert database.execute("SELECT count(*) FROM project").fetchone() == (total["projects"],)
    rows = database.execute(
        "SELECT budget_currency, sum(budget_cents), count(budget_cents) FROM project WHERE budget IS NOT NULL GROUP BY 1"
    ).fetchall()
    assert [(currency, f"{cents / 100:.2f}", count) for currency, cents, count in rows] == [
        (each["currency"], each["amount"], each["stated_for"]) for each in total["amounts"]
    ]
    for document in at_least_one(map(json.loads, current_register().projects.stream_documents())):
        row = database.execute(
            "SELECT title, summary, budget, start_date, start_date_latest FROM project WHERE slug = ?",
            [document["slug"]],
        ).fetchone()
        start, budget = document["start_date"] or {}, document["budget"] or {}
        assert row == (document["title"], document["summary"], budget.get("amount"), start.get("value"), start.get("latest"))  # fmt: skip
        claims = database.execute("SELECT field, quote FROM claim WHERE project = ? ORDER BY id", [document["slug"]])
        assert claims.fetchall() == [(claim["field"], claim["quote"]) for claim in document["claims"]]


def test_database_keys_hold(database):
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for table in TABLES:
        assert any(column[5] for column in database.execute(f"PRAGMA table_info({table})")), table
    indexed = {
        database.execute(f"PRAGMA index_info({row[1]})").fetchone()[2]
        for row in database.execute("PRAGMA index_list(claim)")
    }
    assert {"project", "source"} <= indexed


def test_database_is_searched_by_words(database):
    rows = database.execute(
        "SELECT slug FROM project JOIN project_fts ON project.rowid = project_fts.rowid WHERE project_fts MATCH 'border'"
    )
    assert ("bagratashen-sadakhlo-ibm",) in rows.fetchall()


def test_samples_fit_into_the_database(db, place):
    samples.make(300)
    folder, _ = writer.write_dump()
    with closing(sqlite3.connect(folder / "register.sqlite")) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        published = Project.objects.published().count()
        assert database.execute("SELECT count(*) FROM project").fetchone() == (published,)
        assert database.execute("SELECT count(*) FROM participation WHERE component IS NOT NULL").fetchone()[0] > 10


def test_metadata_tells_of_tables_and_columns_that_there_are(dump, database):
    metadata = json.loads((dump / "metadata.json").read_text())
    assert metadata["source_url"] == "https://register.example/data/"
    assert "license" not in metadata
    there = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, about in metadata["databases"]["register"]["tables"].items():
        assert table in there
        columns = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
        assert set(about.get("columns", ())) <= columns, table
