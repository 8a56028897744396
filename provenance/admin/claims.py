"""Claims: inline on the page of what they are about, and all together."""

from django import forms
from django.contrib import admin
from django.contrib.contenttypes.admin import GenericTabularInline
from django.contrib.contenttypes.models import ContentType

from provenance.differences import label
from provenance.models import Claim
from provenance.recording import record_models

from .changes import ChangeForm
from .lists import KindFilter
from .rows import PartAdmin, RowInline


def member_field(members):
    """Return a form field that chooses one of ``members``."""
    return forms.ChoiceField(label="Member", choices=[("", "–"), *((member, label(member)) for member in members)])


def claimable_models():
    """Return the kinds of record that claims can be about."""
    return [model for model in record_models() if model.claimable]


class ClaimInline(RowInline, GenericTabularInline):
    """What sources state of the record on whose page it stands."""

    model = Claim
    fields = ("field", "as_stated", "quote", "source", "place", "set_aside")
    autocomplete_fields = ("source",)

    def formfield_for_dbfield(self, db_field, request, **options):
        if db_field.name == "field":
            return member_field(self.parent_model.claimable)
        return super().formfield_for_dbfield(db_field, request, **options)


class ClaimForm(ChangeForm):
    def clean(self):
        """The record must be there: no key of the database watches over it."""
        super().clean()
        kind, key = self.cleaned_data.get("content_type"), self.cleaned_data.get("object_id")
        if kind and key and not kind.model_class().objects.filter(pk=key).exists():
            self.add_error("object_id", f"There is no {kind.name} “{key}”. Give its address in the register, or code.")


class ClaimedKindFilter(KindFilter):
    lookup = "content_type__model"

    def kinds(self):
        return claimable_models()


@admin.register(Claim)
class ClaimAdmin(PartAdmin):
    form = ClaimForm
    fields = ("content_type", "object_id", "field", "as_stated", "quote", "source", "place", "set_aside")
    autocomplete_fields = ("source",)
    belongs_to = ("content_type", "object_id")
    list_display = ("as_stated", "field", "kind", "object_id", "source")
    list_select_related = ("content_type", "source")
    list_filter = (ClaimedKindFilter,)
    search_fields = ("as_stated", "quote", "object_id", "field", "source__search_text__contains")

    @admin.display(description="kind of record", ordering="content_type__model")
    def kind(self, claim):
        return claim.content_type.name

    def kinds_of_records(self):
        return claimable_models()

    def given_once(self, last):
        return {"content_type": ContentType.objects.get_for_model(self.kind_of(last)).pk, "object_id": last.key}

    def record_of(self, claim):
        return ContentType.objects.get_for_id(claim.content_type_id).model_class(), claim.object_id

    def formfield_for_foreignkey(self, db_field, request, **options):
        if db_field.name == "content_type":
            kinds = ContentType.objects.get_for_models(*claimable_models()).values()
            options["queryset"] = ContentType.objects.filter(pk__in=[kind.pk for kind in kinds]).order_by("model")
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(self, db_field, request, **options):
        if db_field.name == "field":
            return member_field(dict.fromkeys(member for model in claimable_models() for member in model.claimable))
        return super().formfield_for_dbfield(db_field, request, **options)
