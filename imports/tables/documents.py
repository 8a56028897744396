"""The records of a file: the rows about one, and the whole document that they make."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain

from projects.exports.columns import TABLES
from projects.exports.xlsx import CUT
from projects.models import EUROPEAN_UNION, Project, sum_fault, unattributed
from projects.models.amounts import parse_sum, with_units
from provenance.documents.claims import Status
from provenance.documents.dates import PartialDate, Unclear
from provenance.documents.folding import composed, fold
from provenance.models import Revision
from provenance.store.build import blank, names_in, upgrade

from ..items import Item, PlacedFault
from . import claims, parts
from .cells import MEMBERS, PERIOD, Wrong, all_of, is_none, label, start_and_end, text_under, unreadable
from .names import SHOWN_MEMBERS
from .parts import IN_ROLES, OF_RECORDS, OF_TEXTS, PAYING, ROLES, TABLES_OF_PARTS
from .questions import answered, in_cell, key_of
from .words import words

LONGEST_KEY = 100
NOT_FOLLOWING = {  # the headings of each table that do not follow from other cells
    name: {"modified", "project_count", TABLES[name].primary_key[0]}.union(*(member.headings for member in members))
    for name, members in MEMBERS.items()
}
KINDS = {name: {column.heading: column.kind for column in table.columns} for name, table in TABLES.items()}
EARLIEST, LATEST = "1900", "2100"  # years of projects; others are noted
ODD = "The {} is {}. Is that right?"
_MONTHS = ("a month, as 2011-08 is", "two years, as 2012-14 is")  # to read 2011-12 in a column of periods
_COUNTS = "the date in “{}” counts, as the other is wrong"
_FLAGS = {True: "true", False: "false", None: ""}
NAMES_A_CURRENCY = re.compile(r"[^\W\d_]|[€$£]")
# columns whose cells may hold several values
_OF_SEVERAL = {*OF_RECORDS, *ROLES, *IN_ROLES, *OF_TEXTS} - {"title", "acronym"}


@dataclass
class Row:
    """A row of a table, ``whole`` as in the file.

    ``cells``: {our heading: text} of the columns in the file; ``lines``: its further rows; ``untitled``: ways to
    take it if it has no title.

    ``origins``: {our heading: (the row, heading) of the cell that states it}, where that is another one; ``units``,
    ``several``: see ``units.completed``.
    """

    listing: object
    number: int
    whole: list
    cells: dict
    units: dict
    several: dict
    lines: list = field(default_factory=list)
    origins: dict = field(default_factory=dict)
    untitled: tuple = ()

    def part_period(self, answers):
        """Give start and end what a period says, where they have no cell that says something, or a person says so."""
        if "period" not in self.cells:
            return
        text, theirs = in_cell(answers, "period", self.text("period")), self.listing.theirs
        month, years = (start_and_end(text, has_months=each) for each in (True, False))
        parts = years if month != years and self._chosen(answers, "period", _MONTHS) else month
        for each, part in zip(PERIOD, parts, strict=True):
            part, own = in_cell(answers, "period", part), in_cell(answers, each, self.text(each))
            ways = [_COUNTS.format(theirs.get(at)) for at in (each, "period")]
            if is_none(own) or (_contradict(each, own, part) and self._chosen(answers, each, ways)):
                self.cells[each], self.origins[each] = part, (self, "period")

    def _chosen(self, answers, heading, ways):
        """Return the number of the one of ``ways`` that a person chose for a column, from 0; if nobody did, ask."""
        way = answers.meaning(heading, key_of(ways))
        if way not in ways:
            self.several[heading] = ways
        return ways.index(way) if way in ways else 0

    def join_lines(self):
        """Take what the further rows of a project state. Contributions stay in their rows.

        Returns {our heading: texts} where only one of them can be.
        """
        several, rows = {}, [self, *self.lines] if self.lines else ()
        for heading in dict.fromkeys(at for row in rows for at in row.cells if at not in ("title", "period", *PAYING)):
            stating = [row for row in rows if row.text(heading)]
            self.origins |= {heading: stating[0].origin(heading)} if stating else {}
            texts = list(dict.fromkeys(row.text(heading) for row in stating))
            if len(texts) > 1 and heading not in _OF_SEVERAL:
                several[heading] = texts
            self.cells[heading] = ("\n" if heading in _OF_SEVERAL else " / ").join(texts)
        return several

    @cached_property
    def place(self):
        return self.listing.sheet.place(self.number)

    def text(self, heading):
        """Return the text of the cell under our ``heading``, without blanks around it; "" if there is no such cell."""
        return self.cells.get(heading, "").strip()

    def fault(self, heading, message, /, **asked):
        """Return a PlacedFault of the cell in the column of our ``heading``; "" for the whole row.

        ``asked``: what ``Wrong`` has as its question, if it can be answered.
        """
        row, at = self.origin(heading)
        question = {"heading": heading, "choices": (), "ways": (), **asked} if asked else None
        if question:
            unit = with_units("1", *row.units.get(heading, ())).removeprefix("1").strip()
            question["unit"] = "" if unit.endswith(")") else unit  # where it is sure
        column = at if at in row.listing.at else at.replace("_currency", "_amount")  # that lacks it
        return PlacedFault(row.place, row.listing.label(column) if column else "", message, question)

    def origin(self, heading):
        """Return the Row, and our heading there, of the cell that states a value."""
        return self.origins.get(heading, (self, heading))

    def where(self, heading):
        """Return the place of the cell that states a value, in words."""
        row, at = self.origin(heading)
        if at == "country_codes" and row.number in row.listing.countries:
            return row.listing.countries[row.number][1]
        return f"{row.place}, {row.listing.sheet.line(row.listing.at[at])}"


class ImportedRecord:
    """A record that rows of a file make or change.

    ``row``: its own, if it has one; ``parts``: {table: rows of its parts}; ``changed``: {member: its claims};
    ``doubts``: cells that should follow from others, but do not: (table, heading, text, fault).
    """

    def __init__(self, model, names, key, row=None):
        self.model, self.names, self.key, self.row = model, names, key, row
        self.table = TABLES[model.collection]
        [self.key_heading] = self.table.primary_key
        self.naming = "title" if model is Project else "name"  # the heading of its name
        self.name = row.text(self.naming) if row else ""
        self.parts, self.faults, self.doubts, self.notes = {}, [], [], []
        self.changed, self.claimed = {}, set()

    @property
    def rows(self):
        """All its rows."""
        own = [self.row, *self.row.lines] if self.row else []
        return own + [row for rows in self.parts.values() for row in rows]

    def is_named(self, key):
        """Take the key of the record that its name means. The name may be spelled differently; it renames nothing."""
        self.key = key
        if not self.row.listing.is_whole:
            self.row.cells[self.naming] = ""

    def read(self, standing, merged_into):
        """Make the document from the ``standing`` one, if any, and collect faults and doubts.

        ``merged_into``: the record into which the one with its key was merged.
        """
        self.standing, self.modified = standing, standing.pop("modified", "") if standing else ""
        self.document = dict(standing) if standing else blank(self.model, self.key)
        for row in self.rows:
            for heading, ways in row.several.items():
                message = "It can be read in several ways. Which is right?"
                self.faults.append(row.fault(heading, message, text=row.text(heading), ways=ways))
        for heading, texts in self.row.join_lines().items() if self.row else ():
            self.faults += self._one_of(heading, texts)
        found = []
        for row in self.rows:
            found += [row.fault(at, message) for at, text in row.cells.items() if (message := unreadable(text))]
            found += [row.fault(at, what, **asked) for at, what, asked in row.listing.wrong.get(row.number, ())]
        found = [fault for at, fault in enumerate(found) if fault not in found[:at]]
        self.faults += [fault for fault in found if not fault.question]
        if not standing and not self.faults:
            self._refuse_key(merged_into)
        if not self.faults:
            self._read()
        self.faults += [fault for fault in found if fault.question]
        if self.doubts and not self.faults:
            self.faults = self._doubted()

    def _one_of(self, heading, texts):
        """Return the fault that asks which of several ``texts`` in the rows of a project counts, or all of a sum."""
        row, choices = self.row, [(text, text) for text in texts]
        if (answer := answered(self.names.answers, heading, row.text(heading))) != row.text(heading):
            if answer in texts:
                stating = [line for line in row.lines if line.text(heading) == answer] or [row]
                row.cells[heading], row.origins[heading] = answer, stating[0].origin(heading)
            return []
        with suppress(ValueError):
            amounts, codes = zip(*map(parse_sum, texts if heading.endswith("_amount") else ()), strict=True)
            if len({*codes}) == 1:
                together = " ".join([f"{sum(amounts):f}", *(codes[0] if len(codes[0]) == 1 else ())])
                choices.append((together, f"{together}, all together"))
        message = (
            f"One project has different values in {'; '.join(each.place for each in (row, *row.lines))}. Which counts?"
        )
        return [row.fault(heading, message, text=row.text(heading), choices=choices)]

    def _refuse_key(self, merged_into):
        """Refuse a new record without a valid key."""
        if merged_into:
            message = f"“{self.key}” was merged into “{merged_into}”. Give that key."
            self.faults.append(self.row.fault(self.key_heading, message))
        self.attempt(self.row, partial(text_under, self.model._meta.pk, self.key_heading, self.key))

    def _read(self):
        row = self.row
        if row:
            self._read_row(row)
        for name, rows in self.parts.items():
            self._read_parts(name, rows)
        self._settle()
        if self.model is Project:
            self.document["unattributed"] = unattributed(self.document)
        seen = row.text("modified") if row and self.standing and (self.changed or self.claimed) else ""
        if seen and not same("moment", seen, self.modified):
            right = "Take a new file, or leave this empty."
            message = f"The record changed on {self.modified}, after this file was made. {right}"
            self.faults.append(row.fault("modified", message))

    def _settle(self):
        """Keep what breaks a rule as claims that are not decided, so that nothing of the file is lost."""
        before, rules = self.standing or blank(self.model, self.key), _RULES if self.model is Project else ()
        if self.standing and (self.model, self.key) not in self.names.hidden:
            rules = [*((partial(self._hidden_fault, member), [member]) for member in self.changed), *rules]
        for fault, members in rules:
            new = [member for member in members if member in self.changed]
            if new and (why := fault(self.document)):
                undecided = {"status": Status.UNDECIDED.value, "set_aside": why}
                for member in new:
                    self.document[member] = before[member]
                    self.changed[member] = [claim | undecided for claim in self.changed[member]]
                stated = " and ".join(label(member).lower() for member in new)
                self.notes.append(f"{why} What the file states as {stated} is kept as a claim that is not decided.")

    def _hidden_fault(self, member, document):
        """Return an error message if a member of a public record names one that is not."""
        named = names_in(self.model, blank(self.model, self.key) | {member: document[member]})
        hidden = [f"“{self.names.shown(*each)}”" for each in named if each in self.names.hidden]
        return f"It is published, and names what is not: {', '.join(hidden)}. Publish that first." if hidden else None

    def attempt(self, row, read):
        """Return ``read()``; if something is Wrong, add that as a fault of ``row`` and return None."""
        try:
            return read()
        except* Wrong as group:
            for fault in (self._fault(row, wrong) for wrong in group.exceptions):
                self.faults += [] if fault in self.faults else [fault]
        return None

    def _fault(self, row, wrong):
        """Return a fault for what is Wrong. If an answer cannot be read, it asks about the cell's own text again."""
        asked, own = wrong.question, row.text(wrong.heading)
        if asked and own and in_cell(self.names.answers, wrong.heading, own) == asked["text"]:
            asked |= {"text": own}
        if asked and row.origin(wrong.heading)[1] == "period":  # asked once
            is_parted = row.text("start_date") != row.text("end_date")
            asked |= {"heading": "period", "choices": asked["choices"] if is_parted or asked["ways"] else ()}
        return row.fault(wrong.heading, wrong.what, **asked)

    def _read_row(self, row):
        table = self.table
        old = next(iter(cells_of(table, self.standing)), dict.fromkeys(table.headings, ""))
        differing = self._given(row, old)
        if not row.listing.is_whole:
            differing = {heading: text for heading, text in differing.items() if text}
        cells = old | differing
        for amount in [heading for heading in differing if heading.endswith("_amount")]:
            currency = amount.replace("_amount", "_currency")
            is_answer = differing[amount] != row.text(amount)
            if claims.of_unit(row.text(amount), differing[amount]):
                row.cells[amount] = differing[amount]
            if (is_answer or not row.text(currency)) and NAMES_A_CURRENCY.search(differing[amount]):
                cells[currency] = ""  # the amount names its own
        for reader in MEMBERS[table.name]:
            if not self.standing or not differing.keys().isdisjoint(reader.headings):
                value = self.attempt(row, partial(reader.read, cells, self.names)) or {}
                self._set(row, value, reader.headings)
        follows = differing.keys() - NOT_FOLLOWING[table.name] - words.extra.keys()
        if self.model is Project:
            follows -= self._read_flat(row, differing)
        for heading in sorted(follows):
            self._doubt(row, table, heading)

    def _given(self, row, old):
        """Return {heading: text} of the cells of a row that differ from ``old``, with answers applied."""
        kinds, differing = KINDS[row.listing.table.name], {}
        for heading, text in row.cells.items():
            before = old.get(heading, "")
            if text != before and not (same(kinds.get(heading, "text"), text, before) if before else not text.strip()):
                differing[heading] = "" if is_none(text) else in_cell(self.names.answers, heading, text.strip())
        if row.number in row.listing.countries and old.get("country_codes"):
            differing.pop("country_codes", None)  # where it stands does not say that it is the only one
        for date in differing.keys() & {*PERIOD, "status_as_of"} if row.listing.is_whole else ():
            meant, earliest = _dates_meant(row.text(date)), row.text(f"{date}_earliest")  # cells of our own export
            if old[date] in meant and (len(meant) == 1 or earliest == row.text(date)):
                del differing[date]  # as it was, in the way of a spreadsheet
        for currency in [heading for heading in differing if heading.endswith("_currency")]:
            amount = currency.replace("_currency", "_amount")
            if not differing.get(amount, row.text(amount)):
                differing[currency] = ""  # without an amount it means nothing
        for date in PERIOD:  # of a column of planned dates
            planned = f"{date}_planned"
            if row.text(planned) and planned not in row.listing.at:
                is_known = old.get(date) and old[planned] != "true"
                differing |= {date: "", planned: ""} if is_known or not differing.get(date) else {}
        return differing

    def _set(self, row, values, headings):
        for member, value in values.items():
            if value != self.document[member]:
                self.document[member] = value
                self.changed.setdefault(member, []).extend(claims.of_cells(row, self.key_heading, headings))

    def _read_flat(self, row, differing):
        """Read the cells of a row about parts that have no rows of their own. Returns the headings that were read."""
        used = set()
        if "projects-organisations" not in self.parts:
            roles = (*ROLES, IN_ROLES[1])
            used |= self._read_parts_in(row, differing, "organisations", roles, parts.flat_organisations)
        if "projects-contributions" not in self.parts:
            for line in (row, *row.lines):
                given = differing if line is row else self._given(line, {})
                used |= self._read_parts_in(line, given, "contributions", parts.PAYING, parts.flat_contributions)
        return used

    def _read_parts_in(self, row, given, member, headings, read):
        filled = {heading for heading in headings if given.get(heading)}
        if filled:
            cells = {heading: given.get(heading, "") for heading in headings}
            if cells.get("funder_amount") and not cells["funder_slugs"] and not cells["instrument_codes"]:
                stated = in_cell(self.names.answers, "instrument_codes", row.text("instrument_codes"))
                cells |= {"funder_slugs": row.text("funder_slugs"), "instrument_codes": stated}  # as they stand
            if cells.get("funder_amount"):
                cells["payer"] = row.listing.payers.get(row.listing.at.get("funder_amount"), "")
                is_of_other = cells["payer"] not in ("", EUROPEAN_UNION)
                if not cells["funder_slugs"] and (is_of_other or not cells["instrument_codes"]):
                    answer = self.names.answers.meaning("funder_slugs", "")  # whose sums without a funder are
                    cells["funder_slugs"] = cells["payer"] or answer or ""
            amount, theirs = cells.get("funder_amount"), fold(row.listing.theirs.get("budget_currency", ""))
            if amount and not cells["funder_currency"] and "budget" not in theirs:
                cells["answered_as"] = "budget_currency" if "budget_amount" in row.listing.at else ""
                if not NAMES_A_CURRENCY.search(amount):
                    cells["funder_currency"] = row.text("budget_currency")  # a column “Currency” is of all sums
            value = self.attempt(row, partial(read, cells, self.document[member], self.names))
            if value is not None:
                stating = ["funder_amount"] if cells.get("payer") else []  # who pays it has no cell
                self._set(row, {member: value}, [one for one in dict.fromkeys([*stating, *headings]) if one in filled])
        return filled

    def _read_parts(self, name, rows):
        kind, table, kinds = TABLES_OF_PARTS[name], TABLES[name], KINDS[name]
        rows, faults = parts.in_order(rows)
        self.faults += faults
        for row in rows:
            if row.text("project_title") not in (self.document["title"], (self.standing or {}).get("title")):
                self._doubt(row, table, "project_title")
            for heading, (name, model) in kind.named.items():
                reference = self.names.known[model].get(row.text(heading), {})
                if row.text(name) != reference.get(SHOWN_MEMBERS[model][1], "").strip():
                    self._doubt(row, table, name)
        olds = cells_of(table, self.standing)
        if len(rows) == len(olds) and all(
            same(kinds[heading], text, old[heading])
            for row, old in zip(rows, olds, strict=True)
            for heading, text in row.cells.items()
        ):
            return  # cell for cell what stands
        standing = {tuple(old[heading] for heading in kind.identity): old for old in olds}
        values, before = [], self.document[kind.member]  # [(row, part)] of those that can be read
        for row in rows:
            identity = tuple(row.text(heading) for heading in kind.identity)
            old = standing.get(identity, dict.fromkeys(table.headings, ""))
            cells = old | self._given(row, old)
            if value := self.attempt(row, partial(self._part, kind, cells)):
                values.append((row, value))
        if kind.member == "claims":
            self.document["claims"], self.claimed = claims.merged(before, [value for _row, value in values])
        elif (new := [value for _row, value in values]) != before:
            self.document[kind.member] = new
            added = [row for row, value in values if value not in before]
            self.changed[kind.member] = [claims.of_part(row, kind.member) for row in added]

    def _part(self, kind, cells):
        values = all_of(*(partial(reader.read, cells, self.names) for reader in kind.readers))
        part = {name: value for each in values for name, value in each.items()}
        kind.check(part, self.names)
        return part

    def _doubt(self, row, table, heading):
        if text := row.text(heading):
            self.doubts.append((table, heading, text, row.fault(heading, _follows(heading))))

    def _doubted(self):
        """Return the faults of the doubts: their cells differ from the record, now and in earlier Revisions.

        A file that is uploaded twice may have older values.
        """
        doubts, revisions = self.doubts, Revision.objects.filter(kind=self.model._meta.model_name, key=self.key)
        texts = revisions.order_by("-id").values_list("document", flat=True).iterator()  # only asked if needed
        for document in chain([self.document], (upgrade(self.model, text) for text in texts)):
            doubts = [
                (table, heading, text, fault)
                for table, heading, text, fault in doubts
                if not any(same(KINDS[table.name][heading], text, row[heading]) for row in cells_of(table, document))
            ]
            if not doubts:
                break
        return [fault for _table, _heading, _text, fault in doubts]

    def item(self):
        """Return the Item: refused if anything is wrong with one of its rows.

        Its document has claims for its changes, except for members that have claims in the file.
        """
        rows, key, document, notes = self.rows, self.key[:LONGEST_KEY], None, list(self.notes)
        if not self.faults:
            document = {**self.document, "claims": [dict(claim) for claim in self.document["claims"]]}
            for member, statements in self.changed.items():
                if member in self.model.claimable and member not in self.claimed:
                    claims.add(document["claims"], member, statements, self.names.source)
            dates = {name: document[name]["value"] for name in PERIOD if name in self.changed and document[name]}
            notes += [
                ODD.format(label(name).lower(), day) for name, day in dates.items() if not EARLIEST < day < LATEST
            ]
        numbers = [(row.listing.sheet.title, row.number) for row in rows]
        identifier = self.name or key
        return Item(self.model, key, rows[0].place, document, self.faults, notes, identifier, numbers=numbers)


def _end_fault(document):
    start, end = (document[name] for name in PERIOD)
    return "The end date is before the start date." if start and end and end["latest"] < start["earliest"] else None


def _status_fault(document):
    return "“Status as of” is given without a status." if document["status_as_of"] and not document["status"] else None


_RULES = (  # {what says that a project breaks one: members that may be wrong}, in this order
    (sum_fault, ["budget"]), (sum_fault, ["contributions"]), (_end_fault, PERIOD), (_status_fault, ["status_as_of"]),
)  # fmt: skip


def _contradict(heading, first, second):
    """Whether two texts are dates of which neither is only more precise."""
    with suppress(ValueError):
        one, other = (PartialDate.parse(text, is_end=heading == "end_date").value for text in (first, second))
        return not one.startswith(other) and not other.startswith(one)
    return False


def _follows(heading):
    stem = heading.rsplit("_", 1)[0]
    origin = {
        "unattributed": "the budget and the contributions", "funder": "the table “Contributions”",
        "instrument": "the table “Contributions”", "url": "the key", "part_of": f"“{label('part_of_slug')}”",
        **dict.fromkeys(("lead", "implementer", "partner"), "the table “Roles of organisations”"),
        **dict.fromkeys(("country", "partnership", "theme", "kind", "predecessor"), "the column of codes beside it"),
    }.get(stem, f"“{label(stem)}”")  # fmt: skip
    return f"It follows from {origin}: change it there."


# -- A document as cells, to compare a file with it: equal cells need not be read --


def cells_of(table, document):
    """Return ``[{heading: text}]`` of the rows of a document; [] of None."""
    if document is None:
        return []
    return [dict(zip(table.headings, map(_text, row), strict=True)) for row in table.read(document)]


def _text(value):
    if type(value) is str:
        return value
    return _FLAGS[value] if value is None or type(value) is bool else str(value)


def _dates_meant(text):
    """Return the dates, in ISO 8601, that a cell may mean, as a spreadsheet writes those of our exports."""
    try:
        return [str(PartialDate.parse(text))]
    except Unclear as unclear:
        return unclear.meanings


def same(kind, cell, text):
    """Whether a cell means the same as ``text``, perhaps written differently or cut by a workbook."""
    if cell == text:
        return True
    cell, text = composed(cell.strip()), composed(text.strip())
    if cell == text or ("\n" in cell and " ".join(cell.split()) == text):
        return True
    if kind == "amount" and cell and text:
        with suppress(ValueError):
            return parse_sum(cell) == parse_sum(text)
    if kind == "date":
        return text in _dates_meant(cell)
    if kind == "moment":
        return cell.replace(" ", "T").removesuffix("Z") == text.removesuffix("Z")
    if kind == "flag":
        return cell.casefold() == text
    if "?" in cell and len(cell) == len(text):  # Excel’s plain CSV has it for each letter that it cannot write
        return all(is_ == was or (is_ == "?" and not was.isascii()) for is_, was in zip(cell, text, strict=True))
    return cell.endswith(CUT) and text.startswith(cell.removesuffix(CUT))
