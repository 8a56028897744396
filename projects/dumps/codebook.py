"""The codebook: every column of the tables, as a page and as CSV."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views import View

from ..exports import csv
from ..exports.columns import TABLES
from ..exports.content_negotiation import ReadByPrograms
from ..published.views import take_no_parameters

HEADINGS = ("table", "column", "label", "type", "meaning", "blank_means")


def rows():
    """Yield a row for each column of each table, as HEADINGS."""
    for table in TABLES.values():
        for column in table.columns:
            blank = "never blank" if column.heading in table.primary_key else column.type.blank
            blank = "none is stated" if column.separator else blank
            sign = {"\n": "line breaks", "": ""}.get(column.separator, f"“{column.separator.strip()}”")
            kind = column.type.words + (f", several separated by {sign}" if sign else "")
            label = column.heading.replace("_", " ").capitalize()
            row = table.name, column.heading, label, kind, column.description, blank
            yield dict(zip(HEADINGS, row, strict=True))


class Codebook(View):
    def get(self, request):
        take_no_parameters(request)
        tables = [(table, [each for each in rows() if each["table"] == table.name]) for table in TABLES.values()]
        return render(request, "projects/codebook.html", {"tables": tables})


class CodebookFile(ReadByPrograms):
    schema = None

    def get(self, request):
        take_no_parameters(request)
        body = csv.BOM + b"".join(csv.line_of(cells) for cells in (HEADINGS, *(row.values() for row in rows())))
        headers = {"Content-Disposition": 'attachment; filename="codebook.csv"'}
        return HttpResponse(body, content_type="text/csv; charset=utf-8", headers=headers)
