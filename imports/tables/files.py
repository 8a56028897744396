"""Bytes in, sheets of cells out: CSV in the forms that spreadsheets write, and XLSX."""

import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

import orjson
from django.conf import settings
from django.utils.text import capfirst

from provenance.files import sandbox

from ..items import NotReadable
from ..storage import PACKED, in_megabytes
from . import csv_files
from .workbook import REPAIR, TOO_MUCH, letters

_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"  # signs without width, which are no blanks
MEMORY, SECONDS = 1024 * 1024 * 1024, 60  # of the process that reads a workbook


@dataclass
class Sheet:
    """``rows``: [(number in the spreadsheet, texts)] of rows that are not empty. CSV has no title.

    ``merged``: [[top, left, bottom, right]] of merged cells: numbers of rows, and places from 0. ``is_even``: its rows
    should have all their cells, even empty ones, as in CSV. ``is_open``: its last row may be cut off.
    """

    title: str
    hidden: bool = False
    merged: list = field(default_factory=list)
    unseen: list = field(default_factory=list)  # hidden rows and columns, in words
    struck: list = field(default_factory=list)  # cells of which text is struck out, and left off
    rows: list = field(default_factory=list)
    is_even: bool = False
    is_open: bool = False
    is_turned: bool = False  # its rows are columns of the file, and its columns are rows

    def place(self, number):
        """Return the place of a row, in words."""
        line = f"column {letters(number)}" if self.is_turned else f"row {number}"
        return f"sheet {self.title}, {line}" if self.title else line

    def line(self, at):
        """Return the place of a column, in words; ``at``: from 0."""
        return f"row {at + 1}" if self.is_turned else f"column {letters(at + 1)}"

    def add(self, number, cells, before):
        """Add a row unless it is empty. NotReadable past a limit; ``before``: number of rows read before.

        What cannot be seen, such as a blank that does not break, is empty.
        """
        cells = [normalize("NFC", text) if text.strip().strip(_UNSEEN) else "" for text in cells]
        wide = max((at for at, text in enumerate(cells, 1) if text), default=0)
        most, most_rows = settings.IMPORT_MAX_COLUMNS, settings.IMPORT_MAX_ROWS
        if wide > most:
            width = f"{wide:,} columns, and a table may have {most:,}"
            raise NotReadable(f"{capfirst(self.place(number))} has {width}. Leave out those that are not needed.")
        if wide and before >= most_rows:
            raise NotReadable(f"The file has more than {most_rows:,} rows: {self.place(number)}. Send it in parts.")
        if wide:
            self.rows.append((number, cells[: most + 1]))  # one beyond: it is too long


def read(path, score):
    """Return (sheets, form) of the file at ``path``. NotReadable, with the reason.

    ``score``: a function that counts the known headings in a row of texts, to decide between delimiters.
    """
    data = Path(path).read_bytes()
    if data.startswith(PACKED):
        return _workbook(path), {"form": "XLSX"}
    rows, form = csv_files.read(data, score)
    sheet = Sheet("", is_even=True, is_open=form["is_open"])
    for number, cells in rows:
        sheet.add(number, cells, len(sheet.rows))
    return [sheet], form


def _workbook(path):
    script = Path(__file__).with_name("workbook.py")
    command = sandbox.command(script, MEMORY, SECONDS, Path(path).resolve(), settings.IMPORT_MAX_UNPACKED)
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:  # noqa: S603 - no words of others
            try:
                sheets = _sheets(process.stdout)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            errors.seek(0)
            raise NotReadable(_why(process.returncode, errors.read().decode(errors="replace").strip()))
    return sheets


def _sheets(lines):
    """Return the Sheets in the output of workbook.py, as far as it came."""
    sheets, before = [], 0
    for line in lines:
        if not line.endswith(b"\n"):
            break  # it died within the line: how it ended says why
        value = orjson.loads(line)
        if isinstance(value, list):
            sheets[-1].add(*value, before + len(sheets[-1].rows))
        elif "title" in value:
            before += len(sheets[-1].rows) if sheets else 0
            sheets.append(Sheet(**value))
        else:
            sheets[-1].merged, sheets[-1].unseen, sheets[-1].struck = value["merged"], value["unseen"], value["struck"]
    return sheets


def _why(code, errors):
    if code == sandbox.REFUSED:
        return errors
    if code == TOO_MUCH:
        return f"Unpacked, the workbook has more than {in_megabytes(settings.IMPORT_MAX_UNPACKED)}. Send it in parts."
    if code < 0 or "MemoryError" in errors:
        return (
            f"The workbook asks for more memory than {in_megabytes(MEMORY)}, or more time than {SECONDS} seconds."
            f" Send it in parts, or as CSV."
        )
    return f"The workbook cannot be read to its end, for a reason that is not known. {REPAIR}"
