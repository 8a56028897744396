"""A page is built once for each version of the register, and kept until the next change that the public sees."""

import hashlib
import zlib
from functools import wraps

from django.core.cache import cache
from django.db.models import Max
from django.http import HttpResponse
from django.utils.translation import get_language

from provenance.models import Revision


def register_version():
    """Return the number of the newest public Revision, from which all that the public sees follows; None: none yet."""
    return Revision.objects.filter(is_public=True).aggregate(newest=Max("id"))["newest"]


def kept(view):
    """Let a view of the public site answer from what it answered before, as long as the register has not changed.

    A page follows from the version, its address and its language alone; the version is read first, so that
    nothing older is ever kept under it. Only pages that were found are kept, packed.
    """

    @wraps(view)
    def answer(request, *args, **named):
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **named)
        place = (request.scheme, request.get_host(), request.path, request.META.get("QUERY_STRING", ""))
        key = hashlib.sha256(repr((register_version(), get_language(), *place)).encode()).hexdigest()
        if packed := cache.get(key):
            return HttpResponse(zlib.decompress(packed))
        response = view(request, *args, **named)
        if response.status_code == 200:
            cache.set(key, zlib.compress(response.content, level=1), timeout=None)
        return response

    return answer
