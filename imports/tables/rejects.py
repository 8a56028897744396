"""The refused records of a table as a file in the format of the upload, to correct and upload again."""

import csv
import io

import xlsxwriter

from projects.exports.formula_guard import guarded

from . import csv_files
from .cells import count_filled
from .units import units_in


def given_back(listings, form, rows):
    """Return the bytes of a file of that ``form`` with only ``rows``, {(title of a sheet, number)}, of its listings,
    their headings and what stands above.
    """
    titles = {title for title, _number in rows}
    tables = [(one.sheet.title, _rows(one, rows)) for one in listings if one.sheet.title in titles]
    return workbook_of(tables) if form["form"] == "XLSX" else csv_of(tables, form)


def _rows(listing, rows):
    above = [cells for number, cells in listing.sheet.rows if number <= listing.number]
    kept = {number for number, text in listing.notes.items() if units_in([text])}  # they name the unit of sums
    kept |= {at for at, cells in listing.below if listing.countries and count_filled(cells) == 1}  # or the country
    below = [row for at, row in listing.sheet.rows if (listing.sheet.title, at) in rows or at in kept]
    return above + [[*cells, *[""] * (len(above[-1]) - len(cells))] for cells in below]


def csv_of(tables, form):
    """Return tables, [(title, rows)], one below the other, in the encoding and with the delimiter of a ``form``."""
    text = io.StringIO()
    delimiter = next(sign for sign, word in csv_files.DELIMITERS.items() if word == form["delimiter"])
    write = csv.writer(text, delimiter=delimiter).writerow
    for _title, rows in tables:
        for cells in rows:
            write([guarded(cell) for cell in cells])
    marked = form["encoding"].replace("UTF-8", "UTF-8-sig")  # without a mark, spreadsheets take it for another
    return text.getvalue().encode(marked)


def workbook_of(tables):
    """Return tables, [(title, rows)], as the sheets of a workbook."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for title, rows in tables:
            sheet = book.add_worksheet(title)
            for number, cells in enumerate(rows):
                for place, cell in enumerate(cells):
                    sheet.write_string(number, place, cell)
    return file.getvalue()
