"""Rows with more or fewer cells than headings: too long, torn by a line break, cut off, or only short."""

import re

from ..items import PlacedFault
from .cells import text_at
from .headings import can_be, plain
from .parts import OF_TEXTS

_MOST_UNEVEN = 20  # rows named in a message
_FEWER = "The file may be cut off here, or a sign between cells be missing. An empty cell has its sign, too."
_OPEN = (
    "It ends with an empty cell and no line end: the file may be cut off there. Fetch it again; if it is whole, give"
    " that row a line end."
)
_TORN = (
    "may be one row, which a line break has torn: together they have as many cells as the row of headings, {}."
    " Put quotation marks around the cell with the line break, or give each row all its signs between cells."
)
_MORE = "Put quotation marks around a cell that holds the sign between cells, and take away what is too much."


def uneven(listing, most, names):
    """Return faults of the rows of a Listing that have cells beyond its ``most`` headings, or may be cut off or torn.

    Cells that a row lacks are empty, except in tables with the register's keys, and where empty cells clear.
    """
    least, rows, faults = listing.least, listing.listed, []
    widths = {len(cells) for _number, cells in rows}
    if len(widths) == 1 < len(rows) and not any(cell.strip() for _number, cells in rows for cell in cells[most:]):
        most = max(most, *widths)  # with the same signs too many at the end of each row
    is_strict = listing.is_whole or listing.table.primary_key[0] in map(plain, listing.head)
    torn = {} if is_strict else _torn(listing, rows, least, names)
    for number, cells in rows:
        place = listing.sheet.place(number)
        if number in torn:
            first, last = torn[number]
            message = f"Rows {first} to {last} {_TORN.format(least)}"
            faults += [PlacedFault(place, "", message)] if number == first else []
        elif right := _refusal(listing, number, cells, most, is_strict):
            count = (
                f"It has {len(cells)} {'cell' if len(cells) == 1 else 'cells'}, and the row of headings has {most}. "
            )
            faults.append(PlacedFault(place, "", (count if len(cells) != most else "") + right))
        elif len(cells) < least:
            listing.short.append(number)
    if more := len(faults[_MOST_UNEVEN:]):
        message = f"So have {more:,} more rows." if more > 1 else "So has one more row."
        faults[_MOST_UNEVEN:] = [PlacedFault(f"{faults[_MOST_UNEVEN].place} and below", "", message)]
    return faults


def _refusal(listing, number, cells, most, is_strict):
    """Return what would be right if the cells of a row may be under wrong headings; "" if they are not."""
    if len(cells) > most:
        # a text that holds the sign between cells
        is_parted = not listing.is_spaced and any(re.match(r" +\S", text) for text in cells[1:])
        return _MORE if is_strict or is_parted or any(map(str.strip, cells[most:])) else ""
    is_open = listing.sheet.is_open and number == listing.sheet.rows[-1][0]
    if len(cells) < listing.least:
        return _FEWER if is_strict or (is_open and not listing.short) else ""
    return _OPEN if is_strict and is_open and not cells[-1].strip() else ""


def _torn(listing, rows, least, names):
    """Return {number: (first, last)} of short rows that may be one, torn by a line break.

    Together they are a row that fits the headings; one of them does not, or has only texts. A title alone says nothing:
    that is asked.
    """
    others = [at for at, ours in listing.columns.items() if ours not in OF_TEXTS]
    rows, torn = [*rows, (0, [""] * least)], {}  # the last of them is whole
    for at, (first, whole) in enumerate(rows):
        last = at
        while len(whole) < least and len(rows[last + 1][1]) < least:  # the last cell of a row goes on in the next
            last += 1
            begun, *rest = rows[last][1]
            whole = [*whole[:-1], f"{whole[-1]}\n{begun}".strip("\n"), *rest]
        run = rows[at : last + 1]
        is_torn = first not in torn and last > at and len(whole) == least and min(len(run[0][1]), len(run[-1][1])) > 1
        if not is_torn or not _fits(listing, whole, names):
            continue
        parts = [cells for _number, cells in run if len(cells) > 1]
        if not all(any(text_at(cells, at) for at in others) and _fits(listing, cells, names) for cells in parts):
            torn |= dict.fromkeys((number for number, _cells in run), (first, run[-1][0]))
    return torn


def _fits(listing, cells, names):
    """Whether each cell of a row can be what its column is, even if only in one of several ways."""
    return all(can_be(ours, text_at(cells, at), names) for at, ours in listing.columns.items())
