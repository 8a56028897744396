"""The refused records of a table, given back in the file's own form, to be fixed and uploaded again."""

import csv
import io

import xlsxwriter

from projects.exports.formula_guard import harmless

from .. import storage
from ..models import ImportItem
from . import csv_files, files, headings

_ENCODINGS = {
    "UTF-8": "utf-8-sig",
    "UTF-16": "utf-16",
    "Windows-1252": "cp1252",
    "Windows-1251": "cp1251",
    "Latin-1": "latin-1",
}


def keep(batch, sheets):
    """Write the refused records of a table aside, if it has any. ``sheets``: as its import describes them."""
    remove(batch)
    refused = batch.items.filter(verdict=ImportItem.Verdict.REFUSED).values_list("numbers", flat=True)
    if rows := {tuple(row) for rows in refused for row in rows}:
        heading_rows = {sheet["sheet"]: sheet["heading_row"] for sheet in sheets}
        data, _suffix = given_back(storage.bytes_of(batch), batch.options, heading_rows, rows)
        storage.write_beside(storage.beside(batch, "refused"), data)


def remove(batch):
    """Forget the refused records of an import: they are not given back any more."""
    storage.beside(batch, "refused").unlink(missing_ok=True)


def suffix_of(batch):
    """Return how the name of the file that ``keep`` wrote ends: ``xlsx`` where a workbook was brought, else ``csv``."""
    with storage.beside(batch, "refused").open("rb") as file:
        return "xlsx" if file.read(2) == b"PK" else "csv"


def given_back(path, options, heading_rows, rows):
    """Return (bytes, "csv" or "xlsx"): of the file at ``path`` only ``rows``, {(title of a sheet, number)}, with the
    headings and what stands above them. ``heading_rows``: {title of a sheet: number of its row of headings}.
    """
    sheets, form = files.read(path, headings.score(options))
    titles = {title for title, _number in rows}
    tables = [(sheet.title, _rows(sheet, heading_rows[sheet.title], rows)) for sheet in sheets if sheet.title in titles]
    return (workbook_of(tables), "xlsx") if form["form"] == "XLSX" else (csv_of(tables, form), "csv")


def _rows(sheet, heading_row, rows):
    wide, kept = 0, []
    for number, cells in sheet.rows:
        wide = len(cells) if number == heading_row else wide
        if number <= heading_row or (sheet.title, number) in rows:
            kept.append([*cells, *[""] * (wide - len(cells))])
    return kept


def csv_of(tables, form):
    """Return tables, [(title, rows)], one below the other, in the encoding and with the delimiter of a ``form``."""
    text = io.StringIO()
    delimiter = next(sign for sign, word in csv_files.DELIMITERS.items() if word == form["delimiter"])
    write = csv.writer(text, delimiter=delimiter).writerow
    for _title, rows in tables:
        for cells in rows:
            write([harmless(cell) for cell in cells])
    return text.getvalue().encode(_ENCODINGS[form["encoding"]])


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
