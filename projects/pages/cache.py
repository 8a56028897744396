"""A cache of pages, which are built once for each version of the register."""

import hashlib
import zlib
from contextlib import nullcontext
from functools import wraps
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpResponse
from django.utils.translation import get_language

from .. import shared_cache
from ..index.version import Version

LARGEST = 2**20  # bytes of a cached page
SHARED = 24 * 60 * 60  # seconds for which a page stays in the shared cache
KEPT = ("Content-Type", "Content-Disposition", "Content-Security-Policy")
_building = [Lock() for _ in range(256)]  # so that only one request builds a page


class BoundedMemory(LocMemCache):
    """Django's cache in local memory, also limited to ``MAX_BYTES``. The least recently used entries go first."""

    def __init__(self, name, params):
        super().__init__(name, params)
        self._max_bytes = params["OPTIONS"]["MAX_BYTES"]

    def _set(self, key, value, timeout=None):
        super()._set(key, value, timeout)  # values are pickled bytes, the newest first
        held = sum(map(len, self._cache.values()))
        while held > self._max_bytes:
            oldest, dropped = self._cache.popitem()
            del self._expire_info[oldest]
            held -= len(dropped)


def cached(view):
    """Cache the pages of a view, compressed, until the register changes.

    A page depends only on its version, address and language. The version is read first (``request.register_version``
    comes from ``eap_funding.middleware.cache_headers``), so that no older page is cached under it. Only responses with
    status 200 and at most LARGEST bytes are cached. While one request builds a page, others wait for it. Each process
    has a cache of its own, and looks into the shared one before it builds a page.
    """

    @wraps(view)
    def from_cache(request, *args, **named):
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **named)
        place = (request.scheme, request.get_host(), request.path, request.META.get("QUERY_STRING", ""))
        version = request.register_version
        made_by = version.number, version.head, settings.RELEASE_DIGEST, get_language()
        key = hashlib.sha256(repr((*made_by, *place)).encode()).hexdigest()
        with nullcontext() if key in cache else _building[int(key[:2], 16)]:
            page = cache.get(key)
            if not page and (page := shared_cache.ask(lambda shared: shared.get(key))):
                cache.set(key, page, timeout=None)
            request.page_cache = "hit" if page else "miss"  # for log and metrics
            if page:
                packed, headers, shown = page
                request.register_version = Version(*shown)  # of the past, if the page is
                return HttpResponse(zlib.decompress(packed), headers=headers)
            response = view(request, *args, **named)
            if response.status_code == 200 and len(response.content) <= LARGEST:
                headers = {name: response.headers[name] for name in KEPT if name in response.headers}
                page = (zlib.compress(response.content, level=1), headers, tuple(request.register_version))
                cache.set(key, page, timeout=None)
                shared_cache.ask(lambda shared: shared.set(key, page, timeout=SHARED))
            return response

    return from_cache
