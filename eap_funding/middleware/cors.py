"""CORS: scripts of any site may read the API and the files, for which nobody signs in."""

import re

from django.conf import settings
from django.http import HttpResponse

_SHARED = re.compile(rf"(?!/admin/){settings.READ_BY_PROGRAMS}")
_EXPOSED = (
    "Content-Disposition", "ETag", "Last-Modified", "Link", "RateLimit", "RateLimit-Policy", "Retry-After",
    "X-Register-Seal", "X-Register-Version", "X-Request-ID", "X-Total-Count",
)  # fmt: skip
_ALLOWED = (
    "Accept", "Cache-Control", "Content-Type", "If-Modified-Since", "If-None-Match", "X-Register-Version",
    "X-Request-ID",
)  # fmt: skip
HEADERS = {"access-control-allow-origin": "*", "access-control-expose-headers": ", ".join(_EXPOSED)}
PREFLIGHT_HEADERS = HEADERS | {
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": ", ".join(_ALLOWED),
    "access-control-max-age": "86400",  # seconds
}


def allow_other_sites(get_response):
    def middleware(request):
        if not _SHARED.match(request.path_info):
            return get_response(request)
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            return HttpResponse(headers=PREFLIGHT_HEADERS)
        response = get_response(request)
        for name, text in HEADERS.items():
            response.headers[name] = text
        return response

    return middleware
