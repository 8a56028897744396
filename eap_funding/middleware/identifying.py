"""Every request has an id, on its answer and in the log, so that a reader can say which one went wrong."""

import logging
import re
from contextvars import ContextVar
from uuid import uuid4

WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{1,64}")  # also a URI reference by itself: `instance` of a problem
_current = ContextVar("request_id", default="-")


def identify_request(get_response):
    """Give ``request.id``: what ``X-Request-ID`` says, if that is well formed, else a new one."""

    def middleware(request):
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.id = given if WELL_FORMED.fullmatch(given) else str(uuid4())
        _current.set(request.id)  # until the next one: the body of a stream is made after this returns
        response = get_response(request)
        response.headers["X-Request-ID"] = request.id
        return response

    return middleware


class RequestId(logging.Filter):
    """Gives log records ``request_id``: that of the request in this thread; "-" outside of any."""

    def filter(self, record):
        record.request_id = _current.get()
        return True
