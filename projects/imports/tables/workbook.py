"""Reads a workbook in a process of its own, with little memory and time: `workbook.py PATH MEMORY SECONDS MOST`.

A file of a few bytes can name a cell so far away that a reader asks for all memory there is, and is killed for it.
Writes one JSON value a line: {"title", "hidden", "merged"} of a sheet, "merged" as [[top, left, bottom, right]] from 0,
or the cells of its next row as texts; ends with TOO_MUCH where these would be more than MOST bytes, as many cells can
name one long text. It knows nothing of Django.
"""

import posixpath
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time
from decimal import Decimal

import orjson
from lxml import etree
from python_calamine import CalamineWorkbook, SheetVisibleEnum

MIDNIGHT = time(0)
TOO_MUCH, WITHOUT_VALUE = 3, 4  # exit codes
SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
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
    """Return {title: {(row, column): length of its date}} of cells that show less than a day.

    Ends, and says which, at a cell that has an error or a formula without its result: both would read as empty.
    """
    coarse, found = _coarse_styles(archive), {}
    styles = b"|".join(b' s="%d"' % number for number in coarse)
    wanted = re.compile(rb'<f[ >/]|t="e"' + (b"|" + styles if styles else b""))
    titles = _titles(archive)
    for name in archive.namelist():
        if name.startswith("xl/worksheets/") and wanted.search(archive.read(name)):
            title = titles.get(name, name)
            with archive.open(name) as file:
                found[title] = dict(_look(file, title, coarse))
    return found


def _look(file, title, coarse):
    for _, cell in etree.iterparse(file, tag="{*}c", **SAFE):
        place, value = cell.get("r", ""), cell.findtext("{*}v")
        if cell.get("t") == "e":
            _refuse(f"Sheet {title}, cell {place} holds the error {value or ''}")
        if value is None and cell.find("{*}f") is not None and cell.find("{*}is") is None:
            _refuse(f"Sheet {title}, cell {place} holds a formula without its result")
        if (length := coarse.get(int(cell.get("s", "0")))) and (at := _REFERENCE.fullmatch(place)):
            yield (int(at[2]), _number(at[1])), length
        cell.clear()


def _refuse(what):
    sys.stderr.write(f"{what}. Put the value there, and save.")
    sys.exit(WITHOUT_VALUE)


def _number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _titles(archive):
    """Return {name of the file of a sheet: its title}."""
    rels = _parsed(archive, "xl/_rels/workbook.xml.rels")
    targets = {each.get("Id"): posixpath.join("/xl", each.get("Target", ""))[1:] for each in rels}
    sheets = _parsed(archive, "xl/workbook.xml").findall(".//{*}sheets/{*}sheet")
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    return {targets.get(each.get(relation)): each.get("name") for each in sheets}


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
        coarse = looked_at(archive)
    workbook = CalamineWorkbook.from_path(path)
    for number, told in enumerate(workbook.sheets_metadata):
        sheet = workbook.get_sheet_by_index(number)
        is_hidden = told.visible != SheetVisibleEnum.Visible
        merged = [[*first, *last] for first, last in sheet.merged_cell_ranges or ()]
        write(orjson.dumps({"title": told.name, "hidden": is_hidden, "merged": merged}) + b"\n")
        for cells in _rows(sheet, coarse.get(told.name, {})):
            line = orjson.dumps(cells) + b"\n"
            most -= len(line)
            if most < 0:
                sys.exit(TOO_MUCH)
            write(line)


def _rows(sheet, coarse):
    """Yield the cells of rows as texts, from the first row and column of the sheet on."""
    left = sheet.start[1] if sheet.start else 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        places = enumerate(row, left + 1) if coarse else ()
        short = {at: text_of(value, coarse[number, at]) for at, value in places if (number, at) in coarse}
        cells = [""] * left + [text_of(value) for value in row]
        for at, text in short.items():
            cells[at - 1] = text
        while cells and not cells[-1]:
            cells.pop()
        yield cells


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tell(sys.argv[1], sys.stdout.buffer.write, int(sys.argv[4]))
