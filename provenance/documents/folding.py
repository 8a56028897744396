"""Text without what people type differently, so that both databases find and sort alike. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from babel import Locale

# Letters that no accent makes, as people of the region type them. Armenian: yiwn is vew, so that և, եւ and եվ are one.
_LETTERS = {
    "ı": "i", "ə": "e", "ǝ": "e", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ŋ": "n", "ĸ": "k", "ւ": "վ",
    "ө": "о", "ɵ": "o",
    "⁄": "/", "∕": "/",  # between the figures of ½
    "\u0345": "ι",  # a Greek accent that is a letter in capitals
}  # fmt: skip
# Hyphens, apostrophes and quotation marks, besides dashes (Pd) and the marks of which there are two (Pi, Pf).
_BETWEEN = "'\"`´‚„′‵″‶−⁃՚׳״〝〞〟＇＂"
# Signs that nobody sees, besides format characters (Cf), and the tone marks that Armenian sets within words.
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0՛՜՞՟"

_NO_COUNTRIES = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")  # of the codes that CLDR has names for


def composed(value: Any) -> Any:
    """Return a document, or a part of one, with all its text in Unicode's form NFC: what looks the same is the same."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {key: composed(each) for key, each in value.items()}
    return [composed(each) for each in value] if isinstance(value, list) else value


@cache
def countries(language: str = "en") -> dict[str, str]:
    """Return ``{ISO 3166-1 code: name}`` of all countries, by CLDR."""
    named = Locale(language).territories.items()
    return {code: name for code, name in named if len(code) == 2 and code not in _NO_COUNTRIES}


class _Table(dict[int, str]):
    """What becomes of each character, for ``str.translate``; filled as characters are met."""

    def __init__(self, between: str) -> None:
        super().__init__()
        self.between = between

    def __missing__(self, code: int) -> str:
        self[code] = plain = self._plain(chr(code))
        return plain

    def _plain(self, char: str) -> str:
        if char in _LETTERS:
            return _LETTERS[char]
        if char.isspace():
            return " "
        if _is_between(char):
            return self.between
        if _is_unseen(char):
            return ""
        letters = unicodedata.normalize("NFKD", char.casefold())
        letters = _without_stroke(char) if letters == char else letters
        return letters if letters == char else letters.translate(self)


def _is_between(char: str) -> bool:
    """Whether it is a hyphen, an apostrophe or a quotation mark, as which modifier letters are used."""
    is_modifier = "\u02b9" <= char <= "\u02df" or "\u02e5" <= char <= "\u02ff"
    return char in _BETWEEN or is_modifier or unicodedata.category(char) in ("Pd", "Pi", "Pf")


def _is_unseen(char: str) -> bool:
    """Whether it is an accent, or a sign that nobody sees; white space is neither."""
    is_mark = unicodedata.combining(char) or unicodedata.category(char) in ("Cc", "Cf", "Me")
    return bool(is_mark or char in _UNSEEN or "VARIATION SELECTOR" in unicodedata.name(char, ""))


def _without_stroke(char: str) -> str:
    """Return ø as o and ґ as г: what Unicode names as a small letter “with” something, but does not take apart."""
    name, has_more, _more = unicodedata.name(char, "").partition(" WITH ")
    try:
        return unicodedata.lookup(name) if has_more and " SMALL LETTER " in name else char
    except KeyError:  # no such letter alone
        return char


_APART, _TOGETHER = _Table(" "), _Table("")


def fold(text: str) -> str:
    """Return ``text`` without case, accents and invisible signs, its words apart by single blanks.

    A hyphen, an apostrophe or a quotation mark is a blank: ``Île  d'ÉTAT`` is ``ile d etat``. Every character is folded
    by itself, and folding twice gives the same as folding once, in any script.
    """
    return " ".join(text.translate(_APART).split())


def fold_together(text: str) -> str:
    """Return the same, but with nothing for a hyphen, an apostrophe or a quotation mark: ``ile detat``."""
    return " ".join(text.translate(_TOGETHER).split())


def foldings(text: str) -> list[str]:
    """Return the ways in which ``text`` is found: ``cross-border`` is ``cross border`` and ``crossborder``."""
    return [folded for folded in dict.fromkeys([fold(text), fold_together(text)]) if folded]


def found_by(texts: Iterable[str | None]) -> str:
    """Return what is searched where ``texts`` are to be found: a line each, over whose end no phrase goes."""
    return "\n".join(dict.fromkeys(folded for text in texts if text for folded in foldings(text)))


def traced(text: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield ``text`` folded in both ways, each with the part of ``text``, (start, end), that each character stands for.

    Accents and invisible signs belong to the character before them.
    """
    for table in (_APART, _TOGETHER):
        folded, parts = "", []
        for place, char in enumerate(text):
            for letter in table[ord(char)]:
                if letter != " " or not folded.endswith(" "):
                    folded += letter
                    parts.append((place, place + 1))
            if parts and not _APART[ord(char)]:
                parts[-1] = (parts[-1][0], place + 1)
        yield folded, parts
