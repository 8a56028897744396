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
    return upgrade(Claim, {
        "field": field,
        "as_stated": text[:MOST_STATED],
        "quote": quote(element, text),
        "source": {"slug": source["slug"], "title": source["title"]},
        "set_aside": set_aside or None,
        "language": _language(element, text),
        "place": f"{place[:200]}, {path_of(element)[:60]}, line {line_of(element)}" + (f"; {rule}" if rule else ""),
    })  # fmt: skip


def _language(element, text):
    """Return the language in which an element says ``text``; None where that is English, or not stated."""
    said = [language for language, said in texts([element]) if said == text and language != ENGLISH]
    return next((language for language in said if language in LANGUAGES), None)
