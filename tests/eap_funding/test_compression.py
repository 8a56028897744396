"""How bodies travel: texts packed, streams as streams, and nothing for nothing."""

import gzip
import tracemalloc
import zlib
from types import SimpleNamespace

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse

from eap_funding.middleware.compression import compress

pytestmark = pytest.mark.one_database

TEXTS = [
    "text/html; charset=utf-8", "text/csv; charset=utf-8; header=present", "text/turtle", "text/plain", "application/json", "application/problem+json",
    "application/x-ndjson", "application/ld+json", "application/csvm+json", "application/atom+xml; charset=utf-8", "application/xml",
    "application/opensearchdescription+xml", "application/vnd.oai.openapi+json", "image/svg+xml",
]  # fmt: skip
PACKED = [
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip", "application/gzip", "application/octet-stream",
    "application/vnd.sqlite3", "image/png", "",
]  # fmt: skip
LONG = b"not stated is not zero\n" * 100


def answer(response, *, accept="br, gzip"):
    request = SimpleNamespace(META={"HTTP_ACCEPT_ENCODING": accept})
    compress(request, response)
    return response


@pytest.mark.parametrize("media_type", TEXTS)
def test_text_is_packed(media_type):
    for response in (
        HttpResponse(LONG, content_type=media_type),
        StreamingHttpResponse([LONG], content_type=media_type),
    ):
        packed = answer(response)
        assert packed.headers["Content-Encoding"] == "br"
        assert brotli.decompress(packed.getvalue()) == LONG


@pytest.mark.parametrize("media_type", PACKED)
def test_what_is_packed_already_is_left(media_type):
    left = answer(HttpResponse(LONG, headers={"Content-Type": media_type}))
    assert "Content-Encoding" not in left.headers
    assert "Vary" not in left.headers  # by nothing
    assert left.content == LONG


def test_small_answer_is_left():
    assert "Content-Encoding" not in answer(HttpResponse(b"{}", content_type="application/json")).headers


def test_etag_stays_weak():
    for etag in ('W/"x"', '"x"'):
        response = answer(HttpResponse(LONG, content_type="text/csv", headers={"ETag": etag}))
        assert response.headers["ETag"] == 'W/"x"'


@pytest.mark.parametrize("accept", ["", "identity", "br;q=0", "deflate", "x" * 100_000, "é", "gzip;q=0, br;q=0.0"])
def test_encoding_that_is_not_wanted_is_not_used(accept):
    response = answer(HttpResponse(LONG, content_type="text/csv"), accept=accept)
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"


ROWS = 20_000  # of a kilobyte: 20 MB in all


@pytest.mark.parametrize(
    ("encoding", "unpack"),
    [
        ("br", lambda: brotli.Decompressor().process),
        ("gzip", lambda: zlib.decompressobj(16 + zlib.MAX_WBITS).decompress),
    ],
)
def test_stream_stays_a_stream(encoding, unpack):
    """The first rows leave before the last are made, and memory does not grow with rows."""
    made = 0

    def rows():
        nonlocal made
        for number in range(ROWS):
            made = number
            yield f"{number},{hash(str(number)):x}".ljust(1023).encode() + b"\n"

    response = answer(StreamingHttpResponse(rows(), content_type="text/csv"), accept=encoding)
    unpacked, length, first = unpack(), 0, None
    tracemalloc.start()
    try:
        for piece in response.streaming_content:
            length += len(unpacked(piece))
            if length and first is None:
                first = made
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length == ROWS * 1024
    assert first < ROWS / 10
    assert peak < 8_000_000
    assert "Content-Length" not in response.headers


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_stream_ends_when_the_reader_goes_away(encoding):
    begun, ended = [], []

    def rows():
        try:
            while True:
                begun.append(True)
                yield LONG
        finally:
            ended.append(True)

    response = answer(StreamingHttpResponse(rows(), content_type="text/csv"), accept=encoding)
    pieces = iter(response.streaming_content)
    while not begun:
        next(pieces)
    response.close()
    assert ended == [True]


def test_gzip_says_nothing_of_time():
    response = answer(HttpResponse(LONG, content_type="text/csv"), accept="gzip")
    assert response.content[4:8] == bytes(4)
    assert gzip.decompress(response.content) == LONG
