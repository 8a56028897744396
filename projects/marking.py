"""The words of a search marked in a text. Pure, but for the escaping."""

from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from provenance.folding import fold

OPEN, CLOSE = mark_safe("<mark>"), mark_safe("</mark>")
AROUND = 90  # characters shown on either side of a word that was found


def pieces(text, words):
    """Return ``[(piece, whether it was searched for)]``, the whole of ``text`` in order; ``words`` are folded."""
    folded, origin = "", []
    for place, char in enumerate(text):
        plain = " " if char.isspace() else fold(char)
        folded += plain
        origin += [place] * len(plain)
    marked = [False] * len(text)
    for word in words:
        at = folded.find(word)
        while at >= 0:
            for place in range(origin[at], origin[at + len(word) - 1] + 1):
                marked[place] = True
            at = folded.find(word, at + 1)
    found = []
    for char, is_marked in zip(text, marked, strict=True):
        if found and found[-1][1] == is_marked:
            found[-1] = (found[-1][0] + char, is_marked)
        else:
            found.append((char, is_marked))
    return found


def marked(text, query):
    """Return ``text`` as HTML with the words of ``query`` in ``<mark>``, whatever their case and accents."""
    words = fold(query or "").split()
    return format_html_join(
        "", "{}{}{}", ((OPEN, piece, CLOSE) if is_found else ("", piece, "") for piece, is_found in pieces(text, words))
    )


def found_in(document, query):
    """Return the texts of a project's document in which words of ``query`` stand, its title left out, as HTML.

    Of a long text, only the part around the first word is given.
    """
    words = fold(query or "").split()
    texts = [document["acronym"], document["summary"]]
    texts += [member["name"] for member in document["partnerships"] + document["organisations"]]
    texts += [part["funder"]["name"] for part in document["contributions"]]
    texts += [part["instrument"]["name"] for part in document["contributions"] if part["instrument"]]
    texts += [member["name"] for member in document["countries"]]
    found = dict.fromkeys(text for text in texts if text and any(word in fold(text) for word in words))
    return [marked(around(text, words), query) for text in found]


def around(text, words):
    """Return the part of a long ``text`` around the first place where one of ``words`` stands."""
    if len(text) <= 2 * AROUND + 20:
        return text
    piece, is_found = pieces(text, words)[0]
    before = 0 if is_found else len(piece)
    begin, end = max(0, before - AROUND), before + AROUND
    begin = text.find(" ", begin) + 1 if begin else 0
    end = text.rfind(" ", 0, end) if end < len(text) else len(text)
    return ("… " if begin else "") + text[begin:end] + (" …" if end < len(text) else "")
