"""The words and phrases of a search, included or excluded. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from provenance.documents.folding import foldings

from .word_forms import forms_in

# Opening and closing marks of phrases. Any double mark opens or closes, because languages differ.
_QUOTES = (('"“”„‟«»＂″〝〞〟',) * 2, ("‹›", "‹›"), ("「", "」"), ("『", "』"), ("‘‚‛", "‘’‛"))
_PHRASE = "|".join(rf"[{opening}].*?[{closing}](?!\w)" for opening, closing in _QUOTES)
_MINUS = r"[-‐-―−﹣－](?=[^\s\-‐-―−﹣－])"  # a single hyphen, minus or dash
_TERM = re.compile(rf"(?P<minus>{_MINUS})?(?:(?P<phrase>{_PHRASE})|(?P<word>\S+))", re.DOTALL)

_SMALL_WORDS = """
a an and any are as at be been by can did do does for from get had has have how in is it its many money much of on or
our paid pay pays project projects show that the their there they this to under was we were what when where which who
whom whose why will with
au aux avec avez combien comment dans de des du elle en est et il ils la le les leur ou par pour pourquoi projet projets
qu quand que quel quelle quelles quels qui quoi sa sont son sous sur un une verse y
"""
SMALL_WORDS = frozenset(_SMALL_WORDS.split())


@dataclass(frozen=True)
class Term:
    """A word or a phrase. ``is_left_out``: it must not occur."""

    text: str
    is_phrase: bool
    is_left_out: bool

    @property
    def as_typed(self):
        text = f'"{self.text}"' if self.is_phrase else self.text
        return f"-{text}" if self.is_left_out else text

    @property
    def is_small(self):
        """Whether it is a word that questions have and records need not."""
        return not self.is_phrase and not SMALL_WORDS.isdisjoint(self.foldings)

    @cached_property
    def foldings(self):
        return foldings(self.text)

    def forms_in(self, folded):
        """Yield a match for each word of a folded text that is another form of this word. A phrase has none.

        Apostrophes and hyphens make no difference: ``Georgia's`` has the forms of ``georgias``.
        """
        return () if self.is_phrase else forms_in(self.foldings[-1], folded)

    def occurs_in(self, folded):
        """Whether the term, or a form of it, occurs in a folded text."""
        return any(words in folded for words in self.foldings) or any(self.forms_in(folded))


def terms_of(query):
    """Return the Terms of ``query``: words and “phrases”, each perhaps with a minus. Those that fold to "" are dropped.

    An unclosed quotation mark, an apostrophe, and a minus within a word or alone are ordinary text.
    """
    visible = "".join(char for char in query or "" if unicodedata.category(char) != "Cf")
    terms = [
        Term(each["word"] or each["phrase"][1:-1].strip(), each["phrase"] is not None, bool(each["minus"]))
        for each in _TERM.finditer(visible)
    ]
    return [term for term in dict.fromkeys(terms) if term.foldings]


def included_terms(query):
    """Return the Terms that must occur."""
    return [term for term in terms_of(query) if not term.is_left_out]
