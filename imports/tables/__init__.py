"""Uploaded tables, CSV and XLSX: read into items, in the columns of the register's own files or as chosen.

It writes nothing; ``imports`` previews and submits the items.
"""

from functools import partial

from ..answers import Answers
from ..items import Reading
from . import files, headings, listings, names, questions, rejects, row_groups


def read(path, *, name, options, source, report=None):
    """Return the Reading of the file at ``path``; see ``imports/items.py``.

    ``options``: "columns" and "tables" as ``headings.Chosen`` takes them, "answers" as in ``questions``, "kept" as
    ``answers.to_keep`` gives them. NotReadable if it is no table at all; if a
    column is not known, the Reading has its faults and no items.
    """
    chosen = headings.Chosen(options)
    sheets, form = files.read(path, lambda row: len(chosen.known("", row)))
    known = names.Names(source, Answers(options.get("answers")), publishes=options.get("publish"))
    found, faults, about = listings.plan(sheets, name, chosen, known)
    theirs = questions.headings_of(found)
    for ours, ways in headings.orders_of(theirs).items():
        known.answers[ours] = ways | known.answers.get(ours, {})
    about = form | about | {"replaces": REPLACES, "headings": theirs, "questions": [], "kept": []}
    known.answers = Answers(known.answers, options.get("kept", ()), theirs)
    items = iter(()) if faults else row_groups.items(found, known, about)
    return Reading(items, faults, about, partial(rejects.given_back, found, form))


REPLACES = (
    "Rows add new records, and change what they state of existing ones. An empty cell changes nothing, unless the file"
    " is an export of this register or you choose otherwise. Contributions and organisations in tables of their own"
    " replace all those of their project. Claims are never removed."
)
