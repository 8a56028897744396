"""CSV in the forms that spreadsheets write: bytes in, numbered rows of cells out."""

import csv
import io
import re
from itertools import islice

from projects.exports.formula_guard import exact
from projects.exports.streams import CUT_OFF

from ..items import NotReadable

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
FIRST_ROWS = 20  # among which the headings are looked for
SAVE_AS = "Save it as XLSX, or as CSV."
_BOMS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))
_HIGH = re.compile(r"[^\x00-\x7f]")
_SAYS_DELIMITER = re.compile(r'"?sep=([,;\t|])"?(?:\r\n?|\n)', re.IGNORECASE)  # for Excel, which shows no such row
csv.field_size_limit(2**24)  # a cell may hold a long text


class _Text:
    """The text of a file, as lines that can be read as often as needed: never all of it at once."""

    def __init__(self, data, codec):
        self._data, self._codec, self._skipped = data, codec, 0
        sep_line = _SAYS_DELIMITER.match(next(iter(self.lines()), "")[:20])
        self.delimiter = sep_line[1] if sep_line else None
        self._skipped = 1 if sep_line else 0

    def lines(self, first=0):
        """Return an iterator of the lines, from the line ``first`` on."""
        lines = io.TextIOWrapper(io.BytesIO(self._data), encoding=self._codec, newline="")
        return islice(lines, self._skipped + first, None)


def read(data, score):
    """Return (rows, what the file says of its form) of bytes; rows: an iterator of (number, cells).

    ``score``: a function that says how many known headings a row of texts has; it decides between delimiters.
    """
    codec, encoding = encoding_of(data)
    text = _Text(data, codec)
    delimiter = text.delimiter or max(DELIMITERS, key=lambda each: _fit(text, each, score))
    form = {"form": "CSV", "encoding": encoding, "delimiter": DELIMITERS[delimiter]}
    form["is_supposed"] = not encoding.startswith("UTF")  # any bytes can be read so
    form["is_open"] = data[-2:].strip(b"\0")[-1:] not in (b"\n", b"\r")  # of two bytes in UTF-16
    return _whole(_records(text, delimiter, score), form["is_open"]), form


def encoding_of(data):
    """Return (codec, name of the encoding) of bytes: what their mark says, else UTF-8, else Windows-1252."""
    for codec, mark in _BOMS:
        if data.startswith(mark):
            name = codec.removesuffix("-sig").upper()
            if (at := _first_wrong(data, codec)) is not None:
                raise NotReadable(f"The file says that it is {name}, and is not, at byte {at:,}. Save it as UTF-8.")
            return codec, name
    if data[:1000].count(0) > len(data[:1000]) / 4:
        raise NotReadable("It looks like UTF-16 without its mark. Save it as UTF-8.")
    _refuse_torn(data)
    codecs = (("utf-8", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1"))
    if _is_cyrillic(data):
        codecs = (("utf-8", "UTF-8"), ("cp1251", "Windows-1251"), *codecs)
    return next(each for each in codecs if _first_wrong(data, each[0]) is None)  # Latin-1 reads every byte


def _first_wrong(data, codec):
    """Return where bytes are not of an encoding; None if they are."""
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        return error.start
    return None


def _refuse_torn(data):
    """NotReadable if UTF-8 ends within a character, or has a wrong byte: another encoding would read letters wrong."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise NotReadable(
                f"The file ends within a character, at byte {error.start:,}. If it was cut off there, fetch it again;"
                " if not, save it as UTF-8."
            ) from None
        others = len(_HIGH.findall(data.decode("utf-8", "ignore")))
        if others >= data.decode("utf-8", "replace").count("\ufffd"):
            row = data.count(b"\n", 0, error.start) + 1
            raise NotReadable(
                f"The file is UTF-8, but not at byte {error.start:,}, in line {row:,}. Correct that character, or save"
                " the file as UTF-8."
            ) from None


def _is_cyrillic(data):
    """Whether most bytes beyond ASCII stand side by side, as letters do in Windows-1251, and accents do not."""
    together = sum(map(len, re.findall(rb"[\xa8\xb8\xc0-\xff]{3,}", data)))
    return together > len(re.findall(rb"[\x80-\xff]", data)) / 2


def _whole(rows, is_open):
    """Yield the rows. NotReadable at the end, if the last is not whole; ``is_open``: it has no line end."""
    number, cells = 0, []
    for number, cells in rows:
        yield number, [exact(cell) if "'" in cell else cell for cell in cells]
    if cells == [CUT_OFF]:
        raise NotReadable(f"The file is incomplete: its last row, {number}, says so. Fetch it again.")
    if is_open and len(cells) > 1 and not cells[-1].strip():
        raise NotReadable(
            f"Row {number} has nothing behind its last sign between cells, no line end either: the file may be cut off"
            " there. Fetch it again; if it is whole, give that row a line end."
        )


def _records(text, delimiter, score=len):
    """Yield (number, cells). NotReadable, with row and column, where the text is no CSV."""
    reader, first = csv.reader(text.lines(), delimiter=delimiter, strict=True), []
    number = line = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number <= FIRST_ROWS:
                first.append(cells)
            if reader.line_num > line + 1 and (at := _swallowed(cells, delimiter, first)) is not None:
                raise NotReadable(_open_quote(number, at, first, score))
            yield number, cells
            line = reader.line_num
    except csv.Error as error:
        at = _place("".join(text.lines(line)), delimiter)
        if at is None:
            raise NotReadable(f"Row {number + 1} cannot be read as CSV: {error}. {SAVE_AS}") from error
        raise NotReadable(_open_quote(number + 1, at, first, score)) from error


def _swallowed(cells, delimiter, first):
    """Return the place of a cell within which a whole row stands, as a quotation mark before it was left open."""
    wide = max(map(len, first))
    row = re.compile(rf"{re.escape(delimiter)}(?! )")  # a row has no blanks behind its delimiters, as a sentence has
    for at, cell in enumerate(cells):
        if wide > 2 and wide in [len(row.findall(line)) + 1 for line in cell.splitlines()[1:-1]]:
            return at
    return None


def _place(text, delimiter):
    """Return the place, from 0, of the first cell of ``text`` whose quotation marks are wrong."""
    good = re.compile(rf'(?:"(?:[^"]|"")*+"|(?!")[^{re.escape(delimiter)}\r\n]*+){re.escape(delimiter)}')
    at = start = 0
    while cell := good.match(text, start):
        start, at = cell.end(), at + 1
    return at if text.startswith('"', start) else None


def _open_quote(number, at, first, score):
    headings = max(first, key=score, default=[])
    column = " ".join(headings[at].split())[:60] if at < len(headings) and number > 1 else ""
    where = f"Row {number}, column {letter(at)}{f' “{column}”' if column else ''}"
    return (
        f"{where}: a quotation mark is opened and not closed before the cell ends, so that other cells would be taken"
        " for a part of it. Close it; one within a quoted cell is written twice."
    )


def letter(at):
    """Return the letters by which a spreadsheet names the column at ``at``, from 0: A, Z, AA."""
    name, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _fit(text, delimiter, score):
    """Return how well a delimiter fits: by known headings, then by how many columns its first rows have."""
    rows = []
    try:
        for _number, row in _records(text, delimiter):
            rows.append(row)
            if len(rows) == FIRST_ROWS:
                break
    except NotReadable:
        pass  # said when the file is read with the delimiter that fits best
    widths = [len(row) for row in rows if any(row)]
    return max(map(score, rows), default=0), min(widths, default=0), max(widths, default=0)
