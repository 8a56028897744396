"""Cache-Control, ETag, Last-Modified, 304, and the version and seal of the register.

Public responses depend only on the register's version, the running release and the request. So the ETag is made from
these, and one small query before any view tells whether a cached copy is still valid.
"""

import hashlib
import re
import time
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from projects.index import follower
from provenance.store.database import DATABASE, read_from

from ..database.outage import reconnect
from ..database.replica import news_to_show
from .compression import in_place_of

DAY = 24 * 60 * 60  # seconds
VARIES = "Accept, Accept-Encoding"
OF_VISITORS = "/know/"  # the only public form; without the language in front
_AWAY = "register.is_away"
_NOT_OF_THE_REGISTER = re.compile(
    r"/(admin/|know/|static/|\.well-known/|data/[0-9]|(healthz|readyz|metrics|robots\.txt|favicon\.ico)\Z)"
)


def cache_control(request, status):
    """Return ``Cache-Control`` if the view sets none: caches may store what is public, and must revalidate it."""
    if request.kind == "admin" or request.path_info.startswith(OF_VISITORS):
        return "private, no-cache"
    if status == 429 or status >= 500 or request.kind == "operation":
        return "no-store"
    if status >= 400:
        return "no-cache"
    return "public, max-age=0, must-revalidate" if status in (200, 304) and _follows_from_register(request) else None


def _follows_from_register(request):
    return request.method in ("GET", "HEAD") and not _NOT_OF_THE_REGISTER.match(request.path_info)


def current_response(get_response, request):
    """Set ETag, Last-Modified, version and seal, and answer 304 where the client's copy is current.

    Sets ``request.register``, the index at one version, and ``request.register_version``, which a view that shows
    the past replaces. They are read once, so that the whole response shows the same version.
    """
    if not _follows_from_register(request):
        read_from(DATABASE)
        return get_response(_to_be_read(request))
    if not read_register(request):
        return get_response(request)  # the view answers 503, or does not need the database
    etag, modified = validators_of(request)
    kept = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if etag in [f"W/{tag.removeprefix('W/')}" for tag in kept]:  # compared as weak ones (RFC 9110, 8.8.3.2)
        # This ETag belongs to this address, and was only sent with 200.
        return _with_validators(HttpResponseNotModified(), etag, modified)
    response = get_response(request)
    if response.status_code != 200:
        return response
    if _is_unchanged(request, modified):
        kept = {name: response.headers[name] for name in ("Vary", "Content-Location") if response.has_header(name)}
        response = in_place_of(response, HttpResponseNotModified(headers=kept))
        return _with_validators(response, etag, modified)
    return with_version(request, response, etag, modified)


def read_register(request, ids=()):
    """Set ``request.register`` and ``request.register_version``, and return whether the database answered.

    It is asked no second time for a request that goes on to Django because it did not answer.
    """
    read_from(DATABASE)
    if _AWAY not in request.META:
        try:
            request.register = follower.current_register(news_to_show(request, ids))
            request.register_version = request.register.version
            return True
        except (DatabaseError, InterfaceError):
            reconnect()
            request.META[_AWAY] = True
    _to_be_read(request)
    return False


def _to_be_read(request):
    """Return the request with a Register and a Version that are read if they are needed."""
    request.register = SimpleLazyObject(follower.current_register)
    request.register_version = SimpleLazyObject(lambda: request.register.version)
    return request


def _is_unchanged(request, modified):
    """Whether ``If-None-Match: *`` or ``If-Modified-Since`` makes this a 304."""
    if "HTTP_IF_NONE_MATCH" in request.META:  # takes precedence over If-Modified-Since
        return request.META["HTTP_IF_NONE_MATCH"].strip() == "*"
    if "HTTP_IF_MODIFIED_SINCE" not in request.META:
        return False
    since = parse_http_date_safe(request.META["HTTP_IF_MODIFIED_SINCE"])
    return None not in (since, modified) and modified <= since


def with_version(request, response, etag, modified):
    """Return the response with the register's version and seal, and its validators."""
    response.headers["X-Register-Version"] = str(request.register_version.number)
    response.headers["X-Register-Seal"] = request.register_version.head
    return _with_validators(response, etag, modified)


def _with_validators(response, etag, modified):
    response.headers["ETag"] = etag
    if modified:
        response.headers["Last-Modified"] = _in_http(modified)
    response.headers.setdefault("Vary", VARIES)
    if response.headers["Vary"] != VARIES:
        patch_vary_headers(response, ["Accept", "Accept-Encoding"])
    return response


_in_http = lru_cache(maxsize=16)(http_date)


def validators_of(request):
    """Return (ETag, when the content last changed in whole seconds since 1970, or None).

    Dumps have a time of their own. Lists with a cursor change daily, because cursors expire. The ETag is weak, and
    signed, so that nobody can forge one.
    """
    version, query = request.register_version, request.META.get("QUERY_STRING", "")
    times = [version.at.timestamp()] if version.at else []
    if query and "cursor" in request.GET:
        times.append(time.time() // DAY * DAY)
    if request.path_info.startswith("/data/") and settings.DUMPS_DIR.is_dir():
        times.append(settings.DUMPS_DIR.stat().st_mtime)
    modified = int(max(times)) if times else None
    accept = request.META.get("HTTP_ACCEPT", "*/*")  # may select the format, or lead to 406
    host = request.META.get("HTTP_HOST", "")  # spelled in one way (envelope.py), and refused later if it is not ours
    place = (request.scheme, host, request.path, query)
    content = repr((version.number, version.head, modified, settings.RELEASE_DIGEST, request.language, accept, *place))
    key = settings.SECRET_KEY.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
    digest = hashlib.blake2b(content.encode(), key=key, digest_size=16)
    return f'W/"{digest.hexdigest()}"', modified
