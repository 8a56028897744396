"""Reads IATI activity files from anybody, activity by activity: bounded, without resolving or fetching anything."""

import re
from functools import partial

from django.conf import settings
from lxml import etree

from projects.iati.xml import BARE

from ..items import NotReadable
from .codes import READ
from .element import ACTIVITY, ELEMENTS, ROOT

MOST_ELEMENTS = 100_000  # in one child of the root
DEEPEST = 30
_PIECE = 32_768  # bytes of a line
_BLANK = b" \t\r\n\0"
_READ = f"What is read: {', '.join(READ)}."
_SAY_VERSION = 'Ask the publisher which it is, and write it there: <iati-activities version="2.03">.'


def children(file):
    """Yield each child of the root of an open file, as an Element; it is emptied afterwards.

    NotReadable, with line and rule, at the first thing that makes the whole file invalid. The file is read line by
    line, because the parser's own numbers of lines end at 65,535.
    """
    line, depth, number, elements, piece = 1, 0, 0, [], b""
    parser = etree.XMLPullParser(events=("start", "end"), **BARE)
    parser.set_element_class_lookup(ELEMENTS)
    try:
        for piece in iter(partial(file.readline, _PIECE), b""):
            parser.feed(piece)
            if b"&" in piece and parser.feed_error_log:  # an unknown entity, after which it would start again
                raise etree.XMLSyntaxError(None, 0, 0, 0)
            for event, element in parser.read_events():
                if event == "start":
                    depth += 1
                    element.line = line
                    if depth == 1:
                        _refuse_root(element)
                    elif depth == 2:
                        number, elements = number + 1, []
                        _refuse_child(element, number)
                    elif depth > DEEPEST:
                        element.refuse(f"elements more than {DEEPEST} deep")
                    elif len(elements) == MOST_ELEMENTS:
                        element.refuse(f"more than {MOST_ELEMENTS:,} elements in one activity")
                    elements.append(element)  # an Element lives, and has its line, as long as somebody holds it
                else:
                    depth -= 1
                    if depth == 1:
                        yield element
                        element.clear()
                        while (before := element.getprevious()) is not None:
                            before.getparent().remove(before)
            line += piece.endswith(b"\n")
        parser.close()
    except etree.XMLSyntaxError as error:
        is_cut = not file.read(1) and not piece.rstrip(_BLANK).endswith(b">")
        raise NotReadable(_words(error, parser.feed_error_log, is_cut)) from None


def _refuse_root(root):
    version = root.get("version")
    if root.getroottree().docinfo.doctype:
        fault = ", before the root: a DOCTYPE. IATI has no use for one; give the file without it."
    elif root.tag.endswith(f"}}{ROOT}"):
        fault = f": <{ROOT}> has a namespace (xmlns), and IATI has none. Take it out."
    elif root.tag != ROOT:
        fault = f": the root is <{root.tag[:60]}>. Give a file of <{ROOT}>."
    elif version in READ:
        return
    elif version:
        fault = f", version: “{version[:40]}” is not read. Ask the publisher for a newer file, or convert it. {_READ}"
    else:
        fault = f", version: the root does not say its version, and none is guessed. {_SAY_VERSION} {_READ}"
    raise NotReadable(f"Line {root.line}{fault}")


def _refuse_child(element, number):
    if element.tag == ROOT:
        raise NotReadable(
            f"Line {element.line}: <{ROOT}> stands inside <{ROOT}>, so its activities would not be read."
            " Give one file for each, or take the inner one away."
        )
    if number > settings.IMPORT_MAX_ROWS:
        noun = "activities" if element.tag == ACTIVITY else "elements that are no part of an activity"
        element.refuse(f"more than {settings.IMPORT_MAX_ROWS:,} {noun}")


# -- What the parser says, in words --

_CUT = "The file breaks off here. Upload it whole."
_NONE = "This is not XML. Give an IATI activity file, which begins with <iati-activities>."
_AFTER = "Something stands after the end of <iati-activities>. Take it away."
_ENCODING = (
    "The file is not in the encoding that it declares, or this is not known. Save it in UTF-8, and declare that."
)
_WORDS = {  # what the parser calls a fault: what it is
    "DOCUMENT_EMPTY": _NONE,
    "DOCUMENT_END": _AFTER,
    "(TAG|ATTRIBUTE)_NOT_FINISHED": _CUT,
    "ENCODING|I18N_CONV": _ENCODING,
    "LT_IN|NAME_REQUIRED|SEMICOL": "A “&” or “<” stands in a text. Write it as &amp; or &lt;.",
    "MISMATCH|GT_REQUIRED": "A tag is not closed as it was opened. Close the inner one first, then what is around it.",
    "UNDECLARED_ENTITY": "The word after “&” is none of XML. Write the character itself.",
    "ATTRIBUTE|SPACE_REQUIRED": 'An attribute is not written as in <sector code="15190">, in quotation marks, once.',
    "NS_": "The prefix before a “:” has no namespace, or no valid one. Declare it by xmlns, with a web address.",
    "INVALID_CHAR": "XML cannot hold the character here. Take it away.",
    "RESERVED_XML_NAME": "“<?xml …?>” does not stand at the very beginning of the file. Take away what is before it.",
    "LIMIT|COMMENT_NOT_FINISHED": "There is more here, or deeper, than in any IATI file. Take it away.",
}
_OTHER = "This is not well-formed XML. Look at this place with a tool that checks XML, and correct it."


def _words(error, log, is_cut):
    """Return what is wrong, and where; ``is_cut``: whether the file ends there, within a tag or text."""
    errors = [each for each in log if each.level_name != "WARNING"] or list(log)
    if not errors:
        return f"Line {max(error.position[0], 1)}: {_NONE if error.position == (0, 0) else _CUT}"
    names = [each.type_name for each in errors]
    words = next((words for name, words in _WORDS.items() if re.search(name, names[0])), _OTHER)
    if "ERR_XMLDECL_NOT_FINISHED" in names:  # it went over to the encoding that is declared, and read on in vain
        words = _ENCODING
    elif is_cut and words not in (_NONE, _AFTER):
        words = _CUT
    if words not in (_CUT, _NONE, _AFTER, _ENCODING):
        words += f" The parser says: {errors[0].message.strip()[:200]}."
    return f"Line {errors[0].line}, column {errors[0].column}: {words}"
