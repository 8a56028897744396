"""Text that no spreadsheet runs: the guard for cells of CSV, and its exact undoing.

A spreadsheet takes a cell for a formula if it begins with one of a few signs, and may begin a cell where we do not:
after a semicolon, a tab or a line break, behind blanks and quotation marks. One apostrophe is put before such a sign,
and before an apostrophe that begins a cell, so that one is always ours and is taken away again.
"""

import re

_SIGN = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # the last four: the same, full-width
_BREAK = ";\t\r\n"
_BLANK = f'(?:[^\\S{_BREAK}]|["\\x00-\\x08\\x0e-\\x1f\u200b-\u200f\u2060\ufeff])*'  # white space, quotes, invisible
_BEGIN = f"(\\A{_BLANK})"
_AFTER = f"([{_BREAK}]{_BLANK})"
_RUN = re.compile(f"{_BEGIN}(?=['{_SIGN}\\t\\r\\n])|{_AFTER}(?='*[{_SIGN}])")
_GUARDED = re.compile(f"{_BEGIN}'(?=['{_SIGN}\\t\\r\\n])|{_AFTER}'(?='*[{_SIGN}])")
_INNER = re.compile(f"[{_BREAK}]{_BLANK}'*[{_SIGN}]")


def harmless(text):
    """Return ``text`` with an apostrophe before each sign that a spreadsheet could take for the start of a formula."""
    if (text[:1].isalnum() or text[:1] in "/") and not _INNER.search(text):
        return text  # nearly all: asked first, as a file has millions of cells
    return _RUN.sub(lambda found: found[0] + "'", text)


def exact(text):
    """Return the text of which ``text`` is ``harmless``."""
    return _GUARDED.sub(lambda found: found[0][:-1], text)
