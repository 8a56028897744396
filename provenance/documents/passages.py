"""A text in its sentences, numbered, with the sums and dates in each. Pure."""

from functools import lru_cache
from typing import Any, NamedTuple

from .dates import dates_in
from .patterns import patterns_of
from .quotes import BREAK, stated_at
from .sums import sums_in

LONGEST_SENTENCE = 3000  # characters; longer ones are not searched for sums, dates and names
like = patterns_of(__file__)
WORD = like.WORD


class Sentence(NamedTuple):
    """The place of a sentence, or a heading, in a text. Sentences and paragraphs are counted from 1."""

    number: int
    paragraph: int
    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of ``text``, in order: each within one paragraph, or one item of a list."""
    numbered: list[Sentence] = []
    paragraph, at = 0, 0
    for end in [*(each.start() for each in BREAK.finditer(text)), len(text)]:
        spans = _within(text, at, end)
        paragraph += bool(spans)
        numbered += [Sentence(len(numbered) + place, paragraph, *span) for place, span in enumerate(spans, 1)]
        at = end
    return numbered


def _within(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence of the paragraph from ``start`` up to ``end``."""
    start, spans = like.ITEM.match(text, start, end).end(), []  # type: ignore[union-attr]
    for stop in like.STOP.finditer(text, start, end):
        if stop[1] == stop[1].title() and not like.SHORT.search(text, max(start, stop.start() - 8), stop.start() + 2):
            spans.append((start, start + len(text[start : stop.end()].rstrip())))
            start = stop.end()
    last = start + len(text[start:end].rstrip())
    return [*spans, (start, last)] if last > start else spans


def in_one_line(text: str, spans: list[Sentence]) -> list[str]:
    """Return the words of each sentence of ``text``, with single spaces."""
    return [" ".join(text[each.start : each.end].split()) for each in spans]


def nearest(quote: str, text: str, least: float = 0.01) -> str | None:
    """Return the sentence of ``text`` most like ``quote``; None if none has at least this share of its words."""
    wanted = words_of(quote)
    shares = {sentence: overlap(wanted, words) for sentence, words in _with_words(text)}
    best = max(shares, key=lambda sentence: shares[sentence], default=None)
    return best if best and shares[best] >= least else None


@lru_cache(2)
def _with_words(text: str) -> list[tuple[str, frozenset[str]]]:
    return [(sentence, words_of(sentence)) for sentence in in_one_line(text, sentences(text))]


def words_of(text: str) -> frozenset[str]:
    """Return the words and figures in ``text``, without case."""
    return frozenset(word for word in WORD.findall(text.casefold()) if word[0].isalnum())


def overlap(words: frozenset[str], others: frozenset[str]) -> float:
    """Return the share of the words of two sentences that they have in common: 0 to 1."""
    return 2 * len(words & others) / (len(words) + len(others) or 1)


def figures_in(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sum and each date in ``text``, in order; a sum is not also a date."""
    if not like.FIGURE.search(text):
        return []
    sums = [(money.start, money.end) for money in sums_in(text)]
    dates = [(start, end) for start, end, _date in dates_in(text)]
    return sorted(sums + [date for date in dates if not touches(date, sums)])


def touches(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    """Whether one of ``others`` has a character in common with ``span``."""
    return any(span[0] < end and start < span[1] for start, end in others)


def overlooked(text: str, claims: list[dict[str, Any]]) -> list[tuple[Sentence, list[str]]]:
    """Return the sentences with sums or dates that none of ``claims`` states, each with these sums and dates."""
    used = bytearray(len(text))
    for start, end in filter(None, (stated_at(claim, text) for claim in claims)):
        used[start:end] = b"\1" * (end - start)
    unclaimed = []
    for sentence in sentences(text):
        words = text[sentence.start : sentence.end] if sentence.end - sentence.start <= LONGEST_SENTENCE else ""
        here = [(sentence.start + start, sentence.start + end) for start, end in figures_in(words)]
        if left := [text[start:end] for start, end in here if not any(used[start:end])]:
            unclaimed.append((sentence, left))
    return unclaimed
