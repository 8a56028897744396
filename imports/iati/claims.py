"""Claims of an activity: the value as it is stated, the element's text as a quote, and where in the file it stands."""

from babel import Locale

from provenance.models import Claim
from provenance.store.build import upgrade

from .texts import ENGLISH, MOST_STATED, line_of, path_of, quote, texts

LANGUAGES = Locale("en").languages


def claim(field, text, element, source, place, set_aside="", rule=""):
    """Return the claim that ``element`` states ``text`` for ``field``; ``place`` names the activity.

    ``rule``: of the standard, where the element means it by that.
    """
    where = f"{place[:200]}, {path_of(element)[:60]}, line {line_of(element)}" + (f"; {rule}" if rule else "")
    made = claim_of(field, text, quote(element, text), source, where)
    return made | {"set_aside": set_aside or None, "language": _language(element, text)}


def claim_of(field, text, quoted, source, place):
    """Return the claim that ``quoted`` states ``text`` for ``field``, at a place in the file."""
    source = {"slug": source["slug"], "title": source["title"]}
    found = {"field": field, "as_stated": text[:MOST_STATED], "quote": quoted, "source": source, "place": place}
    return upgrade(Claim, found)


def _language(element, text):
    """Return the language in which an element says ``text``; None where that is English, or not stated."""
    found = (language for language, stated in texts([element]) if stated == text and language != ENGLISH)
    return next((language for language in found if language in LANGUAGES), None)
