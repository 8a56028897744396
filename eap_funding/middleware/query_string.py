"""What a query string asks for, read once and before anything else makes a QueryDict of it."""

import logging
from collections import Counter
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from django.conf import settings
from django.utils.functional import keep_lazy_text
from django.utils.translation import gettext_lazy as _

MOST_PARAMETERS = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS  # Django raises at more, wherever it reads them first
MOST_VALUES = 100  # of one parameter
SHOWN = 40  # characters of a name
SHOWN_PATH = 200  # characters of a path in the log

logger = logging.getLogger("access")


def read_query(get_response):
    """Leave of the query string what was understood: each value once, and nothing where it is to be refused.

    So every link, key and ETag that is made from it is as short as what it means. Gives ``request.pairs``: its
    (parameter, value) in order; and ``request.fault``: what ``refuse`` is to say of it, once the language is known.
    """

    def middleware(request):
        given = request.META.get("QUERY_STRING", "")
        request.pairs, request.fault = [], None
        if not given:
            return get_response(request)
        request.fault = _fault(given)
        if (number := _number(given)) > MOST_PARAMETERS:
            logger.warning("refused: %d parameters of %s", number, ascii(request.path[:SHOWN_PATH]))
        if not request.fault and not request.path.startswith("/admin/"):
            pairs = parse_qsl(given.encode("latin-1").decode(), keep_blank_values=True)
            request.pairs = list(dict.fromkeys(pairs))
            request.fault = _too_many(request.pairs)
            if len(request.pairs) < len(pairs):
                request.META["QUERY_STRING"] = urlencode(request.pairs)
        if request.fault:
            request.META["QUERY_STRING"] = ""
        return get_response(request)

    return middleware


@keep_lazy_text
def _filled(said, values):
    """Return ``said % values``, which is lazy as ``said`` is: the language is not chosen yet."""
    return said % values


def _number(query):
    return query.count("&") + 1


def _fault(query):
    """Return (status, what is wrong, errors) of a query string that no address takes, else None."""
    if _number(query) > MOST_PARAMETERS:
        said = _("This link has more than %(most)s parameters. Remove those you do not need, or split the request.")
        return 400, _filled(said, {"most": MOST_PARAMETERS})
    for part in query.encode("latin-1").split(b"&"):
        if said := _unreadable(part):
            name = unquote_to_bytes(part.partition(b"=")[0]).decode(errors="replace").replace("\0", "\ufffd")
            return 400, said, {name[:SHOWN]: [said]}
    return None


def _unreadable(part):
    """Return what is wrong with the bytes of a parameter, or None."""
    try:
        text = unquote_to_bytes(part).decode()
        part.decode()
    except UnicodeError:
        return _("This link is not valid UTF-8. Percent-encode characters outside ASCII as UTF-8.")
    return _("This link contains a NUL character. Remove it.") if "\0" in text else None


def _too_many(pairs):
    """Return (status, what is wrong, errors) where a parameter has more values than any needs, else None."""
    numbers = Counter(name for name, _value in pairs)
    said = _("Too many values: %(number)s. Use at most %(most)s in one request.")
    errors = {
        name[:SHOWN]: [_filled(said, {"number": number, "most": MOST_VALUES})]
        for name, number in numbers.items()
        if number > MOST_VALUES
    }
    return (400, _("This link asks for too much at once."), errors) if errors else None
