"""Reads the text of a DOCX file; run by sandbox.py.

Its paragraphs, then its notes, an empty line between them. What was deleted or is hidden is left out.
"""

import sys
import zipfile
import zlib
from io import BytesIO

from lxml import etree

BODY = "word/document.xml"
NOTES = ("word/footnotes.xml", "word/endnotes.xml")
LARGEST = 50 * 2**20  # bytes of a part, unpacked
SAFE = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True,
    "remove_pis": True,
}  # fmt: skip
WORDS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
APART = {"p", "del", "moveFrom", "Fallback", "instrText"}  # Fallback repeats its neighbour
DAMAGES = (
    zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError,
)  # fmt: skip
DAMAGED = "The file is damaged. Save it anew as DOCX, or copy its text and paste it."


def text_of(data):
    """Return the text of ``data``, bytes of a DOCX file."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        if not names:
            sys.exit("The file is an archive with nothing in it. Save it anew as DOCX, or copy its text and paste it.")
        if BODY not in names:
            sys.exit("Of Office files, only DOCX can be read here. Copy the text and paste it.")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            sys.exit("The file holds macros. Save it as DOCX without them.")
        parts = [BODY, *(name for name in NOTES if name in names)]
        return "\n\n".join(filter(None, (text.strip() for part in parts for text in paragraphs(archive, part))))


def paragraphs(archive, name):
    """Yield the text of each paragraph of a part of the archive."""
    with archive.open(name) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        sys.exit("There is too much in it. Paste the part that you need.")
    root = etree.fromstring(data, etree.XMLParser(**SAFE))
    if root.getroottree().docinfo.doctype:
        sys.exit("The file declares a document type, which no word processor writes. Copy its text and paste it.")
    for paragraph in root.iter("{*}p"):
        if not any(tag_of(parent) in APART - {"p"} for parent in paragraph.iterancestors()):
            yield "".join(words_of(paragraph))


def words_of(element):
    """Yield the text of an element, without paragraphs within it, which stand for themselves."""
    for child in element:
        tag = tag_of(child)
        if tag == "t":
            yield child.text or ""
        elif tag in WORDS:
            yield WORDS[tag]
        elif tag not in APART and not (tag == "r" and child.find("{*}rPr/{*}vanish") is not None):
            yield from words_of(child)


def tag_of(element):
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
