"""Names of records: in other languages (``OIM`` for IOM, ``ЕС`` for the European Union), and which look alike."""

import re
from collections import defaultdict
from functools import lru_cache
from itertools import pairwise

from django.conf import settings
from django.utils.translation import gettext, override, pgettext

from .folding import WORDS, fold

OFFICIAL_NAMES = WORDS["bodies"]  # of organisations, by themselves: in English, their partners’ languages, German
_OF_ONE = {fold(name): set(names) for names in OFFICIAL_NAMES for name in names[:2]}
SIMILAR = 0.85  # least share of pairs of letters in common with which two names look alike
MANY = 100  # names; a mark that more of them share identifies none
_CONTEXTS = ("abbreviation", "instrument", "partnership", "organisation")  # of the messages that are names


@lru_cache(10_000)
def other_names(name):
    """Return the names in other languages of a name, an abbreviation or a code, as far as the register knows them."""
    names = set(_OF_ONE.get(fold(name), ()))
    for language, _own_name in settings.LANGUAGES:
        with override(language):
            names |= {gettext(name), *(pgettext(context, name) for context in _CONTEXTS)}
    return tuple(sorted(names - {name}))


# -- Folded names that look alike without being the same --


def is_misspelt(name, other):
    """Whether two folded names have nearly the same letters, or the same letters in another order."""
    if len(name) == len(other) > 4 and name[0] == other[0] and sorted(name) == sorted(other):
        return True
    pairs, others = _pairs(name), _pairs(other)
    return 2 * len(pairs & others) >= SIMILAR * max(1, len(pairs) + len(others))


def is_like(name, other):
    """Whether one folded name has nearly the letters, all the words, or the initials of the other."""
    if name == other or name in _initials(other) or other in _initials(name):
        return True
    lengths = len(name), len(other)
    if max(lengths) > 2 * min(lengths):
        return False
    words, others = set(name.split()), set(other.split())
    if min(len(words), len(others)) > 1 and (words <= others or others <= words):
        return True
    return is_misspelt(name, other)


@lru_cache(20_000)
def _pairs(name):
    """Return which letters stand side by side."""
    return frozenset(map("".join, pairwise(name)))


@lru_cache(20_000)
def _initials(name):
    """Return the initials of a name, with and without its short words."""
    words = re.findall(r"\w+", name), re.findall(r"\w{4,}", name)
    return {"".join(word[0] for word in chosen) for chosen in words if len(chosen) > 1}


class KnownNames:
    """Folded names, indexed by marks of their words, so that each is compared with few others."""

    def __init__(self):
        self._by_mark = defaultdict(set)

    def add(self, name):
        for mark in _marks(name):
            self._by_mark[mark].add(name)

    def near(self, name):
        """Return the names with a word that begins like one of ``name``, or has its letters in another order.

        The rarest marks come first, and about a hundred names are enough.
        """
        near = set()
        for count, mark in sorted((len(self._by_mark.get(each, ())), each) for each in _marks(name)):
            if count > MANY or len(near) > MANY:
                break
            near |= self._by_mark.get(mark, set())
        return near


def _marks(name):
    words = [word for word in name.split() if len(word) > 2]
    return {word[:4] for word in words} | {"".join(sorted(word)) for word in words}
