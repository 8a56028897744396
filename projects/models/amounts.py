"""Reads amounts of money as people write them, without guessing. Errors are in the page's language."""

import re
from collections import defaultdict
from decimal import Decimal
from functools import cache, lru_cache
from itertools import takewhile

from babel.numbers import format_decimal, get_currency_name
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from num2words import num2words

from provenance.documents.dates import LANGUAGES, Unclear
from provenance.documents.errors import cut
from provenance.documents.folding import WORDS, fold
from provenance.documents.patterns import patterns_of
from provenance.documents.sums import FACTORS, currency_codes, usual_currencies

LARGEST = Decimal("9999999999999.99")  # what both databases keep to the cent
WAYS = ("the sign separates thousands", "the sign separates decimals")  # to read 2.584
_WAYS_OF_COMMA = ("the comma separates thousands, as in 2,584,000", "the comma separates decimals, as in 2,58")
like = patterns_of(__file__)
_SPACES = "\u0020\u00a0\u2009\u202f"
_OF = ("of", "de", "d")  # before a currency
_BESIDE_NAME = {*FACTORS, *_OF, *fold(WORDS["about"]).split()}  # words that are no part of the name of a currency
_BESIDE_UNIT = {*fold(WORDS["beside_units"]).split()}  # words of a line that names the unit of a table


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
    text = like.NO_CENTS.sub("", re.sub(f"[{_SPACES}]", " ", text.strip()))
    shown = cut(text, 40)
    if like.BELOW_ZERO.fullmatch(text):
        raise ValueError(_("“%(text)s” is negative. Give an amount of 0 or more.") % {"text": shown})
    if own := like.OF_TWO_UNITS.fullmatch(text):
        _refuse_two_units(*own.groups())
    match = like.SUM.fullmatch(text[:100])
    before, figures, after = match.groups() if match else ("", text, "")
    figures, (factor, codes, is_sure) = like.ZEROS.sub("", figures), _units(before, after)
    named = "".join(codes) if len(codes) == 1 else currency_in(f"{before} {after}")
    if ambiguous := like.AMBIGUOUS.fullmatch(figures):
        larger, smaller = Decimal("".join(ambiguous.groups())), Decimal(".".join(ambiguous.groups()))
        meanings = [_digits(larger * factor, named), _digits(smaller * factor, named)]
        if is_sure:
            ways = WAYS if "." in figures else _WAYS_OF_COMMA
            raise Unclear(_in_two_ways(text, larger * factor, smaller * factor), meanings, ways)
        raise Unclear(_inexact(shown, " / ".join(meanings)), meanings)
    figures = like.BELOW_ONE.sub(r"\g<0>0", figures) if factor > 1 else figures
    number = None if "%" in text or _may_be_unit(before, after) else _number(figures)
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
        meanings = [_digits(amount, named)]
        raise Unclear(
            message % {"text": shown, "digits": _digits(amount)}, meanings, ("rounded to the cent",) if is_sure else ()
        )
    if not is_sure:
        raise Unclear(_inexact(shown, _digits(amount)), [_digits(amount, named)])
    return amount, codes


def _refuse_two_units(cell: str, first: str, unit: str, second: str, other: str) -> None:
    """Raise Unclear for a sum of which two units are stated, ``first`` and ``second`` in words; see ``with_units``."""
    match = like.SUM.fullmatch(cell)
    if not match:
        return
    meanings: list[str] = []
    ways: tuple[str, ...] = (first, second) if _units(match[1], match[3])[2] else ()
    for each in (unit, other):
        reading = f"{match[2]}{'' if _units('', each)[0] > 1 else _factor_in(cell)} {each}"
        try:
            parse_sum(reading)
            meanings.append(reading)
        except Unclear as unclear:
            meanings, ways = meanings + unclear.meanings, ()
    message = _("“%(text)s”: %(first)s, contradicts %(second)s. Say which counts.")
    raise Unclear(message % {"text": cell, "first": first, "second": second}, meanings, ways)


def _parted_sum(text: str) -> tuple[str, int, frozenset[str]]:
    """Return (figures, factor, codes of currencies) of a sum."""
    match = like.SUM.fullmatch(text)
    return (match[2], *_units(match[1], match[3])[:2]) if match else (text, 1, frozenset())


def _inexact(shown: str, digits: str) -> str:
    message = _("“%(text)s” is not an exact amount. Write %(digits)s if it is that sum.")
    return message % {"text": shown, "digits": digits}


def split_unit(heading: str) -> tuple[str, str]:
    """Return the name and the unit of a column of sums: ``Budget (EUR m)`` is ``Budget`` and ``m EUR``.

    The unit is empty where the heading names no currency and no factor. A heading whose factor is unclear stays whole.
    Signs of footnotes belong to neither: ``Budget² (EUR)``, ``Budget (EUR) 2)``, ``Budget [1]``. A heading in two
    languages has the unit of both, as ``Montant (k€) / Amount (EUR thousand)``.
    """
    heading = like.AFTER_BRACKETS.sub(r"\1", like.FOOTNOTE.sub("", " ".join(heading.split()))).strip()
    pieces = [("", piece) if _is_unit(piece) else _split_unit(piece) for piece in like.SLASH.split(heading)]
    units = [unit for _name, unit in pieces if unit]
    if len(pieces) == 1 or not units:
        return _split_unit(heading)
    unit = _said_once(units)
    return (" / ".join(name for name, _unit in pieces if name), unit) if unit else (heading, "")


def _split_unit(heading: str) -> tuple[str, str]:
    first = like.CURRENCY_FIRST.fullmatch(heading)
    if first and currencies_of(first[1]) and _units("", first[2])[:2] == (1, frozenset()):
        return first[2], first[1]
    match = like.HEADING.fullmatch(heading)
    stated = next(filter(None, match.groups()[1:]), "") if match else ""
    unit = _said_once(stated.split("/")) or _factor_first(stated)
    factor, codes, is_sure = _units("", unit)
    first_part = stated.partition(",")[0]
    if factor == 1 and codes and not is_sure and _is_unit(first_part):  # EUR, incl. VAT
        unit, is_sure = first_part, True
    if match and is_sure and (codes or factor > 1):
        return match[1], unit
    is_other = factor > 1 or (codes and re.search("[0-9]", unit))
    return (heading if is_other else re.sub(r"\([^)]*\)", "", heading).strip()), ""


def _is_unit(text: str) -> bool:
    factor, codes, is_sure = _units("", _factor_first(text))
    return is_sure and bool(codes or factor > 1)


def _said_once(units: list[str]) -> str:
    """Return the one unit that all ``units`` are, or that a factor and a currency among them make; "" if none."""
    units = [_factor_first(unit) for unit in units]
    kinds = {_units("", unit) for unit in units}
    is_parted = all(factor == 1 or not codes for factor, codes, _is_sure in kinds)
    unit = units[0] if len(kinds) == 1 else _factor_first(" ".join(units)) if is_parted else ""
    return unit if _is_unit(unit) else ""


def _factor_first(unit: str) -> str:
    """Return a unit as it stands behind a sum: ``EUR '000`` is ``thousand EUR``, ``EURm`` is ``m EUR``."""
    unit = like.FACTOR_LAST.sub(r"\1 \2", like.THOUSANDS.sub(" thousand ", unit))
    words = [word.strip(",") for word in unit.split()]
    return " ".join(sorted(words, key=lambda word: word.casefold().rstrip(".") not in FACTORS))


def with_units(
    cell: str,
    heading: str = "",
    beside: str = "",
    column: str = "",
    lines: dict[str, str] | None = None,
    is_own: bool = False,
) -> str:
    """Return a sum with what its ``cell`` lacks of a unit: a factor, a currency, or both.

    ``heading``, ``beside``: the units in its heading and in the cell of its currency, whose ``column`` has that name;
    ``lines``: {unit of all sums: the line that names it}. A currency ``beside`` it stays there. If two of them
    contradict each other, both follow in brackets, and ``parse_sum`` asks. A currency alone, in the cell or heading, or
    ``beside`` it if other rows have none there (``is_own``), says that the sum is in ones. A cell with factor and
    currency needs not agree with the factor of its column.
    """
    figures, factor, codes = _parted_sum(cell)
    is_whole, whole = bool(codes and factor > 1), cell
    own = (re.sub(r"[,;()\s]+", " ", cell.replace(figures, "", 1)).strip(), "as the cell says")
    of_codes, of_factor = own if codes else None, own if codes or factor > 1 else None
    stated = [(heading, "as the heading says"), (beside, f"as the column “{column}” says")]
    stated += [(unit, f"as “{line.replace(';', ',')}” says") for unit, line in (lines or {}).items()]
    for at, said in enumerate(stated):
        unit = said[0]
        its_factor, its_codes, _is_sure = _units("", unit)
        is_other = bool(of_codes and its_codes and codes.isdisjoint(its_codes))
        if is_other and of_codes == own and at == 1 and its_factor > 1:
            return cell  # 300 USD beside k€: only the currency is asked
        if is_other or (of_factor and its_factor not in (1, factor) and (at == 1 or not is_whole)):
            return f"{cell} ({_both((of_codes if is_other else of_factor) or own, said, of_codes)})"
        adds_factor, adds_codes = its_factor > 1 and factor == 1, its_codes and not codes
        if of_codes == own and its_codes < codes and its_codes and (at != 1 or its_factor > 1):  # $ in a column of USD
            whole, codes = f"{figures}{_factor_in(cell)} {currency_in(unit)}", its_codes
        elif unit and (adds_factor or adds_codes) and (at != 1 or its_factor > 1):
            is_all = (adds_factor or its_factor == 1) and (adds_codes or not its_codes)
            whole = f"{whole} {unit if is_all else _factor_in(unit).strip() if adds_factor else currency_in(unit)}"
        if adds_codes:
            codes, of_codes = its_codes, said
        if its_factor > 1 or (its_codes and at <= is_own):
            of_factor = of_factor or said
        factor = max(factor, its_factor) if not is_whole else factor
    return whole


def _both(first: tuple[str, str], second: tuple[str, str], of_codes: tuple[str, str] | None) -> str:
    """Return two contradictory units, each with where it stands, and with the currency that the other names."""
    currency = currency_in((of_codes or second)[0]) or currency_in(second[0])
    return "; ".join(
        f"{unit if currency_in(unit) else f'{unit} {currency}'.strip()}, {where}" for unit, where in (first, second)
    )


def unit_in(text: str) -> str:
    """Return the unit that a text names; "" if it names none, or says anything else."""
    return split_unit(f"Sum ({text})")[1]


def unit_of_line(line: str) -> str:
    """Return the unit that a line above or below a table names for all its sums; "" if it names none.

    ``(amounts in EUR thousand)``, ``Currency: EUR`` and ``Projects 2014-2016, k€`` do; not ``Georgia: k€``, and not a
    part of a line whose rest names another currency, or a factor.
    """
    line = line[:300]
    factors = {FACTORS.get(word.casefold(), 1) for word in like.WORD.findall(line) if len(word) > 2} - {1}
    named = {code for code in re.findall(r"\b[A-Z]{3}\b", line) if currencies_of(code)}
    for part in (line, *re.split(r"[()\[\],;]", line)):
        words = re.sub(r"[()\[\]:;,*]|\.$", " ", part).split()
        unit = unit_in(" ".join(word for word in words if fold(word) not in _BESIDE_UNIT))
        factor, codes, _is_sure = _units("", unit)
        if codes or len(unit) > 2:
            return unit if factors <= {factor} and len(named) < 2 else ""
    return ""


def currency_in(unit: str) -> str:
    """Return the currency of a unit, as it stands there; "" if it has none."""
    return "".join(part for part in _parts(unit) if currencies_of(part))


@lru_cache(4096)  # the same few come up in every row
def _units(before: str, after: str) -> tuple[int, frozenset[str], bool]:
    """Return (factor, codes of currencies, whether nothing else is there) for the text around the figures."""
    factor, codes, is_sure = 1, frozenset[str](), True
    for at, side in enumerate((before, after)):
        rest = like.WORD.sub("", side)
        is_sure = is_sure and not rest.strip(" .'’" if rest != side else " ")
        words = _parts(side)
        for word in words:
            if currencies := currencies_of(word):
                is_sure, codes = is_sure and codes in (frozenset(), currencies), currencies
            elif (at or len(words) > 1) and word.casefold() in FACTORS and factor == 1:
                factor = FACTORS[word.casefold()]
            elif not at or word.casefold() not in _OF:
                is_sure = False
    return factor, codes, is_sure


def _may_be_unit(before: str, after: str) -> bool:
    """Whether unknown words between the figures and a currency, if any, may be a unit: ``2 lakh EUR``, ``5 rupees``."""
    words = list(takewhile(lambda part: not currencies_of(part), _parts(after)))
    unknown = [word for word in words if word.casefold() not in _BESIDE_NAME]
    is_plain = all(map(str.isalpha, unknown)) and not re.search(r"[^\w\s.$]", after.strip("€£"))
    return not currency_in(before) and 0 < len(unknown) < 3 and is_plain


def _factor_in(text: str) -> str:
    return "".join(f" {part}" for part in _parts(text) if not currencies_of(part))


def _parts(text: str) -> list[str]:
    parts = [part for word in like.WORD.findall(text) for part in _parted(word)]
    name = " ".join(part for part in parts if part.casefold() not in _BESIDE_NAME)
    if " " in name and currencies_of(name):  # 2 million US dollars
        return [*(part for part in parts if part.casefold() in FACTORS), name]
    return parts


def _parted(word: str) -> list[str]:
    """Return the factor and the code of ``MEUR`` or ``TEUR``; of any other word, the word."""
    parts = like.FACTOR_AND_CODE.fullmatch(word)
    if not parts or not currencies_of(parts[2]) or (parts[2].isalpha() and currencies_of(word)):
        return [word]
    return [parts[1].lower().replace("t", "k"), parts[2]]


def currencies_of(word: str) -> frozenset[str]:
    """Return the codes of the currencies that a code in any case, a sign or a name may mean; otherwise none."""
    if " " in word:
        codes = [currencies_of(each) | _words_of_names().get(fold(each), frozenset()) for each in word.split()]
        return frozenset.intersection(*codes)
    word = "dollar" if word == "$" else word  # which one is asked; in the texts of sources it is the US dollar
    code, sign = word.upper(), word[-1:] if word[-1:] == "$" or word in WORDS["signs"] else ""  # k€ is none
    return currency_codes(word[: -len(sign)].upper(), sign, code if len(code) == 3 else "", "") or currency_codes(
        "", "", "", word.casefold()
    )


@cache
def _words_of_names() -> defaultdict[str, frozenset[str]]:
    """Return {word, folded: the codes of the currencies that have it in their name}, as CLDR has them."""
    codes = defaultdict(frozenset, {word: frozenset([code]) for word, code in WORDS["money_of"].items()})
    for code in usual_currencies():
        for language in LANGUAGES:
            for count in (1, 2, 5):
                for word in fold(get_currency_name(code, count, language)).split():
                    codes[word] |= {code}
    return codes


def _digits(amount: Decimal, currency: str = "") -> str:
    """Return an amount that cannot be misread, to the cent, with its currency."""
    return f"{amount:.2f}".removesuffix(".00") + f" {currency}".rstrip()


def _number(figures: str) -> Decimal | None:
    if plain := like.PLAIN.fullmatch(figures):
        whole, cents = plain.groups()
    elif (grouped := like.GROUPED.fullmatch(figures)) and grouped[2] != grouped[3]:
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
