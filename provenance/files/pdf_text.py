"""Reads the text layer of a PDF, an empty line between paragraphs; run by sandbox.py.

It draws nothing, recognises no pictures and runs no scripts.
"""

import logging
import re
import sys
import unicodedata
from collections import Counter
from io import BytesIO
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from pypdf import PdfReader
from pypdf.errors import PyPdfError

logging.disable()  # pypdf's warnings are about the file
DAMAGES = (PyPdfError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
DAMAGED = "The PDF is damaged. Print it to a new PDF, or copy its text and paste it."
MOST_PAGES = 3000
ACTIVE = ("/AA", "/A", "/OpenAction")
SCRIPTS = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute")
ENDS = re.compile(r"[.:;!?…][\"'”’»)\]]*$")
LETTER = re.compile(r"[^\W\d_]")
LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}


class PageLine(NamedTuple):
    """A line of a page, with its distance from the top of the page, upside down, and the size of its letters."""

    text: str
    y: float
    size: float


def text_of(data):
    """Return the text of ``data``, bytes of a PDF."""
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        sys.exit("The PDF is encrypted. Save it without a password, or copy its text and paste it.")
    if len(reader.pages) > MOST_PAGES:
        sys.exit(f"The PDF has more than {MOST_PAGES:,} pages. Upload the part that you need.")
    refuse_active(reader)
    pages, most = [], int(sys.argv[1])
    for page in reader.pages:
        pages.append(lines_of(page))
        most -= sum(len(line.text.encode()) for line in pages[-1])
        if most < 0:
            sys.exit("There is too much text in it. Paste the part that you need.")
    text = "\n\n".join(paragraphs(without_margins(pages)))
    if not text:
        sys.exit("The PDF has no text: its pages may be pictures. Paste the text.")
    return text


def refuse_active(reader):
    """Refuse a PDF that holds scripts, forms or other files: what it shows may differ from what can be read of it."""
    root = reader.trailer["/Root"].get_object()
    names = dict(root.get("/Names", {}).get_object()) if "/Names" in root else {}
    form = root.get("/AcroForm")
    form = form.get_object() if form is not None else {}
    fields = form.get("/Fields")
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", ()) or ()]
    if (
        {"/JavaScript", "/EmbeddedFiles"} & names.keys()
        or "/XFA" in form
        or (fields is not None and len(fields.get_object()))
        or any(is_script(part, name) for part in (root, *reader.pages, *notes) for name in ACTIVE)
        or any(note.get("/Subtype") in ("/FileAttachment", "/RichMedia", "/Movie", "/Screen") for note in notes)
    ):
        sys.exit("The PDF holds scripts, forms or other files. Print it to a new PDF, or copy its text and paste it.")


def is_script(part, name):
    """Whether the entry ``name`` of a part does more than lead to a page or an address."""
    entry = part.get(name)
    entry = entry.get_object() if entry is not None else None
    if not isinstance(entry, dict):
        return False
    return name == "/AA" or entry.get("/S") in SCRIPTS or "/JS" in entry


def lines_of(page):
    """Return the Lines of a page that have something in them."""
    pieces = []

    def take(text, matrix, place, _font, size):
        pieces.append((text, place[5] * matrix[3] + matrix[5], size))

    page.extract_text(visitor_text=take)
    lines, words, where = [], "", None
    for text, y, size in [*pieces, ("\n", 0, 0)]:
        first, *rest = text.split("\n")
        for at, part in enumerate([first, *rest]):
            if at and words.strip():
                lines.append(PageLine(" ".join(words.translate(LIGATURES).split()), *where))
            if at:
                words, where = "", None
            words += part
            where = where or ((y, size) if part.strip() else None)
    return lines


def without_margins(pages):
    """Return pages without their numbers and running titles: what most pages share at their beginning or end.

    A page that has nothing else keeps its lines that have letters.
    """
    counts = Counter(edge for lines in pages for edge in {pattern_of(line) for line in edges_of(lines)})
    shared = {edge for edge, count in counts.items() if count > max(1, len(pages) // 2)}
    bodies = (
        [line for line in lines if line not in edges_of(lines) or pattern_of(line) not in shared]
        or [line for line in lines if LETTER.search(line.text)]
        for lines in pages
    )
    return [lines for lines in bodies if lines]


def edges_of(lines):
    return [*lines[:2], *lines[-2:]]


def pattern_of(line):
    return re.sub(r"\d+", "0", line.text)


def paragraphs(pages):
    """Return the paragraphs of pages, lists of Lines: with lines joined, and words that were hyphenated."""
    blocks, before = [], None
    texts = sorted((line.text for lines in pages for line in lines), key=len)
    width = len(texts[len(texts) * 4 // 5]) if texts else 0
    hyphened = set(re.findall(r"\w+-\w+", " ".join(texts)))
    for lines in pages:
        gap = median([abs(above.y - line.y) for above, line in pairwise(lines)] or [0])
        for at, line in enumerate(lines):
            if before is None or is_new(before, line, gap, width, is_first=not at):
                blocks.append(line.text)
            else:
                blocks[-1] = joined(blocks[-1], line.text, hyphened)
            before = line
    return blocks


def is_new(before, line, gap, width, *, is_first):
    """Whether ``line`` begins a paragraph: after a gap, in other letters, or after a line that had room for more."""
    is_apart = not is_first and before.y - line.y > 1.3 * gap
    is_other = abs(before.size - line.size) > 0.1 * max(before.size, line.size)
    had_room = len(before.text) + len(line.text.split()[0]) < 0.9 * width
    return is_apart or is_other or bool(had_room and ENDS.search(before.text))


def joined(text, more, hyphened):
    """Return two lines as one. A hyphen at the end stays where the word is written with it elsewhere."""
    first, last = re.match(r"\w*", more)[0], re.search(r"(\w+)[-\u00ad\u2010]$", text)
    if not last:
        return f"{text} {more}"
    is_parted = text[-1] == "\u00ad" or (first.islower() and last[1][-1].islower())
    keeps = not is_parted or f"{last[1]}-{first}" in hyphened
    return (text if keeps else text[:-1]) + more
