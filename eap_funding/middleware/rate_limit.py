"""How many requests a minute one client may make. Counted in the memory of each process, without the database."""

import time
from threading import Lock

from django.conf import settings

from ..errors import refuse
from .request_id import client_of

WINDOW = 60  # seconds
MOST_CLIENTS = 20_000  # that are counted at once
_UNCOUNTED = ("/admin/", "/static/", "/healthz", "/readyz")

counted = {}  # {(client, window): requests}
_lock = Lock()


def limit_requests(get_response):
    """Tell each client what is left to it (IETF draft ratelimit-headers), and refuse what is more, with 429."""

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
    """Return the number of requests that ``client`` made in this window, with this one."""
    with _lock:
        made = counted[client, window] = counted.pop((client, window), 0) + 1  # the newest is the last
        if len(counted) > MOST_CLIENTS:
            del counted[next(iter(counted))]
    return made
