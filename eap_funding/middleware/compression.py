"""Compressed bodies."""

import re
from functools import lru_cache

from compression_middleware.br import DEFAULT_LEVEL, Compressor
from compression_middleware.middleware import CompressionMiddleware, compressor
from django.utils.cache import patch_vary_headers

FLUSHED = 128 * 1024  # bytes after which a brotli stream is flushed; by default it buffers 8 MB
_LIBRARY = CompressionMiddleware(lambda request: None)
_TEXT = re.compile(r"text/|[\w.+-]+/([\w.+-]+\+)?(json|xml|x-ndjson|javascript)\Z")


def compress(request, response):
    """Compress a text. Workbooks and archives are compressed already."""
    media_type = response.headers.get("Content-Type", "").split(";")[0].strip()
    if not _TEXT.match(media_type):
        return
    encoding = _encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    if encoding is None and "Accept-Encoding" in response.headers.get("Vary", ""):
        return
    if not response.streaming or encoding != "br":
        _LIBRARY.process_response(request, response)
        return
    patch_vary_headers(response, ["Accept-Encoding"])
    response.streaming_content = _compressed(response.streaming_content)
    response.headers["Content-Encoding"] = "br"
    if response.headers.get("ETag", "").startswith('"'):  # a strong one is for the uncompressed bytes
        response.headers["ETag"] = f"W/{response.headers['ETag']}"
    del response.headers["Content-Length"]


@lru_cache(100)
def _encoding(header):
    return compressor(header)[0]


def _compressed(pieces):
    brotli, buffered = Compressor(quality=DEFAULT_LEVEL), 0
    for piece in pieces:
        out, buffered = brotli.process(piece), buffered + len(piece)
        if buffered >= FLUSHED:
            out, buffered = out + brotli.flush(), 0
        if out:
            yield out
    yield brotli.finish()


def in_place_of(response, other):
    """Return ``other`` to be sent instead of ``response``, whose files it will close, but not the connection now."""
    other._resource_closers.extend(response._resource_closers)
    return other
