"""The figures and lists about its projects on the page of a country, instrument, agreement or organisation.

How much, from whom, who says so, how it compares, on what, with whom, when, what is missing and what changed.
"""

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from provenance.documents.declaration import key_of
from provenance.store.log import record_kinds

from .. import charts
from ..charts.scale import sum_in
from ..iati.reasons import any_in_iati
from ..index import figures
from ..models.project import LABELS
from ..published.quotation import quotations
from ..published.recent_changes import latest_news
from ..search.filters import ProjectFilter
from ..words.phrases import counted_in_words, projects_in_words, value_in_words
from .projects import about

SHOWN = 5  # rows of each list, the largest
SHOWN_SENTENCES = 6
MOST_LINES = 8  # projects with a line each in the chart of their dates
DOES = {  # what an organisation does in its projects
    "funder": ngettext_lazy("funds %(number)s project", "funds %(number)s projects", "count"),
    "lead": ngettext_lazy("leads %(number)s project", "leads %(number)s projects", "count"),
    "implementer": ngettext_lazy("implements %(number)s project", "implements %(number)s projects", "count"),
    "partner": ngettext_lazy("is a partner in %(number)s project", "is a partner in %(number)s projects", "count"),
}
BY_AMOUNT = {  # lists with bars: what each shows, and what its amounts are
    "instrument": (_("From which instruments"), _("Contributions")),
    "country": (_("In which countries"), _("Total budgets")),
    "theme": (_("On what"), _("Total budgets; themes overlap, and are keywords added by us")),
}
BY_NUMBER = {"organisation": _("With whom"), "partnership": _("Under which agreements")}


def overview(model, document, register, past=None):
    """Return the context about the projects of a record in a Register; ``past``: the Past of the page."""
    grouping, key = model._meta.model_name, key_of(document)
    query = QueryDict(mutable=True)
    query.update({grouping: key} | ({"as_of": past.moment.text} if past else {}))
    filterset = ProjectFilter(query, register)
    rows = filterset.narrowed()
    shared = rows.in_several_countries() if grouping == "country" else None
    total, funding = figures.totals(rows), figures.funding(rows, grouping, key)
    is_one_scale = total["projects"] <= SHOWN or len(total["amounts"]) < 2
    currency = "" if is_one_scale else figures.main_currency(total)
    largest = figures.in_currency(rows, currency).in_order("-budget").read(slice(SHOWN))
    roles = {role: rows.having(role, [key]).count() for role in DOES} if grouping == "organisation" else {}
    return about(filterset) | {
        "total": total,
        "shared": shared and sum_in(figures.main_currency(total), figures.totals(shared)),
        "funding": funding,
        "own_shared": shared and sum_in(figures.main_currency(funding["own"]), figures.funding(shared)["own"]),
        "largest": largest,
        "currency": currency,
        "quotations": quotations(rows.register, largest, ["budget", "contributions"], past=past)[:SHOWN_SENTENCES],
        "peers": peers(rows.register.projects, grouping, key),
        "by_amount": [by_amount(rows, name) for name in BY_AMOUNT if name != grouping],
        "by_number": [by_number(rows, name) for name in BY_NUMBER if name != grouping],
        "timeline": charts.timeline(rows, filterset.data, MOST_LINES),
        "roles": [(role, counted_in_words(DOES[role], number)) for role, number in roles.items() if number],
        "gaps": gaps_of(rows, total["projects"]),
        "news": None if past else latest_news(register, rows),
        "in_iati": any_in_iati(rows),
    }


def peers(projects, grouping, key):
    """Return rows of ``charts.ranked``: the largest of a kind of record (organisations: funders), and ``key``."""
    funders = set(figures.numbers(projects, "funder")) if grouping == "organisation" else None
    groups = figures.groups(projects, grouping, funders)
    return charts.ranked(groups, grouping, SHOWN, pieces=True, own=key, shared=_shared(projects, grouping))


def by_amount(rows, name):
    """Return a list of the largest groups of ``rows`` by ``name``, with bars: ``rows`` of ``charts.ranked``."""
    groups, (heading, note) = figures.groups(rows, name), BY_AMOUNT[name]
    shown = charts.ranked(groups, name, SHOWN, shared=_shared(rows, name))
    return _list(name, heading, shown, len(groups)) | {"note": note}


def _list(name, heading, rows, count):
    """Return the context of the first ``rows`` of ``count`` groups by the parameter ``name``."""
    return {
        "name": name,
        "collection": record_kinds()[name].collection,
        "heading": heading,
        "rows": rows,
        "count": count,
    }


def _shared(rows, by):
    """Return the groups of those of ``rows`` that are in several countries, by country; else none."""
    return figures.groups(rows.in_several_countries(), by) if by == "country" else []


def by_number(rows, name):
    """Return a list of the records of ``rows`` by ``name`` with most projects, and what each does in how many."""
    counts = figures.numbers(rows, name)
    roles = {role: figures.numbers(rows, role) for role in DOES} if name == "organisation" else {}
    shown = []
    for key in sorted(counts, key=lambda key: (-counts[key], key))[:SHOWN]:
        does = [counted_in_words(DOES[role], numbers[key]) for role, numbers in roles.items() if key in numbers]
        words = ", ".join(does) or projects_in_words(counts[key])
        shown.append({"key": key, "name": value_in_words(name, key, rows.register.name(name, key)), "words": words})
    return _list(name, BY_NUMBER[name], shown, len(counts))


def gaps_of(rows, number):
    """Return ``[{"member", "label", "count", "known"}]``: what is missing from some of ``number`` projects ``rows``."""
    return [
        {"member": member, "label": LABELS[member], "count": count, "known": number - count}
        for member, count in figures.gaps(rows).items()
        if count
    ]
