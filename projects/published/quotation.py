"""The sentences in which sources state amounts, so that each figure can be read where it comes from."""

import re

from provenance.documents.claims import is_adopted
from provenance.documents.declaration import short_name
from provenance.documents.quotes import marked

from ..index import figures
from ..models import Project
from .source_page import addresses, sentence_address
from .statements import LANGUAGE, statements

LOOKED_THROUGH = 20  # projects with the largest totals
LONGEST = 140  # characters of a sentence that is read at a glance
_NUMBER, _UNIT = r"\d(?:[\d.,\s]*\d)?", r"\s?(?:million|billion|mln|bn)s?\b"
_BEFORE, _AFTER = r"(?:\b[A-Z]{3}|[€$£])\s?", r"\s?(?:[€$£]|[A-Z]{3}\b)"
AMOUNT = re.compile(rf"{_BEFORE}{_NUMBER}(?:{_UNIT})?|{_NUMBER}(?:{_UNIT}|{_AFTER})")


def quotation(register):
    """Return a short sentence that states a large total, as one of ``quotations``; or None."""

    def of_largest():
        projects = register.projects
        comparable = figures.in_currency(projects, figures.main_currency(figures.totals(projects)))
        largest = comparable.in_order("-budget").read(slice(LOOKED_THROUGH))
        stating = (quotations(register, [project], ["budget"], LONGEST) for project in largest)
        return next((sentences[0] for sentences in stating if sentences), None)

    return register.cached("quotation", of_largest)


def quotations(register, projects, members, longest=None, past=None):
    """Return the sentences from which the register has amounts of ``members`` of projects, documents.

    ``[{"project": document, "called", "parts", "language", "source": document, "address"}]``: ``called``: the short
    name of the project, or its title; ``parts`` of the sentence as of ``marked``, with its amounts marked; ``address``:
    its place on the page of its source. ``longest``: only sentences of at most so many characters.
    """
    by_sentence = {}
    for number, project in enumerate(projects):
        for claim in project["claims"]:
            amount = AMOUNT.search(claim["as_stated"]) if claim["field"] in members and is_adopted(claim) else None
            if amount and project[claim["field"]] and (longest is None or len(claim["quote"]) <= longest):
                by_sentence.setdefault((number, claim["quote"]), (project, claim, []))[2].append(amount[0])
    _by_member, sources = statements([claim for _project, claim, _amounts in by_sentence.values()])
    by_slug = {source["slug"]: source for source in sources}
    sentences = []
    for project, claim, amounts in by_sentence.values():
        if source := by_slug.get(claim["source"]["slug"]):
            page = addresses(register, project, past).get(source["slug"])
            sentences.append({
                "project": project,
                "called": short_name(Project, project) or project["title"],
                "parts": marked(claim["quote"], amounts),
                "language": claim["language"] or source["language"] or LANGUAGE,
                "source": source,
                "address": sentence_address(source | {"page": page}, claim, past),
            })  # fmt: skip
    return sentences
