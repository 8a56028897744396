"""Organisations that activities name, found in the register: by identifier first, then by name; never by a guess."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from projects.models import Organisation
from provenance.documents.folding import fold, foldings
from provenance.store.build import blank

from ..items import Item
from .claims import claim
from .texts import clean, in_english, slug_of

SIMILAR = 0.85  # share of pairs of letters, from which on two names look alike
MANY = 100  # names with a word of one beginning: more, and the word tells nothing
LONGEST_NAME = 300
LONGEST_IDENTIFIER = 200
_KIND_OF_BODY = re.compile("[1-9][0-9]000")  # channel codes of the DAC that mean a kind, not a body
_CHANNEL = re.compile("[0-9]{5}")
_NO_NAME = {
    "", "n/a", "na", "n.a.", "none", "null", "unknown", "undefined", "not available", "not applicable", "tbd",
    "other", "various", "information redacted", "redacted", "confidential",
}  # fmt: skip


@dataclass
class Party:
    """An organisation as an element names it. ``code``: its reference; ``ref``: "" where that is no one body's."""

    element: object
    code: str
    ref: str
    name: str
    kind: str
    is_body: bool


class Naming:
    """How one activity names organisations: who reports it, what it calls kinds of bodies, and its names by code."""

    def __init__(self, activity):
        elements, reporters = activity.findall("participating-org"), activity.findall("reporting-org")
        self.reporter = clean(reporters[0].get("ref")) if reporters else ""
        of_kinds = (each for each in elements if _KIND_OF_BODY.fullmatch(clean(each.get("ref"))))
        self.kinds = {fold(in_english([each])) for each in of_kinds}
        self.by_code = {}
        for named in map(self._party, [*elements, *reporters]):
            if named.name and (named.ref or _CHANNEL.fullmatch(named.code)):
                self.by_code.setdefault(named.code, named)

    def party(self, element):
        """Return the Party of an element; one without a name has that which the activity gives to its code."""
        found = self._party(element)
        return found if found.name else self.by_code.get(found.code, found)

    def _party(self, element):
        code, name = clean(element.get("ref")), in_english([element])[:LONGEST_NAME].strip()
        is_own_code = name and name != self.reporter and self.reporter.endswith(f"-{name}")  # no name, but a word of it
        is_kind = _KIND_OF_BODY.fullmatch(code) or fold(name) in self.kinds
        is_body = not (is_kind or is_own_code or _is_nothing(name))
        return Party(element, code, code if _is_identifier(code) else "", name, clean(element.get("type")), is_body)


def _is_nothing(name):
    """Whether a name is only a way to say that none is stated."""
    folded = fold(name)
    return folded in _NO_NAME or "redacted" in folded.split()


def _is_identifier(code):
    """Whether a reference can be the identifier of one body: an agency and a number, not a code word of somebody's."""
    is_made_so = re.search("[A-Za-z]", code) and "-" in code.strip("-")
    is_none = fold(code) in _NO_NAME or re.search(r"[\s/&|?]", code)
    return bool(is_made_so and not is_none and len(code) <= LONGEST_IDENTIFIER)


@dataclass
class Organisations:
    """All organisations of the register, and those that this file adds. ``new``: items not yet handed out."""

    source: dict
    new: list = field(default_factory=list)

    def __post_init__(self):
        self.by_identifier, self.by_name, self.by_beginning, self.names, self.keys = {}, {}, {}, {}, {}
        self._numbers, self._shapes = {}, {}
        for known in Organisation.objects.called("identifier", "other_identifiers"):
            self._add(*known)

    def _add(self, slug, names, identifier=None, others=()):
        self.names[slug], self.keys[slug] = names[0], identifier
        for one in filter(None, [identifier, *others]):
            self.by_identifier.setdefault(one, slug)
        for one in {folded for text in names for folded in foldings(text)}:
            self.by_name.setdefault(one, set()).add(slug)
            for beginning in _beginnings(one):
                self.by_beginning.setdefault(beginning, set()).add(one)

    def taken(self, keep):
        """Return the items of new organisations since this was asked last; without ``keep`` forget them, and none."""
        new, self.new = self.new, []
        if keep:
            return new
        for item in new:
            self._forget(item.key, item.document["name"], item.document["identifier"])
        return []

    def _forget(self, key, name, identifier):
        del self.names[key], self.keys[key]
        if self.by_identifier.get(identifier) == key:
            del self.by_identifier[identifier]
        for one in foldings(name):
            if named := self.by_name.get(one):
                named.discard(key)
                if not named:
                    del self.by_name[one]
                    for beginning in _beginnings(one):
                        self.by_beginning[beginning].discard(one)

    def found(self, party):
        """Return (key or None, notes, whether it may be added) of a Party."""
        if party.code in self.by_identifier:
            return self.by_identifier[party.code], [], False
        if not party.is_body:
            return None, _not_a_body(party), False
        named = set().union(*(self.by_name.get(one, ()) for one in foldings(party.name)))
        same = [slug for slug in sorted(named) if not (party.ref and self.keys[slug])]
        if len(same) == 1 and len(named) == 1:
            return same[0], self._note_identifier(party, same[0]), False
        if len(named) > 1:
            return None, [f"“{party.name}” is the name of {', '.join(sorted(named))}: a person decides which."], False
        return None, self._alike(party, named), True

    def _note_identifier(self, party, slug):
        if not party.ref:
            return []
        return [f"“{party.name}” was found by its name ({slug}); the file identifies it as {party.ref}."]

    def _alike(self, party, named):
        if named:
            slug = next(iter(named))
            said = f"“{party.name}” ({party.ref}) has the name of {slug}, which has the identifier {self.keys[slug]}"
            return [f"{said}: added as a draft; merge the two if they are one."]
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

    def key_of(self, party, place, add=True):
        """Return (key or None, notes) of a Party; one that is unknown becomes a new draft where ``add``."""
        key, notes, may_add = self.found(party)
        if key is None and may_add and add:
            key = self._new_key(party)
            self.new.append(Item(Organisation, key, place, self._document(key, party, place), notes=list(notes)))
            self.new[-1].identifier = party.ref
            self._add(key, [party.name], party.ref or None)
        return key, notes

    def _new_key(self, party):
        words = slug_of(party.name) or slug_of(party.ref) or "organisation"
        if words in self.names:
            words = slug_of(party.ref) or words
        key = words
        while key in self.names:
            self._numbers[words] = self._numbers.get(words, 1) + 1
            key = f"{words[:90].strip('-')}-{self._numbers[words]}"
        return key

    def _document(self, key, party, place):
        kinds = dict(Organisation.Kind.choices)
        name = party.name
        stated = {"name": name, "identifier": party.ref, "kind": party.kind if party.kind in kinds else ""}
        return blank(Organisation, key) | {
            "name": name,
            "kind": {"code": party.kind, "name": str(kinds[party.kind])} if party.kind in kinds else None,
            "identifier": party.ref or None,
            "claims": [claim(field, text, party.element, self.source, place) for field, text in stated.items() if text],
        }


def _not_a_body(party):
    """Return the note of what names no one body; none where it is only a word for "not stated"."""
    if _is_nothing(party.name):
        return []
    return [f"“{party.name}” is a kind of organisation, or a code, and not the name of one: left out."]


def _beginnings(name):
    """Return by what names that may look alike are found: the first letters of their words."""
    return {word[:4] for word in name.split() if len(word) > 2}


class _Shape:
    """What is compared of a folded name: its words, and which letters stand side by side."""

    def __init__(self, name):
        self.name, self.words = name, frozenset(name.split())
        self.pairs = frozenset(map("".join, pairwise(name)))

    def is_like(self, other):
        """Whether two names look alike without being equal: nearly the same letters, or all words of one."""
        lengths = len(self.name), len(other.name)
        if max(lengths) > 2 * min(lengths):
            return False
        if min(len(self.words), len(other.words)) > 1 and (self.words <= other.words or other.words <= self.words):
            return True
        return 2 * len(self.pairs & other.pairs) >= SIMILAR * (len(self.pairs) + len(other.pairs))
