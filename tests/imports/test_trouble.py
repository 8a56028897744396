"""Imports in trouble: the disk is full, the database goes away, a worker is killed. Nothing is lost, nothing left over."""

import errno
import os
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from imports import lifecycle, preview, queue, storage, undo, worker
from imports.models import Import
from projects.models import Project
from provenance.store.integrity import register_digest
from tests.support.records import current, write
from tests.support.staff import make
from tests.support.uploads import confirmed, uploaded

TABLE = b"slug,title\nnexus,Quite another\nfresh,Fresh\n"
FAULTY = b"slug,title,budget_amount,budget_currency\nnexus,Quite another,,\nenigmma,Bad,2.584,EUR\n"


def full(*_arguments, **_named):
    raise OSError(errno.ENOSPC, "No space left on device")


def left(folder):
    return sorted(path.name for path in folder.iterdir())


# -- The disk is full --


def test_disk_full_while_a_file_is_kept_leaves_nothing_of_it(chief, folder, monkeypatch, client):
    monkeypatch.setattr(storage.os, "fsync", full)
    client.force_login(chief)
    page = client.post("/admin/imports/import/add/", {"file": SimpleUploadedFile("mine.csv", TABLE)})
    assert "No space left on device. Nothing was changed" in page.content.decode()
    assert left(folder) == []
    assert not Import.objects.exists()


def test_disk_full_while_a_file_is_sent_is_told_on_the_page(chief, folder, monkeypatch, client, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", full)
    client.force_login(chief)
    page = client.post("/admin/imports/import/add/", {"file": SimpleUploadedFile("mine.csv", TABLE)})
    assert page.status_code == 200
    assert "No space left on device. Nothing was changed" in page.content.decode()


@pytest.mark.parametrize("place", ["pickle.dump", "tempfile.TemporaryFile"])
def test_disk_full_while_items_are_put_aside_is_told_and_begun_again(chief, folder, monkeypatch, place):
    monkeypatch.setattr(preview, place.split(".")[0], _Failing(getattr(preview, place.split(".")[0]), place))
    batch = uploaded(chief, TABLE)
    assert (batch.state, "No space left on device" in batch.note) == ("uploaded", True)
    monkeypatch.undo()
    batch = _again(batch)
    assert (batch.state, batch.note, batch.counts["new"]) == ("read", "", 1)


class _Failing:
    """A module one function of which finds the disk full."""

    def __init__(self, module, place):
        self._module, self._name = module, place.split(".")[1]

    def __getattr__(self, name):
        return full if name == self._name else getattr(self._module, name)


def test_disk_full_while_refused_rows_are_kept_leaves_no_half_of_them(chief, folder, monkeypatch):
    write = type(folder).write_bytes

    def half(path, data):
        write(path, data[: len(data) // 2])
        if ".refused" in path.name:
            full()

    monkeypatch.setattr(type(folder), "write_bytes", half)
    batch = uploaded(chief, FAULTY)
    assert (batch.state, "No space left on device" in batch.note) == ("uploaded", True)
    assert left(folder) == [f"{batch.pk}.bytes", f"{batch.pk}.lock"]
    monkeypatch.undo()
    assert _again(batch).counts["refused"] == 1


# -- What is left on disk --


def test_leftover_that_cannot_be_deleted_is_in_nobodys_way(chief, folder, client):
    client.force_login(chief)
    (folder / "999.lock").mkdir(parents=True)
    os.utime(folder / "999.lock", (0, 0))
    sent = client.post("/admin/imports/import/add/", {"file": SimpleUploadedFile("a.csv", FAULTY)})
    assert sent.status_code == 302


def test_file_that_is_refused_is_not_kept(chief, folder):
    assert uploaded(chief, b"<iati-activities><broken").state == "failed"
    assert left(folder) == []


def test_refused_rows_can_be_taken_until_the_import_is_closed(chief, folder, client):
    client.force_login(chief)
    batch = confirmed(uploaded(chief, FAULTY), chief, good_only=True)
    page = f"/admin/imports/import/{batch.pk}/"
    assert left(folder) == [f"{batch.pk}.refused"]
    os.utime(folder / f"{batch.pk}.refused", (time.time() - 2 * 24 * 3600,) * 2)
    call_command("tidy_imports")
    assert b"enigmma" in client.get(f"{page}refused/").content
    assert "1 record refused in table.csv" in client.get("/admin/").content.decode()
    shown = client.post(f"{page}change/", {"_close": "1"}, follow=True).content.decode()
    assert 'name="_close"' not in shown
    assert left(folder) == []
    assert client.get(f"{page}refused/").status_code == 404
    assert "refused in table.csv" not in client.get("/admin/").content.decode()


def test_import_closed_while_it_is_undone_stays_undone(chief, folder):
    batch = confirmed(uploaded(chief, FAULTY), chief, good_only=True)
    read_before = Import.objects.get(pk=batch.pk)
    undo.undo(batch, chief)
    lifecycle.close(read_before)
    batch.refresh_from_db()
    assert (batch.about["closed"], batch.about["undone"]) == (True, chief.username)


def test_bytes_stay_while_another_import_of_the_same_file_needs_them(chief, folder):
    first, second = uploaded(chief, TABLE), uploaded(chief, TABLE)
    confirmed(first, chief)
    assert f"{second.pk}.bytes" in left(folder)
    assert lifecycle.drop(second)
    assert left(folder) == []


def test_files_go_once_the_import_is_dropped_for_good(chief, monkeypatch):
    batch, open_then, before = uploaded(chief, TABLE), [], list(connection.savepoint_ids)
    monkeypatch.setattr(storage, "forget", lambda batch: open_then.extend(connection.savepoint_ids))
    assert lifecycle.drop(batch)
    assert open_then == before


def test_old_imports_and_what_killed_workers_left_go_away(chief, folder, settings, capsys):
    old = uploaded(chief, FAULTY)
    old_done = confirmed(uploaded(chief, FAULTY + b"\n"), chief, good_only=True)
    closed = confirmed(uploaded(chief, FAULTY + b"\n\n"), chief, good_only=True)
    lifecycle.close(closed)
    waits = uploaded(chief, TABLE)
    earlier = timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS + 1)
    Import.objects.filter(pk__in=[old.pk, old_done.pk]).update(at=earlier)
    stray = ["999.bytes", "999.lock", "999.progress", "999.refused", ".999.progress", ".aside-killed", "notes.txt"]
    for name in [*stray, f"{closed.pk}.refused", ".aside-young"]:
        (folder / name).write_bytes(b"x")
    two_days_ago = time.time() - 2 * 24 * 3600
    for path in folder.iterdir():
        if path.name != ".aside-young":
            os.utime(path, (two_days_ago, two_days_ago))
    call_command("tidy_imports")
    assert capsys.readouterr().out == "Imports dropped: 1. Files deleted: 7.\n"
    assert left(folder) == sorted([f"{waits.pk}.bytes", f"{waits.pk}.lock", "notes.txt", ".aside-young"])
    old.refresh_from_db()
    assert (old.state, old.note) == ("dropped", "Nobody decided in 30 days.")
    assert confirmed(waits, chief).state == "done"


def test_import_that_is_being_written_cannot_be_dropped_unless_its_worker_died(chief, folder):
    batch = uploaded(chief, TABLE)
    assert lifecycle.confirm(batch, chief) == ""
    with queue.alone(folder, batch.pk):
        assert not lifecycle.drop(batch)
    assert lifecycle.drop(batch)
    worker.start(batch)
    assert not Project.objects.filter(pk="fresh").exists()


def test_command_leaves_nothing_on_disk(chief, folder, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(TABLE)
    for more in ([], ["--confirm"], ["--confirm"]):
        call_command("import_table", str(path), "--user", "chief", *more)
        assert left(folder) == []


# -- The register moves on for ever --


def test_command_gives_up_where_the_register_moves_on_each_time(chief, folder, tmp_path, monkeypatch):
    path = tmp_path / "mine.csv"
    path.write_bytes(TABLE)
    confirmed, turns = worker.write_confirmed, iter("ABCDEF")

    def overtaken(batch, report):
        now = current()
        write(Project, {"nexus": now | {"title": f"Theirs {next(turns)}"}}, user_name="another")
        confirmed(batch, report)

    monkeypatch.setattr(worker, "write_confirmed", overtaken)
    with pytest.raises(
        CommandError, match="has changed since the preview(.|\n)*nexus: Somebody else changed the same values"
    ):
        call_command("import_table", str(path), "--user", "chief", "--confirm")
    assert current()["title"] == "Theirs C"
    assert (Import.objects.get().state, left(folder)) == ("dropped", [])


def test_command_shows_what_it_changes_where_the_register_has_moved_on(chief, tmp_path, monkeypatch, capsys):
    path = tmp_path / "mine.csv"
    path.write_bytes(TABLE)
    confirmed, turns = worker.write_confirmed, iter([True])

    def overtaken(batch, report):
        if next(turns, False):
            make(Project, "fresh", title="Theirs", state="draft")
        confirmed(batch, report)

    monkeypatch.setattr(worker, "write_confirmed", overtaken)
    call_command("import_table", str(path), "--user", "chief", "--confirm")
    first, second = capsys.readouterr().out.split("The register has changed since the preview")
    assert "1 new, 1 changed" in first
    assert "0 new, 2 changed" in second
    assert "changed: fresh (row 3), Title: Theirs → Fresh" in second


# -- The database goes away --


@contextmanager
def locked():
    """Another process writes all the while, and ours waits no longer (SQLite)."""
    other = connection.copy()
    connection.close()
    options, connection.settings_dict["OPTIONS"] = connection.settings_dict["OPTIONS"], {"timeout": 0.01}
    other.cursor().execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.cursor().execute("ROLLBACK")
        other.close()
        connection.close()
        connection.settings_dict["OPTIONS"] = options


def cut_off():
    """End our connection from another one (PostgreSQL)."""
    other = connection.copy()
    other.cursor().execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()


@contextmanager
def gone(monkeypatch, module, name):
    """The database goes away as that function is called; on SQLite it is locked from the start."""
    if connection.vendor == "sqlite":
        with locked():
            yield
        return
    original = getattr(module, name)

    def cut(*arguments, **named):
        monkeypatch.setattr(module, name, original)
        cut_off()
        return original(*arguments, **named)

    monkeypatch.setattr(module, name, cut)
    yield
    assert getattr(module, name) is original, "it was not called"


def _again(batch):
    batch.refresh_from_db()
    lifecycle.read_again(batch)
    worker.start(batch)
    return batch


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "step", [(preview._Spool, "take"), (preview, "_judge"), (preview, "_try")], ids=["read", "compare", "try"]
)
def test_database_gone_while_a_file_is_read_is_told_and_begun_again(chief, monkeypatch, step):
    batch = lifecycle.upload(chief, "mine.csv", [TABLE])
    lifecycle.read_again(batch)
    before = register_digest()
    with gone(monkeypatch, *step):
        worker.work(batch.pk)
    batch.refresh_from_db()
    assert register_digest() == before
    assert lifecycle.has_died(batch) or (batch.state == "uploaded" and "The database refused it" in batch.note)
    batch = _again(batch)
    assert (batch.state, batch.items.count(), batch.counts["new"]) == ("read", 2, 1)


@pytest.mark.django_db(transaction=True)
def test_database_gone_while_an_import_is_written_is_told_and_begun_again(chief, monkeypatch):
    batch = uploaded(chief, TABLE)
    assert lifecycle.confirm(batch, chief) == ""
    before = register_digest()
    with gone(monkeypatch, worker, "_write_items"):
        worker.work(batch.pk)
    batch.refresh_from_db()
    assert register_digest() == before
    if lifecycle.has_died(batch):
        worker.start(batch)
    else:
        assert (batch.state, "The database refused it" in batch.note) == ("read", True)
        confirmed(batch, chief)
    assert batch.state == "done"
    assert Project.objects.get(pk="nexus").title == "Quite another"


@pytest.mark.django_db(transaction=True)
def test_database_locked_while_a_file_is_brought_is_told_on_the_page(chief, client, folder):
    client.force_login(chief)
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has one writer")
    with locked():
        page = client.post("/admin/imports/import/add/", {"file": SimpleUploadedFile("mine.csv", TABLE)})
    assert "database is locked. Nothing was changed; try again." in page.content.decode()
    assert left(folder) == []
