"""Sums of money in a text: the amounts that each number may mean, and in which currencies. Pure."""

import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from babel.numbers import list_currencies
from num2words import num2words

_kept = lru_cache(4096)  # the same short texts come up again and again
_UNITS = {
    1_000: "k thousand thousands tsd mille milliers mii тыс тысяч тысячах тис тисяч ათასი հազար",
    1_000_000: "m mn mio mln mil million millions millionen milion milioane milyon млн миллион миллиона миллионов"
    " миллионах мільйон мільйони мільйонів მლნ մլն",
    1_000_000_000: "bn bln mrd billion billions milliard milliards milliarden млрд",
}
_WORDED = {num2words(number, lang=language): number for language in ("en", "fr") for number in range(1, 11)}
FACTORS = {word: factor for factor, words in _UNITS.items() for word in words.split()}
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₾": "GEL", "₴": "UAH", "₽": "RUB", "֏": "AMD", "₼": "AZN"}
_DOLLARS = {"": "USD", "US": "USD", "C": "CAD", "CA": "CAD", "CAD": "CAD", "A": "AUD", "AU": "AUD", "NZ": "NZD"}
_MONEY = {
    "euro": "EUR", "евро": "EUR", "євро": "EUR", "ევრო": "EUR", "եվրո": "EUR", "avro": "EUR",
    "dollar": "USD CAD AUD NZD", "pound": "GBP", "franc": "CHF XOF XAF", "leu": "MDL RON",
    "lei": "MDL RON", "lari": "GEL", "dram": "AMD", "manat": "AZN", "hryvnia": "UAH", "ruble": "RUB BYN",
    "rouble": "RUB BYN", "krona": "SEK ISK", "kronor": "SEK", "krone": "NOK DKK", "kroner": "NOK DKK",
    "koruna": "CZK", "zloty": "PLN", "yen": "JPY", "lira": "TRY",
}  # fmt: skip
_ENGLISH = {"ALL", "TOP", "TRY", "CUP", "COP", "MAD", "PEN", "SIT", "LAK"}  # currency codes that are also words
FIGURES = re.compile(
    r"(?<![\d.,])(?<![^\W\d][-_/])((?<!\w)[-−])?(\d{1,3}([ '’.,])\d{3}(?!\d)(?:\3\d{3}(?!\d))*|\d+)([.,]\d+)?"
)
_WORDED_FIGURES = re.compile(rf"(?i)\b(?:{'|'.join(_WORDED)})(?= (?:[mb]illion|milliard))")
_UNIT = re.compile(r"[ -]?([^\W\d_]{1,12})\b")
_CURRENCY = r"(?:([A-Z]{0,3}) ?([€£¥₾₴₽֏₼$])|(?<![^\W\d_])([A-Z]{3})(?![^\W\d_])|(?<![^\W\d_])([a-z]{3,9})(?![^\W\d_]))"
_ANYWHERE = re.compile(_CURRENCY)
_BEFORE = re.compile(_CURRENCY + r"[ :]*$")
_AFTER = re.compile(r" ?(?:(?:of|in|de) |d['’])?(?:US |[A-Z][a-z]{3,9} )?" + _CURRENCY)
_REST = re.compile(r"\s*(?:$|[^\w\s-]|[A-Z]{3}\b)")  # what may follow a number without a unit
_MINUS = re.compile(r"(?:^|[\s(])[-−][A-Z]{0,3}[€£$]? ?$")


class Sum(NamedTuple):
    """A number in a text: the amounts it may mean, and the codes of its currencies (none if none is named).

    ``is_whole``: no unit can follow. ``is_money``: it is certainly a sum. ``start`` and ``end`` include its currency
    and unit.
    """

    amounts: frozenset
    currencies: frozenset
    is_whole: bool
    is_money: bool
    start: int
    end: int


@_kept
def numbers_in(text):
    """Return a Sum for each number in ``text`` that is not a percentage."""
    text, sums = re.sub(r"\s", " ", text), []
    worded = {word.end(): word.start() for word in _WORDED_FIGURES.finditer(text)}
    text = _WORDED_FIGURES.sub(lambda word: str(_WORDED[word[0].lower()]).rjust(len(word[0])), text)
    anywhere, has_words = currencies_in(text), re.search(r"[^\W\d_]", text)
    for match in FIGURES.finditer(text):
        sign, whole, mark, cents = match.groups()
        unit = _UNIT.match(text, match.end())
        factor = FACTORS.get(unit[1].casefold(), 1) if unit else 1
        end = unit.end() if factor > 1 else match.end()
        if text[end : end + 2].strip().startswith("%"):
            continue
        ahead = text[max(0, match.start() - 16) : match.start()]
        before, after = _BEFORE.search(ahead), _AFTER.match(text, end)
        beside, follows = (currency_codes(*each.groups()) if each else frozenset() for each in (before, after))
        factor = -factor if sign or _MINUS.search(ahead) else factor
        figures = re.sub(r"\D", "", whole)
        amounts = {factor * Decimal(f"{figures}.{cents[1:]}" if cents else figures)}
        if mark and mark in ".," and not cents and whole.count(mark) == 1:  # 2.584 is two thousand or two and a half
            amounts.add(factor * Decimal(whole.replace(",", ".")))
        is_unit = abs(factor) > 1
        is_whole = bool(is_unit or follows or _REST.match(text, end))
        is_money = bool(beside or follows or is_unit or len(whole) > 4 or not has_words)
        begins = match.start() - len(before[0].lstrip()) if beside else worded.get(match.end(2), match.start(2))
        ends = after.end() if follows and not beside else end
        sums.append(Sum(frozenset(amounts), beside or follows or anywhere, is_whole, is_money, begins, ends))
    return sums


def sums_in(text):
    """Return the Sum of each number in ``text`` that is certainly a sum of money, in a named currency."""
    return [number for number in numbers_in(text) if number.is_money and number.currencies]


@_kept
def currencies_in(text):
    """Return the codes of all currencies named in ``text``."""
    return frozenset().union(*(currency_codes(*match) for match in _ANYWHERE.findall(text)))


def currency_codes(prefix: str, sign: str, code: str, word: str) -> frozenset[str]:
    """Return the codes of the currencies that a sign with its prefix, a code or a word may mean."""
    if sign:
        codes = _SIGNS.get(sign) or _DOLLARS.get(prefix, "")
    elif code:
        codes = code if code in currencies() and code not in _ENGLISH else ""
    else:
        codes = _MONEY.get(word) or _MONEY.get(word.removesuffix("s"), "")
    return frozenset(codes.split())


@cache
def currencies():
    """Return the ISO 4217 codes of all currencies in CLDR, including former ones."""
    return frozenset(list_currencies())
