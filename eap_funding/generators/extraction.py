"""Babel extractors, named in pyproject.toml, for translatable texts outside Python."""

import io
import json

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def of_template(file, keywords, comment_tags, options):
    """Extract from Django templates, which ``templatize`` turns into Python-like text."""
    lines = "\n".join(line.strip() for line in templatize(file.read().decode()).splitlines())
    return extract_python(io.BytesIO(lines.encode()), keywords, comment_tags, options)


def of_themes(file, keywords, comment_tags, options):
    """Extract the names of themes, alone and in the context “projects on …”."""
    for theme in json.load(file):
        yield 1, "gettext", theme["name"], []
        yield 1, "pgettext", ("on", theme["name"]), []


def of_names(file, keywords, comment_tags, options):
    """Extract the names and abbreviations of records, which may have official translations."""
    for record in json.load(file):
        _empty, collection, *_key = record["url"].split("/")
        yield 1, "pgettext", (collection.removesuffix("s"), record["name"]), []
        if short := record.get("code") or record.get("acronym"):
            yield 1, "pgettext", ("abbreviation", short), []
