"""CORS: scripts of any site may read the API and the files, for which nobody signs in."""

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


def is_preflight(request):
    """Whether a browser asks what a script of another site may send."""
    return request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META
