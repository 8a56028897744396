"""What a text states of a record: names, sums and dates in it, and what rules make of them. It writes nothing.

A Reader knows the names of records. In the *shape* of a sentence each known name, sum and date is one character, so a
rule such as ``led by (?:the )?<organisation>`` needs to know nothing of how names and sums are written.
"""

import re
from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from provenance.documents.dates import dates_in
from provenance.documents.declaration import (
    Date,
    Lines,
    Many,
    Money,
    One,
    Text,
    When,
    date_member,
    money_member,
    name_members,
    shown_members,
)
from provenance.documents.folding import fold
from provenance.documents.passages import Sentence, sentences, touches
from provenance.documents.quotes import find
from provenance.documents.readings import codes_of_countries, sums_in
from provenance.models import State

MOST_NAMES, LONGEST_NAME = 100_000, 12  # records of a kind; words
_WORD = re.compile(r"[^\W_]+")
_FIRST = 0xE000  # of the characters that stand for names, sums and dates: private to us, in no text
_PLANNED = re.compile(r"\b(?:plan|expect|schedul|due\b|will\b)", re.IGNORECASE)


class Offer(NamedTuple):
    """Words of a text, from ``start`` to ``end``, that may state ``member``.

    ``items``: as read, as values of a document: several of a list, or the only one; none if they cannot be read.
    """

    member: str
    start: int
    end: int
    sentence: Sentence
    items: list[Any]


class Thing(NamedTuple):
    """What stands in a text from ``start`` to ``end``: ``{what it may be: its value}``."""

    start: int
    end: int
    values: dict[str, Any]


class Passage(NamedTuple):
    """Paragraphs on one record, as far as rules can tell: its sentences, and offers in their order."""

    sentences: list[Sentence]
    offers: list[Offer]


class Reader:
    """Reads a text for records of ``model``. ``kinds``: whose names it looks for, by what rules call them."""

    kinds: dict[str, Any] = {}

    def __init__(self, model, text):
        self.model, self.text = model, text
        self._last = ()
        self.members = {member.name: member for member in model.members if member.name in model.claimable}

    # -- Names, sums and dates --

    @cached_property
    def names(self):
        """{words of a name, folded: [(kind, face, the name)]}, of records that are not withdrawn."""
        found = defaultdict(list)
        for kind, model in self.kinds.items():
            own, faces = shown_members(model), {}
            columns = list(dict.fromkeys([*own, *name_members(model)]))
            rows = model.objects.exclude(state=State.WITHDRAWN)
            for values in rows.values_list(*columns)[:MOST_NAMES]:
                row = dict(zip(columns, values, strict=True))
                faces[row[own[0]]] = face = {name: row[name] for name in own}
                lines = "\n".join(str(row[name] or "") for name in name_members(model)).splitlines()
                for name in lines if kind != "country" else [row["name"]]:
                    found[_plain(name)].append((kind, face, name))
            for name, code in codes_of_countries().items() if kind == "country" else ():
                if code in faces:
                    found[_plain(name)].append((kind, faces[code], ""))
        found.pop("", None)
        return found

    def things(self, start, end):
        """Return the names, sums and dates between two places, in order; of two that overlap, the longer one.

        Those of the last sentence are kept: “2010” alone may be a sum, and is none in its sentence.
        """
        kept = [each for each in self._last if start <= each.start and each.end <= end]
        return kept or self._things(start, end)

    def _things(self, start, end):
        text, found = self.text[start:end], []
        for each in sums_in(text):
            [amount, *others], currencies = each.amounts, each.currencies
            is_clear = not others and len(currencies) == 1 and amount >= 0
            value = money_member(amount, *currencies) if is_clear else None
            found.append(Thing(each.start, each.end, {"sum": value}))
        found += [Thing(first, last, {"date": date}) for first, last, date in dates_in(text)]
        found += self._named(text)
        chosen: list[Thing] = []
        for thing in sorted(found, key=lambda thing: (thing.start - thing.end, thing.start)):
            if not touches(thing[:2], [each[:2] for each in chosen]):
                chosen.append(thing)
        return [Thing(first + start, last + start, values) for first, last, values in sorted(chosen)]

    def _named(self, text):
        words = list(_WORD.finditer(text))
        folded = [fold(word[0]) for word in words]
        for at in [at for at, word in enumerate(words) if word[0][0] == word[0][0].title()]:
            for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
                span = words[at].start(), words[at + length - 1].end()
                known = self.names.get(" ".join(folded[at : at + length]), ())
                values: dict[str, Any] = {}
                for kind, face, name in known:
                    if not name.isupper() or text[slice(*span)].isupper():
                        values.setdefault(kind, []).append(face)
                if values := {kind: faces[0] for kind, faces in values.items() if len({*map(str, faces)}) == 1}:
                    yield Thing(*span, values)
                    break

    def shape(self, start, end):
        """Return (shape of the text between two places, where each of its characters begins and ends)."""
        shape, spans, at, self._last = "", [], start, self._things(start, end)
        for thing in [*self._last, Thing(end, end, {})]:
            shape += self.text[at : thing.start]
            spans += [(place, place + 1) for place in range(at, thing.start)]
            if thing.values:
                shape += chr(_FIRST + sum(1 << self.sorts.index(sort) for sort in thing.values))
                spans.append(thing[:2])
            at = thing.end
        return re.sub(r"\s", " ", shape), spans

    @cached_property
    def sorts(self):
        return [*self.kinds, "sum", "date"]

    def pattern(self, rule):
        """Compile a rule, in which ``<sum>``, ``<date>``, ``<thing>`` or a kind in brackets stands for one of them."""
        return _pattern(tuple(self.sorts), rule)

    # -- Reading --

    def read(self, member, start, end):
        """Return the items of a member that words state, as in a document; none if they cannot be read."""
        declared, words = self.members[member], self.text[start:end]
        things = self.things(start, end)
        if isinstance(declared, Money):
            return [each.values["sum"] for each in things if each.values.get("sum")][:1]
        if isinstance(declared, Date | When):
            dates = [each.values["date"] for each in things if "date" in each.values]
            date = dates[-1 if member.startswith("end") else 0] if dates else None
            is_full = isinstance(declared, Date)
            value = date_member(date, bool(_PLANNED.search(words))) if is_full else declared.out(date)
            return [value] if date else []
        if isinstance(declared, One):
            kind = next((kind for kind, model in self.kinds.items() if model is declared.other(self.model)), "")
            named = [each.values[kind] for each in things if kind in each.values]
            return list({str(face): face for face in named}.values())[: None if isinstance(declared, Many) else 1]
        if isinstance(declared, Text) and (choices := self.model._meta.get_field(member).choices):
            plain = f" {_plain(words)} "
            return [code for code, name in choices if f" {_plain(str(name))} " in plain][:1]
        return [" ".join(words.split())] if isinstance(declared, Text | Lines) else []

    def offers(self, sentence, is_heading=False):
        """Return the Offers of one sentence, in order; the rules of a kind of record are its own."""
        return []

    def offer(self, member, start, end, sentence):
        return Offer(member, start, end, sentence, self.read(member, start, end))

    @cached_property
    def sentences(self):
        return sentences(self.text)

    def passages(self, first=0, last=None, names=()):
        """Return the Passages of the sentences in a slice that may be on a record of this kind.

        They name a title, or one of ``names``. What a heading names holds for all below it.
        """
        found: list[Passage] = []
        above: list[Offer] = []
        is_open = False
        for paragraph in _paragraphs(self.sentences[first:last]):
            is_heading = len(paragraph) == 1 and _is_heading(self.text[paragraph[0].start : paragraph[0].end])
            offers = [offer for sentence in paragraph for offer in self.offers(sentence, is_heading)]
            if is_heading:
                above, is_open = offers, False
            elif any(offer.member == "title" for offer in offers) or self.names_one(paragraph, names):
                found.append(Passage(list(paragraph), [*above, *offers]))
                is_open = True
            elif is_open:
                found[-1].sentences.extend(paragraph)
                found[-1].offers.extend(offers)
        return found

    def names_one(self, some, names):
        """Whether one of ``names`` stands in the sentences ``some``, which follow one another."""
        return any(find(str(name), self.text, some[0].start, some[-1].end) for name in names if name)


@lru_cache(200)
def _pattern(sorts, rule):
    every = range(1, 1 << len(sorts))
    for sort in [*sorts, "thing"]:
        of_sort = [number for number in every if sort == "thing" or number & 1 << sorts.index(sort)]
        rule = rule.replace(f"<{sort}>", f"[{''.join(chr(_FIRST + number) for number in of_sort)}]")
    return re.compile(rule)


def _paragraphs(sentences):
    ends = [at for at, (one, other) in enumerate(pairwise(sentences), 1) if one.paragraph != other.paragraph]
    edges = [0, *ends, len(sentences)]
    return [sentences[start:end] for start, end in pairwise(edges) if end > start]


def _is_heading(words):
    return words.endswith(":") or (len(words) < 100 and words[-1:].isalnum())


def _plain(text):
    return " ".join(_WORD.findall(fold(text)))
