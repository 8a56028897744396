"""What an activity is part of: one project of the register or of the same file, else a note for a person."""

from typing import NamedTuple

from projects.iati.code_mappings import CHILD, PARENT
from projects.models import Project
from projects.models.project import LEVELS
from provenance.documents.claims import is_adopted
from provenance.models import State

from ..items import Item
from .codes import code
from .editions import own_key
from .texts import listed

SEVERAL = "The file makes it part of several projects: {named}. Choose one."
CIRCLE = "The file makes it part of its own part, {parent}: not stated."
DEEP = "It is more than {levels} levels down, under {parent}: not stated."
UNKNOWN = "It is part of {parent}, which is neither in the register nor in this import: not stated."
LEVEL = "The publisher puts it at level {level}, but does not say what it is part of: sums may count twice."
NOT_PUBLIC = (
    "It is part of {parent}, which is not published: not stated. Publish that first, then upload the file again."
)


class Whole(NamedTuple):
    """``member``: the future ``part_of``, or None; ``note``: why it is not stated although the file names one.

    ``is_open``: a person has to decide, so that the sums of both would count twice until then.
    """

    identifier: str = ""
    member: dict | None = None
    note: str = ""
    is_open: bool = False


class Relations:
    """Which activities a file says are parts of others, by identifier. ``state``: of new projects.

    ``wholes``: ``{part: {whole: claim of the one or the other}}``; ``parts``: ``{whole: {part: claim of the whole}}``.
    ``asked``: the activities that are read, ``refused``: those that the file has several times.
    """

    def __init__(self, state):
        self.state, self.asked, self.refused = state, set(), set()
        self.wholes, self.parts = {}, {}

    def add(self, activity):
        """Add the relations of an activity of the file."""
        own = activity.identifier
        for element in activity["related-activity"]:
            kind, ref = code(element), element.get("ref")
            if ref in ("", own) or kind not in (PARENT, CHILD):
                continue
            claim = activity.claim("part_of", ref, element)
            if kind == PARENT:
                self.wholes.setdefault(own, {})[ref] = claim
            else:
                self.wholes.setdefault(ref, {}).setdefault(own, claim)
                self.parts.setdefault(own, {}).setdefault(ref, claim)

    def relatives(self, identifier):
        """Return the wholes of an activity, and its parts that are not selected."""
        return self.wholes.get(identifier, {}).keys() | (self.parts.get(identifier, {}).keys() - self.asked)

    def whole_of(self, identifier, existing, key):
        """Return the Whole of an activity; ``key``: of its project."""
        named = sorted(self.wholes.get(identifier, ()))
        if not named:
            return Whole()
        if len(named) > 1:
            return Whole(note=SEVERAL.format(named=listed(named)), is_open=True)
        if words := self._unending(identifier):
            return Whole(note=words.format(parent=named[0], levels=LEVELS), is_open=True)
        [whole], state = named, existing.states.get(key, self.state)
        key = existing.keys.get(whole) or own_key(whole)
        if key not in existing.documents:
            if whole not in self.asked - self.refused:
                return Whole(note=UNKNOWN.format(parent=whole))
            key = existing.key_for(whole)
        if state == State.PUBLISHED != existing.states.get(key, self.state):
            return Whole(note=NOT_PUBLIC.format(parent=whole))
        return Whole(whole, {"slug": key, "title": existing.documents.get(key, {}).get("title", "")})

    def _unending(self, identifier):
        """Return the note on a circle or on too many levels of wholes; "" if there is neither."""
        way = [identifier]
        while len(wholes := self.wholes.get(way[-1], ())) == 1 and len(way) <= LEVELS:
            [whole] = wholes
            if whole in way:  # one that is broken elsewhere ends this row, too
                return CIRCLE if whole == identifier else ""
            way.append(whole)
        return DEEP if len(way) > LEVELS else ""

    def set_whole(self, activity, whole):
        """Set ``part_of``, with the claim that states it."""
        level = activity.level
        if level not in ("", "1") and activity.identifier not in self.wholes:
            activity.note(LEVEL.format(level=level))
        if whole.note:
            activity.note(whole.note)
            return
        activity.members["part_of"] = whole.member
        if whole.member:
            activity.add(self.wholes[activity.identifier][whole.identifier])

    def parts_elsewhere(self, activity, item, existing):
        """Yield the Items of projects of the register that an activity names as parts and that are not in the file."""
        for identifier, claim in sorted(self.parts.get(activity.identifier, {}).items()):
            key = existing.keys.get(identifier)
            if identifier in self.asked or key not in existing.documents:
                continue
            standing, whole = existing.documents[key], self.whole_of(identifier, existing, key)
            before = [each["as_stated"] for each in standing["claims"] if each["field"] == "part_of"]
            if whole.note:
                item.notes.append(f"{key}: {whole.note}")
            elif not standing["part_of"] and claim["as_stated"] not in before:
                document = standing | {"part_of": whole.member, "claims": [*standing["claims"], claim]}
                yield Item(Project, key, f"{activity.place}, part {identifier}"[:300], document, identifier=identifier)


def part_of_before(last, standing, whole):
    """Return the ``part_of`` of the ``last`` edition; None if the register never adopted it."""
    refs = {each.get("ref") for each in last["related-activity"] if code(each) == PARENT} - {""}
    claims = [each for each in standing["claims"] if each["field"] == "part_of" and {each["as_stated"]} == refs]
    if any(map(is_adopted, claims)):
        return standing["part_of"]
    if claims and refs == {whole.identifier}:
        return whole.member
    return {"slug": "", "title": ""} if claims else None  # somebody has changed it since
