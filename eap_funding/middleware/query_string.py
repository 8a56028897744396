"""The query string, read once, before Django makes a QueryDict of it."""

import logging
from collections import Counter
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from django.conf import settings
from django.utils.functional import keep_lazy_text
from django.utils.translation import gettext_lazy as _

MOST_PARAMETERS = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS  # Django raises an error for more
MOST_VALUES = 100  # of one parameter
SHOWN = 40  # characters of a parameter's name
SHOWN_PATH = 200  # characters of a path in the log

NOT_UTF_8 = _("This link is not valid UTF-8. Percent-encode characters outside ASCII as UTF-8.")

logger = logging.getLogger("access")


def read_query(request):
    """Remove repeated values from the query string, and empty it if it is faulty, so that links and keys stay short.

    Sets ``request.pairs``, its (parameter, value) pairs in order, and ``request.fault``, the arguments of ``refuse``,
    which is called once the language is known.
    """
    request.pairs, request.fault = [], None
    if not (query := request.META.get("QUERY_STRING", "")):
        return
    request.fault = _fault(query)
    if (number := query.count("&") + 1) > MOST_PARAMETERS:
        logger.warning("refused: %d parameters of %s", number, ascii(request.path[:SHOWN_PATH]))
    if not request.fault and request.kind != "admin":
        pairs = parse_qsl(query.encode("latin-1").decode(), keep_blank_values=True)
        request.pairs = list(dict.fromkeys(pairs))
        request.fault = _too_many(request.pairs)
        if len(request.pairs) < len(pairs):
            request.META["QUERY_STRING"] = urlencode(request.pairs)
    if request.fault:
        request.META["QUERY_STRING"] = ""


@keep_lazy_text
def _filled(message, values):
    """Return ``message % values``, still lazy: the language is not chosen yet."""
    return message % values


def _fault(query):
    """Return (status, message, errors) if no address accepts this query string, else None."""
    parts = query.encode("latin-1").split(b"&")
    if len(parts) > MOST_PARAMETERS:
        message = _("This link has more than %(most)s parameters. Remove those you do not need, or split the request.")
        return _refusal(parts[MOST_PARAMETERS], _filled(message, {"most": MOST_PARAMETERS}))
    for part in parts:
        try:
            part.decode()
            if "\0" in unquote_to_bytes(part).decode():
                return _refusal(part, _("This link contains a NUL character. Remove it."))
        except UnicodeError:
            return _refusal(part, NOT_UTF_8)
    return None


def _refusal(part, message):
    """Return (status, message, errors) for a parameter and its value, still percent-encoded."""
    name = unquote_to_bytes(part.partition(b"=")[0]).decode(errors="replace").replace("\0", "\ufffd")
    return 400, message, {name[:SHOWN]: [message]}


def _too_many(pairs):
    """Return (status, message, errors) if a parameter has too many values, else None."""
    numbers = Counter(name for name, _value in pairs)
    message = _("Too many values: %(number)s. Use at most %(most)s in one request.")
    errors = {
        name[:SHOWN]: [_filled(message, {"number": number, "most": MOST_VALUES})]
        for name, number in numbers.items()
        if number > MOST_VALUES
    }
    return (400, _("This link asks for too much at once."), errors) if errors else None
