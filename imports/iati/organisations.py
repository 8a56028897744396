"""Organisations that activities name, found in the register by identifier and name; never by a guess.

All that a file names are looked up before the first activity is compared with the register, in an order of their own:
it makes no difference which activity comes first.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from projects.models import Organisation
from provenance.documents.folding import fold, foldings
from provenance.store.build import blank

from ..items import Item
from . import codes
from .texts import clean, in_english, listed, slug_of, texts

SIMILAR = 0.85  # share of pairs of letters from which on two names look alike
MANY = 100  # names with a word of one beginning: more, and the word tells nothing
LONGEST_NAME = 300
LONGEST_IDENTIFIER = 200


class Party(NamedTuple):
    """An organisation as an element names it. ``code``: its reference; ``ref``: "" where that identifies no one body.

    ``is_body``: whether it is one organisation, and not a kind of them or a word for "not stated".
    """

    code: str
    ref: str
    name: str
    is_body: bool


class Naming:
    """How one activity names organisations: who reports it, its codes of categories, and its names by code."""

    def __init__(self, elements):
        reporters = elements["reporting-org"]
        self.reporting = reporters[0] if reporters else None
        self.reporter = clean(reporters[0].get("ref")) if reporters else ""
        found = elements.element.iter("sector", "recipient-country")
        self.categories = {clean(each.get("code")).upper() for each in (*found, *elements["recipient-region"])}
        self.names, self._parties = {}, {}
        for each in (*elements["participating-org"], *reporters):
            code, name = clean(each.get("ref")), name_in(each)
            if code and name:
                self.names.setdefault(code, name)

    def party(self, element):
        """Return the Party of an element; one without a name has that which the activity gives to its code."""
        if element not in self._parties:
            self._parties[element] = self._party(clean(element.get("ref")), name_in(element))
        return self._parties[element]

    def _party(self, code, name):
        name = name or ("" if code in codes.KINDS else self.names.get(code, ""))
        is_own_code = name and name != self.reporter and self.reporter.endswith(f"-{name}")  # no name, but a word of it
        is_body = not (_is_kind(code, name) or is_own_code or _is_nothing(name or code))
        last = code.rpartition("-")[2].upper()
        is_category = last in self.categories or last in codes.KINDS or code.removeprefix("XM-DAC-") in codes.STATES
        return Party(code, "" if is_category or not _is_identifier(code) else code, name, is_body)


def name_in(element):
    return in_english(texts(element))[:LONGEST_NAME].strip()


@lru_cache(10_000)
def _is_kind(code, name):
    """Whether a reference and a name stand for a kind of organisation: by the codelist's name for it, or by none."""
    is_code = code.removeprefix("XM-DAC-") in codes.KINDS
    return fold(name) in codes.NAMES_OF_KINDS and (is_code or not _is_identifier(code)) if name else is_code


@lru_cache(10_000)
def _is_nothing(name):
    """Whether a name is only a way to say that none is stated."""
    folded = fold(name)
    return folded in codes.NO_NAMES or "redacted" in folded.split()


@lru_cache(10_000)
def _is_identifier(code):
    """Whether a reference can be the identifier of one body: an agency and a number, not a code word of somebody's."""
    is_made_so = re.search("[A-Za-z]", code) and "-" in code.strip("-")
    is_none = fold(code) in codes.NO_NAMES or re.search(r"[\s/&|?]", code)
    return bool(is_made_so and not is_none and len(code) <= LONGEST_IDENTIFIER)


@dataclass
class Mention:
    """Where a file first names a Party, with Statements of its ``name``, ``identifier`` and ``kind``, and how often."""

    place: str
    statements: dict = field(default_factory=dict)
    count: int = 0


def mention(element, party, elements):
    """Return the Mention of a Party by an element."""
    kind = clean(element.get("type"))
    stated = {"name": party.name or party.code, "identifier": party.ref, "kind": kind if kind in _kinds() else ""}
    statements = {member: elements.statement(member, text, element) for member, text in stated.items() if text}
    return Mention(elements.activity.place, statements)


def _kinds():
    return {str(code): str(name) for code, name in Organisation.Kind.choices}


class Organisations:
    """All organisations of the register, and those that a file adds. ``mentions``: ``{Party: Mention}`` of the file."""

    def __init__(self, mentions, source):
        self._source = source
        self.names, self.found, self.drafts = {}, {}, {}  # by key, by Party, and Items by key of those to add
        self._by_identifier, self._by_name, self._by_beginning, self._identifiers = {}, {}, {}, {}
        self._shapes, self._numbers, self._names_of, self._waiting = {}, {}, {}, {}
        for known in Organisation.objects.called("identifier", "other_identifiers"):
            self._add(*known)
        for party, each in mentions.items():
            if party.code and party.name and party.is_body:
                self._names_of.setdefault(party.code, Counter())[party.name] += each.count
        # Those with a name and an identifier first, those with neither last.
        for party in sorted(mentions, key=lambda party: (not party.name, not party.ref, party.code, party.name)):
            self._look_up(party, mentions[party])

    def _add(self, slug, names, identifier=None, others=()):
        self.names[slug], self._identifiers[slug] = names[0], identifier
        for one in filter(None, [identifier, *others]):
            self._by_identifier.setdefault(one, slug)
        for one in {folded for text in names for folded in foldings(text)}:
            self._by_name.setdefault(one, set()).add(slug)
            for beginning in _beginnings(one):
                self._by_beginning.setdefault(beginning, set()).add(one)

    def key_of(self, party, may_add=True):
        """Return (key or None, notes) of a Party; None for one to be added, unless it ``may_add``."""
        if party not in self.found:  # named by an earlier edition alone
            return self._known(party, self._name_of(party)[0])[:2]
        key, notes = self.found[party]
        if key in self.drafts and not may_add:
            return None, notes
        if key in self.drafts:
            self._waiting.setdefault(key)
            notes = [*self.drafts[key].notes, *notes]
        return key, notes

    def taken(self, *, keep):
        """Return the drafts that were named since this was asked last; without ``keep`` none of them is added yet."""
        waiting, self._waiting = self._waiting, {}
        return [self.drafts.pop(key) for key in waiting] if keep else []

    def _look_up(self, party, mention):
        name, notes = self._name_of(party)
        key, more, may_add = self._known(party, name)
        if key is None and may_add:
            key = self._new_key(party, name)
            unlike = self._unlike(party, name)
            identifier = party.ref if party.ref and party.ref not in self._by_identifier and not unlike else None
            if unlike:
                shared = listed([name, *unlike])
                notes = [*notes, f"The file uses the reference {party.ref} for {shared}: it identifies none of them."]
            self.drafts[key] = _draft(key, name, identifier, mention, notes + more, self._source)
            self._add(key, [name], identifier)
            more = []
        self.found[party] = key, more

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
        by_code = self._by_identifier.get(party.code)
        if by_code and (not party.name or self._is_like(name, by_code)):
            return by_code, [], False
        named = sorted(set().union(*(self._by_name.get(one, ()) for one in foldings(name))))
        unlike = by_code and f"“{name}” has the reference {party.code} of {self.names[by_code]} ({by_code})"
        if len(named) > 1:
            several = f"Several organisations are called “{name}”: {', '.join(named)}. Somebody has to decide."
            return None, [several], False
        if named and (unlike or not (party.ref and self._identifiers[named[0]])):
            notes = [f"“{name}” was found by its name ({named[0]}); the file identifies it as {party.ref}."]
            notes = [f"{unlike}: matched with {named[0]} by its name."] if unlike else notes if party.ref else []
            return named[0], notes, False
        if unlike:
            return None, [f"{unlike}, but another name: added as a separate draft."], True
        return None, self._alike(party, named), True

    def _is_like(self, name, slug):
        """Whether an organisation is called ``name``, or something like it."""
        own = _Shape(fold(name))
        theirs = {fold(self.names[slug])} | {one for one in foldings(name) if slug in self._by_name.get(one, ())}
        return own.name in theirs or any(own.is_like(_Shape(each)) for each in theirs)

    def _alike(self, party, named):
        """Return the note on organisations that may be the same as a new one."""
        for slug in named:
            same = f"“{party.name}” ({party.ref}) has the name of {slug}, which has the identifier"
            return [f"{same} {self._identifiers[slug]}: added as a draft; merge the two if they are one."]
        own = _Shape(fold(party.name))
        near = [name for name in self._near(own.name) if own.is_like(self._shape(name))]
        if not (alike := sorted({slug for name in near for slug in self._by_name[name]})):
            return []
        return [f"“{party.name}” looks like {', '.join(alike[:5])}: added as a draft; merge them if they are one."]

    def _near(self, name):
        """Return names that may look alike: of a word with the same beginning, the rarest first, some hundred."""
        near = set()
        for count, beginning in sorted((len(self._by_beginning.get(each, ())), each) for each in _beginnings(name)):
            if count > MANY or len(near) > MANY:
                break
            near |= self._by_beginning.get(beginning, set())
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


def _draft(key, name, identifier, mention, notes, source):
    kind = mention.statements["kind"].text if "kind" in mention.statements else ""
    document = blank(Organisation, key) | {
        "name": name,
        "kind": {"code": kind, "name": _kinds()[kind]} if kind else None,
        "identifier": identifier,
        "claims": [
            each.claim(source) for name, each in mention.statements.items() if identifier or name != "identifier"
        ],
    }
    return Item(Organisation, key, mention.place, document, notes=notes, identifier=identifier or "")


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
