"""Querysets of projects, including drafts, for the admin and the quality rules."""

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q

from provenance.models import RecordQuerySet

LEVELS = 4  # levels of main projects and sub-projects
GAPS = ("budget", "start_date", "end_date", "instrument", "lead", "implementer")  # what `not_stated` can ask for


class ProjectQuerySet(RecordQuerySet):
    """Methods narrow without joins, so that rows can be counted and summed."""

    def of_territory(self, codes):
        return self.linked("Project_countries", country__in=codes)

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

    def linked(self, part, **conditions):
        """Those with a row of ``part``, a model, that meets ``conditions``."""
        return self.filter(self._exists(part, **conditions))
