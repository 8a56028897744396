"""The admin of countries, instruments, agreements and delegations."""

from pathlib import Path

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple

from provenance.admin import RecordAdmin
from provenance.admin.base import OF_ADMINISTRATORS
from provenance.admin.users import AuditedAdmin, SeenForm
from provenance.models.fields import as_number
from provenance.workflow.reader import PARTS, Reader, rules_in

from .models import Country, Delegation, Instrument, Partnership

RULES = rules_in(Path(__file__).with_name("reader.toml"), **PARTS)[0]


class InstrumentReader(Reader):
    rules = RULES["instrument"]

    def read(self, member, start, end):
        is_own = "Member State" in self.text[start:end]
        kind = [(Instrument.Kind.MEMBER_STATE if is_own else Instrument.Kind.EU).value] if member == "kind" else []
        return super().read(member, start, end) or kind


class PartnershipReader(Reader):
    rules = RULES["partnership"]


@admin.display(description="countries")
def its_countries(row):
    """Name the countries of a row in a list."""
    return ", ".join(country.name for country in row.countries.all())


@admin.register(Country)
class CountryAdmin(RecordAdmin):
    fields = ("code", "name")
    list_display = ("name", "code", "state", "modified")


@admin.register(Instrument)
class InstrumentAdmin(RecordAdmin):
    reader = InstrumentReader
    fields = ("code", "name", "kind", "managed_by", "is_former", "predecessor")
    list_display = ("name", "code", "kind", "managed_by", "is_former", "state", "modified")
    list_filter = ("state", "kind", "is_former")


@admin.register(Partnership)
class PartnershipAdmin(RecordAdmin):
    reader = PartnershipReader
    fields = ("name", "slug", "kind", "countries")
    list_display = ("name", "kind", its_countries, "state", "modified")
    list_prefetch = ("countries",)
    list_filter = ("state", "kind")


class MembersSelect(AutocompleteSelectMultiple):
    """Users by their keys; what is none of a user, in an address or a form, is not looked up."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if as_number(str(key))], attr)


@admin.register(Delegation)
class DelegationAdmin(AuditedAdmin):
    form = SeenForm
    locks_register = True
    needs = OF_ADMINISTRATORS
    autocomplete_fields = ("countries", "members")
    list_display = ("name", its_countries, "its_members")
    list_prefetch = ("countries", "members")
    search_fields = ("name",)

    def formfield_for_manytomany(self, db_field, request, **options):
        if db_field.name == "members":
            options["widget"] = MembersSelect(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **options)

    def standing(self, delegation):
        countries = ", ".join(delegation.countries.order_by("pk").values_list("pk", flat=True))
        accounts = ", ".join(map(str, delegation.members.order_by("pk").values_list("pk", flat=True)))
        return f"{countries or 'no country'}; accounts {accounts or 'none'}"

    @admin.display(description="members")
    def its_members(self, delegation):
        return ", ".join(sorted(user.get_username() for user in delegation.members.all()))
