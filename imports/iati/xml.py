"""Reads IATI activity files from anybody, activity by activity: bounded, without resolving or fetching anything."""

import re
from functools import partial
from pathlib import Path

import orjson
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

# What the parser calls a fault, and what is wrong then; "plain" says enough without the parser's own words.
_FAULTS = orjson.loads(Path(__file__).with_name("faults.json").read_bytes())


def _words(error, log, is_cut):
    """Return what is wrong, and where; ``is_cut``: whether the file ends there, within a tag or text."""
    errors, plain = [each for each in log if each.level_name != "WARNING"] or list(log), _FAULTS["plain"]
    if not errors:
        return f"Line {max(error.position[0], 1)}: {plain['none' if error.position == (0, 0) else 'cut']}"
    names = [each.type_name for each in errors]
    fault = next((fault for name, fault in _FAULTS["types"].items() if re.search(name, names[0])), _FAULTS["other"])
    if "ERR_XMLDECL_NOT_FINISHED" in names:  # it went over to the encoding that is declared, and read on in vain
        fault = "encoding"
    elif is_cut and fault not in ("none", "after"):
        fault = "cut"
    words = plain.get(fault) or f"{fault} The parser says: {errors[0].message.strip()[:200]}."
    return f"Line {errors[0].line}, column {errors[0].column}: {words}"
