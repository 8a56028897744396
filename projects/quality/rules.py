"""Quality rules: conditions on projects, each with a sentence that explains what it finds.

The same condition gives a number and the list behind it. A rule only reports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast, Round
from django.utils.translation import gettext_lazy as _

from provenance.documents import declaration as m
from provenance.documents.claims import Status
from provenance.models import Claim, State

from ..models import Contribution, Project
from ..models.querysets import GAPS
from ..published.statements import LABELS
from .duplicates import alike_projects

LOOKED_AT = timedelta(days=365)


@dataclass(frozen=True)
class Rule:
    """``condition(day)``: of the projects that it finds on a day; ``query``: the public filter for the same."""

    name: str
    label: Any
    sentence: Any
    condition: Callable[[date], Q]
    is_for_readers: bool = True
    query: str = ""


def _is_stated(member):
    """Return the condition that ``member`` is stated."""
    if isinstance(member, m.Many):
        rows = Project._meta.get_field(member.name).remote_field.through.objects
        return Q(Exists(rows.filter(project=OuterRef("pk"))))
    if isinstance(member, m.Parts):
        return Q(Exists(member.part(Project).objects.filter(project=OuterRef("pk"))))
    name = member.lookups(Project)[0]
    if Project._meta.get_field(name.removesuffix("_id")).null:
        return Q(**{f"{name}__isnull": False})
    return ~Q(**{name: [] if isinstance(member, m.Lines) else ""})


def _claims(**conditions):
    kind = ContentType.objects.get_for_model(Project)
    return Claim.objects.filter(content_type=kind, object_id=OuterRef("pk"), **conditions)


def _without_source(_day):
    """Return the condition that a member is stated without an adopted claim for it."""
    condition = Q()
    for member in Project.members:
        if member.name in Project.claimable:
            adopted = _claims(field=member.name, status=Status.ADOPTED)
            condition |= _is_stated(member) & ~Q(Exists(adopted))
    return condition


def _undecided(_day):
    return Q(Exists(_claims(status=Status.UNDECIDED)))


def _reads_otherwise(_day):
    return Q(Exists(_claims(reads_otherwise=True)))


def _not_found(_day):
    return Q(Exists(_claims(not_found=True)))


def _dates_passed(day):
    return Q(end_date_latest__lt=day, status__in=[Project.Status.ONGOING, Project.Status.PLANNED])


def _cents(amount):
    """Return the expression for the column ``amount`` in cents, because SQLite adds decimals as floats."""
    return Cast(Round(F(amount) * 100), BigIntegerField())


def _parts_above_total(_day):
    parts = Contribution.objects.filter(project=OuterRef("pk"), currency=OuterRef("budget_currency"))
    total = parts.order_by().values("project").annotate(whole=Sum(_cents("amount"))).values("whole")
    above = Project.objects.filter(pk=OuterRef("pk"), budget_amount__isnull=False)
    return Q(Exists(above.annotate(contributed=Subquery(total)).filter(contributed__gt=_cents("budget_amount"))))


def _parts_above_whole(_day):
    """Sum once for all main projects: a subquery for each project would be slow."""
    parts = Project.objects.filter(
        part_of__isnull=False, state=State.PUBLISHED, budget_currency=F("part_of__budget_currency")
    )
    sums = parts.order_by().values("part_of", "part_of__budget_amount").annotate(of_parts=Sum(_cents("budget_amount")))
    return Q(pk__in=sums.filter(of_parts__gt=_cents("part_of__budget_amount")).values("part_of"))


def _alike(_day):
    return Q(pk__in=sorted({key for pair in alike_projects() for key in pair.keys}))


def _not_looked_at(day):
    return Q(modified__date__lt=day - LOOKED_AT)


def _not_stated(member):
    if member == "status":
        return Rule("not-stated-status", LABELS[member], _("No source gives the status."), lambda _day: Q(status=""),
                    query="status=not-stated")  # fmt: skip
    sentence = NOT_STATED[member]
    return Rule(
        f"not-stated-{member.replace('_', '-')}", LABELS[member], sentence,
        lambda _day: Project.objects.all().lacking(member), query=f"not_stated={member}",
    )  # fmt: skip


NOT_STATED = {
    "budget": _("No source gives the total budget."),
    "start_date": _("No source says when the project starts."),
    "end_date": _("No source says when the project ends."),
    "instrument": _("No source says which instrument funds the project."),
    "lead": _("No source says who leads the project."),
    "implementer": _("No source says who implements the project."),
}
RULES = (
    *(_not_stated(member) for member in (*GAPS, "status")),
    Rule("no-source", _("no source yet"), _("The register shows a value without naming its source yet."),
         _without_source),
    Rule("undecided", _("sources disagree, not settled"),
         _("Sources give different values, and the register has not yet decided which one to use."), _undecided),
    Rule("reads-otherwise", _("differs from its source"),
         _("The source gives a different amount, date or name from the one in the register."), _reads_otherwise),
    Rule("quote-not-found", _("quote not found in its source"),
         _("A quoted sentence is not in the text of its source, as this register keeps it."), _not_found),
    Rule("dates-passed", _("end date passed"),
         _("The end date has passed, but the newest source in the register still calls the project"
           " planned or ongoing. Both are shown as the sources give them."), _dates_passed),
    Rule("parts-above-total", _("contributions exceed the total"),
         _("Contributions in the same currency add up to more than the total budget."), _parts_above_total),
    Rule("projects-above-whole", _("sub-projects exceed the main project"),
         _("The total budgets of sub-projects, in the same currency, add up to more than that of"
           " the main project."), _parts_above_whole),
    Rule("duplicate", "looks like a duplicate", "Another project looks very similar.", _alike, is_for_readers=False),
    Rule("not-looked-at", "unchanged for a year", "It has not changed for a year.", _not_looked_at,
         is_for_readers=False),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}


def found_among(rows, name, day):
    """Narrow ``rows`` of the index to those found on ``day`` by a rule for readers that has no filter."""
    if name == "dates-passed":
        return rows.with_passed_end(day)
    return rows.with_parts_above_them() if name == "projects-above-whole" else rows.having("finding", [name])


def found_by(projects, name, day):
    """Narrow ``projects``, a queryset, to those that a rule finds on ``day``."""
    return projects.filter(BY_NAME[name].condition(day))


def numbers(projects, day, rules=RULES):
    """Return ``{rule name: number of projects}``, in one query besides those for duplicates."""
    named = {rule.name.replace("-", "_"): rule for rule in rules}
    counts = projects.count_each({name: rule.condition(day) for name, rule in named.items()})
    return {rule.name: counts[name] for name, rule in named.items()}


def numbers_by_country(projects, day, rules=RULES):
    """Return ``{country code: {rule name: number, "": all projects}}`` in one query; code None: without a country.

    A project in two countries counts in both.
    """
    named = {f"found_{number}": rule for number, rule in enumerate(rules)}
    counts = {name: Count("pk", filter=rule.condition(day)) for name, rule in named.items()}
    rows = projects.order_by().values("countries").annotate(found_in_all=Count("pk"), **counts)
    return {
        row["countries"]: {"": row["found_in_all"]} | {rule.name: row[name] for name, rule in named.items()}
        for row in rows.order_by("countries")
    }
