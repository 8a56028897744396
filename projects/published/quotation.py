"""The sentence behind one large total, as an example of how every figure is supported."""

import re

from provenance.documents.claims import is_adopted
from provenance.documents.quotes import marked
from provenance.store.build import upgrade

from ..models import Project
from .sentences import addresses, sentence_address
from .statements import LANGUAGE, statements

LOOKED_THROUGH = 20  # projects with the largest totals
LONGEST = 140  # characters of a sentence that is read at a glance
_NUMBER, _UNIT = r"\d(?:[\d.,\s]*\d)?", r"\s?(?:million|billion|mln|bn)s?\b"
_BEFORE, _AFTER = r"(?:\b[A-Z]{3}|[€$£])\s?", r"\s?(?:[€$£]|[A-Z]{3}\b)"
AMOUNT = re.compile(rf"{_BEFORE}{_NUMBER}(?:{_UNIT})?|{_NUMBER}(?:{_UNIT}|{_AFTER})")


def quotation(view):
    """Return a short sentence that states a large total, or None.

    ``{"project": document, "parts", "language", "source": document, "address"}``: ``parts`` of the sentence as of
    ``marked``, with the amount marked; ``address``: where it stands on the page of its source.
    """
    return view.answer("quotation", lambda: _quotation(view))


def _quotation(view):
    for text in view.projects.in_order("-budget").documents(slice(LOOKED_THROUGH)):
        project = upgrade(Project, text)
        for claim in project["claims"]:
            amount = AMOUNT.search(claim["as_stated"]) if claim["field"] == "budget" and is_adopted(claim) else None
            if amount and project["budget"] and len(claim["quote"]) <= LONGEST:
                places = addresses(view, Project, project)
                _said, sources = statements([claim], addresses=places)
                if sources:
                    [source] = sources
                    return {
                        "project": project,
                        "parts": marked(claim["quote"], [amount[0]]),
                        "language": claim["language"] or source["language"] or LANGUAGE,
                        "source": source,
                        "address": sentence_address(source, claim),
                    }
    return None
