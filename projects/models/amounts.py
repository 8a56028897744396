"""Reads amounts of money as people write them, without guessing. Errors are in the page's language."""

import re
from decimal import Decimal
from itertools import product

from babel.numbers import format_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from num2words import num2words

from provenance.documents import readings
from provenance.documents.dates import Unclear

LARGEST = Decimal("9999999999999.99")  # what both databases keep to the cent
WAYS = ("the sign separates thousands", "the sign separates decimals")  # to read 2.584
_ROUNDED = ("rounded to the cent",)  # to read 2.5849
WHOSE_UNIT = (
    "what the cell says counts",
    "what its heading, or the cell beside it, says counts",
)  # to read 5 USD (EUR)
_SPACES = "\u0020\u00a0\u2009\u202f"
_GROUPED = re.compile(r"([1-9][0-9]{0,2}(?:([.,'’ ])[0-9]{3}(?:\2[0-9]{3})*))(?:([.,])([0-9]{1,2}))?")
_DOLLARS = frozenset({"AUD", "CAD", "NZD", "USD"})  # what $ alone may mean
_SUM = re.compile(r"([^0-9]*)([0-9](?:[0-9 .,'’]*[0-9])?)([^0-9]*)")  # text before the figures, figures, text after
_SIGNS = tuple("$€£¥₾₴₽֏₼")
_WORD = re.compile(rf"[^\W\d_]+[$]|[tT][€£]|[^\W\d_]+|[{''.join(_SIGNS)}]")
_NO_CENTS = re.compile(r"(?<=[0-9])[.,][-–—](?![0-9])")  # 1.200.000,- EUR
_BELOW_ZERO = re.compile(r"[-−].*|\([^()]*[0-9][^()]*\)", re.DOTALL)  # accounts put it in brackets
_FACTOR_AND_CODE = re.compile(r"([kmt])([a-z]{3}|[€£$])", re.IGNORECASE)  # MEUR, T€
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]{1,2}|[0-9]{4,12}))?")
_ZEROS = re.compile(r"(?<=[.,][0-9]{2})0{2,8}\Z")  # 2584.5000: databases write four decimals
_AMBIGUOUS = re.compile(r"([1-9][0-9]{0,2})[.,]([0-9]{3})")
_THOUSANDS = re.compile(r"(?<![0-9.,])(?:x ?)?(?:['’`]|1[.,'’ ]?)?000(?:['’]?s)?(?![0-9])", re.IGNORECASE)  # EUR '000
_HEADING = re.compile(  # Budget (EUR); Montant en k€; Total, in euros; Amount USD
    r"(.*?)\s*(?:[(\[]\s*(?:in |en |în |в |у )?([^()\[\]]+)[)\]]|(?:,|\b)\s*(?:in|en|în|в|у)\s+(.+)|,\s*(.+)"
    r"|\s([kKM]?(?:[A-Z]{3}|[$€£¥])(?:\s*['’]000s?)?))\s*"
)
_FOOTNOTE = re.compile(r"\((?:[0-9]{1,2}|\*+)\)|\[(?:[0-9]{1,2}|\*+)\]|(?<![0-9])[*†‡§¹²³⁰⁴-⁹]+(?![0-9])")
_OF_TWO_UNITS = re.compile(r"(.+) \(([^()]+)\)")  # 1500 USD (EUR)
_PIECES = re.compile(r"[;:()\[\]]|,\s|(?<=\w{5})\.\s|\s(?:unless|except|if|sauf)\s")  # of a line about a table
_BEFORE_UNIT = ("", "in", "en", "în", "в", "у", "amounts", "budget", "budgets", "figures", "montants", "sume", "суммы")
_AFTER_BRACKETS = re.compile(r"(\([^()]*\))|(?<![0-9])[0-9]{1,2}\)")  # 2) is a footnote, (EUR 2) is not


def parse_amount(text: str) -> Decimal:
    """Read a sum as ``parse_sum`` does, where the currency has its own field."""
    amount, codes = parse_sum(text)
    if codes:
        raise ValueError(_("“%(text)s” names its currency. Write that in its own field.") % {"text": text.strip()[:40]})
    return amount


def parse_sum(text: str) -> tuple[Decimal, frozenset[str]]:
    """Read a sum of at most 13 digits and two decimals: ``2.584.000,50``, ``€3m``, ``2,5 M€``, ``EUR 16 million``.

    Return it with the codes of the currencies that it may be in; no codes if it names none. ValueError, with the
    correct form, for anything else: signs, exponents, digits of other scripts, three decimals; Unclear for ``2.584``,
    which may be two thousand or two and a half, and for ``approx. 300k``. How a column is read makes nothing exact:
    ``up to 300,000`` has no ways.
    """
    text = _NO_CENTS.sub("", re.sub(f"[{_SPACES}]", " ", text.strip()))
    shown = text if len(text) <= 40 else text[:40] + "…"
    if _BELOW_ZERO.fullmatch(text):
        raise ValueError(_("“%(text)s” is negative. Give an amount of 0 or more.") % {"text": shown})
    if own := _OF_TWO_UNITS.fullmatch(text):
        _refuse_two_units(*own.groups())
    match = _SUM.fullmatch(text[:100])
    before, figures, after = match.groups() if match else ("", text, "")
    figures, (factor, codes, is_sure) = _ZEROS.sub("", figures), _units(before, after)
    if ambiguous := _AMBIGUOUS.fullmatch(figures):
        larger, smaller = Decimal("".join(ambiguous.groups())), Decimal(".".join(ambiguous.groups()))
        meanings = [_digits(larger * factor, codes), _digits(smaller * factor, codes)]
        if is_sure:
            raise Unclear(_in_two_ways(text, larger * factor, smaller * factor), meanings, WAYS)
        raise Unclear(_inexact(shown, " / ".join(meanings)), meanings)
    number = None if "%" in text else _number(figures)
    if number is None:
        message = _(
            "“%(text)s” is not an amount. Write it like 2584000, 2584000.50, 2,584,000.50, 2.584.000,50 or 2 584 000."
        )
        raise ValueError(message % {"text": shown})
    number *= factor
    if number > LARGEST:
        message = _("“%(text)s” is too large: the largest amount is %(largest)s.")
        raise ValueError(message % {"text": shown, "largest": _figures(LARGEST)})
    amount = number.quantize(Decimal("0.01"))
    if amount != number:
        message = _("“%(text)s” has fractions of a cent. Write %(digits)s if it is that sum.")
        meanings = [_digits(amount, codes)]
        raise Unclear(message % {"text": shown, "digits": _digits(amount)}, meanings, _ROUNDED if is_sure else ())
    if not is_sure:
        raise Unclear(_inexact(shown, _digits(amount)), [_digits(amount, codes)])
    return amount, codes


def _refuse_two_units(text: str, unit: str) -> None:
    """Raise Unclear if ``text`` is a sum with a unit of its own, and ``unit`` another; see ``with_unit``."""
    (figures, own_factor, own_codes), (factor, codes, is_sure) = _parted_sum(text), _units("", unit)
    if not is_sure or not (codes or factor > 1) or not (own_codes or own_factor > 1):
        return
    meanings: list[str] = []
    ways: tuple[str, ...] = WHOSE_UNIT
    for reading in (text, f"{figures}{'' if factor > 1 else _factor_in(text)} {unit}"):
        try:
            parse_sum(reading)
            meanings.append(reading)
        except Unclear as unclear:
            meanings, ways = meanings + unclear.meanings, ()
    message = _("“%(text)s” contradicts “%(unit)s” in its heading or beside it. Say which counts.")
    raise Unclear(message % {"text": text, "unit": unit}, meanings, ways)


def _parted_sum(text: str) -> tuple[str, int, frozenset[str]]:
    """Return (figures, factor, codes of currencies) of a sum."""
    match = _SUM.fullmatch(text)
    return (match[2], *_units(match[1], match[3])[:2]) if match else (text, 1, frozenset())


def _inexact(shown: str, digits: str) -> str:
    message = _("“%(text)s” is not an exact amount. Write %(digits)s if it is that sum.")
    return message % {"text": shown, "digits": digits}


def split_unit(heading: str) -> tuple[str, str]:
    """Return the name and the unit of a column of sums: ``Budget (EUR m)`` is ``Budget`` and ``m EUR``.

    The unit is empty where the heading names no currency and no factor. A heading whose factor is unclear stays whole.
    Signs of footnotes belong to neither: ``Budget² (EUR)``, ``Budget (EUR) 2)``, ``Budget [1]``.
    """
    heading = _AFTER_BRACKETS.sub(r"\1", _FOOTNOTE.sub("", heading))
    match = _HEADING.fullmatch(heading.strip())
    unit = _factor_first(next(filter(None, match.groups()[1:]), "") if match else "")
    factor, codes, is_sure = _units("", unit)
    if match and is_sure and (codes or factor > 1):
        return match[1], unit
    is_other = factor > 1 or (codes and re.search("[0-9]", unit))
    return (heading if is_other else re.sub(r"\([^)]*\)", "", heading).strip()), ""


def _factor_first(unit: str) -> str:
    """Return a unit as it stands behind a sum: ``EUR '000`` is ``thousand EUR``."""
    words = [word.strip(",") for word in _THOUSANDS.sub(" thousand ", unit).split()]
    return " ".join(sorted(words, key=lambda word: bool(currencies_of(word))))


def with_unit(text: str, unit: str) -> str:
    """Return a sum with the unit of its column, if it has none of its own; in brackets, if the two may differ."""
    (figures, own_factor, own_codes), (factor, codes, _is_sure) = _parted_sum(text), _units("", unit)
    if own_factor == 1 and not own_codes:
        return f"{text} {unit}"
    if codes and codes < own_codes and factor in (1, own_factor):  # $ in a column of USD
        text, own_codes = f"{figures}{_factor_in(text)} {currency_in(unit)}", codes
    if not own_codes:  # 300k in a column of k€
        text = f"{text} {currency_in(unit)}".strip()
    elif not codes:
        unit = f"{unit} {currency_in(text)}"
    is_same = not own_codes or not codes or own_codes == codes
    is_clear = is_same and (own_factor == factor or factor == 1 or (own_codes and own_factor > 1))
    return text if is_clear else f"{text} ({unit})"


def unit_of_line(line: str) -> str:
    """Return the unit that a line above or below a table names for all its sums; "" if it names none.

    ``(amounts in EUR thousand)``, ``List of projects, k€`` and ``Currency: EUR`` do; ``EUR 5 million in all`` does not.
    """
    for piece in _PIECES.split(line[:300]):
        words = piece.split()
        for at, end in product(range(len(words)), range(1, len(words) + 1)):
            if not at < end <= at + 4:
                continue
            unit = split_unit(f"Sum ({' '.join(words[at:end])})")[1]
            factor, codes, _is_sure = _units("", unit)
            is_whole = end == len(words) and (codes or len(unit) > 2)
            is_clear = is_whole or (
                factor > 1 and codes and not split_unit(f"Sum ({' '.join(words[at : end + 1])})")[1]
            )
            if unit and is_clear and (words[at - 1].casefold() if at else "") in _BEFORE_UNIT:
                return unit
    return ""


def currency_in(unit: str) -> str:
    """Return the currency of a unit, as it stands there; "" if it has none."""
    return "".join(part for part in _parts(unit) if currencies_of(part))


def _units(before: str, after: str) -> tuple[int, frozenset[str], bool]:
    """Return (factor, codes of currencies, whether nothing else is there) for the text around the figures."""
    factor, codes, is_sure = 1, frozenset[str](), True
    for at, side in enumerate((before, after)):
        rest = _WORD.sub("", side)
        is_sure = is_sure and not rest.strip(" .'’" if rest != side else " ")
        words = _parts(side)
        for word in words:
            if currencies := currencies_of(word):
                is_sure, codes = is_sure and codes in (frozenset(), currencies), currencies
            elif (at or len(words) > 1) and word.casefold() in readings.FACTORS and factor == 1:
                factor = readings.FACTORS[word.casefold()]
            elif not at or word.casefold() not in ("of", "de", "d"):
                is_sure = False
    return factor, codes, is_sure


def _factor_in(text: str) -> str:
    return "".join(f" {part}" for part in _parts(text) if not currencies_of(part))


def _parts(text: str) -> list[str]:
    return [part for word in _WORD.findall(text) for part in _parted(word)]


def _parted(word: str) -> list[str]:
    """Return the factor and the code of ``MEUR`` or ``TEUR``; of any other word, the word."""
    parts = _FACTOR_AND_CODE.fullmatch(word)
    if not parts or not currencies_of(parts[2]) or (parts[2].isalpha() and currencies_of(word)):
        return [word]
    return [parts[1].lower().replace("t", "k"), parts[2]]


def currencies_of(word: str) -> frozenset[str]:
    """Return the codes of the currencies that a code in any case, a sign or a name may mean; otherwise none."""
    if word == "$":
        return _DOLLARS
    code, sign = word.upper(), word[-1:] if word[-1:] == "$" or word in _SIGNS else ""  # k€ is none
    return readings.currency_codes(
        word[: -len(sign)].upper(), sign, code if len(code) == 3 else "", ""
    ) or readings.currency_codes("", "", "", word.casefold())


def _digits(amount: Decimal, codes: frozenset[str] = frozenset()) -> str:
    """Return an amount that cannot be misread, to the cent, with its currency if ``codes`` has only one."""
    return " ".join([f"{amount:.2f}".removesuffix(".00"), *(codes if len(codes) == 1 else ())])


def _number(figures: str) -> Decimal | None:
    if plain := _PLAIN.fullmatch(figures):
        whole, cents = plain.groups()
    elif (grouped := _GROUPED.fullmatch(figures)) and grouped[2] != grouped[3]:
        whole, cents = re.sub(r"[^0-9]", "", grouped[1]), grouped[4]
    else:
        return None
    return Decimal(f"{whole}.{cents or '0'}")


def say(amount: Decimal) -> str:
    """Return ``amount`` in figures and in words: ``2,584,000.00 (two million, five hundred and …)``."""
    whole, cents = divmod(amount, 1)
    words = _spoken(int(whole))
    if cents:
        words = _("%(whole)s and %(hundredths)s/100") % {"whole": words, "hundredths": int(cents * 100)}
    return f"{_figures(amount)} ({words})"


def _in_two_ways(text: str, larger: Decimal, smaller: Decimal) -> str:
    message = _(
        "“%(text)s” can be read in two ways: %(larger)s, or %(smaller)s (%(words)s)."
        " Write %(digits)s for the first, and the second with at most two decimals."
    )
    return message % {
        "text": text,
        "larger": say(larger),
        "smaller": _figures(smaller, "0.000" if smaller < 1000 else "#,##0.00"),
        "words": _spoken(smaller),
        "digits": f"{larger:f}",
    }


def _figures(number: Decimal, pattern: str = "#,##0.00") -> str:
    return format_decimal(number, pattern, locale=_language())


def _spoken(number: int | Decimal) -> str:
    return str(num2words(number, lang=_language()))


def _language() -> str:
    return (get_language() or "en")[:2]
