"""Bytes in, sheets of cells out: CSV in the forms that spreadsheets write, and XLSX."""

import subprocess
import sys
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from django.conf import settings

from ..items import NotReadable
from . import commas
from .commas import SAVE_AS as _SAVE_AS

TOO_MUCH, WITHOUT_VALUE = 3, 4  # how workbook.py ends where there is too much text, or a cell with none
MEMORY, SECONDS = 1024 * 1024 * 1024, 60  # of the process that reads a workbook
MOST_ENTRIES = 10_000  # files in a workbook
_PIECE = 1024 * 1024


@dataclass
class Sheet:
    """``rows``: [(number as the spreadsheet has it, texts)] of rows that are not empty. CSV has no title."""

    title: str
    rows: list = field(default_factory=list)

    def place(self, number):
        """Return where a row stands, in words."""
        return f"sheet {self.title}, row {number}" if self.title else f"row {number}"


def limit(name):
    """Return a limit of the settings."""
    defaults = {"PACKED": 20 * 2**20, "UNPACKED": 100 * 2**20, "COLUMNS": 200, "ROWS": 100_000}
    return getattr(settings, f"IMPORT_MAX_{name}", defaults[name])


def read(path, score):
    """Return (sheets, what the file says of its form) of the file at ``path``. NotReadable, with the reason.

    ``score``: a function that says how many known headings a row of texts has; it decides between delimiters.
    """
    path = Path(path)
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        _check_workbook(path)
        return _workbook(path), {"form": "XLSX"}
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotReadable(f"This is a workbook of the old form (XLS), or one with a password. {_SAVE_AS}")
    return _csv(path, score)


def _megabytes(size):
    return f"{size / 2**20:,.0f} MB"


def _check_workbook(path):
    """NotReadable if the file is too large, packed or unpacked, or no workbook: measured, as what it says may lie."""
    if path.stat().st_size > limit("PACKED"):
        size, most = _megabytes(path.stat().st_size), _megabytes(limit("PACKED"))
        raise NotReadable(f"The file has {size}, and a workbook may have {most}. Send it in parts.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if not {"xl/workbook.xml", "[Content_Types].xml"} <= {entry.filename for entry in entries}:
                raise NotReadable(f"This is no workbook of the form XLSX. {_SAVE_AS}")
            if len(entries) > MOST_ENTRIES:
                raise NotReadable(
                    f"The workbook holds {len(entries):,} files. No spreadsheet writes so many. {_SAVE_AS}"
                )
            _measure(archive, entries)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, NotReadable):
            raise
        raise NotReadable(f"The workbook is damaged: {error}. {_SAVE_AS}") from error


def _measure(archive, entries):
    left = limit("UNPACKED")
    for entry in entries:
        entry.file_size = 2**62  # whatever it says of itself: read until its end, or until it is too much
        with archive.open(entry) as file:
            while left >= 0 and (piece := file.read(_PIECE)):
                left -= len(piece)
        if left < 0:
            raise NotReadable(
                f"Unpacked, the workbook has more than {_megabytes(limit('UNPACKED'))}, counted up to its file"
                f" “{entry.filename[:80]}”. Send it in parts, or as CSV."
            )


def _workbook(path):
    script = Path(__file__).with_name("workbook.py")
    command = [sys.executable, "-I", str(script), str(path.resolve()), *map(str, (MEMORY, SECONDS, limit("UNPACKED")))]
    sheets, count = [], 0
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told) as process:  # noqa: S603 - no words of others
            try:
                for line in process.stdout:
                    said = orjson.loads(line)
                    if isinstance(said, str):
                        sheets.append(Sheet(said))
                        number = 0
                        continue
                    number += 1
                    count += _add(sheets[-1], number, said, count)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            told.seek(0)
            raise NotReadable(_why(process.returncode, told.read().decode(errors="replace")))
    return sheets


def _why(code, errors):
    if code == WITHOUT_VALUE:
        return errors.strip()
    if code == TOO_MUCH:
        return f"The cells of the workbook hold more than {_megabytes(limit('UNPACKED'))} of text. Send it in parts."
    if code < 0 or "MemoryError" in errors:
        return (
            "The workbook asks for more memory or time than is given to one file: a cell may stand very far from the"
            " others. Remove what lies beyond the table, or send it as CSV."
        )
    return f"The workbook is damaged: {errors.strip().splitlines()[-1][:200] if errors.strip() else code}. {_SAVE_AS}"


def _add(sheet, number, cells, count):
    """Add a row, if there is something in it. NotReadable past a limit. Returns how many rows were added."""
    while cells and not cells[-1].strip():
        cells.pop()
    if not cells:
        return 0
    if len(cells) > limit("COLUMNS"):
        said = f"{len(cells):,} columns, and a table may have {limit('COLUMNS'):,}"
        raise NotReadable(f"{sheet.place(number).capitalize()}, has {said}. Leave out those that are not needed.")
    if count >= limit("ROWS"):
        raise NotReadable(f"The file has more than {limit('ROWS'):,} rows: {sheet.place(number)}. Send it in parts.")
    sheet.rows.append((number, cells))
    return 1


def _csv(path, score):
    if path.stat().st_size > limit("UNPACKED"):
        size, most = _megabytes(path.stat().st_size), _megabytes(limit("UNPACKED"))
        raise NotReadable(f"The file has {size}, and a table may have {most}. Send it in parts.")
    rows, form = commas.read(path.read_bytes(), score)
    sheet, count = Sheet(""), 0
    for number, cells in rows:
        count += _add(sheet, number, cells, count)
    return [sheet], form
