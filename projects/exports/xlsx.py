"""Workbooks: a first sheet with metadata, then one sheet per table, with typed cells and no formulas."""

import tempfile
from datetime import UTC, date, datetime

import xlsxwriter
from rest_framework.exceptions import ParseError

from provenance.store.build import upgrade

from ..models import Project
from .about import sums_of

MOST_RECORDS = 25_000  # a workbook is only sent when it is complete, after a millisecond per record
ROWS, CELL = 1_048_576, 32_767  # Excel's limits: rows in a sheet, UTF-16 units in a cell
CUT = " … [cut here, at the limit for a cell. The whole text is in the CSV, JSON and NDJSON files.]"
TOO_MANY = (
    "A workbook can have at most {most:,} records, and your query has {count:,}. Use the CSV files, or add filters."
)
FIRST_DAY = date(1900, 3, 1)  # Excel's earlier dates are wrong
LONGEST_NUMBER = 16  # characters of an amount: Excel keeps 15 digits
CHUNK = 64 * 1024
_OPTIONS = {"constant_memory": True}  # rows are written to a file one by one


def body(tables, texts, about, base_url):
    """Return a workbook as a generator of chunks of a temporary file.

    ``texts``: documents, JSON as bytes; ``about``: see ``about.py``; ``base_url``: scheme and host.
    ParseError (400) if there are more than MOST_RECORDS records, or more rows than a sheet can have.
    """
    if about["count"] > MOST_RECORDS and "page" not in about:
        raise ParseError(TOO_MANY.format(most=MOST_RECORDS, count=about["count"]))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    try:
        with xlsxwriter.Workbook(file, _OPTIONS) as workbook:
            _write(WorkbookWriter(workbook), tables, texts, about, base_url)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _chunks(file)


def _chunks(file):
    with file:
        yield from iter(lambda: file.read(CHUNK), b"")


def _write(sheets, tables, texts, about, base_url):
    sheets.workbook.set_properties({
        "title": about["title"], "comments": base_url + about["address"],
        "created": datetime.fromisoformat(about["at"] or "1970-01-01T00:00:00Z").replace(tzinfo=None),
    })  # fmt: skip
    first = sheets.add("About", [("", 30), ("", 110)])
    written = [(table, sheets.add(table.sheet, [(heading, 0) for heading in table.headings])) for table in tables]
    for text in texts:
        document = upgrade(Project, text)
        for table, sheet in written:
            for row in table.read(document):
                sheet.write(row, table.columns)
    for _table, sheet in written:
        sheet.close()
    _write_about(first, written, about, base_url, sheets.cut)


class WorkbookWriter:
    """A workbook that is being written. ``cut``: the number of cells that were too long."""

    def __init__(self, workbook):
        self.workbook, self.cut = workbook, 0
        self.bold = workbook.add_format({"bold": True})
        self.wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.time = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.amount = workbook.add_format({"num_format": "0.00"})

    def add(self, title, columns):
        return SheetWriter(self, title, columns)

    def fitting(self, text):
        """Return ``text``, cut if it is too long for a cell."""
        if len(text) * 2 <= CELL or len(units := text.encode("utf-16-le")) // 2 <= CELL:
            return text
        self.cut += 1
        return units[: (CELL - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT


class SheetWriter:
    """A sheet, written from the top. ``columns``: (heading, width; 0: to fit the heading)."""

    def __init__(self, sheets, title, columns):
        self.sheets, self.title, self.number = sheets, title, 0
        self.sheet = sheets.workbook.add_worksheet(title)
        self.last = len(columns) - 1
        for place, (heading, width) in enumerate(columns):
            self.sheet.set_column(place, place, width or max(12, len(heading) + 4))
        if columns[0][0]:
            self.sheet.freeze_panes(1, 1)
            self.line([heading for heading, _width in columns], sheets.bold)

    def line(self, texts, style=None):
        for place, text in enumerate(texts):
            self.sheet.write_string(self.number, place, self.sheets.fitting(text), style)
        self.number += 1

    def write(self, row, columns):
        """Write a row of a table. ParseError if the sheet is full."""
        if self.number >= ROWS:
            message = "A sheet can have {:,} rows, and there are more {}. Use the CSV files, or add filters."
            raise ParseError(message.format(ROWS, self.title.lower()))
        for place, (value, column) in enumerate(zip(row, columns, strict=True)):
            if value not in (None, ""):
                self._cell(place, value, column.kind)
        self.number += 1

    def _cell(self, place, value, kind):
        sheet, at = self.sheet, (self.number, place)
        if kind == "text":
            sheet.write_string(*at, self.sheets.fitting(value))
        elif kind == "amount" and len(value) <= LONGEST_NUMBER:
            sheet.write_number(*at, float(value), self.sheets.amount)
        elif kind == "integer":
            sheet.write_number(*at, value)
        elif kind == "flag":
            sheet.write_boolean(*at, value)
        elif kind == "amount" or value[:10] < FIRST_DAY.isoformat():
            sheet.write_string(*at, value)
        elif kind == "date":
            sheet.write_datetime(*at, date.fromisoformat(value), self.sheets.day)
        else:
            moment = datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(*at, moment, self.sheets.time)

    def close(self):
        self.sheet.autofilter(0, 0, max(self.number - 1, 1), self.last)


def _write_about(sheet, written, about, base_url, cut):
    """Write the first sheet."""
    bold, wrapped = sheet.sheets.bold, sheet.sheets.wrapped
    sheet.line([about["title"]], bold)
    for label, text in about_lines(about, base_url, cut):
        sheet.line([label, text], wrapped)
    for table, other in written:
        sheet.line([""])
        sheet.line([f"Sheet “{table.sheet}”", f"{table.description} Rows: {other.number - 1}."], bold)
        for column in table.columns:
            sheet.line([column.heading, column.description], wrapped)


def about_lines(about, base_url, cut=0):
    """Return the metadata of a file as ``[(label, text)]``."""
    lines = [
        ("Register", about["register"]),
        ("Address", base_url + about["address"]),
        ("Version of the register", f"{about['version']}, of {about['at'] or 'no time yet'} (UTC)"),
        ("Its head, for checks", about["head"] or "none yet"),
        ("Projects", str(about["count"])),
        ("Licence", about["licence"] or "not stated"),
        ("Empty cells", about["blanks"]),
    ]
    if "page" in about:
        lines.append(("Page", f"{about['page']}, with {about['page_size']} rows; “Projects” counts all pages."))
    lines.append(("Dates", about["dates"]))
    for label, sums, cover in sums_of(about):
        lines += [(label, sums[0]), *(("", text) for text in (*sums[1:], cover))]
    if cut:
        lines.append(("Cut", f"{cut} cells were too long for a workbook; each says so where it was cut."))
    return lines
