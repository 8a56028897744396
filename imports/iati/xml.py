"""IATI activity files read activity by activity, whoever wrote them: bounded, nothing resolved, nothing fetched."""

import os

from django.conf import settings
from lxml import etree

from projects.iati.xml import BARE

from ..items import NotReadable
from . import versions
from .texts import ACTIVITY, FEW_LINES, LINE, line_of
from .xml_errors import words

MOST_ELEMENTS = 100_000  # of one activity, and of what is none
DEEPEST = 30
MOST_ATTRIBUTES = 100  # of one element
LONGEST_ATTRIBUTE = 10_000  # characters
_HEAD = 65_536
ROOT = "iati-activities"


def activities(path):
    """Yield (root, activity) of the file at ``path``, one at a time: an activity is emptied when the next is asked.

    NotReadable, with line and rule, as soon as something is met for which the whole file is refused.
    """
    _refuse_by_bytes(path)
    with open(path, "rb") as file:
        yield from _activities(_events(file, path))


def activities_again(path, numbers):
    """Yield the activities of these ``numbers``, from 0, of a file that was read before; they are the caller's."""
    number = -1
    with open(path, "rb") as file:
        for event, element, _line in _events(file, path):
            if event == "end" and element.tag == ACTIVITY and (parent := element.getparent()).getparent() is None:
                number += 1
                if number in numbers:
                    yield element
                    parent.remove(element)
                else:
                    _forget(element)


def _events(file, path):
    """Yield (event, element, line) of a file. The parser counts few lines; ``line_of`` tells that of an element."""
    parser = etree.XMLPullParser(events=("start", "end"), **BARE)
    number, first, is_begun, error = 0, 0, False, None
    while text := file.readline(_HEAD):
        number += not is_begun
        is_begun = not text.endswith(b"\n")  # a longer line comes in pieces
        try:
            parser.feed(text)
        except etree.XMLSyntaxError as fault:
            error = fault
        for event, element in parser.read_events():
            if event == "start":
                element.sourceline = number % FEW_LINES
                first = number if element.tag == ACTIVITY else first
                if element.tag == ACTIVITY or number >= first + FEW_LINES:
                    element.set(LINE, str(number))
            yield event, element, number
        if error or parser.feed_error_log:  # fed once more, it would begin anew
            raise NotReadable(words(error, parser.feed_error_log, path))
    try:
        parser.close()
    except etree.XMLSyntaxError as fault:
        raise NotReadable(words(fault, parser.feed_error_log, path)) from None


def _activities(events):
    counter = _Counter()
    root = None
    for event, element, line in events:
        if event == "start":
            if root is None:
                root = element
                _refuse_other_roots(root)
            counter.enter(element, line)
        else:
            counter.leave()
            if counter.depth == 1:
                if element.tag == ACTIVITY:
                    yield root, element
                _forget(element)
    if root is None:
        raise NotReadable("Line 1: the file is empty. Give an IATI activity file.")
    if not counter.activities:
        raise NotReadable("The file has no <iati-activity>, so there is nothing to read. Give a file with activities.")


def _forget(element):
    """Empty what has been read, that memory does not grow."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


class _Counter:
    """Counts what is open and what has been met, and refuses what is beyond a bound."""

    def __init__(self):
        self.depth = self.activities = self.inside = self.outside = 0
        self.is_activity = False

    def enter(self, element, line):
        self.depth += 1
        if self.depth == 2:
            self._enter_child(element, line)
        self.inside += self.is_activity
        self.outside += not self.is_activity
        if self.inside > MOST_ELEMENTS:
            _refuse(element, line, f"more than {MOST_ELEMENTS:,} elements in one activity")
        if self.outside > MOST_ELEMENTS:
            _refuse(element, line, f"more than {MOST_ELEMENTS:,} elements that are no part of an activity")
        if self.depth > DEEPEST:
            _refuse(element, line, f"elements more than {DEEPEST} deep")
        if values := element.values():
            if len(values) > MOST_ATTRIBUTES:
                _refuse(element, line, f"more than {MOST_ATTRIBUTES} attributes on one element")
            if max(map(len, values)) > LONGEST_ATTRIBUTE:
                _refuse(element, line, f"an attribute longer than {LONGEST_ATTRIBUTE:,} characters")

    def _enter_child(self, element, line):
        self.is_activity = element.tag == ACTIVITY
        if element.tag == ROOT:
            raise NotReadable(
                f"Line {line}: <{ROOT}> stands inside <{ROOT}>, so its activities would not be read."
                " Give one file for each, or take the inner one away."
            )
        if self.is_activity:
            self.inside = 0
            self.activities += 1
            if self.activities > settings.IMPORT_MAX_ROWS:
                _refuse(element, line, f"more than {settings.IMPORT_MAX_ROWS:,} activities")

    def leave(self):
        self.depth -= 1


def _refuse(element, line, what):
    name = str(element.tag)[:60]
    raise NotReadable(f"Line {line}, element {name}: {what}. No IATI file has that; it is refused whole.")


def _refuse_by_bytes(path):
    """Refuse what is too large, and a DOCTYPE before any parser sees it."""
    most = settings.IMPORT_MAX_UNPACKED
    if (size := os.path.getsize(path)) > most:
        raise NotReadable(f"The file has {size:,} bytes; the most that is read is {most:,}. Give it in parts.")
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    head = head.replace(b"\0", b"")  # whatever the width of characters
    place = head.find(b"<!DOCTYPE")
    if place >= 0 and b"<iati-activities" not in head[:place]:
        _refuse_doctype(head[:place].count(b"\n") + 1)


def _refuse_doctype(line):
    raise NotReadable(f"Line {line}: the file has a DOCTYPE. IATI has no use for one; give the file without it.")


def _refuse_other_roots(root):
    if root.getroottree().docinfo.doctype:
        _refuse_doctype(1)
    if root.tag != ROOT:
        name = str(root.tag)[:60]
        raise NotReadable(f"Line {line_of(root)}: the root is <{name}>. Give a file of <{ROOT}>.")
    if fault := versions.fault(root.get("version")):
        raise NotReadable(f"Line {line_of(root)}, version: {fault}")
