"""The glossary: terms of the field, explained in our own words in ``glossary.json``."""

from pathlib import Path
from typing import NamedTuple

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class GlossaryEntry(NamedTuple):
    """A term with its explanation. Its ``anchor`` never changes.

    The anchors of instruments are their codes, those of agreements their kinds, those of organisations their slugs.
    """

    anchor: str
    name: Promise
    explanation: Promise


TERMS = [
    GlossaryEntry(anchor, gettext_lazy(name), gettext_lazy(explanation))
    for anchor, name, explanation in map(dict.values, orjson.loads(Path(__file__).with_suffix(".json").read_bytes()))
]
ANCHORS = {term.anchor for term in TERMS}
