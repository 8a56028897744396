"""Texts of sources: read from what people upload or paste, kept, and searched for quotes."""

import hashlib
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils import timezone

from ..documents.quotes import look_for
from ..models import Edition
from .lock import require_lock

LARGEST = 20 * 2**20  # bytes of a file
LONGEST = 2_000_000  # characters of a text: about 700 pages
MEMORY, SECONDS = 512 * 2**20, 30  # of the process that reads HTML
_BEGINS_AS_HTML = re.compile(  # after a mark of the encoding, declarations and comments
    rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<(?:!doctype html|html|head)", re.IGNORECASE | re.DOTALL
)
_HTML = Path(__file__).with_name("html_text.py")


def text_of(data, *, is_pasted=False):
    """Return the text in ``data``, the bytes of a file or of a pasted text. ValidationError, in words, if it has none.

    A file whose beginning says so is HTML; anything else is plain text in UTF-8.
    """
    if len(data) > LARGEST:
        raise ValidationError(f"The file has more than {LARGEST // 2**20} MB. Paste the part that you need.")
    if data.startswith((b"%PDF", b"PK\x03\x04")):
        raise ValidationError("PDF and office files cannot be read here. Copy their text and paste it.")
    is_html = bool(_BEGINS_AS_HTML.match(data[:5000])) and not is_pasted
    text = _html(data) if is_html else _plain(data)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    if "\0" in text:
        raise ValidationError("The text holds a NUL character, so it is no plain text.")
    if not text.strip():
        raise ValidationError("There is no text in it.")
    if len(text) > LONGEST:
        raise ValidationError(f"The text has more than {LONGEST:,} characters. Paste the part that you need.")
    return text


def _plain(data):
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError("The file is no plain text in UTF-8. Save it as UTF-8, or paste its text.") from None


def _html(data):
    """Return the text of a page, read in a process of its own with little memory and time."""
    command = [sys.executable, "-I", str(_HTML), str(MEMORY), str(SECONDS), str(4 * LONGEST)]
    try:
        found = subprocess.run(command, input=data, capture_output=True, timeout=2 * SECONDS, check=True)  # noqa: S603
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise ValidationError(
            "The page cannot be read, or takes too much memory or time. Copy its text and paste it."
        ) from None
    return found.stdout.decode()


def keep(source, data, text, read_date, user_name):
    """Keep ``text``, read from ``data``, as an edition of the source with that key. Returns its digest.

    A text that is there already stays as it is.
    """
    require_lock()
    digest = hashlib.sha256(data).hexdigest()
    more = {"text": text, "read_date": read_date, "at": timezone.now(), "user_name": user_name}
    Edition.objects.get_or_create(source_id=source, digest=digest, defaults=more)
    return digest


def newest_text(source):
    """Return the text of the edition that a source's document names; None if it names none, or it is gone."""
    if not source["edition"]:
        return None
    rows = Edition.objects.filter(source_id=source["slug"], digest=source["edition"])
    return rows.values_list("text", flat=True).first()


def verdicts(source, claims):
    """Return the Found of each of ``claims`` (documents or rows' values) in the newest text of a source's document."""
    text = newest_text(source)
    return [look_for(claim["quote"], claim["as_stated"], text) for claim in claims]
