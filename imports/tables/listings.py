"""Which table a sheet is, which rows of it are records, and what its columns are."""

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import zip_longest
from pathlib import PurePath

from projects.models import EUROPEAN_UNION, Organisation
from projects.models.amounts import currency_in, split_unit, unit_in
from provenance.documents import declaration as m
from provenance.documents.folding import fold
from provenance.documents.names import OFFICIAL_NAMES
from provenance.documents.readings import codes_of_countries

from ..answers import LEAVE_OUT
from ..items import NotReadable, PlacedFault
from . import asides, headings, spans, units, widths
from .cells import count_filled, is_date, is_none, label, several, shown, text_at, worded
from .csv_files import FIRST_ROWS, NUL
from .headings import HEADINGS, plain
from .parts import IN_ROLES, OF_RECORDS, PAYING, ROLES
from .questions import ASK, key_of
from .row_groups import IMPORTED, NEEDED
from .words import words
from .workbook import letters

_NAMING = {*NEEDED["projects"][0].split("|")}
TITLES = {name: table.title for name, table in IMPORTED.items()}
ABOUT = "About"  # the first sheet of our own workbooks, with their metadata
_CHOOSE = "Choose on the page of this import which table it is, and which column is which."
_MOST = 0.5  # of its cells, where these say what a column holds
_PAID = ("each is paid by whom its heading names, as a contribution", "leave them out: they are no contributions")
_BODIES = {fold(name) for names in OFFICIAL_NAMES for name in names}
_PAGE = re.compile(
    r"(?:page|pagina|seite|страница|стр|сторінка|გვერდი|էջ|səhifə)[\W_]*[0-9]+(?:[\W_]+(?:[^\W\d_]+_)?[0-9]+)?"
)


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
    countries: dict = field(default_factory=dict)  # {number of a row: (its country, where it stands)} in no cell of it
    lines: dict = field(default_factory=dict)  # {number of a further row of a project: that of its first}
    either: list = field(default_factory=list)  # [places of columns of sums of one meaning in different units]
    planned: list = field(default_factory=list)  # places of columns of dates that were planned
    payers: dict = field(default_factory=dict)  # {place of a column of sums: who pays them, as its heading says}
    of_some: set = field(default_factory=set)  # places of columns of currencies that are empty in some rows
    short: list = field(default_factory=list)  # numbers of rows with fewer cells than headings
    filled: list = field(default_factory=list)  # merged cells that were given the value of the first
    wrong: dict = field(default_factory=dict)  # {number of a row: [what ``Row.fault`` takes]}
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
    def least(self):
        """The number of cells up to the last heading."""
        return max((at for at, text in enumerate(self.head, 1) if text.strip()), default=0)

    @property
    def is_spaced(self):
        """Whether a blank follows the signs between cells."""
        return any(re.match(r" +\S", text) for text in self.head[1:])

    @property
    def below(self):
        """The rows below the headings: [(number, texts)]."""
        return [row for row in self.sheet.rows if row[0] > self.number]

    @property
    def listed(self):
        """The same, without those that are left out."""
        left_out = {*self.skipped, *self.notes}
        return [row for row in self.below if row[0] not in left_out]

    def rows(self, answers):
        """Yield what makes the ``documents.Rows`` of each row: one for each payer; its Listing has the columns read."""
        for number, cells in self.listed:
            empty = set()
            for same in self.either:
                ways = {units.WAY_OF.format(self.units[at]): at for at in same if text_at(cells, at)}
                chosen = ways.get(answers.meaning(self.columns[same[0]], key_of([*ways])))
                empty |= {*same} - ({*ways.values()} if chosen is None else {chosen})
            for at in self.planned:
                same = {each for each, ours in self.columns.items() if ours in (self.columns[at], "period")} - {at}
                empty |= {at} if any(not is_none(text_at(cells, each)) for each in same) else same
            in_role = self._in_role(number, cells, answers)
            for payer in dict.fromkeys(who for at, who in self.payers.items() if text_at(cells, at)) or [None]:
                others = empty | {at for at, who in self.payers.items() if who != payer}
                columns = {at: ours for at, ours in (self.columns | in_role).items() if at not in others}
                listing = replace(self, columns=columns) if columns != self.columns else self
                yield listing, number, cells, *units.completed(listing, cells)

    def _in_role(self, number, cells, answers):
        """Return {place: our heading} of a row's column of an organisation, by its role, which is asked if unknown."""
        (at, role), there = map(self.at.get, IN_ROLES), self.at
        if at is None or role is None or not text_at(cells, at):
            return {}
        text, roles = text_at(cells, role), [each for each in (*ROLES, "funder_slugs") if each not in there]
        meaning = answers.meaning(IN_ROLES[1], text)
        ours = headings.proposal(text if meaning is None else meaning)
        if ours not in roles and meaning != LEAVE_OUT:
            asked = {"text": text, "choices": [(each, label(each)) for each in roles]}
            message = f"“{shown(text)}” is not known as what an organisation does. Which is it?"
            self.wrong.setdefault(number, []).append((IN_ROLES[1], message, asked))
        return {at: ours} if ours in roles else {}

    def label(self, heading):
        """Return how a fault names the column of one of our headings: ``F “budget_amount”``."""
        at = self.at.get(heading)
        return f"“{label(heading)}”" if at is None else self.named(at)

    def named(self, at):
        """Return how a fault names the column at a place, which may have no heading."""
        text, line = shown(self.head[at]), self.sheet.line(at).removeprefix("column ")
        return f"{line} “{text}”" if text else line

    def unread(self, cells):
        """Return {heading: text} of the cells of a row in columns that are left out, though they may say what it is."""
        left = [at for at, ours in self.proposed.items() if not ours and self.head[at].strip()]
        return {self.head[at]: text_at(cells, at) for at in left if headings.proposal(self.head[at]) != ""}

    @cached_property
    def at(self):
        """{our heading: place of its column}, once the columns are known."""
        return {ours: at for at, ours in sorted(self.columns.items(), reverse=True)}

    @cached_property
    def theirs(self):
        """{our heading: that of the file}."""
        return {ours: self.head[at].strip() for ours, at in self.at.items()}


def plan(sheets, name, chosen, names):
    """Return ([Listing], faults of columns, the sheets for the page). NotReadable if none can be a table.

    If no sheet is a table by its headings, there is a fault that asks to choose.
    """
    seen = [
        _as_listing(_turned(sheet, chosen), chosen, name) for sheet in sheets if sheet.title != ABOUT and sheet.rows
    ]
    for one in seen if not any(one.tables for one in seen) else ():
        is_listed = any(map(headings.is_of_projects, one.head)) and sum(map(bool, map(headings.proposal, one.head))) > 1
        one.tables = [IMPORTED["projects"]] if is_listed and one.sheet.title not in chosen.tables else []
    listings = [one for one in seen if one.tables]
    if not listings and not any(worded(cells) > 1 for one in seen for _number, cells in one.sheet.rows):
        raise NotReadable(_no_table(sheets))
    faults = [fault for one in listings for fault in _read_columns(one, chosen, names)]
    if not listings:
        faults = [PlacedFault(one.place, "", f"{_no_table([one.sheet])} {_CHOOSE}") for one in seen]
    for sheet in sheets:
        row = chosen.heading_rows.get(sheet.title)
        if row and row not in dict(sheet.rows):
            faults.append(PlacedFault(sheet.place(row), "", "It was chosen for the headings, and is empty."))
    left_out = [one.sheet.title for one in seen if not one.tables] if listings else []
    return listings, faults, {"sheets": [_about(one, chosen) for one in seen], "left_out": left_out}


def _about(listing, chosen):
    """Return a sheet for the page. "chosen" columns: those whose meaning somebody chose."""
    by_choice, first = chosen.of(listing.sheet.title), [cells for _number, cells in listing.listed[:50]]
    columns = []
    for at, text in enumerate(listing.head):
        if text.strip() or at in listing.proposed:
            examples = dict.fromkeys(shown(cells[at]) for cells in first if text_at(cells, at))
            unread = "" if at in listing.proposed else by_choice.get(plain(text), ASK)
            columns.append({
                "heading": text, "line": listing.sheet.line(at), "column": listing.columns.get(at, unread),
                "chosen": plain(text) in by_choice, "proposed": at in listing.proposed,
                "unit": listing.units.get(at) or "", "why": listing.why.get(at, ""),
                "example": " · ".join(list(examples)[:3]),
            })  # fmt: skip
    tables = [table.name for table in listing.tables]
    return {
        "countries": list(dict.fromkeys(listing.countries.values())),
        "skipped": sorted(listing.skipped), "notes": [[row, shown(text)] for row, text in listing.notes.items()],
        "short": listing.short, "filled": listing.filled, "of_all": listing.of_all,
        "unseen": listing.sheet.unseen, "struck": listing.sheet.struck, "turned": listing.sheet.is_turned,
        "sheet": listing.sheet.title, "hidden": listing.sheet.hidden,
        "rows": len(listing.below), "heading_row": listing.number, "table": tables[0] if len(tables) == 1 else "",
        "tables": tables, "columns": columns,
    }  # fmt: skip


def _turned(sheet, chosen):
    """Return a sheet of projects with its headings in a row, if they stand below one another in its first column."""
    rows, (last, _cells) = dict(sheet.rows), sheet.rows[-1]
    if last > FIRST_ROWS or sheet.merged or sheet.title in chosen.heading_rows:
        return sheet
    down = chosen.of_projects(sheet.title, [text_at(cells, 0) for cells in rows.values()])
    across = max(len(chosen.of_projects(sheet.title, cells)) for cells in rows.values())
    is_listed = 1 < count_filled(sheet.rows[0][1]) <= across
    if len(down) <= max(2, across) or is_listed or down.isdisjoint(_NAMING):
        return sheet
    columns = zip_longest(*(rows.get(number, ()) for number in range(1, last + 1)), fillvalue="")
    numbered = [(number, list(cells)) for number, cells in enumerate(columns, 1) if count_filled(cells)]
    return replace(sheet, rows=numbered, is_even=False, is_open=False, is_turned=True)


def _as_listing(sheet, chosen, name):
    """Return a sheet as the chosen table, or the one that fits best, if any."""
    first = sheet.rows[:FIRST_ROWS]
    known = [chosen.known(sheet.title, cells) for _number, cells in first]
    best = max(range(len(first)), key=lambda at: len(known[at]))
    # A list above it with headings of its own counts, so that this row is refused, and no row is lost.
    number, cells = first[next((at for at in range(best - 1) if len(known[at]) > 1 and known[at] & _NAMING), best)]
    if wanted := [row for row in sheet.rows if row[0] == chosen.heading_rows.get(sheet.title)]:
        [(number, cells)] = wanted
    elif not any(known):
        number, cells = max(first, key=lambda row: worded(row[1]))
    cells = [text.replace(NUL, "") for text in cells]
    top, number, cells = spans.joined_headings(sheet, number, cells, partial(chosen.of_projects, sheet.title))
    listing = Listing(sheet, _fitting(sheet, cells, chosen, name), number, cells)
    listing.of_all = units.units_in(cell for at, row in first if at < top for cell in row)
    texts = {at: plain("\n".join(row)) for at, row in sheet.rows}
    above = {text for at, text in texts.items() if at <= number}
    listing.skipped = [at for at, text in texts.items() if at > number and (text in above or _PAGE.fullmatch(text))]
    return listing


def _fitting(sheet, cells, chosen, name):
    """Return the chosen table, else those with most of the headings in ``cells``; if several, by name."""
    if sheet.hidden or sheet.title in chosen.tables:  # what is hidden is no table, unless chosen
        return [IMPORTED[table] for table in [chosen.tables.get(sheet.title)] if table in IMPORTED]
    there = {chosen.read(sheet.title, cell) for cell in cells}
    counts = {
        name: len(there & set(table.headings))
        for name, table in IMPORTED.items()
        if there & set(NEEDED[name][0].split("|"))
    }
    of_projects = chosen.of_projects(sheet.title, cells)
    is_unnamed = of_projects.isdisjoint(_NAMING)  # so that a table of bodies or agreements may be meant
    found = {
        name: there
        for name in IMPORTED.keys() - {"projects"}
        if len(NEEDED[name]) > 1 or is_unnamed
        if len(there := chosen.of_table(name, sheet.title, cells)) > 2
        if all(there & set(one.split("|")) for one in NEEDED[name])
    }
    best = max(found, key=lambda name: len(found[name]), default="")
    if best and not counts and len(found[best]) + is_unnamed > len(of_projects):
        return [IMPORTED[best]]
    if len(of_projects) > max([1 if of_projects & _NAMING else 2, *counts.values()]):
        return [IMPORTED["projects"]]
    fits = [IMPORTED[table] for table, count in counts.items() if count == max(counts.values())]
    titled = plain(sheet.title or PurePath(name).stem)
    return [table for table in fits if titled == plain(table.title) or titled.startswith(plain(table.name))] or fits


def _read_columns(listing, chosen, names):
    """Set the columns of ``listing``. Returns the faults of its columns and rows."""
    table = listing.table
    if len(listing.tables) > 1:
        titles = " or ".join(f"“{one.title}”" for one in listing.tables)
        message = f"This may be the table {titles}. Choose which, or name the file or the sheet so."
        return [PlacedFault(listing.place, "", message)]
    own, widest = listing.head, max(len(cells) for _number, cells in listing.sheet.rows)
    listing.head = [*own, *[""] * (widest - len(own))]
    _assign(listing, chosen, names)
    is_our_own = {"modified", table.primary_key[0]} <= set(map(plain, listing.head))
    listing.is_whole = chosen.empty_clears or is_our_own
    spans.fill(listing, {at for at, ours in listing.columns.items() if is_our_own or ours.endswith("amount")})
    if table.name == "projects" and not is_our_own:
        listing.countries = asides.countries(listing, names)
    faults = _leave_out(listing, is_our_own, count_filled(own)) if table.name == "projects" else []
    if not is_our_own:
        spans.repeat(listing)
    faults += widths.uneven(listing, len(own), names) if listing.sheet.is_even else []
    currencies = [at for at, ours in listing.columns.items() if ours.endswith("currency")]
    listing.of_some = {at for at in currencies if not all(text_at(cells, at) for _number, cells in listing.listed)}
    return faults + _unheaded(listing) + _twice(listing, names) + _missing(listing)


def _leave_out(listing, is_our_own, least):
    """Find the rows of a list that are no projects. Returns faults of those that have other headings."""
    title, faults = listing.at.get("title", 0), []
    listing.notes |= {} if is_our_own else asides.notes_below(listing) | asides.groups(listing)
    for number, cells in listing.below:
        if count_filled(cells) == 1 and units.units_in(cells):
            listing.notes[number] = "".join(cells).strip()
        elif headings.proposal(text_at(cells, title)) == "title" and number not in listing.skipped:
            again = {at: headings.proposal(text_at(cells, at)) for at in listing.columns}
            if len(set(again.values()) & set(listing.columns.values())) < 2:
                continue
            is_same = all(again[at] in (ours, None) for at, ours in listing.columns.items())
            if is_same and all(units.are_same(text_at(cells, at), unit) for at, unit in listing.units.items()):
                listing.skipped.append(number)  # perhaps in another language
            else:
                message = "It has headings, but others than those above. Make a sheet or file of it and what is below."
                faults.append(PlacedFault(listing.sheet.place(number), "", message))
    listing.of_all = units.joined(listing.of_all | units.units_in(listing.notes.values()))
    struck = {number for number, _ in listing.below if f"{letters(title + 1)}{number}" in listing.sheet.struck}
    listing.skipped += [
        number
        for number, cells in listing.listed
        if asides.adds_up(cells, title)
        or asides.numbers(cells, least)
        or text_at(cells, title) == words.examples["title"]
        or (number in struck and not text_at(cells, title))
    ]
    listing.skipped += [] if is_our_own else asides.totals(listing)
    return faults


def _assign(listing, chosen, names):
    """Set what each column is, as chosen, by its heading, or else by a proposal; and its unit."""
    table, columns, proposed = listing.table, listing.columns, listing.proposed
    for at, text in enumerate(listing.head):
        ours = chosen.read(listing.sheet.title, text, HEADINGS[table.name])
        if ours:
            columns[at] = ours
        elif text.strip() and ours is None:
            proposed[at] = ""
    known = {*columns.values()}
    means = headings.proposal if table.name == "projects" else partial(headings.called, table.name)
    sure = {at: means(listing.head[at]) for at in proposed}
    doubtful = {at for at in proposed if sure.get(at) is None or headings.is_doubtful(listing.head[at])}
    for at in sorted(proposed, key=lambda at: len(listing.head[at].split()) if at in doubtful else 0):
        proposed[at] = _proposal(listing, at, sure.get(at), at in doubtful, known, names)
    if table.name == "projects" and "budget_amount" not in known.union(proposed.values()):
        proposed |= dict.fromkeys(_sole_sums(listing), "budget_amount")
    now = known.union(proposed.values())
    of_all = [at for at, ours in (columns | proposed).items() if ours == "funder_amount"]
    for at in proposed:
        if proposed[at] in IN_ROLES and not now.issuperset(IN_ROLES):
            proposed[at], listing.why[at] = "", "no other column says what each organisation does, or who does it"
        if headings.is_of_eu(listing.head[at]):
            if not all(headings.is_of_eu(listing.head[one]) for one in of_all):
                proposed[at], listing.why[at] = "", "another column is “Funder amount”"
        elif proposed[at] == "funder_amount" and at in doubtful and now.isdisjoint(PAYING[:2]):
            proposed[at] = "" if "budget_amount" in now else "budget_amount"
            listing.why[at] = "no other column says who pays it"
    if table.name == "projects" and "funder_slugs" not in now:
        _read_payers(listing, names)
    for at in [at for at, ours in proposed.items() if not ours and at not in listing.why]:
        for ours, is_so in (("country_codes", headings.can_be), ("start_date", _is_date)):
            if _share(listing, at, ours, names, of_none=0, is_so=is_so) == 1:
                listing.why[at] = f"the register has no such column, though all its cells can be “{label(ours)}”"
    columns |= {at: ours for at, ours in proposed.items() if ours}
    for at, ours in columns.items():
        if ours == "funder_amount" and (payer := _payer(listing.head[at], names)):
            listing.payers[at] = payer
    listing.units = {at: units.unit_of(listing.head[at]) for at, ours in columns.items() if ours.endswith("amount")}
    listing.of_all = listing.of_all if listing.units else {}
    named = {at: ours for at, ours in columns.items() if ours.endswith(("_slugs", "_codes"))}
    names.parted |= {ours for at, ours in named.items() for _, cells in listing.listed if ";" in text_at(cells, at)}


def _proposal(listing, at, ours, is_doubtful, known, names):
    """Return our heading for a column that nobody chose one for; "" to leave it out, and ``listing.why``.

    ``ours``: what its heading means, None if that is not known; ``known``: the headings of the chosen columns.
    """
    text, taken = listing.head[at], known  # of several proposals with the same meaning, a person chooses
    if ours is None:
        ours = headings.misspelt(text, headings.given(listing.table))
    elif headings.is_planned(text) and (not ours or _share(listing, at, ours, names, of_none=0) < _MOST):
        listing.why[at] = "it says only what was planned"
        ours = _planned(listing, at, ours.removesuffix("_planned"), names)
        taken = known - {ours}
    if ours and is_doubtful:
        taken = known.union(listing.proposed.values())
    if is_doubtful and ours == "identifier" and _names_several(listing, at):
        ours, listing.why[at] = "", "it names different projects alike"
    must_fit = is_doubtful or ours in ("identifier", "status_as_of") or headings.is_of_eu(text)
    if ours and must_fit and _share(listing, at, ours, names) < _MOST:
        listing.why[at] = f"most of its cells cannot be “{label(ours)}”"
        is_of_bodies = ours == "period" and _share(listing, at, ours, names, is_so=_names_a_body) >= _MOST
        is_of_themes = ours == "sectors" and _share(listing, at, "theme_slugs", names, of_none=0)
        ours = "implementer_slugs" if is_of_bodies else "theme_slugs" if is_of_themes else ""
    if ours and ours in taken:
        ours, listing.why[at] = "", f"another column is “{label(ours)}”"
    return ours


def _names_several(listing, at):
    """Whether a column says the same of projects with different titles, as the code of a programme does."""
    titles = [each for each, ours in (listing.proposed | listing.columns).items() if ours == "title"][:1]
    said = {tuple(text_at(cells, each) for each in (at, *titles)) for _number, cells in listing.listed}
    said = [one[0] for one in said if all(one)]
    return len({*said}) < len(said)


def _planned(listing, at, ours, names):
    """Return our heading of the dates in a column of those that were planned; "" if it has none, or another has."""
    if not ours or _share(listing, at, ours, names) < _MOST or ours in map(listing.proposed.get, listing.planned):
        return ""
    listing.planned.append(at)
    listing.why[at] = "planned where no other column states it"
    return ours


def _read_payers(listing, names):
    """Take columns of sums that are headed by names as contributions, if a person says so for the file."""
    head = listing.head
    unknown = [at for at, ours in listing.proposed.items() if not ours and headings.proposal(head[at]) is None]
    left = [at for at in unknown if _payer(head[at], names)]
    paid = [at for at in left if _share(listing, at, "funder_amount", names, of_none=0) >= _MOST]
    way = names.answers.meaning("", key_of(_PAID))
    listing.proposed |= dict.fromkeys(paid if way == _PAID[0] else (), "funder_amount")
    if way in _PAID:
        return
    listing.why |= dict.fromkeys(paid, "it is asked whether its sums are contributions")
    asked = {"heading": "", "text": ", ".join(head[at].strip() for at in paid), "ways": _PAID}
    for number, cells in listing.below:
        if any(text_at(cells, at) for at in paid):
            fault = ("funder_amount", "Sums stand below names. Are they contributions?", asked)
            listing.wrong.setdefault(number, []).append(fault)


def _payer(heading, names):
    """Return the organisation or country that the heading of a column of sums is or names; "" if it names none."""
    if headings.is_of_eu(heading):
        return EUROPEAN_UNION
    name = split_unit(heading.rpartition(spans.ABOVE)[2])[0].strip()
    if names.knows(Organisation, name):
        return next(iter(names.called(Organisation, name)), name)
    return name if fold(name) in codes_of_countries() or fold(name) in _BODIES else ""


def _share(listing, at, ours, names, *, of_none=1, is_so=headings.can_be):
    """Return how many of the first cells of a column that state something can be what ``ours`` holds, of 1."""
    texts = [text for _number, cells in listing.listed[:50] if not is_none(text := text_at(cells, at))]
    return sum(is_so(ours, text, names) for text in texts) / len(texts) if texts else of_none


def _is_date(ours, text, names):
    return headings.can_be(ours, text, names) and is_date(text)


def _names_a_body(_ours, text, names):
    return any(names.knows(Organisation, part.strip()) for part in re.split(r"[;,/\n]", text))


def _sole_sums(listing):
    """Return the places of columns that are the budget if no other is: “Total”, or else a currency alone."""
    heads = {at: listing.head[at].rpartition(spans.ABOVE)[2] for at, ours in listing.proposed.items() if not ours}
    totals = [at for at, text in heads.items() if asides.TOTAL.sub(r"\g<of>", fold(split_unit(text)[0])) == ""]
    return totals or [at for at, text in heads.items() if currency_in(unit_in(text))]


def _unheaded(listing):
    """Return faults of columns that have words but no heading; those with only numbers, as of rows, are left out."""
    faults, rows = [], [row for row in listing.below if row[0] not in listing.notes]
    for at in [at for at, text in enumerate(listing.head) if not text.strip()]:
        texts = {number: text for number, cells in rows if (text := text_at(cells, at))}
        listing.proposed |= {at: ""} if texts else {}
        for number in [number for number, text in texts.items() if listing.is_whole or worded([text])][:1]:
            message = f"It has no heading, and row {number} has something in it. Give it one, or empty it."
            faults.append(PlacedFault(listing.place, listing.named(at), message))
    return faults


def _twice(listing, names):
    """Return faults of columns with the same meaning, of which a person chooses one.

    If they are sums of different units, such as currencies, all are read; if the others only repeat the first, it is.
    """
    places, faults = defaultdict(list), []
    for at, ours in listing.columns.items():
        if at not in listing.planned:
            places[ours, listing.payers.get(at)].append(at)
    for (ours, _payer), same in places.items():
        if len(same) == 1:
            continue
        first, *others = same
        unlike = {listing.units.get(at) for at in same}
        said = [[_said(ours, text_at(cells, at), names) for at in same] for _number, cells in listing.listed]
        if len(unlike - {None, ""}) == len(same):
            listing.either.append(same)
        elif len(unlike) == 1 and all({*row} <= {row[0], ""} for row in said):
            for at in others:
                del listing.columns[at]
            listing.proposed |= dict.fromkeys(others, "")
            listing.why |= dict.fromkeys(others, f"it repeats “{shown(listing.head[first])}”")
        else:
            which = " or ".join(f"“{shown(listing.head[at])}”" for at in same)
            message = f"{len(same)} columns are “{label(ours)}”. Choose which it is: {which}. Leave out the rest."
            faults.append(PlacedFault(listing.place, listing.named(first), message))
    return faults


def _said(ours, text, names):
    """Return what a cell says, however it is written."""
    with suppress(ExceptionGroup):
        if ours in OF_RECORDS:
            return "; ".join(m.key_of(one) for one in several(OF_RECORDS[ours], ours, text, names))
    return fold(text)


def _missing(listing):
    needed, there = [one.split("|") for one in NEEDED[listing.table.name]], {*listing.columns.values()}
    needed += [[each] for each in IN_ROLES if there.intersection(IN_ROLES)]
    lacking = [" or ".join(f"“{label(heading)}”" for heading in one) for one in needed if there.isdisjoint(one)]
    message = f"The table “{listing.table.title}” needs the column {{}}."
    return [PlacedFault(listing.place, named, message.format(named)) for named in lacking]


def _no_table(sheets):
    cells = [f"“{shown(cell)}”" for sheet in sheets for _number, row in sheet.rows[:1] for cell in row if cell.strip()]
    if cells and all(sheet.hidden for sheet in sheets):
        return "The sheet is hidden in the workbook: it is not read."
    begins = f"It begins with {', '.join(cells[:5])}." if cells else "It is empty."
    return (
        f"No heading row was found. {begins} A list of projects has a project a row, and a column “Title”; tables of"
        " ours have their keys."
    )
