"""How the words of a source compare with a value of a document. Pure: texts and documents in, a word out.

Only a different sum, date or name counts as different; other words than the value's are our reading.
"""

import re
from decimal import Decimal
from functools import cache, lru_cache
from itertools import zip_longest
from typing import NamedTuple

import orjson
from babel.core import get_global
from django.apps import apps

from .dates import LANGUAGES, found_in, months
from .declaration import MONEY, Date, as_list, of_kind
from .folding import WORDS, countries, fold
from .names import OFFICIAL_NAMES, other_names
from .patterns import patterns_of
from .sums import FIGURES, currencies, currencies_in, numbers_in

AS_VALUE, OURS, OTHERWISE = READINGS = ("as-value", "ours", "otherwise")  # best first
_NAMING = ("name", "title", "code", "slug")
CALLED = "called"  # further names of a record, added to its item for the comparison
_MANY = 100  # so many sums of one source for a member may be incomplete
_HALF_A_CENT = Decimal("0.005")  # amounts are kept in cents, and some files state more digits
_kept = lru_cache(4096)  # the same short texts come up again and again
like = patterns_of(__file__)


def reading(claim, document):
    """Return how ``claim`` compares with the value of its member in ``document``: AS_VALUE, OURS or OTHERWISE.

    OTHERWISE: a different sum, date or name, or a date less precise than the value.
    """
    member, value = claim["field"], document.get(claim["field"])
    if value == claim["as_stated"] != "" and (member, value) not in _choices() and not like.ISO.fullmatch(value):
        return AS_VALUE  # a text in the source's own words, as most are
    json, quote = orjson.dumps(value), claim["quote"]
    if (
        not re.search(rb'[0-9]|"role"', json)
        and '="' not in quote
        and "<" not in quote
        and not like.DENIAL.search(quote)
    ):
        quote = ""  # only read for sums, dates, roles, elements and denials; the same words often state the same value
    result = _reading_alone(member, claim["as_stated"], quote, json)
    if result != OTHERWISE:
        return result
    # An IATI activity names its parts by their identifiers: that states what each of them is part of.
    is_own_key = isinstance(value, dict) and plain(claim["as_stated"]) == plain(document.get("slug") or "")
    return OURS if is_own_key or _adds_up(claim, document) else OTHERWISE


class _Stated(NamedTuple):
    """The words of a claim, from ``start`` to ``end`` of the sentence ``text``."""

    text: str
    start: int
    end: int

    @property
    def words(self):
        return self.text[self.start : self.end]

    def affirmed(self):
        """Return the words in a sentence with blanks for what it denies or excepts."""
        return self._replace(text=_affirmed(self.text))

    def within(self, found):
        """Return those of the sums or dates ``found`` in the sentence that the words have at least a part of."""
        return [each for each in found if each.start < self.end and self.start < each.end]


@lru_cache(10_000)
def _reading_alone(member, as_stated, quote, json):
    """Return how the words of a claim compare with a value (``json``), whatever other claims state."""
    value = orjson.loads(json)
    if value in (None, "", []):
        return OTHERWISE if re.search(r"\d", as_stated) else OURS
    choices = _choices().get((member, _code(value)), ())
    first = value[0] if isinstance(value, list) else value
    stated = _in_sentence(as_stated, quote)
    is_text = isinstance(first, str) and not like.ISO.fullmatch(first)
    denies = choices or is_text or like.DENIAL.search(json.decode())  # Médecins Sans Frontières denies nothing
    affirmed = stated if denies else stated.affirmed()
    result = OTHERWISE if _counts_otherwise(as_stated, value) else _best(affirmed, member, choices, value)
    if result == OURS and affirmed != stated and _best(stated, member, choices, value) == AS_VALUE:
        return OTHERWISE  # it is denied: all countries but not Georgia
    is_coded = choices or (isinstance(first, dict) and ("precision" in first or first.get("code") in countries()))
    element = _shown(quote) if is_coded else ""
    if element and as_stated not in element and _best(_in_sentence(element, ""), member, choices, value) == OTHERWISE:
        return OTHERWISE
    return result


def _in_sentence(as_stated, quote):
    """Return the words of a claim where they stand in its quote without going on at either end; else alone."""
    as_stated, quote = re.sub(r"\s", " ", as_stated), re.sub(r"\s", " ", quote)
    at = -1
    while as_stated and (at := quote.find(as_stated, at + 1)) >= 0:
        end = at + len(as_stated)
        if not any(like.GOES_ON.match(quote, max(0, place - 1)) for place in (at, end) if place):
            return _Stated(quote, at, end)
    return _Stated(as_stated, 0, len(as_stated))


def _affirmed(text):
    """Return ``text`` with blanks for what it denies or excepts."""
    if not like.DENIAL.search(text):
        return text
    kept = ""
    for end in [*(match.end() for match in like.CLAUSE.finditer(text)), len(text)]:
        clause = text[len(kept) : end]
        if denial := like.DENIAL.search(clause):
            parted = [match.end() for match in like.OTHER_SUBJECT.finditer(clause, 0, denial.start())]
            start = denial.start() if denial["next"] else max(parted, default=0)
            last = like.DENIED.match(clause, denial.start()).end()
            clause = f"{clause[:start]}{' ' * (last - start)}{clause[last:]}"
        kept += clause
    return kept


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
    is_element = (like.ATTRIBUTE.match(quote) and ";" not in quote) or (quote.startswith("<") and quote.count("</") < 3)
    return " ".join(like.MARKUP.sub(" ", quote).split()) if is_element else ""


def _best(stated, member, choices, value):
    """Return the best of the readings for each item of a value."""
    return min((_of_item(stated, member, choices, item) for item in as_list(value)), key=READINGS.index)


def _of_item(stated, member, choices, item):
    words = stated.words
    if choices:
        readings = [_of_choice(words, stated.affirmed().words, _code(item), choices)]
    elif isinstance(item, bool):
        is_said = _says(words, plain(member).removeprefix("is "))
        readings = [(AS_VALUE if item else OTHERWISE) if is_said else None]
    elif isinstance(item, str):
        readings = [_of_date(stated, member, item) if like.ISO.fullmatch(item) else _of_text(words, item)]
    elif "precision" in item:
        readings = [_of_date(stated, member, item["value"])]
    elif item.get("code") in countries():
        readings = [_of_country(words, item["code"], item["name"])]
    else:
        names = _without_sums(words) if item.get("amount") else words
        readings = [_of_sum(stated, item), _of_number(words, item), _of_names(names, item), _of_role(stated, item)]
        kinds = {code for code, name in _choices().get(("kind", item.get("kind")), ()) if _says(words, name)}
        readings.append(OTHERWISE if kinds and item["kind"] not in kinds else None)
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


def _sums_in(stated, currency):
    """Return (sums in the words of a claim that may be in ``currency``, whether they have any sums)."""
    is_bare = not re.search(r"[^\W\d_]", stated.words)  # a number in a cell or an attribute
    sums = [each for each in stated.within(numbers_in(stated.text)) if each.is_money or is_bare]
    named = currencies_in(stated.text) if any(not each.currencies for each in sums) else ()
    return [each for each in sums if currency in (each.currencies or named or (currency,))], bool(sums)


def _without_sums(text):
    """Return the words around the sums in ``text``: the M of “1,5 M€” is no name."""
    for each in reversed(numbers_in(text)):
        text = f"{text[: each.start]} {text[each.end :]}" if each.is_money else text
    return text.strip()


def _of_sum(stated, item):
    if not item.get("amount"):
        return None
    if item.keys() == MONEY.keys() and (part := like.PART.search(stated.text, stated.start, stated.end)):
        stated = stated._replace(end=part.start())
    amount, (sums, has_any) = _amount(item), _sums_in(stated, item["currency"])
    if not has_any or any(
        amount.is_finite() and abs(figure - amount) <= _HALF_A_CENT for each in sums for figure in each.amounts
    ):
        return AS_VALUE if has_any else None
    is_sum = len(sums) > 1 and sum(max(each.amounts) for each in sums) == amount
    return OURS if is_sum and not like.RANGE.search(stated.words) else OTHERWISE


def _adds_up(claim, document):
    """Whether a claim states the total of several sums, or one of several of a source that add up to the document's."""
    member, source = claim["field"], claim["source"]["slug"]
    items = [item for item in as_list(document.get(member)) if _may_be_of(claim, item)]
    same = [each for each in document["claims"] if each["field"] == member and each["source"]["slug"] == source]
    same = [each for each in same if any(_may_be_of(each, item) for item in items) and not each["set_aside"]]
    for currency in {item["currency"] for item in items}:
        wholes = [_amount(item) for item in items if item["currency"] == currency]
        own, *others = [
            _sums_in(_in_sentence(each["as_stated"], each["quote"]), currency)[0] for each in (claim, *same)
        ]
        if len(wholes) > 1 and any(sum(wholes) in each.amounts for each in own):
            return True
        parts = [max(sums[0].amounts) for sums in others if len(sums) == 1]
        rest = [part for part in parts if part not in wholes]
        left = [whole for whole in wholes if whole not in parts]
        is_total = sum(rest) == sum(left) or len(parts) >= _MANY
        if len(own) == 1 and max(own[0].amounts) in rest and len(parts) > 1 and is_total:
            return True
    return False


def _may_be_of(claim, item):
    """Whether an item has a sum, and a claim names nobody else than who gives it."""
    words = f"of {claim['as_stated']}"  # so that one word without a capital is no name
    return isinstance(item, dict) and item.get("amount") and _of_names(_without_sums(words), item) != OTHERWISE


# -- Dates --


@cache
def _bounds():
    """Return ``{member: whether it is the start or the end of a period}`` of the members that are one of them."""
    kinds = [model for model in apps.get_models() if hasattr(model, "claimable")]
    members = [member for model in kinds for member in of_kind(model, Date)]
    return {member.name: "end" if member.is_end else "start" for member in members if member.is_end is not None}


def _of_date(stated, member, value):
    found, bound = stated.within(found_in(stated.text)), _bounds().get(member)
    if not found:
        return None
    bounds = [_bounds_in(stated.text).get(each.start) for each in found]
    duration = like.DURATION.search(stated.words) if bound == "end" and {*bounds} == {"start"} else None
    if duration:
        ways = {end for each in found for way in each.ways for end in _after(way, *duration.groups())}
        return OURS if any(value.startswith(way) or way.startswith(value) for way in ways) else OTHERWISE
    fitting = {bound} if bound in bounds else {"", "else", "start"} if bound == "start" else {"", bound}
    own = [each.ways for each, its in zip(found, bounds, strict=True) if not bound or its in fitting]
    ways = set().union(*own)
    if own == [{value}]:
        return AS_VALUE if len(found) == 1 else OURS
    if any(way.startswith(value) for way in ways):
        return OURS
    is_vague = any(value.startswith(way) for way in ways)  # such as “that year”, after “on 3 May 2012”
    return OURS if is_vague and any({value} == each.ways for each in found_in(stated.text)) else OTHERWISE


def _after(date, number, unit):
    """Return the months, in ISO 8601, in which so many months or years from a date may end."""
    month = 12 * int(date[:4]) + int(date[5:7] or 1) - 1 + int(number) * (1 if unit.startswith("mo") else 12)
    return {f"{each // 12}-{each % 12 + 1:02}" for each in (month, month - 1)}


@_kept
def _bounds_in(text):
    """Return ``{where a date begins: start, end or else}`` of the dates of which the words beside them say it."""
    dates, bounds, start, end = found_in(text), {}, 0, 0
    for each, follows in zip_longest(dates, dates[1:]):
        before, gap = text[end : each.start], text[each.end : follows.start if follows else len(text)]
        bounds[each.start] = bounds.get(each.start) or _beside(like.BESIDE_DATE, before, gap)
        if is_moved := like.MOVED.search(before):  # postponed to, brought forward from
            bounds |= {each.start: bounds.get(start, "else"), start: "else"}
        is_to = like.TO.fullmatch(like.PART_OF_TIME.sub("", gap)) or (
            like.AND.fullmatch(gap) and like.BETWEEN.search(before)
        )
        if follows and is_to and min(each.ways) < min(follows.ways) and not is_moved:
            bounds |= {each.start: "start", follows.start: "end"}
        start, end, _ways = each
    return bounds


def _beside(cues, before, after):
    """Return which group of ``cues`` the words before or after a date or name say; "" if none.

    Those before it count first, unless a comma parts them from it, or those after it plainly say what it is.
    """
    before = like.BRACKETS.sub("", like.STOP.split(like.PART_OF_TIME.sub("", before))[-1])
    here = [*cues.finditer(before)][-1:]
    behind = [each for each in cues.finditer(_clause_after(after)) if not like.OF_NEXT.search(each[0])]
    between = before[here[0].end() :] if here else ""
    if "," in between and not behind and not like.LISTED.fullmatch(between.rpartition(",")[2]):
        return ""  # of another clause
    is_other = "," in between or like.NEXT.search(between) or like.SAYS_NEXT.match(after)
    said = behind or here if is_other else here or behind
    return said[0].lastgroup if said else ""


def _clause_after(text):
    """Return the words of a text up to a pause or another name; if it begins in brackets, those in them."""
    clause = like.PAUSE.split(text)[0].lstrip()
    return clause.partition(")")[0] if clause[:1] == "(" and ")" in clause else like.NEXT.split(clause)[0]


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
    codes = _countries_in(get_global("territory_aliases").get(as_stated, [as_stated])[0])  # of three letters: MDA
    if code in codes or _has(as_stated, name):
        return AS_VALUE
    peoples = _peoples_in(as_stated)
    return OTHERWISE if codes or (peoples and code not in peoples) else None


# -- Names and other texts --

_COMMON = {*WORDS["common"].split()}  # words that many names share
_LITTLE_OF = WORDS["little"]  # words that show the language of a text, folded
_LITTLE = {word for words in _LITTLE_OF.values() for word in words.split()}
_COUNTS = {word: number for number, words in enumerate(WORDS["counts"], 1) for word in words.split()}


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
    is_another = any(body.isdisjoint(map(_without_little, names)) for body in _bodies_in(as_stated))
    if is_another or (stated and own_countries and stated.isdisjoint(own_countries)):
        return OTHERWISE
    if like.IDENTIFIER.fullmatch(as_stated) and not (re.search(r"\d", as_stated) and re.search(r"\d", key)):
        return None  # identifiers are not known here
    proper = _proper(as_stated)
    if not proper or any(_fits(as_stated, proper, name) for name in names):
        return AS_VALUE if proper else None
    if _fits(as_stated, proper, key) or any(_are_of_two_languages(as_stated, name) for name in own):
        return None  # a former name, or one in another language
    return OTHERWISE


@_kept
def _bodies_in(as_stated):
    """Return the bodies, each as the set of its names, of which a text has an official name, in any language.

    Names of two words, or less, are also parts of others, so they count alone.
    """
    text = _without_little(as_stated)
    return [
        body for body in _OFFICIAL
        if any(name == text or (name.count(" ") > 1 and f" {name} " in f" {text} ") for name in body)
    ]  # fmt: skip


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
    """Whether one of a text and ``name`` contains the initials of the other, also as another language orders them.

    Little words may count or not.
    """
    capitals = {fold(word) for word in re.findall(r"\b[^\W\d_]{2,8}\b", as_stated) if word.isupper()}
    short = {fold(name)} if name.isupper() and name.isalpha() and len(name) < 9 else set()
    has_some = any(
        word == letters or (len(word) > 2 and (word in letters or sorted(word) == sorted(letters)))
        for word in capitals for letters in _initials(name) | short
    )  # fmt: skip
    return has_some or any(own in letters for own in short for letters in _initials(as_stated))


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
    """Whether a text names a numbered part by another number, or by its number and another title."""
    stated = dict(like.NUMBERED.findall(as_stated)) if "number" in item else {}
    if not stated or (own := stated.get(str(item["number"]))) is None:
        return OTHERWISE if stated else None
    return _of_text(own[:1].upper() + own[1:], item["title"]) if own else None


def _counts_otherwise(as_stated, value):
    """Whether a text says that there are more or fewer parts than those of ``value``."""
    counts = [_COUNTS[count.lower()] for count in like.COUNTED.findall(as_stated) if count.lower() in _COUNTS]
    return bool(counts) and isinstance(value, list) and "number" in value[0] and counts[-1] != len(value)


def _figures_in(text):
    return frozenset(re.findall(r"\d+", re.sub(r"(?<=\d)[ .,'’](?=\d{3})", "", text)))


def _of_text(as_stated, value):
    """A shorter or longer text agrees; one with other names does not."""
    value = value.rstrip("… ")
    country = codes_of_countries().get(plain(value))
    if _has(as_stated, value) or _has(value, as_stated) or {country} == _countries_in(as_stated):
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
def _of_choice(as_stated, affirmed, value, choices):
    """Whether a text names the chosen value, or another choice; of several, the last that it says counts."""
    whole, text = plain(as_stated).split(), plain(like.OF_ELSE.sub("", affirmed)).split()
    named = [(code, _words(name)) for code, own in choices for name in (own, code, *other_names(own))]
    said = [(_place(text, words), len(words), code) for code, words in named]
    for code, phrases in WORDS["status"].items() if "ongoing" in dict(choices) else ():
        for phrase in phrases:
            own = whole if like.DENIAL.search(phrase) else text
            said.append((_place(own, plain(phrase).split(), phrase), 0, code))
    place, _length, code = max(said)
    is_named = any(_place(text if place else whole, words) for own, words in named if own == value)
    if not place:
        return OTHERWISE if is_named else None  # it is denied
    return OTHERWISE if code != value else AS_VALUE if is_named else None


def _place(text, words, phrase=""):
    """Return after how many of the words of a text all ``words`` are said; 0: they are not.

    Words of a ``phrase`` follow each other; some count only alone, as an implementation may be planned or completed.
    """
    if not words or ((phrase in ("implementation", "pipeline", "running") or words[0].isdigit()) and words != text):
        return 0
    if phrase:
        ends = range(len(words), len(text) + 1)
        return max((end for end in ends if text[end - len(words) : end] == words), default=0)
    last = [max((at for at, other in enumerate(text, 1) if _alike(word, other)), default=0) for word in words]
    return max(last) if all(last) else 0


def _says(text, words):
    return bool(_place(plain(text).split(), _words(words)))


def _of_role(stated, item):
    """Whether the words beside a name say the role of a body: led by IOM; IOM (partner)."""
    if not item.get("role"):
        return None
    words, names = stated.words.lower(), {item["name"], *item.get(CALLED, ()), *_initials(item["name"])}
    named = sorted((name.lower() for name in names if name.lower() in words), reverse=True)
    place = named and re.search("|".join(rf"\b{re.escape(name)}\b" for name in named), words)
    roles = [] if place else [each.lastgroup for each in like.ROLE.finditer(words)]
    start, end = place.span() if place else (0, len(words))
    roles = roles or [_beside(like.ROLE, stated.text[: stated.start + start], stated.text[stated.start + end :])]
    return None if any(not role or item["role"] in role for role in roles) else OTHERWISE
