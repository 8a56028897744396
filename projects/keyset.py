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
    """Return the Stretch of at most ``size`` of ``rows`` in ``order`` (one of SORTS), in two or three queries."""
    column, is_backwards = SORTS[order.removeprefix("-")], place.is_backwards
    found = []
    for part in parts(rows, column, order.startswith("-"), place):
        if len(found) <= size:
            found += part.values_list("revision", column, "pk")[: size + 1 - len(found)]
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


def parts(rows, column, is_descending, place):
    """Return what comes beyond ``place``, as it is read: rows with a value and rows with a blank, each in order.

    Apart, because so the database begins in the midst of an index, however far in the list that is.
    """
    is_backwards, is_blank = place.is_backwards, f"{column}__isnull"
    by_value, by_key = "-" if is_descending != is_backwards else "", "-pk" if is_backwards else "pk"
    stated = rows.filter(**{is_blank: False}).order_by(f"{by_value}{column}", by_key)
    blank = rows.none() if column in NEVER_BLANK else rows.filter(**{is_blank: True}).order_by(by_key)
    further = Q(**{f"pk__{'lt' if is_backwards else 'gt'}": place.key})
    if not place.key:
        return [blank, stated] if is_backwards else [stated, blank]
    if place.value is None:
        return [blank.filter(further), stated] if is_backwards else [blank.filter(further)]
    towards = f"{column}__{'lt' if by_value else 'gt'}"
    # The first condition follows from the second; the database needs it to see where to begin.
    stated = stated.filter(Q(**{f"{towards}e": place.value}) & (Q(**{towards: place.value}) | further))
    return [stated] if is_backwards else [stated, blank]


def _text(value):
    return None if value is None else str(value)
