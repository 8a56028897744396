"""The refused records of a table, given back in the file's own form, to be fixed and uploaded again."""

import csv
import io

import xlsxwriter

from projects.exports.formula_guard import harmless

from .. import storage
from ..models import Import, ImportItem
from . import csv_files, files, headings
from .names import Names
from .row_groups import put_together

_ENCODINGS = {
    "UTF-8": "utf-8-sig",
    "UTF-16": "utf-16",
    "Windows-1252": "cp1252",
    "Windows-1251": "cp1251",
    "Latin-1": "latin-1",
}


def keep(batch):
    """Write the refused records of an import aside, where it is of a table and has any."""
    remove(batch)
    refused = set(batch.items.filter(verdict=ImportItem.Verdict.REFUSED).values_list("kind", "key"))
    if batch.kind == Import.Kind.TABLE and refused:
        arguments = {"name": batch.file_name, "options": batch.options, "refused": refused}
        storage.write_beside(storage.beside(batch, "refused"), given_back(storage.bytes_of(batch), **arguments)[0])


def remove(batch):
    """Forget the refused records of an import: they are not given back any more."""
    storage.beside(batch, "refused").unlink(missing_ok=True)


def suffix_of(batch):
    """Return how the name of the file that ``keep`` wrote ends: ``xlsx`` where a workbook was brought, else ``csv``."""
    with storage.beside(batch, "refused").open("rb") as file:
        return "xlsx" if file.read(2) == b"PK" else "csv"


def given_back(path, *, name, options, refused):
    """Return (bytes, "csv" or "xlsx"): the file at ``path`` with those of its records that were refused, and no others.

    ``refused``: {(model name, key)} as items have them. All rows of a record are given back, those of its parts too:
    they would replace its parts as a whole, and must not do so by halves.
    """
    sheets, form = files.read(path, headings.score(options))
    tables_read, _faults, _about = headings.plan(sheets, name, options)
    names = Names({"slug": "", "title": ""}, options.get("answers"))
    kept = {id(one): set() for one in tables_read}
    for model, units in put_together(tables_read, names):
        for unit in units:
            if (model._meta.model_name, unit.shown_key) in refused:
                for row in unit.rows:
                    kept[id(row.found)].add(row.number)
    tables = [(one.sheet.title, _rows(one, kept[id(one)])) for one in tables_read if kept[id(one)]]
    return (workbook_of(tables), "xlsx") if form["form"] == "XLSX" else (csv_of(tables, form), "csv")


def _rows(found, numbers):
    """Return the headings, with what stands above them, and the rows below that have one of ``numbers``."""
    wide = len(next(cells for number, cells in found.sheet.rows if number == found.number))
    above = [cells for number, cells in found.sheet.rows if number <= found.number]
    below = [cells for number, cells in found.sheet.rows if number in numbers]
    return above + [[*cells, *[""] * (wide - len(cells))] for cells in below]


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
