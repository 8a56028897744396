"""Filters beside the list of projects. They only translate: the conditions are the queryset's."""

from django.contrib import admin

from instruments.models import Country, Instrument, Partnership
from projects.filters import STATUSES


class LinkedFilter(admin.SimpleListFilter):
    """Projects that are linked with one record of ``model``."""

    model: type
    word = ""  # the queryset's method

    def lookups(self, request, model_admin):
        return [(record.pk, str(record)) for record in self.model.objects.only("pk", "name", "sort_key")]

    def queryset(self, request, queryset):
        return getattr(queryset, self.word)([self.value()]) if self.value() else queryset


class CountryFilter(LinkedFilter):
    title = parameter_name = "country"
    model, word = Country, "in_countries"


class InstrumentFilter(LinkedFilter):
    title = parameter_name = "instrument"
    model, word = Instrument, "funded_by"


class PartnershipFilter(LinkedFilter):
    title = parameter_name = "partnership"
    model, word = Partnership, "under_partnerships"


class StatusFilter(admin.SimpleListFilter):
    title = parameter_name = "status"

    def lookups(self, request, model_admin):
        return STATUSES

    def queryset(self, request, queryset):
        return queryset.with_status([self.value()]) if self.value() else queryset


class StatedFilter(admin.SimpleListFilter):
    """Whether a member is stated."""

    member = ""

    def lookups(self, request, model_admin):
        return [("stated", "stated"), ("not-stated", "not stated")]

    def queryset(self, request, queryset):
        if self.value() == "not-stated":
            return queryset.not_stating([self.member])
        if self.value() == "stated":
            return queryset.stating(self.member)
        return queryset.none() if self.value() else queryset


class BudgetFilter(StatedFilter):
    title, parameter_name = "total budget", "budget"
    member = "budget"


class StartFilter(StatedFilter):
    title, parameter_name = "start date", "start"
    member = "start_date"
