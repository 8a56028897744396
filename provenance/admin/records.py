"""The admin of records: permanent keys, states and histories."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format

from provenance.documents.folding import fold
from provenance.models import State
from provenance.site.admin_site import address
from provenance.store import log
from provenance.workflow import review
from provenance.workflow.reader import Reader

from .changelist import CarefulAdmin, SourceFilter
from .forms import EditMixin
from .history import history, restore
from .permissions import OF_RECORDS
from .publication import publish_one, publish_page
from .removal import remove_page
from .summary import public_address, what_became

MOST_AT_ONCE = 10_000


class RecordAdmin(EditMixin, CarefulAdmin):
    """The base of the admin of every kind of record. Subclasses name ``fields`` or ``fieldsets``."""

    list_display = ("__str__", "pk", "state", "modified")
    list_filter = ("state",)
    search_fields = ("search_text__contains", "pk")
    searched = staticmethod(fold)
    actions = ("publish", "withdraw")
    needs = OF_RECORDS
    reader = Reader  # of texts of sources
    key_from: tuple[str, ...] = ()  # the field from which a new key is made
    change_form_template = "admin/record_change_form.html"
    change_list_template = "admin/record_change_list.html"
    views = {
        "<path:object_id>/history/": ("history", history),
        "<path:object_id>/history/<int:number>/": ("restore", restore),
        "<path:object_id>/publish/": ("publish", publish_one),
    }

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """For a deleted or merged record, show what happened to it with its history."""
        last = log.newest(self.model, [unquote(object_id)]).get(unquote(object_id))
        if last is None:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        self.message_user(request, what_became(self.model, last), messages.WARNING)
        return HttpResponseRedirect(address(self.model, "history", last.key))

    def get_list_filter(self, request):
        return [*super().get_list_filter(request), SourceFilter]

    def nearest_first(self, queryset, search_term):
        return queryset.nearest_first(search_term)

    # -- The form --

    def get_readonly_fields(self, request, obj=None):
        """Keys never change; states change by publishing and withdrawing."""
        fixed = [self.opts.pk.name] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed, "state", "last_change"]

    def get_prepopulated_fields(self, request, obj=None):
        return {self.opts.pk.name: self.key_from} if self.key_from and not obj else {}

    def get_fieldsets(self, request, obj=None):
        """Add state, last change and, if the user may write, the reason."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        last = ["state", *(["last_change"] if obj else []), *(["reason", "seen"] if may_write else [])]
        return [*super().get_fieldsets(request, obj), ("State and history", {"fields": last})]

    @admin.display(description="last change")
    def last_change(self, record):
        revision = record.revision
        when = revision and date_format(timezone.localtime(revision.at), "DATETIME_FORMAT")
        return revision and f"{when}: {revision.action} by {revision.user_name}"

    def get_view_on_site_url(self, obj=None):
        """Return the public path, if there is a public page."""
        return (obj and public_address(obj)) or None

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Add waiting proposals, whether saving proposes, and why the record is read-only."""
        context["waiting"] = list(review.waiting_on(self.model, [obj.pk])) if obj else ()
        context["proposes"] = bool(obj) and self.proposes(request, obj)
        context["may_publish"] = self.has_publish_permission(request, obj)
        is_read = bool(obj) and not self.has_change_permission(request, obj)
        context["why_read_only"] = self.why_not_own(request, self.needs["change"], obj) if is_read else ""
        return super().render_change_form(request, context, add, change, form_url, obj)

    def proposes(self, request, record):
        """Whether the user may propose a change of ``record`` but not make it."""
        return self.permits(request, "propose", record) and not self.permits(request, "change", record)

    def response_post_save_change(self, request, obj):
        """Redirect to the page to publish, if “Save and publish” was chosen."""
        if "_publish" in request.POST and obj.state != State.PUBLISHED:
            return HttpResponseRedirect(address(self.model, "publish", obj.pk))
        return super().response_post_save_change(request, obj)

    response_post_save_add = response_post_save_change

    # -- Actions --

    def response_action(self, request, queryset):
        if request.POST.get("select_across") == "1" and queryset.count() > MOST_AT_ONCE:
            words = f"Choose at most {MOST_AT_ONCE:,} at a time, using a filter or a search. Nothing was changed."
            self.message_user(request, words, messages.ERROR)
            return None
        return super().response_action(request, queryset)

    def get_actions(self, request):
        """Let the page of ours ask before several records are deleted."""
        actions = super().get_actions(request)
        if asked := actions.get("delete_selected"):
            actions["delete_selected"] = (delete_selected, *asked[1:])
        return actions

    @admin.action(description="Publish selected %(verbose_name_plural)s", permissions=["publish"])
    def publish(self, request, queryset):
        """Show what becomes public with all selected records, then publish all or none."""
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        return publish_page(request, self.opts, {self.model: keys}, request.get_full_path(), chosen=_chosen(request))

    @admin.action(description="Withdraw selected %(verbose_name_plural)s", permissions=["withdraw"])
    def withdraw(self, request, queryset):
        """Ask for a reason, then withdraw all selected records or none."""
        return _remove_selected(self, request, "withdraw", queryset)

    def delete_view(self, request, object_id, extra_context=None):
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_delete_permission(request, record):
            raise PermissionDenied
        return remove_page(self, request, "delete", [record], address(self.model))


def delete_selected(record_admin, request, queryset):
    return _remove_selected(record_admin, request, "delete", queryset)


def _remove_selected(record_admin, request, action, queryset):
    rows, back = list(queryset.order_by("pk")), request.get_full_path()
    return remove_page(record_admin, request, action, rows, back, chosen=_chosen(request))


def _chosen(request):
    """Return the (name, value) pairs that repeat the choice of an action and rows."""
    sent = ("action", "select_across", ACTION_CHECKBOX_NAME)
    return [(name, value) for name in sent for value in request.POST.getlist(name)]
