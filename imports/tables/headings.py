"""Which table a sheet is, and what its columns are: by their headings, or as chosen."""

import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import PurePath

from projects.models import EUROPEAN_UNION, Organisation
from projects.models.amounts import currency_in, parse_sum, split_unit, unit_of_line, with_units
from provenance.documents.dates import WAYS, PartialDate, Unclear
from provenance.documents.folding import fold
from provenance.documents.names import is_misspelt

from ..answers import WAY
from ..items import NotReadable, PlacedFault
from . import spans, words
from .cells import PERIOD, is_none, label, several, start_and_end, unreadable
from .csv_files import FIRST_ROWS, NUL
from .documents import KINDS, NOT_FOLLOWING
from .parts import EXTRA, OF_RECORDS, OF_TEXTS, PAYING, ROLES
from .questions import ASK
from .row_groups import IMPORTED, NEEDED
from .workbook import letters

_PLANNED = frozenset(fold(words.PLANNED).split())
_TIMES = frozenset(fold(words.TIMES).split())
_FILLERS = _TIMES.union(fold(words.FILLERS).split())
_NOTES = frozenset(fold(words.NOTES).split())
TOTAL = re.compile(rf"(?:grand |sub ?|sous )?(?:{'|'.join(fold(words.TOTALS).split())})\b(?P<of>.*)")
TITLES = {name: table.title for name, table in IMPORTED.items()}
ABOUT = "About"  # the first sheet of our own workbooks, with their metadata
HEADINGS = {name: (*table.headings, *(EXTRA if name == "projects" else ())) for name, table in IMPORTED.items()}
_EVERY = {heading for headings in HEADINGS.values() for heading in headings}
_LIKE = 0.85  # how like one of ours each word of a misspelt heading has to be, of 1
_MOST_UNEVEN = 20  # rows named in a message
_OF_WORDS = {*OF_TEXTS, *ROLES, "funder_slugs", "status", "budget_currency", "funder_currency"}  # never only figures
_CHOOSE = "Choose on the page of this import which table it is, and which column is which."
_PAGE = re.compile(
    r"(?:page|pagina|seite|страница|стр|сторінка|გვერდი|էջ|səhifə)[\W_]*[0-9]+(?:[\W_]+(?:[^\W\d_]+_)?[0-9]+)?"
)
_ORDER = re.compile(  # of day and month, as a heading gives it: (dd/mm/yyyy), JJ/MM/AAAA
    r"[(\[]?\b(?:(?P<day>[djtzд]{1,2}[./-][mlм]{1,2})|[mlм]{1,2}[./-][djtzд]{1,2})[./-](?:y|a|j|г|р){2,4}\b[)\]]?",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_FEWER = "The file may be cut off here, or a sign between cells be missing. An empty cell has its sign, too."
_TORN = (
    "may be one row, which a line break has torn: together they have as many cells as the row of headings, {}."
    " Put quotation marks around the cell with the line break, or give each row all its signs between cells."
)
_MORE = "Put quotation marks around a cell that holds the sign between cells, and take away what is too much."


# -- Headings --


def shown(text):
    """Return a heading for a message."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:60] + "…"


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
def _proposal(text):
    """Return our heading for what a list of projects calls a column; "" if it has none of ours, None if unknown.

    A year or a date, as “Contract year”, is never a sum, a key or a text; nor is a share, “EU contribution (%)”.
    """
    if "%" in text or not _PLANNED.isdisjoint(_words_of(text)):
        return ""
    group, sign, own = text.partition(spans.ABOVE)
    if sign:
        return _proposal(f"{group} {own}") or _of_group(_proposal(group), _proposal(own))
    name = _name_of(text)
    names = (name, *re.split(r"[/|\n]", name))  # “Țara / Country” says it in two languages
    meanings = {ours for each in names if (ours := _PROPOSALS.get(_essence(each))) is not None}
    ours = meanings.pop() if len(meanings) == 1 else _PROPOSALS.get(_essence(name))
    ours = plain(name) if plain(name) in HEADINGS["projects"] else ours
    return "" if ours not in (None, *PERIOD, "period") and _words_of(text) & _TIMES else ours


def _name_of(heading):
    """Return a heading without its unit, or the order of day and month."""
    return split_unit(_ORDER.sub("", heading))[0]


def _is_of_eu(heading):
    return _essence(_name_of(heading)) in _OF_EU


def orders_of(theirs):
    """Return {our heading of dates: {WAY: the order of day and month}} where ``theirs`` {ours: headings} give it."""
    orders = {}
    for ours in (*PERIOD, "period"):
        ways = {WAYS[0 if match["day"] else 1] for match in _ORDER.finditer(theirs.get(ours, ""))}
        if len(ways) == 1:
            orders[ours] = {WAY: ways.pop()}
    return orders


def _misspelt(name, forms):
    """Return our heading of which ``name`` is a misspelling, word by word; "" if there is none, or are several."""
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
        return {_proposal(cell) if ours is None else ours for ours, cell in read} - {None}


# -- Sheets as tables --


@dataclass
class Listing:
    """A sheet as a table. ``columns``: {place, from 0: our heading}; ``head``: its own headings."""

    sheet: object
    tables: list  # that it may be; none: not known
    number: int  # of the row of headings
    head: list
    columns: dict = field(default_factory=dict)
    proposed: dict = field(default_factory=dict)  # {place: our heading, or "" to leave it out}, if nobody chose one
    why: dict = field(default_factory=dict)  # {place: why a column that may be one of ours is left out, in words}
    skipped: list = field(default_factory=list)  # numbers of rows that add up the others, or repeat or number headings
    notes: dict = field(default_factory=dict)  # {number: text} of rows that are notes, or headings of groups
    units: dict = field(default_factory=dict)  # {place of a column of sums: the unit that its heading names, or ""}
    of_all: dict = field(default_factory=dict)  # {unit of all sums: the line above or below the table that names it}
    lines: dict = field(default_factory=dict)  # {number of a further row of a project: that of its first}
    either: set = field(default_factory=set)  # places of columns of one meaning, of which each row fills one
    short: list = field(default_factory=list)  # numbers of rows with fewer cells than headings
    filled: list = field(default_factory=list)  # merged cells that were given the value of the first
    wrong: dict = field(default_factory=dict)  # {number of a row: [(our heading, message)]}
    is_whole: bool = False  # whether empty cells clear values: in our own export, or by choice

    @property
    def table(self):
        """The table that it is, or most likely is."""
        return next(iter(self.tables), None)

    @property
    def place(self):
        """The place of its row of headings, in words."""
        return self.sheet.place(self.number)

    @property
    def below(self):
        """The rows below the headings: [(number, texts)]."""
        return [row for row in self.sheet.rows if row[0] > self.number]

    @property
    def listed(self):
        """The same, without those that are left out."""
        left_out = {*self.skipped, *self.notes}
        return [row for row in self.below if row[0] not in left_out]

    @property
    def rows(self):
        """Yield (Listing with the columns of this row, number, {our heading: text}) of the rows below the headings."""
        listings = {}
        for number, cells in self.listed:
            empty = tuple(at for at in self.either if not _cell(cells, at))
            if empty not in listings:
                columns = {at: ours for at, ours in self.columns.items() if at not in empty}
                listings[empty] = replace(self, columns=columns) if empty else self
            row = {ours: cells[at] if at < len(cells) else "" for at, ours in listings[empty].columns.items()}
            shared = row.get("budget_currency", "").strip()
            for at, unit in self.units.items():
                text = _cell(cells, at)
                if any(map(str.isdecimal, text)) and not unreadable(text):
                    ours, currency = self.columns[at], f"{self.columns[at][:-6]}currency"
                    is_bare = not unit and not _words([text])
                    code = beside = row.get(currency, "").strip() or (shared if is_bare else "")
                    if currency_in(code) != code and (beside := split_unit(f"Sum ({code})")[1]) and currency in row:
                        row[currency] = currency_in(code) or code  # EUR of k€
                    row[ours] = with_units(text, unit, beside, self.theirs.get(currency, ""), self.of_all)
            yield listings[empty], number, row

    def unit_of(self, heading):
        """Return the unit in which the sums under our ``heading`` are; "" if neither it nor a line beside them says."""
        at = self.at.get(heading)
        return self.units.get(at) or next(iter(self.of_all), "") if at in self.units else ""

    def label(self, heading):
        """Return how a fault names the column of one of our headings: ``F “budget_amount”``."""
        at = self.at.get(heading)
        return f"“{label(heading)}”" if at is None else self.named(at)

    def named(self, at):
        """Return how a fault names the column at a place, which may have no heading."""
        text = shown(self.head[at])
        return f"{letters(at + 1)} “{text}”" if text else letters(at + 1)

    @cached_property
    def at(self):
        """{our heading: place of its column}, once the columns are known."""
        places = {ours: at for at, ours in reversed(self.columns.items())}
        return dict.fromkeys(PERIOD, places["period"]) | places if "period" in places else places

    @cached_property
    def theirs(self):
        """{our heading: that of the file}."""
        return {ours: self.head[at].strip() for ours, at in self.at.items()}

    @cached_property
    def payer(self):
        """The key of the funder that the heading of its amounts names: the European Union, or ""."""
        return EUROPEAN_UNION if _is_of_eu(self.theirs.get("funder_amount", "")) else ""


def plan(sheets, name, chosen, names):
    """Return ([Listing], faults of columns, the sheets for the page). NotReadable if none can be a table.

    If no sheet is a table by its headings, there is a fault that asks to choose.
    """
    seen = [_as_listing(sheet, chosen, name) for sheet in sheets if sheet.title != ABOUT and sheet.rows]
    listings = [one for one in seen if one.tables]
    if not listings and not any(_words(cells) > 1 for one in seen for _number, cells in one.sheet.rows):
        raise NotReadable(_no_table(sheets))
    faults = [fault for one in listings for fault in _read_columns(one, chosen, names)]
    if not listings:
        faults = [PlacedFault(one.place, "", f"{_no_table([one.sheet])} {_CHOOSE}") for one in seen]
    faults += [fault for sheet in sheets if (fault := _no_such_row(sheet, chosen.heading_rows.get(sheet.title)))]
    left_out = [one.sheet.title for one in seen if not one.tables] if listings else []
    return listings, faults, {"sheets": [_about(one, chosen) for one in seen], "left_out": left_out}


def _no_such_row(sheet, number):
    """Return the fault of the row that somebody chose for the headings, if there is nothing in it."""
    if number and number not in dict(sheet.rows):
        last = f"The last row is {sheet.rows[-1][0]:,}." if sheet.rows else "The sheet is empty."
        return PlacedFault(
            sheet.place(number), "", f"It was chosen for the headings, and is empty. {last} Choose another."
        )
    return None


def _about(listing, chosen):
    """Return a sheet for the page. "chosen" columns: those whose meaning somebody chose."""
    by_choice, first = chosen.of(listing.sheet.title), [cells for _number, cells in listing.listed[:50]]
    columns = []
    for at, text in enumerate(listing.head):
        if text.strip() or at in listing.proposed:
            examples = dict.fromkeys(shown(cells[at]) for cells in first if _cell(cells, at))
            unread = "" if at in listing.proposed else by_choice.get(plain(text), ASK)
            columns.append({
                "heading": text, "letter": letters(at + 1), "column": listing.columns.get(at, unread),
                "chosen": plain(text) in by_choice, "proposed": at in listing.proposed,
                "unit": listing.units.get(at) or "", "why": listing.why.get(at, ""),
                "example": " · ".join(list(examples)[:3]),
            })  # fmt: skip
    tables = [table.name for table in listing.tables]
    return {
        "skipped": listing.skipped, "notes": [[row, shown(text)] for row, text in listing.notes.items()],
        "short": listing.short, "filled": listing.filled, "of_all": listing.of_all,
        "unseen": listing.sheet.unseen, "sheet": listing.sheet.title, "hidden": listing.sheet.hidden,
        "rows": len(listing.below), "heading_row": listing.number, "table": tables[0] if len(tables) == 1 else "",
        "tables": tables, "columns": columns,
    }  # fmt: skip


def _as_listing(sheet, chosen, name):
    """Return a sheet as the chosen table, or the one that fits best, if any."""
    first = sheet.rows[:FIRST_ROWS]
    number, cells = max(first, key=lambda row: len(chosen.known(sheet.title, row[1])))
    if wanted := [row for row in sheet.rows if row[0] == chosen.heading_rows.get(sheet.title)]:
        [(number, cells)] = wanted
    elif not chosen.known(sheet.title, cells):
        number, cells = max(first, key=lambda row: _words(row[1]))
    top, number, cells = spans.joined_headings(sheet, number, [text.replace(NUL, "") for text in cells])
    listing = Listing(sheet, _fitting(sheet, cells, chosen, name), number, cells)
    above = {_plain_row(row) for at, row in sheet.rows if at <= number}
    listing.of_all = _units_in(cell for at, row in first if at < top for cell in row)
    plain_rows = ((at, _plain_row(row)) for at, row in listing.below)
    listing.skipped = [at for at, text in plain_rows if text in above or _PAGE.fullmatch(text)]
    return listing


def _units_in(lines):
    """Return {unit: line} of the ``lines`` beside a table that name a unit of all its sums."""
    return {unit: shown(line) for line in lines if (unit := unit_of_line(line))}


def _joined(units):
    """Return {unit: line}, with a factor and a currency in two lines as one unit."""
    if len(units) == 2:
        code, factor = sorted(units, key=lambda unit: currency_in(unit) != unit)
        if currency_in(code) == code and not currency_in(factor):
            return {f"{factor} {code}": f"{units[code]}” and “{units[factor]}"}
    return units


def _plain_row(cells):
    return plain("\n".join(cells))


def _cell(cells, at):
    return cells[at].strip() if at < len(cells) else ""


def _words(cells):
    """Return how many cells have words in them, as headings have."""
    return sum(1 for cell in cells if re.search(r"[^\W\d_]", cell))


def _fitting(sheet, cells, chosen, name):
    """Return the chosen table, else those with most of the headings in ``cells``; if several, by name."""
    if sheet.hidden or sheet.title in chosen.tables:  # what is hidden is no table, unless chosen
        return [IMPORTED[table] for table in [chosen.tables.get(sheet.title)] if table in IMPORTED]
    headings = {chosen.read(sheet.title, cell) for cell in cells}
    counts = {
        name: len(headings & set(table.headings))
        for name, table in IMPORTED.items()
        if headings & set(NEEDED[name][0].split("|"))
    }
    of_projects = (chosen.known(sheet.title, cells) | set(map(_proposal, cells))) & set(HEADINGS["projects"])
    is_named = of_projects & set(NEEDED["projects"][0].split("|"))
    if len(of_projects) > max([1 if is_named else 2, *counts.values()]):
        return [IMPORTED["projects"]]
    fits = [IMPORTED[table] for table, count in counts.items() if count == max(counts.values())]
    titled = plain(sheet.title or PurePath(name).stem)
    return [table for table in fits if titled == plain(table.title) or titled.startswith(plain(table.name))] or fits


def _read_columns(listing, chosen, names):
    """Set the columns of ``listing``. Returns the faults of its columns and rows."""
    table = listing.table
    if len(listing.tables) > 1:
        names = " or ".join(f"“{one.title}”" for one in listing.tables)
        message = f"This may be the table {names}. Choose which, or name the file or the sheet so."
        return [PlacedFault(listing.place, "", message)]
    own, widest = listing.head, max(len(cells) for _number, cells in listing.sheet.rows)
    listing.head = [*own, *[""] * (widest - len(own))]
    _assign(listing, chosen, names)
    is_our_own = {"modified", table.primary_key[0]} <= set(map(plain, listing.head))
    listing.is_whole = chosen.empty_clears or is_our_own
    spans.fill(listing, {at for at, ours in listing.columns.items() if is_our_own or _is_sum(table, ours)})
    if table.name == "projects":
        title = listing.at.get("title", 0)
        listing.notes |= {} if is_our_own else _notes(listing)
        for number, cells in listing.below[:2]:
            if sum(bool(cell.strip()) for cell in cells) == 1 and _units_in(cells):
                listing.notes[number] = "".join(cells).strip()
        listing.of_all = _joined(listing.of_all | _units_in(listing.notes.values()))
        rows = [row for row in listing.below if row[0] not in listing.notes]
        least = sum(bool(text.strip()) for text in own)
        listing.skipped = [
            row for row, cells in rows if row in listing.skipped or _adds_up(cells, title) or _numbers(cells, least)
        ]
    faults = _uneven(listing, len(own), names) if listing.sheet.is_even else []
    return faults + _unheaded(listing) + _twice(listing) + _missing(listing)


def _notes(listing):
    """Return {number: text} of the rows below a list that are notes: sentences without signs between cells, and rows of
    one cell that begin like a note, or stand apart, and what follows them.
    """
    least, tail, notes = _least(listing), [], {}
    is_trimmed = any(1 < len(cells) < least and not cells[1].startswith(" ") for _number, cells in listing.below)
    for number, cells in reversed(listing.below):
        is_sentence = listing.sheet.is_even and len(cells) < least and all(one.startswith(" ") for one in cells[1:])
        is_sentence = is_sentence and not _is_spaced(listing) and (len(cells) > 1 or not is_trimmed)
        if sum(bool(cell.strip()) for cell in cells) > 1 and not is_sentence:
            break
        text = ",".join(cells).strip(",").strip()
        first, *others = fold(text).split()
        is_note = (is_sentence and others) or text.startswith(("*", "(*")) or first.strip(":.") in _NOTES
        tail.append((number, text, is_note))
    else:
        return {}
    above = number
    for number, text, is_note in reversed(tail):
        if notes or is_note or number > above + 1:
            notes[number] = text
        above = number
    return notes


def _adds_up(cells, title):
    """Whether a row only adds up others: it begins with “Total”, or with “Total EU” and has only amounts and “EU”.

    It begins with its first words, or with those in the column ``title``.
    """
    words = [at for at, cell in enumerate(cells) if re.search(r"[^\W\d_]", cell)]
    for at in [*words[:1], *(each for each in words if each == title)]:
        if total := TOTAL.fullmatch(fold(cells[at])):
            others = [each for each in cells[:at] + cells[at + 1 :] if each.strip()]
            return total["of"] in ("", ":", " general", " eur", " usd") or all(
                re.search(r"[0-9]", each) or fold(each) == total["of"].strip() for each in others
            )
    return False


def _numbers(cells, least):
    """Whether a row only numbers the columns, of which ``least`` have a heading: 1, 2, 3 …"""
    numbers = [cell.strip(" .()[]") for cell in cells if cell.strip()]
    return len(numbers) >= max(least, 2) and numbers == [str(at) for at, _number in enumerate(numbers, 1)]


def _assign(listing, chosen, names):
    """Set what each column is, as chosen, by its heading, or else by a proposal; and its unit."""
    table, columns, proposed = listing.table, listing.columns, listing.proposed
    for at, text in enumerate(listing.head):
        ours = chosen.read(listing.sheet.title, text, HEADINGS[table.name])
        if ours:
            columns[at] = ours
        elif text.strip() and ours is None:
            proposed[at] = ""
    known, forms = {*columns.values()}, _forms(given(table))
    for at in proposed:
        text, taken = listing.head[at], known  # of several proposals with the same meaning, a person chooses
        if (ours := _proposal(text) if table.name == "projects" else None) is None:
            ours, taken = _misspelt(plain(_name_of(text)), forms), known.union(proposed.values())
        is_sure = _essence(text) not in _DOUBTFUL and ours != "period"
        if not (is_sure or _holds(listing, at, ours, names)):
            listing.why[at] = f"its cells are no {'dates' if ours == 'period' else 'countries'}"
            ours = "implementer_slugs" if ours == "period" and _are_known(listing, at, Organisation, names) else ""
        if ours and ours in taken:
            ours, listing.why[at] = "", f"another column is “{label(ours)}”"
        proposed[at] = ours
    if table.name == "projects" and "budget_amount" not in known.union(proposed.values()):
        proposed |= dict.fromkeys(_sole_sums(listing), "budget_amount")
    now = known.union(proposed.values())
    for at, ours in proposed.items():
        if ours == "period" and not now.isdisjoint(PERIOD):
            proposed[at], listing.why[at] = "", "other columns are start and end"
        elif "funder_slugs" in now and _is_of_eu(listing.head[at]):
            proposed[at], listing.why[at] = "", "another column is “Funder”"
    columns |= {at: ours for at, ours in proposed.items() if ours}
    listing.units = {at: _unit_of(listing.head[at]) for at, ours in columns.items() if _is_sum(table, ours)}
    listing.of_all = listing.of_all if listing.units else {}


def _forms(columns):
    """Return {what a misspelt heading may be: our heading}: each of ``columns``, and its parts that no other has."""
    parts = [(part, ours) for ours in columns for part in {ours.rpartition("_")[0], ours.partition("_")[2]} - {""}]
    counts = Counter(part for part, _ours in parts)
    return {part: ours for part, ours in parts if counts[part] == 1} | {ours: ours for ours in columns}


def _sole_sums(listing):
    """Return the places of columns that are the budget if no other is: “Total”, or else a currency alone."""
    heads = {at: listing.head[at].rpartition(spans.ABOVE)[2] for at, ours in listing.proposed.items() if not ours}
    totals = [at for at, text in heads.items() if TOTAL.sub(r"\g<of>", fold(split_unit(text)[0])) == ""]
    return totals or [at for at, text in heads.items() if currency_in(split_unit(f"Sum ({text})")[1])]


def _unit_of(heading):
    """Return the unit that a heading names, which may be nothing else, or the one above it."""
    for text in reversed(heading.split(spans.ABOVE)):
        if unit := split_unit(text)[1] or split_unit(f"Sum ({text})")[1]:
            return unit
    return ""


def _holds(listing, at, ours, names):
    """Whether a column, whose heading may have other meanings, holds what it is to be in one of its first rows."""
    texts = [text for _number, cells in listing.listed[:50] if not is_none(text := _cell(cells, at))]
    return not texts or any(_can_be(ours, text, names) for text in texts)


def _are_known(listing, at, model, names):
    """Whether one of the first cells of a column names a record of ``model``."""
    texts = (text for _number, cells in listing.listed[:50] for text in re.split(r"[;,/\n]", _cell(cells, at)))
    return any(names.knows(model, text.strip()) for text in texts)


def _is_sum(table, ours):
    return KINDS[table.name].get(ours, ours[-6:]) == "amount"  # ours[-6:]: of columns that our files do not have


def _unheaded(listing):
    """Return faults of columns that have words but no heading; those with only numbers, as of rows, are left out."""
    bare, first = {at for at, text in enumerate(listing.head) if not text.strip()}, {}
    for number, cells in listing.below if bare else ():
        filled = [at for at in bare if at < len(cells) and cells[at].strip() and number not in listing.notes]
        first = {at: number for at in filled if listing.is_whole or _words([cells[at]])} | first
        listing.proposed |= dict.fromkeys(filled, "")
    message = "It has no heading, and row {} has something in it. Give it one, or empty it."
    return [PlacedFault(listing.place, listing.named(at), message.format(row)) for at, row in sorted(first.items())]


def _twice(listing):
    """Return faults of columns with the same meaning, of which a person chooses one.

    If they are sums of different units, such as currencies, and no row has two of them, all are read.
    """
    places, faults = defaultdict(list), []
    for at, ours in listing.columns.items():
        places[ours].append(at)
    for ours, same in places.items():
        if len(same) == 1:
            continue
        if len({listing.units.get(at) for at in same} - {None, ""}) == len(same) and _are_one(listing, same):
            listing.either.update(same)
        else:
            which = " or ".join(f"“{shown(listing.head[at])}”" for at in same)
            message = f"{len(same)} columns are “{label(ours)}”. Choose which it is: {which}. Leave out the rest."
            faults.append(PlacedFault(listing.place, listing.named(same[0]), message))
    return faults


def _are_one(listing, places):
    """Whether each row fills at most one of the columns at these ``places``."""
    rows = [cells for _number, cells in listing.listed if not _adds_up(cells, 0)]
    return all(sum(bool(_cell(cells, at)) for at in places) < 2 for cells in rows)


def _needed(name):
    """Return the columns that a table needs, in words; sometimes one of several is enough."""
    return {one: " or ".join(f"“{label(heading)}”" for heading in one.split("|")) for one in NEEDED[name]}


def _missing(listing):
    there, title = set(listing.columns.values()), TITLES[listing.table.name]
    return [
        PlacedFault(listing.place, named, f"The table “{title}” needs the column {named}.")
        for one, named in _needed(listing.table.name).items()
        if there.isdisjoint(one.split("|"))
    ]


def _no_table(sheets):
    cells = [f"“{shown(cell)}”" for sheet in sheets for _number, row in sheet.rows[:1] for cell in row if cell.strip()]
    if cells and all(sheet.hidden for sheet in sheets):
        return "The sheet is hidden in the workbook: it is not read."
    wanted = ", ".join(f"{TITLES[name]}: {next(iter(_needed(name).values()))}" for name in NEEDED)
    begins = f"It begins with {', '.join(cells[:5])}." if cells else "It is empty."
    return f"No heading row was found. {begins} Each table needs its key column: {wanted}."


def _least(listing):
    """Return the number of cells up to the last heading."""
    return max((at for at, text in enumerate(listing.head, 1) if text.strip()), default=0)


def _is_spaced(listing):
    """Whether a blank follows the signs between cells."""
    return any(re.match(r" +\S", text) for text in listing.head[1:])


def _torn(listing, rows, least, names):
    """Return {number: (first, last)} of short rows that may be one, torn by a line break.

    Together they are a row that fits the headings; one of them does not, or has only texts. A title alone says nothing:
    that is asked.
    """
    others = [at for at, ours in listing.columns.items() if ours not in OF_TEXTS]
    torn, run = {}, deque()
    for number, cells in rows:
        if len(cells) >= least:
            run.clear()
            continue
        run.append((number, cells))
        whole = _untorn(run)
        while run and (len(whole) > least or len(run[0][1]) == 1):
            run.popleft()
            whole = _untorn(run)
        if len(whole) == least and len(cells) > 1 and _fits(listing, whole, names):
            parts = [cells for _number, cells in run if len(cells) > 1]
            if not all(any(_cell(cells, at) for at in others) and _fits(listing, cells, names) for cells in parts):
                torn |= dict.fromkeys((at for at, _cells in run), (run[0][0], number))
                run.clear()
    return torn


def _untorn(run):
    """Return the cells of rows as one row: the last cell of each goes on in the next."""
    whole = [""]
    for _number, (first, *others) in run:
        whole = [*whole[:-1], f"{whole[-1]}\n{first}".strip("\n"), *others]
    return whole


def _fits(listing, cells, names):
    """Whether each cell of a row can be what its column is, even if only in one of several ways."""
    return all(_can_be(ours, _cell(cells, at), names) for at, ours in listing.columns.items())


def _can_be(ours, text, names):
    if is_none(text):
        return True
    if ours == "period":
        return all(_can_be(each, part, names) for each, part in zip(PERIOD, start_and_end(text), strict=True))
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
    return ours not in _OF_WORDS or not re.search("[0-9]", text) or _words([text]) > 0


def _uneven(listing, most, names):
    """Return faults of the rows of a Listing that have cells beyond its ``most`` headings, or may be cut off or torn.

    Cells that a row lacks are empty, except in tables with the register's keys, and where empty cells clear.
    """
    least, rows, faults = _least(listing), listing.listed, []
    widths = {len(cells) for _number, cells in rows}
    if len(widths) == 1 < len(rows) and not any(cell.strip() for _number, cells in rows for cell in cells[most:]):
        most = max(most, *widths)  # with the same signs too many at the end of each row
    is_strict = listing.is_whole or listing.table.primary_key[0] in map(plain, listing.head)
    torn = {} if is_strict else _torn(listing, rows, least, names)
    for number, cells in rows:
        place = listing.sheet.place(number)
        if number in torn:
            first, last = torn[number]
            message = f"Rows {first} to {last} {_TORN.format(least)}"
            faults += [PlacedFault(place, "", message)] if number == first else []
        elif right := _refusal(listing, number, cells, most, is_strict):
            count = f"It has {len(cells)} {'cell' if len(cells) == 1 else 'cells'}"
            faults.append(PlacedFault(place, "", f"{count}, and the row of headings has {most}. {right}"))
        elif len(cells) < least:
            listing.short.append(number)
    if more := len(faults[_MOST_UNEVEN:]):
        message = f"So have {more:,} more rows." if more > 1 else "So has one more row."
        faults[_MOST_UNEVEN:] = [PlacedFault(f"{faults[_MOST_UNEVEN].place} and below", "", message)]
    return faults


def _refusal(listing, number, cells, most, is_strict):
    """Return what would be right if the cells of a row may be under wrong headings; "" if they are not."""
    if len(cells) > most:
        # a text that holds the sign between cells
        is_parted = not _is_spaced(listing) and any(re.match(r" +\S", text) for text in cells[1:])
        return _MORE if is_strict or is_parted or any(map(str.strip, cells[most:])) else ""
    is_cut_off = listing.sheet.is_open and number == listing.sheet.rows[-1][0] and not listing.short
    return _FEWER if len(cells) < _least(listing) and (is_strict or is_cut_off) else ""
