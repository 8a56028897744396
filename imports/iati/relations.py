"""What an activity is part of: one project of the register or of the same file; else a note for a person."""

from typing import NamedTuple

from projects.iati.code_mappings import CHILD, PARENT
from projects.models import Project
from projects.models.querysets import LEVELS
from provenance.documents.claims import is_adopted
from provenance.models import State

from ..items import Item
from .codes import code
from .register import own_key
from .texts import clean, listed

SEVERAL = "The file makes it part of several projects: {named}. Choose one."
CIRCLE = "The file makes it part of its own part, {parent}: not stated."
DEEP = "It is more than {levels} levels down, under {parent}: not stated."
UNKNOWN = "It is part of {parent}, which is neither in the register nor in this import: not stated."
LEVEL = "The publisher puts it at level {level}, but does not say what it is part of: sums may count twice."
NOT_PUBLIC = (
    "It is part of {parent}, which is not published: not stated. Publish that first, then upload the file again."
)


class Whole(NamedTuple):
    """``member``: what ``part_of`` will be, None: nothing; ``note``: why it is not stated, though the file names one.

    ``is_open``: a person has to decide, so that sums of both would count twice meanwhile.
    """

    identifier: str = ""
    member: dict | None = None
    note: str = ""
    is_open: bool = False


class Relations:
    """What a file says is part of what: ``parents`` and ``children``, ``{identifier: {identifiers}}``.

    ``asked``: identifiers of the activities that are read, ``refused``: those of several; ``state``: of new projects.
    """

    def __init__(self, state, source):
        self.state, self.source = state, source
        self.parents, self.children, self.asked, self.refused = {}, {}, set(), set()
        self._named = {}  # {(whole, part): Statement}, by the activity of the whole

    def add(self, elements):
        """Add what an activity of the file says."""
        activity = elements.activity
        for element in elements["related-activity"]:
            kind, ref = code(element), clean(element.get("ref"))
            if ref and kind == PARENT:
                activity.parents[ref] = elements.statement("part_of", ref, element)
                self._relate(ref, activity.identifier)
            elif ref and kind == CHILD:
                self._relate(activity.identifier, ref)
                self._named.setdefault((activity.identifier, ref), elements.statement("part_of", ref, element))

    def _relate(self, whole, part):
        if whole != part:
            self.parents.setdefault(part, set()).add(whole)
            self.children.setdefault(whole, set()).add(part)

    def relatives(self, identifier):
        """Return what an activity is part of, and those of its parts that are not among what was asked for."""
        return self.parents.get(identifier, set()) | (self.children.get(identifier, set()) - self.asked)

    def whole_of(self, identifier, register, key):
        """Return the Whole of an activity; ``key``: of its project."""
        named = sorted(self.parents.get(identifier, ()))
        if not named:
            return Whole()
        if len(named) > 1:
            return Whole(note=SEVERAL.format(named=listed(named)), is_open=True)
        if words := self._unending(identifier):
            return Whole(note=words.format(parent=named[0], levels=LEVELS), is_open=True)
        [whole], state = named, register.states.get(key, self.state)
        key = register.keys.get(whole) or own_key(whole)
        if key not in register.documents:
            if whole not in self.asked - self.refused:
                return Whole(note=UNKNOWN.format(parent=whole))
            key = register.key_for(whole)
        if state == State.PUBLISHED != register.states.get(key, self.state):
            return Whole(note=NOT_PUBLIC.format(parent=whole))
        return Whole(whole, {"slug": key, "title": register.documents.get(key, {}).get("title", "")})

    def _unending(self, identifier):
        """Return the note on a circle, or on too many levels; "" if a row of parents is neither."""
        way = [identifier]
        while len(parents := self.parents.get(way[-1], ())) == 1 and len(way) <= LEVELS:
            [parent] = parents
            if parent in way:  # one that is broken elsewhere ends this row, too
                return CIRCLE if parent == identifier else ""
            way.append(parent)
        return DEEP if len(way) > LEVELS else ""

    def set_whole(self, activity, whole):
        """Set ``part_of``, with the claim of whoever says so: the activity's own, or that of what it is part of."""
        if activity.level not in ("", "1") and not self.parents.get(activity.identifier):
            activity.note(LEVEL.format(level=activity.level))
        if whole.note:
            activity.note(whole.note)
            return
        activity.members["part_of"] = whole.member
        if whole.member:
            own = activity.parents.get(whole.identifier)
            activity.add(own or self._named[whole.identifier, activity.identifier])

    def parts_elsewhere(self, activity, item, register):
        """Yield the Items of projects of the register that an activity names as its parts, and this file has not."""
        for identifier in sorted(self.children.get(activity.identifier, set()) - self.asked):
            key = register.keys.get(identifier)
            if key not in register.documents or (activity.identifier, identifier) not in self._named:
                continue
            standing, whole = register.documents[key], self.whole_of(identifier, register, key)
            stated = self._named[activity.identifier, identifier].claim(self.source)
            before = [each["as_stated"] for each in standing["claims"] if each["field"] == "part_of"]
            if whole.note:
                item.notes.append(f"{key}: {whole.note}")
            elif not standing["part_of"] and stated["as_stated"] not in before:
                document = {**standing, "part_of": whole.member, "claims": [*standing["claims"], stated]}
                yield Item(Project, key, f"{activity.place}, part {identifier}"[:300], document, identifier=identifier)


def part_of_before(last, standing, whole):
    """Return the ``part_of`` of the ``last`` edition; None if the register never took it."""
    [ref] = last.parents if len(last.parents) == 1 else [None]
    claims = [each for each in standing["claims"] if each["field"] == "part_of" and each["as_stated"] == ref]
    if any(map(is_adopted, claims)):
        return standing["part_of"]
    if claims and whole.identifier == ref:
        return whole.member
    return {"slug": "", "title": ""} if claims else None  # somebody has changed it since
