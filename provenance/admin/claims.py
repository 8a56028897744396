"""Claims: rows of the form of what they are about."""

from django import forms
from django.contrib.contenttypes.admin import GenericTabularInline
from django.contrib.contenttypes.forms import BaseGenericInlineFormSet

from provenance.differences import label
from provenance.models import Claim

from .rows import RowFormSet, RowInline


def member_field(members):
    """Return a form field that chooses one of ``members``."""
    return forms.ChoiceField(label="Member", choices=[("", "–"), *((member, label(member)) for member in members)])


class ClaimFormSet(RowFormSet, BaseGenericInlineFormSet):
    pass


class ClaimInline(RowInline, GenericTabularInline):
    """What sources state of the record on whose page it stands."""

    model = Claim
    formset = ClaimFormSet
    fields = ("field", "as_stated", "quote", "source", "place", "set_aside")
    autocomplete_fields = ("source",)

    def formfield_for_dbfield(self, db_field, request, **options):
        if db_field.name == "field":
            return member_field(self.parent_model.claimable)
        return super().formfield_for_dbfield(db_field, request, **options)
