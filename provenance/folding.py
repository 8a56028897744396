"""Text with case and accents taken off, so that both databases find and sort alike. Pure."""

import unicodedata


def fold(text: str) -> str:
    """Return ``text`` without case and accents, its white space single: ``Île  d'ÉTAT`` is ``ile d'etat``.

    Folding twice gives the same as folding once, in any script.
    """
    if text.isascii():  # the usual case, soon done
        return " ".join(text.lower().split())
    while (folded := _fold_once(text)) != text:
        text = folded
    return text


def _fold_once(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())
