"""Cells in, members of documents out. What cannot be read is refused with the correct form, never guessed."""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext

from projects.exports.columns import columns_of
from projects.models import Component
from projects.models.amounts import currencies_of, parse_sum
from projects.models.fields import CurrencyField, currencies
from projects.words.sectors import DAC, sector_of
from provenance.documents import declaration as m
from provenance.documents.dates import PartialDate
from provenance.documents.errors import cut
from provenance.documents.folding import WORDS, fold
from provenance.store.log import public_models

from ..answers import LEAVE_OUT
from .csv_files import NUL
from .words import words

_ERROR = re.compile(r"#(?:[A-Z]+(?:/0)?!|N/A|NAME\?|GETTING_DATA|##+)|Err:[0-9]{3}")  # of LibreOffice, too
_BEFORE_NUMBER = r"(?:(?:component|composante|componenta|компонент) *)?\(?"
_COMPONENT = re.compile(rf"{_BEFORE_NUMBER}([0-9]{{1,4}}) ?[.):]\s+(.*)", re.IGNORECASE)
_NEXT_COMPONENT = re.compile(
    rf"\s*[;,|]\s+(?={_BEFORE_NUMBER}[0-9]{{1,4}} ?[.):]\s)|\s+(?=\(?[0-9]{{1,4}}\)\s)", re.IGNORECASE
)
_DAC_CODE = re.compile(r"(?:^|[;,|])\s*([0-9]{5})(?![0-9])(?!.*%)")  # one of several shares would be lost
_LETTERED = re.compile(r"\(?(?:[a-z]|[ivx]{1,4})[.)]\s+(.*)")
_OUTSIDE = r"(?![^()]*\))"  # brackets
_AND = re.compile(rf"\s*(?:[,/&+|]|\b(?:and|et|și|şi|и|та|і|й|und|və|და|և)\b){_OUTSIDE}\s*")
EMPTY = "It is empty, and has to be stated."
_NONE = {*words.nothing, *map(fold, words.nothing)}
_OTHER_WORDS = {fold(word): status for status, names in WORDS["status"].items() for word in names}
FLAGS = dict.fromkeys(words.true, True) | dict.fromkeys(["", *words.false], False)


class Wrong(ValueError):
    """A cell that cannot be read. ``heading``: our heading of its column.

    ``text``: the part of the cell whose meaning a person can give for the whole file; None if nobody can.
    ``choices``: [(answer, label)] of its possible meanings. ``ways``: see Unclear.
    ``flags``: "is_needed", it may not be left out; "is_body", it names an organisation; "heading", of another column
    that the answer is for.
    """

    def __init__(self, heading, message, text=None, choices=(), ways=(), /, **flags):
        super().__init__(message)
        self.heading, self.what = heading, message
        choices = [tuple(map(str, pair)) for pair in choices]
        asked = {"heading": heading, "text": text, "choices": choices, "ways": ways, **flags}
        self.question = {} if text is None else asked


class CellReader(NamedTuple):
    """How a member of a document is read, and from which columns.

    ``read``: (cells, Names) in, {member: value} out; Wrong, or an ExceptionGroup of several.
    """

    name: str
    headings: tuple[str, ...]
    read: Callable


def label(heading):
    """Return the label of one of our columns on pages: ``country_codes`` is “Country”."""
    return re.sub(r"_(?:slug|code)s?$", "", heading).replace("_", " ").capitalize()


def is_none(text):
    """Whether a cell states nothing: it is empty, or has a dash, “n/a” or “néant”."""
    return not text.strip(" -‐‑‒–—―−/") or text.strip().casefold() in _NONE


def text_at(cells, at):
    """Return the text in the column at a place, without blanks around it; "" if there is none."""
    return cells[at].strip() if at < len(cells) else ""


def count_filled(cells):
    """Return how many cells are not empty."""
    return sum(1 for cell in cells if cell.strip())


def worded(cells):
    """Return how many cells have words in them, as headings have."""
    return sum(1 for cell in cells if re.search(r"[^\W\d_]", cell))


def shown(text):
    """Return a text for a message."""
    return cut(" ".join(text.split()), 60)


def unreadable(text):
    """Return why a cell cannot be read, whatever its column; "" if it can."""
    if NUL in text:
        return "It holds a NUL character. Leave it out."
    if text.startswith(("#", "Err:")) and _ERROR.fullmatch(text.strip()):
        return f"It holds the error {text.strip()[:40]}. Put the value there, or empty it."
    return ""


def understood(read, heading, text):
    """Return ``read(text)``. Wrong, with possible meanings, if it fails."""
    try:
        return read(text)
    except ValueError as error:  # Unclear, or without any meaning
        choices = [(meaning, meaning) for meaning in getattr(error, "meanings", ())]
        raise Wrong(heading, str(error), text, choices, getattr(error, "ways", ())) from None


def all_of(*reads):
    """Call each of ``reads`` and return the results; all that is Wrong is raised together, as an ExceptionGroup."""
    results, wrongs = [], []
    for read in reads:
        try:
            results.append(read())
        except* Wrong as group:
            wrongs += group.exceptions
    if wrongs:
        raise ExceptionGroup("cells", wrongs)
    return results


# -- Each sort of cell --


def text_under(rules, heading, text):
    """Return a text under the ``rules`` of a model's column; empty is None, if it may be empty."""
    is_plain = rules.max_length and not rules.choices and len(rules.validators) == 1
    may_be_empty = rules.blank or rules.has_default()
    if not text and may_be_empty:
        return None
    if is_plain and text and len(text) <= rules.max_length:  # most are
        return text
    try:
        return rules.clean(text, None)
    except ValidationError as error:
        if not text:
            raise Wrong(heading, EMPTY) from None
        if not rules.choices:
            raise Wrong(heading, " ".join(error.messages)) from None
        if value := _choices(rules).get(fold(text)):
            return value
        right = ", ".join(value for value, _label in rules.choices)
        message = f"“{text[:40]}” is not known. Give one of: {right}."
        raise Wrong(heading, message, text, rules.choices, is_needed=not may_be_empty) from None


@cache
def _choices(rules):
    """Return {name of a choice in English or French, folded: its value}."""
    values = {word: value for word, value in _OTHER_WORDS.items() if value in dict(rules.choices)}
    for language in ("fr", "en"):
        with translation.override(language):
            values |= {fold(gettext(str(name))): value for value, label in rules.choices for name in (value, label)}
    return values


def several(model, heading, text, names):
    """Return references to the records that a cell names, each once: ``GE; AM``, ``Georgia and Armenia``.

    A comma that may belong to a name cuts none if the column has semicolons.
    """
    if (model, heading, text) not in names.found:
        parts = re.split(("[;\n]" if heading in names.parted else "[;,\n]") + _OUTSIDE, text)
        texts = [text] if names.knows(model, text) else [one.strip() for one in parts if one.strip()]
        pieces = [piece for each in texts for piece in _pieces(model, each, names)]
        named = all_of(*(partial(names.reference, model, piece, heading) for piece in pieces))
        references = {reference[m.shown_members(model)[0]]: reference for reference in named if reference}
        names.found[model, heading, text] = [references[key] for key in sorted(references)]
    return names.found[model, heading, text]


def _pieces(model, text, names):
    """Return the parts of ``Georgia & Armenia``, if one of them is known and the whole is not."""
    pieces = [text] if names.knows(model, text) else _AND.split(text)
    return pieces if any(names.knows(model, piece.split(" (")[0]) for piece in pieces) else [text]


def one(model, heading, text, names, is_needed=False):
    """Return a reference to the record that a cell names; None if it names none. Wrong if it ``is_needed``."""
    reference = names.reference(model, text, heading, is_needed=is_needed) if text else None
    if is_needed and not reference:
        raise Wrong(heading, EMPTY)
    return reference


def flag(heading, text):
    """Read true or false; empty is false."""
    if text.casefold() not in FLAGS:
        message = f"“{text[:40]}” is neither true nor false."
        raise Wrong(heading, message, text, [("true", "true"), ("false", "false")])
    return FLAGS[text.casefold()]


def partial_date(heading, text):
    """Read a date as precise as it is; empty is None. Spreadsheets turn 2014.10 into 2014.1, so that is asked."""
    if re.fullmatch(r"(?:19|20)[0-9]{2}\.1", text):
        choices = [(f"{text[:4]}-{month}", f"{text[:4]}-{month}") for month in ("01", "10")]
        raise Wrong(heading, f"“{text}” may be January or October {text[:4]}. Which is it?", text, choices)
    return understood(partial(PartialDate.parse, is_end=heading == "end_date"), heading, text) if text else None


PERIOD = ("start_date", "end_date")
_YEARS = re.compile(r"((?:19|20)[0-9]{2})\s*[-–—−/]\s*((?:19|20)?[0-9]{2})(?:\s*(?:гг|рр)\.?)?")
_OPEN = {*map(fold, words.open)}
_TO = "|".join(sorted({form for word in WORDS["until"] for form in (word, fold(word))}, key=len, reverse=True))
_BETWEEN = re.compile(rf"\s*[-–—−]\s*|\s+(?:à|{_TO})\s+".replace("'", "['’]"), re.IGNORECASE)  # start and end
_MONTHS_LONG = re.compile(r"\s*\([0-9]{1,3} [^\W\d]+\)\Z")  # 2014-2016 (24 months)


def start_and_end(text, *, has_months=True):
    """Return the texts of start and end in a period such as ``2014-2016`` or ``since 2014``, which has no end.

    If it cannot be parted, all of it twice. ``has_months``: whether ``2009-12`` is a month.
    """
    text = _MONTHS_LONG.sub("", text.strip())
    if years := _YEARS.fullmatch(text):
        start, end = years[1], years[1][: 4 - len(years[2])] + years[2]
        if start < end and not (has_months and is_date(text)):
            return start, end
    if (is_start := is_date(text)) != is_date(text, is_end=True):
        return (text, "") if is_start else ("", text)
    pairs = []
    for sign in _BETWEEN.finditer(text):
        start, end = text[: sign.start()], text[sign.end() :]
        if is_date(start) and (is_date(end, is_end=True) or not re.search("[0-9]", end)):
            pairs.append((start, "" if fold(end) in _OPEN else end))
    return pairs[0] if len(pairs) == 1 else (text, text)


def is_date(text, *, is_end=False):
    """Whether a text is a date, or one of which only the order of day and month is unclear."""
    try:
        return bool(PartialDate.parse(text, is_end=is_end))
    except ValueError as error:
        return len(getattr(error, "ways", ())) > 1


def _date(name, planned, cells):
    date, is_planned = all_of(
        partial(partial_date, name, cells[name].strip()), partial(flag, planned, cells[planned].strip())
    )
    if is_planned and not date:
        raise Wrong(planned, f"It is true, and “{label(name)}” is empty. State the date, or empty this.")
    return m.date_member(date, is_planned)


def money(amount, currency, cells, names):
    """Return (amount as a Decimal, currency) of two cells; (None, None) if none is stated."""
    text, code = cells[amount].strip(), cells[currency].strip()
    answered_as = cells.get("answered_as") or currency
    if not text:
        if code:
            raise Wrong(currency, f"It is stated, and “{label(amount)}” is empty. State both, or neither.")
        return None, None
    amount_read, named = understood(parse_sum, amount, text)
    asked = code or ", ".join(sorted(named))  # the question: no currency, or those that a sign such as $ may mean
    if not code and len(named) != 1:
        code = names.answers.meaning(answered_as, asked)
        if code == LEAVE_OUT:
            return None, None
    codes = (currencies_of(code) or {code.upper()} & currencies()) if code else named
    if code and not codes:
        raise Wrong(currency, f"“{code[:40]}” is not a currency. Use its ISO 4217 code, such as EUR or USD.", asked)
    if named and not codes & named:
        raise Wrong(amount, f"“{text}” names another currency than “{code}”. State one.", text)
    codes = codes & named or codes
    if len(codes) != 1:
        message = f"“{label(amount)}” is stated without its currency. Give its ISO 4217 code, such as EUR."
        if codes:
            message = f"“{code or text}” may be any of {', '.join(sorted(codes))}. Give the ISO 4217 code."
        choices = [(each, each) for each in sorted(codes) or ("EUR", "USD")]
        raise Wrong(currency, message, asked, choices, heading=answered_as)
    return amount_read, next(iter(codes))


def _components(text):
    """Read ``1. Training`` or ``1) Training``, one a line or separated by ``;``; without numbers, in their order."""
    lines = _items(text.splitlines())
    if len(lines) == 1:
        listed = _NEXT_COMPONENT.split(text)
        in_order = [f"{at}" for at, _line in enumerate(listed, 1)]
        is_sure = [match and match[1] for match in map(_COMPONENT.fullmatch, listed)] == in_order
        lines = listed if is_sure else _items(re.split(r";\s*(?=[0-9]{1,4}\.\s)", text))
    if not any(_COMPONENT.fullmatch(line) for line in lines):
        lines = _items(re.split(r"[\n;|]", text))
        lettered = [match[1] for match in map(_LETTERED.fullmatch, lines) if match]
        lines = lettered if len(lettered) == len(lines) else lines
        lines = [f"{at}. {line}" for at, line in enumerate(lines, 1)]
    parts = {}
    for line in lines:
        if not (match := _COMPONENT.fullmatch(line)) or not int(match[1]):
            message = f"“{line[:60]}” is no component. Number all of them, as in “1. Training”, or none."
            raise Wrong("components", message)
        number = int(match[1])
        if number in parts:
            raise Wrong("components", f"It has the number {number} twice. Number each once.")
        title = text_under(Component._meta.get_field("title"), "components", match[2].strip())
        parts[number] = {"number": number, "title": title}
    return [parts[number] for number in sorted(parts)]


def sectors_in(text):
    """Read ``1:15190``, one a line; and codes of the DAC by themselves, as ``15190 – Facilitation of …; 43010``."""
    lines = []
    for line in filter(None, map(str.strip, text.splitlines())):
        found = [line] if sector_of(line) else [f"{DAC}:{code}" for code in _DAC_CODE.findall(line)]
        if not found:
            raise Wrong("sectors", f"“{line[:60]}” is not a sector. Write it like 1:21020 or 1:21020 (60%).", text)
        lines += found
    return lines


def _items(parts):
    return [text for part in parts if (text := part.strip(" \t\r•-–"))]


def _number(heading, text):
    if text and not re.fullmatch("[0-9]{1,4}", text):
        raise Wrong(heading, f"“{text[:40]}” is no number of a {label(heading).lower()}.")
    return int(text) if text else None


# -- Each kind of member --


@cache
def readers_of(model):
    """Return the CellReaders of the members of ``model`` that a table states; the others follow from them."""
    return tuple(reader for member in model.members if (reader := _reader_of(member, model)))


def _reader_of(member, model):
    name = member.name
    heading, *others = [column.heading for column in columns_of(model, member)] or [""]
    if read := {"components": _components, "sectors": sectors_in}.get(name):
        return _of_cell(name, heading, lambda text, _: read(text))
    match member:
        case m.Text() | m.Coded():
            rules = model._meta.get_field(name)
            if isinstance(rules, CurrencyField):
                return None  # read with its amount
            return _of_cell(name, heading, lambda text, _: member.out(text_under(rules, heading, text)))
        case m.Many():
            return _of_cell(name, heading, partial(several, member.other(model), heading))
        case m.One():
            read = partial(one, member.other(model), heading, is_needed=not member.may_be_null(model))
            return _of_cell(name, heading, read, is_inline=member.inline)
        case m.Flag():
            return _of_cell(name, heading, lambda text, _: flag(heading, text))
        case m.When():
            return _of_cell(name, heading, lambda text, _: member.out(partial_date(heading, text)))
        case m.Date():
            planned = others[-1]
            return CellReader(name, (heading, planned), lambda cells, _: {name: _date(heading, planned, cells)})
        case m.Money():
            read = partial(money, heading, *others)
            return CellReader(name, (heading, *others), lambda *given: {name: m.money_member(*read(*given))})
        case m.Amount():
            read, none = partial(money, heading, "currency"), dict.fromkeys((heading, "currency"))
            return CellReader(name, tuple(none), lambda *given: m.money_member(*read(*given)) or none)
        case m.Lines():
            return _of_cell(name, heading, lambda text, _: list(filter(None, map(str.strip, text.splitlines()))))
        case m.Within():
            return _of_cell(name, heading, lambda text, _: _number(heading, text))
    return None


def _of_cell(name, heading, read, is_inline=False):
    """Return a CellReader of one column; ``is_inline``: it reads members of the document itself."""

    def read_cell(cells, names):
        value = read(cells[heading].strip(), names)
        return value if is_inline else {name: value}

    return CellReader(name, (heading,), read_cell)


MEMBERS = {model.collection: readers_of(model) for model in public_models()}
