"""Organisations that activities name, found in the register by identifier and name, never by a guess.

All that a file names are looked up before the first activity is compared with the register, so the order of activities
makes no difference.
"""

import re
from collections import Counter, defaultdict
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from projects.models import Organisation
from provenance.documents.folding import fold, foldings
from provenance.documents.names import KnownNames, is_like, other_names
from provenance.models.fields import slug_of
from provenance.store.build import blank

from ..items import Item
from . import codes
from .texts import listed

LONGEST_NAME = 300
LONGEST_IDENTIFIER = 200


class Party(NamedTuple):
    """An organisation as an element names it. ``code``: its reference; ``ref``: the same, "" if it identifies no body.

    ``is_body``: whether it is one organisation, and not a kind of them or a word for "not stated".
    """

    code: str
    ref: str
    name: str
    is_body: bool


def parties_of(activity):
    """Return ``{element: Party}`` of an activity; its codes of categories and names by code show what it means."""
    participants, reporters = activity["participating-org"], activity["reporting-org"]
    elements = [*participants, *activity.inside("provider-org"), *reporters]
    named = {element: (element.get("ref"), name_in(element)) for element in elements}
    names, tags = {}, ("sector", "recipient-country", "recipient-region")
    for code, name in [named[element] for element in (*participants, *reporters)]:
        if name:
            names.setdefault(code, name)
    categories = {each.get("code").upper() for tag in tags for each in (*activity[tag], *activity.inside(tag))}
    reporter = reporters[0].get("ref") if reporters else ""
    parties = {pair: _party(*pair, names, categories, reporter) for pair in set(named.values())}
    return {element: parties[pair] for element, pair in named.items()}


def name_in(element):
    """Return the name of an organisation; "" if it has none but its reference."""
    name = element.in_english()[:LONGEST_NAME].strip()
    return "" if name == element.get("ref") or _is_nothing(name) else name


def _party(code, name, names, categories, reporter):
    """Return the Party of a reference and a name; without one, it has the name that the activity gives its code."""
    if code and not name and code not in codes.KINDS:
        name = names.get(code, "")
    is_own_code = name and name != reporter and reporter.endswith(f"-{name}")  # no name, but a word of it
    last, number = code.rpartition("-")[2].upper(), codes.without_agency(code)
    is_category = last in codes.KINDS or last in categories or number in codes.STATES or codes.PURPOSE.fullmatch(number)
    is_number = name and not any(map(str.isalpha, name))  # a code, in the place of a name
    is_word = _is_kind(code, name) or is_own_code or is_number or _is_nothing(name or code)
    is_body = not (is_word or (is_category and not name))
    return Party(code, code if _is_identifier(code) and not is_category else "", name, is_body)


@lru_cache(10_000)
def _is_kind(code, name):
    """Whether a reference means a kind of organisation: with the codelist's name for it, or without a name."""
    is_code = codes.without_agency(code) in codes.KINDS or code in Organisation.Kind.values
    return fold(name) in codes.NAMES_OF_KINDS and (is_code or not _is_identifier(code)) if name else is_code


@lru_cache(10_000)
def _is_nothing(name):
    """Whether a name only means that none is stated."""
    folded = fold(name)
    is_filler = not any(char.isalnum() and char != "0" for char in folded)
    return folded in codes.NO_NAMES or "redacted" in folded.split() or is_filler


@lru_cache(10_000)
def _is_identifier(code):
    """Whether a reference can identify a body: it has an agency and a number, and is no publisher's code word."""
    is_made_so = re.search("[A-Za-z]", code) and "-" in code.strip("-")
    is_none = fold(code) in codes.NO_NAMES or re.search(r"[\s/&|?]", code)
    return bool(is_made_so and not is_none and len(code) <= LONGEST_IDENTIFIER)


def claims_of(element, party, activity):
    """Return the claims of a Party by member, as an element states them."""
    kind = element.get("type")
    kind = kind if kind in Organisation.Kind.values else ""
    texts = {"name": party.name or party.code, "identifier": party.ref, "kind": kind}
    claims = {member: activity.claim(member, text, element) for member, text in texts.items() if text}
    if kind:
        claims["kind"]["quote"] = f'type="{kind}"'  # with its name, “X Foundation” would read as another kind
    return claims


class Organisations:
    """All organisations of the register, and those that a file adds: ``names`` by key, and ``drafts``, Items by key.

    ``claims``: ``{Party: its claims}`` where the file first names it; ``counts``: how often it does.
    """

    def __init__(self, claims, counts):
        self.names, self.drafts = {}, {}
        self._found = {}  # (key or None, notes) by Party
        self._identifiers, self._by_identifier, self._by_name = {}, {}, defaultdict(set)
        self._known_names, self._numbers = KnownNames(), defaultdict(lambda: count(2))
        for known in Organisation.objects.called("identifier", "other_identifiers"):
            self._add(*known)
        self._names_of = defaultdict(Counter)  # how often each name stands, by code
        for party, number in counts.items():
            if party.code and party.name and party.is_body:
                self._names_of[party.code][party.name] += number
        # Parties that the register knows by name come first, then those with a name and an identifier.
        new = {party for party in claims if self._by_name.keys().isdisjoint(foldings(party.name))}
        for party in sorted(claims, key=lambda party: (party in new, not party.name, not party.ref, party)):
            self._found[party] = self._look_up(party, claims[party])

    def _add(self, key, names, identifier=None, others=()):
        self.names[key], self._identifiers[key] = names[0], identifier
        for one in filter(None, [identifier, *others]):
            self._by_identifier.setdefault(one.casefold(), key)
        forms = {form for name in names for form in (name, *other_names(name))}
        for one in {folded for form in forms for folded in foldings(form)}:
            self._by_name[one].add(key)
            self._known_names.add(one)

    def find(self, party, activity):
        """Return the key of a Party that an activity names; None if it is not clear. Notes what is not sure."""
        # One that only an earlier edition names was not looked up with the file.
        key, notes = self._found.get(party) or self._known(party, self._name_of(party)[0])[:2]
        for note in [*self.drafts[key].notes, *notes] if key in self.drafts else notes:
            activity.note(note)
        return key

    def drafts_in(self, document):
        """Return the drafts that a project's document names, each for the first time; None: none."""
        named = [part["funder"] for part in document["contributions"]] + document["organisations"] if document else ()
        return [self.drafts.pop(each["slug"]) for each in named if each["slug"] in self.drafts]

    def _look_up(self, party, claims):
        """Return (key or None, notes) of a Party, which is added if it is new."""
        name, notes = self._name_of(party)
        key, more, is_new = self._known(party, name)
        if not is_new:
            return key, more
        key, names = self._new_key(party, name), self._names_of[party.ref]
        # A reference identifies no body if unlike names are as frequent with it.
        unlike = sorted(each for each in names if names[each] >= names[name] and not is_like(fold(name), fold(each)))
        identifier = None if unlike or party.ref.casefold() in self._by_identifier else party.ref or None
        if unlike:
            shared = listed([name, *unlike])
            more.append(f"The file uses the reference {party.ref} for {shared}: it identifies none of them.")
        self.drafts[key] = _draft(key, name, identifier, claims, notes + more)
        self._add(key, [name], identifier)
        return key, []

    def _name_of(self, party):
        """Return (name, notes) of a Party: its own, else the file's only name for its code, else the code."""
        if party.name or not party.is_body:
            return party.name, []
        names = list(self._names_of[party.ref])
        if len(names) == 1:
            return names[0], []
        return party.code, [f"The file gives only its reference, {party.code}. Add its name."]

    def _known(self, party, name):
        """Return (key or None, notes, whether it is new) of a Party."""
        if not party.is_body:
            shown = f"“{party.name}”" if party.name else f"The reference {party.code}"
            is_word = _is_nothing(party.name or party.code)  # for "not stated"
            note = f"{shown} is a kind of organisation or a code, not an organisation: left out."
            return None, [] if is_word else [note], False
        by_code, folded = self._by_identifier.get(party.code.casefold()), foldings(name)
        named = sorted(set().union(*(self._by_name[one] for one in folded if one in self._by_name)))
        if by_code and (not party.name or by_code in named or is_like(fold(name), fold(self.names[by_code]))):
            return by_code, [], False
        unlike = by_code and f"“{name}” has the reference {party.code} of {self.names[by_code]} ({by_code})"
        if len(named) > 1:
            several = f"Several organisations are called “{name}”: {', '.join(named)}. Somebody has to decide."
            return None, [several], False
        if named and unlike:
            return named[0], [f"{unlike}: matched with {named[0]} by its name."], False
        if named and not (party.ref and self._identifiers[named[0]]):
            by_name = f"“{name}” was found by its name ({named[0]}); the file identifies it as {party.ref}."
            return named[0], [by_name] if party.ref else [], False
        if unlike:
            return None, [f"{unlike}, but another name: added as a separate draft."], True
        return None, self._alike(party, named), True

    def _alike(self, party, named):
        """Return the note on organisations that may be the new one."""
        if named:
            same = f"“{party.name}” ({party.ref}) has the name of {named[0]}, which has the identifier"
            return [f"{same} {self._identifiers[named[0]]}: added as a draft; merge the two if they are one."]
        folded = fold(party.name)
        near = (name for name in self._known_names.near(folded) if is_like(folded, name))
        if alike := sorted({key for name in near for key in self._by_name[name]}):
            return [f"“{party.name}” looks like {', '.join(alike[:5])}: added as a draft; merge them if they are one."]
        return []

    def _new_key(self, party, name):
        """Return a free key, by name, else with the reference. It depends on these two only."""
        stem = slug_of(name) or slug_of(party.code) or "organisation"
        if stem in self.names:
            stem = slug_of(party.code) or stem
        key = stem
        while key in self.names:
            key = f"{stem}-{next(self._numbers[stem])}"
        return key


def _draft(key, name, identifier, claims, notes):
    kind = Organisation.Kind(claims["kind"]["as_stated"]) if "kind" in claims else None
    document = blank(Organisation, key) | {
        "name": name,
        "kind": kind and {"code": kind.value, "name": str(kind.label)},
        "identifier": identifier,
        "claims": [claim for member, claim in claims.items() if identifier or member != "identifier"],
    }
    return Item(Organisation, key, claims["name"]["place"], document, notes=notes, identifier=identifier or "")
