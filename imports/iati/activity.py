"""An activity: its elements, and what they state for a project."""

from collections import defaultdict
from datetime import date, timedelta
from functools import cached_property

from babel import Locale

from provenance.documents.claims import Status
from provenance.models import Claim
from provenance.store.build import unstated

from ..items import PlacedFault
from .organisations import parties_of
from .texts import ENGLISH, day_of

MOST_STATED = 2000  # characters of a claim's value
MOST = 100  # notes, and faults, of one activity
MORE = "There is more of this kind in the activity, which is not listed."
SET_ASIDE = {"status": Status.SET_ASIDE.value}  # of a claim, with the reason
LANGUAGES = Locale("en").languages
_OF_ELEMENTS = {"element", "_children", "_inside", "parties"}


class Activity:
    """What an ``iati-activity`` states, given as its Element, without which it is pickled.

    ``members`` and ``claims`` are for the project's document, ``sums`` for those that depend on organisations;
    ``undecided``: members stated in several ways; ``committed``: keys of the organisations with commitments in it.
    ``source``: for the claims.
    """

    def __init__(self, element, source=None):
        self.element, self.source, self.line = element, source, element.line
        self._children, self._inside = _by_tag([element]), {}
        self.identifier = next((each.words for each in self["iati-identifier"]), "")
        self.place = f"activity {self.identifier}" if self.identifier else f"line {self.line}"
        updated, self.level = element.get("last-updated-datetime"), element.get("hierarchy")
        self.updated = updated if "" < day_of(updated) <= str(date.today() + timedelta(days=1)) else ""
        self.members, self.notes, self.faults, self.sums = {}, [], [], []
        self.undecided, self.committed = set(), set()
        self._claims = {}  # by their words

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name not in _OF_ELEMENTS}

    def __getitem__(self, tag):
        """Return its elements with a tag."""
        return self._children.get(tag, ())

    def inside(self, tag, of="transaction"):
        """Return the elements with a tag in its transactions, or in other elements."""
        if of not in self._inside:
            self._inside[of] = _by_tag(self[of])
        return self._inside[of].get(tag, ())

    @property
    def claims(self):
        return list(self._claims.values())

    @cached_property
    def publisher(self):
        """The reference of the organisation that reports it, else its name; "" if there is neither."""
        return next((each.get("ref") or each.in_english() for each in self["reporting-org"]), "")

    @cached_property
    def parties(self):
        """``{element: Party}`` of all elements that name an organisation."""
        return parties_of(self)

    def claim(self, member, text, element, rule=""):
        """Return the claim that an element states ``text``; ``rule``: of the standard that gives it this meaning."""
        place = f"{self.place[:200]}, {element.path[:60]}, line {element.line}" + (rule and f"; {rule}")
        languages = (each.language for each, words in element.texts if words == text)
        others = (language for language in languages if language != ENGLISH and language in LANGUAGES)
        return unstated(Claim) | {
            "field": member, "as_stated": text[:MOST_STATED], "quote": element.quote(text), "source": self.source,
            "place": place, "language": next(others, None), "status": Status.ADOPTED.value,
        }  # fmt: skip

    def add(self, claim):
        """Add a claim, unless one has the same words."""
        self._claims.setdefault((claim["field"], claim["as_stated"], claim["quote"]), claim)
        if claim["language"] and claim["field"] in ("title", "summary", "objectives"):
            self.note(f"The file states the {claim['field']} in {LANGUAGES[claim['language']]}.")

    def note(self, text):
        """Add a note for a person, once."""
        if text not in self.notes and len(self.notes) <= MOST:
            self.notes.append(text if len(self.notes) < MOST else MORE)

    def fault(self, element, column, message):
        """Add why the activity is refused, for one of its elements or as a whole."""
        if len(self.faults) <= MOST:
            place = f"{self.place}, line {element.line}" if self.identifier else f"line {element.line}"
            self.faults.append(PlacedFault(place, column, message if len(self.faults) < MOST else MORE))


def _by_tag(elements):
    """Return ``{tag: the children of elements with it}``."""
    children = defaultdict(list)
    for element in elements:
        for child in element:
            children[child.tag].append(child)
    return children
