"""The words that claims quote from their sources."""

import hashlib
import unicodedata
from itertools import pairwise


def sentence_id(quote):
    """Return what identifies a quoted sentence on the page of its source: ``s-`` and 12 hexadecimal digits.

    It follows from the words alone, however they are spaced.
    """
    words = " ".join(unicodedata.normalize("NFC", quote).split())
    return f"s-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


def marked(quote, phrases):
    """Return ``quote`` as ``[(text, whether it is one of phrases)]``; phrases that overlap or touch are one."""
    is_marked = bytearray(len(quote))
    for phrase in phrases:
        at = quote.find(phrase) if phrase else -1
        if at >= 0:
            is_marked[at : at + len(phrase)] = b"\1" * len(phrase)
    changes = [at for at in range(1, len(quote)) if is_marked[at] != is_marked[at - 1]]
    edges = [0, *changes, len(quote)]
    return [(quote[at:end], bool(is_marked[at])) for at, end in pairwise(edges)]
