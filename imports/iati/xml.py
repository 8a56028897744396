"""Reads IATI activity files from anybody, activity by activity: bounded, without resolving or fetching anything."""

import re

from django.conf import settings
from lxml import etree

from projects.iati.xml import BARE

from ..items import NotReadable
from .codes import READ
from .element import ACTIVITY, ROOT, made_of_elements

MOST_ELEMENTS = 100_000  # in one child of the root
DEEPEST = 30
MOST_ATTRIBUTES = 100  # of one element
LONGEST_ATTRIBUTE = 10_000  # characters
_PIECE = 32_768  # bytes
_COUNTED = 32_000  # lines; the parser counts to 65,535, which is not reached with another piece
_BLANK = b" \t\r\n\0"
_END = f"</{ACTIVITY}>".encode()
_DECLARATION = re.compile(rb"(\xef\xbb\xbf)?(<\?xml\s.*?\?>)?", re.DOTALL)
_has_odd_attributes = etree.XPath(
    f"boolean(descendant-or-self::*[@*[{MOST_ATTRIBUTES + 1}] or @*[string-length() > {LONGEST_ATTRIBUTE}]])"
)


def children(file):
    """Yield (root, child) for each child of the root of an open file, as Elements; it is emptied afterwards.

    NotReadable, with line and rule, at the first thing that makes the whole file invalid.
    """
    declaration, last, lines, parser, has_activity = b"", (0, b""), 0, _Parser(), False
    root, depth, number, size, elements = None, 0, 0, 0, []
    while piece := file.read(_PIECE) if (is_counted := lines - parser.before < _COUNTED) else file.readline(_PIECE):
        declaration, last, error, is_between = declaration or _DECLARATION.match(piece)[0], (lines, piece), None, False
        try:
            parser.feed(piece)
        except etree.XMLSyntaxError as fault:
            error = fault
        sizes = [len(part) for part in piece.split(_END)]  # of what ends in the piece, as a rule, and of the rest
        sizes[0] += size
        for event, element in parser.read_events():
            if event == "start":
                depth += 1
                if not is_counted:
                    element.counted = lines + 1
                if depth == 1:
                    root = element
                    _refuse_root(root)
                elif depth == 2:
                    elements, number = [], number + 1
                    _refuse_child(element, number)
                elif depth > DEEPEST:
                    _refuse(element, f"elements more than {DEEPEST} deep")
                elements.append(element)
            else:
                depth -= 1
                if is_between := depth == 1:
                    _refuse_many(elements)
                    is_small = element.tag == ACTIVITY and sizes and sizes.pop(0) <= LONGEST_ATTRIBUTE
                    if not is_small and _has_odd_attributes(element):
                        _refuse_attributes(elements)
                    has_activity = has_activity or element.tag == ACTIVITY
                    yield root, element
                    element.clear()
                    while element.getprevious() is not None:
                        del root[0]
        _refuse_many(elements)
        # After an unknown entity, which only the log mentions, the parser would start again.
        if error or (b"&" in piece and parser.feed_error_log):
            raise NotReadable(_words(error, parser, file, *last))
        lines, size = lines + piece.count(b"\n"), sum(sizes)
        if is_between and not is_counted and piece.strip() == _END:
            parser, root = _next_parser(declaration, root, lines)
    try:
        parser.close()
    except etree.XMLSyntaxError as fault:
        raise NotReadable(_words(fault, parser, file, *last)) from None
    if not has_activity:
        raise NotReadable("The file has no <iati-activity>, so there is nothing to read. Give a file with activities.")


class _Parser(etree.XMLPullParser):
    """A parser of Elements. ``before``: the lines of the file before what it is fed."""

    def __init__(self, before=0):
        super().__init__(events=("start", "end"), **BARE)
        self.before = before
        made_of_elements(self, before)


def _next_parser(declaration, root, lines):
    """Return a parser for what follows after ``lines``, which has been fed the start tag of ``root``, and its root."""
    tag = etree.tostring(etree.Element(root.tag, root.attrib, root.nsmap)).removesuffix(b"/>")  # in ASCII
    parser = _Parser(lines - declaration.count(b"\n"))
    parser.feed(declaration + tag + b">")
    return parser, next(parser.read_events())[1]


def _refuse(element, fault):
    raise NotReadable(
        f"Line {element.line}, element {element.tag[:60]}: {fault}. No IATI file has that; it is refused whole."
    )


def _refuse_root(root):
    if root.getroottree().docinfo.doctype:
        fault = ": the file has a DOCTYPE. IATI has no use for one; give the file without it."
    elif root.tag.endswith(f"}}{ROOT}"):
        fault = f": <{ROOT}> has a namespace (xmlns), and IATI has none. Take it out."
    elif root.tag != ROOT:
        fault = f": the root is <{root.tag[:60]}>. Give a file of <{ROOT}>."
    else:
        _refuse_attributes([root])
        version, right = root.get("version"), f"What is read: {', '.join(READ)}."
        if version in READ:
            return
        fault = (
            f", version: “{version[:40]}” is not read. Ask the publisher for a newer file, or convert it. {right}"
            if "version" in root.attrib
            else ", version: the root does not say its version, and none is guessed. Ask the publisher which it is, and"
            f' write it there: <iati-activities version="2.03">. {right}'
        )
    raise NotReadable(f"Line {root.line}{fault}")


def _refuse_child(element, number):
    if element.tag == ROOT:
        raise NotReadable(
            f"Line {element.line}: <{ROOT}> stands inside <{ROOT}>, so its activities would not be read."
            " Give one file for each, or take the inner one away."
        )
    if number > settings.IMPORT_MAX_ROWS:
        noun = "activities" if element.tag == ACTIVITY else "elements that are no part of an activity"
        _refuse(element, f"more than {settings.IMPORT_MAX_ROWS:,} {noun}")


def _refuse_many(elements):
    if len(elements) > MOST_ELEMENTS:
        _refuse(elements[MOST_ELEMENTS], f"more than {MOST_ELEMENTS:,} elements in one activity")


def _refuse_attributes(elements):
    for element in elements:
        if len(element.attrib) > MOST_ATTRIBUTES:
            _refuse(element, f"more than {MOST_ATTRIBUTES} attributes on one element")
        if any(len(value) > LONGEST_ATTRIBUTE for value in element.attrib.values()):
            _refuse(element, f"an attribute longer than {LONGEST_ATTRIBUTE:,} characters")


# -- What the parser says, in words --

_CUT = "The file breaks off here. Upload it whole."
_NONE = "This is not XML. Give an IATI activity file, which begins with <iati-activities>."
_AFTER = "Something stands after the end of <iati-activities>. Take it away."
_ENCODING = "The file is not in the encoding that it declares. Declare the one that it is in, or save it so."
_OTHER = "This is not well-formed XML. Look at this place with a tool that checks XML."
_WORDS = {
    _NONE: "DOCUMENT_EMPTY",
    _CUT: "TAG_NOT_FINISHED GT_REQUIRED CDATA_NOT_FINISHED COMMENT_NOT_FINISHED ATTRIBUTE_NOT_FINISHED",
    _AFTER: "DOCUMENT_END",
    _ENCODING: "INVALID_ENCODING I18N_CONV_FAILED",
    "The encoding that the file declares is not known. Save it in UTF-8, and declare that.": (
        "UNSUPPORTED_ENCODING UNKNOWN_ENCODING"
    ),
    "An element is closed that is not open. Close each element by its own name.": "TAG_NAME_MISMATCH LTSLASH_REQUIRED",
    'An attribute is not written as name="value".': "ATTRIBUTE_NOT_STARTED ATTRIBUTE_WITHOUT_VALUE",
    "A blank is missing between two attributes.": "SPACE_REQUIRED",
    "An element has the same attribute twice. Leave one of them out.": "ATTRIBUTE_REDEFINED",
    "A “&” or “<” stands in a text. Write it as &amp; or &lt;.": (
        "LT_IN_ATTRIBUTE NAME_REQUIRED ENTITYREF_SEMICOL_MISSING"
    ),
    "XML does not know this entity. Write the character itself; only &amp; &lt; &gt; are known.": "UNDECLARED_ENTITY",
    "A sign that XML does not allow, such as a control character. Take it out.": "INVALID_CHAR INVALID_CHARREF",
    "A prefix is not declared. Declare it by xmlns, or take out what has it.": "UNDEFINED_NAMESPACE",
    "A namespace (xmlns) is not a valid web address. Correct it, or take it out.": "NS_URI XML_NAMESPACE",
    "Something stands before <?xml. Let the file begin with that.": "RESERVED_XML_NAME",
    "A text is longer than 10,000,000 characters. No IATI file has that.": "RESOURCE_LIMIT",
}
_BY_NAME = {name: words for words, names in _WORDS.items() for name in names.split()}


def _words(error, parser, file, lines, piece):
    """Return what is wrong, and where.

    ``error``: an XMLSyntaxError or None; ``piece``: what ``parser`` was last fed of ``file``; ``lines``: before that.
    """
    log, before = parser.feed_error_log, parser.before
    errors = [each for each in log if each.level_name != "WARNING"] or list(log)
    if not errors:
        return f"Line {max(error.position[0] + before, 1)}: {_NONE if error.position == (0, 0) else _CUT}"
    names, line = [re.sub("^(NS_)?(ERR|WAR)_", "", each.type_name) for each in errors], errors[0].line + before
    words, rest = _BY_NAME.get(names[0], _OTHER), piece.rstrip(_BLANK)
    is_last = line > lines + rest.count(b"\n") and not file.read(_PIECE).strip()
    if "XMLDECL_NOT_FINISHED" in names:  # it went over to the encoding that is declared, and read on in vain
        words = _ENCODING
    elif words not in (_NONE, _AFTER) and is_last and not rest.endswith(b">"):
        words = _CUT  # within a tag or entity
    return f"Line {line}, column {errors[0].column}: {words}"
