"""Babel extractors, named in pyproject.toml, for translatable texts outside Python."""

import io
import json
import os

import django
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def of_template(file, keywords, comment_tags, options):
    """Extract from Django templates, which ``templatize`` turns into Python-like text."""
    lines = "\n".join(line.strip() for line in templatize(file.read().decode()).splitlines())
    return extract_python(io.BytesIO(lines.encode()), keywords, comment_tags, options)


def of_columns(file, keywords, comment_tags, options):
    """Extract the module of columns, and the words that the declarations of members give them."""
    yield from extract_python(file, keywords, comment_tags, options)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
    django.setup()
    from projects.exports.columns import TABLES

    for table in TABLES.values():
        for column in table.columns:
            yield 1, "gettext", column.description, []
            if column.blank:
                yield 1, "gettext", column.blank, []


def of_words(file, keywords, comment_tags, options):
    """Extract the members of objects that are texts: terms and their explanations, rules and what breaks them."""
    for each in json.load(file):
        for member, text in each.items():
            if member in ("name", "explanation", "what"):
                yield 1, "gettext", text, []


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
