"""The words that claims quote from their sources, and whether they are in the text."""

import hashlib
import re
import unicodedata
from array import array
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote as url_quote

MOST_WORDS, AT_EACH_END = 12, 4  # words of a quote that fits whole in an address; of a longer one, at each end
LONGEST = 2000  # characters of the fragment of an address


def sentence_id(quote):
    """Return what identifies a quoted sentence on the page of its source: ``s-`` and 12 hexadecimal digits.

    It follows from the words alone, however they are spaced.
    """
    words = " ".join(unicodedata.normalize("NFC", quote).split())
    return f"s-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


def parts_of(quote):
    """Return the parts of a quote between ``[…]``."""
    return [part.strip() for part in _LEFT_OUT.split(quote) if part.strip()]


def marked(quote, phrases):
    """Return ``quote`` as ``[(text, whether it is one of phrases)]``; phrases that overlap or touch are one.

    A phrase is marked where it stands alone, else where its letters come first.
    """
    found = [
        re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", quote) or re.search(re.escape(phrase), quote)
        for phrase in phrases
        if phrase
    ]
    return [(part, bool(level)) for part, level in layers(quote, [[match.span() for match in found if match]])]


def layers(text, spans):
    """Return ``text`` as ``[(part, level)]``: 0, or the number of the last of ``spans`` that holds the part.

    ``spans``: lists of (start, end), which may overlap, and may reach beyond the text.
    """
    levels = array("H", bytes(2 * len(text)))
    for level, group in enumerate(spans, 1):
        for start, end in group:
            start, end = max(0, start), min(end, len(text))
            if start < end:
                levels[start:end] = array("H", [level]) * (end - start)
    edges = [0, *(at for at in range(1, len(text)) if levels[at] != levels[at - 1]), len(text)]
    return [(text[at:end], levels[at]) for at, end in pairwise(edges) if at < end]


def text_fragment(address, quote):
    """Return ``address`` with the fragment by which browsers find ``quote`` on a page; None if it is not a web address.

    Of a long quote, or one with ``[…]``, the fragment has the first and the last words.
    """
    if not (address or "").lower().startswith(("http://", "https://")):
        return None
    parts = [part.split() for part in parts_of(quote)]
    is_short = len(parts) == 1 and len(parts[0]) <= MOST_WORDS
    ends = parts if is_short or not parts else [parts[0][:AT_EACH_END], parts[-1][-AT_EACH_END:]]
    words = ",".join(url_quote(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    address = address.partition(":~:")[0]
    return f"{address}{'' if '#' in address else '#'}:~:text={words}" if 0 < len(words) <= LONGEST else address


# -- Looking for a quote in the text of its source --

VERBATIM, NOT_FOUND, NO_TEXT = "verbatim", "not-found", "no-text"
_LEFT_OUT = re.compile(r"\[(?:…|\.\.\.)\]")
# A paragraph ends at an empty line, or before a line that begins an item of a list.
BREAK = re.compile(r"\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[•◦▪‣∙·*–—-]|[0-9]{1,3}[.)])\s)")
_ALIKE = str.maketrans(dict.fromkeys("’‘ʼ′´`＇", "'") | dict.fromkeys("‐‑‒–—―−﹣－", "-"))


class Found(NamedTuple):
    """Whether a quote is in a text, and if so, from which character (counted from 0) up to which."""

    verdict: str
    start: int | None = None
    end: int | None = None


def find_quote(quote, as_stated, text):
    """Find ``quote`` in ``text``, within one paragraph. ``text`` is None if no text is kept.

    Blanks, apostrophes and dashes of any kind are alike. ``[…]`` stands for any words of the paragraph. A quote
    without ``as_stated`` in it is not found.
    """
    if text is None:
        return Found(NO_TEXT)
    return next(occurrences(quote, as_stated, text), Found(NOT_FOUND))


def occurrences(quote, as_stated, text):
    """Yield Found for each place in ``text`` where ``find_quote`` would find ``quote``."""
    text = _alike_text(text)
    first, *others = [_pattern(part) for part in parts_of(quote)] or [None]
    if first is None or not as_stated.strip() or not _pattern(as_stated).search(_alike(quote)):
        return
    end, is_given_up = 0, False  # of a paragraph; whether the other parts do not follow in the rest of it
    for match in first.finditer(text):
        if match.start() >= end:
            next_break = BREAK.search(text, match.start())
            end, is_given_up = next_break.start() if next_break else len(text), False
        elif is_given_up:
            continue
        at = match.end()
        for part in others:
            following = part.search(text, at, end) if at <= end else None
            at = following.end() if following else end + 1
        if at <= end:
            yield Found(VERBATIM, match.start(), at)
        else:
            is_given_up = True


def stated_at(claim, text):
    """Return (start, end) of the words of a claim in ``text``, within its quote; None if the quote is not there."""
    place = find_quote(claim["quote"], claim["as_stated"], text)
    return find(claim["as_stated"], text, place.start, place.end) if place.verdict == VERBATIM else None


def find(words, text, start, end):
    """Return (start, end) of ``words`` in ``text`` between two places, as ``find_quote`` finds them, or None."""
    match = _pattern(words).search(_alike_text(text), start, end) if words.strip() else None
    return match.span() if match else None


def _alike(text):
    return unicodedata.normalize("NFC", text).translate(_ALIKE)


@lru_cache(4)
def _alike_text(text):
    """Return ``text`` with the same number of characters."""
    return text.translate(_ALIKE)


@lru_cache(2000)
def _pattern(words):
    """Return the regular expression of ``words`` with any blanks between them."""
    return re.compile(r"\s+".join(map(re.escape, _alike(words).split())))
