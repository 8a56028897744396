"""IATI activity files read activity by activity, whoever wrote them: bounded, nothing resolved, nothing fetched."""

import os

from django.conf import settings
from lxml import etree

from projects.iati.xml import BARE

from ..items import NotReadable
from . import versions
from .texts import ACTIVITY, FEW_LINES, LINE, line_of

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


_PIECE = 2**20
_CUT = "The file breaks off here. Upload it whole."
_NONE = "This is not XML. Give an IATI activity file, which begins with <iati-activities>."
_AND = "A “&” or “<” stands in a text. Write it as &amp; or &lt;."
_QUOTES = 'An attribute is not written as name="value".'
_ENCODING = "The file is not in the encoding that it declares. Declare the one that it is in, or save it so."
_TWICE_ROOT = "Something stands after the end of <iati-activities>. Take it away."
_SIGN = "A sign that XML does not allow, such as a control character. Take it out."
_ENTITY = "XML does not know this entity. Write the character itself; only &amp; &lt; &gt; are known."
_CLOSED = "An element is closed that is not open. Close each element by its own name."
_UNKNOWN = "The encoding that the file declares is not known. Save it in UTF-8, and declare that."
WORDS = {
    "ERR_DOCUMENT_EMPTY": _NONE,
    "ERR_TAG_NOT_FINISHED": _CUT,
    "ERR_GT_REQUIRED": _CUT,
    "ERR_CDATA_NOT_FINISHED": _CUT,
    "ERR_COMMENT_NOT_FINISHED": _CUT,
    "ERR_ATTRIBUTE_NOT_FINISHED": _CUT,
    "ERR_TAG_NAME_MISMATCH": _CLOSED,
    "ERR_LTSLASH_REQUIRED": _CLOSED,
    "ERR_ATTRIBUTE_NOT_STARTED": _QUOTES,
    "ERR_ATTRIBUTE_WITHOUT_VALUE": _QUOTES,
    "ERR_SPACE_REQUIRED": "A blank is missing between two attributes.",
    "ERR_ATTRIBUTE_REDEFINED": "An element has the same attribute twice. Leave one of them out.",
    "ERR_LT_IN_ATTRIBUTE": _AND,
    "ERR_NAME_REQUIRED": _AND,
    "ERR_ENTITYREF_SEMICOL_MISSING": _AND,
    "ERR_UNDECLARED_ENTITY": _ENTITY,
    "WAR_UNDECLARED_ENTITY": _ENTITY,
    "ERR_INVALID_CHAR": _SIGN,
    "ERR_INVALID_CHARREF": _SIGN,
    "ERR_INVALID_ENCODING": _ENCODING,
    "I18N_CONV_FAILED": _ENCODING,
    "ERR_UNSUPPORTED_ENCODING": _UNKNOWN,
    "ERR_UNKNOWN_ENCODING": _UNKNOWN,
    "NS_ERR_UNDEFINED_NAMESPACE": "A prefix is not declared. Declare it by xmlns, or take out what has it.",
    "ERR_DOCUMENT_END": _TWICE_ROOT,
    "ERR_RESERVED_XML_NAME": "Something stands before <?xml. Let the file begin with that.",
    "ERR_RESOURCE_LIMIT": "A text is longer than 10,000,000 characters. No IATI file has that.",
}
_OTHER = "This is not well-formed XML. Look at this place with a tool that checks XML."


_AT_END = {"ERR_ATTRIBUTE_WITHOUT_VALUE", "ERR_ATTRIBUTE_NOT_STARTED", "ERR_SPACE_REQUIRED", "ERR_NAME_REQUIRED"}
_AT_END |= {"ERR_ENTITYREF_SEMICOL_MISSING", "NS_ERR_QNAME"}  # what a file that ends within a tag or entity looks like
_DECLARATION = "ERR_XMLDECL_NOT_FINISHED"  # the parser went over to the encoding that is declared, and read on in vain


def words(error, log, path):
    """Return where and what is wrong: ``error``, an XMLSyntaxError, the parser's ``log``, and the file at ``path``."""
    errors = [each for each in log if each.level_name in ("ERROR", "FATAL")]
    if not errors:
        return f"Line {max(error.position[0], 1)}: {_NONE if error.position == (0, 0) else _CUT}"
    return f"Line {errors[0].line}, column {errors[0].column}: {_what(errors, path)}"


def _what(errors, path):
    first = errors[0]
    if first.type_name in _AT_END and _breaks_off(path, first.line):
        return _CUT
    if any(each.type_name == _DECLARATION for each in errors):
        return _ENCODING
    return WORDS.get(first.type_name, _OTHER)


def _breaks_off(path, line):
    """Whether a file ends in its ``line`` (or the empty one after it), and not with a tag."""
    lines, end = 1, b""
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            lines += piece.count(b"\n")
            end = piece.rstrip(b" \t\r\n\0") or end
    return line >= lines - 1 and not end.endswith(b">")
