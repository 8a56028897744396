"""The refused rows of a table, given back in the file's own headings, to be mended and brought again."""

import csv
import io

from projects.models import Import, ImportItem

from ..exports.harmless import harmless
from . import files
from .tables import files as sheets
from .tables import headings


def keep(batch):
    """Write the refused rows of an import aside, where it is of a table and has any."""
    path = files.beside(batch, "refused")
    path.unlink(missing_ok=True)
    refused = batch.items.filter(verdict=ImportItem.Verdict.REFUSED).order_by("number")
    if batch.kind == Import.Kind.TABLE and refused.exists():
        rows = list(_rows(batch, *_wanted(refused)))
        files.write_beside(path, _as_csv(rows))


def _wanted(refused):
    """Return (places, numbers) of the rows that refused items were made of."""
    places, numbers = set(), set()
    for place, own, faults in refused.values_list("place", "numbers", "faults"):
        places |= {place, *(fault["place"] for fault in faults)}
        numbers |= {*own, *(fault["number"] for fault in faults)}
    return places, numbers


def _rows(batch, places, numbers):
    """Yield the headings as they stand in the file, and the rows below that are wanted, sheet by sheet."""
    read, _ = sheets.read(files.path_of(batch.digest), headings.score(batch.options))
    found, _, _ = headings.plan(read, batch.file_name, batch.options)
    for one in found:
        is_wanted = (lambda number: number in numbers) if len(found) == 1 else None
        rows = [
            cells
            for number, cells in one.sheet.rows
            if number > one.number and (is_wanted(number) if is_wanted else one.sheet.place(number) in places)
        ]
        if rows:
            yield one.head
            yield from rows


def _as_csv(rows):
    """Return rows of texts as CSV that no spreadsheet runs, in bytes."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()
