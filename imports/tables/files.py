"""Bytes in, sheets of cells out: CSV in the forms that spreadsheets write, and XLSX."""

import subprocess
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from django.conf import settings

from provenance.files import sandbox

from ..items import NotReadable
from ..storage import in_megabytes
from . import csv_files
from .csv_files import SAVE_AS

TOO_MUCH = 3  # how workbook.py ends where there is too much text
MEMORY, SECONDS = 1024 * 1024 * 1024, 60  # of the process that reads a workbook
MOST_ENTRIES = 10_000  # files in a workbook
_DAMAGES = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
_PIECE = 1024 * 1024


@dataclass
class Sheet:
    """``rows``: [(number as the spreadsheet has it, texts)] of those that are not empty. CSV has no title.

    ``merged``: [[top, left, bottom, right]] of cells that are merged, from 0. ``is_even``: its rows have all their
    cells, the empty ones too, as in CSV; a workbook leaves those out.
    """

    title: str
    hidden: bool = False
    merged: list = field(default_factory=list)
    unseen: list = field(default_factory=list)  # hidden rows and columns, in words
    rows: list = field(default_factory=list)
    is_even: bool = False

    def place(self, number):
        """Return where a row stands, in words."""
        return f"sheet {self.title}, row {number}" if self.title else f"row {number}"


def read(path, score):
    """Return (sheets, what the file says of its form) of the file at ``path``. NotReadable, with the reason.

    ``score``: a function that says how many known headings a row of texts has; it decides between delimiters.
    """
    path = Path(path)
    with path.open("rb") as file:
        is_packed = file.read(2) == b"PK"
    if is_packed:
        _check_workbook(path)
        return _workbook(path), {"form": "XLSX"}
    rows, form = csv_files.read(path.read_bytes(), score)
    sheet, count = Sheet("", is_even=True), 0
    for number, cells in rows:
        count += _add(sheet, number, cells, count)
    return [sheet], form


def _check_workbook(path):
    """NotReadable if it is no workbook, or is too large unpacked: measured, as what it says of itself may lie."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive.namelist())
            _measure(archive)
    except NotReadable:
        raise
    except _DAMAGES as error:
        raise NotReadable(f"The workbook is damaged: {error}. {SAVE_AS}") from error


def _check_entries(names):
    if not {"xl/workbook.xml", "[Content_Types].xml"} <= set(names):
        raise NotReadable(f"This is no workbook of the form XLSX. {SAVE_AS}")
    if len(names) > MOST_ENTRIES:
        raise NotReadable(f"The workbook holds {len(names):,} files. No spreadsheet writes so many. {SAVE_AS}")


def _measure(archive):
    most = left = settings.IMPORT_MAX_UNPACKED
    for entry in archive.infolist():
        entry.file_size = 2**62  # whatever it says of itself: read until its end, or until it is too much
        with archive.open(entry) as file:
            while left >= 0 and (piece := file.read(_PIECE)):
                left -= len(piece)
        if left < 0:
            raise NotReadable(
                f"Unpacked, the workbook has more than {in_megabytes(most)}, counted up to its file"
                f" “{entry.filename[:80]}”. Send it in parts, or as CSV."
            )


def _workbook(path):
    script, most = Path(__file__).with_name("workbook.py"), settings.IMPORT_MAX_UNPACKED
    command = sandbox.command(script, MEMORY, SECONDS, path.resolve(), most)
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:  # noqa: S603 - no words of others
            try:
                sheets = _sheets(process.stdout)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            errors.seek(0)
            raise NotReadable(_why(process.returncode, errors.read().decode(errors="replace")))
    return sheets


def _sheets(lines):
    """Return the Sheets of what workbook.py writes, as far as it comes."""
    sheets, count, number = [], 0, 0
    for line in lines:
        if not line.endswith(b"\n"):
            break  # it died within the line: how it ended says why
        value = orjson.loads(line)
        if isinstance(value, dict):
            sheets.append(Sheet(**value))
            number = 0
            continue
        number += 1
        count += _add(sheets[-1], number, value, count)
    return sheets


def _why(code, errors):
    if code == sandbox.REFUSED:
        return errors.strip()
    if code == TOO_MUCH:
        most = in_megabytes(settings.IMPORT_MAX_UNPACKED)
        return f"The cells of the workbook hold more than {most} of text. Send it in parts."
    if code < 0 or "MemoryError" in errors:
        return (
            f"The workbook asks for more memory than {in_megabytes(MEMORY)}, or more time than {SECONDS} seconds:"
            " a cell may stand very far from the others. Remove what lies beyond the table, or send it as CSV."
        )
    return f"The workbook is damaged: {errors.strip().splitlines()[-1][:200] if errors.strip() else code}. {SAVE_AS}"


def _add(sheet, number, cells, count):
    """Add a row, if there is something in it. NotReadable past a limit. Returns how many rows were added."""
    wide = max((at for at, text in enumerate(cells, 1) if text.strip()), default=0)
    if not wide:
        return 0
    if wide > (most := settings.IMPORT_MAX_COLUMNS):
        width = f"{wide:,} columns, and a table may have {most:,}"
        where = sheet.place(number)
        raise NotReadable(f"{where[0].upper()}{where[1:]} has {width}. Leave out those that are not needed.")
    if count >= (most := settings.IMPORT_MAX_ROWS):
        raise NotReadable(f"The file has more than {most:,} rows: {sheet.place(number)}. Send it in parts.")
    sheet.rows.append((number, cells))
    return 1
