"""The glossary: terms of the field, explained in our own words in ``glossary.json``."""

from pathlib import Path

import orjson
from django.utils.translation import gettext_lazy

# Anchors never change. Those of instruments are their codes, of agreements their kinds, of organisations their slugs.
TERMS = [
    term | {name: gettext_lazy(term[name]) for name in ("name", "explanation")}
    for term in orjson.loads(Path(__file__).with_suffix(".json").read_bytes())
]
ANCHORS = {term["anchor"] for term in TERMS}
