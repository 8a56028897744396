"""A date as precise as its source (a year, a month or a day), and how people write one.

Pure, except that error messages follow the active language. ``2010`` is not 1 January 2010, so a date is kept as
ISO 8601 text, from which its first and last possible day follow.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from num2words import num2words

from .errors import cut
from .folding import WORDS, fold
from .patterns import patterns_of
from .sums import in_one_spelling

LANGUAGES = ("en", "fr", "de", "ro", "ru", "uk", "hy", "ka", "az")  # in which months and countries are known
_PRECISION = {4: "year", 7: "month", 10: "day"}
DATE_HINT = gettext_noop("Give a year, a month or a day: 2012, 2012-05 or 2012-05-31.")
WAYS = ("the day comes first", "the month comes first")  # to read 03/04/2014
_DAY_ALONE = ("the day without its time",)
_NO_DATE = ("a time alone is no date",)
_OF_EXCEL = ("Excel’s number of a day",)
_EXCEL_EPOCH = date(1899, 12, 30)
like = patterns_of(__file__)
_FILLERS = {*WORDS["in_dates"].split()}  # words that may stand within a date


class Unclear(ValueError):
    """A text with no single exact meaning. ``meanings``: what it may mean, each as it would be written.

    ``ways``: in which way each of ``meanings`` reads the text, if every value like it can be read in the same way.
    """

    def __init__(self, message: str, meanings: list[str], ways: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.meanings, self.ways = meanings, ways


class Found(NamedTuple):
    """The ways to read a date in a text, in ISO 8601 (two of 3/4/2014), and where it starts and ends."""

    start: int
    end: int
    ways: set[str]


@dataclass(frozen=True, slots=True)
class PartialDate:
    """An ISO 8601 date of reduced precision: ``2012``, ``2012-05`` or ``2012-05-31``."""

    value: str

    def __post_init__(self) -> None:
        match = like.SHAPE.fullmatch(self.value)
        try:
            if not match:
                raise ValueError
            year, month, day = (int(part) if part else 1 for part in match.groups())
            date(year, month, day)
        except ValueError:
            message = _("“%(text)s” is not a date. %(right)s") % {"text": cut(self.value, 40), "right": _(DATE_HINT)}
            raise ValueError(message) from None

    def __str__(self) -> str:
        return self.value

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def parse(cls, text: str, *, is_end: bool = False) -> "PartialDate":
        """Read a date as people write it: 2012-05, 31.12.12, 5/2012, May 2012, mars 2015, Dec-15, since 2012, Q1 2015.

        A quarter, or the end of a year, is as precise as the year: ``fin 2017`` is 2017. An end (``is_end``) may be
        ``until 2012``, and is not ``since 2012``. ValueError gives the correct form; it is Unclear if the text may mean
        several dates, or none exactly.
        """
        text = like.MIDNIGHT.sub("", text.strip())
        timed = like.TIME.fullmatch(text)
        meanings = _meanings(timed[1] if timed else text, is_end=is_end)
        if len(meanings) > 1:
            message = _("“%(text)s” can be read in two ways. Write %(first)s or %(second)s.")
            first, second = sorted(meanings)
            raise Unclear(message % {"text": text, "first": first, "second": second}, meanings, WAYS)
        if timed and meanings:
            message = _("“%(text)s” is a day with a time. Write %(day)s.")
            raise Unclear(message % {"text": text, "day": meanings[0]}, meanings, _DAY_ALONE)
        if timed and not timed[1]:
            message = _("“%(text)s” is a time of day. %(right)s")
            raise Unclear(message % {"text": text, "right": _(DATE_HINT)}, [""], _NO_DATE)
        if meanings:
            return cls(meanings[0])
        if like.SERIAL.fullmatch(text):
            day = str(_EXCEL_EPOCH + timedelta(days=int(text[:5])))
            message = _("“%(text)s” is not a date. It may be Excel’s number of the day %(day)s: then write %(day)s.")
            raise Unclear(message % {"text": text, "day": day}, [day], _OF_EXCEL)
        try:
            return cls(text)
        except ValueError as error:
            raise Unclear(str(error), _perhaps(text)) from None

    @property
    def precision(self) -> str:
        """``year``, ``month`` or ``day``."""
        return _PRECISION[len(self.value)]

    @property
    def earliest(self) -> date:
        """The first day that the date may mean."""
        return date.fromisoformat((self.value + "-01-01")[:10])

    @property
    def latest(self) -> date:
        """The last day that the date may mean."""
        first = self.earliest
        if self.precision == "day":
            return first
        month = 12 if self.precision == "year" else first.month
        return date(first.year, month, calendar.monthrange(first.year, month)[1])


def dates_in(text: str) -> list[tuple[int, int, PartialDate]]:
    """Return (start, end, date) of each date in a text that has one exact meaning and stands by itself."""
    alone = [each for each in found_in(text) if like.BEGIN.match(text, each.start) and like.END.match(text, each.end)]
    return [
        (start, end, PartialDate(*ways)) for start, end, ways in alone
        if len(ways) == 1 and not like.DECIMAL.fullmatch(text, start, end)
    ]  # fmt: skip


@lru_cache(4096)  # the same short texts come up again and again
def found_in(text: str) -> list[Found]:
    """Return what is Found of each date in a text. Others may stand in its words."""
    if order := like.ORDER.search(text):
        text = like.IN_ORDER.sub(r"\3-\2-\1" if order["day"] else r"\3-\1-\2", text)
    line, ends, starts = "", {}, {}
    for token, start, end in _tokens_in(text):
        starts[len(line)] = start
        line += token
        ends[len(line)] = end
        line += " "
    dates, at = [], 0
    while at < len(line):
        if match := next((match for form in like.FORMS if (match := form.match(line, at))), None):
            named = {name: int(part) for name, part in match.groupdict().items() if part}
            dates += [Found(starts[at], ends[match.end()], ways) for ways in _ways(**named)]
            at = match.end()
        at = line.find(" ", at) + 1 or len(line)
    return dates


def _tokens_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (token, start, end) of the numbers and words of a text that may be of a date, May as ``m5``."""
    for piece in _pieces().finditer(like.BETWEEN_DATES.sub("–", text)):
        words = piece[0]
        if piece["worded"]:
            yield _worded_numbers()[in_one_spelling(words)], *piece.span()
            continue
        if piece["first"]:
            yield piece["first"], *piece.span("first")
            yield piece["first"][:2] + piece["last"], *piece.span("last")
            continue
        if piece["month"] and fold(piece["month"]) in months():
            words = f"{piece['month']} {_century(piece['year'])}"
        elif words[0].isdigit() and len(only := _numbers(words)) == 1:
            words = only[0]
        for token in _tokens(fold(words)):
            yield f"m{months()[token]}" if token in months() else token, *piece.span()


@cache
def _pieces() -> re.Pattern[str]:
    """Return the pattern of a date in numbers, a span of years, May ’14 or -14, a worded number, a number or a word."""
    worded = "|".join(sorted(_worded_numbers(), key=len, reverse=True)).replace(" ", "[ -](?:and )?")
    return re.compile(
        rf"(?<![\w/.-])(?:{like.YEAR_FIRST.pattern}|{like.NUMBERS.pattern})(?!\w|[/.-]\w)"
        r"|\b(?P<first>(?:19|20)\d\d)(?:–|-(?!0\d|1[0-2]))(?P<last>\d\d)\b(?![-–])"  # 2009–12, 2014-20; not 2009-12
        rf"|{like.MONTH_OF_YEAR.pattern}|\b(?P<worded>(?i:{worded}))\b"
        r"|[0-9]+|[^\W\d_]+"
    )


@cache
def _worded_numbers() -> dict[str, str]:
    """Return ``{words of a day or a year: its token}``: w3 of “third”, which is only a day next to a month."""
    ways = (("en", "cardinal"), ("fr", "cardinal"), ("en", "ordinal"), ("en", "year"))
    named = {f"w{day}": day for day in range(1, 32)} | {str(year): year for year in range(1990, 2050)}
    spelt = {
        in_one_spelling(num2words(number, lang=lang, to=to)): token
        for token, number in named.items() for lang, to in ways
    }  # fmt: skip
    return {words: token for words, token in spelt.items() if words not in months()}  # “sept” is September


def _ways(y: int, m: int | None = None, d: int = 0, n: int = 0) -> list[set[str]]:
    """Return the ways to read each of the dates in year, month, day, and a number that is a day or a month."""
    if n:  # 12/05/2012: May or December
        ways = {_iso(y, m, n), _iso(y, n, m)}
        return [ways - {str(y)} or ways]
    if m == (y + 1) % 100 and not d:  # 2012/13, or 2009-10
        return [{_iso(y, m), str(y)}, {str(y + 1)}]
    return [{_iso(y, m, d)}]


def _iso(*parts: int | None) -> str:
    """Return year, month and day in ISO 8601, without those that are 0; the year alone if there is no such day."""
    text = "-".join(f"{part:02}" for part in parts if part)
    return text if _is_date(text) else str(parts[0])


def _tokens(folded: str) -> list[str]:
    """Return the numbers and words of a folded text that may be of a date."""
    return [token for token in re.findall(r"[0-9]+|[^\W\d_]+", folded) if token not in _FILLERS]


def _meanings(text: str, *, is_end: bool = False) -> list[str]:
    """Return the dates, in ISO 8601, that a text may mean exactly: two of 3/4/2014, one of ``may 2012``."""
    before, figures, after = like.WITH_WORDS.fullmatch(text).groups()
    if (
        _lead(is_end).fullmatch(f"{fold(before)} ".lstrip())
        and fold(after).strip(" .") in _FILLERS | {""}
        and (meanings := [figures] if _is_date(figures) else _numbers(figures))
    ):
        return meanings
    if like.DOUBT.search(text):
        return []
    if (short := like.SHORT_YEAR.fullmatch(text)) and (short[1] or short[3] != " "):
        text = f"{short[1] or ''} {short[2]} {_century(short[4])}"
    folded = _lead(is_end).sub("", fold(text), count=1)
    quarter = like.QUARTER.fullmatch(folded)
    worded = quarter[1] or quarter[2] if quarter else _worded(folded)
    return [worded] if _is_date(worded) else []


@cache
def _lead(is_end: bool) -> re.Pattern[str]:
    """Return the pattern of folded words before a date: ``from the``, ``until end of``, ``lundi``."""
    widths = [width for language in LANGUAGES for width in Locale(language).days["format"].values()]
    days = {fold(name).strip(".") for names in widths for name in names.values()} - months().keys()  # “mar.” is March
    days = {name for name in days if name.isalpha() and len(name) > 2}  # “с” and “do” are from and until, too
    either = rf"(?:(?:{'|'.join({*WORDS['before_dates'].split(), *days})})[.,]? )*"
    bound = "|".join(map(fold, WORDS["until" if is_end else "since"]))
    return re.compile(rf"\A(?:(?:{bound}):? )?{either}(?:{like.PART.pattern})?{either}")


def _numbers(text: str) -> list[str]:
    """Return the dates, in ISO 8601, that numbers such as 3/4/2014, 5/2014, 1.5.14 or 2014.05.01 may mean."""
    if match := like.YEAR_FIRST.fullmatch(text):
        month, day = match[2] or match[5], match[3] or match[6]
        is_pair = not day and int(month) == (int(match[1]) + 1) % 100
        year, orders = match[1], [] if is_pair else [(month, day)]
    elif match := like.NUMBERS.fullmatch(text) or like.SHORT_NUMBERS.fullmatch(text):
        first, second, year = match.groups()
        year, orders = _century(year), [(second, first), (first, second)] if first else [(second, None)]
    else:
        return []
    ways = ["-".join([year, *(f"{int(part):02}" for part in order if part)]) for order in orders]
    return [way for way in dict.fromkeys(ways) if _is_date(way)]


def _century(year: str) -> str:
    """Return a year of two digits with those of its century: 2000 to 2049, or 1950 to 1999."""
    return year if len(year) == 4 else f"{'20' if year < '50' else '19'}{year}"


def _perhaps(text: str) -> list[str]:
    """Return the dates, in ISO 8601, that may be meant by a text that is no date."""
    if short := like.SHORT_MONTH.fullmatch(text):
        text = f"{short[1] or short[4]}/{_century(short[2] or short[3])}"
        meanings = _meanings(text)
    else:
        meanings = [way for each in found_in(text) for way in sorted(sorted(each.ways), key=len, reverse=True)]
    return [each for each in dict.fromkeys(meanings) if _is_date(each)]


def _worded(folded: str) -> str:
    """Return the date, in ISO 8601, of words such as ``may 2012``, ``1 er juin 2013``; "" for anything else."""
    tokens = _tokens(folded)
    named = [str(months()[one]) for one in tokens if one in months()]
    numbers = [one for one in tokens if one.isdigit()]
    years, days = [one for one in numbers if len(one) == 4], [one for one in numbers if len(one) < 3]
    is_whole = len(tokens) == 1 or (len(named) == 1 and len(tokens) == 2 + len(days))
    return "-".join([*years, *(f"{int(part):02}" for part in (*named, *days))]) if is_whole else ""


def _is_date(text: str) -> bool:
    try:
        PartialDate(text)
    except ValueError:
        return False
    return True


@cache
def months() -> dict[str, int]:
    """Return ``{name of a month or its abbreviation, folded: number}`` in several languages."""
    numbers = {fold(name): month for month, names in enumerate(WORDS["months"], 1) for name in names.split()}
    for language in reversed(LANGUAGES):
        for widths in Locale(language).months.values():
            named = widths["abbreviated"].items() | widths["wide"].items()
            numbers |= {fold(name).strip("."): number for number, name in named}
    return {name: number for name, number in numbers.items() if name.isalpha()}
