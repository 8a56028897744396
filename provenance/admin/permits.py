"""What the admin lets its users do: the table in ``provenance/access.py``, never Django's rows of permissions."""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import get_deleted_objects as deleted_objects
from django.core.exceptions import ValidationError

from provenance import access

REFUSED = "You may not {action} the {kind} “{key}”."
NOT_PUBLISHED = "You may not publish this. Save it, and a publisher will."


class ViewPermitMixin(admin.ModelAdmin):
    """Permissions of what everybody with a role sees, and nobody changes by hand."""

    def has_view_permission(self, request, obj=None):
        return access.may(request.user, "view")

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class PermitMixin(ViewPermitMixin):
    """Permissions of whatever is or belongs to records; subclasses have ``records_of`` (see RecordingAdmin)."""

    writes = {"add": ("add",), "change": ("change", "propose"), "delete": ("delete",)}  # what lets a form open

    def has_add_permission(self, request):
        return self._may_one_of(request, "add")

    def has_change_permission(self, request, obj=None):
        return self._may_one_of(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return self._may_one_of(request, "delete", obj)

    def has_publish_permission(self, request, obj=None):
        return self.permits(request, "publish", obj)

    def has_withdraw_permission(self, request, obj=None):
        return self.permits(request, "withdraw", obj)

    def _may_one_of(self, request, name, obj=None):
        return any(self.permits(request, action, obj) for action in self.writes[name])

    def permits(self, request, action, obj=None):
        """Whether whoever asks may do ``action`` on the records of ``obj``; None: on any at all.

        Looked up once in a request: the answer is that of the time before anything was saved.
        """
        if obj is None or obj._state.adding:
            return access.may(request.user, action)
        [(model, [key])] = self.records_of([obj]).items()
        known = request.__dict__.setdefault("_permits", {})
        if (action, model, key) not in known:
            self.foresee(request, {model: [key]}, (action,))
        return known[action, model, key]

    def foresee(self, request, records, actions=("change", "delete")):
        """Look up at once what whoever asks may do with ``{model: keys}``: one query a kind and action."""
        known = request.__dict__.setdefault("_permits", {})
        for model, keys in records.items():
            for action in actions:
                mine = access.allowed(request.user, action, model.objects.filter(pk__in=keys))
                mine = set(mine.values_list("pk", flat=True))
                known.update({(action, model, key): key in mine for key in keys})

    def demand_own(self, request, records):
        """ValidationError unless what was just saved, ``{model: keys}``, belongs to the user's countries."""
        codes = access.territory(request.user)
        for model, keys in records.items() if codes is not None else ():
            if model.objects.of_territory(codes).filter(pk__in=keys).count() < len(keys):
                access.note(request.user, "change", f"{model._meta.model_name} {', '.join(keys)}: another country")
                raise ValidationError(access.OUTSIDE.format(countries=", ".join(sorted(codes)) or "none yet"))

    def demand(self, request, action, records):
        """ValidationError unless whoever asks may do ``action`` on all of ``{model: keys}``, as they stand now."""
        for model, keys in records.items():
            mine = access.allowed(request.user, action, model.objects.filter(pk__in=keys))
            if other := sorted(set(keys) - set(mine.values_list("pk", flat=True))):
                access.note(request.user, action, f"{model._meta.model_name} {', '.join(other)}")
                words = REFUSED.format(action=action, kind=model._meta.verbose_name, key=other[0])
                raise ValidationError(words)

    def demand_publish(self, request, record):
        """ValidationError unless whoever asks may publish ``record``, which may be new."""
        is_new = record._state.adding
        states = access.states_for(request.user, "publish")
        if not (record.state in states if is_new else self.permits(request, "publish", record)):
            access.note(request.user, "publish", record)
            raise ValidationError(NOT_PUBLISHED)

    def get_deleted_objects(self, objs, request):
        """As Django does it, with as many queries for thousand rows as for one."""
        self.foresee(request, self.records_of(objs))
        found, counts, lacking, protected = deleted_objects(objs, request, self.admin_site)
        known = {model._meta.verbose_name_plural for model in apps.get_models()}  # no tables between two
        return found, {name: count for name, count in counts.items() if name in known}, lacking, protected

    def changelist_view(self, request, extra_context=None):
        """Refuse an action that was sent though the list does not offer it."""
        sent = set(request.POST.getlist("action")) if request.method == "POST" else set()
        known = {name for _, name, _ in self._get_base_actions()}
        if refused := (sent & known) - self.get_actions(request).keys():
            access.refuse(request.user, min(refused), self.opts.model_name)
        return super().changelist_view(request, extra_context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Tell the template whether its user may publish what is on the page."""
        context["may_publish"] = self.has_publish_permission(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)


class RowPermitMixin:
    """Permissions of rows inline, ``obj`` being their record: as its form is open, so are they."""

    def has_view_permission(self, request, obj=None):
        return access.may(request.user, "view")

    def has_add_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        record_admin = self.admin_site.get_model_admin(self.parent_model)
        return record_admin.has_change_permission(request, obj) if obj else record_admin.has_add_permission(request)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)


class AdministeredMixin:
    """Permissions of what administrators alone see and change."""

    def has_view_permission(self, request, obj=None):
        return access.may(request.user, "administer")

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request):
        return access.may(request.user, "administer")

    has_module_permission = has_add_permission
