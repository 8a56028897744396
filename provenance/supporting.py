"""Which claims still support a value after it changed. Pure: documents in and out.

A claim supports the value that it was given for. Where the value changes and the claim does not, it stays, set aside:
nothing is lost, and no sentence stands under a figure that it does not state.
"""

import calendar
import re
from datetime import date
from decimal import Decimal

from .differences import in_words, label, lines
from .folding import fold

EARLIER = "States the earlier value: {value}"
LONGEST = 300  # characters of an earlier value that are told
CLAIM = ("field", "as_stated", "quote", "source", "set_aside", "place")  # in the order of documents
_NUMBER = re.compile(r"\d(?:[\d.,'’ ]*\d)?")
_UNIT = re.compile(r"[ -]?(?:(thousand|k)|(millions?|mio|mn?)|(billions?|bn))\b", re.IGNORECASE)
_REST = re.compile(r"\s*(?:$|[^\w\s-]|[A-Z]{3}\b)")  # what may follow a number that is no other
_TWO_WAYS = re.compile(r"\d+[.,]\d{3}")  # 1,234: a thousand, or one and something
_NAMING = ("slug", "code", "name", "title", "kind")
_SIGNS = {"EUR": "€", "USD": r"(?:US ?)?\$", "GBP": "£"}


def supported(model, old, new, told=()):
    """Return the document ``new`` with those claims set aside that state what ``old`` says and ``new`` does not.

    Left as they are: claims that ``old`` has not, or not alike; those in ``told``, which somebody named as what
    supports ``new``; and those in which the new value can be read. One that was set aside for this very value before
    is adopted again.
    """
    if not old or "claims" not in new:
        return new
    names = [name for name in model.claimable if _differ(old.get(name) or None, new.get(name) or None)]
    changed = {name: Change(old.get(name), new.get(name)) for name in names}
    if not changed:
        return new
    standing = [claim for claim in old["claims"] if claim not in told and claim["field"] in changed]
    claims = [changed[claim["field"]].settled(claim) if claim in standing else claim for claim in new["claims"]]
    return {**new, "claims": claims}


def unsupported(model, old, new):
    """Return ``[(label, whether an earlier claim is kept)]`` of the members whose new value no claim supports."""
    claims = new.get("claims", ())
    adopted = {claim["field"] for claim in claims if "set_aside" not in claim}
    kept = {claim["field"] for claim in claims} - adopted
    return [
        (label(name), name in kept)
        for name in model.claimable
        if new.get(name) and name not in adopted and _differ((old or {}).get(name), new[name])
    ]


class Change:
    """A member that two documents state differently; one of them may not state it."""

    def __init__(self, old, new):
        before, self.now = _items(old), _items(new)
        known, left = [_bare(item) for item in before], [_bare(item) for item in self.now]
        self.gone = [item for item in before if _bare(item) not in left]
        self.stays = [item for item in self.now if _bare(item) in known]
        self.come = [item for item in self.now if _bare(item) not in known]

    def settled(self, claim):
        """Return ``claim`` as it stands after the change."""
        if "set_aside" in claim:
            return {name: claim[name] for name in claim if name != "set_aside" or not self._is_back(claim[name])}
        if not self._is_lost(claim["as_stated"]):
            return claim
        told = [item for item in self.gone if _tells(claim["as_stated"], item)] or self.gone
        return {name: value for name in CLAIM if (value := (claim | {"set_aside": _why(told)}).get(name))}

    def _is_back(self, why):
        """Whether all items that a claim was set aside for are there again, in whatever groups they came."""
        named = [item for item in self.now if in_words(item) in why]
        return bool(self.come) and why in (_why(self.come), _why(named))

    def _is_lost(self, text):
        """Whether what a claim states went with the change. In doubt it did: no claim is better than a wrong one."""
        stays = any(_tells(text, item) for item in self.stays)
        if not self.gone or stays or any(reads(text, item) for item in self.come):
            return False
        return bool(self.come) or not self.stays or any(_tells(text, item) for item in self.gone)


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
    return _tells(text, value) and all(reads(text, part) for part in rest)


def _tells(text, item):
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


def _why(items):
    words = "; ".join(lines(items))
    return EARLIER.format(value=words if len(words) <= LONGEST else words[:LONGEST] + "…")


def _items(value):
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _differ(old, new):
    return old != new and _bare(old) != _bare(new)


def _bare(value):
    """Return a value without the names of records that it names: they change with those, not here."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    follows = {"name", "title", "kind"} if "slug" in value or "code" in value else ()
    return {name: _bare(part) for name, part in value.items() if name not in follows}
