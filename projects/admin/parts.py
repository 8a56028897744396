"""Contributions, components and participations: inline on their project's page, and all together."""

from django.contrib import admin
from django.db.models import UniqueConstraint
from django.forms import BaseInlineFormSet

from projects.fields import CurrencyField
from projects.models import Component, Contribution, Participation
from provenance.admin import PartAdmin, RowInline

NARROW = {CurrencyField: {"widget": None}}  # the field's own widget, not the admin's wide one


class PartFormSet(BaseInlineFormSet):
    def validate_unique(self):
        """Mark a row that repeats another one on the page, where an empty relation counts as a value."""
        seen = set()
        for form in self.forms:
            if not form.is_valid() or self._should_delete_form(form):
                continue
            if form.instance._state.adding and not form.has_changed():
                continue
            key = tuple(form.instance.serializable_value(name) for name in self.model.key_fields)
            if key in seen:
                form.add_error(None, _said_twice(self.model, key))
            seen.add(key)


def _said_twice(model, key):
    """Return the message of the constraint that a second row with ``key`` would break."""
    unique = [constraint for constraint in model._meta.constraints if isinstance(constraint, UniqueConstraint)]
    partial = None in key
    return next(one for one in unique if bool(one.condition) == partial).violation_error_message


class PartInline(RowInline, admin.TabularInline):
    formset = PartFormSet
    formfield_overrides = RowInline.formfield_overrides | NARROW


class ContributionInline(PartInline):
    model = Contribution
    fields = ("funder", "instrument", "amount", "currency")
    autocomplete_fields = ("funder", "instrument")


class ComponentInline(PartInline):
    model = Component
    fields = ("number", "title")


class ParticipationInline(PartInline):
    model = Participation
    fields = ("organisation", "role", "role_as_stated", "component")
    autocomplete_fields = ("organisation",)
    with_rows = ("component",)

    def get_formset(self, request, obj=None, **options):
        """The components to choose from are the project's own, read once for all rows."""
        formset = super().get_formset(request, obj, **options)
        field = formset.form.base_fields.get("component")
        if field:
            field.queryset = Component.objects.filter(project=obj) if obj else Component.objects.none()
            field.choices = list(field.choices)
            field.help_text = "A new component can be chosen once the project is saved with it."
        return formset


@admin.register(Contribution)
class ContributionAdmin(PartAdmin):
    fields = ("project", "funder", "instrument", ("amount", "currency"))
    autocomplete_fields = ("project", "funder", "instrument")
    formfield_overrides = NARROW
    list_display = ("project", "funder", "instrument", "amount", "currency")
    list_select_related = ("project", "funder", "instrument")
    list_filter = ("instrument", "currency")
    search_fields = ("project__search_text__contains", "project__slug", "funder__search_text__contains")


@admin.register(Component)
class ComponentAdmin(PartAdmin):
    fields = ("project", "number", "title")
    autocomplete_fields = ("project",)
    list_display = ("title", "number", "project")
    list_select_related = ("project",)
    search_fields = ("title", "project__search_text__contains", "project__slug")


@admin.register(Participation)
class ParticipationAdmin(PartAdmin):
    fields = ("project", "organisation", "role", "role_as_stated", "component")
    autocomplete_fields = ("project", "organisation", "component")
    list_display = ("project", "organisation", "role", "role_as_stated", "component")
    list_select_related = ("project", "organisation", "component")
    list_filter = ("role",)
    search_fields = ("project__search_text__contains", "project__slug", "organisation__search_text__contains")
