"""Places in a list, told by the row that stands there and not by its number: rows may come and go meanwhile."""

from typing import NamedTuple

from django.core import signing

LASTING = 7 * 24 * 60 * 60  # seconds that a cursor is good for
_SALT = "projects.search.cursor 2"  # another number, when what a token holds changes


class Position(NamedTuple):
    """Just after the row ``key``, or before it, to be read backwards. Without a key: the beginning, or the end.

    ``value``: what the list is ordered by: a text, a day, cents or a time as a number; None: not stated.
    """

    value: str | int | None = None
    key: str = ""
    is_backwards: bool = False


START, END = Position(), Position(is_backwards=True)


def token_of(place, question):
    """Return ``place`` as text that only this register can have made. ``question``: the list that it is in."""
    return "" if place == START else signing.dumps([question, *place], salt=_SALT, compress=True)


def read_token(token):
    """Return (Position, question) of a token. ValueError if it is not one of ours, or too old."""
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
    return Position(*place), question


class Stretch(NamedTuple):
    """What is read from a place: documents in the list's order, and the places before and after it, if any."""

    texts: list[bytes]
    previous: Position | None
    next: Position | None


def stretch(rows, place, size):
    """Return the Stretch of at most ``size`` of ``rows`` (of a View), in their order."""
    found = rows.ordered()
    if place.is_backwards:
        end = rows.place_in(found, place[:2], after=False) if place.key else len(found)
        begin = max(0, end - size)
    else:
        begin = rows.place_in(found, place[:2], after=True) if place.key else 0
        end = min(len(found), begin + size)
    shown = found[begin:end]
    first, last = (Position(*rows.place(row)) for row in (shown[0], shown[-1])) if len(shown) else (END, START)
    return Stretch(
        rows.texts(shown),
        first._replace(is_backwards=True) if (begin > 0 if place.is_backwards else place != START) else None,
        last if end < len(found) or place.is_backwards else None,
    )
