"""``/healthz`` is answered before Django: whether the process lives is asked often, and depends on nothing."""

from .middleware.request_id import id_of

MOST = 32  # ways to ask that are kept
_ASKED = (  # all by which answers to it may differ
    "REQUEST_METHOD", "QUERY_STRING", "CONTENT_LENGTH", "wsgi.url_scheme", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING",
)  # fmt: skip


def healthy_at_once(application):
    """Return the WSGI ``application``, which is asked for ``/healthz`` once; then that is repeated, with a new id."""
    kept = {}

    def answer(environ, start_response):
        if environ["PATH_INFO"] != "/healthz":
            return application(environ, start_response)
        asked = tuple(map(environ.get, _ASKED))
        if asked not in kept:
            told = []
            response = application(environ, lambda *status_and_headers: told.extend(status_and_headers))
            body = b"".join(response)
            response.close()
            status, headers = told
            if not status.startswith("200") or len(kept) >= MOST:
                start_response(status, headers)
                return [body]
            kept[asked] = status, [each for each in headers if each[0] != "X-Request-ID"], body
        status, headers, body = kept[asked]
        start_response(status, [*headers, ("X-Request-ID", id_of(environ.get("HTTP_X_REQUEST_ID", "")))])
        return [body]

    return answer
