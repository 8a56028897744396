"""An activity as plain values: what it states, with its claims. It is put aside while the file is read on."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from babel import Locale

from provenance.models import Claim
from provenance.store.build import upgrade

from ..items import PlacedFault
from .texts import ENGLISH, clean, identifier_of, publisher_of, quote, texts

MOST_STATED = 2000  # characters of a claim's value
MOST = 100  # notes, and faults, of one activity
MORE = "There is more of this kind in the activity, which is not listed."
LANGUAGES = Locale("en").languages


class Party(NamedTuple):
    """An organisation as an element names it. ``code``: its reference; ``ref``: "" where that identifies no one body.

    ``is_body``: whether it is one organisation, and not a kind of them or a word for "not stated".
    """

    code: str
    ref: str
    name: str
    is_body: bool


class Commitment(NamedTuple):
    amount: Decimal
    currency: str
    provider: Party | None
    claim: dict  # of the amount
    named: dict  # claim of the provider


class Budget(NamedTuple):
    amount: Decimal
    currency: str
    first: str  # days of its period; "" where it states none
    last: str
    claim: dict


@dataclass
class Activity:
    """What one activity states. ``place`` names it; ``updated`` and ``level``: as the publisher writes them.

    ``members``: of the project's document, but for organisations and sums, which depend on the whole file;
    ``undecided``: those stated in several ways; ``parents``: ``{identifier of what it is part of: claim}``;
    ``participants``: ``[(role, Party, claim)]``.
    """

    identifier: str
    line: int
    publisher: str
    updated: str
    level: str
    original: str = ""
    members: dict = field(default_factory=dict)
    undecided: set = field(default_factory=set)
    claims: list = field(default_factory=list)
    parents: dict = field(default_factory=dict)
    participants: list = field(default_factory=list)
    commitments: list = field(default_factory=list)
    budgets: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    committed: set = field(default_factory=set)  # keys of organisations of which it states commitments
    known: set = field(default_factory=set)  # what was claimed and noted already

    @property
    def place(self):
        return f"activity {self.identifier}" if self.identifier else f"line {self.line}"

    def add(self, claim, **decided):
        """Add a claim; once for the same value."""
        if self._is_new((claim["field"], claim["as_stated"], claim["quote"])):
            self.claims.append(claim | decided)
        if claim["language"] and claim["field"] in ("title", "summary", "objectives"):
            self.note(f"The file states the {claim['field']} in {LANGUAGES[claim['language']]}.")

    def note(self, text):
        if self._is_new(text) and len(self.notes) <= MOST:
            self.notes.append(text if len(self.notes) < MOST else MORE)

    def fault(self, line, column, what):
        if len(self.faults) <= MOST:
            place = f"{self.place}, line {line}"
            self.faults.append(PlacedFault(place, column, what if len(self.faults) < MOST else MORE))

    def _is_new(self, what):
        is_new = what not in self.known
        self.known.add(what)
        return is_new


class Elements:
    """The elements of an activity by tag. ``lines``: ``{element: its line}``; ``activity``: what is made of them."""

    def __init__(self, element, lines, source):
        self.element, self.lines, self.source = element, lines, source
        self._children = _by_tag(element)
        self.transactions = [(each, _by_tag(each)) for each in self["transaction"]]
        self.activity = Activity(
            identifier=identifier_of(element),
            line=self.line(element),
            publisher=publisher_of(element),
            updated=clean(element.get("last-updated-datetime")),
            level=clean(element.get("hierarchy")),
        )

    def __getitem__(self, tag):
        return self._children.get(tag, [])

    def inside(self, tag):
        """Return the elements of that tag in the transactions."""
        return [each for _, children in self.transactions for each in children.get(tag, ())]

    def line(self, element):
        return self.lines.get(element, 0)

    def claim(self, member, text, element, rule=""):
        """Return the claim that ``element`` states ``text``, or means it by a ``rule`` of the standard."""
        path, parent = element.tag, element.getparent()
        if element is not self.element and parent is not self.element:
            path = f"{parent.tag}/{path}"
        place = f"{self.activity.place[:200]}, {path[:60]}, line {self.line(element)}" + (rule and f"; {rule}")
        return claim_of(member, text, quote(element, text), self.source, place) | {"language": _language(element, text)}


def _by_tag(element):
    children = {}
    for child in element:
        children.setdefault(child.tag, []).append(child)
    return children


def claim_of(member, text, quoted, source, place):
    """Return the claim that ``quoted`` states ``text`` for ``member``, at a place in the file."""
    source = {"slug": source["slug"], "title": source["title"]}
    stated = {"field": member, "as_stated": text[:MOST_STATED], "quote": quoted, "source": source, "place": place}
    return _nothing() | stated


@cache
def _nothing():
    return upgrade(Claim, {})


def _language(element, text):
    """Return the language in which an element says ``text``; None where that is English, or not stated."""
    found = (language for language, stated in texts(element) if stated == text and language != ENGLISH)
    return next((language for language in found if language in LANGUAGES), None)
