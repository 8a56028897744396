"""Organisations that activities name, found in the register: by identifier first, then by name; never by a guess."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from projects.models import Organisation
from provenance.folding import fold

from ..items import Item
from .claiming import claim
from .texts import clean, in_english, slug_of

SIMILAR = 0.85  # from here on two names look alike
LONGEST_NAME = 300
LONGEST_IDENTIFIER = 200
_KIND_OF_BODY = re.compile("[1-9][0-9]000")  # channel codes of the DAC that mean a kind, not a body
_CHANNEL = re.compile("[0-9]{5}")
_NO_NAME = {
    "", "-", "n/a", "na", "n.a.", "none", "null", "unknown", "undefined", "not available", "not applicable", "tbd",
    "other", "various", "information redacted", "redacted", "confidential",
}  # fmt: skip


@dataclass
class Party:
    """An organisation as an element names it. ``ref``: "" where it is no identifier of one body."""

    element: object
    ref: str
    name: str
    kind: str
    is_body: bool


def kinds_of(activity):
    """Return the folded names that an activity gives to kinds of bodies, such as “Recipient Government”."""
    elements = activity.findall("participating-org")
    return {fold(in_english([each])) for each in elements if _KIND_OF_BODY.fullmatch(clean(each.get("ref")))}


def party(element, reporter="", kinds=()):
    """Return the Party of an element. ``reporter``: the identifier of who reports; ``kinds``: names of no one body."""
    ref, name = clean(element.get("ref")), in_english([element])[:LONGEST_NAME].strip()
    is_kind = bool(_KIND_OF_BODY.fullmatch(ref))
    own_code = name and name != reporter and reporter.endswith(f"-{name}")  # its own code word where a name should be
    is_body = not (is_kind or own_code or fold(name) in _NO_NAME or fold(name) in kinds)
    return Party(element, ref if _is_identifier(ref) else "", name, clean(element.get("type")), is_body)


def _is_identifier(ref):
    """Whether a reference can be the identifier of one body, as the register's own rules have it."""
    is_none = fold(ref) in _NO_NAME or _CHANNEL.fullmatch(ref) or re.search(r"[\s/&|?]", ref)
    return not is_none and len(ref) <= LONGEST_IDENTIFIER


@dataclass
class Organisations:
    """All organisations of the register, and those that this file adds. ``new``: items not yet handed out."""

    source: dict
    new: list = field(default_factory=list)

    def __post_init__(self):
        self.by_identifier, self.by_name, self.by_beginning, self.names, self.keys = {}, {}, {}, {}, {}
        columns = ("slug", "name", "acronym", "aliases", "identifier", "other_identifiers")
        for slug, name, acronym, aliases, identifier, others in Organisation.objects.values_list(*columns).iterator():
            self._add(slug, name, [acronym, *aliases], identifier, others)

    def _add(self, slug, name, other_names=(), identifier=None, others=()):
        self.names[slug], self.keys[slug] = name, identifier
        for one in filter(None, [identifier, *others]):
            self.by_identifier.setdefault(one, slug)
        for one in filter(None, map(fold, [name, *other_names])):
            self.by_name.setdefault(one, set()).add(slug)
            for beginning in _beginnings(one):
                self.by_beginning.setdefault(beginning, set()).add(one)

    def taken(self):
        """Return the items of new organisations since this was asked last."""
        new, self.new = self.new, []
        return new

    def found(self, party):
        """Return (key or None, notes, whether it may be added) of a Party."""
        if party.ref in self.by_identifier:
            return self.by_identifier[party.ref], [], False
        if not party.is_body:
            return None, _not_a_body(party), False
        named = self.by_name.get(fold(party.name), set())
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
        own = fold(party.name)
        near = {name for beginning in _beginnings(own) for name in self.by_beginning.get(beginning, ())}
        if not (alike := sorted({slug for name in near if _alike(name, own) for slug in self.by_name[name]})):
            return []
        return [f"“{party.name}” looks like {', '.join(alike[:5])}: added as a draft; merge them if they are one."]

    def key_of(self, party, place, add=True):
        """Return (key or None, notes) of a Party; one that is unknown becomes a new draft where ``add``."""
        key, notes, may_add = self.found(party)
        if key is None and may_add and add:
            key = self._new_key(party)
            self.new.append(Item(Organisation, key, place, self._document(key, party, place), notes=list(notes)))
            self.new[-1].identifier = party.ref
            self._add(key, party.name, identifier=party.ref or None)
        return key, notes

    def _new_key(self, party):
        words = slug_of(party.name) or slug_of(party.ref) or "organisation"
        if words in self.names:
            words = slug_of(party.ref) or words
        key, number = words, 1
        while key in self.names:
            number += 1
            key = f"{words[:90].strip('-')}-{number}"
        return key

    def _document(self, key, party, place):
        kinds = dict(Organisation.Kind.choices)
        name = party.name
        stated = {"name": name, "identifier": party.ref, "kind": party.kind if party.kind in kinds else ""}
        return {
            "slug": key,
            "url": Organisation.path_of(key),
            "name": name,
            "acronym": None,
            "aliases": [],
            "kind": {"code": party.kind, "name": str(kinds[party.kind])} if party.kind in kinds else None,
            "country": None,
            "identifier": party.ref or None,
            "claims": [claim(field, text, party.element, self.source, place) for field, text in stated.items() if text],
        }


def _not_a_body(party):
    """Return the note of what names no one body; none where it is only a word for "not stated"."""
    if fold(party.name) in _NO_NAME:
        return []
    return [f"“{party.name}” is a kind of organisation, or a code, and not the name of one: left out."]


def _beginnings(name):
    """Return by what names that may look alike are found: the first letters of their words."""
    return {word[:4] for word in name.split() if len(word) > 2}


def _alike(one, other):
    """Whether two folded names look alike without being equal: nearly the same letters, or all words of one."""
    if abs(len(one) - len(other)) > max(len(one), len(other)) / 2:
        return False
    words, others = set(one.split()), set(other.split())
    if min(len(words), len(others)) > 1 and (words <= others or others <= words):
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= SIMILAR and matcher.quick_ratio() >= SIMILAR and matcher.ratio() >= SIMILAR
