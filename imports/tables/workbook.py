"""Reads a workbook: `workbook.py PATH MOST`, run by provenance/files/sandbox.py with little memory and time.

Writes one JSON value a line: {"title", "hidden"} of a sheet; [number, [text, …]] of each of its rows; then {"merged",
"unseen", "struck"}: its merged cells as [[top, left, bottom, right]], with columns from 0, its hidden rows and columns
in words, and the cells of which text is struck out, and left off. Ends in words at a cell that would read as empty and
is not, and with TOO_MUCH where the workbook holds more than MOST bytes. It knows nothing of Django.

No library reads all of that: calamine has neither formats nor hidden rows, and reads errors and formulas without result
as empty; openpyxl, row by row, shows neither merged nor hidden cells, and finds no sheet in strict workbooks.
"""

import posixpath
import re
import sys
import zipfile
import zlib
from datetime import datetime, timedelta
from decimal import Decimal

import orjson
from lxml import etree

TOO_MUCH = 3  # exit code
ERROR = "#ERROR!"  # shown for an error without its name
NUL = "␀"  # shown for the character that no database accepts
SAFE = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True,
    "remove_pis": True,
}  # fmt: skip
MOST_NAMED = 100  # hidden rows and columns of a sheet
COMPUTE = "Open the workbook in a spreadsheet and save it there, so that it is computed, or put the value there."
SAVE_AS = "Save it as XLSX, or as CSV."
REPAIR = "Open it in a spreadsheet, let that repair it, and save it as XLSX; or fetch the file again."
_WRONG = (ArithmeticError, EOFError, LookupError, TypeError, ValueError)  # what damaged files lead to
DAMAGED = (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, *_WRONG)
FORMATS = {  # formats that every workbook has, and does not write down: of numbers, shares and dates
    **dict.fromkeys((1, 2, 3, 4, *range(37, 45)), "0.00"), 9: "0%", 10: "0.00%",
    **dict.fromkeys((14, 15, 16, *range(27, 37), *range(50, 59)), "yyyy-mm-dd"), 17: "mmm-yy", 22: "yyyy-mm-dd hh:mm",
    **dict.fromkeys((*range(18, 22), 45, 47), "hh:mm:ss"), 46: "[h]:mm:ss",
}  # fmt: skip
_LAST_DAY = 2_958_466  # the number of the first day after the year 9999
_DECIMALS = re.compile(r"[0#?]\.([0#?]+)")  # of a format
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]+)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # without it, a time
_ESCAPED = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")  # half of a pair is no character
_TEXTS = re.compile(  # of a format: texts, blanks as wide as a letter, currencies, colours, further formats
    r'"([^"]*)"|\\(.)|[_*].|\[(?!h+\]|m+\]|s+\])(?:\$([^\]-]*))?[^\]]*\]|([€£¥$₾₴₽֏₼])|;.*', re.IGNORECASE
)
_CURRENCY = re.compile(r"(?:[A-Z]{2})?[€£¥$₾₴₽֏₼]|[A-Z]{3}|[^\w]+")
_DIVIDED = re.compile(r"[0#?](,+)(?!.*[0#?])")  # of a format that shows a number divided by that many thousands
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")  # 500000² has a footnote
_FACTORS = ("", "thousand", "million", "billion")


class Workbook:
    """An archive with sheets, which share texts and formats."""

    def __init__(self, archive):
        self._archive = archive
        self._files = {name.replace("\\", "/").lower(): name for name in archive.namelist()}  # some write it so
        book, styles = self._parsed("workbook.xml"), self._parsed("styles.xml")
        written = {int(each.get("numFmtId")): each.get("formatCode", "") for each in styles.iter("{*}numFmt")}
        fonts, kinds = styles.findall("{*}fonts/{*}font"), styles.findall("{*}cellXfs/{*}xf")
        self.formats = [_parted((FORMATS | written).get(int(each.get("numFmtId", 0)), "")) for each in kinds]
        struck = {number for number, font in enumerate(fonts) if _is_struck(font)}
        self.struck = {number for number, each in enumerate(kinds) if int(each.get("fontId", 0)) in struck}
        is_of_mac = any(each.get("date1904") in ("1", "true") for each in book.iter("{*}workbookPr"))
        self.first_day = datetime(1904, 1, 1) if is_of_mac else datetime(1899, 12, 30)
        self.texts = [_text_in(each) for each in _elements(self.opened("sharedStrings.xml"), "si")]
        targets = {each.get("Id"): each.get("Target", "") for each in self._parsed("_rels/workbook.xml.rels")}
        self.sheets = []
        for sheet in book.iterfind("{*}sheets/{*}sheet"):  # the namespace of its relation is one of two
            relation = next((value for name, value in sheet.attrib.items() if name.endswith("/relationships}id")), None)
            self.sheets.append((sheet, targets.get(relation, "")))

    def opened(self, target):
        """Return a file of the archive, named from its folder ``xl``; None if it is not there."""
        name = self._files.get(posixpath.join("/xl", target.lower())[1:])
        return name and self._archive.open(name)

    def _parsed(self, name):
        file = self.opened(name)
        return etree.parse(file, etree.XMLParser(**SAFE)).getroot() if file else etree.Element("nothing")


def _parted(code):
    """Return (a format without texts, those that it shows beside figures: letters and signs of currencies)."""
    texts = [next(filter(None, match.groups()), "").strip() for match in _TEXTS.finditer(code)]
    form = _TEXTS.sub("", code).lower()
    return "" if "general" in form else form, " ".join(
        text for text in texts if re.search(r"[^\W\d_]|[^\w\s.,:/()'-]", text)
    )


def _elements(file, *names):
    """Yield the elements with these names, each to be read before the next; none if there is no file."""
    for _, element in etree.iterparse(file, tag=[f"{{*}}{name}" for name in names], **SAFE) if file else ():
        yield element
        element.clear()


def _text_in(element):
    """Return (the text of a shared or inline string, whether some of it is struck out).

    Without what is struck out, and phonetic guides; raised figures, marks of footnotes, as characters of their own.
    """
    texts, has_struck = [], False
    for each in element.iter("{*}t"):
        run, text = each.getparent(), each.text or ""
        font = run.find("{*}rPr")
        if font is not None and _is_struck(font):
            has_struck = True
        elif not run.tag.endswith("}rPh"):
            raised = font is not None and font.find("{*}vertAlign[@val='superscript']") is not None
            texts.append(text.translate(_RAISED) if raised else text)
    return _unescaped("".join(texts)), has_struck


def _is_struck(font):
    strike = font.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in ("0", "false")


def _unescaped(text):
    """Return a text with the characters that XML does not allow, written as _x000D_, restored."""
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text).replace("\0", NUL)


def write_sheets(path, write, most):
    """Write the sheets of the workbook at ``path`` and their rows: at most ``most`` bytes."""
    where = ""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, most)
            workbook = Workbook(archive)
            for element, target in workbook.sheets:
                sheet = _Sheet(element.get("name"), workbook)
                where = f" in sheet “{sheet.title}”"
                is_hidden = element.get("state", "visible") != "visible"
                write(orjson.dumps({"title": sheet.title, "hidden": is_hidden}) + b"\n")
                for value in sheet.values(workbook.opened(target)):
                    where = f" in sheet “{sheet.title}”, below row {sheet.number}"
                    line = orjson.dumps(value) + b"\n"
                    most -= len(line)
                    if most < 0:
                        sys.exit(TOO_MUCH)
                    write(line)
    except DAMAGED:
        sys.exit(f"The workbook is damaged{where}, or cut off. {REPAIR}")


def _check(archive, most):
    """Exit if an archive is no workbook or is too large. No file is read beyond the size that the archive gives."""
    if not {"xl/workbook.xml", "[Content_Types].xml"} <= set(archive.namelist()):
        sys.exit(f"This is no workbook of the form XLSX. {SAVE_AS}")
    if sum(entry.file_size for entry in archive.infolist()) > most:
        sys.exit(TOO_MUCH)


class _Sheet:
    """A sheet; its merged cells and hidden rows are known once it is read."""

    def __init__(self, title, workbook):
        self.title, self._workbook = title, workbook
        self._merged, self._unseen, self._struck, self.number = [], [], [], 0

    def values(self, file):
        """Yield [number, texts] of each row that has cells, then what is merged and hidden."""
        if not file:
            raise LookupError(self.title)  # its part of the archive is missing
        for element in _elements(file, "row", "col", "mergeCell"):
            if element.tag.endswith("}row"):
                yield self._row(element)
            elif element.tag.endswith("}mergeCell"):
                (top, left), *_between, (bottom, right) = [_place(each) for each in element.get("ref").split(":")] * 2
                self._merged.append([top, left - 1, bottom, right - 1])
            elif _is_hidden(element):
                last = min(int(element.get("max")), MOST_NAMED)
                self._unseen += [f"column {letters(at)}" for at in range(int(element.get("min")), last + 1)]
        yield {"merged": self._merged, "unseen": self._unseen, "struck": self._struck}

    def _row(self, row):
        self.number = int(row.get("r", self.number + 1))
        if _is_hidden(row) and len(row) and len(self._unseen) < MOST_NAMED:
            self._unseen.append(f"row {self.number}")
        texts, column = [], 0
        for cell in row:
            _, column = _place(cell.get("r", "")) or (self.number, column + 1)  # without a place: it follows
            try:
                text = self._text(cell, column)
            except (LookupError, ValueError):
                self._refuse(column, "no value that can be read", "Put the value there, and save.")
            if text:
                texts += [""] * (column - 1 - len(texts))
                texts[column - 1 :] = [text]
        return [self.number, texts]

    def _text(self, cell, column):
        """Return a cell as text: numbers as exact decimals of Excel's 15 digits, days and times in ISO 8601."""
        kind, parts = cell.get("t", "n"), {part.tag.rpartition("}")[2]: part for part in cell}
        value = (parts["v"].text or "") if "v" in parts else ""
        if "is" in parts:
            value = self._unstruck(*_text_in(parts["is"]), column)
        if "f" in parts and not value.strip() and not (kind == "str" and "v" in parts):  # str: the text that is empty
            self._refuse(column, "a formula without its result", COMPUTE)
        if not value.strip():
            return ERROR if kind == "e" else ""
        if int(cell.get("s", "0")) in self._workbook.struck:
            return self._unstruck("", True, column)
        if kind == "s":
            return self._unstruck(*self._workbook.texts[int(value)], column)
        if kind == "b":
            return "true" if value.strip() in ("1", "true") else "false"
        if kind == "n":
            return self._number_text(float(value), *self._format(cell))
        if kind == "d" and _DAY.match(value):
            return self._moment_text(datetime.fromisoformat(value), set(self._format(cell)[0]))
        return _unescaped(value) if kind == "str" else value

    def _unstruck(self, text, has_struck, column):
        """Return a text without what is struck out, whose cell is noted."""
        if has_struck:
            self._struck.append(f"{letters(column)}{self.number}")
        return text

    def _format(self, cell):
        """Return the format of a cell, without its texts, and these; "" for one that it has not."""
        formats, style = self._workbook.formats, int(cell.get("s", "0"))
        return formats[style] if style < len(formats) else ("", "")

    def _number_text(self, value, form, texts):
        """Return a number as text: as a date, a time if it is below one day, or a share, if its format says so.

        It has no more decimals than its format shows, but at least two, cents; and the unit that its format shows.
        """
        signs, number = set(form), Decimal(f"{value:.15g}")
        if "%" in signs:
            return format((number * 100).normalize(), "f") + "%"
        if not signs & set("ymdhs") or not 0 <= value < _LAST_DAY:
            decimals = _DECIMALS.search(form)
            most = max(2, len(decimals[1]) if decimals else 0)
            most = 6 if number < 1000 and number == round(number, 6) else most  # it may be in millions
            is_exact = not signs & set("0#") or "e" in signs or number == round(number, most)
            return _with_unit(number if is_exact else round(number, most), form, texts)
        time = timedelta(seconds=round(value * 86_400))
        if value < 1 or "[" in signs:  # a duration
            return str(time)
        return self._moment_text(self._workbook.first_day + time, signs)

    def _moment_text(self, moment, signs):
        """Return a date as precisely as its format shows it, with its time if it has one."""
        text = moment.isoformat().removesuffix("T00:00:00")
        if signs & set("ym") and not signs & set("dhs"):
            return text[: 7 if "m" in signs else 4]
        return text

    def _refuse(self, column, contents, right):
        sys.exit(f"Sheet {self.title}, cell {letters(column)}{self.number} holds {contents}. {right}")


def _with_unit(number, form, texts):
    """Return a number with the texts of its format, and in its thousands if it shows these: ``2.5 million €``."""
    factor, divided = "", _DIVIDED.search(form)
    if divided:
        number = number.scaleb(-3 * len(divided[1])).normalize()
        factor = _FACTORS[len(divided[1])] if not texts or _CURRENCY.fullmatch(texts) else ""  # "k€" says it
        number = round(number, 4) if number.as_tuple().exponent == -3 else number  # 1.543 may be 1543
    return " ".join(filter(None, (format(number, "f"), factor, texts)))


def _is_hidden(element):
    return element.get("hidden") in ("1", "true")


def _place(reference):
    """Return (row, column) of a reference such as B2, from 1; None if it is none."""
    if not (match := _REFERENCE.fullmatch(reference.upper())):
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def letters(number):
    """Return the letters of the column with that number, from 1, in a spreadsheet: A, Z, AA."""
    return (letters((number - 1) // 26) if number > 26 else "") + chr(ord("A") + (number - 1) % 26)


if __name__ == "__main__":
    write_sheets(sys.argv[1], sys.stdout.buffer.write, int(sys.argv[2]))
