"""Which projects, drafts too: words that read aloud for the admin and the rules of quality, each one condition."""

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q

from provenance.models import RecordQuerySet

LEVELS = 4  # a whole, its parts, their parts, and theirs
GAPS = ("budget", "start_date", "end_date", "instrument", "lead", "implementer")  # what a source may leave open


class ProjectQuerySet(RecordQuerySet):
    """Every word returns a narrower queryset and joins nothing, so that rows can be counted and summed."""

    def in_countries(self, countries):
        return self._linked("Project_countries", country__in=countries)

    of_territory = in_countries

    def under_partnerships(self, partnerships):
        return self._linked("Project_partnerships", partnership__in=partnerships)

    def funded_by(self, instruments):
        """A contribution names one of ``instruments``."""
        return self._linked("Contribution", instrument__in=instruments)

    def with_status(self, statuses):
        """One of ``statuses``; ``not-stated`` among them is a project whose status no source states."""
        return self.filter(status__in=["" if status == "not-stated" else status for status in statuses])

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

    def count_each(self, conditions):
        """Return ``{name: number of rows}`` for ``{name: condition}``, in one query."""
        counts = {f"count_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
        found = self.order_by().aggregate(**counts) if counts else {}
        return {name: found[f"count_{name}"] for name in conditions}

    def _exists(self, part, **conditions):
        model = apps.get_model("projects", part)
        return Exists(model.objects.filter(project=OuterRef("pk"), **conditions))

    def _linked(self, part, **conditions):
        return self.filter(self._exists(part, **conditions))
