"""The codebook: every column of the tables, as a page and as CSV; and how much each table holds."""

import csv as writer
import io

from django.http import HttpResponse
from django.shortcuts import render
from django.views import View

from provenance.store.build import upgrade

from ..exports import csv
from ..exports.columns import OF_PROJECTS, TABLES
from ..exports.content_negotiation import ReadByPrograms
from ..published.views import KINDS, take_no_parameters, with_project_count

MEASURED = 2000  # projects; of larger registers only what the newest dump says is known
TYPES = {
    "text": "text", "amount": "decimal number, with a point", "integer": "whole number", "flag": "true or false",
    "date": "day, YYYY-MM-DD", "moment": "time in UTC, ISO 8601",
}  # fmt: skip
BLANK = {
    "text": "not stated", "amount": "not stated, which is not zero", "integer": "not stated, which is not zero",
    "flag": "not stated, which is not false", "date": "not stated", "moment": "never blank",
}  # fmt: skip
HEADINGS = ("table", "column", "label", "type", "meaning", "blank_means")


def rows():
    """Yield a row for each column of each table, as HEADINGS."""
    for table in TABLES.values():
        for column in table.columns:
            yield dict(zip(HEADINGS, _row(table, column), strict=True))


def _row(table, column):
    blank = "never blank" if column.heading in table.primary_key else BLANK[column.kind]
    blank = "none is stated" if column.separator else blank
    sign = {"\n": "line breaks", "": ""}.get(column.separator, f"“{column.separator.strip()}”")
    kind = TYPES[column.kind] + (f", several separated by {sign}" if sign else "")
    label = column.heading.replace("_", " ").capitalize()
    return table.name, column.heading, label, kind, column.description, blank


class Codebook(View):
    def get(self, request):
        take_no_parameters(request)
        found = [(table, [each for each in rows() if each["table"] == table.name]) for table in TABLES.values()]
        return render(request, "projects/codebook.html", {"tables": found})


class CodebookFile(ReadByPrograms):
    schema = None

    def get(self, request):
        take_no_parameters(request)
        text = io.StringIO()
        text.write(csv.BOM)
        table = writer.DictWriter(text, HEADINGS, lineterminator="\r\n")
        table.writeheader()
        table.writerows(rows())
        headers = {"Content-Disposition": 'attachment; filename="codebook.csv"'}
        return HttpResponse(text.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers)


def tables(view, dump):
    """Return the tables with their number of rows and the size of their CSV file in bytes; None where not known."""
    sizes = view.answer("tables", lambda: _measured(view)) if view.projects.count() <= MEASURED else {}
    of_dump = dump.files if dump else {}
    found = []
    for table in TABLES.values():
        number, size = sizes.get(table.name, (None, None))
        if number is None and table not in OF_PROJECTS[1:]:
            number = _records(view, table).count()
        if size is None and f"{table.name}.csv" in of_dump:
            size = of_dump[f"{table.name}.csv"].size
        found.append({"table": table, "rows": number, "size": size, "columns": len(table.columns)})
    return found


def _records(view, table):
    return view.projects if table in OF_PROJECTS else view.rows(table.model)


def _measured(view):
    """Return ``{table: (rows, bytes)}`` of the CSV files as they are now."""
    return {
        name: (_number(view, table), sum(map(len, csv.body(table, _texts(view, table)))))
        for name, table in TABLES.items()
    }


def _texts(view, table):
    kind, texts = KINDS[table.model.collection], _records(view, table).stream_documents()
    return with_project_count(kind, texts, view) if kind.grouping else texts


def _number(view, table):
    return sum(len(list(table.rows(upgrade(table.model, text)))) for text in _records(view, table).stream_documents())
