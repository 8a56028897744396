"""A page is built once for each version of the register, and kept until the next change that the public sees."""

import hashlib
import zlib
from contextlib import nullcontext
from functools import wraps
from threading import Lock

from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpResponse
from django.utils.translation import get_language

LARGEST = 2**20  # bytes of a page
_building = [Lock() for _ in range(256)]  # of the pages that are built just now: who wants the same page waits


class BoundedMemory(LocMemCache):
    """Django's cache in the memory of a process, bounded in bytes too: ``MAX_BYTES``. What lay unused longest goes."""

    def __init__(self, name, params):
        super().__init__(name, params)
        self._max_bytes = params["OPTIONS"]["MAX_BYTES"]

    def _set(self, key, value, timeout=None):
        super()._set(key, value, timeout)  # each value is pickled bytes by now, the newest first
        held = sum(map(len, self._cache.values()))
        while held > self._max_bytes:
            oldest, dropped = self._cache.popitem()
            del self._expire_info[oldest]
            held -= len(dropped)


def kept(view):
    """Let a view of the public site answer from what it answered before, as long as the register has not changed.

    ``request.register_version`` is given by ``eap_funding.middleware.cache_headers``.

    A page follows from the version, its address and its language alone; the version is read first, so that
    nothing older is ever kept under it. Only pages that were found are kept, packed, and none of more than LARGEST.
    One request builds a page, and others that want it meanwhile wait for it.
    """

    @wraps(view)
    def answer(request, *args, **named):
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **named)
        place = (request.scheme, request.get_host(), request.path, request.META.get("QUERY_STRING", ""))
        version = request.register_version
        said = (version.number, version.digest, get_language(), *place)
        key = hashlib.sha256(repr(said).encode()).hexdigest()
        with nullcontext() if key in cache else _building[int(key[:2], 16)]:
            if packed := cache.get(key):
                return HttpResponse(zlib.decompress(packed))
            response = view(request, *args, **named)
            if response.status_code == 200 and len(response.content) <= LARGEST:
                cache.set(key, zlib.compress(response.content, level=1), timeout=None)
            return response

    return answer
