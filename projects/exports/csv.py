"""CSV (RFC 4180): UTF-8 with a byte order mark, CRLF, one table a file, no cell that a spreadsheet runs."""

import csv

from provenance.store.build import upgraded

from .formula_guard import harmless
from .streams import CUT_OFF, streamed

BOM = "\ufeff"
_FLAGS = {True: "true", False: "false"}


class _Echo:
    """A file that hands back what is written to it."""

    write = staticmethod(lambda text: text)


def body(table, texts):
    """Yield a file, as bytes, of documents, JSON as bytes."""
    line = csv.writer(_Echo(), lineterminator="\r\n").writerow
    return streamed(map(str.encode, _lines(table, texts, line)), line([CUT_OFF]).encode())


def _lines(table, texts, line):
    yield BOM + line(table.headings)
    for text in texts:
        for row in table.read(upgraded(table.model, text)):
            yield line([harmless(value) if type(value) is str else _other(value) for value in row])


def _other(value):
    return _FLAGS[value] if type(value) is bool else value
