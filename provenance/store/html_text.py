"""Reads the text of an HTML page in a process of its own: `html_text.py MEMORY SECONDS MOST`, the page on stdin.

Writes the text, an empty line between paragraphs, and ends with an error past MOST bytes. Nothing is fetched and no
script is run. It knows nothing of Django.
"""

import re
import resource
import sys

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
    """Return utf-8 if the page is; else None: what the page says of itself."""
    try:
        page.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _words(text):
    """Return the text of an element with its blanks as a browser shows them."""
    return re.sub(r"[ \t\r\n\f]+", " ", text or "")


if __name__ == "__main__":
    memory, seconds, most = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = text_of(sys.stdin.buffer.read()).encode()
    if len(found) > most:
        sys.exit("too much text")
    sys.stdout.buffer.write(found)
