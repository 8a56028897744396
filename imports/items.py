"""What a reader of files returns: an item for each record in a file, with its faults.

A reader is a function `read(path, *, name, options, source, report) -> Reading`: `path` has the uploaded bytes, `name`
is the user's name for the file, `options` are the user's choices (columns, filters), and `source` is {"slug", "title"}
of the import's future Source, for the claims. Readers that take long call `report("read", done, of)` now and then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class PlacedFault:
    """What is wrong with one cell or place, in the file's own numbering."""

    place: str  # "sheet Projects, row 5", "line 12", an activity's identifier
    column: str  # heading or element; "" for the whole row
    what: str  # what is wrong, and the correct form
    question: dict | None = None  # that a person can answer for the whole file: see ``tables.questions``


@dataclass
class Item:
    """A record in a file."""

    model: type
    key: str
    place: str
    document: dict | None  # the whole new document with its claims, for ``submit``; None: refused
    faults: list[PlacedFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # on unsure matches and undecided values, for a person
    identifier: str = ""  # as in the file
    original: str = ""  # the source's own form (an activity's XML), kept as an Original
    numbers: list = field(default_factory=list)  # (sheet, number) of its rows, to return them if it is refused


@dataclass
class Reading:
    """What a reader returns for a file."""

    items: Iterator[Item]  # in any order; records of other kinds (a new organisation, as a draft) may be among them
    faults: list[PlacedFault] = field(default_factory=list)  # of the file as a whole, its columns among them
    about: dict = field(default_factory=dict)  # its form: sheets, delimiter, encoding, columns, edition
    given_back: Callable[[set], bytes] | None = None  # the file with only those rows, as ``Item.numbers`` has them


class NotReadable(ValueError):
    """The whole file is refused. The text says what is wrong, where, and what would be right."""
