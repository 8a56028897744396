"""What the headings of a table mean: by their words, or by what stands below them; and as a person chose."""

import re
from collections import Counter
from difflib import get_close_matches
from functools import lru_cache

from projects.models.amounts import parse_sum, split_unit
from provenance.documents.dates import WAYS, PartialDate, Unclear
from provenance.documents.folding import fold
from provenance.documents.names import is_misspelt

from ..answers import WAY
from . import spans, words
from .cells import PERIOD, is_none, label, several, start_and_end, worded
from .documents import NOT_FOLLOWING
from .parts import EXTRA, OF_RECORDS, OF_TEXTS, PAYING, ROLES
from .row_groups import IMPORTED

_PLANNED = frozenset(fold(words.PLANNED).split())
_TIMES = frozenset(fold(words.TIMES).split())
_FILLERS = _TIMES.union(fold(words.FILLERS).split())
HEADINGS = {name: (*table.headings, *(EXTRA if name == "projects" else ())) for name, table in IMPORTED.items()}
_EVERY = {heading for headings in HEADINGS.values() for heading in headings}
_LIKE = 0.85  # how like one of ours each word of a misspelt heading has to be, of 1
_OF_WORDS = {*OF_TEXTS, *ROLES, "funder_slugs", "status", "budget_currency", "funder_currency"}  # never only figures
_ORDER = re.compile(  # of day and month, as a heading gives it: (dd/mm/yyyy), JJ/MM/AAAA
    r"[(\[]?\b(?:(?P<day>[djtzд]{1,2}[./-][mlм]{1,2})|[mlм]{1,2}[./-][djtzд]{1,2})[./-](?:y|a|j|г|р){2,4}\b[)\]]?",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")


def plain(text):
    """Return a heading without case, blanks, hyphens, and a star or colon at its end."""
    return re.sub(r"[\s_-]+", "_", text.casefold().strip().rstrip("*:").rstrip())


def _words_of(text):
    return frozenset(re.findall(r"[^\W_]+", fold(text)))


def _essence(text):
    """Return the meaningful words of a heading, in any order, in the singular; without any, all words as they are."""
    all_words = _words_of(text)
    return frozenset(re.sub("ies$", "y", word).rstrip("s") for word in all_words) - _FILLERS or all_words


_DOUBTFUL = {_essence(name) for name in words.DOUBTFUL.split(",")}
_OF_EU = {_essence(name) for name in words.OF_EU.split(",")}
_PROPOSALS = dict.fromkeys(_OF_EU, "funder_amount") | {
    _essence(name): ours for ours, names in words.HEADINGS.items() for name in names.split(",")
}


@lru_cache(1000)
def proposal(text):
    """Return our heading for what a list of projects calls a column; "" if it has none of ours, None if unknown.

    A year or a date, as “Contract year”, is never a sum, a key or a text; nor is a share, “EU contribution (%)”. What
    is said of a value, “Start (quote)”, is no value.
    """
    remark = re.search(r"\(([^()]+)\)$", text.strip())
    if "%" in text or is_planned(text) or (remark and _PROPOSALS.get(_essence(remark[1])) == ""):
        return ""
    group, sign, own = text.partition(spans.ABOVE)
    if sign:
        ours = proposal(own)
        return ours if ours in PERIOD else proposal(f"{group} {own}") or _of_group(proposal(group), ours)
    name = _name_of(text)
    names = (name, *re.split(r"[/|\n]", name))  # “Țara / Country” says it in two languages
    meanings = {ours for each in names if (ours := _PROPOSALS.get(_essence(each))) is not None}
    ours = meanings.pop() if len(meanings) == 1 else _PROPOSALS.get(_essence(name))
    ours = plain(name) if plain(name) in HEADINGS["projects"] else ours
    return "" if ours not in (None, *PERIOD, "period") and _words_of(text) & _TIMES else ours


def _name_of(heading):
    """Return a heading without its number, its unit, and the order of day and month."""
    return split_unit(_ORDER.sub("", re.sub(r"\A\s*[0-9]{1,2}[.)]\s+", "", heading)))[0]


def is_doubtful(heading):
    """Whether only its cells show what a column holds."""
    return _essence(heading) in _DOUBTFUL or proposal(heading) == "period"


def is_planned(heading):
    """Whether a column says what was planned, which is not what is known."""
    return not _PLANNED.isdisjoint(_words_of(heading))


def is_of_eu(heading):
    """Whether a column holds what the European Union pays."""
    return _essence(_name_of(heading)) in _OF_EU


def orders_of(theirs):
    """Return {our heading of dates: {WAY: the order of day and month}} where ``theirs`` {ours: headings} give it."""
    ways = {
        ours: {WAYS[0 if order["day"] else 1] for order in _ORDER.finditer(theirs.get(ours, ""))}
        for ours in (*PERIOD, "period")
    }
    return {ours: {WAY: found.pop()} for ours, found in ways.items() if len(found) == 1}


def misspelt(text, columns):
    """Return our heading, one of ``columns`` or a part that only one has, of which a heading is a misspelling.

    Word by word; "" if there is none, or are several.
    """
    name = plain(_name_of(text))
    parts = [(part, ours) for ours in columns for part in {ours.rpartition("_")[0], ours.partition("_")[2]} - {""}]
    counts = Counter(part for part, _ours in parts)
    forms = {part: ours for part, ours in parts if counts[part] == 1} | {ours: ours for ours in columns}
    found = {ours for form, ours in forms.items() if _is_misspelt(name.split("_"), form.split("_"))}
    return forms.get(name) or (found.pop() if len(found) == 1 else "")


def _is_misspelt(theirs, ours):
    return len(theirs) == len(ours) and all(
        one.isalpha() and (is_misspelt(one, other) or get_close_matches(one, [other], 1, _LIKE))
        for one, other in zip(theirs, ours, strict=True)
    )


def _of_group(group, own):
    """Return what a column means with this heading of its ``own``, below one of several columns: ``Lead › Name``."""
    if group in (None, "title", "period", own):
        return own
    return group if own == "title" else None


def given(table):
    """Return the headings of ``table`` that a file can have; the others follow from them."""
    return NOT_FOLLOWING.get(table.name, set(table.headings)) & set(table.headings) - {"project_count", "modified"}


def offered(name):
    """Return [(heading, its contents in words)] of the columns of a table that a file can have.

    Any name of a record will do there, although our files have keys.
    """
    columns = {column.heading: column.description for column in IMPORTED[name].columns}
    can_be_given = given(IMPORTED[name])
    if name == "projects":
        columns, can_be_given = columns | EXTRA, {*can_be_given, *EXTRA, *ROLES, *PAYING}
    return [
        (heading, f"{label(heading)}: {contents.replace(': keys in this register', ', by name or key')}")
        for heading, contents in columns.items()
        if heading in can_be_given
    ]


class Chosen:
    """The user's choices: options["columns"] = {sheet or "": {their heading: our heading, or "" to leave it out}}.

    ``{their heading: our heading}`` alone applies to every sheet. options["tables"] = {sheet or "": name of a table, or
    "" to leave it out}.
    """

    def __init__(self, options):
        columns = options.get("columns") or {}
        self._every = {name: ours for name, ours in columns.items() if isinstance(ours, str)}
        self._sheets = {name: chosen for name, chosen in columns.items() if isinstance(chosen, dict)}
        self._plain = {}
        self.tables = options.get("tables") or {}
        self.heading_rows = options.get("heading_rows") or {}
        self.empty_clears = bool(options.get("empty_clears"))

    def of(self, sheet):
        """Return {plain heading: our heading or ""} for a sheet."""
        if sheet not in self._plain:
            chosen = self._every | self._sheets.get("", {}) | self._sheets.get(sheet, {})
            self._plain[sheet] = {plain(theirs): ours for theirs, ours in chosen.items()}
        return self._plain[sheet]

    def read(self, sheet, text, known=_EVERY):
        """Return our heading, one of ``known``, for one of the file's; "" if it is left out, None if there is none."""
        name = plain(text)
        chosen = self.of(sheet).get(name)
        if chosen == "" or (name and chosen in known):
            return chosen
        return name if name in known else None

    def known(self, sheet, cells):
        """Return the headings among ``cells`` that are ours, chosen, or proposed for a list of projects."""
        read = ((self.read(sheet, cell), cell) for cell in cells)
        return {proposal(cell) if ours is None else ours for ours, cell in read} - {None}

    def of_projects(self, sheet, cells):
        """Return the headings of a list of projects among ``cells``, some of which other tables have too."""
        return (self.known(sheet, cells) | set(map(proposal, cells))) & set(HEADINGS["projects"])


def can_be(ours, text, names):
    """Whether a cell can be what our column ``ours`` holds, even if only in one of several ways."""
    if is_none(text):
        return True
    if ours == "period":
        return all(can_be(each, part, names) for each, part in zip(PERIOD, start_and_end(text), strict=True))
    is_date, is_sum = ours in PERIOD, ours.endswith("_amount")
    if (is_date and not all(1950 <= int(year) <= 2100 for year in _FOUR_DIGITS.findall(text))) or (
        (is_date or is_sum) and "\n" in text
    ):
        return False
    try:
        if is_date:
            PartialDate.parse(text, is_end=ours == "end_date")
        elif is_sum:
            parse_sum(text)
        elif ours in OF_RECORDS:
            several(OF_RECORDS[ours], ours, text, names)
    except Unclear as unclear:
        return bool(unclear.meanings)
    except (ValueError, ExceptionGroup):
        return False
    return ours not in _OF_WORDS or not re.search("[0-9]", text) or worded([text]) > 0
