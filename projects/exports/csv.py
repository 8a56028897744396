"""CSV (RFC 4180): UTF-8 with a byte order mark, CRLF, one table a file, no cell that a spreadsheet runs."""

import csv

import orjson

from .harmless import harmless
from .streams import CUT_OFF, streamed

BOM = "\ufeff"
_FLAGS = {True: "true", False: "false"}


class _Echo:
    """A file that hands back what is written to it."""

    write = staticmethod(lambda text: text)


def body(table, texts):
    """Yield a file, as bytes, of documents as JSON texts."""
    line = csv.writer(_Echo(), lineterminator="\r\n").writerow
    return streamed(_lines(table, texts, line), line([CUT_OFF]))


def _lines(table, texts, line):
    yield BOM + line(table.headings)
    for text in texts:
        for row in table.read(orjson.loads(text)):
            yield line(map(cell, row))


def cell(value):
    """Return a value as it stands in CSV; nothing for what is not stated."""
    if type(value) is str:
        return harmless(value)
    return _FLAGS[value] if type(value) is bool else value
