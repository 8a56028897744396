"""What the charts share: widths, labels, styles, names of places, notes, and links that keep the filter."""

from decimal import Decimal
from itertools import accumulate, pairwise
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from ..index.figures import NOWHERE, SEVERAL
from ..search.filters import NOT_NARROWING
from ..words import phrases

STYLES = 3  # series with a colour of their own; the others share one
OTHER, REST = "other", "rest"  # styles: others taken together, remainder
MOST_CHARTS = 3  # currencies drawn
NOT_KEPT = set(NOT_NARROWING) - {"sort"}  # parameters that links to other rows leave out


def percent(value):
    """Return a number as an SVG length, such as ``12.5%``."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def spans(parts, whole):
    """Return ``[(x, width)]`` for numbers laid end to end on ``whole``, which ends at exactly 100%."""
    edges = [round(edge * 100 / whole, 3) if whole else Decimal(0) for edge in accumulate(parts, initial=Decimal(0))]
    return [(percent(x), percent(end - x)) for x, end in pairwise(edges)]


def plain(text):
    """Return ``text`` on one line, without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())


def shorten(text, most):
    """Cut ``text`` to ``most`` characters, at the end of a word."""
    text = plain(text)
    return text if len(text) <= most else text[:most].rpartition(" ")[0].rstrip(" ,;:–-") + "…"


def not_added(is_so):
    return [_("Amounts of sub-projects are not added where the main project gives its own.")] if is_so else []


def not_drawn(currencies):
    """Return notes on ``currencies`` (codes, most frequent first) without a chart."""
    notes = [_("Each currency has its own scale. Currencies are never added together.")] if currencies[1:] else []
    if others := currencies[MOST_CHARTS:]:
        notes.append(_("Some amounts are also known in %(codes)s.") % {"codes": ", ".join(others)})
    return notes


def sum_in(currency, group):
    """Return the sum of a group in a currency, with its amount as a Decimal; None if there is none."""
    known_sum = next((each for each in group["amounts"] if each["currency"] == currency), None)
    return known_sum and known_sum | {"amount": Decimal(known_sum["amount"])}


def label(text, narrow=34, wide=64):
    """Return a label for narrow and for wide screens."""
    return {"narrow": shorten(text, narrow), "wide": shorten(text, wide)}


def distinct_labels(titles):
    """Return a label for each (title, where), with where if the title is cut, occurs again, or begins another one."""
    labels = [{} for _title in titles]
    for width, most in (("narrow", 34), ("wide", 80)):
        shown = [shorten(title, most).removesuffix("…").casefold() for title, _where in titles]
        repeated = phrases.repeated(shown)
        for each, text, (title, where) in zip(labels, shown, titles, strict=True):
            after = f" ({shorten(where, 14)})" if where and (len(title) > most or text in repeated) else ""
            each[width] = shorten(title, most - len(after)) + after
    return labels


def style(number):
    """Return the style of series ``number``, from 0."""
    return str(number + 1) if number < STYLES else OTHER


def all_of(query, **more):
    """Return ``query`` as text, without order and page, with ``more``."""
    pairs = [(name, value) for name, values in (query.lists() if query else ()) for value in values if value]
    return urlencode([*(pair for pair in pairs if pair[0] not in NOT_NARROWING), *more.items()])


def link(query, **wanted):
    """Return ``query`` as text with ``wanted`` set; None if a parameter already has other values only."""
    lists = query.lists() if query else ()
    parameters = {name: [value for value in values if value] for name, values in lists if name not in NOT_KEPT}
    for name, value in wanted.items():
        if parameters.get(name) and value not in parameters[name]:
            return None
        parameters[name] = [value]
    return urlencode(parameters, doseq=True)


def mark(words, kind):
    """Return a line of a legend: its words, and the class of its mark."""
    return {"words": words, "kind": kind}


def place_names(register):
    """Return ``{place: name}`` of the places in a chart."""
    names = {code: plain(phrases.country_name(code, name)) for code, name in register.choices("country").items()}
    return names | {SEVERAL: _("several countries"), NOWHERE: _("country not known")}
