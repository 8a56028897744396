"""Querysets of projects, including drafts, for the admin and the quality rules."""

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q

from provenance.models import RecordQuerySet

LEVELS = 4  # levels of main projects and sub-projects
GAPS = ("budget", "start_date", "end_date", "instrument", "lead", "implementer")  # what `not_stated` can ask for


class ProjectQuerySet(RecordQuerySet):
    """Methods narrow without joins, so that rows can be counted and summed."""

    def in_countries(self, countries):
        return self._linked("Project_countries", country__in=countries)

    of_territory = in_countries

    def under_partnerships(self, partnerships):
        return self._linked("Project_partnerships", partnership__in=partnerships)

    def funded_by(self, instruments):
        return self._linked("Contribution", instrument__in=instruments)

    def with_status(self, statuses):
        """Those with one of ``statuses``; ``not-stated`` is one, too."""
        return self.filter(status__in=["" if status == "not-stated" else status for status in statuses])

    def not_stating(self, members):
        """Those without at least one of ``members``."""
        missing = Q()
        for member in members:
            missing |= self.lacking(member)
        return self.filter(missing)

    def stating(self, member):
        return self.exclude(self.lacking(member))

    def lacking(self, member):
        """Return the condition that ``member``, one of GAPS, is missing."""
        if member == "budget":
            return Q(budget_amount__isnull=True)
        if member == "instrument":
            return ~Q(self._exists("Contribution", instrument__isnull=False))
        if member in ("lead", "implementer"):
            return ~Q(self._exists("Participation", role=member))
        return Q(**{f"{member}__isnull": True})

    def count_each(self, conditions):
        """Return ``{name: number of rows}`` for ``{name: condition}``, in one query."""
        counts = {f"count_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
        numbers = self.order_by().aggregate(**counts) if counts else {}
        return {name: numbers[f"count_{name}"] for name in conditions}

    def _exists(self, part, **conditions):
        model = apps.get_model("projects", part)
        return Exists(model.objects.filter(project=OuterRef("pk"), **conditions))

    def _linked(self, part, **conditions):
        return self.filter(self._exists(part, **conditions))
