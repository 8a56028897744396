"""A line in the log for each request, and a count for /metrics."""

import logging
import time

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from operations import metrics

from ..logs import shortened
from .request_id import client_of, user_of

LONGEST = 200  # characters of a path
logger = logging.getLogger("requests")


def note_when_sent(request, response, began):
    """Count the request, and log it with LOG_REQUESTS, once its whole answer is sent or given up."""
    size = _Size(request, response)
    response._resource_closers.append(lambda: _note(request, response.status_code, began, size.bytes))


class _Size:
    """The bytes of an answer: as its header says, or counted while they are sent."""

    def __init__(self, request, response):
        self.bytes = 0 if request.method == "HEAD" else int(response.headers.get("Content-Length", 0))
        if response.streaming and not self.bytes:
            response.streaming_content = self._counted(response.streaming_content)

    def _counted(self, pieces):
        for piece in pieces:
            self.bytes += len(piece)
            yield piece


def _note(request, status, began, size):
    seconds, result = time.perf_counter() - began, getattr(request, "page_cache", None)
    metrics.count(request.kind, status, seconds, size, result)
    if not settings.LOG_REQUESTS:
        return
    version = vars(request).get("register_version")
    line = {
        "kind": request.kind, "method": request.method, "path": request.path[:LONGEST], "status": status,
        "ms": round(seconds * 1000, 1), "bytes": size, "cache": "unchanged" if status == 304 else result,
        "version": None if version is None or isinstance(version, SimpleLazyObject) else version.number,
        "user": user_of(request), "request": request.id, "address": shortened(client_of(request)),
    }  # fmt: skip
    logger.info("%(method)s %(path)s %(status)s %(ms)s ms %(bytes)s bytes", line, extra={"line": line})
