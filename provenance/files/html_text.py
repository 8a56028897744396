"""Reads the text of an HTML page, an empty line between paragraphs; run by sandbox.py.

Nothing is fetched and no script is run.
"""

import re

from lxml import etree

UNSEEN = {"script", "style", "noscript", "template", "head", "svg", "math", "iframe", "object", "select", "textarea"}
IN_LINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
BREAK = "\n\n"


def text_of(page):
    """Return the text of ``page``, bytes of HTML."""
    parser = etree.HTMLParser(
        encoding=_encoding(page), no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(page, parser)
    pieces, hidden = [], 0
    for event, element in etree.iterwalk(root, events=("start", "end")) if root is not None else ():
        tag = element.tag if isinstance(element.tag, str) else ""
        is_unseen = tag in UNSEEN or element.get("hidden") is not None
        if event == "start":
            hidden += is_unseen
            gap = "\n" if tag == "br" else "" if tag in IN_LINE else BREAK
            pieces += [gap, "" if hidden else _words(element.text)]
        else:
            hidden -= is_unseen
            pieces += ["" if tag in IN_LINE or tag == "br" else BREAK, "" if hidden else _words(element.tail)]
    text = "".join(pieces)
    lines = re.sub(r"[^\S\n]*\n[^\S\n]*", "\n", text)
    return re.sub(r"\n{3,}", BREAK, lines).strip()


def _encoding(page):
    """Return utf-8 if the page can be read as that; else None, so that its own declaration decides."""
    try:
        page.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _words(text):
    """Return the text of an element with its blanks as a browser shows them."""
    return re.sub(r"[ \t\r\n\f]+", " ", text or "")
