"""From a request to the response of its view, step by step. What a step does is in its own module."""

from functools import partial

from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpResponse

from projects.api.hooks import read
from projects.capacity import REQUESTS

from ..languages import respond_in_language
from .cache_headers import cache_control, current_response
from .compression import compress
from .query_string import read_query
from .rate_limit import counted_response
from .request_validation import valid_response

# Scripts of any site may read the API and the files, for which nobody signs in.
_EXPOSED = sorted(read("shared")["components"]["headers"].keys() - {"Allow", "Location"})
_ALLOWED = (
    "Accept", "Cache-Control", "Content-Type", "If-Modified-Since", "If-None-Match", "X-Register-Version",
    "X-Request-ID",
)  # fmt: skip
CORS_HEADERS = {"access-control-allow-origin": "*", "access-control-expose-headers": ", ".join(_EXPOSED)}
PREFLIGHT_HEADERS = CORS_HEADERS | {  # for browsers that ask what a script of another site may send
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": ", ".join(_ALLOWED),
    "access-control-max-age": "86400",  # seconds
}


def respond(get_response):
    """Read the query string, choose the language, keep the limits, refuse what is not valid, and set the headers."""
    valid = partial(valid_response, partial(current_response, get_response))
    limited = partial(counted_response, convert_exception_to_response(partial(_with_a_place, valid)))

    def middleware(request):
        is_shared = request.kind in ("api", "file")
        if is_shared and request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            return HttpResponse(headers=PREFLIGHT_HEADERS)
        read_query(request)
        response = respond_in_language(limited, request)
        if request.kind != "admin":  # the length of a compressed page could reveal the secrets in it
            compress(request, response)
        if is_shared:
            for name, text in CORS_HEADERS.items():
                response.headers[name] = text
        if policy := cache_control(request, response.status_code):
            response.headers.setdefault("Cache-Control", policy)
        return response

    return middleware


def _with_a_place(get_response, request):
    """Hold a place until the client has the whole response, so that threads stay free for health checks."""
    return get_response(request) if request.kind == "operation" else REQUESTS.respond(get_response, request)
