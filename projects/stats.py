"""Figures of a narrowed queryset: counts, and stated sums with for how many projects they are stated.

Every function takes any queryset of projects and makes the same few queries however many rows it has.
Sums are taken in whole cents, so that both databases agree to the last one.
"""

from collections import defaultdict
from decimal import Decimal

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Sum
from django.db.models.functions import Cast, ExtractYear, Round

from .models import Contribution, Participation, Project


def totals(projects):
    """Return ``{"projects": …, "amounts": […]}``: stated totals by currency, never added across."""
    amounts = _sums(projects.order_by(), (), "budget_amount", "budget_currency", "pk")
    return {"projects": projects.count(), "amounts": amounts[()]}


def groups(projects, by, keys=None):
    """Return (groups, function that counts the projects in any of them) by one of GROUPINGS, ordered by key.

    ``keys`` restricts to some of the groups.
    """
    return GROUPINGS[by](projects.order_by(), keys)


def _linked(relation, key, label):
    """Group by a many-to-many relation; an amount is the sum of the projects' stated totals."""

    def grouped(projects, keys):
        rows = relation.through.objects.filter(project__in=projects.values("pk"))
        rows = rows.filter(**{f"{key}__in": keys}) if keys is not None else rows
        counts = rows.values_list(key, label).annotate(projects=Count("project"))
        sums = _sums(rows, (key,), "project__budget_amount", "project__budget_currency", "project")
        return _merged(counts, sums), lambda: _distinct(rows)

    return grouped


def _by_instrument(projects, keys):
    """An amount is the sum of stated contributions under the instrument."""
    rows = Contribution.objects.filter(project__in=projects.values("pk"), instrument__isnull=False)
    rows = rows.filter(instrument__in=keys) if keys is not None else rows
    counts = rows.order_by().values_list("instrument", "instrument__name")
    sums = _sums(rows.order_by(), ("instrument",), "amount", "currency", "project")
    return _merged(counts.annotate(projects=Count("project", distinct=True)), sums), lambda: _distinct(rows)


def _by_organisation(projects, keys):
    """Any role counts; an amount is the sum of the organisation's own stated contributions."""
    given = Contribution.objects.filter(project__in=projects.values("pk")).order_by()
    taking = Participation.objects.filter(project__in=projects.values("pk")).order_by()
    if keys is not None:
        given, taking = given.filter(funder__in=keys), taking.filter(organisation__in=keys)
    same_project = Participation.objects.filter(project=OuterRef("project"))
    only_given = given.filter(~Exists(same_project.filter(organisation=OuterRef("funder"))))
    counts = [
        *taking.values_list("organisation", "organisation__name").annotate(n=Count("project", distinct=True)),
        *only_given.values_list("funder", "funder__name").annotate(n=Count("project", distinct=True)),
    ]
    elsewhere = same_project.filter(organisation__in=keys) if keys is not None else same_project
    sums = _sums(given, ("funder",), "amount", "currency", "project")
    return _merged(counts, sums), lambda: _distinct(taking) + _distinct(given.filter(~Exists(elsewhere)))


def _by_column(column, **derived):
    """Group by a column of the project itself; an amount is the sum of stated totals."""

    def grouped(projects, keys):
        rows = projects.annotate(**derived).exclude(**{column: ""} if not derived else {f"{column}__isnull": True})
        rows = rows.filter(**{f"{column}__in": keys}) if keys is not None else rows
        counts = [(key, key, n) for key, n in rows.values_list(column).annotate(n=Count("pk"))]
        return _merged(counts, _sums(rows, (column,), "budget_amount", "budget_currency", "pk")), rows.count

    return grouped


GROUPINGS = {
    "country": _linked(Project.countries, "country", "country__name"),
    "instrument": _by_instrument,
    "partnership": _linked(Project.partnerships, "partnership", "partnership__name"),
    "organisation": _by_organisation,
    "theme": _linked(Project.themes, "theme", "theme__name"),
    "status": _by_column("status"),
    "year": _by_column("start_year", start_year=ExtractYear("start_date_earliest")),
}


def _distinct(rows):
    return rows.order_by().values("project").distinct().count()


def _sums(rows, keys, amount, currency, project):
    """Return ``{key values: [{"currency", "amount", "stated_for"}]}``."""
    cents = Cast(Round(F(amount) * 100), BigIntegerField())
    stated = rows.filter(**{f"{amount}__isnull": False}).order_by().values_list(*keys, currency)
    found = defaultdict(list)
    for *key, code, whole, rest, count in stated.annotate(
        whole=Sum(cents / 100), rest=Sum(cents % 100), stated_for=Count(project, distinct=True)
    ).order_by(currency):
        amount_text = f"{whole + Decimal(rest) / 100:.2f}"
        found[tuple(key)].append({"currency": code, "amount": amount_text, "stated_for": count})
    return found


def _merged(counts, sums):
    labels, numbers = {}, defaultdict(int)
    for key, label, count in counts:
        labels[key] = label
        numbers[key] += count
    return [
        {"key": str(key), "label": str(labels[key]), "projects": numbers[key], "amounts": sums[(key,)]}
        for key in sorted(labels)
    ]


def figures(projects, by=None):
    """Return what the address ``stats`` answers: the total, the groups, and whether they overlap."""
    found, distinct = groups(projects, by) if by else ([], int)
    return {
        "total": totals(projects),
        "groups": found,
        "overlapping": sum(group["projects"] for group in found) > distinct(),
    }
