"""The template of a list of projects: a column for each possible value, with an example."""

from instruments.models import Country, Instrument, Partnership
from projects.models import EUROPEAN_UNION, Organisation, Project, Theme
from provenance.documents.declaration import short_member

from .headings import ABOUT, TITLES, offered
from .rejects import csv_of, workbook_of

_EXAMPLES = {
    "title": "Example of a project: replace this row", short_member(Project): "EXAMPLE", "summary": "What it is for.",
    "status": "ongoing", "start_date": "2014-03", "start_date_planned": "false", "end_date": "2016",
    "end_date_planned": "false", "budget_amount": "2500000.00", "budget_currency": "EUR",
    "components": "Training; Exchange of data", "objectives": "Shorter queues at borders", "sectors": "1:15190",
    "identifier": "XX-EXAMPLE-1", "funder_amount": "1500000.00", "funder_currency": "EUR",
}  # fmt: skip
_NAMED = {  # columns that name records, of which a few are listed
    "country_codes": Country, "partnership_slugs": Partnership, "theme_slugs": Theme, "instrument_codes": Instrument,
}  # fmt: skip
_ORGANISATIONS = ("lead_slugs", "implementer_slugs", "partner_slugs", "funder_slugs")


def template(suffix):
    """Return the bytes of the template, ``csv`` or ``xlsx``. It can be imported without a fault."""
    columns = [
        (heading, words, *_allowed(heading)) for heading, words in offered("projects") if heading not in _WITHOUT
    ]
    headings, words, allowed, examples = (list(each) for each in zip(*columns, strict=True))
    if suffix == "csv":
        above = [". ".join(filter(None, pair)) for pair in zip(words, allowed, strict=True)]
        return csv_of([("", [above, headings, examples])], {"delimiter": "comma", "encoding": "UTF-8"})
    about = [["Column", "What it holds", "Allowed", "Example"], *(list(column) for column in columns)]
    return workbook_of([(TITLES["projects"], [headings, examples]), (ABOUT, about)])


_WITHOUT = ("slug", "part_of_slug", "period")  # made of the title; needs existing projects; start and end say it


def _allowed(heading):
    """Return (allowed values of a column, in words; an example)."""
    if model := _NAMED.get(heading):
        names = list(model.objects.order_by("pk").values_list("name", flat=True))
        is_eu = {"kind": Instrument.Kind.EU} if model is Instrument else {}
        example = model.objects.filter(**is_eu).order_by("pk").values_list("name", flat=True)[:1]
        return f"Some of: {'; '.join(names)}", "".join(example)
    if heading in _ORGANISATIONS:
        known = Organisation.objects.order_by("pk").values_list("name", flat=True)
        of_eu = known.filter(pk=EUROPEAN_UNION)
        example = of_eu if heading == "funder_slugs" else known.exclude(pk=EUROPEAN_UNION)[:1]
        return "Names of organisations, with ; between them", "".join(example)
    if heading.endswith("_planned"):
        return "true or false", _EXAMPLES[heading]
    if heading == "status":
        return f"One of: {', '.join(Project.Status.values)}", _EXAMPLES[heading]
    return "", _EXAMPLES.get(heading, "")
