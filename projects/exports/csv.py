"""CSV (RFC 4180): UTF-8 with a byte order mark, CRLF, guarded against formulas."""

import orjson

from provenance.store.build import unstated, upgrade

from .formula_guard import guarded, needs_no_guard
from .streams import CUT_OFF, streamed

BOM = "\ufeff".encode()
SAMPLED = 100  # records from which a size is estimated
_CLAIMS, _AFTER_CLAIMS = b'"claims":[', b'],"modified":'  # no text in JSON has quotation marks that are not escaped


def body(table, texts):
    """Yield a file as bytes; ``texts``: documents, JSON as bytes."""
    return streamed(_lines(table, texts), line_of([CUT_OFF]))


def _lines(table, texts):
    yield BOM + line_of(table.headings)
    others = [number for number, column in enumerate(table.columns) if column.kind in ("flag", "integer")]
    for text in texts:
        for row in table.read(_read(table, text)):
            for number in others:
                if row[number] is not None:
                    row[number] = str(row[number]).lower()  # true, false
            cells = [value or "" for value in row]
            line = line_of(cells)
            yield line if needs_no_guard(line) else line_of(list(map(guarded, cells)))


def _read(table, text):
    """Return a document (JSON) with the members that ``table`` reads; claims take longest, and few need them."""
    if table.parts == "claims":
        return upgrade(table.model, text)
    start, end = text.find(_CLAIMS), text.rfind(_AFTER_CLAIMS)
    if 0 < start < end:
        text = text[: start + len(_CLAIMS)] + text[end:]
    return unstated(table.model) | orjson.loads(text)


def line_of(cells):
    """Return a line of CSV, where texts with a comma, quotation mark or line break are quoted (RFC 4180).

    Most files are this function, and a csv.writer takes twice as long.
    """
    text = "".join(cells)
    if '"' in text or "\r" in text:
        cells = ['"' + cell.replace('"', '""') + '"' if '"' in cell or "\r" in cell else cell for cell in cells]
    cells = [f'"{cell}"' if ("," in cell or "\n" in cell) and cell[0] != '"' else cell for cell in cells]
    return (",".join(cells) + "\r\n").encode()


def estimated(table, published, shown):
    """Return ``{"rows", "size", "is_exact"}`` of the file of ``published`` records; ``size``: in bytes.

    ``shown``: turns their documents into those of the file. Exact up to SAMPLED records; of more, so many that are
    evenly spread are multiplied.
    """
    records = published.ordered()
    sample = records[:: -(-len(records) // SAMPLED) or 1]
    times = len(records) / (len(sample) or 1)
    heading, *lines = (len(line) for line in _lines(table, shown(published.texts(sample))))
    size = round(heading + sum(lines) * times)
    return {"rows": round(len(lines) * times), "size": size, "is_exact": len(sample) == len(records)}
