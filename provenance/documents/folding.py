"""Text without case, accents and punctuation variants, so that both databases search and sort alike. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson
from babel import Locale

# What texts call currencies, numbers, peoples and bodies, and which words say little.
WORDS: dict[str, Any] = orjson.loads(Path(__file__).with_name("words.json").read_bytes())
# Letters that are no accented form of another, by what people type for them. Armenian yiwn folds to vew, so that և,
# եւ and եվ match.
# ⁄ and ∕ are the slash in ½, U+0345 is the Greek iota subscript.
_LETTERS: dict[str, str] = WORDS["letters"]
# Hyphens, apostrophes and quotation marks outside the Unicode categories Pd, Pi and Pf.
_BETWEEN = "'\"`´‚„′‵″‶−⁃՚׳״〝〞〟＇＂"
# Invisible characters outside the category Cf, and Armenian marks that stand within words.
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0՛՜՞՟"

_ASCII_BETWEEN = re.compile("""[-'"`]""")
_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x9f]")  # NUL is refused where a text is read
NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}  # full-width signs and digits, for ``str.translate``
_NO_COUNTRIES = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")  # codes with a CLDR name that are no countries


def composed(value: Any) -> Any:
    """Return a document, or a part of one, whose texts are the same if they look the same, however they were entered.

    They are in Unicode's form NFC; lines end in a line feed; the only other control characters are tabs. A text of
    nothing but invisible characters is empty.
    """
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value
        text = unicodedata.normalize("NFC", value)
        text = text if text.isprintable() else _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
        return "" if all(char.isspace() or _is_unseen(char) for char in text) else text
    if isinstance(value, dict):
        json = orjson.dumps(value)
        if json.isascii() and b"\\" not in json and b"\x7f" not in json:
            return value  # nothing but plain texts, as in most
        return {key: composed(each) for key, each in value.items()}
    return [composed(each) for each in value] if isinstance(value, list) else value


@cache
def countries(language: str = "en") -> dict[str, str]:
    """Return ``{ISO 3166-1 code: name}`` of all countries in CLDR."""
    named = Locale(language).territories.items()
    return {code: name for code, name in named if len(code) == 2 and code not in _NO_COUNTRIES}


class _Table(dict[int, str]):
    """The replacement of each character, for ``str.translate``; filled as characters are met."""

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
    """Whether ``char`` is a hyphen, apostrophe or quotation mark, or a modifier letter, which are used as such."""
    is_modifier = "\u02b9" <= char <= "\u02df" or "\u02e5" <= char <= "\u02ff"
    return char in _BETWEEN or is_modifier or unicodedata.category(char) in ("Pd", "Pi", "Pf")


def _is_unseen(char: str) -> bool:
    """Whether ``char`` is an accent or an invisible character; white space is neither."""
    is_mark = unicodedata.combining(char) or unicodedata.category(char) in ("Cc", "Cf", "Me")
    return bool(is_mark or char in _UNSEEN or "VARIATION SELECTOR" in unicodedata.name(char, ""))


def _without_stroke(char: str) -> str:
    """Return ø as o and ґ as г: Unicode names them as a letter “with” something, but does not decompose them."""
    name, has_more, _more = unicodedata.name(char, "").partition(" WITH ")
    try:
        return unicodedata.lookup(name) if has_more and " SMALL LETTER " in name else char
    except KeyError:  # no such letter exists
        return char


_SPACED, _JOINED = _Table(" "), _Table("")


def fold(text: str) -> str:
    """Return ``text`` without case, accents and invisible characters, its words separated by single spaces.

    Hyphens, apostrophes and quotation marks become spaces: ``Île  d'ÉTAT`` gives ``ile d etat``. Each character is
    folded by itself, and folding twice changes nothing more.
    """
    return " ".join(text.translate(_SPACED).split())


@lru_cache(4096)
def foldings(text: str) -> list[str]:
    """Return the ways in which ``text`` can be found: ``cross-border`` gives ``cross border`` and ``crossborder``.

    The list is kept, as names come up again and again: do not change it.
    """
    if text.isascii() and text.isprintable() and not _ASCII_BETWEEN.search(text):  # most texts: folded in one way
        return [folded] if (folded := " ".join(text.lower().split())) else []
    together = " ".join(text.translate(_JOINED).split())
    return [folded for folded in dict.fromkeys([fold(text), together]) if folded]


def searchable_text(texts: Iterable[str | None]) -> str:
    """Return the text to search for ``texts``: one line for each way to find one, so that no phrase spans two."""
    return "\n".join(dict.fromkeys(folded for text in texts if text for folded in foldings(text)))


def fold_with_spans(text: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield ``text`` folded both ways, each with the span (start, end) of ``text`` behind every folded character.

    Accents and invisible characters belong to the character before them.
    """
    for table in (_SPACED, _JOINED):
        folded, parts = "", []
        for place, char in enumerate(text):
            for letter in table[ord(char)]:
                if letter != " " or not folded.endswith(" "):
                    folded += letter
                    parts.append((place, place + 1))
            if parts and not _SPACED[ord(char)]:
                parts[-1] = (parts[-1][0], place + 1)
        yield folded, parts
