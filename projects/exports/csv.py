"""CSV (RFC 4180): UTF-8 with a byte order mark, CRLF, guarded against formulas."""

import csv

import orjson

from provenance.store.build import upgrade

from .formula_guard import are_harmless, harmless
from .streams import CUT_OFF, streamed

BOM = "\ufeff"
_FLAGS = {True: "true", False: "false"}


class _Echo:
    """A file whose ``write`` returns the text."""

    write = staticmethod(lambda text: text)


def body(table, texts):
    """Yield a file as bytes; ``texts``: documents, JSON as bytes."""
    line = csv.writer(_Echo(), lineterminator="\r\n").writerow
    return streamed(map(str.encode, _lines(table, texts, line)), line([CUT_OFF]).encode())


def _lines(table, texts, line):
    yield BOM + line(table.headings)
    flags = [number for number, column in enumerate(table.columns) if column.kind == "flag"]
    for text in texts:
        document = orjson.loads(text)
        if "claims" in document and not table.has_claims:
            document["claims"] = []
        for row in table.read(upgrade(table.model, document)):
            for number in flags:
                row[number] = _FLAGS.get(row[number])
            if not are_harmless(row):
                row = [harmless(value) if type(value) is str else value for value in row]
            yield line(row)
