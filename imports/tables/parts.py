"""The parts of a project, contributions, participations and claims: from rows of their own, or its own row."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from instruments.models import Instrument
from projects.exports.columns import TABLES
from projects.models import EUROPEAN_UNION, Organisation, Project
from provenance.models import Source

from . import cells, texts
from .cells import Wrong, money, several
from .names import FACES
from .questions import in_cell


@dataclass(frozen=True)
class PartTable:
    """``identity``: the headings that tell a part apart in its project; ``named``: {heading of a key: model}."""

    member: str
    read: object
    identity: tuple[str, ...]
    named: dict  # the heading of a key: (the heading of the name that follows from it, model)


KINDS = {
    "projects-contributions": PartTable(
        "contributions", cells.contribution, ("funder_slug", "instrument_code"),
        {"funder_slug": ("funder_name", Organisation), "instrument_code": ("instrument_name", Instrument)},
    ),
    "projects-organisations": PartTable(
        "organisations", cells.participation, ("organisation_slug", "role", "component"),
        {"organisation_slug": ("organisation_name", Organisation)},
    ),
    "projects-claims": PartTable(
        "claims", cells.claim, ("field", "source_slug", "as_stated"), {"source_slug": ("source_title", Source)},
    ),
}  # fmt: skip


def load(names, units):
    """Read the records that the parts of ``units`` name, and the projects that they are part of."""
    wanted = defaultdict(set)
    for unit in units:
        wanted[Project].add(unit.row.cells.get("part_of_slug", "").strip() if unit.row else "")
        for name, rows in unit.parts.items():
            for heading, (_name, model) in KINDS[name].named.items():
                wanted[model].update(row.cells.get(heading, "").strip() for row in rows)
    for model, keys in wanted.items():
        names.load(model, keys - {""})


class PartRows:
    """The parts of one kind that a file has of one project. ``values``: [(row, value)], in their order."""

    def __init__(self, name, rows, standing, names):
        self.kind, self.table, self.names = KINDS[name], TABLES[name], names
        self.kinds = texts.KINDS[name]
        self.faults, self.doubts, self.values = [], [], []
        self.old = texts.of(self.table, standing)
        self.rows = self._sorted(rows)
        self.is_same = self._same_as_old()
        if not self.is_same:
            self._read()

    def _sorted(self, rows):
        """Return rows by their numbers, where they have numbers."""
        numbers = {}
        for row in rows:
            text = row.cells.get("number", "").strip()
            if text and not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text)):
                self.faults.append(row.fault("number", f"“{text[:40]}” is no number of a part: give 1, 2, 3 …"))
            elif text and int(text) in numbers.values():
                self.faults.append(row.fault("number", f"The project has the number {text} twice. Give each its own."))
            elif text:
                numbers[row.number] = int(text)
        return sorted(rows, key=lambda row: numbers.get(row.number, 10**6))

    def _same_as_old(self):
        """Whether the rows say what stands, cell for cell: nearly all do, and need not be read."""
        return len(self.rows) == len(self.old) and all(
            texts.same(self.kinds[heading], text, old[heading])
            for row, old in zip(self.rows, self.old, strict=True)
            for heading, text in row.cells.items()
        )

    def _read(self):
        standing = {tuple(old[heading] for heading in self.kind.identity): old for old in self.old}
        seen = Counter()
        for row in self.rows:
            identity = tuple(row.cells[heading].strip() for heading in self.kind.identity)
            seen[identity] += 1
            if seen[identity] > 1 and self.kind.member != "claims":
                identity_words = ", ".join(text for text in identity if text)
                self.faults.append(
                    row.fault(self.kind.identity[0], f"The project has {identity_words[:100]} twice. Give it once.")
                )
                continue
            try:
                value = self.kind.read(self._cells(row, standing.get(identity, {})), self.names)
            except Wrong as wrong:
                self.faults.append(row.fault(wrong.heading, wrong.what, wrong.question))
                continue
            self.values.append((row, value))
            self._compare_names(row)

    def _cells(self, row, old):
        """Return all cells of a row: what the file has no column for is as it stands."""
        complete = dict.fromkeys(self.table.headings, "") | old
        for heading, text in row.cells.items():
            if not texts.same(self.kinds[heading], text, old.get(heading, "")):
                complete[heading] = in_cell(self.names.answers, heading, text)
        return complete

    def _compare_names(self, row):
        for heading, (name, model) in self.kind.named.items():
            text, key = row.cells.get(name, "").strip(), row.cells[heading].strip()
            face = self.names.known[model].get(key, {})
            if text and text != face.get(FACES[model][1], "").strip():
                right = f"It follows from “{heading}”: change it there."
                self.doubts.append((self.table, {heading: key, name: text}, row.fault(name, right)))


# -- What the row of a project says of them: who leads, implements and pays, under which instrument --

ROLES = {"lead_slugs": "lead", "implementer_slugs": "implementer", "partner_slugs": "partner"}
PAYING = ("funder_slugs", "instrument_codes", "funder_amount", "funder_currency")
EXTRA = ("identifier", "funder_amount", "funder_currency")  # columns that our own files do not have


def flat_organisations(cells, standing, names):
    """Return the participations of a project: those of each role are what its cell says; an empty one changes none."""
    parts = list(standing)
    for heading, role in ROLES.items():
        if text := cells[heading].strip():
            faces = {face["slug"]: face for face in several(heading, Organisation, text, names)}
            parts = [part for part in parts if part["role"] != role or part["slug"] in faces]
            there = {part["slug"] for part in parts if part["role"] == role}
            new = {"role": role, "role_as_stated": None, "component": None}
            parts += [face | new for slug, face in faces.items() if slug not in there]
    return parts


def flat_contributions(cells, standing, names):
    """Return the contributions of a project, with those that its row names: added, or with another amount."""
    amount, currency = money(cells, "funder_amount", "funder_currency", names)
    pairs = _pairs(cells, names)
    if amount is not None and len(pairs) != 1:
        raise Wrong("funder_amount", "It needs one funder or instrument in the same row.")
    parts = [dict(part) for part in standing]
    for funder, instrument in pairs:
        code = instrument and instrument["code"]
        of = [
            part
            for part in parts
            if part["funder"] == funder and code in (None, (part["instrument"] or {}).get("code"))
        ]
        if not of:
            of = [{"funder": funder, "instrument": instrument, "amount": None, "currency": None}]
            parts += of
        if amount is not None:
            of[0] |= {"amount": f"{amount:.2f}", "currency": currency}
    return parts


def _pairs(cells, names):
    """Return [(funder, instrument or None)] that a row names. An EU instrument is paid by the European Union."""
    instruments = several("instrument_codes", Instrument, cells["instrument_codes"].strip(), names)
    funders = several("funder_slugs", Organisation, cells["funder_slugs"].strip(), names)
    pairs = []
    for instrument in instruments:
        if names.kinds.get(instrument["code"]) == Instrument.Kind.EU:
            pairs.append((names.face(Organisation, EUROPEAN_UNION, "instrument_codes"), instrument))
        elif len(funders) == 1:
            pairs.append((funders[0], instrument))
        else:
            what = f"Give the funder of {instrument['code']}, one in the row, or use the table “Contributions”."
            raise Wrong("instrument_codes", what, cells["instrument_codes"].strip())
    paying = [funder["slug"] for funder, _instrument in pairs]
    return pairs + [(funder, None) for funder in funders if funder["slug"] not in paying]
