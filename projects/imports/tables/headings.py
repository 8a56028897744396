"""Which table a sheet is, and which of its columns is which: by headings, or as the person chose."""

import difflib
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath

from ...exports.columns import TABLES
from ..items import Fault, NotReadable
from .commas import FIRST_ROWS, letter

# What a row must tell, so that it is clear which record or part it is of. Several in one: one of them.
NEEDED = {
    "projects": ("slug|title",),
    "projects-contributions": ("project_slug", "funder_slug", "instrument_code"),
    "projects-organisations": ("project_slug", "organisation_slug", "role", "component"),
    "projects-claims": ("project_slug", "field", "as_stated", "quote", "source_slug"),
    "countries": ("code",),
    "instruments": ("code",),
    "partnerships": ("slug|name",),
    "organisations": ("slug|name",),
}
OURS = {heading: heading for table in TABLES.values() for heading in table.headings}
ABOUT = "About"  # the first sheet of our own workbooks, which tells of the others


@dataclass
class Found:
    """A sheet as a table. ``columns``: {place, from 0: our heading}; ``head``: its headings as they stand."""

    sheet: object
    table: object
    number: int  # of the row of headings
    head: list
    columns: dict = field(default_factory=dict)
    others: list = field(default_factory=list)  # tables that it may be as well

    @property
    def rows(self):
        """Yield (number, {our heading: text}) of the rows below the headings."""
        places = list(self.columns.items())
        for number, cells in self.sheet.rows:
            if number > self.number:
                yield number, {ours: cells[at] if at < len(cells) else "" for at, ours in places}

    def label(self, heading):
        """Return how a fault names the column of one of our headings: ``F “budget_amount”``."""
        at = self.at.get(heading)
        return f"“{heading}”" if at is None else f"{letter(at)} “{shown(self.head[at])}”"

    @cached_property
    def at(self):
        """{our heading: place of its column}, once the columns are known."""
        return {ours: at for at, ours in reversed(self.columns.items())}

    @cached_property
    def theirs(self):
        """{our heading: that of the file}."""
        return {ours: self.head[at].strip() for ours, at in self.at.items()}

    @cached_property
    def letters(self):
        """{our heading: the letters of its column}."""
        return {ours: letter(at) for ours, at in self.at.items()}


def shown(text):
    """Return a heading as a message names it."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:60] + "…"


def plain(text):
    """Return a heading without what does not matter: case, blanks and hyphens."""
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


class Chosen:
    """What the person chose: options["columns"] = {sheet or "": {their heading: our heading, or "" to leave it out}}.

    ``{their heading: our heading}`` alone holds for every sheet. options["tables"] = {sheet or "": name of a table}.
    """

    def __init__(self, options):
        columns = options.get("columns") or {}
        self.every = {name: ours for name, ours in columns.items() if isinstance(ours, str)}
        self.sheets = {name: chosen for name, chosen in columns.items() if isinstance(chosen, dict)}
        self.tables = options.get("tables") or {}

    def of(self, sheet):
        """Return {plain heading: our heading or ""} for a sheet."""
        chosen = self.every | self.sheets.get("", {}) | self.sheets.get(sheet, {})
        return {plain(theirs): ours for theirs, ours in chosen.items()}

    def read(self, sheet, text, known=OURS):
        """Return our heading for one of the file's, of those ``known``; "" if it is left out, None if it is none."""
        name = plain(text)
        chosen = self.of(sheet).get(name)
        if chosen == "" or (name and chosen in known):
            return chosen
        return name if name in known else None


def plan(sheets, name, options):
    """Return ([Found], faults of columns, what the file says of its sheets). NotReadable if no sheet is a table."""
    chosen = Chosen(options)
    found, faults, about, left_out = [], [], [], []
    for sheet in sheets:
        one = _found(sheet, chosen, name)
        if one is None:
            left_out += [sheet.title] if sheet.rows else []
            continue
        faults += _read_columns(one, chosen)
        found.append(one)
        about.append(_about(one))
    if not found:
        raise NotReadable(_no_table(sheets))
    return found, faults, {"sheets": about, "left_out": left_out}


def score(options):
    """Return a function that says how many headings a row of texts has that are known or chosen."""
    chosen = Chosen(options)
    return lambda row: len({ours for cell in row if (ours := chosen.read("", cell)) is not None})


def _about(found):
    columns = [
        {"heading": text, "letter": letter(at), "column": found.columns.get(at, "")}
        for at, text in enumerate(found.head)
        if text.strip()
    ]
    rows = sum(1 for number, _cells in found.sheet.rows if number > found.number)
    said = {"sheet": found.sheet.title, "table": found.table.name, "title": found.table.title, "rows": rows}
    return said | {"heading_row": found.number, "columns": columns, "known": list(found.table.headings)}


def _found(sheet, chosen, name):
    """Return the sheet as the table that it fits best; None if it is none."""
    if sheet.title == ABOUT:
        return None
    best = max(sheet.rows[:FIRST_ROWS], key=lambda row: _count(sheet, row[1], chosen), default=None)
    if best is None or not _count(sheet, best[1], chosen):
        return None
    headings = {ours for cell in best[1] if (ours := chosen.read(sheet.title, cell))}
    fits = [TABLES[chosen.tables[sheet.title]]] if chosen.tables.get(sheet.title) in TABLES else _fitting(headings)
    if len(fits) > 1:
        fits = [table for table in fits if _is_named(table, sheet.title or PurePath(name).stem)] or fits
    return Found(sheet, fits[0], best[0], best[1], others=fits[1:]) if fits else None


def _count(sheet, cells, chosen):
    return len({ours for cell in cells if (ours := chosen.read(sheet.title, cell)) is not None})


def _fitting(headings):
    """Return the tables that have most of ``headings``, and what they need to know which record a row is of."""
    counts = {
        name: len(headings & set(table.headings))
        for name, table in TABLES.items()
        if headings & set(NEEDED[name][0].split("|"))
    }
    most = max(counts.values(), default=0)
    return [TABLES[name] for name, count in counts.items() if count == most]


def _is_named(table, text):
    words = plain(text)
    return words == plain(table.title) or words.startswith(plain(table.name))


def _read_columns(found, chosen):
    """Fill the columns of ``found``. Returns the faults of those that are not known, or that are there twice."""
    place, faults = found.sheet.place(found.number), []
    known = found.table.headings
    widest = max(len(cells) for _number, cells in found.sheet.rows)
    found.head = [*found.head, *[""] * (widest - len(found.head))]
    for at, text in enumerate(found.head):
        ours = chosen.read(found.sheet.title, text, known)
        if ours:
            found.columns[at] = ours
        elif text.strip() and ours != "":
            faults.append(Fault(place, f"{letter(at)} “{shown(text)}”", _unknown(text, found.table), found.number))
        elif not text.strip() and (number := _filled(found, at)):
            what = f"It has no heading, and row {number} has something in it. Give it one, or empty it."
            faults.append(Fault(place, letter(at), what, found.number))
    for ours, count in Counter(found.columns.values()).items():
        if count > 1:
            what = f"{count} columns are “{ours}”. Keep one, or leave the others out."
            at = next(at for at, one in found.columns.items() if one == ours)
            faults.append(Fault(place, f"{letter(at)} “{shown(found.head[at])}”", what, found.number))
    if found.others:
        names = " or ".join(f"“{table.title}”" for table in (found.table, *found.others))
        what = (
            f"This may be the table {names}. Name the file or the sheet so, or add a column that only one of them has."
        )
        faults.append(Fault(place, "", what, found.number))
    missing = [one for one in NEEDED[found.table.name] if not set(one.split("|")) & set(found.columns.values())]
    for one in missing:
        what = (
            f"The table “{found.table.title}” needs the column {' or '.join(f'“{name}”' for name in one.split('|'))}."
        )
        faults.append(Fault(place, one.replace("|", " or "), what, found.number))
    return faults


def _filled(found, at):
    """Return the number of the first row below the headings that has something in the column; 0: none has."""
    rows = ((number, cells) for number, cells in found.sheet.rows if number > found.number and at < len(cells))
    return next((number for number, cells in rows if cells[at].strip()), 0)


def _unknown(text, table):
    near = difflib.get_close_matches(plain(text), table.headings, 3, 0.5)
    right = f"Did you mean {' or '.join(f'“{name}”' for name in near)}? " if near else ""
    return (
        f"The table “{table.title}” has no column “{shown(text)}”. {right}Choose which of its columns it is,"
        " or that it is left out."
    )


def _no_table(sheets):
    said = [
        f"“{shown(cell)}”" for sheet in sheets for _number, cells in sheet.rows[:1] for cell in cells if cell.strip()
    ]
    wanted = ", ".join(f"{table.title}: {NEEDED[name][0].replace('|', ' or ')}" for name, table in TABLES.items())
    begins = f"It begins with {', '.join(said[:5])}." if said else "It is empty."
    return f"No row of headings is found. {begins} Each table needs the column that tells its key: {wanted}."
