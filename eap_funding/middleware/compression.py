"""Compressed bodies, Content-Length, and no body for HEAD."""

import re

from compression_middleware.br import DEFAULT_LEVEL, Compressor
from compression_middleware.middleware import CompressionMiddleware, compressor
from django.utils.cache import patch_vary_headers

FLUSHED = 128 * 1024  # bytes after which a brotli stream is flushed; by default it buffers 8 MB
_TEXT = re.compile(r"text/|[\w.+-]+/([\w.+-]+\+)?(json|xml|x-ndjson|javascript)\Z")


class CompressPublicAnswers(CompressionMiddleware):
    """Compress public text. Workbooks and archives are compressed already.

    The admin is left out: the length of a compressed page could reveal the secrets in it.
    """

    def process_response(self, request, response):
        media_type = response.headers.get("Content-Type", "").split(";")[0].strip()
        if request.path.startswith("/admin/") or not _TEXT.match(media_type):
            return response
        if response.streaming and compressor(request.META.get("HTTP_ACCEPT_ENCODING", ""))[0] == "br":
            patch_vary_headers(response, ["Accept-Encoding"])
            response.streaming_content = _compressed(response.streaming_content)
            response.headers["Content-Encoding"] = "br"
            if response.headers.get("ETag", "").startswith('"'):  # a strong one is for the uncompressed bytes
                response.headers["ETag"] = f"W/{response.headers['ETag']}"
            del response.headers["Content-Length"]
            return response
        return super().process_response(request, response)


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
    """Return ``other`` to be sent instead of ``response``, whose files and streams it will close.

    ``response.close()`` would end the request now, and close its database connection.
    """
    other._resource_closers.extend(response._resource_closers)
    return other


def strip_body_for_head(get_response):
    """Set Content-Length, and drop the body for HEAD. A stream is not even started; the server closes it."""

    def middleware(request):
        response = get_response(request)
        if not response.streaming and response.status_code not in (204, 304):
            response.setdefault("Content-Length", str(len(response.content)))
        if request.method == "HEAD":
            if response.streaming:
                response.streaming_content = ()
            else:
                response.content = b""
        return response

    return middleware
