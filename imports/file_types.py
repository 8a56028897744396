"""What a file is, by how it begins."""

import re

from imports.models import Import

from .items import NotReadable

PACKED = b"PK"  # how a workbook begins
_EXPECTED = "CSV, XLSX or IATI XML is expected."
_OTHERS = (  # what people take for a table, or choose by mistake
    (rb"\x89PNG", "a PNG picture"),
    (rb"\xff\xd8\xff", "a JPEG picture"),
    (rb"GIF8", "a GIF picture"),
    (rb"RIFF....WEBP", "a WebP picture"),
    (rb"%PDF", "a PDF document"),
    (rb"\{\\rtf", "a text document (RTF)"),
    (rb"PK.{28,60}mimetypeapplication/vnd\.oasis\.opendocument", "an OpenDocument file: save it as XLSX"),
    (rb"\xd0\xcf\x11\xe0", "a workbook of the old form (XLS), or one with a password: save it as XLSX without"),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!", "a packed file: unpack it"),
    (rb"SQLite format 3", "an SQLite database"),
    (rb"""\s*(?:\{\s*["}]|\[\s*[\[{"\]])""", "JSON"),
    (rb"\s*<(?:!doctype\s+html|html)", "a web page (HTML)"),
)
_MARK = re.compile(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff")


def kind_of(start):
    """Return the Import.Kind of a file by its first bytes; NotReadable, with its name, if it is something else."""
    begin = _MARK.sub(b"", start, count=1).replace(b"\0", b"") if _MARK.match(start) else start
    for pattern, name in _OTHERS:
        if re.match(pattern, begin, re.DOTALL | re.IGNORECASE):
            raise NotReadable(f"This is {name}. {_EXPECTED}")
    return Import.Kind.IATI if begin.replace(b"\0", b"").lstrip().startswith(b"<") else Import.Kind.TABLE
