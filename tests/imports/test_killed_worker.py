"""An import whose worker is killed leaves nothing half-written, and begun again ends where it would have ended."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from imports import lifecycle, queue, storage
from imports import worker as working
from imports.models import Import
from projects.models import Project
from provenance.models import Claim, Revision
from provenance.store.integrity import register_digest
from tests.support.database import database_url

TIMES = int(os.environ.get("KILL_TIMES", "2"))  # 20 to measure
ROWS = 300
ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


def table(word):
    rows = "".join(f"made-{number},{word} {number},MD,2014-03,{number}.50,EUR\n" for number in range(1, ROWS + 1))
    return f"slug,title,country_codes,start_date,budget_amount,budget_currency\n{rows}".encode()


def worker(batch):
    """A worker in a process of its own, on the database of this test."""
    environment = os.environ | {"DATABASE_URL": database_url()}
    command = [sys.executable, "-m", "imports", str(settings.IMPORTS_DIR), str(batch.pk)]
    with queue.alone(settings.IMPORTS_DIR, batch.pk) as lock:
        command.append(str(lock.fileno()))
        return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, pass_fds=[lock.fileno()])


def timed(batch):
    """Let a worker work to its end; returns the seconds that it took."""
    began = time.monotonic()
    assert worker(batch).wait(120) == 0
    return time.monotonic() - began


def counts():
    return Revision.objects.count(), Claim.objects.count(), Project.objects.count(), register_digest()


def test_large_file_is_worked_at_by_a_process_of_its_own_that_holds_the_lock_from_the_first_moment(chief, monkeypatch):
    monkeypatch.setattr(working, "SMALL", 0)
    monkeypatch.setenv("DATABASE_URL", database_url())
    batch = lifecycle.upload(chief, "made.csv", [table("Made")])
    lifecycle.read_again(batch)
    working.start(batch)
    assert not lifecycle.has_died(batch)
    assert working._started[-1].wait(60) == 0
    batch.refresh_from_db()
    assert (batch.state, batch.counts["new"]) == ("read", ROWS)


def test_small_workbook_is_read_by_a_process_of_its_own_and_waited_for(chief, monkeypatch):
    monkeypatch.setattr(working, "PATIENCE", 60)
    monkeypatch.setenv("DATABASE_URL", database_url())
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("Projects").write_row(0, 0, ["slug", "title"])
    batch = lifecycle.upload(chief, "made.xlsx", [file.getvalue()])
    lifecycle.read_again(batch)
    working.start(batch)
    assert working._started[-1].args[-2] == str(batch.pk)
    assert batch.state == "read"


def test_worker_that_is_slow_to_end_holds_nobody_up(chief, monkeypatch, tmp_path):
    os.mkfifo(tmp_path / "ends")
    at_exit = f"import atexit; atexit.register(lambda: open({str(tmp_path / 'ends')!r}).read())"
    (tmp_path / "sitecustomize.py").write_text(at_exit)
    monkeypatch.setenv("DATABASE_URL", database_url())
    with monkeypatch.context() as context:
        context.setattr(working, "SMALL", 0)
        context.setenv("PYTHONPATH", str(tmp_path))
        batch = lifecycle.upload(chief, "made.csv", [table("Made")])
        lifecycle.read_again(batch)
        working.start(batch)
    with (tmp_path / "ends").open("w"):  # which waits until the process is about to end
        batch.refresh_from_db()
        assert not queue.held_since(storage.beside(batch, "lock"))
        assert lifecycle.confirm(batch, chief) == ""
        working.start(batch)
        assert (batch.state, working._started[-1].poll()) == ("done", None)
    assert working._started[-1].wait(60) == 0


@pytest.mark.slow
def test_import_killed_at_any_moment_is_whole_or_not_at_all(chief):
    """First the seconds of a run that is not killed; then kill at random moments, and begin again."""
    chance = random.Random(5)
    first = lifecycle.upload(chief, "made.csv", [table("Made")])
    lifecycle.read_again(first)
    reading = timed(first)
    first.refresh_from_db()
    assert lifecycle.confirm(first, chief) == ""
    writing = timed(first)
    for turn in range(TIMES):
        batch = lifecycle.upload(chief, "made.csv", [table(f"Turn {turn}")])
        lifecycle.read_again(batch)
        before = counts()
        _kill(batch, chance.uniform(0, reading))
        assert counts() == before
        batch = _again(batch)
        assert (batch.state, batch.counts["changed"]) == ("read", ROWS)
        assert counts() == before
        assert lifecycle.confirm(batch, chief) == ""
        _kill(batch, chance.uniform(0, writing))
        batch.refresh_from_db()
        if batch.state != Import.State.DONE:
            assert counts() == before, "half an import is in the register"
        batch = _again(batch)
        assert batch.state == Import.State.DONE
        titles = Project.objects.filter(title__startswith=f"Turn {turn} ").count()
        assert titles == ROWS
        assert Revision.objects.filter(reason="Imported from made.csv.", kind="project").count() == ROWS * (turn + 2)
    call_command("check_register")


def _kill(batch, seconds):
    process = worker(batch)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    _let_the_server_end()


def _let_the_server_end():
    """PostgreSQL ends the statement that it is at, and a COMMIT is one, though nobody waits for it any more."""
    if connection.vendor != "postgresql":
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    others += " AND backend_type = 'client backend' AND state <> 'idle'"  # idle: of a server that a test has left
    deadline = time.monotonic() + 120
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(others)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


def _again(batch):
    """Begin the work anew, where it was not at its end."""
    batch.refresh_from_db()
    if batch.state in (Import.State.READING, Import.State.IMPORTING):
        deadline = time.monotonic() + 120
        while not lifecycle.has_died(batch) and time.monotonic() < deadline:
            time.sleep(0.05)
        working.work(batch.pk)
        batch.refresh_from_db()
    return batch


def test_two_imports_at_once_end_as_one_after_the_other(chief):
    batches = [lifecycle.upload(chief, f"made-{word}.csv", [table(word)]) for word in ("Made", "Built")]
    for batch in batches:
        lifecycle.read_again(batch)
        working.work(batch.pk)
        batch.refresh_from_db()
        assert lifecycle.confirm(batch, chief) == ""
    workers = [worker(batch) for batch in batches]
    assert [process.wait(120) for process in workers] == [0, 0]
    for batch in batches:
        batch.refresh_from_db()
    states = {batch.state: batch for batch in batches}
    assert set(states) == {"done", "read"}, [(batch.state, batch.note) for batch in batches]
    assert "changed since the preview" in states["read"].note
    assert states["read"].counts["changed"] == ROWS
    word = "Made" if states["done"] == batches[0] else "Built"
    assert Project.objects.filter(title__startswith=f"{word} ").count() == ROWS
