"""An activity as plain values: what it states, put aside while the file is read on."""

from dataclasses import dataclass, field
from typing import NamedTuple

from babel import Locale

from provenance.models import Claim
from provenance.store.build import unstated

from ..items import PlacedFault
from .texts import ENGLISH, clean, identifier_of, publisher_of, quote, texts

MOST_STATED = 2000  # characters of a claim's value
MOST = 100  # notes, and faults, of one activity
MORE = "There is more of this kind in the activity, which is not listed."
LANGUAGES = Locale("en").languages


class Statement(NamedTuple):
    """A claim whose source is not named yet: at ``place``, the words ``quote`` state ``text`` for ``member``."""

    member: str
    text: str
    quote: str
    place: str
    language: str | None = None  # None: English, or not stated
    status: str = ""
    set_aside: str | None = None

    def claim(self, source):
        """Return it as the claim of a document."""
        source = {"slug": source["slug"], "title": source["title"]}
        stated = {"field": self.member, "as_stated": self.text[:MOST_STATED], "quote": self.quote, "source": source}
        decided = {"language": self.language, "status": self.status, "set_aside": self.set_aside}
        return unstated(Claim) | stated | {"place": self.place} | decided


@dataclass
class Activity:
    """What one activity states. ``updated`` and ``level`` are as the publisher writes them.

    ``members``: of the project's document; those that depend on the whole file are added by ``sums.settle``.
    ``undecided``: those stated in several ways. ``parents``: ``{identifier of what it is part of: Statement}``.
    """

    identifier: str
    line: int
    publisher: str
    updated: str
    level: str
    original: str = ""
    members: dict = field(default_factory=dict)
    undecided: set = field(default_factory=set)
    statements: list = field(default_factory=list)
    parents: dict = field(default_factory=dict)
    participants: list = field(default_factory=list)  # (role, Party, Statement)
    commitments: list = field(default_factory=list)
    committed: set = field(default_factory=set)  # keys of organisations of which it states commitments
    budgets: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    known: set = field(default_factory=set)  # what was stated and noted already

    @property
    def place(self):
        return f"activity {self.identifier}" if self.identifier else f"line {self.line}"

    def add(self, statement):
        """Add a Statement; once for the same value."""
        if self._is_new(statement[:3]):
            self.statements.append(statement)
        if statement.language and statement.member in ("title", "summary", "objectives"):
            self.note(f"The file states the {statement.member} in {LANGUAGES[statement.language]}.")

    def note(self, text):
        if self._is_new(text) and len(self.notes) <= MOST:
            self.notes.append(text if len(self.notes) < MOST else MORE)

    def _is_new(self, what):
        is_new = what not in self.known
        self.known.add(what)
        return is_new

    def fault(self, line, column, what):
        if len(self.faults) <= MOST:
            place = f"{self.place}, line {line}"
            self.faults.append(PlacedFault(place, column, what if len(self.faults) < MOST else MORE))


class Elements:
    """The elements of an activity by tag. ``lines``: ``{element: its line}``; ``activity``: what is made of them."""

    def __init__(self, element, lines):
        self.element, self.lines, self._children = element, lines, _by_tag(element)
        self.transactions = [(each, _by_tag(each)) for each in self["transaction"]]
        self.activity = Activity(
            identifier=identifier_of(element),
            line=self.line(element),
            publisher=publisher_of(element),
            updated=clean(element.get("last-updated-datetime")),
            level=clean(element.get("hierarchy")),
        )
        self._place = self.activity.place[:200]

    @property
    def tags(self):
        return self._children.keys()

    def __getitem__(self, tag):
        return self._children.get(tag, ())

    def of_tags(self, tags):
        """Return the elements of some tags, in their order."""
        return sorted((each for tag in tags for each in self[tag]), key=self.element.index)

    def inside(self, tag):
        """Return the elements of that tag in the transactions."""
        return [each for _, children in self.transactions for each in children.get(tag, ())]

    def line(self, element):
        return self.lines.get(element, 0)

    def statement(self, member, text, element, rule=""):
        """Return the Statement of an element, which means it by a ``rule`` of the standard where that is given."""
        path, parent = element.tag, element.getparent()
        if element is not self.element and parent is not self.element:
            path = f"{parent.tag}/{path}"
        place = f"{self._place}, {path[:60]}, line {self.line(element)}" + (rule and f"; {rule}")
        said = texts(element) if element.text or len(element) else ()
        others = (language for language, words in said if words == text and language != ENGLISH)
        language = next((each for each in others if each in LANGUAGES), None)
        return Statement(member, text, quote(element, text), place, language)

    def state(self, member, text, element):
        """Add the Statement of an element to the activity."""
        self.activity.add(self.statement(member, text, element))


def _by_tag(element):
    children = {}
    for child in element:
        children.setdefault(child.tag, []).append(child)
    return children
