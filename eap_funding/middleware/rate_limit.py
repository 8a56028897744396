"""Limits the requests of each client per minute, and the requests that a process handles at once."""

import time
from threading import Lock

from django.conf import settings

from projects.capacity import REQUESTS

from ..errors import refuse
from .cache_headers import OF_THE_PROCESS
from .request_id import client_of

WINDOW = 60  # seconds
MOST_CLIENTS = 20_000  # counted at once
_UNCOUNTED = ("/admin/", "/static/", *OF_THE_PROCESS)

counted = {}  # {(client, window): requests}
_lock = Lock()


def limit_requests(get_response):
    """Answer 429 beyond the limit, and set the headers of the IETF draft ratelimit-headers."""

    def middleware(request):
        quota = settings.RATE_LIMIT
        if not quota or request.path.startswith(_UNCOUNTED):
            return get_response(request)
        now = int(time.time())
        made, seconds = _count(client_of(request), now // WINDOW), WINDOW - now % WINDOW
        if made > quota:
            response = refuse(request, 429, headers={"Retry-After": str(seconds)})
        else:
            response = get_response(request)
        response.headers["RateLimit-Policy"] = f'"public";q={quota};w={WINDOW}'
        response.headers["RateLimit"] = f'"public";r={max(0, quota - made)};t={seconds}'
        return response

    return middleware


def _count(client, window):
    """Count this request, and return how many ``client`` made in this window."""
    with _lock:
        made = counted[client, window] = counted.pop((client, window), 0) + 1  # pop: the newest goes last
        if len(counted) > MOST_CLIENTS:
            del counted[next(iter(counted))]
    return made


def limit_concurrency(get_response):
    """Hold a place until the client has the whole response, so that threads stay free for health checks."""

    def middleware(request):
        if request.path in OF_THE_PROCESS:
            return get_response(request)
        return REQUESTS.answer(get_response, request)

    return middleware
