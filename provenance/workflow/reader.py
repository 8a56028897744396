"""What a text states about a record: names, sums and dates in it, and what rules make of them. It writes nothing.

A Reader knows the names of records. In the *shape* of a sentence each known name, sum and date is one character, so a
rule such as ``led by (?:the )?<organisation>`` does not depend on how names and sums are written. A rule is a regular
expression; its group ``words``, or else all of it, may state a member.
"""

import re
import tomllib
from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError

from ..documents import declaration as m
from ..documents.dates import dates_in
from ..documents.folding import fold
from ..documents.passages import LONGEST_SENTENCE, Sentence, sentences, touches
from ..documents.patterns import fill
from ..documents.quotes import find
from ..documents.readings import codes_of_countries, plain
from ..documents.sums import sums_in
from ..models import Claim, State

MOST_NAMES, LONGEST_NAME = 100_000, 12  # records of a kind; words
LONGEST_STATED = Claim._meta.get_field("as_stated").max_length
_NUMBER = re.compile(r"[0-9]{1,9}")
_WORD = re.compile(r"[^\W_]+")
_FIRST = 0xE000  # first of the characters that stand for names, sums and dates: for private use, in no text
_PLANNED = re.compile(r"\b(?:plan|prév|expect|schedul|due\b|will\b)", re.IGNORECASE)


def rules_in(path, **parts):
    """Return ``{kind of record: [(member, rule)]}`` and ``{name: part}`` of a TOML file.

    ``<NAME>`` in a rule or part stands for the part of that name: one of ``parts``, or above it in the file.
    """
    kinds = tomllib.loads(path.read_text(encoding="utf-8"))
    for name, part in kinds.pop("parts", {}).items():
        parts[name] = fill(part, parts)
    rules = {
        kind: [(member, fill(rule, parts)) for member, of_member in members.items() for rule in of_member]
        for kind, members in kinds.items()
    }
    return rules, parts


PARTS = rules_in(Path(__file__).with_suffix(".toml"))[1]


class Offer(NamedTuple):
    """Words of a text, from ``start`` to ``end``, that may state ``member``.

    ``items``: as read, as values of a document: several of a list, or the only one; none if they cannot be read.
    """

    member: str
    start: int
    end: int
    sentence: Sentence
    items: list[Any]

    @property
    def name(self):
        """Its name in forms."""
        return f"{self.member}:{self.start}:{self.end}"


class Thing(NamedTuple):
    """A name, sum or date in a text from ``start`` to ``end``: ``{what it may be: its value}``."""

    start: int
    end: int
    values: dict[str, Any]


class Passage(NamedTuple):
    """Paragraphs on one record, as far as rules can tell: its sentences, and offers in their order."""

    sentences: list[Sentence]
    offers: list[Offer]


class Reader:
    """Reads a text for records of ``model``, or for one of them: ``names``, ``{member: its name, or names}``.

    ``rules``: (member, rule) of a kind of record. Its own names, choices and flags need none.
    """

    rules: tuple[tuple[str, str], ...] = ()

    def __init__(self, model, text, names=()):
        self.model, self.text, self._last = model, text, ()
        self.own = [
            (member, name) for member, own_names in dict(names).items() for name in str(own_names or "").splitlines()
        ]
        self.members = {member.name: member for member in model.members if member.name in model.claimable}
        self.called = next((each.name for each in model.members if each.is_name and isinstance(each, m.Text)), "")

    def beside(self, text):
        """Return a Reader of another text that knows the same names."""
        other = type(self)(self.model, text)
        other.__dict__["names"] = self.names
        return other

    def claim(self, offer):
        """Return ``field``, ``as_stated`` and ``quote`` of the claim that an Offer makes."""
        as_stated, quote = (" ".join(self.text[each.start : each.end].split()) for each in (offer, offer.sentence))
        return {"field": offer.member, "as_stated": as_stated, "quote": quote}

    @cached_property
    def kinds(self):
        """``{what rules call it: a kind of record}`` of those that a record names."""
        named = [apps.get_model(label) for label, _lookup in m.names_of(self.model)]
        return {kind._meta.model_name: kind for kind in named}

    # -- Names, sums and dates --

    @cached_property
    def names(self):
        """{words of a name, folded: [(kind, reference, the name)]}, of records that are not withdrawn."""
        by_words = defaultdict(list)
        for kind, model in self.kinds.items():
            own, references = m.shown_members(model), {}
            columns = list(dict.fromkeys([*own, *m.name_members(model)]))
            rows = model.objects.exclude(state=State.WITHDRAWN)
            for values in rows.values_list(*columns)[:MOST_NAMES]:
                row = dict(zip(columns, values, strict=True))
                references[row[own[0]]] = reference = {name: row[name] for name in own}
                lines = "\n".join(str(row[name] or "") for name in m.name_members(model)).splitlines()
                for name in lines if kind != "country" else [row["name"]]:
                    by_words[plain(name)].append((kind, reference, name))
            for name, code in codes_of_countries().items() if kind == "country" else ():
                if code in references:
                    by_words[plain(name)].append((kind, references[code], ""))
        by_words.pop("", None)
        return by_words

    def things(self, start, end):
        """Return the names, sums and dates between two places, in order; of two that overlap, the longer one.

        Those of the last sentence are kept: “2010” alone may be a sum, but not in its sentence.
        """
        known = [each for each in self._last if start <= each.start and each.end <= end]
        return known or self._things(start, end)

    def _things(self, start, end):
        text, things = self.text[start:end], []
        for number in sums_in(text):
            [amount, *others], currencies = number.amounts, number.currencies
            is_clear = not others and len(currencies) == 1 and amount >= 0
            value = m.money_member(amount, *currencies) if is_clear else None
            things.append(Thing(number.start, number.end, {"sum": value}))
        things += [Thing(first, last, {"date": date}) for first, last, date in dates_in(text)]
        things += self._named(text)
        chosen: list[Thing] = []
        for thing in sorted(things, key=lambda thing: (thing.start - thing.end, thing.start)):
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
                for kind, reference, name in known:
                    if not name.isupper() or text[slice(*span)].isupper():
                        values.setdefault(kind, []).append(reference)
                if values := {kind: records[0] for kind, records in values.items() if len({*map(str, records)}) == 1}:
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

    def values(self, sort):
        """Return the different values of a sort of things in the whole text."""
        values = [each.values[sort] for each in self.things(0, len(self.text)) if sort in each.values]
        return _different(values)

    def kind_of(self, member, model=None):
        """Return what rules call the kind of record that a member of ``model`` (a part; None: the record) names."""
        return next((kind for kind, other in self.kinds.items() if other is member.other(model or self.model)), "")

    def read(self, member, start, end):
        """Return the items of a member that words state, as in a document; none if they cannot be read."""
        declared, words = self.members[member], self.text[start:end]
        things = self.things(start, end)
        if isinstance(declared, m.Money):
            return [each.values["sum"] for each in things if each.values.get("sum")][:1]
        if isinstance(declared, m.Date | m.When):
            dates = [each.values["date"] for each in things if "date" in each.values]
            is_full = isinstance(declared, m.Date)
            date = dates[-1 if is_full and declared.is_end else 0] if dates else None
            value = m.date_member(date, bool(_PLANNED.search(words))) if is_full else declared.out(date)
            return [value] if date else []
        if isinstance(declared, m.One):
            kind = self.kind_of(declared)
            named = [each.values[kind] for each in things if kind in each.values]
            return _different(named)[: None if isinstance(declared, m.Many) else 1]
        if isinstance(declared, m.Flag):
            return [True]
        if choices := self.choices(declared):
            named = [code for code, name in choices if re.search(_one_of([str(name)]), words)]
            return [declared.out(code) for code in named[:1]]
        return [" ".join(words.split())] if isinstance(declared, m.Text | m.Key | m.Lines) else []

    def choices(self, member):
        """Return ``((code, name), …)`` of a member that is one of several; none of any other."""
        return self.model._meta.get_field(member.name).choices or () if isinstance(member, m.Text | m.Coded) else ()

    @cached_property
    def plain_rules(self):
        """``[(member, pattern)]`` of words that need no rule of their own: choices, and the names of flags."""
        words = {name: [str(label) for _code, label in self.choices(each)] for name, each in self.members.items()}
        words = {name: [label for label in labels if label != "Other"] for name, labels in words.items()}
        words |= {name: [name.removeprefix("is_")] for name, each in self.members.items() if isinstance(each, m.Flag)}
        return [(name, re.compile(_one_of(labels))) for name, labels in words.items() if labels]

    def offers(self, sentence, is_heading=False):
        """Return the Offers of one sentence, in order."""
        if sentence.end - sentence.start > LONGEST_SENTENCE:
            return []
        shape, spans = self.shape(sentence.start, sentence.end)
        own = [(member, name) for member, name in self.own if member in self.members]
        marked = [(member, find(name, self.text, sentence.start, sentence.end)) for member, name in own]
        for member, pattern in self.plain_rules if not is_heading else ():
            marked += [(member, match.span()) for match in pattern.finditer(self.text, sentence.start, sentence.end)]
        marked += [
            (member, (spans[at][0], spans[end - 1][1])) for member, at, end in self.statements(shape, is_heading)
        ]
        offers = [
            Offer(member, *span, sentence, self.read(member, *span)) for member, span in dict.fromkeys(marked) if span
        ]
        return sorted(offers, key=lambda offer: (offer.start, offer.end))

    def statements(self, shape, is_heading):
        """Yield (member, start, end) of words that may state a member, in the shape of a sentence or heading."""
        for member, rule in self.rules if not is_heading else ():
            pattern = self.pattern(rule)
            for match in pattern.finditer(shape):
                yield member, *match.span("words" if "words" in pattern.groupindex else 0)

    def offer_named(self, name):
        """Return the Offer of that name (see ``Offer``). ValidationError if there cannot be one."""
        member, *places = name.split(":")
        if member not in self.members or len(places) != 2 or not all(map(_NUMBER.fullmatch, places)):
            raise ValidationError("One of the offers is not known. Please choose again.")
        return self._offer_around(member, *map(int, places))

    def offer_at(self, member, place, words):
        """Return the Offer of words that a person marked from sentence ``place`` on; without words, the rules' Offer.

        ValidationError if member, sentence (texts) or words are not there.
        """
        if member not in self.members:
            raise ValidationError("Choose the value that the words state.")
        if not _NUMBER.fullmatch(place) or not 0 < int(place) <= len(self.sentences):
            raise ValidationError(f"Give the number of a sentence, from 1 to {len(self.sentences)}.")
        sentence = self.sentences[int(place) - 1]
        if not words:
            offered = (each for each in self.offers(sentence) if each.member == member)
            return next(offered, None) or self._offer_around(member, sentence.start, sentence.end)
        last = [each.end for each in self.sentences if each.paragraph == sentence.paragraph][-1]
        if not (span := find(words, self.text, sentence.start, last)):
            raise ValidationError(f"“{words[:100]}” does not stand in sentence {place}, nor after it in its paragraph.")
        return self._offer_around(member, *span)

    def _offer_around(self, member, start, end):
        """Return the Offer of words with the sentences around them, as one; ValidationError outside of a paragraph."""
        around = [each for each in self.sentences if each.start < end and start < each.end]
        is_inside = around and around[0].start <= start < end <= around[-1].end
        if not is_inside or around[0].paragraph != around[-1].paragraph:
            raise ValidationError("These words are in no sentence of the text. Please choose again.")
        if end - start > LONGEST_STATED:
            raise ValidationError(f"Choose at most {LONGEST_STATED:,} characters.")
        return Offer(member, start, end, around[0]._replace(end=around[-1].end), self.read(member, start, end))

    def title_of(self, passage):
        """Return the longest name that is offered in a passage, or its first sentence, shortened."""
        titles = [self.text[each.start : each.end] for each in passage.offers if each.member == self.called]
        first = self.text[passage.sentences[0].start : passage.sentences[0].end]
        return " ".join(max(titles, key=len, default=first[:100]).split())

    @cached_property
    def sentences(self):
        return sentences(self.text)

    def passages(self, first=0, last=None):
        """Return the Passages of the sentences in a slice that may be on a record of this kind.

        They name one, or the reader's own. What a heading names applies to everything below it.
        """
        passages: list[Passage] = []
        above: list[Offer] = []
        is_open = False
        for _number, group in groupby(self.sentences[first:last], key=attrgetter("paragraph")):
            paragraph = list(group)
            words = self.text[paragraph[0].start : paragraph[0].end]
            is_heading = len(paragraph) == 1 and (words.endswith(":") or (len(words) < 100 and words[-1:].isalnum()))
            offers = [offer for sentence in paragraph for offer in self.offers(sentence, is_heading)]
            if is_heading:
                above, is_open = offers, False
            elif any(offer.member == self.called for offer in offers) or self.names_own(paragraph):
                passages.append(Passage(paragraph, [*above, *offers]))
                is_open = True
            elif is_open:
                passages[-1].sentences.extend(paragraph)
                passages[-1].offers.extend(offers)
        return passages

    def names_own(self, sentences):
        """Whether one of the record's own names is in consecutive ``sentences``."""
        return any(find(name, self.text, sentences[0].start, sentences[-1].end) for _member, name in self.own)


def _different(values):
    """Return ``values``, documents or parts of them, without those that are there before."""
    return list({str(value): value for value in values}.values())


@lru_cache(200)
def _pattern(sorts, rule):
    every = range(1, 1 << len(sorts))
    for sort in [*sorts, "thing"]:
        of_sort = [number for number in every if sort == "thing" or number & 1 << sorts.index(sort)]
        rule = rule.replace(f"<{sort}>", f"[{''.join(chr(_FIRST + number) for number in of_sort)}]")
    return re.compile(rule)


def _one_of(names):
    """Return the pattern of one of ``names``, in any case, one or several."""
    return rf"(?i:\b(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})s?\b)"
