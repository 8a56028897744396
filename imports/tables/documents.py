"""Records in the making: the rows of a file that tell of one, and its whole document, as it will stand."""

import re
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError

from projects.exports.columns import TABLES
from projects.models import Project, unattributed
from provenance.store.build import blank

from ..items import Item, PlacedFault
from . import claims, parts, texts
from .cells import MEMBERS, Wrong, all_of, is_none, label, unreadable
from .names import FACES
from .parts import TABLES_OF_PARTS
from .questions import in_cell
from .workbook import letters

LONGEST_KEY = 100
NOT_FOLLOWING = {  # the headings of each table that do not follow from other cells
    name: {"modified", "project_count", TABLES[name].primary_key[0]}.union(*(member.headings for member in members))
    for name, members in MEMBERS.items()
}
_NAMES_A_CURRENCY = re.compile(r"[^\W\d_]|[€$£]")


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


class Record:
    """One record in the making.

    ``row``: its own, if it has one; ``parts``: {table: rows of its parts}; ``changed``: {member: claims of it};
    ``doubts``: cells that do not follow from others, as they should: (table, heading, text, fault).
    """

    def __init__(self, model, names, key, row=None):
        self.model, self.names, self.key, self.row = model, names, key, row
        self.table = TABLES[model.collection]
        self.naming = "title" if model is Project else "name"  # the heading of its name
        self.name = row.text(self.naming) if row else ""
        self.parts, self.faults, self.doubts, self.changed, self.claimed = {}, [], [], {}, set()

    @property
    def rows(self):
        """All its rows."""
        return [*([self.row] if self.row else []), *(row for rows in self.parts.values() for row in rows)]

    @property
    def key_heading(self):
        return self.table.primary_key[0]

    def is_named(self, key):
        """Take the key of the record that its name means. The name, in other letters perhaps, is not to rename it."""
        self.key = key
        if not self.row.listing.is_whole:
            self.row.cells[self.naming] = ""

    def read(self, standing, merged_into):
        """Make the document, of the one that is ``standing``, if any. What cannot be is among the faults, or doubts.

        ``merged_into``: the record that has taken the place of the one of its key.
        """
        self.standing, self.modified = standing, standing.pop("modified", "") if standing else ""
        self.document = dict(standing) if standing else blank(self.model, self.key)
        for row in self.rows:
            self.faults += [row.fault(at, what) for at, text in row.cells.items() if (what := unreadable(text))]
        if not standing and not self.faults:
            self._refuse_key(merged_into)
        if not self.faults:
            self._read()
        self.doubts = [] if self.faults else self.doubts
        for document in filter(None, (self.document, self.standing)):
            self.drop_doubts(document)

    def _refuse_key(self, merged_into):
        """Refuse a new record without a right key, and one that only parts tell of."""
        key, row = self.key, self.row
        if not row:
            what = f"There is no project “{key}”, and no row of the table “Projects” makes it. Check its key."
            self.faults.append(self.rows[0].fault("project_slug", what))
            return
        if merged_into:
            what = f"“{key}” was merged into “{merged_into}”. Give that key."
            self.faults.append(row.fault(self.key_heading, what))
        try:
            self.model._meta.pk.clean(key, None)
        except ValidationError as error:
            what = f"“{key}” is not the key of a record, and cannot be the key of a new one. {' '.join(error.messages)}"
            self.faults.append(row.fault(self.key_heading, what))

    def _read(self):
        row = self.row
        if row:
            self._read_row(row)
        for name, rows in self.parts.items():
            self._read_parts(name, rows)
        if self.model is Project:
            self.document["unattributed"] = unattributed(self.document)
        seen = row.text("modified") if row and self.standing and (self.changed or self.claimed) else ""
        if seen and not texts.same("moment", seen, self.modified):
            right = "Take a new file, or leave this empty."
            what = f"The record changed on {self.modified}, after this file was made. {right}"
            self.faults.append(row.fault("modified", what))

    def _try(self, row, read):
        """Return what ``read`` returns; None where something is Wrong, which is a fault of ``row``."""
        try:
            return read()
        except* Wrong as group:
            self.faults += [self._fault(row, wrong) for wrong in group.exceptions]
        return None

    def _fault(self, row, wrong):
        """Return what is Wrong as a fault. An answer that nobody understands is asked of the cell's own text again."""
        asked, own = wrong.question, row.text(wrong.heading)
        if asked and in_cell(self.names.answers, wrong.heading, own) == asked["text"]:
            asked = asked | {"text": own}
        return row.fault(wrong.heading, wrong.what, asked)

    def _read_row(self, row):
        table = self.table
        old = next(iter(texts.of(table, self.standing)), dict.fromkeys(table.headings, ""))
        given = self._given(row, old)
        if not row.listing.is_whole:
            given = {heading: text for heading, text in given.items() if text}
        cells = old | given
        for amount in [heading for heading in given if heading.endswith("_amount")]:
            currency = amount.replace("_amount", "_currency")
            if not row.text(currency) and _NAMES_A_CURRENCY.search(given[amount]):
                cells[currency] = ""  # the amount names its own
        for reader in MEMBERS[table.name]:
            if not self.standing or not given.keys().isdisjoint(reader.headings):
                value = self._try(row, partial(reader.read, cells, self.names)) or {}
                self._set(row, value, reader.headings)
        follows = given.keys() - NOT_FOLLOWING[table.name] - {"identifier"}
        if self.model is Project:
            follows -= self._read_flat(row, given)
        for heading in sorted(follows):
            self._doubt(row, table, heading)

    def _given(self, row, old):
        """Return {heading: text} of the cells of a row that say otherwise than ``old``, as a person answered them."""
        kinds, given = texts.KINDS[row.listing.table.name], {}
        for heading, text in row.cells.items():
            if not texts.same(kinds.get(heading, "text"), text, old.get(heading, "")):
                given[heading] = "" if is_none(text) else in_cell(self.names.answers, heading, text.strip())
        for currency in [heading for heading in given if heading.endswith("_currency")]:
            amount = currency.replace("_currency", "_amount")
            if not given.get(amount, row.text(amount)):
                given[currency] = ""  # it says nothing where no amount is given
        return given

    def _set(self, row, values, headings):
        for member, value in values.items():
            if value != self.document[member]:
                self.document[member] = value
                self.changed[member] = claims.of_cells(row, self.key_heading, headings)

    def _read_flat(self, row, given):
        """Read what the row says of parts of which the file has no rows; returns the headings that are read."""
        used = set()
        for member, headings, read in (
            ("organisations", tuple(parts.ROLES), parts.flat_organisations),
            ("contributions", parts.PAYING, parts.flat_contributions),
        ):
            stated = [heading for heading in headings if given.get(heading)]
            if not stated or f"projects-{member}" in self.parts:
                continue
            used.update(stated)
            cells = {heading: given.get(heading, "") for heading in headings}
            if cells.get("funder_amount") and not cells["funder_slugs"] and not cells["instrument_codes"]:
                cells |= {heading: row.text(heading) for heading in headings[:2]}  # as they stand
            value = self._try(row, partial(read, cells, self.document[member], self.names))
            if value is not None:
                self._set(row, {member: value}, stated)
        return used

    def _read_parts(self, name, rows):
        kind, table, kinds = TABLES_OF_PARTS[name], TABLES[name], texts.KINDS[name]
        rows, faults = parts.in_order(rows)
        self.faults += faults
        for row in rows:
            self._doubt_names(row, table, kind)
        olds = texts.of(table, self.standing)
        if len(rows) == len(olds) and all(
            texts.same(kinds[heading], text, old[heading])
            for row, old in zip(rows, olds, strict=True)
            for heading, text in row.cells.items()
        ):
            return  # cell for cell what stands
        values, before = self._part_values(kind, table, rows, olds), self.document[kind.member]
        if kind.member == "claims":
            self.document["claims"], self.claimed = claims.merged(before, [value for _row, value in values])
        elif (new := [value for _row, value in values]) != before:
            self.document[kind.member] = new
            added = [row for row, value in values if value not in before]
            self.changed[kind.member] = [claims.of_part(row, kind.member) for row in added]

    def _part_values(self, kind, table, rows, olds):
        """Return [(row, part)] of those that can be read."""
        standing = {tuple(old[heading] for heading in kind.identity): old for old in olds}
        values, seen = [], set()
        for row in rows:
            identity = tuple(row.text(heading) for heading in kind.identity)
            if identity in seen and kind.member != "claims":
                what = f"The project has {', '.join(filter(None, identity))[:100]} twice. Give it once."
                self.faults.append(row.fault(kind.identity[0], what))
                continue
            seen.add(identity)
            old = standing.get(identity, dict.fromkeys(table.headings, ""))
            cells = old | self._given(row, old)
            if value := self._try(row, partial(self._part, kind, cells)):
                values.append((row, value))
        return values

    def _part(self, kind, cells):
        found = all_of(*(partial(reader.read, cells, self.names) for reader in kind.readers))
        part = {name: value for each in found for name, value in each.items()}
        kind.check(part, self.names)
        return part

    def _doubt_names(self, row, table, kind):
        if row.text("project_title") not in (self.document["title"], (self.standing or {}).get("title")):
            self._doubt(row, table, "project_title")
        for heading, (name, model) in kind.named.items():
            face = self.names.known[model].get(row.text(heading), {})
            if row.text(name) != face.get(FACES[model][1], "").strip():
                self._doubt(row, table, name)

    def _doubt(self, row, table, heading):
        if text := row.text(heading):
            self.doubts.append((table, heading, text, row.fault(heading, _follows(heading))))

    def drop_doubts(self, document):
        """Leave out the doubts of what ``document`` says."""
        self.doubts = [doubt for doubt in self.doubts if not _says(document, *doubt[:3])]

    def item(self):
        """Return the Item: refused if anything is wrong with one of its rows."""
        rows = self.rows
        key = self.key[:LONGEST_KEY]
        numbers = [(row.listing.sheet.title, row.number) for row in rows]
        document = None if self.faults else self._with_claims()
        identifier = self.name or key
        return Item(self.model, key, rows[0].place, document, self.faults, numbers=numbers, identifier=identifier)

    def _with_claims(self):
        """Return the document with the claims of what changed, unless the file brings some itself."""
        its_claims = [dict(claim) for claim in self.document["claims"]]
        for member, stated in self.changed.items():
            if member in self.model.claimable and member not in self.claimed:
                claims.add(its_claims, member, stated, self.names.source)
        return {**self.document, "claims": its_claims}


def _says(document, table, heading, text):
    kind = texts.KINDS[table.name][heading]
    return any(texts.same(kind, text, row[heading]) for row in texts.of(table, document))


def _follows(heading):
    stem = heading.rsplit("_", 1)[0]
    origin = {
        "unattributed": "the budget and the contributions", "funder": "the table “Contributions”",
        "instrument": "the table “Contributions”", "url": "the key", "part_of": f"“{label('part_of_slug')}”",
        **dict.fromkeys(("lead", "implementer", "partner"), "the table “Roles of organisations”"),
        **dict.fromkeys(("country", "partnership", "theme", "kind", "predecessor"), "the column of codes beside it"),
    }.get(stem, f"“{label(stem)}”")  # fmt: skip
    return f"It follows from {origin}: change it there."
