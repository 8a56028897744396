"""Which forms of an answer a client takes: its ``Accept``, read as RFC 9110 (12.5.1) says; views with one form."""

import re
from functools import lru_cache

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.views import APIView

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?')
_WEIGHT = re.compile(r"0*[01]?(\.[0-9]*)?")


def accepts(request, media_type):
    """Whether the client takes ``media_type``; anything, if it does not say."""
    return quality(request, media_type) > 0


def not_accepted(media_type):
    """Return what to say to a client that does not take ``media_type``, the form of the answer."""
    said = _("This address returns %(media_type)s, which the Accept header of the request does not allow.")
    return said % {"media_type": media_type}


def quality(request, media_type):
    """Return how much the client likes ``media_type``, from 0 (not at all) to 1: what its most exact range says.

    Of the parameters of a range only its weight counts: we have each form once, whatever its charset or profile.
    """
    ranges = _ranges(request.META.get("HTTP_ACCEPT", "*/*"))
    kind = media_type.partition("/")[0]
    return next((ranges[each] for each in (media_type, f"{kind}/*", "*/*") if each in ranges), 0.0)


@lru_cache(256)
def _ranges(header):
    """Return ``{media range: weight}``; of one that is named twice the greater. A malformed one is none."""
    found: dict[str, float] = {}
    for part in _QUOTED.sub("", header).split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        weights = [each.removeprefix("q=") for each in parameters if each.startswith("q=")]
        weight = float(weights[0]) if weights and _is_weight(weights[0]) else 1.0
        name = "*/*" if name == "*" else name  # as Java writes it
        found[name] = max(min(weight, 1.0), found.get(name, 0.0))
    return found


def _is_weight(text):
    return bool(_WEIGHT.fullmatch(text)) and any(map(str.isdigit, text))


class ReadByPrograms(APIView):
    """A view of the API or of files, described by REST framework and answered without what only writing needs.

    ``media_type``: the form in which it answers; empty: it says itself what there is.
    """

    media_type = "application/json"
    other_forms = ""  # a sentence that names them

    def dispatch(self, request, *args, **named):
        """Answer, or say in the one form of refusals what is wrong; NotAcceptable if the client takes another form."""
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
        told = orjson.dumps(self.metadata_class().determine_metadata(request, self))
        return HttpResponse(told, content_type="application/json")
