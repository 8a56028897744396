"""Marks the words of a search in a text."""

from typing import NamedTuple

from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from provenance.documents.declaration import searchable_texts
from provenance.documents.folding import fold_with_spans, foldings
from provenance.documents.quotes import layers

from ..models import Project
from ..words.search_text import linked_records

OPEN, CLOSE = mark_safe("<mark>"), mark_safe("</mark>")
AROUND = 90  # characters shown on either side of a match


class Excerpts(NamedTuple):
    """The texts, other than the title, that match a search; and whether a term matches only another name."""

    texts: list
    is_by_other_name: bool


def places(text, terms):
    """Yield (start, end) of each match of ``terms`` in ``text``."""
    patterns = dict.fromkeys(folded for term in terms for folded in term.foldings)
    for folded, parts in fold_with_spans(text):
        for words in patterns:
            at = folded.find(words)
            while at >= 0:
                yield parts[at][0], parts[at + len(words) - 1][1]
                at = folded.find(words, at + 1)
        for form in (form for term in terms for form in term.forms_in(folded)):
            yield parts[form.start()][0], parts[form.end() - 1][1]


def pieces(text, terms):
    """Split ``text`` into ``[(piece, whether it matches)]``."""
    if not any(term.occurs_in(folded) for folded in foldings(text) for term in terms):
        return [(text, False)]
    return layers(text, [places(text, terms)])


def marked(text, terms):
    """Return ``text`` as HTML with matches in ``<mark>``, but for single letters, which are everywhere."""
    terms = [term for term in terms if max(map(len, term.foldings), default=0) > 1]
    if not terms:
        return text
    return format_html_join(
        "", "{}{}{}", ((OPEN, piece, CLOSE) if is_found else ("", piece, "") for piece, is_found in pieces(text, terms))
    )


def excerpts(document, terms):
    """Return the Excerpts of a project's document: for each term the first text, other than the title, that has it.

    Long texts are cut to the part around the first match.
    """
    texts = [(text, foldings(text)) for text in dict.fromkeys(_shown(document))]
    first = [next((text for text, folded in texts if any(map(term.occurs_in, folded))), None) for term in terms]
    shown = dict.fromkeys(text for text in first if text and text != document["title"])
    return Excerpts([marked(around(text, terms), terms) for text in shown], None in first)


def _shown(document):
    """Yield the texts of a document, its title first, as pages show them."""
    yield from filter(None, searchable_texts(Project, document))
    yield from (component["title"] for component in document["components"])
    for parameter, member in linked_records(document):
        yield member["name"]
        if parameter == "instrument":
            yield member["code"]
    yield from (claim["quote"] for claim in document["claims"])


def around(text, terms):
    """Cut a long ``text`` to the part around the first match."""
    if len(text) <= 2 * AROUND + 20:
        return text
    piece, is_found = pieces(text, terms)[0]
    before = 0 if is_found else len(piece)
    begin, end = max(0, before - AROUND), before + AROUND
    begin = text.find(" ", begin) + 1 if begin else 0
    end = text.rfind(" ", 0, end) if end < len(text) else len(text)
    return ("… " if begin else "") + text[begin:end] + (" …" if end < len(text) else "")
