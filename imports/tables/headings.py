"""What the headings of a table mean: by their words, or by what stands below them; and as a person chose."""

import re
from collections import Counter, defaultdict
from difflib import get_close_matches
from functools import lru_cache

from projects.models import Project
from projects.models.amounts import parse_sum, split_unit
from provenance.documents.dates import WAYS, PartialDate
from provenance.documents.folding import fold
from provenance.documents.names import is_misspelt

from ..answers import WAY
from . import spans
from .cells import FLAGS, PERIOD, is_none, label, sectors_in, several, start_and_end, text_under, worded
from .documents import NOT_FOLLOWING
from .parts import OF_RECORDS, OF_TEXTS, PAYING, ROLES
from .row_groups import IMPORTED
from .words import words

HEADINGS = {name: (*table.headings, *(words.extra if name == "projects" else ())) for name, table in IMPORTED.items()}
_EVERY = {heading for headings in HEADINGS.values() for heading in headings}
LONGEST = 300  # characters of a heading
_LIKE = 0.85  # how like one of ours each word of a misspelt heading has to be, of 1
_OF_WORDS = {*OF_TEXTS, *ROLES, "funder_slugs", "status", "budget_currency", "funder_currency"}  # never only figures
_ORDER = re.compile(  # of day and month, as a heading gives it: (dd/mm/yyyy), JJ/MM/AAAA
    r"[(\[]?\b(?:(?P<day>[djtzд]{1,2}[./-][mlм]{1,2})|[mlм]{1,2}[./-][djtzд]{1,2})[./-](?:y|a|j|г|р){2,4}\b[)\]]?",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_WORD = re.compile(r"[^\W_]+")
_YEARS = re.compile(r"\b(?:19|20)[0-9]{2} ?[-–—/] ?(?:19|20)[0-9]{2}\b")  # from the first to the last
_YEARLY = re.compile(r"\bp\. ?a\b|\bjahres", re.IGNORECASE)  # no total
_ENDING = re.compile(r"(?<=\w{4})(?!ee$)(?:(?:ului|ul)?[aeiouyəаеиіоуыьэюяєაეიოუ]*|[ei]*s)$")  # as of the plural


def plain(text):
    """Return a heading without case, blanks, hyphens, and a star or colon at its end."""
    return re.sub(r"[\s_-]+", "_", text.casefold().strip().rstrip("*:").rstrip())


def _words_of(text):
    """Return the words of a text without their endings: ``countries`` and ``country`` are one."""
    return frozenset(_ENDING.sub("", word) for word in _WORD.findall(fold(text)))


_PLANNED, _TIMES, _FILLERS = map(_words_of, map(" ".join, (words.planned, words.times, words.times + words.fillers)))


def _essence(text):
    """Return the meaningful words of a heading, in any order; without any, all words as they are."""
    return _words_of(text) - _FILLERS or frozenset(_WORD.findall(fold(text)))


_DOUBTFUL = {*map(_essence, words.doubtful)}
_OF_EU = {*map(_essence, words.of_eu)}
_OURS = {*NOT_FOLLOWING["projects"], *words.extra, *ROLES, *PAYING}
_PROPOSALS = {_essence(ours.replace("_", " ")): ours for ours in _OURS}
_PROPOSALS |= dict.fromkeys(_OF_EU, "funder_amount")
_PROPOSALS |= {  # a single word only where it is the whole name: “project code” is one of ours, “code” is not
    form: ours
    for ours, names in words.headings.items()
    for name in names
    for form in (_words_of(name), _essence(name))
    if len(form) > 1 or (form == _essence(name) and " " not in name)
}
_BESIDE = {ours: _words_of(" ".join(texts)) for headings, texts in words.beside.items() for ours in headings.split()}
_EVERY_WORD = frozenset().union(_FILLERS, *_PROPOSALS, *_BESIDE.values())


@lru_cache(1000)
def _parted(word):
    """Return the two known words of which one is made, as ``Projektbeginn`` is; else the word; without endings."""
    for at in range(3, len(word) - 2):
        parts = _words_of(f"{word[:at]} {word[at:]}")
        if parts <= _EVERY_WORD:
            return parts
    return _words_of(word)


@lru_cache(1000)
def _meant(name):
    """Return our heading for one with a word that is known and none that means anything else.

    ``Target country`` and ``Țara / Country`` are such. None if it has none, or several meanings.
    """
    all_words = frozenset(part for word in _WORD.findall(fold(name)) for part in _parted(word)) - _FILLERS
    known = defaultdict(set)
    for phrase, ours in _PROPOSALS.items():
        if phrase <= all_words:
            known[ours] |= phrase
    found = [ours for ours, there in known.items() if all_words - there <= _BESIDE.get(ours, frozenset())]
    return found[0] if len(found) == 1 else None


@lru_cache(1000)
def proposal(text):
    """Return our heading for what a list of projects calls a column; "" if it has none of ours, None if unknown.

    A year or a date, as “Contract year”, is never a sum, a key or a text; nor is a share, “EU contribution (%)”, or a
    sum of a year. What is said of a value, “Start (quote)”, is no value; and what was planned is known of dates alone.
    """
    if len(text) > LONGEST:
        return None
    remark = re.search(r"\(([^()]+)\)$", text.strip())
    if "%" in text or _YEARLY.search(text) or (remark and _PROPOSALS.get(_essence(remark[1])) == ""):
        return ""
    if is_planned(text):
        ours = proposal(_WORD.sub(lambda word: "" if is_planned(word[0]) else word[0], text))
        return f"{ours}_planned" if ours in PERIOD else ours and ""
    group, sign, own = text.partition(spans.ABOVE)
    if sign:
        ours = proposal(own)
        return ours if ours in PERIOD else proposal(f"{group} {own}") or _of_group(proposal(group), ours)
    name = _name_of(text)
    ours = _PROPOSALS.get(_words_of(name), _PROPOSALS.get(_essence(name), _meant(name)))
    return "" if ours not in (None, *PERIOD, "period", "status_as_of") and _words_of(text) & _TIMES else ours


def _name_of(heading):
    """Return a heading without its number, its unit, its years, and the order of day and month."""
    return _YEARS.sub("", split_unit(_ORDER.sub("", re.sub(r"\A\s*[0-9]{1,2}[.)]\s+", "", heading)))[0])


def is_doubtful(heading):
    """Whether only its cells show what a column holds, as its heading has further words or may mean several things."""
    essence = _essence(_name_of(heading))
    return essence in _DOUBTFUL or essence not in _PROPOSALS or proposal(heading) == "period"


def is_of_projects(heading):
    """Whether a heading says no more than “Project”: beside another known one, it makes a list of projects."""
    return proposal(heading) == "title" and not is_doubtful(heading) and _words_of(heading) <= _FILLERS


def is_planned(heading):
    """Whether a column says what was planned, which is not what is known."""
    return not _PLANNED.isdisjoint(_words_of(heading))


def is_of_eu(heading):
    """Whether a column holds what the European Union pays."""
    return proposal(heading) == "funder_amount" and any(name <= _words_of(heading) for name in _OF_EU)


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


@lru_cache(1000)
def called(name, text):
    """Return our heading in the table ``name``, not of projects, that a page or list calls ``text``; None if none."""
    ours, table = proposal(text) or "", IMPORTED[name]
    can_be_given = given(table)
    known = {_essence(label(each)): each for each in can_be_given}
    known |= {_essence(word): each for each in can_be_given for word in words.others.get(each, ())}
    known |= {_essence("title"): "project_slug"} if table.parts else {_essence(table.model._meta.verbose_name): "name"}
    of_any = re.sub("^.*_(?=amount|currency|role)", "", ours)  # of a budget or a contribution
    return next(filter(None, map(known.get, map(_essence, (text, label(ours), of_any)))), None)


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
        columns, can_be_given = columns | words.extra, {*can_be_given, *words.extra, *ROLES, *PAYING}
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

    def of_table(self, name, sheet, cells):
        """Return the headings of the table ``name`` among ``cells``, chosen or as a page or list calls them."""
        return {self.read(sheet, cell, HEADINGS[name]) or called(name, cell) for cell in cells if cell} - {None}

    def of_projects(self, sheet, cells):
        """Return the headings of a list of projects among ``cells``, some of which other tables have too."""
        return (self.known(sheet, cells) | set(map(proposal, cells))) & set(HEADINGS["projects"])


def can_be(ours, text, names):
    """Whether a cell can be what our column ``ours`` holds, even if only in one of several ways."""
    if is_none(text):
        return True
    if ours == "period":
        return all(can_be(each, part, names) for each, part in zip(PERIOD, start_and_end(text), strict=True))
    if ours.endswith("_planned"):
        return text.casefold() in FLAGS
    if ours == "identifier":
        return not re.fullmatch("[0-9]{1,3}", text)  # they number the rows
    is_date, is_sum = ours in (*PERIOD, "status_as_of"), ours.endswith("_amount")
    if (is_date and not all(1950 <= int(year) <= 2100 for year in _FOUR_DIGITS.findall(text))) or (
        (is_date or is_sum) and "\n" in text
    ):
        return False
    try:
        if is_date:
            PartialDate.parse(text, is_end=ours == "end_date")
        elif is_sum:
            parse_sum(text)
        elif ours == "sectors":
            sectors_in(text)
        elif ours == "status":
            text_under(Project._meta.get_field(ours), ours, text)
        elif ours in OF_RECORDS:
            several(OF_RECORDS[ours], ours, text, names)
    except (ValueError, ExceptionGroup) as error:
        return bool(getattr(error, "meanings", ()))
    return ours not in _OF_WORDS or not re.search("[0-9]", text) or worded([text]) > 0
