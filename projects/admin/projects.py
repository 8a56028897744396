"""The admin of projects, and the page of those that a text may describe, which become drafts in the form."""

from django.contrib import admin
from django.http import Http404
from django.utils import timezone

from instruments.admin import its_countries
from projects.models import Project
from projects.quality import rules
from projects.words.phrases import amount_in_words
from provenance.admin import ClaimInline, RecordAdmin, desk
from provenance.admin.base import date_column
from provenance.workflow import permissions

from . import merges
from .parts import NARROW, ComponentInline, ContributionInline, ParticipationInline
from .reader import ProjectReader

MOST_SENTENCES = 500  # that are read for one page
BESIDES = ("countries", "budget", "contributions", "start_date")  # a title alone is no project


def projects_in_text(record_admin, request):
    """List the passages of a source's text that may describe a project, and what each may state; 404 without a text."""
    permissions.require(request.user, "add")
    source, edition = desk.source_of(request.GET.get(desk.DEFAULT))
    if not edition:
        raise Http404("No text of this source is kept.")
    reader = record_admin.reader(Project, edition.text)
    first = desk.number(request.GET.get(desk.FROM), len(reader.sentences)) - 1
    passages = reader.passages(first, first + MOST_SENTENCES)
    passages = [each for each in passages if any(offer.member in BESIDES for offer in each.offers)]
    titles = {reader.title_of(each) for each in passages}
    known = dict(Project.objects.filter(title__in=titles).values_list("title", "pk"))
    return record_admin.page(request, "admin/projects_in_text.html", {
        "title": f"Projects in the text of {source}",
        "source": source,
        "edition": edition,
        "next": first + 1 + MOST_SENTENCES if first + MOST_SENTENCES < len(reader.sentences) else None,
        "passages": [
            {"title": title, "known": known.get(title), "sentences": each.sentences,
             "words": reader.text[each.sentences[0].start : each.sentences[-1].end],
             "offers": desk.offers_shown(reader, each)}
            for each in passages for title in [reader.title_of(each)]
        ],
    })  # fmt: skip


class QualityFilter(admin.SimpleListFilter):
    """Projects that a quality rule finds, as counted on the first page."""

    title = parameter_name = "quality"

    def lookups(self, request, model_admin):
        return [(rule.name, f"{'Missing: ' if rule.query else ''}{rule.label}") for rule in rules.RULES]

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


@admin.register(Project)
class ProjectAdmin(RecordAdmin):
    views = RecordAdmin.views | merges.VIEWS | {"suggested/": ("in_text", projects_in_text)}
    actions = merges.ACTIONS
    reader = ProjectReader
    fieldsets = (
        (None, {"fields": ["title", "acronym", "slug", "part_of"]}),
        ("What it is for", {"fields": ["summary", "objectives", "themes", "sectors"]}),
        ("Where, and under which agreement", {"fields": ["countries", "partnerships"]}),
        ("When", {
            "description": "Dates are as precise as the source: 2012, 2012-05 or 2012-05-31.",
            "fields": [
                ("start_date", "start_date_planned"), ("end_date", "end_date_planned"), ("status", "status_as_of"),
            ],
        }),
        ("Funding", {
            "description": "The total that a source states. Enter what each funder gives under contributions.",
            "fields": [("budget_amount", "budget_currency")],
        }),
    )  # fmt: skip
    readonly_fields = ("budget",)
    formfield_overrides = NARROW
    inlines = (ContributionInline, ComponentInline, ParticipationInline, ClaimInline)
    list_display = (
        "title", "acronym", its_countries, "state", "status", *map(date_column, ("start_date", "end_date")), "budget",
        "modified",
    )  # fmt: skip
    list_prefetch = ("countries",)
    list_filter = (
        "state", QualityFilter, OwnFilter, "countries", "contributions__instrument", "partnerships", "status",
    )  # fmt: skip
    search_help_text = "Words of title, summary, organisations, countries, instruments or agreements."
    date_hierarchy = "modified"

    def get_fieldsets(self, request, obj=None):
        """Users who may only read see amount and currency in one formatted field."""
        reads = obj and not self.has_change_permission(request, obj)
        return [
            (title, {**options, "fields": ["budget"]} if reads and title == "Funding" else options)
            for title, options in super().get_fieldsets(request, obj)
        ]

    @admin.display(description="total budget", ordering="budget_amount")
    def budget(self, project):
        amount = project.budget_amount
        return None if amount is None else amount_in_words(amount, project.budget_currency)
