"""Pages of any site may read what programs read (CORS): nobody signs in for that, so all are told the same."""

import re

from django.conf import settings
from django.http import HttpResponse

_SHARED = re.compile(rf"(?!/admin/){settings.READ_BY_PROGRAMS}")
_EXPOSED = (
    "Content-Disposition", "ETag", "Last-Modified", "Link", "RateLimit", "RateLimit-Policy", "Retry-After",
    "X-Register-Version", "X-Request-ID", "X-Total-Count",
)  # fmt: skip
_TAKEN = ("Accept", "Cache-Control", "Content-Type", "If-Modified-Since", "If-None-Match", "X-Request-ID")
SAID = {"access-control-allow-origin": "*", "access-control-expose-headers": ", ".join(_EXPOSED)}
SAID_BEFORE = {  # to a browser that asks what it may ask
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": ", ".join(_TAKEN),
    "access-control-max-age": "86400",  # seconds
}


def let_other_sites_read(get_response):
    def middleware(request):
        if not _SHARED.match(request.path_info):
            return get_response(request)
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            return HttpResponse(headers=SAID | SAID_BEFORE)
        response = get_response(request)
        for name, text in SAID.items():
            response.headers[name] = text
        return response

    return middleware
