"""Cursors: positions in a list by row, not by number, so that rows may come and go meanwhile."""

from typing import NamedTuple

from django.core import signing

LIFETIME = 7 * 24 * 60 * 60  # seconds that a cursor is valid
_SALT = "projects.search.cursor 2"  # change the number when the content of tokens changes


class Position(NamedTuple):
    """The position after the row ``key``, or before it to read backwards. Without a key: the beginning, or the end.

    ``value``: the row's value in the sort order: a text or number, or None if not stated.
    """

    value: str | int | None = None
    key: str = ""
    is_backwards: bool = False


START, END = Position(), Position(is_backwards=True)


def token_of(position, question):
    """Return ``position`` as a signed text. ``question``: a digest of the query that it belongs to."""
    return "" if position == START else signing.dumps([question, *position], salt=_SALT)


def read_token(token):
    """Return (Position, question) of a token. ValueError if it is not ours, or too old."""
    if not token:
        return START, ""
    try:
        question, *position = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.SignatureExpired:
        raise ValueError("The cursor is more than 7 days old. Start again with cursor=.") from None
    except signing.BadSignature:
        raise ValueError("The cursor is not valid. Take it from next or previous, or start with cursor=.") from None
    return Position(*position), question


def stretch(rows, position, size):
    """Return (records, previous, next) of at most ``size`` of ``rows`` from ``position`` on.

    ``previous`` and ``next`` are the Positions around them; None where nothing is left.
    """
    ordered = rows.ordered()
    if position.is_backwards:
        end = rows.count_before(ordered, position[:2], after=False) if position.key else len(ordered)
        begin = max(0, end - size)
    else:
        begin = rows.count_before(ordered, position[:2], after=True) if position.key else 0
        end = min(len(ordered), begin + size)
    shown = ordered[begin:end]
    first, last = (Position(*rows.position(row)) for row in (shown[0], shown[-1])) if len(shown) else (END, START)
    previous = first._replace(is_backwards=True) if (begin if position.is_backwards else position != START) else None
    return shown, previous, last if end < len(ordered) or position.is_backwards else None
