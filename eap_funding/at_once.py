"""What is asked most, answered before Django: ``/healthz``, and documents of the API.

What Django answered, after all its checks, serves for requests that are asked in the same way: the body for health; for
a document the headers, without those that follow from its text. The rest (limits, place, version, ETag, compression,
log) is done by the functions that ``middleware`` uses.
"""

import re
import time
from functools import partial

from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.http import HttpResponse

from projects.capacity import REQUESTS, Busy
from projects.index import follower
from projects.published.views import KINDS, as_shown

from .languages import BRITISH
from .middleware.cache_headers import read_register, validators_of, with_version
from .middleware.compression import compress
from .middleware.envelope import begin
from .middleware.rate_limit import counted_response
from .middleware.request_id import id_of
from .middleware.request_log import note_when_sent

MOST = 200  # ways of asking whose answers are kept
_WAY = (  # all that checks and headers depend on
    "REQUEST_METHOD", "QUERY_STRING", "CONTENT_LENGTH", "wsgi.url_scheme", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING",
)  # fmt: skip
# What asks for more, or less, than a document:
_MORE = (
    "QUERY_STRING", "CONTENT_LENGTH", "SCRIPT_NAME", "HTTP_TRANSFER_ENCODING", "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
)  # fmt: skip
_ADDRESS = re.compile(rf"/healthz|/api/v1/({'|'.join(KINDS)})/([-a-zA-Z0-9_]+)/")


class _Document(HttpResponse):
    """A response at whose end Django's signal need not be sent."""

    def close(self):
        for closer in self._resource_closers:
            closer()
        close_old_connections()


def at_once(application):
    """Return the WSGI ``application``, with what it has sent before sent again at once."""
    known = {}  # {(collection, way of asking): (headers, body)}

    def respond(environ, start_response):
        address = _ADDRESS.fullmatch(environ["PATH_INFO"])
        collection, key = address.groups() if address else (None, None)
        if not address or (key and (environ["REQUEST_METHOD"] != "GET" or any(map(environ.get, _MORE)))):
            return application(environ, start_response)
        way = collection, *map(environ.get, _WAY)
        if way not in known:
            return learned(environ, start_response, way)
        headers, body = known[way]
        if key is None:
            start_response("200 OK", [*headers.items(), ("X-Request-ID", id_of(environ.get("HTTP_X_REQUEST_ID")))])
            return [body]
        try:
            response = _document(environ, collection, key, headers)
        except (LookupError, Busy, DatabaseError, InterfaceError):  # Django says what is wrong
            return application(environ, start_response)
        start_response("200 OK", list(response.headers.items()))
        return response

    def learned(environ, start_response, way):
        """Return Django's response, whole, and keep it if it is a success."""
        started = []
        response = application(environ, lambda *status_and_headers: started.extend(status_and_headers))
        body = b"".join(response)
        response.close()
        status, headers = started
        if status.startswith("200"):
            if len(known) >= MOST:
                known.clear()
            kept = {name: value for name, value in headers if name not in ("Content-Encoding", "X-Request-ID")}
            known[way] = kept, body
        start_response(status, headers)
        return [body]

    return respond


def _document(environ, collection, key, headers):
    """Return the response with a document. LookupError if Django has to answer."""
    began, request = time.perf_counter(), WSGIRequest(environ)
    model, shown = KINDS[collection], follower.newest_shown()
    if not (shown and shown.revision(model, key)):  # before it is counted
        raise LookupError(key)
    begin(request)
    request.language = BRITISH

    def of_register(request):
        if not (read_register(request) and (text := request.register.document(model, key))):
            raise LookupError(key)
        [text] = as_shown(model, None, [text], request.register)
        response = _Document(text)
        response.headers = headers | {"Content-Length": str(len(text))}
        compress(request, response)
        return with_version(request, response, *validators_of(request))

    response = counted_response(partial(REQUESTS.respond, of_register), request)
    if response.status_code != 200:
        raise LookupError(key)
    note_when_sent(request, response, began)
    response.headers["X-Request-ID"] = request.id
    return response
