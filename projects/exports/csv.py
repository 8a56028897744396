"""CSV (RFC 4180): UTF-8 with a byte order mark, CRLF, guarded against formulas."""

import csv

import orjson

from provenance.store.build import upgrade

from .formula_guard import guarded, needs_no_guard
from .streams import CUT_OFF, streamed

BOM = "\ufeff"
_FLAGS = {True: "true", False: "false"}
_CLAIMS, _AFTER_CLAIMS = b'"claims":[', b'],"modified":'  # no text in JSON has quotation marks that are not escaped


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
        document = orjson.loads(text if table.has_claims else _without_claims(text))
        for row in table.read(upgrade(table.model, document)):
            for number in flags:
                row[number] = _FLAGS.get(row[number])
            written = line(row)
            if not needs_no_guard(written):
                written = line([guarded(value) if type(value) is str else value for value in row])
            yield written


def _without_claims(text):
    """Return a document (JSON) without its claims, the last of its members, which take longest to parse."""
    start, end = text.find(_CLAIMS), text.rfind(_AFTER_CLAIMS)
    return text[: start + len(_CLAIMS)] + text[end:] if 0 < start < end else text
