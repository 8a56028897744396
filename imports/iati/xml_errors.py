"""What the parser finds wrong with XML, in our own words, and what would be right."""

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
