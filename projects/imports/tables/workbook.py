"""Reads a workbook in a process of its own, with little memory and time: `workbook.py PATH MEMORY SECONDS MOST`.

A file of a few bytes can name a cell so far away that a reader asks for all memory there is, and is killed for it.
Writes one JSON text a line: the title of a sheet, or the cells of its next row as texts; ends with TOO_MUCH where
these would be more than MOST bytes, as many cells can name one long text. It knows nothing of Django.
"""

import re
import resource
import sys
import zipfile
from datetime import datetime, time
from decimal import Decimal

import orjson
from lxml import etree
from python_calamine import CalamineWorkbook

MIDNIGHT = time(0)
TOO_MUCH, WITHOUT_VALUE = 3, 4  # exit codes
SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def text_of(value):
    """Return a cell as text: numbers as exact decimals of Excel's 15 digits, days and times in ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return format(Decimal(f"{value:.15g}"), "f")
    if isinstance(value, datetime) and value.time() == MIDNIGHT:
        value = value.date()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def refuse_without_value(path):
    """End, and say which, at a cell that has an error or a formula without its result: both would read as empty."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and re.search(rb'<f[ >/]|t="e"', archive.read(name)):
                with archive.open(name) as file:
                    _refuse_cells(file, name)


def _refuse_cells(file, name):
    for _, cell in etree.iterparse(file, tag="{*}c", **SAFE):
        value, has_formula = cell.findtext("{*}v"), cell.find("{*}f") is not None
        if cell.get("t") == "e" or (has_formula and value is None and cell.find("{*}is") is None):
            what = f"holds the error {value or ''}" if cell.get("t") == "e" else "holds a formula without its result"
            sheet = re.sub(r"\D", "", name.rpartition("/")[2])
            sys.stderr.write(f"Cell {cell.get('r', '')} of sheet number {sheet} {what}. Put the value there, and save.")
            sys.exit(WITHOUT_VALUE)
        cell.clear()


def tell(path, write, most):
    """Write the sheets of the workbook at ``path``, and their rows: at most so many bytes."""
    refuse_without_value(path)
    workbook = CalamineWorkbook.from_path(path)
    for number, title in enumerate(workbook.sheet_names):
        write(orjson.dumps(title) + b"\n")
        for row in workbook.get_sheet_by_index(number).iter_rows():
            cells = [text_of(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            line = orjson.dumps(cells) + b"\n"
            most -= len(line)
            if most < 0:
                sys.exit(TOO_MUCH)
            write(line)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tell(sys.argv[1], sys.stdout.buffer.write, int(sys.argv[4]))
