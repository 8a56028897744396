"""The pages of the documentation, read as text."""

import re
from functools import cache

from django.conf import settings


@cache
def read(path):
    return (settings.BASE_DIR / path).read_text(encoding="utf-8")


def sections(path):
    """Return ``{heading: text up to the next heading}`` of a page."""
    parts = re.split(r"^#+ (.+)$", read(path), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def tables(text, heading):
    """Return the tables whose first column is ``heading``, each as ``{name: its row}``."""
    matches = []
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        first, _, *rows = table.splitlines()
        if first.split("|")[1].strip() == heading:
            cells = [(row, re.findall(r"`([^`]+)`", row.split("|")[1])) for row in rows]
            matches.append({name: row for row, names in cells for name in names})
    return matches
