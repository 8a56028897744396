"""The admin of sources and users, and the base classes for the admin of every kind of record.

Pages turn forms into documents; ``provenance.workflow`` decides what may happen to them.
"""

from django.contrib import admin

from provenance.models import Source

from . import proposals, suggestions, users
from .changelist import resting_on
from .inlines import ClaimInline, RowFormSet, RowInline
from .records import RecordAdmin
from .texts import edition_page, file_page, kept_text, text_page

__all__ = ["ClaimInline", "RecordAdmin", "RowFormSet", "RowInline", "proposals", "suggestions", "users"]


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    key_from = ("title",)
    fields = (
        "title",
        "slug",
        "publisher",
        "address",
        "archive_address",
        "licence",
        "contact",
        "language",
        "date",
        "read_date",
        "kept_text",
        "text_shown",
        "resting",
    )
    readonly_fields = ("kept_text", "resting")
    list_display = ("title", "publisher", "language", "date", "read_date", "state", "modified")
    list_filter = ("state", "language")
    views = RecordAdmin.views | {
        "<path:object_id>/text/": ("text", text_page),
        "<path:object_id>/text/<int:number>/": ("edition", edition_page),
        "<path:object_id>/text/<int:number>/file/": ("edition_file", file_page),
    }

    @admin.display(description="text")
    def kept_text(self, source):
        return kept_text(source) if source.pk else "–"

    @admin.display(description="what rests on it")
    def resting(self, source):
        return resting_on(source.pk) or "–"

    def formfield_for_dbfield(self, db_field, request, **options):
        if db_field.name in ("address", "archive_address"):
            options["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **options)
