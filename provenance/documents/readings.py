"""How the words of a source compare with a value of a document. Pure: texts and documents in, a word out.

Only a different sum, date or name counts as different; other words than the value's are our reading.
"""

import re
from decimal import Decimal
from functools import cache, lru_cache

import orjson
from django.apps import apps

from .dates import LANGUAGES, found_in, months
from .declaration import MONEY, Date, of_kind
from .folding import WORDS, countries, fold
from .names import OFFICIAL_NAMES, other_names
from .sums import FIGURES, currencies, currencies_in, numbers_in

AS_VALUE, OURS, OTHERWISE = READINGS = ("as-value", "ours", "otherwise")  # best first
_NAMING = ("name", "title", "code", "slug")
CALLED = "called"  # further names of a record, added to its item for the comparison
_MANY = 100  # so many sums of one source for a member may be incomplete
_ATTRIBUTE = re.compile(r'[\w:.-]+="[^"]*"')
_MARKUP = re.compile(f"<[^<>]*>|{_ATTRIBUTE.pattern}")
_ISO = re.compile(r"\d{4}(?:-\d\d){0,2}")
_HALF_A_CENT = Decimal("0.005")  # amounts are kept in cents, and some files state more digits
_kept = lru_cache(4096)  # the same short texts come up again and again
_CLAUSE = re.compile(r"[,.;:](?!\d)|(?i:\b(?=but|except|excluding|without|while|mais|sauf|hormis)\b)")
_DENIAL = re.compile(r"(?i)\b(?:not|never|neither|except|excluding|without|cannot|\w+n['’]t|pas|sauf|hormis|sans)\b")
_WORDS_BEFORE = re.compile(r"(?<!\w)(?:[\w’']+ ){1,5}\Z")
_GOES_ON = re.compile(r"\d\d|[^\W\d_]{2}")
_DENIES_NEXT = re.compile(rf"{_DENIAL.pattern}|\bno longer\b")
_NO_DENIAL = re.compile(r"(?i)\b(?:not (?:only|limited|later|before|more|less|exceeding|stated|known)|pas seulement)\b")


def reading(claim, document):
    """Return how ``claim`` compares with the value of its member in ``document``: AS_VALUE, OURS or OTHERWISE.

    OTHERWISE: a different sum, date or name, or a date less precise than the value.
    """
    member, value = claim["field"], document.get(claim["field"])
    if value == claim["as_stated"] != "" and (member, value) not in _choices() and not _ISO.fullmatch(value):
        return AS_VALUE  # a text in the source's own words, as most are
    json, quote = orjson.dumps(value), claim["quote"]
    if not re.search(rb"[0-9]", json) and '="' not in quote and "<" not in quote and not _DENIES_NEXT.search(quote):
        quote = ""  # only read for sums, dates, elements and denials; the same words often state the same value
    result = _reading_alone(member, claim["as_stated"], quote, json)
    if result != OTHERWISE:
        return result
    # An IATI activity names its parts by their identifiers: that states what each of them is part of.
    is_own_key = isinstance(value, dict) and plain(claim["as_stated"]) == plain(document.get("slug") or "")
    return OURS if is_own_key or _adds_up(claim, document) else OTHERWISE


@lru_cache(10_000)
def _reading_alone(member, as_stated, quote, json):
    """Return how the words of a claim compare with a value (``json``), whatever other claims state."""
    value = orjson.loads(json)
    if value in (None, "", []):
        return OTHERWISE if re.search(r"\d", as_stated) else OURS
    choices = _choices().get((member, _code(value)), ())
    first = value[0] if isinstance(value, list) else value
    is_named = isinstance(first, dict) or (isinstance(first, str) and _ISO.fullmatch(first))
    affirmed = as_stated = _with_denial(as_stated, quote) if choices or is_named else as_stated
    if is_named and not choices and not _DENIAL.search(json.decode()):  # Médecins Sans Frontières denies nothing
        affirmed = _affirmed(as_stated)
    result = _best(affirmed, quote, member, choices, value)
    if result == OURS and affirmed != as_stated and _best(as_stated, quote, member, choices, value) == AS_VALUE:
        result = OTHERWISE  # it is denied: all countries but not Georgia
    if result == OTHERWISE:
        return result
    is_coded = choices or (isinstance(first, dict) and ("precision" in first or first.get("code") in countries()))
    element = _shown(quote) if is_coded else ""
    differs = element and as_stated not in element and _best(element, quote, member, choices, value) == OTHERWISE
    return OTHERWISE if differs else result


def _with_denial(as_stated, quote):
    """Return the words of a claim with those that deny them just before them in its quote."""
    before = _WORDS_BEFORE.search(quote, 0, next(iter(_places(as_stated, quote)), 0))
    return before[0] + as_stated if before and _DENIES_NEXT.search(before[0]) else as_stated


def _in_sentence(find, as_stated, quote):
    """Return what ``find`` finds in the words of a claim as its sentence says it: EUR 3 million for “3”."""
    found, places = find(quote) if as_stated in quote else [], _places(as_stated, quote)
    for at in places:
        if here := [each for each in found if each.start < at + len(as_stated) and at < each.end]:
            return here
    return [] if places else find(as_stated)


def _places(as_stated, quote):
    """Return where the words of a claim stand in its quote without going on at either end."""
    at, places = quote.find(as_stated), []
    while as_stated and at >= 0:
        if not any(_GOES_ON.match(quote, max(0, end - 1)) for end in (at, at + len(as_stated)) if end):
            places.append(at)
        at = quote.find(as_stated, at + 1)
    return places


def _affirmed(text):
    """Return ``text`` without the clauses that deny or except something."""
    clauses = _CLAUSE.split(text)
    kept = [clause for clause in clauses if not _DENIAL.search(clause) or _NO_DENIAL.search(clause)]
    return text if kept == clauses else " ".join(kept)


@cache
def _choices():
    """Return ``{(member, code): ((code, name), …)}``: all choices of the members that have choices."""
    choices = {}
    for model in apps.get_models():
        for column in model._meta.fields if hasattr(model, "members") else ():
            listed = tuple((str(code), str(name)) for code, name in column.choices or ())
            choices |= {(column.name, code): listed for code, _name in listed}
    return choices


def _code(value):
    return value.get("code") if isinstance(value, dict) else value if isinstance(value, str) else None


def _shown(quote):
    """Return the text of a quoted XML element without nested ones: its attributes may state something else.

    Claims quote elements without their tags; those of earlier versions quote them whole.
    """
    is_element = (_ATTRIBUTE.match(quote) and ";" not in quote) or (quote.startswith("<") and quote.count("</") < 3)
    return " ".join(_MARKUP.sub(" ", quote).split()) if is_element else ""


def _best(as_stated, quote, member, choices, value):
    """Return the best of the readings for each item of a value."""
    items = value if isinstance(value, list) else [value]
    return min((_of_item(as_stated, quote, member, choices, item) for item in items), key=READINGS.index)


def _of_item(as_stated, quote, member, choices, item):
    is_text = isinstance(item, str)
    if choices:
        readings = [_of_choice(as_stated, _code(item), choices)]
    elif isinstance(item, bool):
        name = plain(member).removeprefix("is ")
        readings = [{None: None, item: AS_VALUE}.get(_stands(as_stated, name), OTHERWISE)]
    elif is_text:
        is_date = _ISO.fullmatch(item)
        readings = [_of_date(as_stated, quote, member, item) if is_date else _of_text(as_stated, item)]
    elif "precision" in item:
        readings = [_of_date(as_stated, quote, member, item["value"])]
    elif item.get("code") in countries():
        readings = [_of_country(as_stated, item["code"], item["name"])]
    else:
        words = _without_sums(as_stated) if item.get("amount") else as_stated
        readings = [_of_sum(as_stated, quote, item), _of_number(as_stated, item), _of_names(words, item)]
        roles = [(name, code) for name, code in item.items() if isinstance(code, str) and (name, code) in _choices()]
        readings += [_of_words(as_stated, code, dict(_choices()[name, code])) for name, code in roles]
    return next((word for word in (OTHERWISE, AS_VALUE) if word in readings), OURS)


# -- Texts that state a whole value --


def states(text, value):
    """Whether ``text`` states all of a document's ``value``, without guessing."""
    if isinstance(value, bool) or value is None:
        return False
    if not isinstance(value, dict):
        return _has(text, str(value)) and _has(text, "not") == _has(str(value), "not")
    if "precision" in value:
        dates = found_in(text)  # the value, or what lies within it
        is_read = len(dates) == 1 and all(way.startswith(value["value"]) for way in dates[0].ways)
        return is_read and value["planned"] == ("plan" in fold(text))
    if value.get("amount"):
        return _reads_sum(text, value)
    rest = [part for name, part in value.items() if name not in (*_NAMING, "kind") and part is not None]
    return mentions(text, value) and all(states(text, part) for part in rest)


def mentions(text, item):
    """Whether ``text`` mentions a list item: by its sum if both have figures, else by name."""
    if not isinstance(item, dict):
        return _has(text, str(item))
    if item.get("amount") and FIGURES.search(text):
        return _reads_sum(text, item)
    return any(_has(text, part[name]) for part in _named(item) for name in ("code", "name", "title") if part.get(name))


def _reads_sum(text, item):
    """Whether the only number in ``text`` can only be the sum of ``item``, with its currency."""
    [only, *others] = numbers_in(text) or [None]
    return bool(only and not others and only.is_whole and only[:2] == ({_amount(item)}, {item["currency"]}))


def _amount(item):
    """Return the amount of a sum; NaN if it is not a number."""
    try:
        return Decimal(item["amount"])
    except ArithmeticError:
        return Decimal("NaN")


def _has(text, words):
    """Whether ``text`` contains ``words`` as whole words, ignoring case, accents and punctuation."""
    words = plain(words)
    return bool(words) and f" {words} " in f" {plain(text)} "


@_kept
def plain(text):
    """Return the words of a text, folded, without punctuation."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _named(item):
    """Return ``item`` and the objects in it: whatever may have a name."""
    return [part for part in (item, *item.values()) if isinstance(part, dict)]


# -- Sums --


def _sums_in(as_stated, quote, currency):
    """Return (sums in a text that may be in ``currency``, whether it has any sums)."""
    is_bare = not re.search(r"[^\W\d_]", as_stated)  # a number in a cell or an attribute
    sums = [each for each in _in_sentence(numbers_in, as_stated, quote) if each.is_money or is_bare]
    named = currencies_in(quote) if any(not each.currencies for each in sums) else ()
    return [each for each in sums if currency in (each.currencies or named or (currency,))], bool(sums)


def _without_sums(text):
    """Return the words around the sums in ``text``: the M of “1,5 M€” is no name."""
    for each in reversed(numbers_in(text)):
        text = f"{text[: each.start]} {text[each.end :]}" if each.is_money else text
    return text.strip()


_PART = re.compile(r"(?i)\b(?:of which|including|dont|y compris)\b")  # before a part of a total
_RANGE = re.compile(r"\b(?:from|between|de|entre) \S{0,4} ?\d.*\b(?:to|and|à|et)\b")  # between EUR 2 and 3 million


def _of_sum(as_stated, quote, item):
    if not item.get("amount"):
        return None
    whole = _PART.split(as_stated)[0] if item.keys() == MONEY.keys() else as_stated
    amount, (sums, has_any) = _amount(item), _sums_in(whole, quote, item["currency"])
    if not has_any or any(
        amount.is_finite() and abs(figure - amount) <= _HALF_A_CENT for each in sums for figure in each.amounts
    ):
        return AS_VALUE if has_any else None
    is_sum = len(sums) > 1 and sum(max(each.amounts) for each in sums) == amount
    return OURS if is_sum and not _RANGE.search(as_stated) else OTHERWISE


def _adds_up(claim, document):
    """Whether a claim states the total of several sums, or one of several of a source that add up to the document's."""
    value, amounts = document.get(claim["field"]), {}
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and item.get("amount"):
            amounts.setdefault(item["currency"], []).append(_amount(item))
    for currency, wholes in amounts.items():
        parts, is_part = [], False
        own, _any = _sums_in(claim["as_stated"], claim["quote"], currency)
        if len(wholes) > 1 and any(sum(wholes) in each.amounts for each in own):
            return True
        for other in document["claims"] if own else ():
            is_alike = other["field"] == claim["field"] and other["source"]["slug"] == claim["source"]["slug"]
            sums, _any = _sums_in(other["as_stated"], other["quote"], currency) if is_alike else ((), False)
            if len(sums) == 1 and not other["set_aside"]:
                parts.append(max(sums[0].amounts))
                is_part = is_part or (other == claim and parts[-1] not in wholes)
        rest = [part for part in parts if part not in wholes]
        left = [whole for whole in wholes if whole not in parts]
        is_total = sum(parts) == sum(wholes) or sum(rest) == sum(left)
        if is_part and len(parts) > 1 and (is_total or len(parts) >= _MANY):
            return True
    return False


# -- Dates --


_PERIOD = re.compile(  # from 2010 to 2013; started in 2010 and ended in 2013; 2010–2013
    r"(?i)\b(?:from|since|between|de|du|depuis|entre)\b[^.;,]*\b(?:to|till|until|and|à|au|et|jusqu)\b[^.;,]*\d"
    r"|\bstart[^.;]*\d[^.;]*\bend[^.;]*\d|\d{4} ?[-–—] ?(?:\d\d?[./ ]){0,2}\D*\d{4}"
)


@cache
def _bounds():
    """Return ``{member: whether it is the end of a period, not the start}`` of the members that are one of them."""
    kinds = [model for model in apps.get_models() if hasattr(model, "claimable")]
    members = [member for model in kinds for member in of_kind(model, Date)]
    return {member.name: member.is_end for member in members if member.is_end is not None}


def _of_date(as_stated, quote, member, value):
    dates = [each.ways for each in _in_sentence(found_in, as_stated, quote)]
    is_period = len(dates) == 2 and min(dates[0]) < min(dates[1]) and _PERIOD.search(as_stated)
    bound = dates[_bounds()[member]] if is_period and member in _bounds() else ()
    if bound and not any(value[: len(way)] == way[: len(value)] for way in bound):
        return OTHERWISE  # the end of the period as its start
    if not dates or dates == [{value}]:
        return AS_VALUE if dates else None
    ways = set().union(*dates)
    if any(way.startswith(value) for way in ways):
        return OURS
    is_vague = any(value.startswith(way) for way in ways)  # such as “that year”, after “on 3 May 2012”
    return OURS if is_vague and any({value} == each.ways for each in found_in(quote)) else OTHERWISE


# -- Countries --


@cache
def codes_of_countries():
    """Return ``{name of a country, folded: its ISO 3166-1 code}`` from CLDR, in several languages."""
    named = [pair for language in LANGUAGES for pair in countries(language).items()]
    more = [(code, name) for code, names in WORDS["countries"].items() for name in names]
    return {plain(name): code for code, name in [*named, *more]}


@_kept
def _countries_in(text):
    """Return the codes of the countries in a text: named ones, preferring longer names, or a list of codes."""
    codes = set(re.findall(r"\w+", text.upper() if len(text) == 2 and text.islower() else text))
    if codes <= countries().keys():
        return codes
    tokens, found_codes, at = plain(text).split(), set(), 0
    while at < len(tokens):
        names = (" ".join(tokens[at : at + length]) for length in range(6, 0, -1))
        name = next((name for name in names if name in codes_of_countries()), "")
        found_codes |= {codes_of_countries()[name]} if name else set()
        at += name.count(" ") + 1
    return found_codes


_STEMS = {fold(word): code for code, words in WORDS["peoples"].items() for word in words.split()}


@_kept
def _peoples_in(text):
    """Return the codes of the countries whose people a text names: Moldovan authorities, la police géorgienne."""
    words = plain(text).split()
    return {
        code for stem, code in _STEMS.items() for word in words if word.startswith(stem) and len(word) < len(stem) + 4
    }


def _of_country(as_stated, code, name):
    codes = _countries_in(as_stated)
    if code in codes or _has(as_stated, name):
        return AS_VALUE
    peoples = _peoples_in(as_stated)
    return OTHERWISE if codes or (peoples and code not in peoples) else None


# -- Names and other texts --

_COMMON = {*WORDS["common"].split()}  # words that many names share
_LITTLE_OF = WORDS["little"]  # words that show the language of a text, folded
_LITTLE = {word for words in _LITTLE_OF.values() for word in words.split()}
_IDENTIFIER = re.compile(r"(?=\S*[-/_])(?=\S*[A-Z0-9])\S+")
_DENIED = {"not", "never", "no", "non", "nor", "without", "pas", "sans"}
_OPEN = {"will", "shall", "should", "to", "would", "may", "might", "could"}


def _of_names(as_stated, item):
    things = [thing for thing in _named(item) if any(thing.get(name) for name in _NAMING)]
    readings = [_of_name(as_stated, thing) for thing in things]
    if AS_VALUE not in readings:
        return OTHERWISE if readings and None not in readings else None
    if any(word == OTHERWISE and "code" in thing for word, thing in zip(readings, things, strict=True)):
        for capitals in re.findall(r"\b[A-Z]{3,}\b", as_stated):  # an abbreviation of something else
            if capitals not in currencies() and AS_VALUE not in [_of_name(capitals, thing) for thing in things]:
                return OTHERWISE
    return AS_VALUE


def _of_name(as_stated, named):
    own, key = [named[name] for name in _NAMING if name != "slug" and named.get(name)], named.get("slug", "")
    names = [*own, *named.get(CALLED, ())]
    if any(_has(as_stated, name) for name in names) or (key and plain(as_stated) == plain(key)):
        return AS_VALUE
    if own_countries := {codes_of_countries().get(plain(name)) for name in names} - {None}:
        if own_countries & _countries_in(as_stated):
            return AS_VALUE
        if own_countries & _peoples_in(as_stated):
            return None
    stated, own_countries = _countries_in(as_stated), set().union(*map(_countries_in, names))
    if _is_another_body(as_stated, names) or (stated and own_countries and stated.isdisjoint(own_countries)):
        return OTHERWISE
    if _IDENTIFIER.fullmatch(as_stated) and not (re.search(r"\d", as_stated) and re.search(r"\d", key)):
        return None  # identifiers are not known here
    proper = _proper(as_stated)
    if not proper or any(_fits(as_stated, proper, name) for name in names):
        return AS_VALUE if proper else None
    may_be_former = _fits(as_stated, proper, key)
    return None if may_be_former or any(_are_of_two_languages(as_stated, name) for name in own) else OTHERWISE


def _is_another_body(as_stated, names):
    """Whether a text has the official name, in any language, of a body that has none of ``names``.

    Names of two words, or less, are also parts of others, so they count alone.
    """
    text, own = _without_little(as_stated), {_without_little(name) for name in names}
    return any(
        own.isdisjoint(body)
        and any(name == text or (name.count(" ") > 1 and f" {name} " in f" {text} ") for name in body)
        for body in _OFFICIAL
    )


def _fits(as_stated, proper, name):
    """Whether all distinctive words of one name are in the other, or one is the initials of the other."""
    words = [word for word in _words(name) if word not in _COMMON]
    return (
        (words and _are_in(words, _words(as_stated))) or _are_in(proper, _words(name)) or _are_initials(as_stated, name)
    )


def _words(text):
    return [word for word in plain(text).split() if word not in _LITTLE]


@_kept
def _without_little(text):
    return " ".join(_words(text)).replace("z", "s")


_OFFICIAL = [frozenset(map(_without_little, body)) for body in OFFICIAL_NAMES]


@cache
def _no_names():
    return _COMMON | _LITTLE | months().keys() | {fold(code) for code in currencies()}


@_kept
def _proper(text):
    """Return the folded words of names in ``text``, without common ones; a first word with a capital may be no name."""
    words = re.findall(r"[^\W_]+", text)
    if len(text.split()) < 2:
        is_word = len(text) > 1 and re.search(r"[^\W\d_]", text) and fold(text) not in _LITTLE
        return [fold(word) for word in words] if is_word else []
    capital = [word for word in words if word[0].isupper()]
    is_first = capital and capital[0] == words[0] and not words[0].isupper() and capital[1:2] != words[1:2]
    if is_first and fold(words[0]) not in codes_of_countries():
        del capital[:1]
    return [folded for word in capital if (folded := fold(word)) not in _no_names()]


def _are_initials(as_stated, name):
    """Whether one of a text and ``name`` contains the initials of the other, with or without little words."""
    capitals = {fold(word) for word in re.findall(r"\b[^\W\d_]{2,8}\b", as_stated) if word.isupper()}
    is_short = name.isupper() and name.isalpha() and len(name) < 9
    has_some = any(
        word in letters for word in capitals for letters in _initials(name) if len(word) > 2 or word == letters
    )
    return has_some or (is_short and any(fold(name) in letters for letters in _initials(as_stated)))


@_kept
def _initials(text):
    return {"".join(word[0] for word in words) for words in (plain(text).split(), _words(text))}


def _count_in(words, others):
    """Return how many of ``words`` are among ``others``, or nearly: ``Georgian`` matches ``Georgia``."""
    by_start = {}
    for word in others:
        by_start.setdefault(word[:4], set()).add(word)
    return sum(any(_alike(word, other) for other in by_start.get(word[:4], ())) for word in words)


def _are_in(words, others):
    return _count_in(words, others) == len(words)


def _alike(word, other):
    if word == other:
        return True
    short, long = sorted((word.replace("z", "s"), other.replace("z", "s")), key=len)
    stem = short[: max(4, len(short) - 1)]
    return len(short) > 3 and short.isalpha() and len(long) < len(short) + 4 and long.startswith(stem)


def _of_number(as_stated, item):
    numbers = re.findall(r"\d+", as_stated) if "number" in item else []
    return OTHERWISE if numbers and str(item["number"]) not in numbers else None


def _figures_in(text):
    return frozenset(re.findall(r"\d+", re.sub(r"(?<=\d)[ .,'’](?=\d{3})", "", text)))


def _of_text(as_stated, value):
    """A shorter or longer text agrees; one with other names does not."""
    value = value.rstrip("… ")
    country = codes_of_countries().get(plain(value))
    if as_stated == value or _has(as_stated, value) or _has(value, as_stated) or {country} == _countries_in(as_stated):
        return AS_VALUE
    numbers, stated_numbers = _figures_in(value), _figures_in(as_stated)
    if numbers and stated_numbers and not numbers & stated_numbers:
        return OTHERWISE
    own, stated_words = _words(value), _words(as_stated)
    is_name = len(stated_words) > 3 or as_stated[:1].isupper() or _proper(as_stated)
    if not is_name or len(as_stated) < 2 or _are_of_two_languages(as_stated, value) or {*stated_words} <= _COMMON:
        return None
    if _are_in(own, stated_words) or _are_initials(as_stated, value):
        return AS_VALUE
    if 2 * _count_in(stated_words, own) < min(len(stated_words), len(own)):
        return OTHERWISE
    return None if _are_in(stated_words, own) or _are_in(_proper(value), stated_words) else OTHERWISE


def _are_of_two_languages(text, other):
    """Whether two texts have no script, or no language that their little words show, in common."""
    if not (re.search("[A-Za-z]", text) and re.search("[A-Za-z]", other)):
        return True
    languages = _languages(text), _languages(other)
    return all(languages) and not languages[0] & languages[1]


@_kept
def _languages(text):
    """Return the languages with most little words in ``text``; none if it has none of them."""
    words = plain(text).split()
    counts = {language: sum(map(words.count, little.split())) for language, little in _LITTLE_OF.items()}
    return {language for language, count in counts.items() if count == max(counts.values()) > 0}


@_kept
def _of_choice(as_stated, value, choices):
    """Whether a text names the chosen value, or another choice."""
    if as_stated == value:
        return AS_VALUE
    called = {code: (name, code, *other_names(name)) for code, name in choices}
    stands = {code: {_stands(as_stated, name) for name in names} for code, names in called.items()}
    lengths = {code: len(_words(name)) for code, name in choices if True in stands[code]}
    if value in lengths:
        return AS_VALUE if lengths[value] == max(lengths.values()) else OTHERWISE
    if lengths or False in stands.get(value, ()):
        return OTHERWISE
    return _of_words(as_stated, value, stands)


def _of_words(as_stated, value, codes):
    """Whether other words in a text mean another of ``codes`` than ``value``."""
    text, words = _affirmed(as_stated), _words_of_choices()
    meant = {code for code in codes if any(_says(text, phrase) for phrase in words.get(code, ()))}
    return OTHERWISE if meant and value not in meant else None


def _says(text, words):
    """Whether a text has other ``words`` for a choice; the implementation may be planned, ongoing or completed."""
    return plain(text) == plain(words) if words in ("implementation", "pipeline", "running") else _has(text, words)


@cache
def _words_of_choices():
    """Return ``{code: other words for it}`` of the choices that have some."""
    words = [getattr(model, "words_of_choices", {}) for model in apps.get_models()]
    return {code: names.split(", ") for of_model in words for code, names in of_model.items()}


def _stands(as_stated, words):
    """Return True if all ``words`` are in the text, False if they are denied there, None if they are not there."""
    text, words = plain(as_stated).split(), _words(words)
    if not words or not _are_in(words, text) or (words[0].isdigit() and words != text):
        return None
    at = next((place for place, word in enumerate(text) if word[:4] == words[0][:4]), 0)
    before = {*text[max(0, at - 3) : at]}
    return False if before & _DENIED else None if before & _OPEN else True
