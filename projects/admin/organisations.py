from django.contrib import admin

from projects.models import Organisation, Theme, ThemeCode
from provenance.admin import RecordAdmin
from provenance.admin.base import READ, CarefulAdmin

from . import merges
from .reader import OrganisationReader


@admin.register(Organisation)
class OrganisationAdmin(RecordAdmin):
    views = RecordAdmin.views | merges.VIEWS
    actions = merges.ACTIONS
    reader = OrganisationReader
    fields = ("name", "slug", "acronym", "aliases", "kind", "country", "identifier", "other_identifiers")
    list_display = ("name", "acronym", "kind", "country", "state", "modified")
    list_select_related = ("country",)
    list_filter = ("state", "kind")
    search_fields = (*RecordAdmin.search_fields, "identifier")
    search_help_text = "Name, acronym, other or former name, identifier or address."


@admin.register(Theme)
class ThemeAdmin(RecordAdmin):
    inlines = ()
    fields = ("name", "slug")
    list_display = ("name", "state", "modified")


@admin.register(ThemeCode)
class ThemeCodeAdmin(CarefulAdmin):
    fields = ("vocabulary", "code", "theme")
    list_display = ("code", "vocabulary", "theme")
    list_select_related = ("theme",)
    list_filter = ("vocabulary",)
    search_fields = ("code", "theme__slug")
    search_help_text = "Code, or address of the theme."
    needs = READ | dict.fromkeys(("add", "change", "delete"), ("map",))
