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
from .workbook import letters

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

    def text(self, heading):
        """Return what the cell under our ``heading`` holds, without blanks around it; "" if there is none."""
        return self.cells.get(heading, "").strip()

    def fault(self, heading, what, question=None):
        """Return a PlacedFault of the cell in the column of our ``heading``; "" for the whole row."""
        return PlacedFault(self.place, self.listing.label(heading) if heading else "", what, question)

    def where(self, heading):
        """Return where a cell stands, in words."""
        return f"{self.place}, column {letters(self.listing.at[heading] + 1)}"


@dataclass
class Unit:
    """All rows of one record: its own, if there is one, and those of its parts by table."""

    model: type
    table: object
    key: str
    row: Row | None = None
    name: str = ""  # as its row has it
    parts: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)

    @property
    def naming(self):
        """The heading of the name of its record."""
        return "title" if self.model is Project else "name"

    @property
    def rows(self):
        """All its rows."""
        return [*([self.row] if self.row else []), *(row for rows in self.parts.values() for row in rows)]

    def is_named(self, key):
        """Take the key of the record that its name means. The name, in other letters perhaps, is not to rename it."""
        self.key = key
        if not self.row.listing.is_whole:
            self.row.cells[self.naming] = ""


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
    [key_heading], naming = table.primary_key, NEEDED[name][0].split("|")[1:]
    names.load(model, {key for row in rows for heading in naming for key in _keys_of(row.text(heading))})
    for row in rows:
        unit = Unit(model, table, row.text(key_heading), row)
        unit.name = row.text(unit.naming)
        texts = [row.text(heading) for heading in naming]
        known_as = next(filter(None, texts), "")
        answer = names.answers.get(unit.naming, {}).get(known_as) if known_as and not unit.key else None
        if answered(names.answers, "", row.place) == LEAVE_OUT or answer == LEAVE_OUT:
            continue
        if not unit.key:
            _find_key(unit, known_as, texts[-1] if model is Project else "", answer, names)
        if (not unit.key and not unit.faults) or len(unit.key) > LONGEST_KEY:
            what = f"Give its key, of at most {LONGEST_KEY} characters: none can be made of its name."
            unit.faults.append(row.fault(key_heading, what))
        units.append(unit)
    _refuse_twice(units, key_heading, "The key", [unit.key for unit in units])
    for column in [one.name for one in model._meta.fields if one.unique and not one.primary_key]:
        _refuse_twice(units, column, f"The {column}", [unit.row.text(column) for unit in units])
    return units


def _keys_of(text):
    """Return the keys that are made of a name, and of a publisher's identifier."""
    return slug_of(text), slugify(re.sub(r"[\W_]+", "-", text))[:LONGEST_KEY].strip("-")


def _find_key(unit, name, identifier, answer, names):
    """Give a unit the key of the record that its identifier or name means, else a new one. What is only alike is asked.

    ``answer``: what a person said of the name: "=" and a key, that it is NEW, or another name of the record.
    """
    model = unit.model
    if answer and answer.startswith("="):
        unit.is_named(answer[1:])
        return
    if identifier:
        _, unit.key = _keys_of(identifier)
        if unit.key in names.known[model]:
            return
    wanted = name if answer in (None, NEW) else answer
    keys = names.called(model, wanted) if wanted else ()
    if len(keys) == 1:
        unit.is_named(*keys)
        return
    unit.key = unit.key or slug_of(name)
    if answer == NEW or (name and not unit.key):
        unit.key = names.free_key(model, unit.key or name)
    elif unit.key:
        near = sorted(keys) or names.alike(model, wanted, unit.row.text("acronym"), unit.key)
        if near or wanted != name:
            unit.faults.append(_is_it(unit, name, wanted, {key: names.shown(model, key) for key in near}))


def _is_it(unit, name, wanted, near):
    """Return the fault that asks which record is meant; ``near``: {key: name} of those that look alike."""
    choices = [*((f"={key}", f"it is “{shown}” ({key})") for key, shown in near.items()), (NEW, "it is new")]
    what = f"The register has {' and '.join(f'“{shown}”' for shown in near.values())}: is it this?"
    if not near:
        kind = unit.model._meta.verbose_name
        what = f"The register has no {kind} “{wanted[:100]}”. Give its name or key, or choose that it is new."
    return unit.row.fault(unit.naming, what, {"heading": unit.naming, "text": name, "choices": choices, "ways": ()})


def _refuse_twice(units, heading, what, values):
    """Refuse the units of which ``values``, one each, are the same: looked for in the whole file, as it is written."""
    rows = defaultdict(list)
    for unit, value in zip(units, values, strict=True):
        rows[value].append(unit.row)
    for unit, value in zip(units, values, strict=True):
        if not value or len(rows[value]) == 1:
            continue
        first, *_others = same = rows[value]
        if all(row.cells == first.cells for row in same):  # the first of rows that are the same is taken
            if unit.row is not first:
                unit.faults.append(unit.row.fault("", f"It is the same as {first.place}. Leave it out."))
            continue
        where = f"is in {len(same)} rows: {'; '.join([row.place for row in same[:5]])}."
        if value == unit.key and not unit.row.text(heading):
            right = f"They differ in {_differing(same)}. Leave out all but one, or give each a title of its own."
            unit.faults.append(unit.row.fault(unit.naming, f"“{unit.name or value}” {where} {right}"))
        else:
            right = "Give each record one row."
            unit.faults.append(unit.row.fault(heading, f"{what} “{value[:LONGEST_KEY]}” {where} {right}"))


def _differing(rows):
    """Return the headings, as the file has them, of the columns in which rows differ."""
    headings = [heading for heading in rows[0].cells if len({row.cells.get(heading) for row in rows}) > 1]
    return ", ".join(f"“{rows[0].listing.theirs.get(heading, heading)}”" for heading in headings)


def _add_parts(units, rows):
    """Add the rows of parts to the units of their projects; make units of those that have no row of their own."""
    of = {}
    for unit in units:
        of.setdefault(unit.key, unit)
    for name in PARTS:
        for row in rows[name]:
            key = row.text("project_slug")
            if key not in of or not key:
                of[key] = Unit(Project, TABLES["projects"], key)
                units.append(of[key])
            of[key].parts.setdefault(name, []).append(row)
            if not key or len(key) > LONGEST_KEY:
                of[key].faults.append(row.fault("project_slug", "Give the slug of its project."))
