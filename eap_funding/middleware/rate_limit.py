"""Limits what each client costs per minute.

A request costs one, and one more for each UNIT of processor time until its answer is sent. Its time is known at its
end, so it counts from the next request on. With CACHE_URL all processes count together: each shares what a client
cost once that is a hundredth of the limit.
"""

import time
from threading import Lock

from django.conf import settings

from projects import shared_cache

from ..errors import refuse
from .request_id import client_of

WINDOW = 60  # seconds
UNIT = 0.01  # seconds of processor time that cost as much as a request
MOST_CLIENTS = 20_000  # counted at once
UNCOUNTED = ("admin", "static", "operation")  # kinds of addresses

counted = {}  # {(client, window): (cost that all processes know of, cost that this one has not shared yet)}
_lock = Lock()


def counted_response(get_response, request):
    """Return the response; 429 beyond the limit. Sets the headers of the IETF draft ratelimit-headers."""
    quota = settings.RATE_LIMIT
    if not quota or request.kind in UNCOUNTED:
        return get_response(request)
    now, began = int(time.time()), time.thread_time()
    client, window, seconds = client_of(request), now // WINDOW, WINDOW - now % WINDOW
    spent = _spend(client, window, 1)
    if spent > quota:
        response = refuse(request, 429, headers={"Retry-After": str(seconds)})
    else:
        response = get_response(request)
        response._resource_closers.append(lambda: _spend(client, window, int((time.thread_time() - began) / UNIT)))
    response.headers["RateLimit-Policy"] = f'"public";q={quota};w={WINDOW}'
    response.headers["RateLimit"] = f'"public";r={max(0, quota - spent)};t={seconds}'
    return response


def _spend(client, window, cost):
    """Add to what ``client`` cost in this window, and return it."""
    with _lock:
        known, unshared = counted.pop((client, window), (0, 0))  # pop: the newest goes last
        counted[client, window] = known, unshared + cost
        if len(counted) > MOST_CLIENTS:
            del counted[next(iter(counted))]
        is_due = "shared" in settings.CACHES and unshared + cost > settings.RATE_LIMIT // 100
        if is_due:
            counted[client, window] = known + unshared + cost, 0
    key = f"cost:{client}:{window}"

    def share(cache):
        cache.add(key, 0, timeout=2 * WINDOW)
        return cache.incr(key, unshared + cost)

    if is_due and (total := shared_cache.ask(share)):  # None while the shared cache is away
        with _lock:
            counted[client, window] = total, counted.get((client, window), (0, 0))[1]
    return sum(counted.get((client, window), (0, cost)))
