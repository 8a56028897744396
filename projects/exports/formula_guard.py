"""Guards CSV cells against being read as formulas, and removes the guard again.

A spreadsheet reads a cell as a formula if it begins with one of a few characters. It may also start a new cell after a
semicolon, tab or line break, and ignore blanks and quotation marks. So an apostrophe goes before such a character, and
before an apostrophe that begins a cell, so that the first one can always be removed.
"""

import re

_SIGN = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # also full-width
_BREAK = ";\t\r\n"
# White space, quotes and invisible characters.
_BLANK = r'[ "\x00-\x08\x0b\x0c\x0e-\x1f\x85\xa0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]*'
_BEGIN = f"(\\A{_BLANK})"
_AFTER = f"([{_BREAK}]{_BLANK})"
_RUN = re.compile(f"{_BEGIN}(?=['{_SIGN}\\t\\r\\n])|{_AFTER}(?='*[{_SIGN}])")
_GUARDED = re.compile(f"{_BEGIN}'(?=['{_SIGN}\\t\\r\\n])|{_AFTER}'(?='*[{_SIGN}])")
# The first bytes in UTF-8 of what can begin a cell and what can begin a formula there; and blanks.
_CLASSES = bytes.maketrans(b";\t\r'+-@\xc2\xe1\xe2\xe3\xef", b",\n\n=========")
_BLANKS = bytes({*range(0x21), ord('"')} - set(b"\t\r\n"))
_ANY = re.compile(f"[,{_BREAK}]{_BLANK}['{_SIGN}\\t\\r\\n]")


def needs_no_guard(line):
    """Whether no cell in a line of CSV, as bytes, needs a guard: a fast check, which may be wrong about a comma."""
    line = b"," + line.removesuffix(b"\r\n")
    classes = line.translate(_CLASSES, _BLANKS).replace(b"\n", b"=,")
    return b",=" not in classes or not _ANY.search(line.decode())


def guarded(text):
    """Return ``text`` with an apostrophe before each character that could start a formula."""
    return _RUN.sub(lambda match: match[0] + "'", text)


def unguarded(text):
    """Undo ``guarded``."""
    return _GUARDED.sub(lambda match: match[0][:-1], text)
