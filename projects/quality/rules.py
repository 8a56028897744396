"""Quality rules: conditions on projects, each with a sentence that explains what it finds.

The index says of published projects what the condition says of rows. A rule only reports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast, Round
from django.utils.translation import gettext_lazy as _

from provenance.documents import declaration as m
from provenance.documents.claims import Status
from provenance.models import Claim, State

from ..models import Contribution, Participation, Project
from ..models.project import LABELS
from .duplicates import alike_projects


@dataclass(frozen=True)
class Rule:
    """``condition(day)``: of the projects that it finds on a day; ``query``: the public filter for the same."""

    name: str
    label: Any
    sentence: Any
    condition: Callable[[date], Q]
    is_for_readers: bool = True
    query: str = ""


def _with(part, **conditions):
    """Return the condition that a project has a row of ``part``, a model, that meets ``conditions``."""
    return Q(Exists(part.objects.filter(project=OuterRef("pk"), **conditions)))


def _is_stated(member):
    """Return the condition that ``member`` is stated."""
    if isinstance(member, m.Many):
        return _with(Project._meta.get_field(member.name).remote_field.through)
    if isinstance(member, m.Parts):
        return _with(member.part(Project))
    name = member.lookups(Project)[0]
    if Project._meta.get_field(name.removesuffix("_id")).null:
        return Q(**{f"{name}__isnull": False})
    return ~Q(**{name: [] if isinstance(member, m.Lines) else ""})


def _claims(**conditions):
    """Return the condition that a project has a claim that meets ``conditions``."""
    kind = ContentType.objects.get_for_model(Project)
    return Q(Exists(Claim.objects.filter(content_type=kind, object_id=OuterRef("pk"), **conditions)))


def _without_source(_day):
    """Return the condition that a member is stated without an adopted claim for it."""
    condition = Q()
    for member in Project.members:
        if member.name in Project.claimable:
            condition |= _is_stated(member) & ~_claims(field=member.name, status=Status.ADOPTED)
    return condition


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


YEAR = timedelta(days=365)
NOT_STATED = {  # what may be missing: a sentence and its condition
    "budget": (_("No source gives the total budget."), Q(budget_amount__isnull=True)),
    "start_date": (_("No source says when the project starts."), Q(start_date__isnull=True)),
    "end_date": (_("No source says when the project ends."), Q(end_date__isnull=True)),
    "instrument": (_("No source says which instrument funds the project."),
                   ~_with(Contribution, instrument__isnull=False)),
    "lead": (_("No source says who leads the project."), ~_with(Participation, role="lead")),
    "implementer": (_("No source says who implements the project."), ~_with(Participation, role="implementer")),
    "status": (_("No source gives the status."), Q(status="")),
}  # fmt: skip
RULES = (
    *(Rule(f"not-stated-{member.replace('_', '-')}", LABELS[member], sentence,
           lambda _day, condition=condition: condition,
           query="status=not-stated" if member == "status" else f"not_stated={member}")
      for member, (sentence, condition) in NOT_STATED.items()),
    Rule("no-source", _("no source yet"), _("The register shows a value without naming its source yet."),
         _without_source),
    Rule("undecided", _("sources disagree, not settled"),
         _("Sources give different values, and the register has not yet decided which one to use."),
         lambda _day: _claims(status=Status.UNDECIDED)),
    Rule("reads-otherwise", _("differs from its source"),
         _("The source gives a different amount, date or name from the one in the register."),
         lambda _day: _claims(reads_otherwise=True)),
    Rule("quote-not-found", _("quote not found in its source"),
         _("A quoted sentence is not in the text of its source, as this register keeps it."),
         lambda _day: _claims(not_found=True)),
    Rule("dates-passed", _("end date passed"),
         _("The end date has passed, but the newest source in the register still calls the project"
           " planned or ongoing. Both are shown as the sources give them."),
         lambda day: Q(end_date_latest__lt=day, status__in=[Project.Status.ONGOING, Project.Status.PLANNED])),
    Rule("parts-above-total", _("contributions exceed the total"),
         _("Contributions in the same currency add up to more than the total budget."), _parts_above_total),
    Rule("projects-above-whole", _("sub-projects exceed the main project"),
         _("The total budgets of sub-projects, in the same currency, add up to more than that of"
           " the main project."), _parts_above_whole),
    Rule("duplicate", "looks like a duplicate", "Another project looks very similar.",
         lambda _day: Q(pk__in=sorted({key for pair in alike_projects() for key in pair.keys})), is_for_readers=False),
    Rule("not-looked-at", "unchanged for a year", "It has not changed for a year.",
         lambda day: Q(modified__date__lt=day - YEAR), is_for_readers=False),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}


def found_among(rows, rule, day):
    """Narrow ``rows`` of the index to those that a Rule finds on ``day``."""
    if rule.query:
        parameter, value = rule.query.split("=")
        return rows.having(parameter, [value])
    if rule.name == "dates-passed":
        return rows.with_passed_end(day)
    if rule.name == "projects-above-whole":
        return rows.with_parts_above_them()
    if rule.name == "duplicate":
        return rows.of({key for pair in alike_projects() for key in pair.keys})
    if rule.name == "not-looked-at":
        return rows.modified_between(last=datetime.combine(day - YEAR, time.min, UTC) - timedelta(seconds=1))
    return rows.having("finding", [rule.name])


def found_by(projects, name, day):
    """Narrow ``projects``, a queryset, to those that a rule finds on ``day``."""
    return projects.filter(BY_NAME[name].condition(day))
