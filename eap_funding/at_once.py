"""What is asked most, answered before Django: ``/healthz``, documents of the API, and lists of projects by cursor.

What Django answered, after all its checks, serves for requests that are asked in the same way: the body for health; for
documents and lists the headers, without those that follow from their text. The rest (limits, place, version, ETag,
compression, log) is done by the functions that ``middleware`` uses. Version and documents are one query.
"""

import re
import time
from functools import partial

from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse

from projects.api.lists import ProjectListApi
from projects.capacity import REQUESTS, Busy
from projects.index import follower
from projects.published.views import KINDS, as_shown
from projects.search.filters import BadQuery
from provenance.store.database import reading

from .languages import BRITISH
from .middleware.cache_headers import read_register, validators_of, with_version
from .middleware.compression import compress
from .middleware.envelope import begin
from .middleware.rate_limit import counted_response
from .middleware.request_id import id_of
from .middleware.request_log import note_when_sent

MOST = 200  # ways of asking whose answers are kept
_WAY = (  # all that checks and headers depend on, besides the address
    "wsgi.url_scheme", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING",
    "HTTP_ACCEPT_LANGUAGE",
)  # fmt: skip
# What asks for more, or less, than a document:
_MORE = ("CONTENT_LENGTH", "SCRIPT_NAME", "HTTP_TRANSFER_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
_OF_THE_TEXT = ("Content-Encoding", "X-Request-ID")  # headers that are not kept
_ADDRESS = re.compile(
    rf"/healthz\?[^?]*|/api/v1/(?:({'|'.join(KINDS)})/([-\w]+)/\?|projects/\?(?:(?:cursor|page_size)=[-\w%]*&?)+)",
    re.ASCII,
)


class _Request(WSGIRequest):
    """A request for an address that needs no decoding, and without a body."""

    def __init__(self, environ):
        self.environ = self.META = environ
        self.path = self.path_info = environ["PATH_INFO"]
        self.method, self.language, self.is_page = "GET", BRITISH, False


class _Response(HttpResponse):
    """A success with ``headers`` of its own, at whose end Django's signal need not be sent."""

    def __init__(self, body, headers):
        self._container, self._resource_closers = [body], []
        self.headers = headers | {"Content-Length": str(len(body))}

    def close(self):
        for closer in self._resource_closers:
            closer()
        reading().close_if_unusable_or_obsolete()


def at_once(application):
    """Return the WSGI ``application``, with what it has sent before sent again at once."""
    known = {}  # {(health with its query string, collection of a document or None; way of asking): (headers, body)}

    def respond(environ, start_response):
        address = _ADDRESS.fullmatch(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        if not address or environ["REQUEST_METHOD"] != "GET" or any(map(environ.get, _MORE)):
            return application(environ, start_response)
        is_health = environ["PATH_INFO"] == "/healthz"
        way = address[0] if is_health else address[1], *map(environ.get, _WAY)
        if way not in known:
            return learned(environ, start_response, way)
        headers, body = known[way]
        if is_health:
            start_response("200 OK", [*headers.items(), ("X-Request-ID", id_of(environ.get("HTTP_X_REQUEST_ID")))])
            return [body]
        try:
            response = _of_register(environ, *address.groups(), headers)
        except (LookupError, BadQuery, Busy, DatabaseError, InterfaceError):  # Django says what is wrong
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
            known[way] = {name: value for name, value in headers if name not in _OF_THE_TEXT}, body
        start_response(status, headers)
        return [body]

    return respond


def _of_register(environ, collection, key, headers):
    """Return the response with a document or a page of projects. LookupError or BadQuery if Django has to answer."""
    began, request = time.perf_counter(), _Request(environ)
    shown = request.register = follower.newest_shown()
    begin(request)
    if not shown:
        raise LookupError
    page = None if key else ProjectListApi(request=request)
    ids = page.rows.revisions(page.page[0]) if page else [shown.revision(KINDS[collection], key)]
    if None in ids:  # before it is counted
        raise LookupError

    def respond(request):
        if not read_register(request, ids):
            raise LookupError
        if page:
            whole = (page if request.register is shown else ProjectListApi(request=request)).get(request)
            response = _Response(whole.content, headers | {"Link": whole.headers["Link"]})
        elif text := request.register.document(KINDS[collection], key):
            [text] = as_shown(KINDS[collection], None, [text], request.register)
            response = _Response(text, headers)
        else:
            raise LookupError
        compress(request, response)
        return with_version(request, response, *validators_of(request))

    response = counted_response(partial(REQUESTS.respond, respond), request)
    if response.status_code != 200:
        raise LookupError
    note_when_sent(request, response, began)
    response.headers["X-Request-ID"] = request.id
    return response
