"""Dates, sums and questions in words. What is not stated says so."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date

NOT_STATED = "not stated"
PARTS = {
    "start_date": "start date",
    "end_date": "end date",
    "instrument": "instrument",
    "budget": "total budget",
}


def either(texts):
    """Return ``a, b or c``."""
    texts = list(texts)
    return " or ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def date_in_words(value, locale="en_GB"):
    """Return an ISO date of any precision as people say it: ``2010``, ``February 2009``, ``1 February 2009``."""
    pattern = {4: "y", 7: "MMMM y", 10: "d MMMM y"}[len(value)]
    return format_date(date.fromisoformat((value + "-01-01")[:10]), pattern, locale=locale)


def period_in_words(start, end):
    """Return the start and end members of a document in words, as precise as stated."""
    if not start and not end:
        return NOT_STATED
    said = [date_in_words(member["value"]) if member else "" for member in (start, end)]
    planned = [bool(member and member["planned"]) for member in (start, end)]
    if all(planned) or (any(planned) and not (start and end)):
        return "planned " + _span(*said)
    marked = [text + (" (planned)" if is_planned else "") for text, is_planned in zip(said, planned, strict=True)]
    return _span(*marked)


def _span(start, end):
    if start and end:
        return f"{start} to {end}"
    return f"since {start}" if start else f"until {end}"


def amount_in_words(amount, currency):
    """Return a sum as ``EUR 2,584,000``, with cents only where there are any."""
    amount = Decimal(amount)
    return f"{currency} {amount:,.2f}".removesuffix(".00")


def status_in_words(status, as_of=None):
    """Return a status with the time for which it holds: that of the source, never today."""
    if not status:
        return NOT_STATED
    if status == "completed":
        return status
    return f"{status} on {date_in_words(as_of)}" if as_of else f"{status} when the source was written"


def in_words(asked):
    """Return what a ProjectFilter asks for as words: ``projects in Georgia funded by ENI``."""
    words = ["projects"]
    if asked["q"]:
        words.append(f"matching “{asked['q']}”")
    for name, say in _SAYINGS:
        if asked[name]:
            words.append(say(asked[name]))
    if asked["organisation"]:
        role = f" as {either(asked['role'].values())}" if asked["role"] else ""
        words.append(f"with {either(asked['organisation'].values())}{role}")
    words += [_active(asked), _total(asked)]
    return " ".join(word for word in words if word)


_SAYINGS = (
    ("country", lambda found: f"in {either(found.values())}"),
    ("instrument", lambda found: f"funded by {either(found)}"),
    ("partnership", lambda found: f"under {either(found.values())}"),
    ("theme", lambda found: f"on {either(name.lower() for name in found.values())}"),
    ("status", lambda found: f"whose status is {either(found.values())}"),
    ("not_stated", lambda found: f"whose {either(PARTS.get(name, name) for name in found)} is not stated"),
)


def _active(asked):
    first, last = (asked[name] and date_in_words(str(asked[name])) for name in ("active_from", "active_to"))
    if not first and not last:
        return ""
    certainty = "that were certainly active" if asked["certainty"] == "certain" else "that may have been active"
    if first == last:
        return f"{certainty} in {first}"
    if first and last:
        return f"{certainty} between {first} and {last}"
    return f"{certainty} in or after {first}" if first else f"{certainty} in or before {last}"


def _total(asked):
    least, most = asked["amount_min"], asked["amount_max"]
    if least is None and most is None:
        return ""
    bounds = [
        f"{words} {amount_in_words(amount, asked['currency'] or 'EUR')}"
        for words, amount in (("at least", least), ("at most", most))
        if amount is not None
    ]
    return f"with a stated total of {' and '.join(bounds)}"
