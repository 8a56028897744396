"""Rows put together: all that a file says of one record."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.text import slugify

from instruments.models import Country, Instrument, Partnership
from projects.exports.columns import OF_PROJECTS, TABLES
from projects.models import Organisation, Project
from provenance.models.fields import slug_of

from ..items import PlacedFault
from .questions import LEAVE_OUT, NEW, answered

MODELS = {
    "countries": Country, "organisations": Organisation, "instruments": Instrument, "partnerships": Partnership,
    "projects": Project,
}  # fmt: skip  # in the order in which they are made: those that others name first
PARTS = tuple(table.name for table in OF_PROJECTS[1:])
LONGEST_KEY = 100
# What a row must tell, so that it is clear which record or part it is of. Several in one: one of them;
# a key that is not told is made of the other.
NEEDED = {
    "projects": ("slug|title|identifier",),
    "projects-contributions": ("project_slug", "funder_slug", "instrument_code"),
    "projects-organisations": ("project_slug", "organisation_slug", "role", "component"),
    "projects-claims": ("project_slug", "field", "as_stated", "quote", "source_slug"),
    "countries": ("code",),
    "instruments": ("code",),
    "partnerships": ("slug|name",),
    "organisations": ("slug|name",),
}
IMPORTED = {name: TABLES[name] for name in NEEDED}  # sources are entered in the admin


@dataclass
class Row:
    """One row of a table. ``cells``: {our heading: text}, of the columns that the file has."""

    listing: object
    number: int
    cells: dict

    @property
    def place(self):
        return self.listing.sheet.place(self.number)

    def fault(self, heading, what, question=None):
        """Return a PlacedFault of the cell in the column of our ``heading``; "" for the whole row."""
        return PlacedFault(self.place, self.listing.label(heading) if heading else "", what, question)

    def where(self, heading):
        """Return where a cell stands, in words."""
        return f"{self.place}, column {self.listing.letters[heading]}"


@dataclass
class Unit:
    """All rows of one record: its own, if there is one, and those of its parts by table."""

    model: type
    table: object
    key: str
    row: Row | None = None
    parts: dict = field(default_factory=dict)
    is_made: bool = False  # the key: from the name, as the file has none
    name: str = ""  # as its row has it
    faults: list = field(default_factory=list)

    @property
    def naming(self):
        """The heading of the name of its record."""
        return "title" if self.model is Project else "name"

    @property
    def shown_key(self):
        """The key as an Item has it: of what is none, as much as can be kept."""
        return self.key.replace("\0", "")[:LONGEST_KEY]

    @property
    def rows(self):
        """All its rows."""
        return [*([self.row] if self.row else []), *(row for rows in self.parts.values() for row in rows)]


def put_together(listings, names):
    """Yield (model, [Unit]) of the tables that were found; ``names``: Names, to find records without a key."""
    rows = defaultdict(list)
    for one in listings:
        rows[one.table.name] += [Row(one, number, cells) for number, cells in one.rows]
    for name, model in MODELS.items():
        units = _units(name, model, rows[name], names)
        if model is Project:
            _add_parts(units, rows)
        if units:
            yield model, units


def _units(name, model, rows, names):
    table, units = TABLES[name], []
    naming = NEEDED[name][0].split("|")[1:]
    for row in rows:
        if answered(names.answers, "", row.place) == LEAVE_OUT:
            continue
        given = row.cells.get(table.primary_key[0], "").strip()
        unit = Unit(model, table, given, row)
        unit.name = row.cells.get(unit.naming, "").strip()
        if not given:
            _find_key(unit, [row.cells.get(heading, "").strip() for heading in naming], names)
        if unit.key is None:
            continue
        if (not unit.key and not unit.faults) or len(unit.key) > LONGEST_KEY:
            what = f"Give its key, of at most {LONGEST_KEY} characters: none can be made of its name."
            unit.faults.append(row.fault(table.primary_key[0], what))
        units.append(unit)
    _refuse_twice(units, table.primary_key[0], "The key", [unit.key for unit in units])
    for name in [one.name for one in model._meta.fields if one.unique and not one.primary_key]:
        _refuse_twice(units, name, f"The {name}", [unit.row.cells.get(name, "").strip() for unit in units])
    return units


def _find_key(unit, texts, names):
    """Give a unit without a key that of the record which its identifier or name means, else a new one.

    None: a person left the row out. A record that is only alike is asked.
    """
    model, naming = unit.model, unit.naming
    name = next((text for text in texts if text), "")
    answer = names.answers.get(naming, {}).get(name) if name else None
    if answer == LEAVE_OUT:
        unit.key = None
        return
    if answer and answer.startswith("="):
        unit.key = answer[1:]
        _keep_name(unit, naming)
        return
    if unit.model is Project and (identifier := texts[-1]):
        unit.key = slugify(re.sub(r"[\W_]+", "-", identifier))[:LONGEST_KEY].strip("-")
        names.load(model, {unit.key})
        if unit.key in names.known[model]:
            return
    keys = names.called(model, name) if name else ()
    if len(keys) == 1:
        [unit.key] = keys
        _keep_name(unit, naming)
        return
    made = unit.key or slug_of(name)
    unit.key, unit.is_made = made, bool(name or made)
    if answer == NEW or (name and not made):
        unit.key = names.free_key(model, made or name)
    elif made:
        near = sorted(keys) or names.alike(model, name, unit.row.cells.get("acronym", "").strip(), made)
        if near:
            shown = [(f"={key}", f"it is “{names.shown(model, key)}” ({key})") for key in near]
            question = {"heading": naming, "text": name, "choices": [*shown, (NEW, "it is new")], "ways": ()}
            what = f"The register has {' and '.join(f'“{names.shown(model, key)}”' for key in near)}: is it this?"
            unit.faults.append(unit.row.fault(naming, what, question))


def _keep_name(unit, naming):
    """Leave out the name by which a record was found: in other letters, or an acronym, it would rename the record."""
    unit.row = Row(
        unit.row.listing,
        unit.row.number,
        {**unit.row.cells, naming: ""} if not unit.row.listing.is_whole else unit.row.cells,
    )


def _refuse_twice(units, heading, what, values):
    """Refuse the units of which ``values``, one each, are the same: looked for in the whole file, as it is written."""
    rows = defaultdict(list)
    for unit, value in zip(units, values, strict=True):
        rows[value].append(unit.row)
    for unit, value in zip(units, values, strict=True):
        if not value or (count := len(rows[value])) == 1:
            continue
        first = rows[value][0]
        if all(row.cells == unit.row.cells for row in rows[value]):  # the first of rows that are the same is taken
            if unit.row is not first:
                unit.faults.append(unit.row.fault("", f"It is the same as {first.place}. Leave it out."))
            continue
        where = "; ".join([row.place for row in rows[value][:5]])
        if value == unit.key and not unit.row.cells.get(heading, "").strip():
            differing = _differing(rows[value])
            what_is_wrong = f"“{unit.name or value}” is in {count} rows: {where}. They differ in {differing}."
            right = "Leave out all but one, or give each a title of its own."
            unit.faults.append(unit.row.fault(unit.naming, f"{what_is_wrong} {right}"))
        else:
            what_is_wrong = f"{what} “{value[:LONGEST_KEY]}” is in {count} rows: {where}. Give each record one row."
            unit.faults.append(unit.row.fault(heading, what_is_wrong))


def _differing(rows):
    """Return the headings, as the file has them, of the columns in which rows differ."""
    return ", ".join(
        f"“{rows[0].listing.theirs.get(heading, heading)}”"
        for heading in rows[0].cells
        if len({row.cells.get(heading) for row in rows}) > 1
    )


def _add_parts(units, rows):
    """Add the rows of parts to the units of their projects; make units of those that have no row of their own."""
    of = {}
    for unit in units:
        of.setdefault(unit.key, unit)
    for name in PARTS:
        for row in rows[name]:
            key = row.cells["project_slug"].strip()
            if key not in of or not key:
                of[key] = Unit(Project, TABLES["projects"], key)
                units.append(of[key])
            of[key].parts.setdefault(name, []).append(row)
            if not key or len(key) > LONGEST_KEY:
                of[key].faults.append(row.fault("project_slug", "Give the slug of its project."))
