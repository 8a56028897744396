"""A document as cells of a table, to compare a file with it: equal cells need not be read."""

from projects.exports.columns import TABLES
from projects.exports.xlsx import CUT
from projects.models.amounts import parse_amount
from provenance.documents.folding import composed

KINDS = {name: {column.heading: column.kind for column in table.columns} for name, table in TABLES.items()}
_FLAGS = {True: "true", False: "false", None: ""}


def of(table, document):
    """Return ``[{heading: text}]`` of the rows of a document; [] of None."""
    if document is None:
        return []
    return [dict(zip(table.headings, map(_text, row), strict=True)) for row in table.read(document)]


def _text(value):
    if type(value) is str:
        return value
    return _FLAGS[value] if value is None or type(value) is bool else str(value)


def same(kind, cell, text):
    """Whether a cell means the same as ``text``, perhaps written differently or cut by a workbook."""
    if cell == text:
        return True
    cell, text = composed(cell.strip()), composed(text.strip())
    if cell == text or ("\n" in cell and " ".join(cell.split()) == text):
        return True
    if kind == "amount" and cell and text:
        return _amount(cell) == _amount(text)
    if kind == "moment":
        return cell.replace(" ", "T").removesuffix("Z") == text.removesuffix("Z")
    if kind == "flag":
        return cell.casefold() == text
    return cell.endswith(CUT) and text.startswith(cell.removesuffix(CUT))


def _amount(text):
    try:
        return parse_amount(text)
    except ValueError:
        return text
