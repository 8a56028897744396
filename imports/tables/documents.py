"""Rows put together as whole documents of records, as they will stand."""

import re

from django.core.exceptions import ValidationError

from projects.exports.columns import TABLES
from projects.models import Organisation, Project, unattributed
from provenance.models import Revision
from provenance.store.build import blank, upgrade
from provenance.store.log import chunks, newest
from provenance.workflow.merges import redirected_keys

from ..items import Item
from . import claims, parts, texts
from .cells import DASHES, MEMBERS, Wrong, label, unreadable
from .names import FACES
from .questions import collect, in_cell
from .row_groups import put_together

NOT_FOLLOWING = {  # the headings of each table that do not follow from other cells
    name: {"modified", "project_count", TABLES[name].primary_key[0]}.union(*(member.headings for member in members))
    for name, members in MEMBERS.items()
}


def items(listings, names, questions):
    """Yield an Item for each record of the tables, and for each new organisation that a person chose.

    What is unclear is added to the list ``questions`` at the end.
    """
    asked = {}
    for model, units in put_together(listings, names):
        _announce(model, units, names)
        for chunk in chunks(units):
            for item in _made(model, chunk, names, names.source):
                collect(asked, item.faults)
                yield item
    questions += asked.values()
    for name, slug in names.new.items():
        yield _new_organisation(name, slug, names.source)


def _new_organisation(name, slug, source):
    document, its_claims = blank(Organisation, slug) | {"name": name}, []
    claims.add(its_claims, "name", [{"as_stated": name, "quote": name, "place": "a cell that names it"}], source)
    return Item(Organisation, slug, f"“{name}”", {**document, "claims": its_claims}, identifier=slug)


def _announce(model, units, names):
    """Let the records that the file brings be known to those that name them."""
    if model not in FACES:
        return
    names.load(model, {unit.key for unit in units})
    for unit in units:
        if unit.row and unit.key and unit.key not in names.known[model]:
            key, *others = FACES[model]
            names.add(model, {key: unit.key} | {each: unit.row.cells.get(each, "").strip() for each in others})


def _made(model, units, names, source):
    parts.load(names, units)
    keys = [unit.key for unit in units if unit.key and "\0" not in unit.key]
    revisions = newest(model, keys).items()
    standing = {key: upgrade(model, revision.document) for key, revision in revisions if revision.action != "deleted"}
    _refuse_merged(model, [unit for unit in units if unit.key not in standing])
    works = [Work(unit, standing.get(unit.key), names, source) for unit in units]
    _resolve(model, [work for work in works if work.doubts])
    for work in works:
        yield work.item()


def _refuse_merged(model, units):
    """Refuse records that would be new under a key that was merged into another."""
    keys = [unit.key for unit in units if not unit.faults and "\0" not in unit.key]
    where = redirected_keys(model, keys)
    for unit in units:
        if unit.key in where and unit.row:
            what = f"“{unit.key}” was merged into “{where[unit.key]}”. Give that key."
            unit.faults.append(unit.row.fault(unit.table.primary_key[0], what))


def _resolve(model, works):
    """Turn doubts into faults, but for what an earlier Revision said: a file sent twice says it again."""
    keys = [work.unit.key for work in works]
    past = {}
    if works:
        rows = Revision.objects.filter(kind=model._meta.model_name, key__in=keys).order_by("-id")
        for key, text in rows.values_list("key", "document"):
            past.setdefault(key, []).append(text)
    for work in works:
        olds = [upgrade(model, text) for text in past.get(work.unit.key, [])[:20]]
        for table, cells, fault in work.doubts:
            if not any(_says(table, document, cells) for document in [work.document, *olds]):
                work.faults.append(fault)


def _says(table, document, cells):
    kinds = texts.KINDS[table.name]
    return any(
        all(texts.same(kinds[heading], text, row[heading]) for heading, text in cells.items())
        for row in texts.of(table, document)
    )


class Work:
    """One record in the making. ``doubts``: cells that follow from others, and do not: (table, cells, fault)."""

    def __init__(self, unit, standing, names, source):
        self.unit, self.names, self.source, self.standing = unit, names, source, standing
        self.is_whole = any(row.listing.is_whole for row in unit.rows)  # an empty cell means that nothing is stated
        self.old = texts.of(unit.table, self.standing)
        self.modified = self.standing.pop("modified", "") if self.standing else ""
        self.document = dict(self.standing) if self.standing else blank(unit.model, unit.key)
        self.faults, self.doubts, self.changed, self.claimed = list(unit.faults), [], {}, set()
        self._refuse_unreadable()
        if not self.faults and self._is_there():
            self._read_row()
            for each, rows in unit.parts.items():
                self._read_parts(each, rows)
            self._finish()

    def _refuse_unreadable(self):
        for row in self.unit.rows:
            for heading, text in row.cells.items():
                if what := unreadable(text):
                    self.faults.append(row.fault(heading, what))

    def _is_there(self):
        """A project that only parts tell of has to be there already; a new record has to have a right key."""
        if not self.unit.row and not self.standing:
            what = f"There is no project “{self.unit.key}”, and no row of the table “Projects” makes it. Check its key."
            self.faults.append(self.unit.rows[0].fault("project_slug", what))
        if self.unit.row and not self.standing:
            self._check_key(self.unit.table.primary_key[0])
        return not self.faults

    def _check_key(self, heading):
        try:
            self.unit.model._meta.pk.clean(self.unit.key, None)
        except ValidationError as error:
            what = f"“{self.unit.key}” is not the key of a record, and cannot be the key of a new one."
            self.faults.append(self.unit.row.fault(heading, f"{what} {' '.join(error.messages)}"))

    def _read_row(self):
        row, table = self.unit.row, self.unit.table
        if not row:
            return
        old = self.old[0] if self.old else dict.fromkeys(table.headings, "")
        kinds = texts.KINDS[table.name]
        differing = {
            heading
            for heading, text in row.cells.items()
            if heading not in parts.EXTRA and not texts.same(kinds[heading], text, old[heading])
        }
        given = {heading: self._given(heading, row.cells[heading]) for heading in differing}
        for amount in [heading for heading in table.headings if heading.endswith("_amount")]:
            currency = amount.replace("_amount", "_currency")  # which says nothing where the amount is left out
            text = given.get(amount, row.cells.get(amount, "").strip())
            if amount in given and currency not in row.cells and re.search(r"[^\W\d_]|[€$£]", text):
                given[currency] = ""  # the amount names its own
                differing.add(currency)
            if currency in given and not text and (row.cells.get(amount, "").strip() or not self.is_whole):
                given[currency] = ""
        if not self.is_whole:
            differing = {heading for heading in differing if given[heading]}
        cells = old | {heading: given[heading] for heading in differing}
        for member in MEMBERS[table.name]:
            if not self.standing or not differing.isdisjoint(member.headings):
                self._read_member(row, member, cells)
        follows = differing - NOT_FOLLOWING[table.name]
        if self.unit.model is Project:
            follows -= self._read_flat(row, given, follows)
        for heading in sorted(follows):
            if row.cells[heading].strip():
                self.doubts.append((table, {heading: row.cells[heading]}, row.fault(heading, _follows(heading))))

    def _given(self, heading, text):
        text = text.strip()
        return in_cell(self.names.answers, heading, "" if text in DASHES else text)

    def _read_flat(self, row, given, follows):
        """Read what the row says of parts of which the file has no rows; returns the headings that are read."""
        extra = {heading: self._given(heading, row.cells.get(heading, "")) for heading in parts.EXTRA}
        cells, used = dict.fromkeys((*parts.ROLES, *parts.PAYING), "") | given | extra, set()
        for member, headings, read in (
            ("organisations", tuple(parts.ROLES), parts.flat_organisations),
            ("contributions", parts.PAYING, parts.flat_contributions),
        ):
            stated = [heading for heading in headings if heading in follows or extra.get(heading)]
            if not stated or f"projects-{member}" in self.unit.parts:
                continue
            used.update(stated)
            cells |= {heading: "" for heading in headings if heading not in stated}
            try:
                value = read(cells, self.document[member], self.names)
            except Wrong as wrong:
                self.faults.append(row.fault(wrong.heading, wrong.what, wrong.question))
                continue
            if value != self.document[member]:
                self.document[member] = value
                self.changed[member] = claims.of_cells(row, self.unit.table.primary_key[0], stated)
        return used

    def _read_member(self, row, member, cells):
        try:
            value = member.read(cells, self.names)
        except Wrong as wrong:
            self.faults.append(row.fault(wrong.heading, wrong.what, wrong.question))
            return
        if value != self.document[member.name]:
            self.document[member.name] = value
            self.changed[member.name] = claims.of_cells(row, self.unit.table.primary_key[0], member.headings)

    def _read_parts(self, each, rows):
        part_rows = parts.PartRows(each, rows, self.standing, self.names)
        self.faults += part_rows.faults
        self.doubts += part_rows.doubts
        self._compare_titles(part_rows)
        if part_rows.is_same:
            return
        values, member = [value for _row, value in part_rows.values], part_rows.kind.member
        if member == "claims":
            self.document["claims"], self.claimed = claims.merged(self.document["claims"], values)
        elif values != self.document[member]:
            before = self.document[member]
            new = [claims.of_part(row, member) for row, value in part_rows.values if value not in before]
            self.document[member] = values
            self.changed[member] = new

    def _compare_titles(self, part_rows):
        for row in part_rows.rows:
            text = row.cells.get("project_title", "").strip()
            if text and text not in (self.document["title"], (self.standing or {}).get("title")):
                what = "It is not the title of this project. Change it in the table “Projects”."
                self.doubts.append((TABLES["projects"], {"title": text}, row.fault("project_title", what)))

    def _finish(self):
        """Check what only the whole tells, and let follow what follows."""
        if self.unit.model is Project and not self.faults:
            self._check_components()
            self.document["unattributed"] = unattributed(self.document)
        self.is_changed = bool(self.changed or self.claimed)
        row = self.unit.row
        if row and self.is_changed and self.standing:
            self._refuse_collision(row)
            self._refuse_stale(row)
        self.doubts = [] if self.faults else [doubt for doubt in self.doubts if not self._stands(doubt)]

    def _stands(self, doubt):
        table, cells, _fault = doubt
        return any(_says(table, document, cells) for document in (self.document, self.standing) if document)

    def _check_components(self):
        numbers = {part["number"] for part in self.document["components"]}
        for part in self.document["organisations"]:
            if part["component"] is not None and part["component"] not in numbers:
                what = f"“{part['slug']}” takes part in component {part['component']}, and the project has none such."
                self.faults.append(self.unit.rows[-1].fault("component", what))

    def _refuse_collision(self, row):
        if self.unit.is_made:
            key, what = self.unit.table.primary_key[0], self.unit.model._meta.verbose_name
            collision = (
                f"The register has a {what} “{self.unit.key}” already, and that is the key made of this row's name."
            )
            self.faults.append(
                row.fault(key, f"{collision} If it is the same, give this “{key}”; if not, give another.")
            )

    def _refuse_stale(self, row):
        seen = row.cells.get("modified", "").strip()
        if seen and not texts.same("moment", seen, self.modified):
            right = "Take a new file, or leave this empty."
            what = f"The record changed on {self.modified}, after this file was made. {right}"
            self.faults.append(row.fault("modified", what))

    def item(self):
        """Return the Item: refused if anything is wrong with one of its rows."""
        unit, rows = self.unit, self.unit.rows
        key = unit.shown_key
        numbers = [(row.listing.sheet.title, row.number) for row in rows]
        made = Item(unit.model, key, rows[0].place, None, self.faults, numbers=numbers)
        made.identifier = unit.name or key
        if not self.faults:
            self._claim()
            made.document = self.document
        return made

    def _claim(self):
        """Add the claims of what changed, unless the file brings some itself."""
        its_claims = [dict(claim) for claim in self.document["claims"]]
        for member, stated in self.changed.items():
            if member in self.unit.model.claimable and member not in self.claimed:
                claims.add(its_claims, member, stated, self.source)
        self.document = {**self.document, "claims": its_claims}


def _follows(heading):
    stem = heading.rsplit("_", 1)[0]
    origin = {
        "unattributed": "the budget and the contributions", "funder": "the table “Contributions”",
        "instrument": "the table “Contributions”", "url": "the key", "part_of": f"“{label('part_of_slug')}”",
        **dict.fromkeys(("lead", "implementer", "partner"), "the table “Organisations” of projects"),
        **dict.fromkeys(("country", "partnership", "theme", "kind", "predecessor"), "the column of codes beside it"),
    }.get(stem, f"“{label(stem)}”")  # fmt: skip
    return f"It follows from {origin}: change it there."
