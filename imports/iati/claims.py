"""Claims of an activity: the value as it is stated, the element as a quote, and where in the file it stands."""

from provenance.models import Claim
from provenance.store.build import upgrade

from .texts import MOST_STATED, opening, path_of, quote


def claim(field, text, element, source, place, set_aside=""):
    """Return the claim that ``element`` states ``text`` for ``field``; ``place`` names the activity."""
    said = quote(element)
    if text not in said:  # an attribute of an element too long to be quoted whole, or white space of its own
        said = opening(element) if text in opening(element) else f"{opening(element)}{text}"
    return upgrade(Claim, {
        "field": field,
        "as_stated": text[:MOST_STATED],
        "quote": said,
        "source": {"slug": source["slug"], "title": source["title"]},
        "set_aside": set_aside or None,
        "place": f"{place[:200]}, {path_of(element)[:60]}, line {element.sourceline}",
    })  # fmt: skip
