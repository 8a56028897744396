"""CSV in the forms that spreadsheets write: bytes in, numbered rows of cells out."""

import csv
import io
import re
from contextlib import suppress
from itertools import islice

from django.conf import settings

from projects.exports.formula_guard import unguarded
from projects.exports.streams import CUT_OFF
from provenance.documents.folding import composed

from ..items import NotReadable
from .workbook import NUL, SAVE_AS, letters

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
FIRST_ROWS = 100  # that are searched for the headings
_BOMS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))
# Windows-1250 (ţ, ş, ą, ł, ří, ča, čna, ić, đ, ő) read as Windows-1252
_OF_EAST = re.compile(
    r"\A(?=.*[þÞ])(?:(?=.*(?:[ãâîÂÎºª]|\w[þÞ]))|(?!.*[ðÐ]))|œæ|z³|[^\W\d_]¿|(?<![\d¿])[¹³¼](?=[a-zà-ÿ])"
    r"|(?<=[^\W\d_])[ºª](?=[^\W\d_])|[øØ][íáýì]|[èÈ][aeiouyáéíóúý]"
    r"|\bÈ[lm]|è(?:[bcdfhjklmnprtvwz][aiouáíúý]|g[aio])|[aeiou]æ(?=[aeiou]|\b)|¯[a-z]|£ó|[a-z]Ÿ"
    r"|\A(?=.*[áéíóú]).*õ(?!e)|\A(?!.*[áíóúýöÁÍÓÚÖþÞ]).*[ðÐ]",  # ő; ţ and đ, not of Icelandic
    re.DOTALL,
)
_CYRILLIC = rb"(?=[\xa5-\xff]{0,20}[\xa8\xb8\xc0-\xff]{2})[\xa5\xa8\xaa\xaf\xb2-\xb4\xb8\xba\xbf-\xff]{3,}"
_SIGN_APART = re.compile(rb"(?<![\x80-\xff])[\x84\x85\x91-\x97\xab\xb9\xbb](?![\x80-\xff])")  # a dash, or № in 1251
_SAYS_DELIMITER = re.compile(r'"?sep=([,;\t|])"?(?:\r\n?|\n)', re.IGNORECASE)  # for Excel, which shows no such row
csv.field_size_limit(2**24)  # a cell may hold a long text
_MOST_LINES = 2**20  # as in spreadsheets


def read(data, score):
    """Return (rows, form of the file) of bytes; rows: an iterator of (number, cells).

    ``score``: a function that counts the known headings in a row of texts, to decide between delimiters.
    """
    text, encoding = _decoded(data)
    text = text.replace("\0", NUL)
    if named := _SAYS_DELIMITER.match(text):
        text = text[named.end() :]
    delimiter = named[1] if named else max(DELIMITERS, key=lambda candidate: _fit(text, candidate, score))
    is_open, is_supposed = not text.endswith(("\n", "\r")), not encoding.startswith("UTF")  # others take most bytes
    form = {"form": "CSV", "encoding": encoding, "delimiter": DELIMITERS[delimiter]}
    return _whole(_records(text, delimiter, score)), form | {"is_open": is_open, "is_supposed": is_supposed}


def _decoded(data):
    """Return (text, name of its encoding) of bytes: that of their byte order mark, else UTF-8, else one of Windows.

    NotReadable if a byte belongs to none of them.
    """
    for codec, mark in _BOMS:
        if data.startswith(mark):
            name = codec.removesuffix("-sig").upper()
            try:
                return data.decode(codec), name
            except UnicodeDecodeError as error:
                message = f"The file says that it is {name}, and is not, at byte {error.start:,}. Save it as UTF-8."
                raise NotReadable(message) from None
    if data[:1000].count(0) > len(data[:1000]) / 4:
        raise NotReadable("It looks like UTF-16 without its mark. Save it as UTF-8.")
    try:
        return data.decode(), "UTF-8"
    except UnicodeDecodeError as error:
        wrong = error
    # Letters in Windows-1251 are adjacent bytes beyond ASCII, but for those of Ukrainian; accents are not.
    is_cyrillic = _is_most(_CYRILLIC, _SIGN_APART.sub(b"", data))
    _refuse_torn(data, wrong, is_cyrillic)
    is_of_east = _OF_EAST.search(data.decode("Windows-1252", "replace"))
    guess = "Windows-1251" if is_cyrillic else "Windows-1250" if is_of_east else "Windows-1252"
    at = wrong.start
    for name in (guess,) if is_cyrillic else (guess, "Windows-1252"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError as error:
            at = error.start
            continue
        if not (_is_turned(text) if is_cyrillic else _is_most(rb"[\x80-\xff]{4,}", data)):
            return text, name
    line = data.count(b"\n", 0, at) + 1
    raise NotReadable(f"The file is neither UTF-8 nor of Windows, at byte {at:,}, in line {line:,}. Save it as UTF-8.")


def _is_most(pattern, data):
    """Whether most bytes beyond ASCII are in parts of ``data`` that match a pattern."""
    return sum(map(len, re.findall(pattern, data))) > len(re.findall(rb"[\x80-\xff]", data)) / 2


def _is_turned(text):
    """Whether words go on in capitals after a small letter, or have signs in them: KOI8 or 866 read as Windows-1251."""
    if re.search(r"[а-яё][ЁЄЇҐЎ]|[^\W\d_][¤¦§©¬®][^\W\d_]", text):
        return True
    return re.search(r"\b[а-яё][А-ЯЁ]{2}", text) and not re.search(r"\b[А-ЯЁІЇЄҐ][а-яёіїєґ]{2}", text)


def _refuse_torn(data, error, is_cyrillic):
    """NotReadable if UTF-8 ends within a character or has wrong bytes: other encodings would misread letters."""
    is_cut_off = error.reason == "unexpected end of data"
    right = len(re.findall(r"[^\x00-\x7f]", data.decode(errors="ignore")))
    right += len(re.findall(rb"\xed[\xa0-\xbf][\x80-\xbf]", data))  # halves of characters, as from UTF-16
    wrong = re.findall("\ufffd" if is_cyrillic else "\ufffd+", data.decode(errors="replace"))
    if is_cut_off or right >= len(wrong) or re.search(rb"[a-z]\xc3[\xa0-\xbf]|\xc3[\xa0-\xbf][a-z]", data):  # é
        row = data.count(b"\n", 0, error.start) + 1
        raise NotReadable(
            f"The file is UTF-8, but not at byte {error.start:,}, in line {row:,}. Correct that character, or save"
            f" the file as UTF-8.{' If it was cut off there, fetch it again.' * is_cut_off}"
        )


def _whole(rows):
    """Yield the rows. NotReadable at the end if the last says that the file is cut off."""
    number, cells = 0, []
    for number, cells in rows:
        shown = [cell if cell.isprintable() else composed(cell) for cell in cells]
        yield number, [unguarded(cell) if "'" in cell else cell for cell in shown]
    if cells == [CUT_OFF]:
        raise NotReadable(f"The file is incomplete: its last row, {number}, says so. Fetch it again.")


def _records(text, delimiter, score=len):
    """Yield (number, cells). NotReadable, with row and column, if the text is no CSV."""
    reader, first = csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=True), []
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
        at = _place("".join(islice(io.StringIO(text, newline=""), line, None)), delimiter)
        if at is None:
            raise NotReadable(f"Row {number + 1} cannot be read as CSV: {error}. {SAVE_AS}") from error
        raise NotReadable(_open_quote(number + 1, at, first, score)) from error


def _lines(text, delimiter):
    """Yield the lines of a text. NotReadable beyond what a table may have, before its cells are in memory."""
    cells, most = 0, settings.IMPORT_MAX_ROWS * settings.IMPORT_MAX_COLUMNS
    for number, line in enumerate(io.StringIO(text, newline="")):
        cells += line.count(delimiter)
        if number == _MOST_LINES or cells > most:
            beyond = f"{_MOST_LINES:,} lines" if cells <= most else f"{most:,} cells"
            raise NotReadable(f"The file has more than {beyond}. Take the empty ones away, or send it in parts.")
        yield line


def _swallowed(cells, delimiter, first):
    """Return the place of a cell that contains a whole row, because a quotation mark before it was not closed."""
    wide = max(map(len, first))
    row = re.compile(rf"{re.escape(delimiter)}(?! )")  # unlike in a sentence, no blank follows a delimiter
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
    where = f"Row {number}, column {letters(at + 1)}{f' “{column}”' if column else ''}"
    return (
        f"{where}: a quotation mark is opened and not closed before the cell ends, so that other cells would be taken"
        " for a part of it. Close it; one within a quoted cell is written twice."
    )


def _fit(text, delimiter, score):
    """Return how well a delimiter fits: by known headings, then by the columns of its first rows."""
    rows = []
    with suppress(NotReadable):  # refused when the file is read with the delimiter that fits best
        for _number, row in islice(_records(text, delimiter), FIRST_ROWS):
            rows.append(row)
    widths = [len(row) for row in rows if any(row)]
    return max(map(score, rows), default=0), min(widths, default=0), max(widths, default=0)
