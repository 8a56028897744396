"""Other forms of a word in English and French: plurals, verb forms and the like (Snowball stemmers). Pure."""

import re
from functools import lru_cache
from threading import Lock

from snowballstemmer import stemmer

# A shorter French stem is too general: "migrants" and "migrer" share "migr", "policies" and "police" share "polic".
_LEAST_LETTERS = {"english": 3, "french": 6}
_STEMMERS = {language: stemmer(language) for language in _LEAST_LETTERS}
_STEMMING = Lock()  # a stemmer keeps the word that it works on


@lru_cache(20_000)
def _stems(word):
    """Return the stems of a folded word as a set of (language, stem). Words of under four letters have none."""
    return frozenset((language, stem) for language, stem in _all_stems(word) if len(stem) >= _LEAST_LETTERS[language])


def _all_stems(word):
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return []
    with _STEMMING:
        return [(language, each.stemWord(word)) for language, each in _STEMMERS.items()]


def root_of(word):
    """Return the shortest stem of a folded word, which related words begin with too; ``word`` if it is too short."""
    stems = [stem for _language, stem in _all_stems(word) if len(stem) >= 4]
    return min(stems, key=len, default=word)


def is_one_edit(word, other):
    """Whether two words differ by one letter that is added, left out or replaced, or by two that are swapped."""
    if abs(len(word) - len(other)) > 1:
        return False  # as nearly all keys of a register do: at once
    while word and other and word[0] == other[0]:
        word, other = word[1:], other[1:]
    while word and other and word[-1] == other[-1]:
        word, other = word[:-1], other[:-1]
    return max(len(word), len(other)) <= 1 or (len(word) == 2 and word == other[::-1])


def forms_in(word, text):
    """Yield a match for each word of ``text`` that has a stem in common with ``word``. Both are folded."""
    if stems := _stems(word):
        for match in _beginning_like(stems).finditer(text):
            if not stems.isdisjoint(_stems(match[0])):
                yield match


@lru_cache(1000)
def _beginning_like(stems):
    """Return the pattern of words that begin like the shortest of ``stems``."""
    start = min((stem for _language, stem in stems), key=len)[:-1]  # the last letter may change: policy, polici
    return re.compile(rf"\b{re.escape(start)}\w*")
