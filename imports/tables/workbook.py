"""Reads a workbook: `workbook.py PATH MOST`, run by provenance/files/sandbox.py with little memory and time.

A file of a few bytes can name a cell so far away that a reader asks for all memory there is, and is killed for it.
Writes one JSON value a line: {"title", "hidden", "merged", "unseen"} of a sheet, "merged" as [[top, left, bottom,
right]] from 0, "unseen" its hidden rows and columns in words; or the cells of its next row as texts. Ends with TOO_MUCH
where these would be more than MOST bytes, as many cells can name one long text. It knows nothing of Django.
"""

import posixpath
import re
import sys
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache

import orjson
from lxml import etree
from python_calamine import CalamineWorkbook, SheetVisibleEnum

MIDNIGHT = time(0)
TOO_MUCH = 3  # exit code
SAFE = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True,
    "remove_pis": True,
}  # fmt: skip
MOST_NAMED = 100  # hidden rows and columns of a sheet
PUT = "Put the value there, and save."
COMPUTE = "Open the workbook in a spreadsheet and save it there, so that it is computed, or put the value there."
MONTHS_ONLY = {"17": "mmm-yy"}  # of the formats that every workbook has, those of a date without its day
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]+)")


def text_of(value, length=None):
    """Return a cell as text: numbers as exact decimals of Excel's 15 digits, days and times in ISO 8601.

    ``length``: of the text of a date that is shown without its day (7) or month (4).
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return format(Decimal(f"{value:.15g}"), "f")
    if isinstance(value, datetime) and value.time() == MIDNIGHT:
        value = value.date()
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text[:length] if isinstance(value, date) else text


# -- What the reader does not tell: errors, formulas without their result, and dates shown without their day --


def looked_at(archive):
    """Return {title: (lengths, filled, hidden rows and columns)} of the sheets.

    ``lengths``: {(row, column): length of its date} of cells that show less than a day; ``filled``: {row: columns that
    have something in them, as bits}. Ends, and says which, at a cell that holds an error, or a formula without its
    result: both would read as empty.
    """
    coarse, titles = _coarse_styles(archive), _titles(archive)
    looks = {}
    for name in archive.namelist():
        if title := titles.get(_plain(name)):
            with archive.open(name) as file:
                looks[title] = _look(file, title, coarse)
    return looks


def _look(file, title, coarse):
    lengths, filled, hidden = {}, {}, []
    for cell, number, place in _cells(file, hidden):
        kind, parts = cell.get("t"), {part.tag.rpartition("}")[2]: part for part in cell}
        value = parts["v"].text if "v" in parts else "".join(parts["is"].itertext()) if "is" in parts else None
        is_empty = not value or not value.strip()
        if kind == "e":
            _refuse(title, *_at(cell, number, place), f"the error {value or ''}".rstrip(), PUT)
        if "f" in parts and is_empty and not (kind == "str" and "v" in parts):  # str: the text that is empty
            _refuse(title, *_at(cell, number, place), "a formula without its result", COMPUTE)
        length = coarse.get(int(cell.get("s", "0")))
        if length or not is_empty:
            row, column = _at(cell, number, place)
            filled[row] = filled.get(row, 0) | (not is_empty) << column
            if length:
                lengths[row, column] = length
    return lengths, filled, hidden


def _cells(file, hidden):
    """Yield (cell, number of its row, its number in the row), but not those that only name one of the shared texts.

    Rows and columns that nobody sees are added to ``hidden``: ``row 3``, ``column B``.
    """
    number = 0
    for _, row in etree.iterparse(file, tag=("{*}row", "{*}col"), **SAFE):
        is_hidden = row.get("hidden") in ("1", "true")
        if row.tag.endswith("}col"):
            columns = range(int(row.get("min", 1)), min(int(row.get("max", 1)), MOST_NAMED) + 1) if is_hidden else ()
            hidden += [f"column {_letters(column)}" for column in columns]
            continue
        number = int(row.get("r", number + 1))
        if is_hidden and len(row) and len(hidden) < MOST_NAMED:
            hidden.append(f"row {number}")
        for place, cell in enumerate(row, 1):
            if cell.get("t") != "s" or len(cell) != 1:
                yield cell, number, place
        row.clear()


def _at(cell, number, place):
    """Return (row, column) of a cell, from 1: what does not say where it is follows the one before."""
    reference = _REFERENCE.fullmatch(cell.get("r", "").upper())
    return (int(reference[2]), _number(reference[1])) if reference else (number, place)


def _refuse(title, row, column, what, right):
    sys.exit(f"Sheet {title}, cell {_letters(column)}{row} holds {what}. {right}")


def _letters(number):
    return (_letters((number - 1) // 26) if number > 26 else "") + chr(ord("A") + (number - 1) % 26)


@cache
def _number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _titles(archive):
    """Return {name of the file of a sheet, made plain: its title}."""
    rels = _parsed(archive, "xl/_rels/workbook.xml.rels")
    targets = {each.get("Id"): posixpath.join("/xl", each.get("Target", ""))[1:] for each in rels}
    sheets = _parsed(archive, "xl/workbook.xml").findall(".//{*}sheets/{*}sheet")
    return {_plain(targets.get(_relation(each), "")): each.get("name") for each in sheets}


def _relation(sheet):
    """Return the id of a relation; its namespace is one of two."""
    return next((value for name, value in sheet.attrib.items() if name.endswith("/relationships}id")), None)


def _plain(name):
    """Return the name of a file in the archive as it is looked for: some write it in capitals, or with backslashes."""
    return name.replace("\\", "/").lower()


def _coarse_styles(archive):
    """Return {number of a style: length of the text of a date in it} of those that show no day."""
    styles = _parsed(archive, "xl/styles.xml")
    codes = MONTHS_ONLY | {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter("{*}numFmt")}
    lengths = enumerate(_length(codes.get(each.get("numFmtId"), "")) for each in styles.findall("{*}cellXfs/{*}xf"))
    return {number: length for number, length in lengths if length}


def _length(code):
    """Return the length of the text of a date under a format such as ``mmm yyyy``: 7, or 4; None if it is of a day."""
    signs = set(re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|;.*', "", code).lower())
    return None if "y" not in signs or signs & set("dhs") else 7 if "m" in signs else 4


def _parsed(archive, name):
    if name not in archive.namelist():
        return etree.Element("nothing")
    with archive.open(name) as file:
        return etree.parse(file, etree.XMLParser(**SAFE)).getroot()


# -- Its sheets --


def tell(path, write, most):
    """Write the sheets of the workbook at ``path``, and their rows: at most so many bytes."""
    with zipfile.ZipFile(path) as archive:
        looked = looked_at(archive)
    workbook = CalamineWorkbook.from_path(path)
    for number, metadata in enumerate(workbook.sheets_metadata):
        sheet = workbook.get_sheet_by_index(number)
        is_hidden = metadata.visible != SheetVisibleEnum.Visible
        merged = [[*first, *last] for first, last in sheet.merged_cell_ranges or ()]
        lengths, filled, unseen = looked.get(metadata.name, ({}, {}, []))
        header = {"title": metadata.name, "hidden": is_hidden, "merged": merged, "unseen": unseen}
        write(orjson.dumps(header) + b"\n")
        for cells in _rows(sheet, metadata.name, lengths, filled):
            line = orjson.dumps(cells) + b"\n"
            most -= len(line)
            if most < 0:
                sys.exit(TOO_MUCH)
            write(line)


def _rows(sheet, title, lengths, filled):
    """Yield the cells of rows as texts, from the first row and column of the sheet on.

    Ends at a cell that has something in it, and would read as empty.
    """
    left, number = sheet.start[1] if sheet.start else 0, 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        places = enumerate(row, left + 1) if lengths else ()
        short = {at: text_of(value, lengths[number, at]) for at, value in places if (number, at) in lengths}
        cells = [""] * left + [text_of(value) for value in row]
        for at, text in short.items():
            cells[at - 1] = text
        while cells and not cells[-1]:
            cells.pop()
        empty = sum(1 << at for at, text in enumerate(cells, 1) if not text) if "" in cells else 0
        _refuse_lost(title, number, filled.pop(number, 0) & (empty | -1 << len(cells) + 1))
        yield cells
    for number, lost in filled.items():
        _refuse_lost(title, number, lost)


def _refuse_lost(title, row, columns):
    if columns:
        _refuse(title, row, columns.bit_length() - 1, "what cannot be read", PUT)


if __name__ == "__main__":
    tell(sys.argv[1], sys.stdout.buffer.write, int(sys.argv[2]))
