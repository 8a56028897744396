"""Two texts of a source compared: what became of each quote. Pure.

Sentences that are the same in both texts, in the same order, form a frame; what is new between two of them replaces
what was there before. So a quote whose sentence changed does not count as still there just because its words occur
elsewhere.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from .passages import WORD, Sentence, in_one_line, nearest, overlap, sentences, words_of
from .quotes import VERBATIM, find_quote, occurrences

STILL, MOVED, REWORDED, GONE = KINDS = ("still there", "moved", "reworded", "gone")
LIKE = 0.5  # least share of words that a sentence has in common with the one that replaced it
SAME_PLACE = 0.25  # how much more alike two sentences count if they stand between the same others
COMMON = 200  # sentences; a word in more of them identifies none


class Fate(NamedTuple):
    """What became of a quote: one of KINDS, and the sentence now in its place, or None."""

    kind: str
    now: str | None = None


class Comparison:
    """What became of the sentences of a text in a newer one; ``old`` is empty if it is not known."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.before, self.after = sentences(old), sentences(new)
        before, after = in_one_line(old, self.before), in_one_line(new, self.after)
        self.same = _in_order(before, after)
        self.order = sorted(self.same)
        self.replaced = self._replaced(before, after)
        self.owners = {now: then for then, now in self.replaced.items() if before[then] == after[now]}
        self.owners |= {now: then for then, now in self.same.items()}

    def fate(self, quote: str, as_stated: str) -> Fate:
        """Return the Fate of a claim's quote."""
        stood = find_quote(quote, as_stated, self.old)
        then = _within(self.before, stood.start, stood.end) if stood.verdict == VERBATIM else range(0)
        places = [_within(self.after, each.start, each.end) for each in occurrences(quote, as_stated, self.new)]
        free = [place for place in places if all(self.owners.get(now) in (None, *then) for now in place)]
        if free:
            low, high = self._bounds(then)
            return Fate(STILL if then and any(low < each[0] and each[-1] < high for each in free) else MOVED)
        counterparts = {self.same.get(each, self.replaced.get(each)) for each in then} - {None}
        now = " ".join(in_one_line(self.new, [self.after[each] for each in sorted(counterparts)]))
        if not then:  # the old text does not have it
            now = nearest(quote, self.new, LIKE)
        return Fate(REWORDED, now) if now else Fate(GONE)

    def _bounds(self, then: range) -> tuple[int, int]:
        """Return the numbers of the new sentences between which those of ``then`` belong."""
        if not then:
            return -1, len(self.after)
        at, end = bisect_left(self.order, then[0]), bisect_left(self.order, then[-1] + 1)
        low = self.same[self.order[at - 1]] if at else -1
        return low, self.same[self.order[end]] if end < len(self.order) else len(self.after)

    def _replaced(self, before: list[str], after: list[str]) -> dict[int, int]:
        """Return ``{sentence before: after}`` of the sentences outside the frame, matching the most alike first."""
        taken = set(self.same.values())
        left = [now for now in range(len(after)) if now not in taken]
        settled = sorted(taken)
        gaps = {now: bisect_left(settled, now) for now in left}
        words, holding = {now: words_of(after[now]) for now in left}, defaultdict(list)
        for now in left:
            for word in words[now]:
                holding[word].append(now)
        pairs = []
        for then in range(len(before)):
            if then in self.same:
                continue
            own, gap = words_of(before[then]), bisect_left(self.order, then)
            for now in {now for word in own if len(holding[word]) <= COMMON for now in holding[word]}:
                like = overlap(own, words[now])
                if like >= LIKE:
                    pairs.append((-like - (before[then] == after[now]) - SAME_PLACE * (gaps[now] == gap), then, now))
        replaced: dict[int, int] = {}
        for _score, then, now in sorted(pairs):
            if then not in replaced and now not in taken:
                replaced[then] = now
                taken.add(now)
        return replaced


def words_for(as_stated: str, quote: str, now: str) -> str:
    """Return the words of ``now``, which replaced ``quote``, in the place of ``as_stated``; "" if there are none."""
    at = quote.find(as_stated)
    old, new = list(WORD.finditer(quote)), list(WORD.finditer(now))
    own = [number for number, word in enumerate(old) if at <= word.start() and word.end() <= at + len(as_stated)]
    if not own or at < 0:
        return ""
    numbers: list[int] = []
    matcher = SequenceMatcher(None, [word[0] for word in old], [word[0] for word in new], autojunk=False)
    for tag, start, end, now_start, now_end in matcher.get_opcodes():
        first, last = max(start, own[0]), min(end, own[-1] + 1)
        if first < last:
            shift = now_start - start
            numbers += range(first + shift, last + shift) if tag == "equal" else range(now_start, now_end)
    return now[new[numbers[0]].start() : new[numbers[-1]].end()] if numbers else ""


def _within(spans: list[Sentence], start: int | None, end: int | None) -> range:
    """Return the numbers, from 0, of the sentences that overlap the characters from ``start`` up to ``end``."""
    first = bisect_left(spans, start or 0, key=lambda sentence: sentence.end - 1)
    last = bisect_left(spans, end or 0, key=lambda sentence: sentence.start)
    return range(first, max(last, first))


def _in_order(before: list[str], after: list[str]) -> dict[int, int]:
    """Return ``{before: after}`` of the frame: as many as possible of the sentences that occur once in each text."""
    once, once_after = _once(before), _once(after)
    return dict(_increasing([(then, once_after[text]) for text, then in once.items() if text in once_after]))


def _once(texts: list[str]) -> dict[str, int]:
    """Return ``{text: its place}`` of the texts that occur once, in order."""
    counts = Counter(texts)
    return {text: at for at, text in enumerate(texts) if counts[text] == 1}


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of ``pairs``, which are in order by their first, that is in order by their second."""
    ends: list[int] = []  # the smallest second with which a part of each length ends
    parts: list[Any] = []  # that part, its last pair first: (pair, the part before it)
    for pair in pairs:
        length = bisect_left(ends, pair[1])
        part = pair, parts[length - 1] if length else None
        ends[length : length + 1], parts[length : length + 1] = [pair[1]], [part]
    longest, part = [], parts[-1] if parts else None
    while part:
        pair, part = part
        longest.append(pair)
    return longest[::-1]
