"""At most two imports run at a time, in whatever processes; the others wait, and are told their place."""

import io
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from django.core.management import call_command
from django.urls import reverse

from imports import lifecycle, queue, worker
from tests.imports.test_killed_worker import ROOT
from tests.support.database import database_url
from tests.support.uploads import works

TABLE = b"slug,title\nnexus,Quite another\nfresh,Fresh\n"
HOLDS = """
import sys, time
from pathlib import Path
from imports.queue import alone, turn
folder, number = Path(sys.argv[1]), int(sys.argv[2])
with alone(folder, number):
    turn(folder, number)
    print("works", flush=True)
    time.sleep(120)
"""


@pytest.fixture
def holding(folder):
    """Return a function that lets another process wait for its turn, and hold it."""
    with ExitStack() as stack:

        def hold(number):
            command = [sys.executable, "-c", HOLDS, str(folder), str(number)]
            process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE))
            stack.callback(process.kill)
            return process

        yield hold


def at_work(process):
    """Wait until a process has its turn."""
    assert process.stdout.readline() == b"works\n"


def test_import_that_comes_again_is_last_in_line_and_is_told_once(folder, monkeypatch):
    monkeypatch.setattr(queue, "_EVERY", 0.01)
    places = []
    with queue.alone(folder, 1):
        pass
    with ExitStack() as stack:
        for number in (2, 3, 4, 1):
            stack.enter_context(queue.alone(folder, number))
        assert not queue.turn(folder, 1, patience=0.1, report=places.append)
    assert places == [2]


def in_line(folder, number, place):
    """Wait until an import has a place in line."""
    deadline = time.monotonic() + 120
    while (current := queue.place(folder, number)) != place and time.monotonic() < deadline:
        time.sleep(0.05)
    assert current == place


def four(folder, holding):
    """Four processes: two at work, two in line."""
    first, second = holding(1), holding(2)
    at_work(first)
    at_work(second)
    third = holding(3)
    in_line(folder, 3, 1)
    fourth = holding(4)
    in_line(folder, 4, 2)
    return first, second, third, fourth


def test_third_import_waits_until_one_of_two_processes_is_killed(folder, holding):
    first, second, third, fourth = four(folder, holding)
    assert [queue.place(folder, number) for number in (1, 2, 3, 4, 5)] == [0, 0, 1, 2, 0]
    first.send_signal(signal.SIGKILL)
    at_work(third)
    in_line(folder, 4, 1)
    second.send_signal(signal.SIGKILL)
    at_work(fourth)


def test_import_that_is_killed_while_it_waits_holds_nobody_up(folder, holding):
    first, _, third, fourth = four(folder, holding)
    third.send_signal(signal.SIGKILL)
    in_line(folder, 4, 1)
    first.send_signal(signal.SIGKILL)
    at_work(fourth)


def test_who_comes_later_does_not_overtake_and_gives_up_where_nobody_waits_for_it(folder, holding):
    with works(folder, 1) as one, works(folder, 2) as two, works(folder, 3, patience=0) as three:
        assert (one, two, three) == (True, True, False)
    with works(folder, 3, patience=0) as has_turn:
        assert has_turn


def test_process_that_waits_has_not_loaded_django():
    code = "import sys, imports.queue; assert not any(name.startswith('django') for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.fixture
def uploader(transactional_db, register, publisher, client, monkeypatch):
    """A publisher, signed in; other processes find the database of this test."""
    monkeypatch.setenv("DATABASE_URL", database_url())
    client.force_login(publisher)
    return publisher


def test_page_tells_the_place_in_line_and_the_import_goes_on_by_itself(uploader, folder, client, monkeypatch):
    waits, wait = [], subprocess.Popen.wait
    monkeypatch.setattr(subprocess.Popen, "wait", lambda *process, **how: waits.append(how) or wait(*process, **how))
    with works(folder, 1001), works(folder, 1002):
        batches = [lifecycle.upload(uploader, f"{name}.csv", [TABLE]) for name in ("one", "two")]
        for at, batch in enumerate(batches, 1):
            lifecycle.read_again(batch)
            worker.start(batch)
            in_line(folder, batch.pk, at)
        pages = [client.get(reverse("admin:imports_import_change", args=[batch.pk])) for batch in batches]
        texts = [" ".join(page.content.decode().split()) for page in pages]
        assert "Waiting: 1st in line. At most 2 imports run at a time." in texts[0]
        assert "Waiting: 2nd in line. At most 2 imports run at a time." in texts[1]
        assert [page["Refresh"] for page in pages] == ["3", "3"]
        assert not lifecycle.has_died(batches[0])
        assert waits == []  # nobody is kept waiting for an import that stands in line
    assert [process.wait(60) for process in worker._started[-2:]] == [0, 0]
    for batch in batches:
        batch.refresh_from_db()
        assert (batch.state, batch.counts["new"], batch.counts["changed"]) == ("read", 1, 1)


class LetsGo(io.StringIO):
    """What a command writes; once it says that it waits, ``process`` is killed."""

    def __init__(self, process):
        super().__init__()
        self.process = process

    def write(self, text):
        if "in line" in text:
            self.process.send_signal(signal.SIGKILL)
        return super().write(text)


def test_command_tells_its_place_and_waits(uploader, holding, tmp_path):
    first, second = holding(1001), holding(1002)
    at_work(first)
    at_work(second)
    path = tmp_path / "mine.csv"
    path.write_bytes(TABLE)
    output = LetsGo(first)
    call_command("import_table", str(path), "--user", "chief", stdout=output)
    assert output.getvalue().startswith("waiting: 1st in line\n")
    assert "1 new," in output.getvalue()
