"""Requests that are refused before any view runs."""

import re

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from projects.exports.content_negotiation import accepts, not_accepted
from provenance.models.fields import as_number
from provenance.workflow.suggestions import LARGEST

from ..errors import refuse
from .cache_headers import OF_VISITORS
from .compression import in_place_of
from .query_string import NOT_UTF_8

FORM = 2**20  # bytes allowed for a form besides its file
BROKEN_BYTE = re.compile("%[89A-F][0-9A-F]")  # Django leaves bytes of a path that are not UTF-8 like this
READING = ("GET", "HEAD", "OPTIONS")


def valid_response(get_response, request):
    """Return the response. Refuse requests that no address accepts, and a format that the client does not accept."""
    if fault := request.fault or _fault(request):  # request.fault: see query_string.py
        allow = {"Allow": ", ".join(READING)} if fault[0] == 405 else None
        return refuse(request, *fault, headers=allow)
    response = get_response(request)
    if request.method == "OPTIONS" and response.status_code == 200 and "Allow" not in response.headers:
        allowed = [*READING, "POST"] if request.path_info == OF_VISITORS else READING
        return in_place_of(response, HttpResponse(headers={"Allow": ", ".join(allowed), "Content-Length": "0"}))
    if response.status_code == 200 and request.method in ("GET", "HEAD") and request.kind != "admin":
        media_type = response.headers.get("Content-Type", "").split(";")[0]
        if not accepts(request, media_type):
            return in_place_of(response, refuse(request, 406, not_accepted(media_type)))
    return response


def _fault(request):
    """Return (status, message) if no address accepts this request, else None."""
    length = as_number(request.META.get("CONTENT_LENGTH")) or 0
    if "\x00" in request.path:
        return 400, _("This link contains a NUL character. Remove it.")
    if BROKEN_BYTE.search(request.path):
        return 400, NOT_UTF_8
    if request.kind == "admin":
        if length > settings.IMPORT_MAX_UNPACKED + FORM:
            return 413, "The file is too large. Nothing was saved. Split it and upload the parts."
        for field, values in request.POST.lists():
            if any("\x00" in value for value in values):
                name = field.replace("\x00", "").strip("_").replace("_", " ").capitalize()[:100]  # as people read it
                return 400, (
                    f"“{name}” contains a NUL character. Nothing was saved. Go back, remove it and send the form again."
                )
    elif request.method not in READING:
        if request.path_info != OF_VISITORS or request.method != "POST":
            return 405, ""
        if length > LARGEST + FORM:
            return 413, _("The file is too large. Give its address, or the part that matters.")
    if request.method in READING and (length or "HTTP_TRANSFER_ENCODING" in request.META):
        message = _("A %(method)s request cannot have a body. Use the query string instead.")
        return 400, message % {"method": request.method}
    return None
