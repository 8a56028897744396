"""Organisations that activities name, found in the register by identifier and name; never by a guess.

All that a file names are looked up before the first activity is read, in an order of their own: it makes no difference
which activity comes first.
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from projects.models import Organisation
from provenance.documents.folding import countries, fold, foldings
from provenance.store.build import blank

from ..items import Item
from .texts import claim, clean, in_english, listed, slug_of

SIMILAR = 0.85  # share of pairs of letters from which on two names look alike
MANY = 100  # names with a word of one beginning: more, and the word tells nothing
LONGEST_NAME = 300
LONGEST_IDENTIFIER = 200
KINDS = {  # DAC channel codes of kinds of organisation, with the names that the codelist gives them
    "10000": "public sector institutions", "11000": "donor government", "12000": "recipient government",
    "13000": "third country government (delegated co-operation)",
    "20000": "non-governmental organisations (ngos) and civil society", "21000": "international ngo",
    "22000": "donor country-based ngo", "23000": "developing country-based ngo",
    "30000": "public-private partnerships (ppps) and networks", "31000": "public-private partnership (ppp)",
    "32000": "network", "40000": "multilateral organisations",
    "41000": "united nations agency, fund or commission (un)",
    "42000": "european union institution (eu)", "43000": "international monetary fund (imf)",
    "44000": "world bank group (wb)", "45000": "world trade organisation (wto)", "46000": "regional development bank",
    "47000": "other multilateral institution",
    "50000": "university, college or other teaching institution, research institute or think-tank",
    "51000": "university, college or other teaching institution, research institute or think-tank", "52000": "other",
    "60000": "private sector institution", "61000": "private sector in provider country",
    "62000": "private sector in recipient country", "63000": "private sector in third country", "90000": "other",
}  # fmt: skip
_NAMES_OF_KINDS = {
    *map(fold, KINDS.values()),
    "private sector",
    "public sector",
    "ngo",
    "ngos",
    "multilateral",
    "government",
}
STATES = frozenset(countries())
_NO_NAME = {
    "", "n/a", "na", "n.a.", "none", "null", "unknown", "undefined", "not available", "not applicable", "tbd",
    "other", "various", "information redacted", "redacted", "confidential",
}  # fmt: skip


@dataclass(frozen=True)
class Party:
    """An organisation as an element names it. ``code``: its reference; ``ref``: "" where that identifies no one body.

    ``is_body``: whether it is one organisation, and not a kind of them or a word for "not stated".
    """

    code: str
    ref: str
    name: str
    is_body: bool


class Naming:
    """How one activity names organisations: who reports it, its codes of categories, and its names by code."""

    def __init__(self, activity):
        elements, reporters = activity.findall("participating-org"), activity.findall("reporting-org")
        self.reporting = reporters[0] if reporters else None
        self.reporter = clean(reporters[0].get("ref")) if reporters else ""
        categories = (*activity.iter("sector", "recipient-country"), *activity.findall("recipient-region"))
        self.categories = {clean(each.get("code")).upper() for each in categories} | KINDS.keys()
        self.by_code = {}
        for each in [*elements, *reporters]:
            code, name = clean(each.get("ref")), _name(each)
            if code and name:
                self.by_code.setdefault(code, name)

    def party(self, element):
        """Return the Party of an element; one without a name has that which the activity gives to its code."""
        code, name = clean(element.get("ref")), _name(element)
        name = name or ("" if code in KINDS else self.by_code.get(code, ""))
        is_own_code = name and name != self.reporter and self.reporter.endswith(f"-{name}")  # no name, but a word of it
        is_body = not (_is_kind(code, name) or is_own_code or _is_nothing(name or code))
        is_category = code.rpartition("-")[2].upper() in self.categories or code.removeprefix("XM-DAC-") in STATES
        return Party(code, "" if is_category or not _is_identifier(code) else code, name, is_body)


def named_in(activity):
    """Yield the Parties that an activity names as funders, participants or providers of commitments."""
    naming = Naming(activity)
    for path in ("reporting-org", "participating-org", "transaction/provider-org"):
        yield from map(naming.party, activity.findall(path))


def _name(element):
    return in_english([element])[:LONGEST_NAME].strip()


def _is_kind(code, name):
    """Whether a reference and a name stand for a kind of organisation: by the codelist's name for it, or by none."""
    is_code = code.removeprefix("XM-DAC-") in KINDS
    return fold(name) in _NAMES_OF_KINDS and (is_code or not _is_identifier(code)) if name else is_code


def _is_nothing(name):
    """Whether a name is only a way to say that none is stated."""
    folded = fold(name)
    return folded in _NO_NAME or "redacted" in folded.split()


def _is_identifier(code):
    """Whether a reference can be the identifier of one body: an agency and a number, not a code word of somebody's."""
    is_made_so = re.search("[A-Za-z]", code) and "-" in code.strip("-")
    is_none = fold(code) in _NO_NAME or re.search(r"[\s/&|?]", code)
    return bool(is_made_so and not is_none and len(code) <= LONGEST_IDENTIFIER)


class Organisations:
    """All organisations of the register, and those that a file adds. ``parties``: how often it names each Party."""

    def __init__(self, source, parties=()):
        self.source = source
        self.by_identifier, self.by_name, self.by_beginning, self.names, self.keys = {}, {}, {}, {}, {}
        self._shapes, self._found, self._new, self._waiting, self._numbers = {}, {}, {}, {}, {}
        for known in Organisation.objects.called("identifier", "other_identifiers"):
            self._add(*known)
        self._register(Counter(parties))

    def _add(self, slug, names, identifier=None, others=()):
        self.names[slug], self.keys[slug] = names[0], identifier
        for one in filter(None, [identifier, *others]):
            self.by_identifier.setdefault(one, slug)
        for one in {folded for text in names for folded in foldings(text)}:
            self.by_name.setdefault(one, set()).add(slug)
            for beginning in _beginnings(one):
                self.by_beginning.setdefault(beginning, set()).add(one)

    def _register(self, parties):
        """Look up the parties of a file: those with a name and an identifier first, those with neither last."""
        self._names_of = {}
        for party, count in parties.items():
            if party.code and party.name and party.is_body:
                self._names_of.setdefault(party.code, Counter())[party.name] += count
        for party in sorted(parties, key=lambda party: (not party.name, not party.ref, party.code, party.name)):
            self._look_up(party)

    def _look_up(self, party):
        name, notes = self._name_of(party)
        key, more, may_add = self._known(party, name)
        if key is None and may_add:
            key = self._new_key(party, name)
            unlike = self._unlike(party, name)
            identifier = party.ref if party.ref and party.ref not in self.by_identifier and not unlike else None
            if unlike:
                shared = listed([name, *unlike])
                notes = [*notes, f"The file uses the reference {party.ref} for {shared}: it identifies none of them."]
            self._new[key] = (name, identifier, notes + more)
            self._add(key, [name], identifier)
            more = []
        self._found[party] = key, more

    def _name_of(self, party):
        """Return (name, notes) of a Party: its own, else the only one that the file has for its code, else the code."""
        if party.name or not party.is_body:
            return party.name, []
        names = self._names_of.get(party.code, {})
        if len(names) == 1:
            return next(iter(names)), []
        return party.code, [f"The file gives only its reference, {party.code}. Add its name."]

    def _unlike(self, party, name):
        """Return the names unlike ``name`` that stand as often for ``party.ref``, which is then nobody's identifier."""
        names, own = self._names_of.get(party.ref, {}), _Shape(fold(name))
        return sorted(each for each in names if names[each] >= names[name] and not own.is_like(_Shape(fold(each))))

    def _known(self, party, name):
        """Return (key or None, notes, whether it may be added) of a Party."""
        if not party.is_body:
            return None, _not_a_body(party), False
        by_code = self.by_identifier.get(party.code)
        if by_code and (not party.name or self._is_like(name, by_code)):
            return by_code, [], False
        named = set().union(*(self.by_name.get(one, ()) for one in foldings(name)))
        unlike = []
        if by_code:
            unlike = [f"“{name}” has the reference {party.code} of {self.names[by_code]} ({by_code})"]
        same = [slug for slug in sorted(named) if unlike or not (party.ref and self.keys[slug])]
        if len(same) == 1 and len(named) == 1:
            noted = [f"{each}: matched with {same[0]} by its name." for each in unlike]
            return same[0], noted or self._note_identifier(party, same[0]), False
        if len(named) > 1:
            return (
                None,
                [f"Several organisations are called “{name}”: {', '.join(sorted(named))}. Somebody has to decide."],
                False,
            )
        noted = [f"{each}, but another name: added as a separate draft." for each in unlike]
        return None, noted or self._alike(party, named), True

    def _is_like(self, name, slug):
        """Whether an organisation is called ``name``, or something like it."""
        own = _Shape(fold(name))
        theirs = {fold(self.names[slug])} | {one for one in foldings(name) if slug in self.by_name.get(one, ())}
        return own.name in theirs or any(own.is_like(_Shape(each)) for each in theirs)

    def _note_identifier(self, party, slug):
        if not party.ref:
            return []
        return [f"“{party.name}” was found by its name ({slug}); the file identifies it as {party.ref}."]

    def _alike(self, party, named):
        if named:
            slug = next(iter(named))
            same_name = (
                f"“{party.name}” ({party.ref}) has the name of {slug}, which has the identifier {self.keys[slug]}"
            )
            return [f"{same_name}: added as a draft; merge the two if they are one."]
        own = _Shape(fold(party.name))
        near = [name for name in self._near(own.name) if own.is_like(self._shape(name))]
        if not (alike := sorted({slug for name in near for slug in self.by_name[name]})):
            return []
        return [f"“{party.name}” looks like {', '.join(alike[:5])}: added as a draft; merge them if they are one."]

    def _near(self, name):
        """Return names that may look alike: of a word with the same beginning, the rarest first, some hundred."""
        by_rarity = sorted((len(self.by_beginning.get(each, ())), each) for each in _beginnings(name))
        near = set()
        for count, beginning in by_rarity:
            if count > MANY or len(near) > MANY:
                break
            near |= self.by_beginning.get(beginning, set())
        return near

    def _shape(self, name):
        if name not in self._shapes:
            self._shapes[name] = _Shape(name)
        return self._shapes[name]

    def _new_key(self, party, name):
        """Return a free key, by name, else with the reference: it depends on nothing but these two."""
        words = slug_of(name) or slug_of(party.code) or "organisation"
        if words in self.names:
            words = slug_of(party.code) or words
        key = words
        while key in self.names:
            self._numbers[words] = self._numbers.get(words, 1) + 1
            key = f"{words[:90].strip('-')}-{self._numbers[words]}"
        return key

    def key_of(self, element, party, place, add=True):
        """Return (key or None, notes) of the Party of an element; one that is new becomes a draft where ``add``."""
        if party not in self._found:  # named by an earlier edition alone
            key, notes, _may_add = self._known(party, self._name_of(party)[0])
            return key, notes
        key, notes = self._found[party]
        if key in self._new and not add:
            return None, notes
        if (made := self._new.get(key)) and key not in self._waiting:
            self._waiting[key] = self._draft(key, *made, element, place)
            notes = [*made[2], *notes]
        return key, notes

    def _draft(self, key, name, identifier, notes, element, place):
        kinds, kind = dict(Organisation.Kind.choices), clean(element.get("type"))
        stated = {"name": name, "identifier": identifier or "", "kind": kind if kind in kinds else ""}
        document = blank(Organisation, key) | {
            "name": name,
            "kind": {"code": kind, "name": str(kinds[kind])} if kind in kinds else None,
            "identifier": identifier,
            "claims": [claim(field, text, element, self.source, place) for field, text in stated.items() if text],
        }
        return Item(Organisation, key, place, document, notes=list(notes), identifier=identifier or "")

    def taken(self, keep):
        """Return the drafts that were named since this was asked last; without ``keep`` none of them is added yet."""
        waiting, self._waiting = self._waiting, {}
        if not keep:
            return []
        for key in waiting:
            del self._new[key]
        return list(waiting.values())


def _not_a_body(party):
    """Return the note of what names no one body; none where it is only a word for "not stated"."""
    if _is_nothing(party.name or party.code):
        return []
    shown = f"“{party.name}”" if party.name else f"The reference {party.code}"
    return [f"{shown} is a kind of organisation or a code, not an organisation: left out."]


def _beginnings(name):
    """Return by what names that may look alike are found: the first letters of their words."""
    return {word[:4] for word in name.split() if len(word) > 2}


class _Shape:
    """What is compared of a folded name: its words, and which letters stand side by side."""

    def __init__(self, name):
        self.name, self.words = name, frozenset(name.split())
        self.pairs = frozenset(map("".join, pairwise(name)))
        letters = [word[0] for word in re.findall(r"\w+", name)], [word[0] for word in re.findall(r"\w{4,}", name)]
        self.initials = {"".join(each) for each in letters if len(each) > 1}

    def is_like(self, other):
        """Whether two names look alike: nearly the same letters, all words of one, or the initials of the other."""
        if self.name == other.name or self.name in other.initials or other.name in self.initials:
            return True
        lengths = len(self.name), len(other.name)
        if max(lengths) > 2 * min(lengths):
            return False
        if min(len(self.words), len(other.words)) > 1 and (self.words <= other.words or other.words <= self.words):
            return True
        return 2 * len(self.pairs & other.pairs) >= SIMILAR * (len(self.pairs) + len(other.pairs))
