"""What the pictures share: shares of a width, short labels, styles, links that keep the filter."""

from decimal import Decimal
from itertools import pairwise
from urllib.parse import urlencode

from babel.numbers import format_percent
from django.http import QueryDict
from django.utils.translation import gettext as _

from ..documents.phrases import locale
from ..search.filters import NOT_NARROWING

STYLES = 6  # how many series can be told apart by their pattern; the rest share one
SEVENTH, OTHER, REST = "7", "other", "rest"  # of what is no single thing, taken together, known only as a remainder
MOST_CHARTS = 3  # currencies that are drawn; more would bury the first
WHERE_IT_STANDS = set(NOT_NARROWING) - {"sort"}  # what a link to other rows does not keep: the order is kept


def percent(value):
    """Return a number as an SVG length, the same in every language: ``12.5%``."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def spans(parts, whole):
    """Return ``[(x, width)]`` for numbers laid end to end on ``whole``; what fills it ends at exactly 100%."""
    edges = [Decimal(0)]
    for part in parts:
        edges.append(edges[-1] + part)
    edges = [round(edge * 100 / whole, 3) if whole else Decimal(0) for edge in edges]
    return [(percent(x), percent(end - x)) for x, end in pairwise(edges)]


def plain(text):
    """Return ``text`` on one line, without the characters that no document may carry."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())


def shorten(text, most):
    """Return at most ``most`` letters of ``text``, cut at a word where that loses little."""
    text = plain(text)
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    at_word = kept.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > most * 0.7 else kept).rstrip(" ,;:–-") + "…"


def not_added(is_so):
    """Return the note, if ``is_so``, that amounts of parts are not added to those of the whole."""
    words = _("Amounts of sub-projects are not added where the main project gives its own.")
    return [words] if is_so else []


def not_drawn(currencies):
    """Return the words about ``currencies`` (codes, those of most rows first) that have no chart of their own."""
    notes = []
    if len(currencies) > 1:
        notes.append(_("Each currency has its own scale. Currencies are never added together."))
    if currencies[MOST_CHARTS:]:
        notes.append(_("Some amounts are also known in %(codes)s.") % {"codes": ", ".join(currencies[MOST_CHARTS:])})
    return notes


def label(text, narrow=34, wide=64):
    """Return a label as a narrow and as a wide screen can hold it."""
    return {"narrow": shorten(text, narrow), "wide": shorten(text, wide)}


def style(number):
    """Return the style of series ``number``, counted from 0."""
    return str(number + 1) if number < STYLES else OTHER


def share_holds(width, code):
    """Return whether a share of the narrowest screen is wide enough for ``code``."""
    return float(width.removesuffix("%")) > 4 + 4 * len(code)


def all_of(query, **more):
    """Return ``query`` as text, without what says in which order and how many rows are shown, with ``more``."""
    asked = [(name, value) for name, values in (query.lists() if query else ()) for value in values if value]
    return urlencode([*(pair for pair in asked if pair[0] not in NOT_NARROWING), *more.items()])


def link(query, **wanted):
    """Return ``query`` with each of ``wanted`` set, as text; None if that would leave the rows that it asks for.

    That is so where a parameter already has other values only: one cannot ask for rows that have both.
    """
    kept = QueryDict(mutable=True)
    for name, values in query.lists() if query else ():
        values = [value for value in values if value]
        if values and name not in WHERE_IT_STANDS:
            kept.setlist(name, values)
    for name, value in wanted.items():
        if value not in kept.getlist(name, [value]):
            return None
        kept[name] = value
    return kept.urlencode()


def share_in_words(part, whole):
    """Return what share of ``whole`` ``part`` is, to a tenth of a per cent, as the language of the page writes it."""
    if not whole:
        return ""
    return format_percent(round(part / whole, 3), decimal_quantization=False, locale=locale())


def stack(heights, gap, top=0):
    """Return where each of ``heights`` begins if they stand below one another, and where the last gap ends."""
    starts = []
    for height in heights:
        starts.append(top)
        top += height + gap
    return starts, top
