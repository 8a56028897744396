"""Which forms of an answer a client takes: its ``Accept``, read as RFC 9110 (12.5.1) says."""

import re

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?')
_WEIGHT = re.compile(r"0*[01]?(\.[0-9]*)?")


def accepts(request, media_type):
    """Whether the client takes ``media_type``; anything, if it does not say."""
    return quality(request, media_type) > 0


def quality(request, media_type):
    """Return how much the client likes ``media_type``, from 0 (not at all) to 1: what its most exact range says.

    Of the parameters of a range only its weight counts: we have each form once, whatever its charset or profile.
    """
    ranges = _ranges(request.META.get("HTTP_ACCEPT", "*/*"))
    kind = media_type.partition("/")[0]
    return next((ranges[each] for each in (media_type, f"{kind}/*", "*/*") if each in ranges), 0.0)


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


class JsonOrNothing(BaseContentNegotiation):
    """How the API answers those who do not take JSON."""

    def select_parser(self, request, parsers):
        return parsers[0] if parsers else None

    def select_renderer(self, request, renderers, format_suffix=None):
        """NotAcceptable if the client leaves the only form out."""
        if not accepts(request, renderers[0].media_type):
            raise NotAcceptable
        return renderers[0], renderers[0].media_type
