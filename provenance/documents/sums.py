"""Sums of money in a text: the amounts that each number may mean, and in which currencies. Pure."""

import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from babel.numbers import list_currencies
from num2words import num2words

from .folding import NARROW, WORDS
from .patterns import patterns_of

_kept = lru_cache(4096)  # the same short texts come up again and again
FACTORS = {word: int(factor) for factor, words in WORDS["units"].items() for word in words.split()}
_SIGNS, _DOLLARS = WORDS["signs"], WORDS["dollars"]
_MONEY = {word: codes for codes, words in WORDS["money"].items() for word in words.split()}
_ENGLISH = WORDS["currency_codes_that_are_words"].split()
_SHARES = WORDS["shares"]
like = patterns_of(
    __file__, FACTORS="|".join(FACTORS), LONG_FACTORS="|".join(word for word in FACTORS if len(word) > 1),
    SHARES="|".join(_SHARES),
)  # fmt: skip
FIGURES = like.FIGURES


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
    """Return a Sum for each number in ``text`` that is not a percentage; half of a sum is the half."""
    text, starts = _in_figures(re.sub(r"\s", " ", text.translate(NARROW)))
    anywhere, has_words = currencies_in(text), re.search(r"[^\W\d_]", text)
    sums = []
    for match in FIGURES.finditer(text):
        factor, end, ahead, letter = _unit_around(text, match)
        if like.PERCENT.match(text, end):
            continue
        before, after = like.BEFORE.search(ahead), like.AFTER.match(text[end : end + 24])
        beside, follows = (currency_codes(*each.groups()) if each else frozenset() for each in (before, after))
        if factor == 1 and follows and (unit := like.UNIT_BEHIND.match(after.string, after.end())):
            factor, after = FACTORS[unit[1].casefold()], unit
        headed = like.HEADED.search(text, max(0, match.start() - 60), match.start())
        if factor == 1 and headed and not follows:
            factor = FACTORS[(headed[1] or headed[2].replace("T", "k")).lower()]
        is_unit = factor > 1
        factor = -factor if match[1] or like.MINUS.search(ahead) else factor
        begins = starts.get(match.end(), match.start(2))
        if beside:
            begins = match.start() - len(letter + before[0].lstrip())
        amounts, end = _amounts(match, factor), end + (after.end() if follows and not beside else 0)
        if more := like.HALF_MORE.match(text, end) if is_unit else None:
            amounts, end = {amount + factor / Decimal(2) for amount in amounts}, more.end()
        if share := like.SHARE.search(text, max(0, begins - 80), begins):
            part, whole = _SHARES[share[2].lower()] if share[2] else (Decimal(share[1].replace(",", ".")), 100)
            amounts, begins = {amount * part / whole for amount in amounts}, share.start()
        is_whole = bool(is_unit or follows or like.REST.match(text, end))
        is_money = bool(beside or follows or is_unit or len(match[2]) > 4 or not has_words)
        sums.append(Sum(frozenset(amounts), beside or follows or anywhere, is_whole, is_money, begins, end))
    return sums


def _unit_around(text, match):
    """Return (factor of a number, where its unit ends, the text before it, the letter of the factor in front of that).

    The text before ``kEUR 300`` is ``EUR``, and its letter k.
    """
    ahead, letter, end = text[max(0, match.start() - 16) : match.start()], "", match.end()
    if unit := like.UNIT.match(text, end):
        factor = _factor(*unit.groups())
        if factor > 1:
            return factor, unit.end(), ahead, letter
    if glued := like.UNIT_BEFORE.search(ahead):
        factor = _factor(*glued.groups(), "")
        if factor > 1:
            return factor, end, ahead[glued.end() :], glued[1]
    return 1, end, ahead, letter


def _amounts(match, factor):
    """Return the amounts that figures may mean: ``2.584`` is two thousand or two and a half, but not with thousands."""
    _sign, whole, mark, cents = match.groups()
    figures = re.sub(r"\D", "", whole)
    amounts = {factor * Decimal(f"{figures}.{cents[1:]}" if cents else figures)}
    if mark and mark in ".," and not cents and whole.count(mark) == 1 and abs(factor) != 1_000:
        amounts.add(factor * Decimal(whole.replace(",", ".")))
    return amounts


def _factor(letter, code, word):
    """Return the factor of a unit: of its ``word``, or of a ``letter`` before the ``code`` or sign of a currency."""
    if not letter:
        return FACTORS.get(word.casefold(), 1)
    is_money = code in currencies() or not code.isalpha()
    return FACTORS[letter.lower().replace("t", "k")] if is_money else 1


@cache
def _worded():
    """Return ``{number in words: figures}`` below 1,000, in English and French."""
    named = {num2words(number, lang=language): str(number) for language in ("en", "fr") for number in range(1, 1000)}
    return {in_one_spelling(words): figures for words, figures in (WORDS["parts"] | named).items()}


def in_one_spelling(words: str) -> str:
    """Return the words of a number in one spelling."""
    return re.sub(r"\b(cent|vingt)s\b", r"\1", " ".join(re.findall(r"[^\W\d]+", re.sub(r"\band\b", "", words.lower()))))


@cache
def _words_of_numbers():
    """Return the regular expression of words that may be a number before a factor."""
    words = {word for words in _worded() for word in words.split()} | {"and", "cents", "vingts"}
    word = f"(?:{'|'.join(sorted(words))})"
    return re.compile(rf"(?i)\b{word}(?:[ -]{word}){{0,8}}{like.FACTOR_AHEAD.pattern}")


def _in_figures(text):
    """Return ``text`` with figures for the numbers in words before thousand or million, each as long as its words, and
    ``{end of such a number: start of its words}``."""
    starts = {}

    def figures(match):
        for word in re.finditer(r"[^\W\d]+", match[0]):
            if number := _worded().get(in_one_spelling(match[0][word.start() :])):
                starts[match.end()] = match.start() + word.start()
                return number.rjust(len(match[0]))
        return match[0]

    return _words_of_numbers().sub(figures, text), starts


def sums_in(text):
    """Return the Sum of each number in ``text`` that is certainly a sum of money, in a named currency."""
    return [number for number in numbers_in(text) if number.is_money and number.currencies]


@_kept
def currencies_in(text):
    """Return the codes of all currencies named in ``text``."""
    return frozenset().union(*(currency_codes(*match) for match in like.ANYWHERE.findall(text)))


def currency_codes(prefix: str, sign: str, code: str, word: str) -> frozenset[str]:
    """Return the codes of the currencies that a sign with its prefix, a code or a word may mean."""
    if sign:
        codes = _SIGNS.get(sign) or _DOLLARS.get(prefix, "")
    elif code:
        codes = code if code in currencies() and code not in _ENGLISH else ""
    else:
        codes = _MONEY.get(word.lower()) or _MONEY.get(word.lower().removesuffix("s"), "")
    return frozenset(codes.split())


@cache
def usual_currencies():
    """Return the codes of the currencies that this module knows by a sign or a word."""
    return frozenset(" ".join((*_SIGNS.values(), *_DOLLARS.values(), *_MONEY.values())).split())


@cache
def currencies():
    """Return the ISO 4217 codes of all currencies in CLDR, including former ones."""
    return frozenset(list_currencies())
