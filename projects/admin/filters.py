"""Filters of the list of projects. The conditions are methods of the queryset."""

from django.contrib import admin
from django.utils import timezone

from instruments.models import Country, Instrument, Partnership
from projects.quality import rules
from provenance.workflow import permissions


class LinkedFilter(admin.SimpleListFilter):
    """Projects linked to a record of ``model`` by a row of ``part``."""

    model: type
    part = ""

    def lookups(self, request, model_admin):
        return [(record.pk, str(record)) for record in self.model.objects.only("pk", "name", "sort_key")]

    def queryset(self, request, queryset):
        linked = {self.model._meta.model_name: self.value()}
        return queryset.linked(self.part, **linked) if self.value() else queryset


class CountryFilter(LinkedFilter):
    title = parameter_name = "country"
    model, part = Country, "Project_countries"


class InstrumentFilter(LinkedFilter):
    title = parameter_name = "instrument"
    model, part = Instrument, "Contribution"


class PartnershipFilter(LinkedFilter):
    title, parameter_name = "agreement", "partnership"
    model, part = Partnership, "Project_partnerships"


class QualityFilter(admin.SimpleListFilter):
    """Projects that a quality rule finds, as counted on the first page."""

    title = parameter_name = "quality"

    def lookups(self, request, model_admin):
        return [(rule.name, f"{'not stated: ' if rule.query else ''}{rule.label}") for rule in rules.RULES]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        known = self.value() in rules.BY_NAME
        return rules.found_by(queryset, self.value(), timezone.now().date()) if known else queryset.none()


class OwnFilter(admin.SimpleListFilter):
    """Projects in the countries of the user's delegations; only for users who have some."""

    title, parameter_name = "my countries", "own"

    def lookups(self, request, model_admin):
        return [("yes", "mine")] if permissions.territory(request.user) is not None else []

    def queryset(self, request, queryset):
        codes = permissions.territory(request.user)
        return queryset.of_territory(codes) if self.value() == "yes" and codes is not None else queryset
