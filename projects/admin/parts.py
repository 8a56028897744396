"""Contributions, components and participations as rows of the project form."""

from django.contrib import admin
from django.forms import TypedChoiceField

from projects.models import Component, Contribution, Participation
from projects.models.fields import CurrencyField
from projects.words.phrases import amount_in_words
from provenance.admin import RowInline

NARROW = {CurrencyField: {"widget": None}}  # the field's own widget, not the admin's wide one


class PartInline(RowInline, admin.TabularInline):
    formfield_overrides = RowInline.formfield_overrides | NARROW


class ContributionInline(PartInline):
    model = Contribution
    fields = ("funder", "instrument", "amount", "currency")
    readonly_fields = ("formatted_amount",)

    def get_fields(self, request, obj=None):
        """Users who may only read see amount and currency in one formatted column."""
        return self.fields if self.has_change_permission(request, obj) else ("funder", "instrument", "formatted_amount")

    @admin.display(description="amount")
    def formatted_amount(self, contribution):
        return None if contribution.amount is None else amount_in_words(contribution.amount, contribution.currency)


class ComponentInline(PartInline):
    model = Component
    fields = ("number", "title")


class ParticipationInline(PartInline):
    model = Participation
    verbose_name, verbose_name_plural = "role of an organisation", "roles of organisations"
    fields = ("organisation", "role", "role_as_stated", "component")

    def get_formset(self, request, obj=None, **options):
        """Offer the components in the form, so that edits to one apply to its participations."""
        formset = super().get_formset(request, obj, **options)
        if field := formset.form.base_fields.get("component"):
            components = {str(row.pk): row for row in obj.components.all()} if obj else {}
            formset.form.base_fields["component"] = TypedChoiceField(
                label=field.label, required=False, empty_value=None, coerce=lambda place: components.get(str(place)),
                choices=[("", "---------"), *((place, str(row)) for place, row in components.items())],
                help_text="Save the project before you choose a new component.",
            )  # fmt: skip
        return formset
