"""The claims in a file: each value that it changes, with the cell that states it."""

import re
from collections import defaultdict
from contextlib import suppress

from projects.models.amounts import parse_sum
from provenance.documents.claims import Status, apply_choice
from provenance.models import Claim
from provenance.store.build import unstated

LONGEST = 2000  # characters of a value as stated
_TWO_UNITS = re.compile(r" \([^()]+, as .+; .+, as .+\)\Z")  # said of a sum: see ``with_units``
_STATED_BY = {"contributions": ("amount", "funder_slug"), "organisations": ("organisation_slug",)}


def merged(standing, new):
    """Return (claims, members whose claims changed): the standing claims, with those of a file.

    A file adds and amends claims, but removes none, because they are the evidence.
    """
    result, places, changed = list(standing), defaultdict(list), set()
    for at, claim in enumerate(standing):
        places[_identity(claim)].append(at)
    for claim in new:
        same = places[_identity(claim)] or [len(result)]
        at, stated = same.pop(0), {name: value for name, value in claim.items() if value is not None}
        result += [unstated(Claim)] if at == len(result) else []
        amended = apply_choice(result[at], stated)
        if result[at] != amended:
            changed.add(claim["field"])
            result[at] = amended
    return result, changed


def add(claims, member, statements, source):
    """Add the claims of a file for a changed ``member`` to ``claims``, or replace the same ones.

    ``statements``: claims without their source.
    """
    for one in statements:
        new = unstated(Claim) | {"field": member, "source": dict(source), "status": Status.ADOPTED.value, **one}
        at = next((at for at, claim in enumerate(claims) if _identity(claim) == _identity(new)), len(claims))
        claims[at : at + 1] = [new]


def of_cells(row, key_heading, headings):
    """Return the statements of a row about the member with these headings; [] if all its cells are empty."""
    is_stated = {heading: heading in row.listing.at or not heading.endswith("_planned") for heading in headings}
    filled = [heading for heading, is_cell in is_stated.items() if is_cell and row.text(heading)]
    if not filled:
        return []
    quoted = [key_heading, *filled] if row.cells.get(key_heading, "").strip() else filled
    return [_statement(row, filled[0], quoted)]


def of_part(row, member):
    """Return the statement of a row about a part."""
    stating = next(heading for heading in _STATED_BY[member] if row.cells.get(heading, "").strip())
    return _statement(row, stating, [heading for heading, text in row.cells.items() if text.strip()])


def _statement(row, stating, quoted):
    own, quote = {}, []
    for heading in quoted:
        by, at = row.origin(heading)
        own[heading] = _TWO_UNITS.sub("", row.text(heading) if at == heading else by.text(at))
        quote.append(": ".join([*filter(None, [by.listing.theirs.get(at)]), own[heading]]))
    quote = "; ".join(quote)
    stated = row.text(stating) if row.text(stating) in quote else own[stating]  # 2016 of the period 2014–16
    return {"as_stated": stated[:LONGEST], "quote": quote, "place": row.where(stating)}


def of_unit(cell, answer):
    """Whether an answer only says in which of two units the figures in a cell count: so the cell is quoted."""
    own = _TWO_UNITS.sub("", cell)
    with suppress(ValueError):
        is_other = own != cell and parse_sum(own) != parse_sum(answer)
        return is_other and re.findall("[0-9]+", own) == re.findall("[0-9]+", answer)
    return False


def _identity(claim):
    return claim["field"], claim["source"]["slug"], claim["as_stated"]
