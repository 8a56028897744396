"""Claims: rows of the form of what they are about."""

from django import forms
from django.contrib.contenttypes.admin import GenericTabularInline
from django.contrib.contenttypes.forms import BaseGenericInlineFormSet

from provenance import claims
from provenance.claims import Status
from provenance.differences import label
from provenance.models import Claim

from .rows import RowForm, RowFormSet, RowInline


def member_field(members):
    """Return a form field that chooses one of ``members``."""
    return forms.ChoiceField(label="Member", choices=[("", "–"), *((member, label(member)) for member in members)])


class ClaimForm(RowForm):
    """A claim. Its status is chosen, but that its value stands no longer: that follows."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        status, own = self.fields["status"], self.instance.status
        status.required = False
        status.widget.choices = [each for each in Status.choices if each[0] != Status.EARLIER or own == Status.EARLIER]

    def clean(self):
        said, instance = super().clean(), self.instance
        names = [name for name in ("as_stated", "quote", "status", "set_aside") if name in said]
        standing = {name: self.initial.get(name) for name in names} | {"value": instance.value} if instance.pk else {}
        made = claims.decided(standing, {name: said[name] for name in names})
        instance.value = made.get("value") or ""
        return said | {name: made[name] or "" for name in ("status", "set_aside")}


class ClaimFormSet(RowFormSet, BaseGenericInlineFormSet):
    pass


class ClaimInline(RowInline, GenericTabularInline):
    """What sources state of the record on whose page it stands."""

    model = Claim
    form = ClaimForm
    formset = ClaimFormSet
    fields = ("field", "as_stated", "quote", "source", "place", "status", "set_aside")
    autocomplete_fields = ("source",)

    def formfield_for_dbfield(self, db_field, request, **options):
        if db_field.name == "field":
            return member_field(self.parent_model.claimable)
        return super().formfield_for_dbfield(db_field, request, **options)
