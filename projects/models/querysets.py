"""Querysets of projects, including drafts, for the admin and the quality rules."""

from django.db.models import Exists, OuterRef

from provenance.models import RecordQuerySet

LEVELS = 4  # levels of main projects and sub-projects
GAPS = ("budget", "start_date", "end_date", "instrument", "lead", "implementer")  # what `not_stated` can ask for


class ProjectQuerySet(RecordQuerySet):
    """Methods narrow without joins, so that rows can be counted and summed."""

    def of_territory(self, codes):
        return self.linked(self.model.countries.through, country__in=codes)

    def linked(self, part, **conditions):
        """Those with a row of ``part``, a model, that meets ``conditions``."""
        return self.filter(Exists(part.objects.filter(project=OuterRef("pk"), **conditions)))
