"""Who asks: every request has an id, on its answer and in the log, so that a reader can say which one went wrong."""

import ipaddress
import logging
import re
from contextvars import ContextVar
from functools import lru_cache
from uuid import uuid4

from django.conf import settings

WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{1,64}")  # also a URI reference by itself: `instance` of a problem
_current = ContextVar("asking", default=("-", "-"))


def identify_request(get_response):
    """Give ``request.id``: what ``X-Request-ID`` says, if that is well formed, else a new one."""

    def middleware(request):
        request.id = id_of(request.META.get("HTTP_X_REQUEST_ID", ""))
        _current.set((request.id, client_of(request)))  # until the next one: a stream is made after this returns
        response = get_response(request)
        response.headers["X-Request-ID"] = request.id
        return response

    return middleware


def id_of(given):
    """Return the id of a request: what it says, if that is well formed, else a new one."""
    return given if WELL_FORMED.fullmatch(given) else str(uuid4())


def client_of(request):
    """Return the address that asks, as text: behind a proxy the one that the proxy saw. IPv6 by its network of 64 bits,
    since one client has all of that."""
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip() or seen
    return _client(seen)


@lru_cache(maxsize=1000)
def _client(seen):
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:  # a socket, or nothing that can be told apart
        return "unknown"
    if address.version == 6 and not address.ipv4_mapped:
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(getattr(address, "ipv4_mapped", None) or address)


class Asking(logging.Filter):
    """Gives log records ``request_id``, that of the request in this thread, "-" outside of any; to those about access,
    the address too."""

    def filter(self, record):
        record.request_id, address = _current.get()
        record.address = f" address={address}" if record.name == "access" else ""
        return True


class OneLine(logging.Formatter):
    """A message is one line, whatever it quotes: signs that do not show are escaped. A traceback stays below it."""

    def formatMessage(self, record):
        line = super().formatMessage(record)
        return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)
