"""Parses untrusted XML safely, and makes our own."""

import re
from urllib.parse import quote, urlsplit

from lxml import etree

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
BARE = SAFE | {"remove_comments": True, "remove_pis": True}
_PARSER = etree.XMLParser(**BARE)
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def parsed(text):
    """Parse ``text`` without comments; None if it is not well-formed."""
    try:
        return etree.fromstring(text.encode(), _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def for_xml(text):
    """Return ``text`` with what XML 1.0 cannot hold replaced by U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text)


def uri(address):
    """Return a web address with characters that a URI (RFC 3986) cannot have percent-encoded, once."""
    parts = urlsplit(re.sub("%(?![0-9A-Fa-f]{2})", "%25", address))
    safe = "/:@!$&'()*+,;=%~"
    return parts._replace(
        netloc=quote(parts.netloc, safe + "[]"),
        path=quote(parts.path, safe),
        query=quote(parts.query, safe + "?"),
        fragment=quote(parts.fragment, safe + "?"),
    ).geturl()


def node(tag, attributes, *children, text=None):
    """Return an element, without attributes that are None."""
    element = etree.Element(tag, {name: for_xml(value) for name, value in attributes.items() if value is not None})
    element.text = text and for_xml(text)
    element.extend(children)
    return element


def narrative(text, language=None):
    """Return a narrative in ``language``; None: the activity's."""
    return node("narrative", {LANG: language}, text=text)


def comment(text):
    """Return a comment, with a blank between two hyphens, which would end it."""
    text = re.sub("-(?=-)", "- ", for_xml(text))
    return etree.Comment(f" {text} ")
