"""Which table a sheet is, and which of its columns is which: by headings, or as the person chose."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import PurePath

from projects.models.amounts import split_unit, with_unit
from provenance.documents.folding import fold

from ..items import NotReadable, PlacedFault
from . import parts
from .cells import label
from .csv_files import FIRST_ROWS
from .documents import NOT_FOLLOWING
from .row_groups import IMPORTED, NEEDED
from .texts import KINDS
from .workbook import letters

OURS = {heading: heading for table in IMPORTED.values() for heading in (*table.headings, *parts.EXTRA)}
WORDS = {  # what the columns of a list of projects are called elsewhere, in English and French: a proposal
    "title": "title name project project_title project_name titre intitulé projet nom nom_du_projet intitulé_du_projet"
    " titre_du_projet activity_title activity action",
    "acronym": "acronyme sigle short_name",
    "summary": "description résumé aim",
    "country_codes": "country countries pays partner_country beneficiary_country beneficiary pays_partenaire"
    " pays_bénéficiaire country_code recipient_country",
    "partnership_slugs": "partnership partenariat",
    "theme_slugs": "theme themes thème thèmes topic",
    "status": "statut état",
    "start_date": "start begin beginning from since début date_de_début debut start_year début_du_projet du"
    " commencement",
    "end_date": "end until till to fin date_de_fin end_year finish au",
    "budget_amount": "budget amount montant total_budget budget_total total_cost coût_total coût montant_total",
    "budget_currency": "currency devise monnaie",
    "instrument_codes": "instrument instruments funding_instrument instrument_de_financement financing_instrument",
    "funder_slugs": "funder funders donor donors bailleur bailleur_de_fonds bailleurs financeur funded_by financé_par",
    "funder_amount": "contribution funder_amount contribution_amount donor_contribution",
    "funder_currency": "contribution_currency",
    "lead_slugs": "lead lead_organisation lead_agency lead_partner led_by chef_de_file coordinator coordinateur",
    "implementer_slugs": "implementer implementers implementing_partner implementing_partners implementing_agency"
    " implementing_organisation implemented_by"
    " organisme_d'exécution mis_en_œuvre_par agence_d'exécution",
    "partner_slugs": "partner partners partenaire partenaires",
    "components": "composantes component",
    "objectives": "objectifs objective objectif",
    "identifier": "activity_identifier iati_identifier identifiant reference référence contract_number contract"
    " numéro_de_contrat id",
}
PROPOSALS = {fold(word.replace("_", " ")): ours for ours, words in WORDS.items() for word in words.split()}
TOTAL = re.compile(r"(?:grand |sub|sous )?(?:total|totals|totaux|sum|somme)(?: general| eur| usd)?:?")
TITLES = {name: table.title for name, table in IMPORTED.items()}


@lru_cache(1000)
def _proposal(text):
    """Return our heading for what a list of projects calls a column; None if it is not known."""
    return PROPOSALS.get(fold(split_unit(text)[0]))


ABOUT = "About"  # the first sheet of our own workbooks, which tells of the others
_OF_PROJECTS = {*IMPORTED["projects"].headings, *parts.EXTRA}


@dataclass
class Listing:
    """A sheet as a table. ``columns``: {place, from 0: our heading}; ``head``: its headings as they stand."""

    sheet: object
    table: object  # None: nobody knows
    number: int  # of the row of headings
    head: list
    columns: dict = field(default_factory=dict)
    proposed: dict = field(default_factory=dict)  # {place: our heading, or "" to leave it out}: what nobody chose
    totals: list = field(default_factory=list)  # numbers of the rows that only add up the others
    units: dict = field(default_factory=dict)  # {our heading of sums: the unit that its own heading names}
    is_whole: bool = False  # an empty cell clears what is there: our own export, or the person says so
    others: list = field(default_factory=list)  # tables that it may be as well

    @property
    def place(self):
        """Where its row of headings stands, in words."""
        return self.sheet.place(self.number)

    @property
    def rows(self):
        """Yield (number, {our heading: text}) of the rows below the headings."""
        places = list(self.columns.items())
        for number, cells in self.sheet.rows:
            if number > self.number and number not in self.totals:
                row = {ours: cells[at] if at < len(cells) else "" for at, ours in places}
                for ours, unit in self.units.items():
                    if any(map(str.isdecimal, row[ours])):
                        row[ours] = with_unit(row[ours].strip(), unit)
                yield number, row

    def label(self, heading):
        """Return how a fault names the column of one of our headings: ``F “budget_amount”``."""
        at = self.at.get(heading)
        return f"“{label(heading)}”" if at is None else f"{letters(at + 1)} “{shown(self.head[at])}”"

    @cached_property
    def at(self):
        """{our heading: place of its column}, once the columns are known."""
        return {ours: at for at, ours in reversed(self.columns.items())}

    @cached_property
    def theirs(self):
        """{our heading: that of the file}."""
        return {ours: self.head[at].strip() for ours, at in self.at.items()}


def shown(text):
    """Return a heading as a message names it."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:60] + "…"


def plain(text):
    """Return a heading without what does not matter: case, blanks, hyphens, and a star or colon at its end."""
    return re.sub(r"[\s_-]+", "_", text.casefold().strip().rstrip("*:").rstrip())


class Chosen:
    """What the person chose: options["columns"] = {sheet or "": {their heading: our heading, or "" to leave it out}}.

    ``{their heading: our heading}`` alone holds for every sheet. options["tables"] = {sheet or "": name of a table, or
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

    def read(self, sheet, text, known=OURS):
        """Return our heading for one of the file's, of those ``known``; "" if it is left out, None if it is none."""
        name = plain(text)
        chosen = self.of(sheet).get(name)
        if chosen == "" or (name and chosen in known):
            return chosen
        return name if name in known else None

    def count(self, sheet, cells):
        """Return how many headings a row of cells has that are known or chosen."""
        return len(self.known(sheet, cells))

    def known(self, sheet, cells):
        """Return the headings among ``cells`` that are ours, chosen, or proposed for a list of projects."""
        read = ((self.read(sheet, cell), cell) for cell in cells)
        return {_proposal(cell) if ours is None else ours for ours, cell in read} - {None}


def plan(sheets, name, options):
    """Return ([Listing], faults of columns, what the file says of its sheets). NotReadable if none can be a table.

    Where no sheet is a table by its headings, there is a fault that asks to choose.
    """
    chosen = Chosen(options)
    seen = [one for sheet in sheets if sheet.title != ABOUT and (one := _as_listing(sheet, chosen, name))]
    listings = [one for one in seen if one.table]
    if not listings and not any(_words(one.head) > 1 for one in seen):
        raise NotReadable(_no_table(sheets))
    faults = [fault for one in listings for fault in _read_columns(one, chosen)]
    if not listings:
        faults = [PlacedFault(one.place, "", _no_table([one.sheet]) + CHOOSE) for one in seen]
    left_out = [one.sheet.title for one in seen if not one.table] if listings else []
    return listings, faults, {"sheets": [_about(one, chosen) for one in seen], "left_out": left_out}


CHOOSE = " Choose on the page of this import which table it is, and which column is which."


def score(options):
    """Return a function that says how many headings a row of texts has that are known or chosen."""
    chosen = Chosen(options)
    return lambda row: chosen.count("", row)


def _about(listing, chosen):
    """Return what the page shows of a sheet. "chosen" columns: those that are what they are as somebody chose so."""
    by_choice, examples = chosen.of(listing.sheet.title), _examples(listing)
    columns = [
        {
            "heading": text, "letter": letters(at + 1), "column": listing.columns.get(at, ""),
            "chosen": plain(text) in by_choice, "proposed": at in listing.proposed,
            "unit": listing.units.get(listing.columns.get(at), ""),
            "example": " · ".join(shown(each) for each in examples.get(at, ())),
        }
        for at, text in enumerate(listing.head) if text.strip()
    ]  # fmt: skip
    tables = [table.name for table in (listing.table, *listing.others) if table]
    rows = sum(1 for number, _cells in listing.sheet.rows if number > listing.number)
    return {
        "totals": listing.totals, "unseen": listing.sheet.unseen,
        "sheet": listing.sheet.title, "hidden": listing.sheet.hidden, "rows": rows, "heading_row": listing.number,
        "table": tables[0] if len(tables) == 1 else "", "tables": tables, "columns": columns,
    }  # fmt: skip


def _examples(listing):
    """Return {place of a column: texts}: up to three that differ, of the first 50 rows."""
    examples = defaultdict(list)
    for _number, cells in islice((row for row in listing.sheet.rows if row[0] > listing.number), 50):
        for texts, text in ((examples[at], text) for at, text in enumerate(cells) if text.strip()):
            if text not in texts and len(texts) < 3:
                texts.append(text)
    return examples


def _as_listing(sheet, chosen, name):
    """Return the sheet as the table that was chosen, or that it fits best, if any; None if it is empty."""
    first = sheet.rows[:FIRST_ROWS]
    if not first:
        return None
    number, cells = max(first, key=lambda row: chosen.count(sheet.title, row[1]))
    if wanted := [row for row in first if row[0] == chosen.heading_rows.get(sheet.title)]:
        [(number, cells)] = wanted
    elif not chosen.count(sheet.title, cells):
        number, cells = max(first, key=lambda row: _words(row[1]))
    cells = [text.replace("\0", "") for text in cells]  # headings are quoted in claims, and the databases take no NUL
    fits = _fitting(sheet, cells, chosen, name)
    return Listing(sheet, fits[0] if fits else None, number, cells, others=fits[1:])


def _words(cells):
    """Return how many cells have something in them that is no number, as headings are."""
    return sum(1 for cell in cells if re.search(r"[^\W\d_]", cell))


def _fitting(sheet, cells, chosen, name):
    """Return the table that was chosen, else those that have most of the headings in ``cells``, by name if several."""
    # What is hidden nobody sees in the file: no table, unless chosen.
    if sheet.hidden or sheet.title in chosen.tables:
        return [IMPORTED[table] for table in [chosen.tables.get(sheet.title)] if table in IMPORTED]
    headings = {ours for cell in cells if (ours := chosen.read(sheet.title, cell))}
    counts = {
        name: len(headings & set(table.headings))
        for name, table in IMPORTED.items()
        if headings & set(NEEDED[name][0].split("|"))
    }
    proposed = {ours for cell in cells if (ours := _proposal(cell))} | headings & set(OURS)
    if proposed & {"title", "identifier", "slug"} and len(proposed & _OF_PROJECTS) > max(1, *counts.values(), 1):
        return [IMPORTED["projects"]]
    most = max(counts.values(), default=0)
    fits = [IMPORTED[table] for table, count in counts.items() if count == most]
    words = plain(sheet.title or PurePath(name).stem)
    return [table for table in fits if words == plain(table.title) or words.startswith(plain(table.name))] or fits


def _read_columns(listing, chosen):
    """Fill the columns of ``listing``. Returns the faults of those that are not known, or that are there twice."""
    if listing.others:
        names = " or ".join(f"“{TITLES[table.name]}”" for table in (listing.table, *listing.others))
        what = f"This may be the table {names}. Choose which, or name the file or the sheet so."
        return [PlacedFault(listing.place, "", what)]
    faults = _uneven(listing) if listing.sheet.is_even else []
    widest = max(len(cells) for _number, cells in listing.sheet.rows)
    listing.head = [*listing.head, *[""] * (widest - len(listing.head))]
    faults += _unheaded(listing)
    known = {*listing.table.headings, *(parts.EXTRA if listing.table.name == "projects" else ())}
    for at, text in enumerate(listing.head):
        ours = chosen.read(listing.sheet.title, text, known)
        if ours:
            listing.columns[at] = ours
        elif text.strip() and ours is None:
            listing.proposed[at] = ""
    _propose(listing)
    kinds = KINDS[listing.table.name]
    for at, heading in listing.columns.items():
        if kinds.get(heading, heading[-6:]) == "amount" and (unit := split_unit(listing.head[at])[1]):
            listing.units[heading] = unit
    ours = {plain(text) for text in listing.head}
    listing.is_whole = chosen.empty_clears or {"modified", listing.table.primary_key[0]} <= ours
    if listing.table.name == "projects":
        listing.totals = [
            row for row, cells in listing.sheet.rows if any(TOTAL.fullmatch(fold(cell)) for cell in cells[:2])
        ]
    return faults + _twice(listing) + _missing(listing) + _merged(listing)


def _propose(listing):
    """Propose what the columns are whose headings are not ours: by their name, or their likeness to one of ours."""
    for at in listing.proposed:
        ours = _proposal(listing.head[at]) if listing.table.name == "projects" else None
        name = ours or _likest(plain(split_unit(listing.head[at])[0]), listing.table)
        if name and name not in listing.columns.values():
            listing.columns[at] = listing.proposed[at] = name


def _fault(listing, at, what):
    """Return a PlacedFault of the heading at a place."""
    text = shown(listing.head[at])
    column = f"{letters(at + 1)} “{text}”" if text else letters(at + 1)
    return PlacedFault(listing.place, column, what)


def _unheaded(listing):
    """Return faults of columns that have no heading, and something below."""
    bare, first = {at for at, text in enumerate(listing.head) if not text.strip()}, {}
    for number, cells in listing.sheet.rows if bare else ():
        if number > listing.number:
            first = {at: number for at in bare if at < len(cells) and cells[at].strip()} | first
    what = "It has no heading, and row {} has something in it. Give it one, or empty it."
    return [_fault(listing, at, what.format(number)) for at, number in sorted(first.items())]


def _twice(listing):
    return [
        _fault(listing, listing.at[ours], f"{count} columns are “{label(ours)}”. Keep one, or leave the others out.")
        for ours, count in Counter(listing.columns.values()).items()
        if count > 1
    ]


def _missing(listing):
    there, title = set(listing.columns.values()), TITLES[listing.table.name]
    missing = [one.split("|") for one in NEEDED[listing.table.name] if there.isdisjoint(one.split("|"))]
    named = [(" or ".join(names), " or ".join([f"“{name}”" for name in names])) for names in missing]
    return [PlacedFault(listing.place, one, f"The table “{title}” needs the column {names}.") for one, names in named]


def _merged(listing):
    """Return faults of merged cells below the headings: only the first of them has what all of them seem to say."""
    tops = {top + 1 for top, *_rest in listing.sheet.merged}
    texts, faults = {number: cells for number, cells in listing.sheet.rows if number in tops} if tops else {}, []
    for top, left, bottom, right in listing.sheet.merged:
        cells = texts.get(top + 1, [])
        is_filled = left < len(cells) and cells[left].strip() and listing.columns.keys() & range(left, right + 1)
        if top >= listing.number and is_filled:
            cells = f"{letters(left + 1)}{top + 1}:{letters(right + 1)}{bottom + 1}"
            what = f"The cells {cells} are merged. Give each its own value."
            faults.append(PlacedFault(listing.sheet.place(top + 1), letters(left + 1), what))
    return faults


def _no_table(sheets):
    first_cells = [
        f"“{shown(cell)}”" for sheet in sheets for _number, cells in sheet.rows[:1] for cell in cells if cell.strip()
    ]
    if first_cells and all(sheet.hidden for sheet in sheets):
        return "The sheet is hidden in the workbook: it is not read."
    wanted = ", ".join(f"{TITLES[name]}: {needed[0].replace('|', ' or ')}" for name, needed in NEEDED.items())
    begins = f"It begins with {', '.join(first_cells[:5])}." if first_cells else "It is empty."
    return f"No heading row was found. {begins} Each table needs its key column: {wanted}."


_MOST_UNEVEN = 20  # rows that are named
_FEWER = "The file may be cut off here, or a sign between cells be missing. An empty cell has its sign, too."
_MORE = "Put quotation marks around a cell that holds the sign between cells, and take away what is too much."


def _uneven(listing):
    """Return faults of the rows of a Listing that have fewer or more cells than its row of headings."""
    most = len(listing.head)
    least = max((at for at, text in enumerate(listing.head, 1) if text.strip()), default=0)
    rows = ((number, len(cells)) for number, cells in listing.sheet.rows if number > listing.number)
    wrong = [(number, count) for number, count in rows if not least <= count <= most]
    faults = [
        PlacedFault(listing.sheet.place(number), "", _counted(count, most) + (_FEWER if count < least else _MORE))
        for number, count in wrong[:_MOST_UNEVEN]
    ]
    if more := len(wrong) - len(faults):
        where = f"row {wrong[_MOST_UNEVEN][0]} and below"
        faults.append(PlacedFault(where, "", f"So have {more:,} more rows." if more > 1 else "So has one more row."))
    return faults


def _counted(count, most):
    return f"It has {count} {'cell' if count == 1 else 'cells'}, and the row of headings has {most}. "


_LIKE = 0.7  # how like it has to be, of 1


def _likest(name, table):
    """Return the heading of ``table`` that can be given and is most like a plain heading; None if none is like it."""
    best = max(sorted(given(table)), key=lambda heading: _likeness(name, heading))
    return best if _likeness(name, best) >= _LIKE else None


def given(table):
    """Return the headings of ``table`` that a file can give: the others follow from them."""
    return NOT_FOLLOWING.get(table.name, set(table.headings)) & set(table.headings) - {"project_count", "modified"}


def offered(name):
    """Return [(heading, what it holds, in words)] of the columns of a table that can be given."""
    columns = {column.heading: column.description for column in IMPORTED[name].columns}
    columns |= _EXTRA_WORDS if name == "projects" else {}
    can_be_given = given(IMPORTED[name]) | (_EXTRA_WORDS.keys() | _FLAT if name == "projects" else set())
    return [(heading, _in_words(heading, words)) for heading, words in columns.items() if heading in can_be_given]


_EXTRA_WORDS = {
    "identifier": "the publisher's own identifier, in any spelling",
    "funder_amount": "what the funder or instrument of the row pays",
    "funder_currency": "its ISO 4217 code",
}
_FLAT = {*parts.ROLES, *parts.PAYING}


def _in_words(heading, words):
    """Return what a column holds as people choose it: records stand there by any name, though ours has their keys."""
    return f"{label(heading)}: {words.replace(': keys in this register', ', by name or key')}"


def _likeness(name, heading):
    """Return from 0 to 1 how like a name is to a heading, or to it without its first or last word."""
    stem, tail = heading.rpartition("_")[0], heading.partition("_")[2]
    return max(SequenceMatcher(None, name, form).ratio() for form in (heading, stem, tail) if form)
