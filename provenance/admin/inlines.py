"""Rows of a record, claims too, edited in its form: they have no pages of their own, and stand in memory."""

from functools import partial

from django import forms
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect
from django.contrib.contenttypes.admin import GenericTabularInline
from django.contrib.contenttypes.forms import BaseGenericInlineFormSet
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.html import format_html

from provenance.documents import claims
from provenance.documents.claims import Status
from provenance.documents.declaration import Items, of_kind
from provenance.documents.diff import label
from provenance.models import Claim

from .changelist import without_deleting
from .permissions import RowPermitMixin

OTHERWISE = "A source reads otherwise: “{}” ({})."
NOT_OF_THIS = "This row is none of this record. Open the page anew, and type it there."


def otherwise(record, member):
    """Return in sentences, as HTML, which adopted claims on ``member`` of a record in memory read otherwise."""
    rows = getattr(record, "_prefetched_objects_cache", {}).get("claims", ())
    contrary = [claim for claim in rows if claim.field == member and claim.reads_otherwise]
    return [format_html(OTHERWISE, claim.as_stated, claim.source) for claim in contrary]


class RelatedSelect(AutocompleteSelect):
    """A choice by autocompletion that asks no query for a row that is already at hand."""

    at_hand = staticmethod(lambda: None)

    def optgroups(self, name, value, attr=None):
        chosen = self.at_hand()
        if chosen is None or [str(chosen.pk)] != [str(one) for one in value]:
            return super().optgroups(name, value, attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options.append(self.create_option(name, chosen.pk, str(chosen), True, len(options)))
        return [(None, options, 0)]


class CellField(BoundField):
    """A field in a cell: no label stands beside it, so that its control has to tell its name."""

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        return attrs if self.is_hidden else {"aria-label": self.label, **attrs}


class RowForm(forms.ModelForm):
    """A row inline. Those that were not touched cost no query, however many there are."""

    bound_field_class = CellField

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, RelatedSelect):
                widget.at_hand = partial(widget.field.get_cached_value, self.instance, default=None)

    def clean(self):
        """A row is the one that it says it is."""
        if (place := super().clean().get("id")) and place != self.instance.pk:
            raise ValidationError(NOT_OF_THIS)
        return self.cleaned_data

    def full_clean(self):
        """A row that nobody touched is not asked its rules one by one."""
        if self.is_bound and self.instance.pk and not self.has_changed():
            self._errors, self.cleaned_data = ErrorDict(), dict(self.initial)
        else:
            super().full_clean()

    def _get_validation_exclusions(self):
        """Leave out what the database would be asked by a place: the row itself, its record, the sibling it is in."""
        return super()._get_validation_exclusions() | {
            column.name
            for column in self.instance._meta.fields
            if column.primary_key or (column.remote_field and column.remote_field.on_delete is models.CASCADE)
        }


class RowFormSet:
    """Rows as the record in memory has them: their ``id`` is their place in its document."""

    @property
    def relation(self):
        """The name by which the record has them."""
        return self.fk.remote_field.get_accessor_name() if hasattr(self, "fk") else "claims"

    def get_queryset(self):
        return getattr(self.instance, "_prefetched_objects_cache", {}).get(self.relation, [])

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["id"] = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=form.instance.pk)

    def otherwise(self):
        """Return in sentences which claims on the rows read otherwise."""
        members = {member.relation or member.name: member.name for member in of_kind(type(self.instance), Items)}
        return otherwise(self.instance, members[self.relation])

    def rows(self):
        """Return the rows as they were typed, those left out that are to go."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.instance for form in kept if form.instance.pk or form.has_changed()]


class RowInline(RowPermitMixin, InlineModelAdmin):
    """Rows of a record on its page."""

    form = RowForm
    template = "admin/_rows.html"
    extra = 0
    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3, "cols": 60})}}

    def formfield_for_dbfield(self, db_field, request, **options):
        return without_deleting(super().formfield_for_dbfield(db_field, request, **options))

    def formfield_for_foreignkey(self, db_field, request, **options):
        if db_field.name in self.autocomplete_fields:
            options["widget"] = RelatedSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)


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
        made = claims.apply_choice(standing, {name: said[name] for name in names})
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
