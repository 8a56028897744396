from django.contrib import admin

from projects.models import Project
from provenance.admin import ClaimInline, RecordAdmin
from provenance.documents.diff import format_amount

from . import merges
from .filters import (
    BudgetFilter,
    CountryFilter,
    InstrumentFilter,
    OwnFilter,
    PartnershipFilter,
    QualityFilter,
    StartFilter,
    StatusFilter,
)
from .parts import NARROW, ComponentInline, ContributionInline, ParticipationInline
from .reader import ProjectReader
from .suggested import suggested_projects


@admin.register(Project)
class ProjectAdmin(RecordAdmin):
    views = RecordAdmin.views | merges.VIEWS | {"suggested/": ("suggested", suggested_projects)}
    actions = merges.ACTIONS
    key_from = ("title",)
    reader = ProjectReader
    fieldsets = (
        (None, {"fields": ["title", "acronym", "slug", "part_of"]}),
        ("What it is for", {"fields": ["summary", "objectives", "themes", "sectors"]}),
        ("Where, and under which agreement", {"fields": ["countries", "partnerships"]}),
        (
            "When",
            {
                "fields": [
                    ("start_date", "start_date_planned"),
                    ("end_date", "end_date_planned"),
                    ("status", "status_as_of"),
                ],
                "description": "Dates are as precise as the source: 2012, 2012-05 or 2012-05-31.",
            },
        ),
        (
            "Money",
            {
                "fields": [("budget_amount", "budget_currency")],
                "description": "The total that a source states. Enter what each funder gives under contributions.",
            },
        ),
    )
    autocomplete_fields = ("part_of", "countries", "partnerships", "themes")
    formfield_overrides = NARROW
    inlines = (ContributionInline, ComponentInline, ParticipationInline, ClaimInline)
    list_display = (
        "title", "acronym", "its_countries", "state", "status", "start_date", "end_date", "budget", "modified",
    )  # fmt: skip
    list_prefetch = ("countries",)
    list_filter = (
        "state", QualityFilter, OwnFilter, CountryFilter, InstrumentFilter, PartnershipFilter, StatusFilter,
        BudgetFilter, StartFilter,
    )  # fmt: skip
    search_help_text = "Words of title, summary, organisations, countries, instruments or agreements."
    date_hierarchy = "modified"

    def get_fieldsets(self, request, obj=None):
        """Users who may only read see amount and currency in one formatted field."""
        reads = obj and not self.has_change_permission(request, obj)
        return [
            (title, {**options, "fields": ["budget"]} if reads and title == "Money" else options)
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "budget"]

    @admin.display(description="countries")
    def its_countries(self, project):
        return ", ".join(country.name for country in project.countries.all())

    @admin.display(description="total budget", ordering="budget_amount")
    def budget(self, project):
        return format_amount(project.budget_amount, project.budget_currency)
