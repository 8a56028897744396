"""Who reads a file very slowly is cut off, and reads that in it; the place is free for others."""

import csv
import io
import json
from socket import socketpair

import pytest

from projects import capacity
from projects.exports import streams

SUFFIXES = ("csv", "json", "ndjson", "xml", "xlsx")


@pytest.fixture
def stopwatch(monkeypatch):
    """A clock that stands still until it is moved."""
    now = [0.0]
    monkeypatch.setattr(streams.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(streams, "CHUNK", 1000)
    return now


def read(pieces, clock, speed):
    """Return what a reader has of a file who takes ``speed`` bytes a second, and whether it was cut off."""
    received = []
    try:
        for piece in pieces:
            received.append(piece)
            clock[0] += len(piece) / speed
    except ConnectionResetError:
        return b"".join(received).decode("utf-8-sig", "replace"), True
    return b"".join(received).decode("utf-8-sig", "replace"), False


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_slow_reader_is_cut_off_and_leaves_its_place(client, register, stopwatch, suffix):
    free = capacity.FILES._free
    response = client.get(f"/projects.{suffix}")
    assert capacity.FILES._free == free - 1
    _, is_cut = read(response, stopwatch, 100)
    assert is_cut
    assert capacity.FILES._free == free


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_reader_who_takes_a_kilobyte_a_second_has_the_whole_file(client, register, stopwatch, suffix):
    text, is_cut = read(client.get(f"/projects.{suffix}"), stopwatch, 1100)
    assert text
    assert not is_cut


@pytest.mark.parametrize(("closed", "status", "held"), [("", 200, 1), ("theirs", 400, 0), ("ours", 400, 0)])
def test_workbook_that_nobody_waits_for_is_not_finished(client, register, closed, status, held):
    free, (ours, theirs) = capacity.FILES._free, socketpair()
    with ours, theirs:
        if closed:
            {"ours": ours, "theirs": theirs}[closed].close()
        response = client.get("/projects.xlsx", **{"gunicorn.socket": ours})
        assert (response.status_code, free - capacity.FILES._free) == (status, held)
        list(response)
        response.close()


def test_file_says_that_it_was_cut_off(client, register, stopwatch):
    def last(suffix):
        return read(client.get(f"/projects.{suffix}"), stopwatch, 100)[0].splitlines()[-1]

    assert next(csv.reader(io.StringIO(last("csv")))) == [streams.CUT_OFF]
    assert json.loads(last("json")) == streams.CUT_OFF
    assert json.loads(last("ndjson")) == {"error": streams.CUT_OFF}
    assert last("xml").endswith("<!-- This file was cut off here. Fetch it again. -->")


def test_bursts_count_by_their_average(stopwatch):
    def pieces():
        yield from [b"a" * 1000] * 100
        stopwatch[0] += 10_000  # a file that is slow to make is no slow reader's
        yield b"b" * 1000
        stopwatch[0] += 90
        yield from [b"c" * 1000] * 2

    text, is_cut = read(streams.read_in_time(pieces()), stopwatch, 10**6)
    assert (len(text), is_cut) == (103_000, False)
    chunks = streams.read_in_time(piece for piece in [b"a" * 50_000, b"b" * 50_000, b"c" * 50_000])
    assert next(chunks)
    stopwatch[0] += 1
    assert next(chunks)
    stopwatch[0] += 90  # 100,000 bytes in 91 seconds
    assert next(chunks)
    stopwatch[0] += 61
    with pytest.raises(streams.TooSlow):
        next(chunks)
