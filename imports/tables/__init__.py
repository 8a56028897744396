"""Tables that people bring, CSV and XLSX: read into items, in the columns in which the register gives them out."""

from ..items import Reading
from . import documents, files, headings


def read(path, *, name, options, source):
    """Return the Reading of the file at ``path``; see ``imports/items.py``.

    ``options``: "columns" and "tables" as ``headings.Chosen`` takes them. NotReadable if it is no table at all; where
    a column is not known, the Reading has its faults and no items.
    """
    sheets, form = files.read(path, headings.score(options))
    found, faults, about = headings.plan(sheets, name, options)
    about = form | about | {"replaces": REPLACES}
    return Reading(iter(()) if faults else documents.items(found, source=source), faults, about)


REPLACES = (
    "Rows add records that the register does not have. Of those that it has, they replace what the file has columns"
    " for, an empty cell too; contributions and organisations of a project as a whole, where the file has any of them."
    " Claims are added and amended, never taken away."
)
