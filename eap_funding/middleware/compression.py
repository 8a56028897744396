"""How a body travels: packed where that helps, and not at all where HEAD asks."""

import re

from compression_middleware.br import DEFAULT_LEVEL, Compressor
from compression_middleware.middleware import CompressionMiddleware, compressor
from django.utils.cache import patch_vary_headers

FLUSHED = 128 * 1024  # bytes of a stream that brotli may hold back; by itself it would wait for eight million
_TEXT = re.compile(r"text/|[\w.+-]+/([\w.+-]+\+)?(json|xml|x-ndjson|javascript)\Z")


class CompressPublicAnswers(CompressionMiddleware):
    """Brotli, zstd or gzip for texts that anybody may read; workbooks and archives are packed already.

    The admin's pages hold secrets, and their length must tell nothing.
    """

    def process_response(self, request, response):
        media_type = response.headers.get("Content-Type", "").split(";")[0].strip()
        if request.path.startswith("/admin/") or not _TEXT.match(media_type):
            return response
        if response.streaming and compressor(request.META.get("HTTP_ACCEPT_ENCODING", ""))[0] == "br":
            patch_vary_headers(response, ["Accept-Encoding"])
            response.streaming_content = _packed(response.streaming_content)
            response.headers["Content-Encoding"] = "br"
            if response.headers.get("ETag", "").startswith('"'):  # of the bytes unpacked
                response.headers["ETag"] = f"W/{response.headers['ETag']}"
            del response.headers["Content-Length"]
            return response
        return super().process_response(request, response)


def _packed(pieces):
    """Yield a stream as brotli, while it is made."""
    packer, held = Compressor(quality=DEFAULT_LEVEL), 0
    for piece in pieces:
        out, held = packer.process(piece), held + len(piece)
        if held >= FLUSHED:
            out, held = out + packer.flush(), 0
        if out:
            yield out
    yield packer.finish()


def in_place_of(response, other):
    """Return ``other``, to be sent instead of ``response``, whose files and streams are closed with it.

    ``response.close()`` would end the request here and now, with its connection to the database.
    """
    other._resource_closers.extend(response._resource_closers)
    return other


def leave_out_body_of_head(get_response):
    """Tell the length of every whole body, and send none to HEAD: the server would drop it, after all of it was made.

    A stream is never begun; what it holds is closed by the server, as after any answer.
    """

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
