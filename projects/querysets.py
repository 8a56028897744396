"""Which projects: words that read aloud, each one condition on tables and indexes."""

from django.apps import apps
from django.db.models import Count, Exists, F, OuterRef, Q

from provenance.models import RecordQuerySet

from .terms import terms_of

SORTS = {
    "title": "sort_key",
    "start_date": "start_date_earliest",
    "end_date": "end_date_latest",
    "budget": "budget_amount",
    "modified": "modified",
}
LEVELS = 4  # a whole, its parts, their parts, and theirs
GAPS = ("budget", "start_date", "end_date", "instrument", "lead", "implementer")  # what a source may leave open


class ProjectQuerySet(RecordQuerySet):
    """Every word returns a narrower queryset and joins nothing, so that rows can be counted and summed."""

    def matching(self, text):
        """What ``text`` asks for (see ``terms.terms_of``) occurs in what the project is found by."""
        return self.filter(with_every_word(text))

    def in_countries(self, countries):
        return self._linked("Project_countries", country__in=countries)

    of_territory = in_countries

    def under_partnerships(self, partnerships):
        return self._linked("Project_partnerships", partnership__in=partnerships)

    def on_themes(self, themes):
        return self._linked("Project_themes", theme__in=themes)

    def funded_by(self, instruments):
        """A contribution names one of ``instruments``."""
        return self._linked("Contribution", instrument__in=instruments)

    def with_organisations(self, organisations, roles=()):
        """One of ``organisations`` has one of ``roles`` (``funder`` among them; none: any) in the project."""
        return self.filter(self.having(organisations, roles))

    def having(self, organisations, roles=()):
        """Return the condition of ``with_organisations``."""
        takes_part = {"organisation__in": organisations} | ({"role__in": roles} if roles else {})
        has_role = self._exists("Participation", **takes_part)
        if not roles or "funder" in roles:
            has_role |= self._exists("Contribution", funder__in=organisations)
        return Q(has_role)

    def with_status(self, statuses):
        """One of ``statuses``; ``not-stated`` among them is a project whose status no source states."""
        return self.filter(status__in=["" if status == "not-stated" else status for status in statuses])

    def active(self, first=None, last=None, certainty="possible"):
        """Was active on a day from ``first`` to ``last``, with one of CERTAINTIES."""
        return self.filter(CERTAINTIES[certainty](first, last))

    def with_total(self, currency, least=None, most=None):
        """The stated total lies between ``least`` and ``most``, in ``currency``."""
        found = self.filter(budget_currency=currency, budget_amount__isnull=False)
        if least is not None:
            found = found.filter(budget_amount__gte=least)
        if most is not None:
            found = found.filter(budget_amount__lte=most)
        return found

    def not_stating(self, members):
        """No source states any of ``members`` (a project that lacks one of them is among them)."""
        missing = Q()
        for member in members:
            missing |= self.lacking(member)
        return self.filter(missing)

    def stating(self, member):
        """A source states ``member``, one of GAPS."""
        return self.exclude(self.lacking(member))

    def lacking(self, member):
        """Return the condition that no source states ``member``, one of GAPS."""
        if member == "budget":
            return Q(budget_amount__isnull=True)
        if member == "instrument":
            return ~Q(self._exists("Contribution", instrument__isnull=False))
        if member in ("lead", "implementer"):
            return ~Q(self._exists("Participation", role=member))
        return Q(**{f"{member}__isnull": True})

    def in_iati(self, day):
        """Can be told as a valid activity on ``day``: those of which iati/reasons.py finds no reason why not."""
        return self.filter(
            self._exists("Contribution") | self._exists("Participation"),
            self._exists("Project_countries"),
            Q(start_date_planned=True) | Q(start_date_earliest__lte=day),
            Q(end_date__isnull=True) | Q(end_date_planned=True) | Q(end_date_latest__lte=day),
        ).exclude(status="")  # no end is before its start: a constraint of the table

    def count_each(self, conditions):
        """Return ``{name: number of rows}`` for ``{name: condition}``, in one query."""
        counts = {f"count_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
        found = self.order_by().aggregate(**counts) if counts else {}
        return {name: found[f"count_{name}"] for name in conditions}

    def in_order(self, sort):
        """Ordered by one of SORTS, with ``-`` from the end; blanks last either way, ties by slug."""
        column = F(SORTS[sort.removeprefix("-")])
        order = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
        return self.order_by(order, "slug")

    def related_to(self, project):
        """Share an agreement with ``project`` (a document), or both a country and a theme; itself left out."""
        keys = {
            name: [member.get("code") or member["slug"] for member in project[name]]
            for name in ("partnerships", "countries", "themes")
        }
        same_agreement = Q(self._exists("Project_partnerships", partnership__in=keys["partnerships"]))
        same_country = Q(self._exists("Project_countries", country__in=keys["countries"]))
        same_theme = Q(self._exists("Project_themes", theme__in=keys["themes"]))
        return self.exclude(pk=project["slug"]).filter(same_agreement | (same_country & same_theme))

    def _exists(self, part, **conditions):
        model = apps.get_model("projects", part)
        return Exists(model.objects.filter(project=OuterRef("pk"), **conditions))

    def _linked(self, part, **conditions):
        return self.filter(self._exists(part, **conditions))


class OrganisationQuerySet(RecordQuerySet):
    def named_like(self, text):
        """What ``text`` asks for occurs in one of its names."""
        return self.filter(with_every_word(text))


def with_every_word(text):
    """Return the condition: what ``text`` asks for occurs in ``search_text``, and what it leaves out does not."""
    condition = Q()
    for term in terms_of(text):
        occurs = Q(*(Q(search_text__contains=folded) for folded in term.foldings), _connector=Q.OR)
        condition &= ~occurs if term.is_left_out else occurs
    return condition


def possibly_active(first=None, last=None):
    """Return the condition: may have been active on a day from ``first`` to ``last``; a date not stated is open."""
    condition = Q()
    if last:
        condition &= Q(start_date__isnull=True) | Q(start_date_earliest__lte=last)
    if first:
        condition &= Q(end_date__isnull=True) | Q(end_date_latest__gte=first)
    return condition


def undated():
    """Return the condition: neither date is stated."""
    return Q(start_date__isnull=True, end_date__isnull=True)


def dated_active(first=None, last=None):
    """Return the condition: may have been active, and at least one date is stated."""
    return possibly_active(first, last) & ~undated()


def certainly_active(first=None, last=None):
    """Return the condition: was active on a day from ``first`` to ``last`` whatever the dates mean.

    Both are stated, none is only planned.
    """
    condition = Q(start_date__isnull=False, end_date__isnull=False, start_date_planned=False, end_date_planned=False)
    if last:
        condition &= Q(start_date_latest__lte=last)
    if first:
        condition &= Q(end_date_earliest__gte=first)
    return condition


CERTAINTIES = {"possible": possibly_active, "dated": dated_active, "certain": certainly_active}


def counted_in_parent(model):
    """Return the rows of Project or Contribution (``model``) whose amount is not added, so that nothing counts twice.

    What their project is part of, at any level, states a total in the same currency; or, of a contribution, one of the
    same funder in the same currency.
    """
    if model.__name__ == "Project":
        own, project, amount, same = "", "pk", "budget_amount", ("budget_currency",)
    else:
        own, project, amount, same = "project__", "project", "amount", ("currency", "funder")
    stating, found = model.objects.filter(**{f"{amount}__isnull": False}), Q()
    for level in range(1, LEVELS):
        above = OuterRef(own + "__".join(["part_of"] * level))
        found |= Q(Exists(stating.filter(**{project: above}, **{name: OuterRef(name) for name in same})))
    return stating.filter(found, **{f"{own}part_of__isnull": False})
