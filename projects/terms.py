"""What ``q`` asks for: words and phrases that occur, or do not. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from provenance.folding import foldings

_QUOTES = '"“”„‟«»＂'  # any of them begins a phrase, and any ends it
_MINUS = r"[-‐‑−﹣－](?=[^\s\-‐-―−﹣－])"  # no dash, which a title may begin with; and none before another
_TERM = re.compile(rf"(?P<minus>{_MINUS})?(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]|(?P<word>\S+))")


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

    A mark that is not closed is ordinary text, and so is a minus within a word or alone.
    """
    shown = "".join(char for char in query or "" if unicodedata.category(char) != "Cf")  # invisible signs
    found = [
        Term((each["word"] or each["phrase"] or "").strip(), each["phrase"] is not None, bool(each["minus"]))
        for each in _TERM.finditer(shown)
    ]
    return [term for term in dict.fromkeys(found) if term.foldings]


def wanted(query):
    """Return the Terms that occur in what is found."""
    return [term for term in terms_of(query) if not term.is_left_out]
