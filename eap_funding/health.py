"""``/healthz`` is answered before Django, because it is asked often and depends on nothing."""

from .middleware.request_id import id_of

MOST = 32  # answers cached
_KEY = (  # everything that the answer depends on
    "REQUEST_METHOD", "QUERY_STRING", "CONTENT_LENGTH", "wsgi.url_scheme", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING",
)  # fmt: skip


def healthy_at_once(application):
    """Return the WSGI ``application`` with its answers to ``/healthz`` cached; only the request id is new each time."""
    cache = {}

    def answer(environ, start_response):
        if environ["PATH_INFO"] != "/healthz":
            return application(environ, start_response)
        key = tuple(map(environ.get, _KEY))
        if key not in cache:
            started = []
            response = application(environ, lambda *status_and_headers: started.extend(status_and_headers))
            body = b"".join(response)
            response.close()
            status, headers = started
            if not status.startswith("200") or len(cache) >= MOST:
                start_response(status, headers)
                return [body]
            cache[key] = status, [each for each in headers if each[0] != "X-Request-ID"], body
        status, headers, body = cache[key]
        start_response(status, [*headers, ("X-Request-ID", id_of(environ.get("HTTP_X_REQUEST_ID")))])
        return [body]

    return answer
