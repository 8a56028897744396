"""The admin of sources, and the base classes for every app's admin."""

from django.contrib import admin

from provenance.models import Source

from . import proposals, users
from .inlines import ClaimInline, RowFormSet, RowInline
from .records import RecordAdmin

__all__ = ["ClaimInline", "RecordAdmin", "RowFormSet", "RowInline", "proposals", "users"]


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    key_from = ("title",)
    fields = ("title", "slug", "publisher", "address", "archive_address", "licence", "language", "date", "read_date")
    list_display = ("title", "publisher", "language", "date", "read_date", "state", "modified")
    list_filter = ("state", "language")

    def formfield_for_dbfield(self, db_field, request, **options):
        if db_field.name in ("address", "archive_address"):
            options["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **options)
