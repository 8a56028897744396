"""Texts: cleaned, and as lists."""

import re
from datetime import date

from provenance.files.html_text import text_of

ENGLISH = "en"
_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+)?(Z|[+-]\d\d:?\d\d)?")


def clean(text):
    """Return ``text`` with its white space single."""
    return " ".join(text.split()) if text else ""


def without_html(text):
    """Return ``text`` clean, without HTML that stands in it as text: ``<p>Aid &amp; trade</p>`` is ``Aid & trade``."""
    return clean(text_of(text.encode()) if has_html(text) else text)


def has_html(text):
    """Whether tags or entities of HTML stand in ``text``."""
    return bool(text and ("<" in text or "&" in text) and _HTML.search(text))


def listed(words, most=20):
    """Return a list of words as text, with at most ``most`` of them and the number of others."""
    words = list(words)
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" … and {rest:,} more" if rest > 0 else "")


def day_of(iso):
    """Return the day of an xsd:date or xsd:dateTime; "" if it is neither."""
    try:
        return date.fromisoformat(iso[:10]).isoformat() if _DATE.fullmatch(iso) else ""
    except ValueError:
        return ""
