"""An activity: its elements, and what they state for a project."""

from functools import cached_property

from babel import Locale

from provenance.models import Claim
from provenance.store.build import unstated

from ..items import PlacedFault
from .texts import ENGLISH, clean, publisher_of, quote, texts

MOST_STATED = 2000  # characters of a claim's value
MOST = 100  # notes, and faults, of one activity
MORE = "There is more of this kind in the activity, which is not listed."
LANGUAGES = Locale("en").languages


class Activity:
    """An ``iati-activity`` with the ``lines`` of its elements, in order; empty if they are not known.

    ``members`` and ``claims`` are for the project's document; ``undecided``: members stated in several ways;
    ``committed``: keys of the organisations with commitments in it. ``source``: for the claims.
    """

    def __init__(self, element, lines, source):
        self.element, self.lines, self.source = element, lines, source
        self.identifier = clean(element.findtext("iati-identifier"))
        self.place = f"activity {self.identifier}" if self.identifier else f"line {lines[0] if lines else 0}"
        self.members, self.claims, self.notes, self.faults = {}, [], [], []
        self.undecided, self.committed = set(), set()
        self._known = set()  # claims and notes, to add none twice

    def __getitem__(self, tag):
        """Return its elements with a tag."""
        return list(self.element.iterchildren(tag))

    def inside(self, tag):
        """Return the elements with a tag in its transactions."""
        return [each for transaction in self["transaction"] for each in transaction.iterchildren(tag)]

    @cached_property
    def publisher(self):
        return publisher_of(self.element)

    @property
    def updated(self):
        """When it last changed, as the publisher writes it."""
        return clean(self.element.get("last-updated-datetime"))

    @cached_property
    def line_of(self):
        """``{element: its line}``."""
        return dict(zip(self.element.iter(), self.lines, strict=False))

    def line(self, element):
        return self.line_of.get(element, 0)

    def claim(self, member, text, element, rule=""):
        """Return the claim that an element states ``text``; ``rule``: of the standard that gives it this meaning."""
        path, parent = element.tag, element.getparent()
        if parent is not self.element and element is not self.element:
            path = f"{parent.tag}/{path}"
        place = f"{self.place[:200]}, {path[:60]}, line {self.line(element)}" + (rule and f"; {rule}")
        others = (each for each, words in texts(element) if words == text and each != ENGLISH and each in LANGUAGES)
        statement = {"field": member, "as_stated": text[:MOST_STATED], "quote": quote(element, text)}
        return unstated(Claim) | statement | {"source": self.source, "place": place, "language": next(others, None)}

    def add(self, claim):
        """Add a claim, unless one has the same words."""
        if self._is_new((claim["field"], claim["as_stated"], claim["quote"])):
            self.claims.append(claim)
        if claim["language"] and claim["field"] in ("title", "summary", "objectives"):
            self.note(f"The file states the {claim['field']} in {LANGUAGES[claim['language']]}.")

    def state(self, member, text, element):
        """Add the claim of an element."""
        self.add(self.claim(member, text, element))

    def note(self, text):
        """Add a note for a person, once."""
        if self._is_new(text) and len(self.notes) <= MOST:
            self.notes.append(text if len(self.notes) < MOST else MORE)

    def _is_new(self, entry):
        is_new = entry not in self._known
        self._known.add(entry)
        return is_new

    def fault(self, element, column, message):
        """Add why the activity is refused."""
        if len(self.faults) <= MOST:
            line = f"line {self.line(element)}"
            place = f"{self.place}, {line}" if self.identifier else line
            self.faults.append(PlacedFault(place, column, message if len(self.faults) < MOST else MORE))
