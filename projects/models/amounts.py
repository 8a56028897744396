"""Amounts of money as people write them: text in, Decimal out, nothing guessed. Refusals are in the page's language."""

import re
from decimal import Decimal

from babel.numbers import format_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from num2words import num2words

LARGEST = Decimal("9999999999999.99")  # what both databases keep to the cent
_SPACES = "\u0020\u00a0\u2009\u202f"
_GROUPED = re.compile(r"([1-9][0-9]{0,2}(?:([.,'’ ])[0-9]{3}(?:\2[0-9]{3})*))(?:([.,])([0-9]{1,2}))?")
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]{1,2}))?")
_AMBIGUOUS = re.compile(r"([1-9][0-9]{0,2})[.,]([0-9]{3})")


def parse_amount(text: str) -> Decimal:
    """Read a sum of at most 13 digits and two decimals, with or without separators of thousands.

    ValueError, with what would be right, for anything else: signs, words, exponents, digits of other
    scripts, three decimals, and ``2.584``, which may be two thousand or two and a half.
    """
    text = re.sub(f"[{_SPACES}]", " ", text.strip())
    shown = text if len(text) <= 40 else text[:40] + "…"
    if ambiguous := _AMBIGUOUS.fullmatch(text):
        raise ValueError(_in_two_ways(text, *ambiguous.groups()))
    if text.startswith(("-", "−")):
        raise ValueError(_("“%(text)s” is negative. Give an amount of 0 or more.") % {"text": shown})
    if plain := _PLAIN.fullmatch(text):
        whole, cents = plain.groups()
    elif (grouped := _GROUPED.fullmatch(text)) and grouped[2] != grouped[3]:
        whole, cents = re.sub(r"[^0-9]", "", grouped[1]), grouped[4]
    else:
        said = _(
            "“%(text)s” is not an amount. Write it like 2584000, 2584000.50, 2,584,000.50, 2.584.000,50 or 2 584 000."
        )
        raise ValueError(said % {"text": shown})
    if len(whole.lstrip("0")) > 13:
        said = _("“%(text)s” is too large: the largest amount is %(largest)s.")
        raise ValueError(said % {"text": shown, "largest": _figures(LARGEST)})
    return Decimal(f"{whole}.{cents or '0'}").quantize(Decimal("0.01"))


def say(amount: Decimal) -> str:
    """Return ``amount`` in figures and in words: ``2,584,000.00 (two million, five hundred and …)``."""
    whole, cents = divmod(amount, 1)
    words = _spoken(int(whole))
    if cents:
        words = _("%(whole)s and %(hundredths)s/100") % {"whole": words, "hundredths": int(cents * 100)}
    return f"{_figures(amount)} ({words})"


def _in_two_ways(text: str, whole: str, rest: str) -> str:
    smaller = Decimal(f"{whole}.{rest}")
    said = _(
        "“%(text)s” can be read in two ways: %(larger)s, or %(smaller)s (%(words)s)."
        " Write %(digits)s for the first, and the second with at most two decimals."
    )
    return said % {
        "text": text,
        "larger": say(Decimal(whole + rest)),
        "smaller": _figures(smaller, "0.000"),
        "words": _spoken(smaller),
        "digits": whole + rest,
    }


def _figures(number: Decimal, pattern: str = "#,##0.00") -> str:
    return format_decimal(number, pattern, locale=_language())


def _spoken(number: int | Decimal) -> str:
    return str(num2words(number, lang=_language()))


def _language() -> str:
    return (get_language() or "en")[:2]
