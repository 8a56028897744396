"""The template of a list of projects: a column for each possible value, with an example."""

from instruments.models import Instrument
from projects.models import EUROPEAN_UNION, Organisation, Project

from .headings import offered
from .listings import ABOUT, TITLES
from .parts import IN_ROLES, OF_RECORDS, ROLES
from .rejects import csv_of, workbook_of
from .words import words

_WITHOUT = ("slug", "part_of_slug", "period", *IN_ROLES)  # made of the title; needs existing projects; others say it


def template(suffix):
    """Return the bytes of the template, ``csv`` or ``xlsx``. Imported, it has no fault, and its example is left out."""
    columns = [(name, words, *_allowed(name)) for name, words in offered("projects") if name not in _WITHOUT]
    headings, words, allowed, examples = (list(each) for each in zip(*columns, strict=True))
    if suffix == "csv":
        above = [". ".join(filter(None, pair)) for pair in zip(words, allowed, strict=True)]
        return csv_of([("", [above, headings, examples])], {"delimiter": "comma", "encoding": "UTF-8"})
    about = [["Column", "What it holds", "Allowed", "Example"], *(list(column) for column in columns)]
    return workbook_of([(TITLES["projects"], [headings, examples]), (ABOUT, about)])


def _allowed(heading):
    """Return (allowed values of a column, in words; an example)."""
    if heading in OF_RECORDS:
        names = OF_RECORDS[heading].objects.order_by("pk").values_list("name", flat=True)
        examples = names.filter(kind=Instrument.Kind.EU) if heading == "instrument_codes" else names
        return f"Some of: {'; '.join(names)}", "".join(examples[:1])
    if heading == "funder_slugs" or heading in ROLES:
        names, is_eu = Organisation.objects.order_by("pk").values_list("name", flat=True), {"pk": EUROPEAN_UNION}
        examples = names.exclude(**is_eu) if heading in ROLES else names.filter(**is_eu)
        return "Names of organisations, with ; between them", "".join(examples[:1])
    statuses = f"One of: {', '.join(Project.Status.values)}" if heading == "status" else ""
    return "true or false" if heading.endswith("_planned") else statuses, words.examples.get(heading, "")
