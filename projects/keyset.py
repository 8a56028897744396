"""Places in a list, told by the row that stands there and not by its number: rows may come and go meanwhile."""

from typing import NamedTuple

from django.core import signing
from django.db.models import Q

from provenance.models import Revision

from .querysets import SORTS

NEVER_BLANK = ("sort_key", "modified")  # columns that every published record has
LASTING = 7 * 24 * 60 * 60  # seconds that a cursor is good for
_SALT = "projects.keyset 1"  # another number, when what a token holds changes


class Place(NamedTuple):
    """Just after the row ``key``, or before it, to be read backwards. Without a key: the beginning, or the end.

    ``value``: what the row has in the column that the list is ordered by, as text; None: a blank.
    """

    value: str | None = None
    key: str = ""
    is_backwards: bool = False


START, END = Place(), Place(is_backwards=True)


def token_of(place, question):
    """Return ``place`` as text that only this register can have made. ``question``: the list that it is in."""
    return "" if place == START else signing.dumps([question, *place], salt=_SALT, compress=True)


def read_token(token):
    """Return (Place, question) of a token. ValueError if it is not one of ours, or too old."""
    if not token:
        return START, ""
    try:
        question, *place = signing.loads(token, salt=_SALT, max_age=LASTING)
    except signing.SignatureExpired:
        raise ValueError("It is more than 7 days old. Start again with cursor=.") from None
    except signing.BadSignature:
        raise ValueError(
            "This register did not make it. Take it from next or previous, or start with cursor=."
        ) from None
    return Place(*place), question


class Stretch(NamedTuple):
    """What is read from a place: JSON texts in the list's order, and the places before and after it, if any."""

    texts: list[str]
    previous: Place | None
    next: Place | None


def stretch(rows, order, place, size):
    """Return the Stretch of at most ``size`` of ``rows``, which are in ``order`` (one of SORTS), in two queries."""
    column, is_backwards = SORTS[order.removeprefix("-")], place.is_backwards
    ahead = beyond(rows, column, order.startswith("-"), place)
    found = list((ahead.reverse() if is_backwards else ahead).values_list("revision", column, "pk")[: size + 1])
    goes_on, found = len(found) > size, found[:size]
    if is_backwards:
        found.reverse()
    texts = dict(Revision.objects.filter(pk__in=[row[0] for row in found]).values_list("pk", "document"))
    first, last = (Place(_text(value), key) for _, value, key in (found[0], found[-1])) if found else (END, START)
    return Stretch(
        [texts[revision] for revision, *_ in found],
        first._replace(is_backwards=True) if (goes_on if is_backwards else place != START) else None,
        last if goes_on or is_backwards else None,
    )


def beyond(rows, column, is_descending, place):
    """Narrow ``rows`` to those that come beyond ``place``, in the direction in which it is read."""
    if not place.key:
        return rows
    blank = Q(**{f"{column}__isnull": True})
    same_value = Q(**{f"pk__{'lt' if place.is_backwards else 'gt'}": place.key})
    if place.value is None:
        return rows.filter(blank & same_value | ~blank if place.is_backwards else blank & same_value)
    towards = "lt" if is_descending != place.is_backwards else "gt"
    # The first condition follows from the second; it lets the database begin in the midst of an index.
    stated = Q(**{f"{column}__{towards}e": place.value}) & (Q(**{f"{column}__{towards}": place.value}) | same_value)
    return rows.filter(stated if place.is_backwards or column in NEVER_BLANK else stated | blank)


def _text(value):
    return None if value is None else str(value)
