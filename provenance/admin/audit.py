"""The audit log, read-only, and the admins whose changes it records."""

from django.contrib import admin

from provenance.models import AuditEntry
from provenance.store import audit

from .changelist import CarefulAdmin


class AuditedAdmin(CarefulAdmin):
    """An admin whose additions, changes and deletions are entries of the audit log."""

    def standing(self, row):
        """Return what a row gives to whom, in words, without names of people."""
        return ""

    def note(self, request, deed, rows):
        for row in rows:
            standing = "" if deed == "deleted" else self.standing(row)
            words = f"{deed} {self.opts.verbose_name}" + (f": {standing}" if standing else "")
            audit.note(request.user, words[:200], f"{self.opts.verbose_name} {row.pk}")

    def log_addition(self, request, obj, message):
        self.note(request, "added", [obj])
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self.note(request, "changed", [obj])
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        self.note(request, "deleted", queryset)
        return super().log_deletions(request, queryset)


@admin.register(AuditEntry)
class AuditEntryAdmin(CarefulAdmin):
    list_display = fields = readonly_fields = ("at", "account", "deed", "about", "digest")
    list_display_links = None
    search_fields = ("deed", "about")
    actions = None
    needs = {"view": ("administer",)}

    def changelist_view(self, request, extra_context=None):
        """Say the head of the log: with one that was kept elsewhere, a log that was cut off is found."""
        words = f"Audit log (head {audit.head()})"
        return super().changelist_view(request, {"title": words, **(extra_context or {})})
