"""Amounts of money as people write them. Pure: text in, Decimal out, nothing guessed."""

import re
from decimal import Decimal

from num2words import num2words

LARGEST = Decimal("9999999999999.99")  # what both databases keep to the cent
_SPACES = "\u0020\u00a0\u2009\u202f"
_GROUPED = re.compile(r"([1-9][0-9]{0,2}(?:([.,'’ ])[0-9]{3}(?:\2[0-9]{3})*))(?:([.,])([0-9]{1,2}))?")
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]{1,2}))?")
_AMBIGUOUS = re.compile(r"([1-9][0-9]{0,2})[.,]([0-9]{3})")
WHAT_IS_RIGHT = "Write it like 2584000, 2584000.50, 2,584,000.50, 2.584.000,50 or 2 584 000."


def parse_amount(text: str) -> Decimal:
    """Read a sum of at most 13 digits and two decimals, with or without separators of thousands.

    ValueError, with what would be right, for anything else: signs, words, exponents, digits of other
    scripts, three decimals, and ``2.584``, which may be two thousand or two and a half.
    """
    text = re.sub(f"[{_SPACES}]", " ", text.strip())
    shown = text if len(text) <= 40 else text[:40] + "…"
    if ambiguous := _AMBIGUOUS.fullmatch(text):
        whole, rest = ambiguous.groups()
        raise ValueError(
            f"“{text}” can be read in two ways: {say(Decimal(whole + rest))}, or {whole}.{rest}"
            f" ({num2words(Decimal(f'{whole}.{rest}'))}). Write {whole}{rest} for the first,"
            " and the second with at most two decimals."
        )
    if text.startswith(("-", "−")):
        raise ValueError(f"“{shown}” is negative. Give an amount of 0 or more.")
    if plain := _PLAIN.fullmatch(text):
        whole, cents = plain.groups()
    elif (grouped := _GROUPED.fullmatch(text)) and grouped[2] != grouped[3]:
        whole, cents = re.sub(r"[^0-9]", "", grouped[1]), grouped[4]
    else:
        raise ValueError(f"“{shown}” is not an amount. {WHAT_IS_RIGHT}")
    if len(whole.lstrip("0")) > 13:
        raise ValueError(f"“{shown}” is too large: the largest amount is {LARGEST:,}.")
    return Decimal(f"{whole}.{cents or '0'}").quantize(Decimal("0.01"))


def say(amount: Decimal) -> str:
    """Return ``amount`` in figures and in words: ``2,584,000.00 (two million, five hundred and …)``."""
    whole, cents = divmod(amount, 1)
    words = num2words(int(whole)) + (f" and {int(cents * 100)}/100" if cents else "")
    return f"{amount:,.2f} ({words})"
