"""The claims that a file brings: each value that it changes, with the cell that says it."""

from collections import defaultdict

from provenance.documents.claims import Status, apply_choice
from provenance.models import Claim
from provenance.store.build import unstated

LONGEST = 2000  # characters of a value as stated
_STATED_BY = {"contributions": ("amount", "funder_slug"), "organisations": ("organisation_slug",)}


def merged(standing, brought):
    """Return (claims, the members whose claims changed): those that stand, with what the rows of a file say.

    A file adds claims and amends them, and takes none away: they are the evidence.
    """
    result, places, changed = [dict(claim) for claim in standing], defaultdict(list), set()
    for at, claim in enumerate(standing):
        places[_identity(claim)].append(at)
    for claim in brought:
        if at := places[_identity(claim)][:1]:
            places[_identity(claim)].pop(0)
            amended = apply_choice(result[at[0]], {name: value for name, value in claim.items() if value is not None})
        else:
            at, amended = [len(result)], apply_choice(unstated(Claim), claim)
            result.append({})
        if result[at[0]] != amended:
            changed.add(claim["field"])
            result[at[0]] = amended
    return result, changed


def add(claims, member, statements, source):
    """Add what a file says of a changed ``member`` to ``claims``. ``statements``: claims without their source."""
    for one in statements:
        new = unstated(Claim) | {"field": member, "source": dict(source), "status": Status.ADOPTED.value, **one}
        for claim in [claim for claim in claims if claim["field"] == member and _identity(claim) == _identity(new)]:
            claims.remove(claim)
        claims.append(new)


def of_cells(row, key_heading, headings):
    """Return what a row says of a member with these headings: [] where all its cells are empty."""
    stated = [heading for heading in headings if row.cells.get(heading, "").strip()]
    if not stated:
        return []
    quoted = [key_heading, *stated] if row.cells.get(key_heading, "").strip() else stated
    return [_statement(row, stated[0], quoted)]


def of_part(row, member):
    """Return what a row says of a part."""
    stated = next(heading for heading in _STATED_BY[member] if row.cells.get(heading, "").strip())
    return _statement(row, stated, [heading for heading, text in row.cells.items() if text.strip()])


def _statement(row, stated, quoted):
    theirs, cells = row.listing.theirs, row.cells
    quote = "; ".join([f"{theirs[heading]}: {cells[heading].strip()}" for heading in quoted])
    return {"as_stated": row.cells[stated].strip()[:LONGEST], "quote": quote, "place": row.where(stated)}


def _identity(claim):
    return claim["field"], claim["source"]["slug"], claim["as_stated"]
