"""What is refused before any view sees it, so that no door has to."""

from django.conf import settings
from django.utils.translation import gettext as _

from projects.exports.content_negotiation import accepts, not_accepted

from ..errors import refuse
from .compression import in_place_of

FORM = 2**20  # bytes of a form beside the file in it
READING = ("GET", "HEAD", "OPTIONS")


def refuse_malformed_requests(get_response):
    """Refuse what no address takes, and answers in a form that was not asked for."""

    def middleware(request):
        if fault := request.fault or _fault(request):  # the first: of the query string (asking.py)
            allow = {"Allow": ", ".join(READING)} if fault[0] == 405 else None
            return refuse(request, *fault, headers=allow)
        if not request.META.get("HTTP_ACCEPT", "").strip():
            request.META.pop("HTTP_ACCEPT", None)  # empty says no more than nothing
        response = get_response(request)
        media_type = response.headers.get("Content-Type", "").split(";")[0]
        asked = request.method in ("GET", "HEAD") and not request.path.startswith("/admin/")
        if asked and response.status_code == 200 and not accepts(request, media_type):
            return in_place_of(response, refuse(request, 406, not_accepted(media_type)))
        return response

    return middleware


def _fault(request):
    """Return (status, what is wrong) of a request that nothing here takes, else None."""
    if "\x00" in request.path:
        return 400, _("This link contains a NUL character. Remove it.")
    if request.path.startswith("/admin/") and _length(request) > settings.IMPORT_MAX_UNPACKED + FORM:
        return (
            413,
            "This is larger than the largest file that is taken. Nothing was read. Split it and upload the parts.",
        )
    if request.path.startswith("/admin/") and any("\x00" in v for _name, vs in request.POST.lists() for v in vs):
        return 400, "The form holds a NUL character. Nothing was saved: go back, take it out, and send it again."
    if request.method not in READING and not request.path.startswith("/admin/"):
        return 405, ""
    if request.method in READING and _has_body(request):
        said = _("A %(method)s request cannot have a body. Use the query string instead.")
        return 400, said % {"method": request.method}
    return None


def _length(request):
    """Return how many bytes the request says that it sends."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _has_body(request):
    return request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META
