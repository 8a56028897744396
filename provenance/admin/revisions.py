"""Revisions, to read: nobody adds, changes or deletes one by hand."""

import orjson
from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils.html import format_html

from provenance import recording
from provenance.models import Revision
from provenance.sites import address

from .histories import may_bring_back, step
from .lists import CarefulAdmin, KindFilter
from .permits import PermitMixin
from .telling import link

ACTIONS = ("created", "changed", "published", "withdrawn", "deleted")
GONE = "gone"  # deleted, and not brought back


class ActionFilter(admin.SimpleListFilter):
    title = "what was done"
    parameter_name = "action"

    def lookups(self, request, model_admin):
        return [*((action, action) for action in ACTIONS), (GONE, "deleted, and not there again")]

    def queryset(self, request, queryset):
        if self.value() == GONE:
            later = Revision.objects.filter(kind=OuterRef("kind"), key=OuterRef("key"), pk__gt=OuterRef("pk"))
            return queryset.filter(~Exists(later), action="deleted")
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Revision)
class RevisionAdmin(PermitMixin, CarefulAdmin):
    list_display = ("at", "kind", "key", "action", "state", "user_name", "reason", "is_public")
    list_filter = (KindFilter, ActionFilter, "is_public")
    search_fields = ("key", "user_name", "reason")
    search_help_text = "Key of the record, who, or why."
    date_hierarchy = "at"
    fields = readonly_fields = (
        "at", "user_name", "kind", "key", "action", "state", "reason", "changes", "history",
        "is_public", "said", "digest", "previous_digest",
    )  # fmt: skip
    change_form_template = "admin/revision.html"

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Offer to bring back the record that this deleted, unless it is there, or that is not for whoever asks."""
        model = recording.model_of(obj)
        is_gone = obj.action == "deleted" and recording.newest(model, [obj.key])[obj.key] == obj
        may = is_gone and may_bring_back(self.admin_site.get_model_admin(model), request, None)
        context["bring_back"] = address(model, "bring_back", obj.key, obj.pk) if may else ""
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_queryset(self, request):
        """Documents are long: lists do without, unless they show titles."""
        rows = super().get_queryset(request)
        return rows if _shows_gone(request) else rows.defer("document")

    def get_list_display(self, request):
        """Of records that are gone this is the one list, so it shows what they were called."""
        return ("at", "kind", "called", *self.list_display[2:]) if _shows_gone(request) else self.list_display

    @admin.display(description="title")
    def called(self, revision):
        return recording.called(revision)

    @admin.display(description="what changed")
    def changes(self, revision):
        before = Revision.objects.filter(kind=revision.kind, key=revision.key, id__lt=revision.pk).first()
        return render_to_string("admin/_changes.html", {"step": step(revision, before)})

    @admin.display(description="other revisions")
    def history(self, revision):
        """The history of the record, from where it is brought back."""
        return link(recording.model_of(revision), "history", revision.key, "The history of this record")

    @admin.display(description="the whole record")
    def said(self, revision):
        text = orjson.dumps(orjson.loads(revision.document), option=orjson.OPT_INDENT_2).decode()
        return format_html('<details><summary>JSON</summary><pre class="document">{}</pre></details>', text)


def _shows_gone(request):
    return request.GET.get(ActionFilter.parameter_name) == GONE
