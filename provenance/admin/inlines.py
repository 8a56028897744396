"""Rows of a record, such as claims, edited in its form. They have no pages of their own, and exist in memory."""

from functools import partial

from django import forms
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect
from django.contrib.contenttypes.admin import GenericTabularInline
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.html import format_html

from provenance.documents import claims
from provenance.documents.claims import Status
from provenance.documents.declaration import Items, One, of_kind
from provenance.documents.diff import label
from provenance.models import Claim
from provenance.workflow import permissions

from .base import PlainChoices

OTHERWISE = "A source says “{}” ({})."
NOT_FOUND = "The sentence “{}” does not stand in the text of its source ({})."
NOT_OF_THIS = "This row does not belong to this record. Reload the page and enter it again."


def otherwise(record, member):
    """Return a sentence, as HTML, for all that is wrong with each adopted claim on ``member``."""
    rows = getattr(record, "_prefetched_objects_cache", {}).get("claims", ())
    rows = [claim for claim in rows if claim.field == member]
    differing = [format_html(OTHERWISE, claim.as_stated, claim.source) for claim in rows if claim.reads_otherwise]
    return differing + [format_html(NOT_FOUND, claim.quote, claim.source) for claim in rows if claim.not_found]


def complete(form):
    """Let each field of a form that implies the value of another, as an amount its currency, fill that in."""
    for name, field in form.fields.items():
        if hasattr(field, "complete"):
            field.complete(form, name)


class RelatedSelect(AutocompleteSelect):
    """An autocomplete field that needs no query for a related object already in memory, which ``at_hand()`` returns."""

    def optgroups(self, name, value, attr=None):
        chosen = self.at_hand()
        if chosen is None or [str(chosen.pk)] != [str(key) for key in value]:
            return super().optgroups(name, value, attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options.append(self.create_option(name, chosen.pk, str(chosen), True, len(options)))
        return [(None, options, 0)]


class CellField(BoundField):
    """A field in a table cell, named by ``aria-label``."""

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        return attrs if self.is_hidden else {"aria-label": self.label, **attrs}


class RowForm(forms.ModelForm):
    """A form for one row. Unchanged rows cost no query."""

    bound_field_class = CellField

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, RelatedSelect):
                widget.at_hand = partial(widget.field.get_cached_value, self.instance, default=None)

    def clean(self):
        """ValidationError unless the row has the place that it was sent with."""
        if (place := super().clean().get("id")) and place != self.instance.pk:
            raise ValidationError(NOT_OF_THIS)
        complete(self)
        return self.cleaned_data

    def full_clean(self):
        """Skip validation of unchanged rows."""
        if self.is_bound and self.instance.pk and not self.has_changed():
            self._errors, self.cleaned_data = ErrorDict(), dict(self.initial)
        else:
            super().full_clean()

    def _get_validation_exclusions(self):
        """Exclude what would be looked up by place: the row itself, its record and its containing row."""
        return super()._get_validation_exclusions() | {
            column.name
            for column in self.instance._meta.fields
            if column.primary_key or (column.remote_field and column.remote_field.on_delete is models.CASCADE)
        }


class RowFormSet:
    """Rows of the record in memory; their ``id`` is their place in its document."""

    help_text = ""  # a note of the form on all rows

    @property
    def relation(self):
        """The accessor by which the record has the rows."""
        return self.fk.remote_field.get_accessor_name() if hasattr(self, "fk") else "claims"

    def get_queryset(self):
        return getattr(self.instance, "_prefetched_objects_cache", {}).get(self.relation, [])

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["id"] = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=form.instance.pk)
        if index and "quote" in form.fields and form.instance.pk:
            above = self.get_queryset()[index - 1]
            form.fields["quote"].widget.attrs["data-repeats"] = form.instance.quote == above.quote

    def otherwise(self):
        """Return a sentence for each claim that differs from a value of the rows."""
        members = {member.accessor: member.name for member in of_kind(type(self.instance), Items)}
        return otherwise(self.instance, members[self.relation])

    def rows(self):
        """Return the submitted rows, without deleted ones."""
        remaining = [form for form in self.forms if form not in self.deleted_forms]
        return [form.instance for form in remaining if form.instance.pk or form.has_changed()]


class RowInline(PlainChoices, InlineModelAdmin):
    """Rows of a record in its form, with its permissions."""

    form = RowForm
    template = "admin/_rows.html"
    extra = 0
    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3, "cols": 60})}}

    def has_view_permission(self, request, obj=None):
        return permissions.may(request.user, "view")

    def has_change_permission(self, request, obj=None):
        return self.admin_site.get_model_admin(self.parent_model).may_write(request, obj)

    has_add_permission = has_delete_permission = has_change_permission

    def get_autocomplete_fields(self, request):
        return [member.name for member in of_kind(self.model, One)]

    def get_formset(self, request, obj=None, **options):
        """Return Django's class with the rows of the record in memory."""
        rows = type("Rows", (RowFormSet, self.formset), {})
        return super().get_formset(request, obj, formset=rows, **options)

    def formfield_for_foreignkey(self, db_field, request, **options):
        if db_field.name in self.get_autocomplete_fields(request):
            options["widget"] = RelatedSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)


class ClaimForm(RowForm):
    """A claim. Users choose its status, except “states an earlier value”, which follows from the values."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        status, own = self.fields["status"], self.instance.status
        status.required = False
        status.widget.choices = [each for each in Status.choices if each[0] != Status.EARLIER or own == Status.EARLIER]

    def clean(self):
        cleaned, instance = super().clean(), self.instance
        names = [name for name in ("as_stated", "quote", "status", "set_aside") if name in cleaned]
        before = {name: self.initial.get(name) for name in names} | {"value": instance.value} if instance.pk else {}
        claim = claims.apply_choice(before, {name: cleaned[name] for name in names})
        instance.value = claim.get("value") or ""
        return cleaned | {name: claim[name] or "" for name in ("status", "set_aside")}


class ClaimInline(RowInline, GenericTabularInline):
    """Claims of the record."""

    model = Claim
    form = ClaimForm
    fields = ("field", "as_stated", "quote", "source", "place", "status", "set_aside")

    def formfield_for_dbfield(self, db_field, request, **options):
        if db_field.name == "field":
            members = [(member, label(member)) for member in self.parent_model.claimable]
            return forms.ChoiceField(label="Value", choices=[("", "–"), *members])
        return super().formfield_for_dbfield(db_field, request, **options)
