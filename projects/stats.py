"""Figures of a narrowed queryset: counts, and stated sums with for how many projects they are stated.

Every function takes any queryset of projects and makes the same few queries however many rows it has.
Sums are taken in whole cents, so that both databases agree to the last one.
"""

from collections import defaultdict
from decimal import Decimal

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Cast, ExtractYear, Round

from .models import Contribution, Participation, Project
from .querysets import GAPS, counted_in_parent


def totals(projects, contributing=None):
    """Return ``{"projects": …, "amounts": […]}``: stated totals by currency, never added across.

    ``counted_in_parent``, where it is not 0: how many projects state a total that is not added, as it counts in what
    they are part of. ``contributing``: conditions on contributions; if there are any, what these come to is there
    too, as ``contributions`` and, where it is not 0, ``contributions_counted_in_parent``.
    """
    return {
        "projects": projects.count(),
        **_sums(projects.order_by(), (), "budget_amount", "budget_currency", "pk")[()],
        **(_contributions(projects, contributing) if contributing else {}),
    }


def _contributions(projects, contributing):
    rows = Contribution.objects.filter(project__in=projects.order_by().values("pk"), **contributing).order_by()
    found = _sums(rows, (), "amount", "currency", "project")[()]
    names = {"amounts": "contributions", "counted_in_parent": "contributions_counted_in_parent"}
    return {names[name]: value for name, value in found.items()}


def groups(projects, by, keys=None):
    """Return (groups, function that counts the projects in any of them) by one of GROUPINGS, ordered by key.

    ``keys`` restricts to some of the groups.
    """
    counted, sums, distinct = GROUPINGS[by](projects.order_by(), keys)
    return _merged(counted, sums()), distinct


def counts(projects, by, **narrower):
    """Return ``{key: (label, number of projects)}`` by one of GROUPINGS, ordered by key.

    By organisation, ``roles`` counts only the projects in which it has one of these.
    """
    counted, *_ = GROUPINGS[by](projects.order_by(), None, **narrower)
    return {key: (label, number) for key, label, number in _added(counted)}


def _linked(relation, key, label):
    """Group by a many-to-many relation; an amount is the sum of the projects' stated totals."""

    def grouped(projects, keys):
        rows = relation.through.objects.filter(project__in=projects.values("pk"))
        rows = rows.filter(**{f"{key}__in": keys}) if keys is not None else rows
        counted = rows.values_list(key, label).annotate(projects=Count("project"))
        return (
            counted,
            lambda: _sums(rows, (key,), "project__budget_amount", "project__budget_currency", "project"),
            lambda: _distinct(rows),
        )

    return grouped


def _by_instrument(projects, keys):
    """An amount is the sum of stated contributions under the instrument."""
    rows = Contribution.objects.filter(project__in=projects.values("pk"), instrument__isnull=False)
    rows = rows.filter(instrument__in=keys) if keys is not None else rows
    counted = rows.order_by().values_list("instrument", "instrument__name")
    return (
        counted.annotate(projects=Count("project", distinct=True)),
        lambda: _sums(rows.order_by(), ("instrument",), "amount", "currency", "project"),
        lambda: _distinct(rows),
    )


def _by_organisation(projects, keys, roles=()):
    """Any role counts, or one of ``roles``; an amount is the sum of the organisation's own stated contributions."""
    given = Contribution.objects.filter(project__in=projects.values("pk")).order_by()
    taking = Participation.objects.order_by()
    if roles:
        taking = taking.filter(role__in=roles)
        given = given if "funder" in roles else given.none()
    if keys is not None:
        given, taking = given.filter(funder__in=keys), taking.filter(organisation__in=keys)
    same_project = taking.filter(project=OuterRef("project"))  # which is one of ``projects``: not asked again
    taking = taking.filter(project__in=projects.values("pk"))
    only_given = given.filter(~Exists(same_project.filter(organisation=OuterRef("funder"))))
    counted = (
        row
        for rows, organisation in ((taking, "organisation"), (only_given, "funder"))
        for row in rows.values_list(organisation, f"{organisation}__name").annotate(n=Count("project", distinct=True))
    )
    return (
        counted,
        lambda: _sums(given, ("funder",), "amount", "currency", "project"),
        lambda: _distinct(taking) + _distinct(given.filter(~Exists(same_project))),
    )


def _by_column(column, **derived):
    """Group by a column of the project itself; an amount is the sum of stated totals."""

    def grouped(projects, keys):
        rows = projects.annotate(**derived).exclude(**{column: ""} if not derived else {f"{column}__isnull": True})
        rows = rows.filter(**{f"{column}__in": keys}) if keys is not None else rows
        counted = ((key, key, n) for key, n in rows.values_list(column).annotate(n=Count("pk")))
        return counted, lambda: _sums(rows, (column,), "budget_amount", "budget_currency", "pk"), rows.count

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
    """Return ``{key values: {"amounts": sums_by, and "counted_in_parent" where it is not 0}}``."""
    found = defaultdict(lambda: {"amounts": []})
    for key, amounts in sums_by(rows, keys, amount, currency, project).items():
        found[key]["amounts"] = amounts
    stated = _stated(rows, amount).filter(in_parent(rows, _of(amount))).order_by()
    counted = Count(project, distinct=True)
    left_out = stated.values_list(*keys).annotate(n=counted) if keys else [(stated.aggregate(n=counted)["n"],)]
    for *key, number in left_out:
        if number:
            found[tuple(key)]["counted_in_parent"] = number
    return found


def _stated(rows, amount):
    return rows.filter(**{f"{amount}__isnull": False})


def _of(amount):
    return Contribution if amount == "amount" else Project


def in_parent(rows, of):
    """Return the condition that ``rows``, or their projects, are among ``counted_in_parent(of)``, so not added."""
    return Q(**{f"{'pk' if rows.model is of else 'project'}__in": counted_in_parent(of).values("pk")})


def cents(amount):
    """Return the expression for the column ``amount`` in whole cents: SQLite adds decimals as binary fractions."""
    return Cast(Round(F(amount) * 100), BigIntegerField())


def sums_by(rows, keys, amount, currency, project, of=None):
    """Return ``{key values: [{"currency", "amount", "stated_for"}]}``, nothing counted twice.

    ``project``: the column by which the rows that state a sum are counted. ``of``: Project or Contribution, which
    of a whole and its parts are not added together; None: what ``amount`` is of.
    """
    stated = _stated(rows, amount).exclude(in_parent(rows, of or _of(amount))).order_by().values_list(*keys, currency)
    found = defaultdict(list)
    for *key, code, whole, rest, count in stated.annotate(
        whole=Sum(cents(amount) / 100), rest=Sum(cents(amount) % 100), stated_for=Count(project, distinct=True)
    ).order_by(currency):
        amount_text = f"{whole + Decimal(rest) / 100:.2f}"
        found[tuple(key)].append({"currency": code, "amount": amount_text, "stated_for": count})
    return found


def _added(counted):
    """Return (key, label, number) ordered by key, the numbers of one key added."""
    labels, numbers = {}, defaultdict(int)
    for key, label, number in counted:
        labels[key] = label
        numbers[key] += number
    return [(key, labels[key], numbers[key]) for key in sorted(labels)]


def _merged(counted, sums):
    return [
        {"key": str(key), "label": str(label), "projects": number, **sums[(key,)]}
        for key, label, number in _added(counted)
    ]


def gaps(projects):
    """Return ``[{"member", "count"}]``: of how many of ``projects`` no source states each of GAPS."""
    numbers = projects.count_each({member: projects.lacking(member) for member in GAPS})
    return [{"member": member, "count": numbers[member]} for member in GAPS]


def figures(projects, by=None, contributing=None):
    """Return what the address ``stats`` answers: the total, the groups, and whether they overlap.

    ``contributing``: see ``totals``.
    """
    found, distinct = groups(projects, by) if by else ([], int)
    return {
        "total": totals(projects, contributing),
        "groups": found,
        "overlapping": sum(group["projects"] for group in found) > distinct(),
    }
