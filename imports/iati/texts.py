"""What elements say: their texts by language, their lines, and themselves as a quote."""

import re
from hashlib import sha256

from babel import Locale

from projects.iati.xml import LANG
from provenance.documents.folding import fold
from provenance.models import Claim
from provenance.store.build import upgrade

ENGLISH = "en"
MOST_STATED = 2000  # characters of a claim's value
MOST_QUOTE = 2500
ACTIVITY = "iati-activity"
LINE = "line-in-the-file"  # attribute of activities that are read, and of elements far below their beginning
FEW_LINES = 65_000  # how far a parser counts: the line of an element is known but for multiples of it
MOST_KEY = 100


def clean(text):
    """Return ``text`` with its white space single."""
    return " ".join((text or "").replace("\0", "").split())


def texts(elements):
    """Return ``[(language, text)]`` of elements of one name: their narratives, or in 1.0x what they hold themselves.

    The language is in lower case, that of the activity where none is said; "" where that says none.
    """
    found = []
    for element in elements:
        for holder in element.findall("narrative") or [element]:
            if text := clean(holder.text):
                found.append((_language(holder), text))
    return found


def _language(element):
    while element is not None:
        if language := element.get(LANG):
            return language.casefold().partition("-")[0]
        element = element.getparent()
    return ""


def in_english(elements):
    """Return the English text of elements of one name, else the first; "" if there is none."""
    found = texts(elements)
    return next((text for language, text in found if language == ENGLISH), found[0][1] if found else "")


def identifier_of(activity):
    return clean(activity.findtext("iati-identifier"))


def publisher_of(activity):
    """Return the reference of whoever reports an activity, else the name; "" if there is neither."""
    reporter = activity.find("reporting-org")
    return "" if reporter is None else clean(reporter.get("ref")) or in_english([reporter])


def listed(words, most=20):
    """Return a list of words as text; of more than ``most`` how many there are."""
    words = list(words)
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" … and {rest:,} more" if rest > 0 else "")


def quote(element, stated=""):
    """Return what an element says, without its markup: its text where ``stated`` is in it, else its attributes, too."""
    words = clean(" ".join(element.itertext("narrative", element.tag))) if element.tag != ACTIVITY else ""
    if not words or stated not in words:
        words = _written(element)
    if stated not in words:  # white space of its own
        words = f"{words} {stated}"
    return words if len(words) <= MOST_QUOTE else f"{words[: MOST_QUOTE - 1]}…"


def _written(element):
    """Return an element as its attributes and text; those of its children with their names before them."""
    parts = [f'{_short(name)}="{clean(value)}"' for name, value in element.attrib.items() if _ours(name)]
    parts += [clean(element.text)] if clean(element.text) else []
    if element.tag != ACTIVITY:
        for child in element:
            if isinstance(child.tag, str) and _ours(child.tag):
                inside = _written(child)
                parts.append(inside if child.tag == "narrative" else f"{child.tag} {inside};" if inside else "")
    return " ".join(filter(None, parts)).removesuffix(";")


def _ours(name):
    return isinstance(name, str) and name != LINE and (name == LANG or not name.startswith("{"))


def _short(name):
    return "xml:lang" if name == LANG else name


def path_of(element):
    """Return where an element stands in its activity: ``transaction/value``."""
    names = [str(element.tag)]
    while (element := element.getparent()) is not None and element.tag not in (ACTIVITY, "iati-activities"):
        names.append(str(element.tag))
    return "/".join(reversed(names))


def line_of(element):
    """Return the number of the line in which an element stands, of however long a file."""
    marked, line = element, element.sourceline or 0
    while marked is not None and marked.get(LINE) is None:
        marked = marked.getparent()
    first = 0 if marked is None else int(marked.get(LINE))
    return first + (line - first) % FEW_LINES


def codes(text):
    """Return the codes in an option: a list as it is, a text split at commas and white space; None stays None."""
    if text is None or text == "":
        return None
    parts = re.split(r"[,;\s]+", text) if isinstance(text, str) else text
    return {part.strip() for part in parts if part.strip()} or None


def slug_of(text):
    """Return a text as a key of the register, at most 100 characters; "" if it has no Latin letter or digit."""
    slug = re.sub("[^a-z0-9]+", "-", fold(text)).strip("-")
    if len(slug) > MOST_KEY:  # what is cut off still tells two apart
        slug = f"{slug[: MOST_KEY - 9].strip('-')}-{sha256(text.encode()).hexdigest()[:8]}"
    return slug


LANGUAGES = Locale("en").languages


def claim(field, text, element, source, place, set_aside="", rule=""):
    """Return the claim that ``element`` states ``text`` for ``field``; ``place`` names the activity.

    ``rule``: of the standard, where the element means it by that.
    """
    where = f"{place[:200]}, {path_of(element)[:60]}, line {line_of(element)}" + (f"; {rule}" if rule else "")
    made = claim_of(field, text, quote(element, text), source, where)
    return made | {"set_aside": set_aside or None, "language": _other_language(element, text)}


def claim_of(field, text, quoted, source, place):
    """Return the claim that ``quoted`` states ``text`` for ``field``, at a place in the file."""
    source = {"slug": source["slug"], "title": source["title"]}
    found = {"field": field, "as_stated": text[:MOST_STATED], "quote": quoted, "source": source, "place": place}
    return upgrade(Claim, found)


def _other_language(element, text):
    """Return the language in which an element says ``text``; None where that is English, or not stated."""
    found = (language for language, stated in texts([element]) if stated == text and language != ENGLISH)
    return next((language for language in found if language in LANGUAGES), None)
