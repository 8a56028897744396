"""What ``q`` asks for: words and phrases that occur, or do not. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from provenance.documents.folding import foldings

# What begins a phrase and what ends it, at the end of a word. Of double marks any does either, as languages differ.
_QUOTES = (('"“”„‟«»＂″〝〞〟',) * 2, ("‹›", "‹›"), ("「", "」"), ("『", "』"), ("‘‚‛", "‘’‛"))
_PHRASE = "|".join(rf"[{opening}].*?[{closing}](?!\w)" for opening, closing in _QUOTES)
_MINUS = r"[-‐-―−﹣－](?=[^\s\-‐-―−﹣－])"  # a hyphen, minus or dash; none before another
_TERM = re.compile(rf"(?P<minus>{_MINUS})?(?:(?P<phrase>{_PHRASE})|(?P<word>\S+))", re.DOTALL)


@dataclass(frozen=True)
class Term:
    """A word or a phrase. ``is_left_out``: it occurs nowhere; else somewhere."""

    text: str
    is_phrase: bool
    is_left_out: bool

    @property
    def foldings(self):
        return foldings(self.text)


def terms_of(query):
    """Return the Terms of ``query``: words, “phrases”, and either with a minus. What folds to nothing is none.

    A mark that is not closed is ordinary text, as is an apostrophe, and so is a minus within a word or alone.
    """
    shown = "".join(char for char in query or "" if unicodedata.category(char) != "Cf")  # invisible signs
    found = [
        Term(each["word"] or each["phrase"][1:-1].strip(), each["phrase"] is not None, bool(each["minus"]))
        for each in _TERM.finditer(shown)
    ]
    return [term for term in dict.fromkeys(found) if term.foldings]


def wanted(query):
    """Return the Terms that occur in what is found."""
    return [term for term in terms_of(query) if not term.is_left_out]
