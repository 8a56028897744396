"""An id for every request, in its response and in the log, so that a user can say which request went wrong."""

import ipaddress
import logging
import re
from contextvars import ContextVar
from functools import lru_cache
from random import getrandbits

from django.conf import settings
from django.utils.functional import SimpleLazyObject

WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{1,64}")  # also a valid URI reference, for `instance` of a problem
_current = ContextVar("asking", default=("-", "-", None))


def identify(request):
    """Set ``request.id``."""
    request.id = id_of(request.META.get("HTTP_X_REQUEST_ID"))
    _current.set((request.id, client_of(request), request))  # not reset: streams run after the response is returned


def id_of(header):
    """Return the id of a request: its ``X-Request-ID`` if well formed, else a new one."""
    if header and WELL_FORMED.fullmatch(header):
        return header
    digits = f"{getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"  # a UUID


def client_of(request):
    """Return the client's address as text, or its /64 network for IPv6, all of which usually belongs to one client."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip() or address
    return _client(address)


def user_of(request):
    """Return the key of the signed-in user, None if there is none; without asking the database."""
    user = vars(request).get("user")
    user = vars(request).get("_cached_user") if isinstance(user, SimpleLazyObject) else user
    return getattr(user, "pk", None)


@lru_cache(maxsize=1000)
def _client(text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # for example, a Unix socket
        return "unknown"
    if address.version == 6 and not address.ipv4_mapped:
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(getattr(address, "ipv4_mapped", None) or address)


class RequestContext(logging.Filter):
    """Adds ``request_id`` to log records ("-" outside a request), and the client's address to those of "access"."""

    def filter(self, record):
        record.request_id, record.client, request = _current.get()
        record.user = request and user_of(request)
        record.address = f" address={record.client}" if record.name == "access" else ""
        return True


class OneLine(logging.Formatter):
    """Keeps each message on one line by escaping unprintable characters. A traceback follows below it."""

    def formatMessage(self, record):
        line = super().formatMessage(record)
        return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
