"""What the words of a source say of a value of a document. Pure: texts and documents in."""

import calendar
import re
from datetime import date
from decimal import Decimal

from .folding import fold

_NUMBER = re.compile(r"\d(?:[\d.,'’ ]*\d)?")
_UNIT = re.compile(r"[ -]?(?:(thousand|k)|(millions?|mio|mn?)|(billions?|bn))\b", re.IGNORECASE)
_REST = re.compile(r"\s*(?:$|[^\w\s-]|[A-Z]{3}\b)")  # what may follow a number that is no other
_TWO_WAYS = re.compile(r"\d+[.,]\d{3}")  # 1,234: a thousand, or one and something
_NAMING = ("slug", "code", "name", "title", "kind")
_SIGNS = {"EUR": "€", "USD": r"(?:US ?)?\$", "GBP": "£"}


def reads(text, value):
    """Whether ``text``, as a source states it, can be read as ``value`` of a document: all of it, without guessing."""
    if isinstance(value, bool) or value is None:
        return False
    if not isinstance(value, dict):
        return _has(text, str(value)) and _has(text, "not") == _has(str(value), "not")
    if "precision" in value:
        return value["planned"] == ("plan" in fold(text)) and _reads_date(text, value["value"])
    if value.get("amount"):
        return _reads_sum(text, value["amount"], value["currency"])
    rest = [part for name, part in value.items() if name not in _NAMING and part is not None]
    return tells(text, value) and all(reads(text, part) for part in rest)


def tells(text, item):
    """Whether ``text`` tells of an item of a list: its sum where it has one and the text has figures, else its name."""
    if not isinstance(item, dict):
        return _has(text, str(item))
    if item.get("amount") and _NUMBER.search(text):
        return _reads_sum(text, item["amount"], item["currency"])
    named = [item, *(part for part in item.values() if isinstance(part, dict))]
    return any(_has(text, one[name]) for one in named for name in ("code", "name", "title") if one.get(name))


def _has(text, words):
    """Whether ``words`` stand in ``text`` as whole words, whatever their case and accents."""
    return bool(re.search(rf"(?<!\w){re.escape(fold(words))}(?!\w)", fold(text)))


def _reads_sum(text, amount, currency):
    """Whether a text has one number, and it is this sum, and names this currency."""
    text = re.sub(r"\s", " ", text)
    numbers = list(_NUMBER.finditer(text))
    names = rf"(?:\b{currency}\b|(?<![A-Z]){_SIGNS.get(currency, currency)})"
    if len(numbers) != 1 or not re.search(names, text):
        return False
    [number] = numbers
    if re.search(rf"(?:^|[\s(])[-−]{names}?\s*$", text[: number.start()]):
        return False  # below zero
    unit = _UNIT.match(text, number.end())
    if not unit and not _REST.match(text, number.end()):
        return False
    return number[0] in _spellings(Decimal(amount) / (1000**unit.lastindex if unit else 1), bool(unit))


def _spellings(amount, is_in_units):
    """Return how a number may be written in figures; none of them can be read in two ways."""
    if is_in_units:
        short = f"{amount.normalize():f}"
        return {one for one in (short, short.replace(".", ",")) if not _TWO_WAYS.fullmatch(one)}
    whole, cents = f"{amount:,.2f}".split(".")
    marks = [("", "."), ("", ","), (",", "."), (".", ","), (" ", "."), (" ", ","), ("'", "."), ("’", ".")]
    plain = [(whole.replace(",", thousands), mark) for thousands, mark in marks]
    found = {f"{figures}{mark}{cents}" for figures, mark in plain}
    return found | {figures for figures, _mark in plain if cents == "00" and not _TWO_WAYS.fullmatch(figures)}


def _reads_date(text, value):
    """Whether a text names one year, and the month and day as far as ``value`` has them."""
    if set(re.findall(r"\b\d{4}\b", text)) != {value[:4]}:
        return False
    if len(value) == 4 or _has(text, value):
        return True
    first = date.fromisoformat((value + "-01")[:10])
    months = [name for name in calendar.month_name if name and _has(text, name)]
    is_month = months == [calendar.month_name[first.month]]
    return is_month and (len(value) == 7 or set(re.findall(r"\b\d{1,2}\b", text)) == {str(first.day)})
