"""CSV (RFC 4180): UTF-8 with a byte order mark, CRLF, guarded against formulas."""

import csv

import orjson

from provenance.store.build import upgrade

from .formula_guard import guarded, needs_no_guard
from .streams import CUT_OFF, streamed

BOM = "\ufeff"
SAMPLED = 100  # records from which a size is estimated
_FLAGS = {True: "true", False: "false"}
_CLAIMS, _AFTER_CLAIMS = b'"claims":[', b'],"modified":'  # no text in JSON has quotation marks that are not escaped


class _Echo:
    """A file whose ``write`` returns the text."""

    write = staticmethod(lambda text: text)


_line = csv.writer(_Echo(), lineterminator="\r\n").writerow


def body(table, texts):
    """Yield a file as bytes; ``texts``: documents, JSON as bytes."""
    return streamed(map(str.encode, _lines(table, texts)), _line([CUT_OFF]).encode())


def _lines(table, texts):
    yield BOM + _line(table.headings)
    flags = [number for number, column in enumerate(table.columns) if column.kind == "flag"]
    for text in texts:
        document = orjson.loads(text if table.has_claims else _without_claims(text))
        for row in table.read(upgrade(table.model, document)):
            for number in flags:
                row[number] = _FLAGS.get(row[number])
            written = _line(row)
            if not needs_no_guard(written):
                written = _line([guarded(value) if type(value) is str else value for value in row])
            yield written


def estimated(table, published, shown):
    """Return ``{"rows", "size", "is_exact"}`` of the file of ``published`` records; ``size``: in bytes.

    ``shown``: turns their documents into those of the file. Exact up to SAMPLED records; of more, so many that are
    evenly spread are multiplied.
    """
    records = published.ordered()
    sample = records[:: -(-len(records) // SAMPLED) or 1]
    times = len(records) / (len(sample) or 1)
    heading, *lines = (len(line.encode()) for line in _lines(table, shown(published.texts(sample))))
    size = round(heading + sum(lines) * times)
    return {"rows": round(len(lines) * times), "size": size, "is_exact": len(sample) == len(records)}


def _without_claims(text):
    """Return a document (JSON) without its claims, the last of its members, which take longest to parse."""
    start, end = text.find(_CLAIMS), text.rfind(_AFTER_CLAIMS)
    return text[: start + len(_CLAIMS)] + text[end:] if 0 < start < end else text
