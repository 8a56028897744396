"""Workbooks: a first sheet with metadata, then one sheet per table, with typed cells and no formulas."""

import tempfile
from datetime import UTC, date, datetime
from functools import partial

import xlsxwriter
from rest_framework.exceptions import ParseError

from provenance.store.build import upgrade

from ..models import Project
from .about import sums_of
from .streams import CHUNK

MOST_RECORDS = 25_000  # a workbook is only sent when it is complete, after a millisecond per record
ROWS, CELL = 1_048_576, 32_767  # Excel's limits: rows in a sheet, UTF-16 units in a cell
CUT = " … [cut here, at the limit for a cell. The whole text is in the CSV, JSON and NDJSON files.]"
TOO_MANY = (
    "A workbook can have at most {most:,} records, and your query has {count:,}. Use the CSV files, or add filters."
)
FIRST_DAY = "1900-03-01"  # Excel's earlier dates are wrong
LONGEST_NUMBER = 16  # characters of an amount: Excel keeps 15 digits
NUMBER_FORMATS = {"date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss", "amount": "0.00"}


def body(tables, texts, about, base_url):
    """Return a workbook as a generator of chunks of a temporary file.

    ``texts``: documents, JSON as bytes; ``about``: see ``about.py``; ``base_url``: scheme and host.
    ParseError (400) if there are more than MOST_RECORDS records, or more rows than a sheet can have.
    """
    if about["count"] > MOST_RECORDS and "page" not in about:
        raise ParseError(TOO_MANY.format(most=MOST_RECORDS, count=about["count"]))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    try:
        with Book(file) as book:
            _write(book, tables, texts, about, base_url)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _chunks(file)


def _chunks(file):
    with file:
        yield from iter(partial(file.read, CHUNK), b"")


class Book(xlsxwriter.Workbook):
    """A workbook that is being written. ``cut``: the number of cells that were too long."""

    def __init__(self, file):
        # Rows are written to a file one by one.
        super().__init__(file, {"constant_memory": True, "remove_timezone": True})
        self.cut = 0
        self.bold = self.add_format({"bold": True})
        self.wrapped = self.add_format({"text_wrap": True, "valign": "top"})
        self.of_kinds = {kind: self.add_format({"num_format": form}) for kind, form in NUMBER_FORMATS.items()}

    def fitting(self, text):
        """Return ``text``, cut if it is too long for a cell."""
        if len(text) * 2 <= CELL or len(units := text.encode("utf-16-le")) // 2 <= CELL:
            return text
        self.cut += 1
        return units[: (CELL - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT


class WrittenSheet:
    """A sheet, written from the top. ``widths``: of its columns."""

    def __init__(self, book, title, widths):
        self.book, self.title, self.rows = book, title, 0
        self.sheet = book.add_worksheet(title)
        for place, width in enumerate(widths):
            self.sheet.set_column(place, place, width)

    def line(self, texts, style=None):
        """Write a row of texts."""
        for place, text in enumerate(texts):
            self.sheet.write_string(self.rows, place, self.book.fitting(text), style)
        self.rows += 1


class TableSheet(WrittenSheet):
    """A sheet with the rows of a table."""

    def __init__(self, book, table):
        super().__init__(book, table.sheet, [max(12, len(heading) + 4) for heading in table.headings])
        self.table = table
        self.sheet.freeze_panes(1, 1)
        self.line(table.headings, book.bold)

    def write(self, document):
        """Write the rows of a document. ParseError if the sheet is full."""
        for row in self.table.read(document):
            if self.rows >= ROWS:
                message = "A sheet can have {:,} rows, and there are more {}. Use the CSV files, or add filters."
                raise ParseError(message.format(ROWS, self.title.lower()))
            for place, (value, column) in enumerate(zip(row, self.table.columns, strict=True)):
                if value not in (None, ""):
                    value = typed(value, column.kind)
                    if isinstance(value, str):
                        self.sheet.write_string(self.rows, place, self.book.fitting(value))
                    else:
                        self.sheet.write(self.rows, place, value, self.book.of_kinds.get(column.kind))
            self.rows += 1


def typed(value, kind):
    """Return the value of a cell as Python has it; as text if Excel would change it."""
    if kind == "amount" and len(value) <= LONGEST_NUMBER:
        return float(value)
    if kind not in ("date", "moment") or value[:10] < FIRST_DAY:
        return value
    return date.fromisoformat(value) if kind == "date" else datetime.fromisoformat(value).astimezone(UTC)


def _write(book, tables, texts, about, base_url):
    book.set_properties({
        "title": about["title"], "comments": base_url + about["address"],
        "created": datetime.fromisoformat(about["at"] or "1970-01-01T00:00:00Z").replace(tzinfo=None),
    })  # fmt: skip
    first, others = WrittenSheet(book, "About", (30, 110)), [TableSheet(book, table) for table in tables]
    for text in texts:
        document = upgrade(Project, text)
        for sheet in others:
            sheet.write(document)
    for sheet in others:
        sheet.sheet.autofilter(0, 0, max(sheet.rows - 1, 1), len(sheet.table.columns) - 1)
    first.line([about["title"]], book.bold)
    for label, text in about_lines(about, base_url, book.cut):
        first.line([label, text], book.wrapped)
    for sheet in others:
        first.line([""])
        first.line([f"Sheet “{sheet.title}”", f"{sheet.table.description} Rows: {sheet.rows - 1}."], book.bold)
        for column in sheet.table.columns:
            first.line([column.heading, column.description], book.wrapped)


def about_lines(about, base_url, cut):
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
