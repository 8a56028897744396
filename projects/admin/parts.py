"""Contributions, components and participations: rows of their project's form."""

from django.contrib import admin
from django.forms import BaseInlineFormSet, TypedChoiceField

from projects.models import Component, Contribution, Participation
from projects.models.fields import CurrencyField
from provenance.admin import RowFormSet, RowInline
from provenance.documents.diff import format_amount
from provenance.store.entries import duplicate_message

NARROW = {CurrencyField: {"widget": None}}  # the field's own widget, not the admin's wide one


class PartFormSet(RowFormSet, BaseInlineFormSet):
    def validate_unique(self):
        """Mark a row that repeats another one on the page, where an empty relation counts as a value."""
        seen, rows = set(), self.rows()
        for form in self.forms:
            if not form.is_valid() or form.instance not in rows:
                continue
            key = tuple(form.instance.serializable_value(name) for name in self.model.key_fields)
            if key in seen:
                form.add_error(None, duplicate_message(self.model, key))
            seen.add(key)


class PartInline(RowInline, admin.TabularInline):
    formset = PartFormSet
    formfield_overrides = RowInline.formfield_overrides | NARROW


class ContributionInline(PartInline):
    model = Contribution
    fields = ("funder", "instrument", "amount", "currency")
    autocomplete_fields = ("funder", "instrument")
    readonly_fields = ("stated",)

    def get_fields(self, request, obj=None):
        """Who only reads sees the sum in one, its thousands apart."""
        return self.fields if self.has_change_permission(request, obj) else ("funder", "instrument", "stated")

    @admin.display(description="amount")
    def stated(self, contribution):
        return format_amount(contribution.amount, contribution.currency)


class ComponentInline(PartInline):
    model = Component
    fields = ("number", "title")


class ParticipationInline(PartInline):
    model = Participation
    fields = ("organisation", "role", "role_as_stated", "component")
    autocomplete_fields = ("organisation",)

    def get_formset(self, request, obj=None, **options):
        """The components to choose from are the record's own rows: what is typed of one holds for who is in it."""
        formset = super().get_formset(request, obj, **options)
        if field := formset.form.base_fields.get("component"):
            components = {str(row.pk): row for row in obj.components.all()} if obj else {}
            formset.form.base_fields["component"] = TypedChoiceField(
                label=field.label, required=False, empty_value=None, coerce=lambda place: components.get(str(place)),
                choices=[("", "---------"), *((place, str(row)) for place, row in components.items())],
                help_text="A new component can be chosen once the project is saved with it.",
            )  # fmt: skip
        return formset
