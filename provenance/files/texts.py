"""The text in what people upload or paste."""

import re
import subprocess
from pathlib import Path

from django.core.exceptions import ValidationError

from ..documents.folding import composed
from . import sandbox

LARGEST = 20 * 2**20  # bytes of a file
LONGEST = 2_000_000  # characters of a text: about 700 pages
MEMORY, SECONDS = 512 * 2**20, 20  # of the process that reads a file
_BEGINS_AS_HTML = re.compile(  # after a mark of the encoding, declarations and comments; of a page or a piece of one
    rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+"
    rb"<(?:!doctype html|(?:html|head|meta|title|body|header|main|article|section|div|h[1-6]|p|ul|ol|table)[\s>])",
    re.IGNORECASE | re.DOTALL,
)


def text_of(data, *, is_pasted=False):
    """Return the text in ``data``, the bytes of a file or of a pasted text. ValidationError, in words, if it has none.

    The beginning of a file shows whether it is PDF, DOCX or HTML; anything else is plain text in UTF-8.
    """
    if len(data) > LARGEST:
        raise ValidationError(f"The file has more than {LARGEST // 2**20} MB. Paste the part that you need.")
    reader = None if is_pasted else _reader_of(data)
    text = composed(_read(reader, data) if reader else _plain(data)).replace("\0", "").strip("\n")
    if not text.strip():
        raise ValidationError("There is no text in it.")
    if len(text) > LONGEST:
        raise ValidationError(f"The text has more than {LONGEST:,} characters. Paste the part that you need.")
    return text


def ending_of(data):
    """Return the ending of a file that holds ``data``: pdf, docx, html or txt."""
    return (_reader_of(data) or "txt").partition("_")[0]


def may_hold_text(data):
    """Return whether ``data`` begins like a file that ``text_of`` reads, without reading it."""
    try:
        return bool(data) and (_reader_of(data) is not None or bool(_plain(data)))
    except ValidationError:
        return False


def _reader_of(data):
    """Return the name of the script that reads ``data``; None if it is plain text."""
    if data.lstrip()[:4] == b"%PDF":
        return "pdf_text.py"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # files, or none, in an archive
        return "docx_text.py"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValidationError("This is an Office file of the old form, or has a password. Save it as DOCX without one.")
    return "html_text.py" if _BEGINS_AS_HTML.match(data[:5000]) else None


def _plain(data):
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError("The file is no plain text in UTF-8. Save it as UTF-8, or paste its text.") from None
    if "\0" in text:
        raise ValidationError("The text holds a NUL character, so it is no plain text.")
    return text


def _read(reader, data):
    """Return the text that a script finds in ``data``."""
    command = sandbox.command(Path(__file__).with_name(reader), MEMORY, SECONDS, 4 * LONGEST)
    try:
        process = subprocess.run(command, input=data, capture_output=True, timeout=1.5 * SECONDS, check=True)  # noqa: S603
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        is_refused = getattr(error, "returncode", None) == sandbox.REFUSED
        words = "The file cannot be read, or takes too much memory or time. Copy its text and paste it."
        raise ValidationError(error.stderr.decode(errors="replace") if is_refused else words) from None
    return process.stdout.decode()
