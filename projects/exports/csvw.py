"""Metadata for the CSV files, as CSV on the Web (W3C)."""

from .about import is_address
from .columns import OF_PROJECTS

MEDIA_TYPE = "application/csvm+json"
CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "en"}]
CELLS = (
    "In the CSV files an apostrophe stands before each sign that a spreadsheet could take for the start of a formula"
    " (= + - @, at the start of a text or after a semicolon, a tab or a line break), and before an apostrophe that"
    " begins a text: take one away. JSON, NDJSON and XLSX hold the exact text."
)


def metadata(tables, about, query):
    """Return the metadata of ``tables`` with the query string ``query`` ("" or ``?…``)."""
    licence = about["licence"]
    document = {
        "@context": CONTEXT,
        "dc:title": about["title"],
        "dc:publisher": about["register"],
        "dc:modified": about["at"],
        "dc:license": {"@id": licence} if licence and is_address(licence) else licence,
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "quoteChar": '"', "doubleQuote": True},
        "notes": [about | {"cells": CELLS}],
        "tables": [_table(table, query) for table in tables],
    }
    return {name: value for name, value in document.items() if value is not None}


def _table(table, query):
    columns = [
        {"name": each.heading, "titles": each.heading, "dc:description": each.description,
         "datatype": each.type.csvw, "null": ""} | ({"separator": each.separator} if each.separator else {})
        for each in table.columns
    ]  # fmt: skip
    schema = {"columns": columns, "primaryKey": list(table.primary_key)}
    if table in OF_PROJECTS[1:]:
        reference = {"resource": _url(OF_PROJECTS[0], query), "columnReference": "slug"}
        schema["foreignKeys"] = [{"columnReference": "project_slug", "reference": reference}]
    return {
        "url": _url(table, query),
        "dc:title": table.title,
        "dc:description": table.description,
        "tableSchema": schema,
    }


def _url(table, query):
    return f"{table.name}.csv{query}"
