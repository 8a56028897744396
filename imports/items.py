"""What a reader of files gives: one item for each record that a file tells of, with the faults that it has.

A reader is a function `read(path, *, name, options, source, tell) -> Reading`: `path` holds the uploaded bytes under a
name of ours, `name` is the file's own name, `options` says what the person chose (columns, filters), `source` is
{"slug", "title"} of the Source that the import will have, for the claims of the items, and `tell("read", done, of)` is
called now and then by readers that take long before they give the first item.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class PlacedFault:
    """What is wrong with one cell or place, in the file's own numbering."""

    place: str  # "sheet Projects, row 5", "line 12", an activity's identifier
    column: str  # heading or element; "" where it is the whole row
    what: str  # what is wrong and what would be right
    question: dict | None = None  # what a person can answer for the whole file: see ``tables.questions``


@dataclass
class Item:
    """One record that a file tells of."""

    model: type
    key: str
    place: str
    document: dict | None  # the whole new document with its claims, as submit takes it; None: refused
    faults: list[PlacedFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # unsure matches, undecided values: listed for a person
    identifier: str = ""  # as the file has it
    original: str = ""  # the source's own form (an activity's XML), kept as an Original
    numbers: list = field(default_factory=list)  # (sheet, number) of the rows that it was made of, to give them back


@dataclass
class Reading:
    """What a reader gives of one file."""

    items: Iterator[Item]  # in any order; records of other kinds (a new organisation, as a draft) may be among them
    faults: list[PlacedFault] = field(default_factory=list)  # of the file as a whole, its columns among them
    about: dict = field(default_factory=dict)  # what it says of itself: sheets, delimiter, encoding, columns, edition
    given_back: Callable[[set], bytes] | None = None  # the file with only those rows, as ``Item.numbers`` has them


class NotReadable(ValueError):
    """The whole file is refused: what is wrong and where, and what would be right."""
