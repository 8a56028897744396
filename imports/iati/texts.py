"""The texts of elements by language, and elements as quotes."""

import re
from hashlib import sha256

from projects.iati.xml import LANG
from provenance.documents.folding import fold

from .xml import ACTIVITY

ENGLISH = "en"
MOST_QUOTE = 2500
MOST_KEY = 100


def clean(text):
    """Return ``text`` with its white space single."""
    return " ".join(text.split()) if text else ""


def texts(element):
    """Return ``[(language, text)]`` of an element: its narratives, or in 1.0x its own text.

    The language is in lower case, by default that of the activity; "" if that has none.
    """
    holders = list(element.iterchildren("narrative")) or [element]
    return [(_language(holder), text) for holder in holders if (text := _text(holder))]


def _text(holder):
    """Return the text of a narrative, or of an element of 1.0x, with that of markup in it."""
    is_text = holder.tag == "narrative" or clean(holder.text)
    return clean(" ".join(holder.itertext())) if is_text else ""


def _language(element):
    while element is not None:
        if language := element.get(LANG):
            return language.casefold().partition("-")[0]
        element = element.getparent()
    return ""


def in_english(element):
    """Return the English text of an element, else its first; "" if it has none."""
    pairs = texts(element)
    return next((text for language, text in pairs if language == ENGLISH), pairs[0][1] if pairs else "")


def publisher_of(activity):
    """Return the reference of the organisation that reports an activity, else its name; "" if there is neither."""
    reporter = activity.find("reporting-org")
    return "" if reporter is None else clean(reporter.get("ref")) or in_english(reporter)


def listed(words, most=20):
    """Return a list of words as text, with at most ``most`` of them and the number of others."""
    words = list(words)
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" … and {rest:,} more" if rest > 0 else "")


def slug_of(text):
    """Return a text as a key of the register, at most 100 characters; "" if it has no Latin letter or digit."""
    slug = re.sub("[^a-z0-9]+", "-", fold(text)).strip("-")
    if len(slug) > MOST_KEY:  # a digest distinguishes keys that are cut
        slug = f"{slug[: MOST_KEY - 9].strip('-')}-{sha256(text.encode()).hexdigest()[:8]}"
    return slug


def quote(element, as_stated):
    """Return an element without its markup: its text if that has ``as_stated``, else with its attributes."""
    has_words = (len(element) or element.text) and element.tag != ACTIVITY
    words = " ".join(text for _language, text in texts(element)) if has_words else ""
    if not words or as_stated not in words:
        words = _written(element)
    if as_stated not in words:  # white space of its own
        words = f"{words} {as_stated}"
    return words if len(words) <= MOST_QUOTE else f"{words[: MOST_QUOTE - 1]}…"


def _written(element):
    """Return the attributes and text of an element, and of its children after their names."""
    attributes = {"xml:lang" if name == LANG else name: value for name, value in element.items()}
    parts = [f'{name}="{clean(value)}"' for name, value in attributes.items() if name[0] != "{"]
    if text := clean(element.text):
        parts.append(text)
    for child in element if element.tag != ACTIVITY else ():
        if child.tag[0] != "{" and (inside := _written(child)):
            parts.append(inside if child.tag == "narrative" else f"{child.tag} {inside};")
    return " ".join(parts).removesuffix(";")
