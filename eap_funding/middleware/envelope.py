"""What every response has, also a static file: an id, a line in the log, policies for browsers, and its length."""

import time
from functools import lru_cache

from django.conf import settings
from django.http.request import split_domain_port

from ..errors import READ_BY_PROGRAMS
from .request_id import identify
from .request_log import note_when_sent

POLICIES = {
    "Content-Security-Policy": settings.CONTENT_SECURITY_POLICY,
    "Permissions-Policy": settings.PERMISSIONS_POLICY,
}


def envelope(get_response):
    """Begin and end each request."""

    def middleware(request):
        began = time.perf_counter()
        begin(request)
        response = get_response(request)
        if not (settings.DEBUG and response.status_code in (404, 500)):  # debug pages have inline styles
            for name, text in POLICIES.items():
                response.headers.setdefault(name, text)
        if not response.streaming and response.status_code not in (204, 304):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        note_when_sent(request, response, began)
        if request.method == "HEAD":  # a stream is not even started; the server closes it
            setattr(response, "streaming_content" if response.streaming else "content", b"")
        response.headers["X-Request-ID"] = request.id
        return response

    return middleware


def begin(request):
    """Set ``request.id`` and ``request.kind`` (one of ``metrics.KINDS``), and spell what ETags are made of."""
    identify(request)
    if request.path.startswith(("/admin/", "/api/", "/static/")):
        request.kind = request.path.split("/")[1]
    elif request.path in ("/healthz", "/readyz", "/metrics"):
        request.kind = "operation"
    else:
        request.kind = "file" if READ_BY_PROGRAMS.match(request.path) else "page"
    if host := request.META.get("HTTP_HOST"):
        request.META["HTTP_HOST"] = _spelled(host, request.is_secure())
    if not request.META.get("HTTP_ACCEPT", "").strip():
        request.META.pop("HTTP_ACCEPT", None)


@lru_cache(1000)
def _spelled(host, is_secure):
    """Make ``EXAMPLE.org``, ``example.org.`` and ``example.org:443`` one host. Django refuses invalid names."""
    domain, port = split_domain_port(host)
    port, usual = port.lstrip("0"), "443" if is_secure else "80"
    if not domain:
        return host
    return domain if port in ("", usual) else f"{domain}:{port}"
