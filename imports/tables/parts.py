"""The parts of a project, contributions, participations and claims: from their own rows, or from the project's row."""

from collections import defaultdict
from functools import partial

from instruments.models import Instrument
from projects.exports.columns import TABLES, columns_of
from projects.models import EUROPEAN_UNION, Organisation, Project, funder_fault
from provenance.documents import declaration as m
from provenance.documents.claims import REFUSED
from provenance.documents.declaration import key_of

from ..answers import LEAVE_OUT
from .cells import Wrong, all_of, label, money, readers_of, several


class PartTable:
    """A table of parts of projects, as their model declares them.

    ``identity``: the headings that identify a part in its project. ``named``: {heading of a key: (heading of the name
    that follows from it, model)}.
    """

    def __init__(self, member):
        self.member, self.model = member.name, member.part(Project)
        self.readers = readers_of(self.model)
        headings = {reader.name: reader.headings[0] for reader in self.readers}
        self.identity = tuple(headings[name] for name in self.model.key_fields)
        self.named = {}
        for one in m.of_kind(self.model, m.One):
            other = one.other(self.model)
            self.named[headings[one.name]] = (f"{one.name}_{m.shown_members(other)[1]}", other)

    def check(self, part, names):
        """Raise Wrong where a part, read without a fault, cannot be."""
        if self.member == "contributions":
            code, funder = key_of(part["instrument"]), part["funder"]
            if fault := funder_fault(code, names.kinds.get(code), funder["slug"], funder["name"]):
                raise Wrong("funder_slug", fault)
        elif self.member == "claims":
            labels = {label(name): name for name in Project.claimable}
            part["field"] = labels.get(part["field"].capitalize(), part["field"])
            if part["field"] not in Project.claimable:
                right = ", ".join(Project.claimable)
                raise Wrong("field", f"“{part['field']}” cannot be claimed. Give one of: {right}.")
            if part["as_stated"] not in part["quote"]:
                raise Wrong("as_stated", "It does not stand in the quote. Copy it from there, character by character.")
            if part["status"] in REFUSED and not part["set_aside"]:
                raise Wrong("set_aside", "It is empty. Say why the claim is not adopted.")


TABLES_OF_PARTS = {
    f"projects-{member.name}": PartTable(member)
    for member in m.of_kind(Project, m.Items)
    if f"projects-{member.name}" in TABLES
}


def load(names, records):
    """Read the records that the parts of ``records`` name, and their main projects."""
    wanted = defaultdict(set)
    for record in records:
        wanted[Project].add(record.row.text("part_of_slug") if record.row else "")
        for name, rows in record.parts.items():
            for heading, (_name, model) in TABLES_OF_PARTS[name].named.items():
                wanted[model].update(row.text(heading) for row in rows)
    for model, keys in wanted.items():
        names.load(model, keys - {""})


def in_order(rows):
    """Return (rows, by number if they are numbered; faults of wrong numbers)."""
    numbers, faults = {}, []
    for row in rows:
        text = row.text("number")
        if text and not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text)):
            faults.append(row.fault("number", f"“{text[:40]}” is no number of a part: give 1, 2, 3 …"))
        elif text and int(text) in numbers.values():
            faults.append(row.fault("number", f"The project has the number {text} twice. Give each its own."))
        elif text:
            numbers[row.number] = int(text)
    return sorted(rows, key=lambda row: numbers.get(row.number, 10**6)), faults


# -- What the row of a project says of them: who leads, implements and pays, under which instrument --

ROLES = {"lead_slugs": "lead", "implementer_slugs": "implementer", "partner_slugs": "partner"}
PAYING = ("funder_slugs", "instrument_codes", "funder_amount", "funder_currency")
OF_RECORDS = {columns_of(Project, one)[0].heading: one.other(Project) for one in m.of_kind(Project, m.Many)}
OF_RECORDS["instrument_codes"] = Instrument
OF_TEXTS = {one.name for one in m.of_kind(Project, m.Text, m.Lines) if one.is_searched} | {"components"}
IN_ROLES = ("organisation_slugs", "organisation_role")


def flat_organisations(cells, standing, names):
    """Return the participations of a project: those of a role as in its cell; an empty cell changes none."""
    parts = list(standing)
    by_role = all_of(*(partial(several, Organisation, heading, cells[heading], names) for heading in ROLES))
    for role, references in zip(ROLES.values(), by_role, strict=True):
        if keys := {reference["slug"] for reference in references}:
            parts = [part for part in parts if part["role"] != role or part["slug"] in keys]
            there = {part["slug"] for part in parts if part["role"] == role}
            new = {"role": role, "role_as_stated": None, "component": None}
            parts += [reference | new for reference in references if reference["slug"] not in there]
    return parts


def flat_contributions(cells, standing, names):
    """Return the contributions of a project, with those in its row added, or their amounts changed."""
    instruments, funders, (amount, currency) = all_of(
        partial(several, Instrument, "instrument_codes", cells["instrument_codes"], names),
        partial(several, Organisation, "funder_slugs", cells["funder_slugs"], names),
        partial(money, "funder_amount", "funder_currency", cells, names),
    )
    pairs = _pairs(instruments, funders, names)
    payers = several(Organisation, "funder_slugs", cells.get("payer", ""), names)
    paying = [pair for pair in pairs if not payers or pair[0] in payers] or [(payer, None) for payer in payers]
    is_of_none = amount == 0 and pairs and paying[0] not in pairs  # a sum of 0 makes nobody a funder beside others
    paid = None if amount is None or is_of_none else _paid(paying, cells, names)
    is_shared = paid and paid not in pairs
    parts = [dict(part) for part in standing]
    for pair in [*pairs, paid] if is_shared else pairs:
        funder, instrument = pair
        code = key_of(instrument)
        is_any = code is None and not is_shared
        own = [part for part in parts if part["funder"] == funder and (is_any or key_of(part["instrument"]) == code)]
        if not own:
            own = [{"funder": funder, "instrument": instrument, "amount": None, "currency": None}]
            parts += own
        if pair == paid:
            own[0] |= {"amount": f"{amount:.2f}", "currency": currency}
    return parts


def _paid(pairs, cells, names):
    """Return the pair that pays the sum of a row; without an instrument if one funder pays it under several.

    None if it is left out, or all who may pay it are. Wrong if that has to be asked.
    """
    payers = {key_of(funder): funder["name"] for funder, _instrument in pairs}
    is_nobody = not payers and not cells["funder_slugs"] and not cells["instrument_codes"]
    key = next(iter(payers), LEAVE_OUT)
    if len(payers) > 1 or is_nobody:
        heading, text = "funder_amount" if payers else "funder_slugs", ", ".join(payers.values())
        answer = names.answers.meaning(heading, text)
        key = LEAVE_OUT if answer == LEAVE_OUT else next((key for key in payers if answer in (key, payers[key])), None)
    if key is None:
        who = f"names {len(payers)} who pay" if payers else "does not name who pays its sum"
        raise Wrong(heading, f"The row {who}. Whose is the sum?", text, payers.items() or names.payers)
    own = [pair for pair in pairs if key_of(pair[0]) == key]
    return own[0] if len(own) == 1 else (own[0][0], None) if own else None


def _pairs(instruments, funders, names):
    """Return [(funder, instrument or None)] that a row names. The European Union pays for EU instruments."""
    pairs = []
    for instrument in instruments:
        if names.kinds.get(instrument["code"]) == Instrument.Kind.EU:
            pairs.append((names.reference(Organisation, EUROPEAN_UNION, "instrument_codes"), instrument))
        elif len(funders) == 1:
            pairs.append((funders[0], instrument))
        else:
            there = {funder["slug"]: funder["name"] for funder in funders}
            asked = ": ".join([instrument["code"], *filter(None, [", ".join(there.values())])])
            if names.answers.meaning("funder_slugs", asked) is None:
                message = f"“{instrument['code']}” does not say who pays. Who does?"
                raise Wrong("funder_slugs", message, asked, there.items() or names.payers)
            payer = names.reference(Organisation, asked, "funder_slugs")
            pairs += [(payer, instrument)] if payer else []
    paying = [funder["slug"] for funder, _instrument in pairs]
    return pairs + [(funder, None) for funder in funders if funder["slug"] not in paying]
