"""Content negotiation by ``Accept`` (RFC 9110, 12.5.1), and the base of views with one format."""

import re
from functools import lru_cache

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.views import APIView

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?')
_WEIGHT = re.compile(r"(?=.*[0-9])0*[01]?(\.[0-9]*)?")


def accepts(request, media_type):
    """Whether the client accepts ``media_type``. Without ``Accept`` it accepts anything."""
    return quality(request, media_type) > 0


def not_accepted(media_type):
    """Return the error message for a client that does not accept ``media_type``."""
    message = _("This address returns %(media_type)s, which the Accept header of the request does not allow.")
    return message % {"media_type": media_type}


def quality(request, media_type):
    """Return the client's weight for ``media_type``, 0 to 1, from the most specific range.

    Other parameters are ignored, because there is only one variant of each format.
    """
    ranges = _ranges(request.META.get("HTTP_ACCEPT", "*/*"))
    kind = media_type.partition("/")[0]
    return next((ranges[each] for each in (media_type, f"{kind}/*", "*/*") if each in ranges), 0.0)


@lru_cache(256)
def _ranges(header):
    """Return ``{media range: weight}``, the greater one for a range named twice."""
    weights_of: dict[str, float] = {}
    for part in _QUOTED.sub("", header).split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        weights = [each.removeprefix("q=") for each in parameters if each.startswith("q=")]
        weight = float(weights[0]) if weights and _WEIGHT.fullmatch(weights[0]) else 1.0
        name = "*/*" if name == "*" else name  # Java sends "*"
        weights_of[name] = max(min(weight, 1.0), weights_of.get(name, 0.0))
    return weights_of


def json_response(body):
    """Return a response of ``body``, JSON as bytes or an object to encode."""
    return HttpResponse(body if isinstance(body, bytes) else orjson.dumps(body), content_type="application/json")


class ReadByPrograms(APIView):
    """A view of the API or of files: REST framework describes it, but its work for writing is skipped.

    ``media_type``: of its responses; "": not checked. ``other_forms``: a sentence that names other formats.
    """

    media_type = "application/json"
    other_forms = ""

    def dispatch(self, request, *args, **named):
        """Handle GET, HEAD and OPTIONS. NotAcceptable if the client does not accept ``media_type``."""
        try:
            if self.media_type and not accepts(request, self.media_type):
                raise NotAcceptable(f"{not_accepted(self.media_type)} {self.other_forms}".strip())
            handler = self.options if request.method == "OPTIONS" else self.get
            response = handler(request, *args, **named)
        except Exception as exception:
            response = self.get_exception_handler()(exception, {"request": request})
            if response is None:
                raise
        response.headers["Allow"] = "GET, HEAD, OPTIONS"
        return response

    def options(self, request, *args, **named):
        return json_response(self.metadata_class().determine_metadata(request, self))
