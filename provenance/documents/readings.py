"""How the words of a source read beside a value of a document. Pure: texts and documents in, a word out.

Words that tell neither more nor less are our reading; only another sum, date or name reads otherwise.
"""

import re
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale
from babel.numbers import list_currencies
from django.apps import apps

from .folding import countries, fold

AS_VALUE, OURS, OTHERWISE = READINGS = ("as-value", "ours", "otherwise")  # the best first
_NAMING = ("name", "title", "code", "slug")
CALLED = "called"  # beside these: all that the record of a face is called, where the document alone does not say it
_LANGUAGES = ("en", "fr", "de", "ro", "ru", "uk", "hy", "ka", "az")  # in which months and countries are known
_MANY = 100  # sums that one source states of a member: there may be more, which no claim quotes
_ISO = re.compile(r"\d{4}(?:-\d\d){0,2}")
_kept = lru_cache(4096)  # texts are short, and the same are read again and again


def reading(claim, document):
    """Return how ``claim`` reads beside the value of its member in ``document``: AS_VALUE, OURS or OTHERWISE.

    OTHERWISE: another sum, date or name stands there, or a date that is less precise than the value.
    """
    member, said, quote = claim["field"], claim["as_stated"], claim["quote"]
    value = document.get(member)
    if value is None or value in ("", []):
        return OTHERWISE if re.search(r"\d", said) else OURS
    choices = _choices().get((member, _code(value)), ())
    found = _best(said, quote, member, choices, value)
    if found == OTHERWISE:
        return OURS if adds_up(claim, document) else OTHERWISE
    first = value[0] if isinstance(value, list) else value
    is_coded = choices or (isinstance(first, dict) and ("precision" in first or first.get("code") in _countries()))
    shown = _shown(quote) if is_coded else ""
    is_other = shown and said not in shown and _best(shown, quote, member, choices, value) == OTHERWISE
    return OTHERWISE if is_other else found


@cache
def _choices():
    """Return ``{(member, code): ((code, name) …)}``: the values among which a member has one of a list."""
    found = {}
    for model in apps.get_models():
        for column in model._meta.fields if hasattr(model, "members") else ():
            listed = tuple((str(code), str(name)) for code, name in column.choices or ())
            found |= {(column.name, code): listed for code, _name in listed}
    return found


def _code(value):
    return value.get("code") if isinstance(value, dict) else value if isinstance(value, str) else None


def _shown(quote):
    """Return the text of an XML element that has no others in it but its text: its attributes may say another thing."""
    is_element = quote.startswith("<") and quote.count("</") < 3
    return " ".join(re.sub(r"<[^<>]*>", " ", quote).split()) if is_element else ""


def _best(said, quote, member, choices, value):
    """Return how a text reads beside a value; beside a list, how it reads beside that item of which it tells most."""
    items = value if isinstance(value, list) else [value]
    return min((_of_item(said, quote, member, choices, item) for item in items), key=READINGS.index)


def _of_item(said, quote, member, choices, item):
    is_text = isinstance(item, str)
    if choices:
        found = [_of_choice(said, _code(item), choices)]
    elif isinstance(item, bool):
        name = _plain(member).removeprefix("is ")
        found = [{None: None, item: AS_VALUE}.get(_stands(said, name), OTHERWISE)]
    elif is_text:
        found = [_of_date(said, quote, item) if _ISO.fullmatch(item) else _of_text(said, item)]
    elif "precision" in item:
        found = [_of_date(said, quote, item["value"])]
    elif item.get("code") in _countries():
        found = [_of_country(said, item["code"], item["name"])]
    else:
        found = [_of_sum(said, quote, item), _of_number(said, item), _of_names(said, item)]
    return next((word for word in (OTHERWISE, AS_VALUE) if word in found), OURS)


# -- What says all of a value --


def reads(text, value):
    """Whether ``text``, as a source states it, can be read as ``value`` of a document: all of it, without guessing."""
    if isinstance(value, bool) or value is None:
        return False
    if not isinstance(value, dict):
        return _has(text, str(value)) and _has(text, "not") == _has(str(value), "not")
    if "precision" in value:
        return value["planned"] == ("plan" in fold(text)) and _reads_date(text, value["value"])
    if value.get("amount"):
        return _reads_sum(text, value)
    rest = [part for name, part in value.items() if name not in (*_NAMING, "kind") and part is not None]
    return tells(text, value) and all(reads(text, part) for part in rest)


def tells(text, item):
    """Whether ``text`` tells of an item of a list: its sum where it has one and the text has figures, else its name."""
    if not isinstance(item, dict):
        return _has(text, str(item))
    if item.get("amount") and _FIGURES.search(text):
        return _reads_sum(text, item)
    return any(_has(text, one[name]) for one in _named(item) for name in ("code", "name", "title") if one.get(name))


def _reads_sum(text, item):
    """Whether a text has one number, which can only be the sum of ``item``, and names its currency."""
    [one, *others] = _sums(text) or [None]
    return bool(one and not others and one.is_whole and one[:2] == ({_amount(item)}, {item["currency"]}))


def _amount(item):
    """Return the amount of a sum; one that is no number is not a number."""
    try:
        return Decimal(item["amount"])
    except ArithmeticError:
        return Decimal("NaN")


def _reads_date(text, value):
    """Whether a text names one date, which is ``value`` or lies within it."""
    found, wanted = _dates(text), _parts(value)
    return len(found) == 1 and {one[: len(wanted)] for one in found[0]} == {wanted}


def _has(text, words):
    """Whether ``words`` stand in ``text`` as whole words, whatever their case, accents and punctuation."""
    words = _plain(words)
    return bool(words) and f" {words} " in f" {_plain(text)} "


@_kept
def _plain(text):
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _named(item):
    """Return what an item may name: itself, and what is within it."""
    return [one for one in (item, *item.values()) if isinstance(one, dict)]


# -- Sums --

_UNITS = {
    1_000: "k thousand thousands tsd mille milliers тыс тысяч",
    1_000_000: "m mn mio mln mil million millions millionen milioane млн миллион миллиона миллионов",
    1_000_000_000: "bn bln mrd billion billions milliard milliards milliarden млрд",
}
_WORDED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_FACTORS = {word: factor for factor, words in _UNITS.items() for word in words.split()}
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₾": "GEL", "₴": "UAH", "₽": "RUB", "֏": "AMD", "₼": "AZN"}
_DOLLARS = {"": "USD", "US": "USD", "C": "CAD", "CA": "CAD", "CAD": "CAD", "A": "AUD", "AU": "AUD", "NZ": "NZD"}
_MONEY = {
    "euro": "EUR", "dollar": "USD CAD AUD NZD", "pound": "GBP", "franc": "CHF XOF XAF", "leu": "MDL RON",
    "lei": "MDL RON", "lari": "GEL", "dram": "AMD", "manat": "AZN", "hryvnia": "UAH", "ruble": "RUB BYN",
    "rouble": "RUB BYN", "krona": "SEK ISK", "kronor": "SEK", "krone": "NOK DKK", "kroner": "NOK DKK",
    "koruna": "CZK", "zloty": "PLN", "yen": "JPY", "lira": "TRY",
}  # fmt: skip
_ENGLISH = {"ALL", "TOP", "TRY", "CUP", "COP", "MAD", "PEN", "SIT", "LAK"}  # codes that are words in capitals, too
_FIGURES = re.compile(
    r"(?<![\d.,])(?<![^\W\d][-_/])((?<!\w)[-−])?(\d{1,3}([ '’.,])\d{3}(?!\d)(?:\3\d{3}(?!\d))*|\d+)([.,]\d+)?"
)
_WORDED_FIGURES = re.compile(rf"(?i)\b(?:{'|'.join(_WORDED)})(?= [mb]illion)")
_UNIT = re.compile(r"[ -]?([^\W\d_]{1,12})\b")
_CURRENCY = r"(?:([A-Z]{0,3}) ?([€£¥₾₴₽֏₼$])|(?<![^\W\d_])([A-Z]{3})(?![^\W\d_])|(?<![^\W\d_])([a-z]{3,9})(?![^\W\d_]))"
_ANYWHERE = re.compile(_CURRENCY)
_BEFORE = re.compile(_CURRENCY + r"[ :]*$")
_AFTER = re.compile(r" ?(?:(?:of|in|de) |d['’])?(?:US |[A-Z][a-z]{3,9} )?" + _CURRENCY)
_REST = re.compile(r"\s*(?:$|[^\w\s-]|[A-Z]{3}\b)")  # what may follow a number that is no other
_BELOW = re.compile(r"(?:^|[\s(])[-−][A-Z]{0,3}[€£$]? ?$")


class _Sum(NamedTuple):
    """A number: the amounts that it may be, the codes of its currencies, none if none is named.

    ``is_whole``: nothing follows that may be a unit. ``is_money``: it is surely a sum.
    """

    amounts: frozenset
    currencies: frozenset
    is_whole: bool
    is_money: bool


@_kept
def _sums(text):
    """Return a _Sum for each number of a text but percentages."""
    text, found = re.sub(r"\s", " ", text), []
    text = _WORDED_FIGURES.sub(lambda word: str(_WORDED.index(word[0].lower()) + 1), text)
    anywhere, has_words = _currencies(text), re.search(r"[^\W\d_]", text)
    for match in _FIGURES.finditer(text):
        sign, whole, mark, cents = match.groups()
        unit = _UNIT.match(text, match.end())
        factor = _FACTORS.get(unit[1].casefold(), 1) if unit else 1
        end = unit.end() if factor > 1 else match.end()
        if text[end : end + 2].strip().startswith("%"):
            continue
        ahead = text[max(0, match.start() - 16) : match.start()]
        before, after = _BEFORE.search(ahead), _AFTER.match(text, end)
        beside, follows = (_codes(*each.groups()) if each else frozenset() for each in (before, after))
        factor = -factor if sign or _BELOW.search(ahead) else factor
        figures = re.sub(r"\D", "", whole)
        amounts = {factor * Decimal(f"{figures}.{cents[1:]}" if cents else figures)}
        if mark and mark in ".," and not cents and whole.count(mark) == 1:  # 2.584: two thousand, or two and a half
            amounts.add(factor * Decimal(whole.replace(",", ".")))
        is_unit = abs(factor) > 1
        is_whole = bool(is_unit or follows or _REST.match(text, end))
        is_money = bool(beside or follows or is_unit or len(whole) > 4 or not has_words)
        found.append(_Sum(frozenset(amounts), beside or follows or anywhere, is_whole, is_money))
    return found


def _currencies(text):
    """Return the codes of all currencies that a text names."""
    return frozenset().union(*(_codes(*match) for match in _ANYWHERE.findall(text)))


def _codes(prefix, sign, code, word):
    if sign:
        known = _SIGNS.get(sign) or _DOLLARS.get(prefix, "")
    elif code:
        known = code if code in _all_currencies() and code not in _ENGLISH else ""
    else:
        known = _MONEY.get(word) or _MONEY.get(word.removesuffix("s"), "")
    return frozenset(known.split())


@cache
def _all_currencies():
    return frozenset(list_currencies())


def _said_sums(said, quote, currency):
    """Return the sums of a text that may be in ``currency``, and whether it has any."""
    sums = [one for one in _sums(said) if one.is_money]
    named = _currencies(quote) if any(not one.currencies for one in sums) else ()
    return [one for one in sums if currency in (one.currencies or named or (currency,))], bool(sums)


def _of_sum(said, quote, item):
    if not item.get("amount"):
        return None
    amount, (sums, has_any) = _amount(item), _said_sums(said, quote, item["currency"])
    if not has_any or any(amount in one.amounts for one in sums):
        return AS_VALUE if has_any else None
    return OURS if len(sums) > 1 and sum(max(one.amounts) for one in sums) == amount else OTHERWISE


def adds_up(claim, document):
    """Whether a claim states one of several sums of a source that come to what the document has, as commitments do."""
    value, amounts = document[claim["field"]], {}
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and item.get("amount"):
            amounts.setdefault(item["currency"], []).append(_amount(item))
    for currency, wholes in amounts.items():
        parts, is_part = [], False
        for each in document["claims"] if _said_sums(claim["as_stated"], claim["quote"], currency)[0] else ():
            is_alike = each["field"] == claim["field"] and each["source"]["slug"] == claim["source"]["slug"]
            sums, _any = _said_sums(each["as_stated"], each["quote"], currency) if is_alike else ((), False)
            if len(sums) == 1 and not each["set_aside"]:
                parts.append(max(sums[0].amounts))
                is_part = is_part or (each == claim and parts[-1] not in wholes)
        rest = [part for part in parts if part not in wholes]
        left = [whole for whole in wholes if whole not in parts]
        adds_up = sum(parts) == sum(wholes) or sum(rest) == sum(left)
        if is_part and len(parts) > 1 and (adds_up or len(parts) >= _MANY):
            return True
    return False


# -- Dates --

_YEAR = r"(?P<y>(?:1[5-9]|2[01])\d\d)"
_TO = r"(?: (?:to|and|or|until|till|et|au|a))?"
_FORMS = tuple(
    re.compile(form + r"(?!\S)")
    for form in (  # of tokens, where May is m5; y, m, d: year, month, day; n: day or month
        rf"(?:(?P<d>\d\d?) )?m(?P<m>\d\d?){_TO}(?= (?:\d\d? )?m\d\d? (?:\d\d? )?{_YEAR})",  # May … of: May to July 2012
        rf"(?P<d>\d\d?){_TO}(?= \d\d? m(?P<m>\d\d?) {_YEAR})",  # 3 … of: 3 to 5 May 2012
        rf"(?:(?P<d>\d\d?) )?m(?P<m>\d\d?) {_YEAR}",
        rf"m(?P<m>\d\d?) (?P<d>\d\d?) {_YEAR}",
        rf"{_YEAR} m(?P<m>\d\d?)(?: (?P<d>\d\d?))?",
        rf"{_YEAR} (?P<m>\d\d)(?: (?P<d>\d\d))?",
        rf"(?P<n>\d\d?) (?P<m>\d\d?) {_YEAR}",
        rf"(?P<m>\d\d) {_YEAR}",
        _YEAR,
    )
)
_WITHIN = {"st", "nd", "rd", "th", "er", "of", "de", "the"}  # words that may stand within a date


@cache
def _months():
    """Return ``{name or its abbreviation, folded: number}`` in several languages."""
    found = {"sept": 9}
    for language in reversed(_LANGUAGES):
        for widths in Locale(language).months.values():
            found |= {_plain(name): month for width in ("wide", "abbreviated") for month, name in widths[width].items()}
    return {name: month for name, month in found.items() if name.isalpha()}


@_kept
def _dates(text):
    """Return for each date of a text the ways to read it: {(year,)}, {(year, month)} or {(year, month, day)}."""
    folded = re.sub(r"\b((?:19|20)\d\d)([01]\d)([0-3]\d)\b", r"\1 \2 \3", fold(text))
    tokens = [one for one in re.findall(r"\d+|[^\W\d_]+", folded) if one not in _WITHIN]
    line = " ".join(f"m{_months()[one]}" if one in _months() else one for one in tokens)
    found, at = [], 0
    while at < len(line):
        if match := next((match for form in _FORMS if (match := form.match(line, at))), None):
            found += _ways({name: part and int(part) for name, part in match.groupdict().items()}, text)
            at = match.end()
        at = line.find(" ", at) + 1 or len(line)
    return found


def _ways(parts, text):
    year, month, day, other = (parts.get(name) for name in "ymdn")
    if other:  # 12/05/2012: of May, or of December
        ways = _possible(year, month, other) | _possible(year, other, month)
        return [ways - {(year,)} or ways]
    if month and not day and month == year % 100 + 1:  # 2012/13, or 2009-10
        return [_possible(year, month) | {(year,)}, {(year + 1,)}]
    is_sure = day or not month or re.search(rf"{year}[-/.]\d|\d[-/.]{year}|[^\W\d_]", text)
    return [_possible(year, month, day) | (set() if is_sure else {(year,)})]


def _possible(year, month=None, day=None):
    """Return {the date}, as precise as it is given; {the year} where there is no such day."""
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return {(year,)}
    return {tuple(part for part in (year, month, day) if part)}


def _parts(value):
    return tuple(map(int, re.findall(r"\d+", value)))


def _of_date(said, quote, value):
    wanted, found = _parts(value), _dates(said)
    if not found or found == [{wanted}]:
        return AS_VALUE if found else None
    ways = set().union(*found)
    if any(one[: len(wanted)] == wanted for one in ways):
        return OURS
    is_vague, at = any(one == wanted[: len(one)] for one in ways), quote.find(said)
    around = quote[max(0, at - 40) : at + len(said) + 40]  # as in: on 3 May 2012
    return OURS if is_vague and {wanted} in _dates(around) else OTHERWISE


# -- Countries --


@cache
def _countries():
    """Return ``{ISO 3166-1 code: its names, plain}`` by CLDR, in several languages."""
    found = {}
    for language in _LANGUAGES:
        for code, name in countries(language).items():
            found.setdefault(code, set()).add(_plain(name))
    for code, name in (("CZ", "czech republic"), ("SK", "slovak republic"), ("TR", "turkey"), ("CI", "ivory coast")):
        found[code].add(name)
    return found


@cache
def _codes_of_countries():
    return {name: code for code, names in _countries().items() for name in names}


@_kept
def _countries_in(text):
    """Return the codes of the countries that a text names, of names within one another the longest, or is a list of."""
    codes = set(re.findall(r"\w+", text.upper() if len(text) == 2 and text.islower() else text))
    if codes <= _countries().keys():
        return codes
    tokens, found, at = _plain(text).split(), set(), 0
    while at < len(tokens):
        names = (" ".join(tokens[at : at + length]) for length in range(6, 0, -1))
        name = next((name for name in names if name in _codes_of_countries()), "")
        found |= {_codes_of_countries()[name]} if name else set()
        at += name.count(" ") + 1
    return found


def _of_country(said, code, name):
    found = _countries_in(said)
    if code in found or _has(said, name):
        return AS_VALUE
    return OTHERWISE if found else None


# -- Names and other texts --

_COMMON = {  # words that many names have
    "agency", "authorities", "authority", "commission", "committee", "company", "consortium", "council", "countries",
    "country", "department", "directorate", "foundation", "fund", "government", "institute", "international", "member",
    "ministry", "municipality", "national", "ngo", "office", "organisation", "organization", "partner", "partners",
    "programme", "program", "project", "service", "state", "states", "union", "component",
}  # fmt: skip
_LITTLE_OF = {  # words that tell the language of a text, folded
    "en": "a and at by for from in its it of on the this to under with",
    "fr": "a aux d dans de des du en et l la le les par pour sur une",
    "de": "an auf das dem den der des die fur im in mit und von zu zum zur",
    "ro": "a al ale cu de din in la pe pentru prin si",
}
_LITTLE = {word for words in _LITTLE_OF.values() for word in words.split()}
_IDENTIFIER = re.compile(r"(?=\S*[-/_])(?=\S*[A-Z0-9])\S+")
_DENIED = {"not", "never", "no", "non", "nor", "without"}
_OPEN = {"will", "shall", "should", "to", "would", "may", "might", "could"}


def _of_names(said, item):
    things = [one for one in _named(item) if any(one.get(name) for name in _NAMING)]
    found = [_of_name(said, one) for one in things]
    if AS_VALUE not in found:
        return OTHERWISE if found and None not in found else None
    if any(word == OTHERWISE and "code" in one for word, one in zip(found, things, strict=True)):
        for capitals in re.findall(r"\b[A-Z]{3,}\b", said):  # another abbreviation than any of these
            if capitals not in _all_currencies() and AS_VALUE not in [_of_name(capitals, one) for one in things]:
                return OTHERWISE
    return AS_VALUE


def _of_name(said, one):
    names = [*(one[name] for name in _NAMING if one.get(name)), *one.get(CALLED, ())]
    if any(_has(said, name) for name in names):
        return AS_VALUE
    if _IDENTIFIER.fullmatch(said) and not (re.search(r"\d", said) and re.search(r"\d", one.get("slug", ""))):
        return None  # of identifiers nothing is known here
    told = _proper(said)
    if not told or any(_fits(said, told, name) for name in names):
        return AS_VALUE if told else None
    return None if any(_are_of_two_languages(said, name) for name in names) else OTHERWISE


def _fits(said, told, name):
    """Whether all words that tell one name are among those of the other, or one is the initials of the other."""
    words = [one for one in _words(name) if one not in _COMMON]
    return (words and _are_in(words, _words(said))) or _are_in(told, _words(name)) or _are_initials(said, name)


def _words(text):
    return [one for one in _plain(text).split() if one not in _LITTLE]


@cache
def _no_names():
    return _COMMON | _LITTLE | _months().keys() | {fold(code) for code in _all_currencies()}


@_kept
def _proper(text):
    """Return the words of the names in a text, folded, but common ones; a capital at its start may be of no name."""
    words = re.findall(r"[^\W_]+", text)
    if len(text.split()) < 2:
        is_word = len(text) > 1 and re.search(r"[^\W\d_]", text) and fold(text) not in _LITTLE
        return [fold(one) for one in words] if is_word else []
    capital = [one for one in words if one[0].isupper()]
    if capital and capital[0] == words[0] and not words[0].isupper() and capital[1:2] != words[1:2]:
        del capital[:1]
    return [folded for one in capital if (folded := fold(one)) not in _no_names()]


def _are_initials(said, name):
    """Whether a text has the initials of ``name``, or the words of which it is the initials; little words may count."""
    capitals = {fold(one) for one in re.findall(r"\b[^\W\d_]{2,8}\b", said) if one.isupper()}
    is_short = name.isupper() and name.isalpha() and len(name) < 9
    has_some = any(one in letters for one in capitals for letters in _initials(name) if len(one) > 2 or one == letters)
    return has_some or (is_short and any(fold(name) in letters for letters in _initials(said)))


@_kept
def _initials(text):
    return {"".join(one[0] for one in words) for words in (_plain(text).split(), _words(text))}


def _count_in(words, others):
    """Return how many of ``words`` are among ``others``, or nearly: ``Georgian`` is like ``Georgia``."""
    by_start = {}
    for one in others:
        by_start.setdefault(one[:4], set()).add(one)
    alike = [by_start.get(one[:4], ()) for one in words]
    return sum(one in some or any(map(_alike, [one] * len(some), some)) for one, some in zip(words, alike, strict=True))


def _are_in(words, others):
    return _count_in(words, others) == len(words)


def _alike(one, other):
    short, long = sorted((one.replace("z", "s"), other.replace("z", "s")), key=len)
    stem = short[: max(4, len(short) - 1)]
    return len(short) > 3 and short.isalpha() and len(long) < len(short) + 4 and long.startswith(stem)


def _of_number(said, item):
    numbers = re.findall(r"\d+", said) if "number" in item else []
    return OTHERWISE if numbers and str(item["number"]) not in numbers else None


def _of_text(said, value):
    """Shorter or longer is no other text; one that has other names is."""
    value = value.rstrip("… ")
    if _has(said, value) or _has(value, said):
        return AS_VALUE
    own, told = _words(value), _words(said)
    is_name = len(told) > 3 or said[:1].isupper() or _proper(said)
    if (
        _are_of_two_languages(said, value) or len(said) < 2 or not is_name or _COMMON.issuperset(told)
    ):  # the empty set, too
        return None
    if _are_in(own, told) or _are_initials(said, value):
        return AS_VALUE
    if 2 * _count_in(told, own) < min(len(told), len(own)):
        return OTHERWISE
    return None if _are_in(told, own) or _are_in(_proper(value), told) else OTHERWISE


def _are_of_two_languages(one, other):
    """Whether two texts have no script, or no language, in common, as far as their little words tell."""
    if not (re.search("[A-Za-z]", one) and re.search("[A-Za-z]", other)):
        return True
    languages = _languages(one), _languages(other)
    return all(languages) and not languages[0] & languages[1]


@_kept
def _languages(text):
    """Return the languages of which a text has most little words; none of a text without any."""
    words = _plain(text).split()
    counts = {language: sum(map(words.count, little.split())) for language, little in _LITTLE_OF.items()}
    return {language for language, count in counts.items() if count == max(counts.values()) > 0}


@_kept
def _of_choice(said, value, choices):
    """Which of several words stands in a text: the one that is the value, or another."""
    if said == value:
        return AS_VALUE
    stands = {code: {_stands(said, name), _stands(said, code)} for code, name in choices}
    lengths = {code: len(_words(name)) for code, name in choices if True in stands[code]}
    if value in lengths:
        return AS_VALUE if lengths[value] == max(lengths.values()) else OTHERWISE
    return OTHERWISE if lengths or False in stands.get(value, ()) else None


def _stands(said, words):
    """Return whether all ``words`` stand in a text: True; False where they are denied; None where they do not."""
    text, words = _plain(said).split(), _words(words)
    if not words or not _are_in(words, text) or (words[0].isdigit() and words != text):
        return None
    at = next((place for place, one in enumerate(text) if one[:4] == words[0][:4]), 0)
    before = {*text[max(0, at - 3) : at]}
    return False if before & _DENIED else None if before & _OPEN else True
