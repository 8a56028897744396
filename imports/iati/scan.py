"""A first look at a whole file: that it can be read to its end, what it holds, and what of it was asked for."""

from collections import Counter
from dataclasses import dataclass, field

from instruments.models import Country
from projects.iati.code_mappings import CHILD, PARENT

from . import money, xml
from .members import countries_of, sectors_of
from .organisations import named_in
from .texts import clean, codes, identifier_of, line_of, listed, publisher_of, quote
from .versions import code

ANY = "*"


@dataclass
class Filters:
    """What was asked for; None: whatever. Countries are those of the register unless others are named."""

    countries: set | None
    sectors: set | None
    publishers: set | None
    identifiers: set | None

    @classmethod
    def of(cls, options):
        """Return the Filters of options: lists, or texts with commas. Countries ``*``: of any country, or none."""
        named = {name: codes(options.get(name)) for name in ("countries", "sectors", "publishers", "identifiers")}
        if named["countries"] is None and named["identifiers"] is None:
            named["countries"] = set(Country.objects.values_list("code", flat=True))
        elif named["countries"] == {ANY}:
            named["countries"] = None
        return cls(**named)

    def words(self, chosen, all_of_them):
        """Return in words how many of how many activities were asked for, and what was asked."""
        asked = "; ".join(f"{name} {listed(sorted(some))}" for name, some in vars(self).items() if some is not None)
        if not asked:
            return f"All {all_of_them:,} activities are read."
        left_out = all_of_them - chosen
        return f"{chosen:,} of {all_of_them:,} activities concern {asked}; {left_out:,} left out."

    def takes(self, activity):
        """Whether an activity is asked for."""
        return (
            (self.identifiers is None or identifier_of(activity) in self.identifiers)
            and (self.publishers is None or publisher_of(activity) in self.publishers)
            and (self.countries is None or bool(self.countries & countries_of(activity).keys()))
            and (self.sectors is None or bool(self.sectors & {code for _, code in sectors_of(activity)}))
        )


@dataclass
class Scan:
    """What a file holds. ``chosen``: numbers of activities, from 0; ``parents``: ``{identifier: {identifiers}}``."""

    about: dict = field(default_factory=dict)
    chosen: set = field(default_factory=set)
    identifiers: set = field(default_factory=set)
    publishers: dict = field(default_factory=dict)
    stating: set = field(default_factory=set)
    parents: dict = field(default_factory=dict)
    children: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)  # of the first activity of each identifier, in words
    twins: dict = field(default_factory=dict)  # places of all activities of one identifier
    keys: dict = field(default_factory=dict)  # given to identifiers of this file
    asked: set = field(default_factory=set)  # the identifiers of what is chosen
    named_parts: dict = field(
        default_factory=dict
    )  # {(parent, part): (reference, element, line)}, by the parent's activity
    parties: Counter = field(default_factory=Counter)  # how often what is chosen names each organisation
    state: str = ""  # of new projects
    takes_older: bool = False  # editions that are older than the register's

    def see(self, identifier, place):
        """Note where an activity stands; two of one identifier are twins, wherever they stand."""
        first = self.places.setdefault(identifier, place)
        if first != place and identifier:
            self.twins.setdefault(identifier, [first]).append(place)

    def relate(self, parent, child):
        if parent == child:
            return
        self.parents.setdefault(child, set()).add(parent)
        self.children.setdefault(parent, set()).add(child)

    def relatives(self, identifier):
        """Return what an activity is part of, and those of its parts that are not among what was asked for."""
        return self.parents.get(identifier, set()) | (self.children.get(identifier, set()) - self.asked)

    def parts_of(self, wholes):
        """Return the identifiers of what is, at any distance, part of one of ``wholes`` that is not itself."""
        above = {}  # up to two of ``wholes`` for each part: one of them at least is another
        waiting = [(whole, whole) for whole in wholes]
        while waiting:
            one, whole = waiting.pop()
            for part in self.children.get(one, ()):
                found = above.setdefault(part, set())
                if whole not in found and len(found) < 2:
                    found.add(whole)
                    waiting.append((part, whole))
        return {part for part, found in above.items() if found - {part}}


def scan(path, filters):
    """Return the Scan of the file at ``path``. NotReadable, if it cannot be read to its end."""
    contents, root, number = Scan(), None, -1
    for number, (top, activity) in enumerate(xml.activities(path)):
        root = top
        identifier = identifier_of(activity)
        contents.identifiers.add(identifier)
        contents.see(identifier, f"activity {number + 1} in line {line_of(activity)}")
        contents.publishers[publisher_of(activity)] = None
        _relations(identifier, activity, contents)
        if filters.takes(activity):
            contents.chosen.add(number)
            contents.asked.add(identifier)
            contents.parties.update(named_in(activity))
            if money.states(activity):
                contents.stating.add(identifier)
    if root is not None:
        contents.about = {"version": root.get("version").strip(), "generated": root.get("generated-datetime", "")}
    contents.about["asked"] = filters.words(len(contents.chosen), number + 1)
    contents.about |= {
        "activities": number + 1,
        "chosen": len(contents.chosen),
        "publishers": sorted(contents.publishers),
    }
    return contents


def _relations(identifier, activity, contents):
    for element in activity.findall("related-activity"):
        kind, ref = code(element), clean(element.get("ref"))
        if kind == PARENT and ref:
            contents.relate(ref, identifier)
        elif kind == CHILD and ref:
            contents.relate(identifier, ref)
            contents.named_parts.setdefault((identifier, ref), (ref, quote(element, ref), line_of(element)))
