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
    size = 0 if request.method == "HEAD" else int(response.headers.get("Content-Length", 0))

    def counted(pieces):
        nonlocal size
        for piece in pieces:
            size += len(piece)
            yield piece

    if response.streaming and not size:
        response.streaming_content = counted(response.streaming_content)

    def note():
        seconds, status = time.perf_counter() - began, response.status_code
        result = getattr(request, "page_cache", None)
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

    response._resource_closers.append(note)
