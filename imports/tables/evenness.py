"""Rows of CSV that have other cells than the headings: what they lack, or shift, would erase values."""

from ..items import PlacedFault

MOST = 20  # rows that are named
FEWER = "The file may be cut off here, or a sign between cells be missing. An empty cell has its sign, too."
MORE = "Put quotation marks around a cell that holds the sign between cells, and take away what is too much."


def uneven(found):
    """Return faults of the rows of a Found that have fewer or more cells than its row of headings."""
    most = len(found.head)
    least = max((at for at, text in enumerate(found.head, 1) if text.strip()), default=0)
    rows = ((number, count) for number, count in found.sheet.rows.widths() if number > found.number)
    wrong = [(number, count) for number, count in rows if not least <= count <= most]
    faults = [
        PlacedFault(found.sheet.place(number), "", _counted(count, most) + (FEWER if count < least else MORE), number)
        for number, count in wrong[:MOST]
    ]
    if more := len(wrong) - len(faults):
        where = f"row {wrong[MOST][0]} and below"
        faults.append(PlacedFault(where, "", f"So have {more:,} more rows." if more > 1 else "So has one more row."))
    return faults


def _counted(count, most):
    return f"It has {count} {'cell' if count == 1 else 'cells'}, and the row of headings has {most}. "
