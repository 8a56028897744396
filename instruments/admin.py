"""The admin of countries, instruments, agreements and delegations."""

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple

from provenance.admin import RecordAdmin
from provenance.admin.base import OF_ADMINISTRATORS
from provenance.admin.users import AuditedAdmin, SeenForm
from provenance.models.fields import as_number
from provenance.workflow.reader import CAPITAL, NAME, SHORT, Reader

from .models import Country, Delegation, Instrument, Partnership


class InstrumentReader(Reader):
    rules = (
        ("name", rf"(?P<words>{NAME}) \((?:{SHORT}|<instrument>)\)"),
        ("code", rf"{NAME} \((?P<words>{SHORT}|<instrument>)\)"),
        ("kind", r"(?:co-)?(?:funded|financed) by (?:the )?EU\b[^.;]*? under (?:the )?<instrument>"),
        ("kind", r"(?:from the )?EU Member States\b"),
        ("kind", rf"\bDG {NAME} (?:has|possesses|manages) its own instruments|instruments managed by DG {NAME}"),
        ("managed_by", rf"managed by (?:the )?(?P<words>{NAME})"),
        ("managed_by", rf"(?P<words>{NAME}) (?:has|possesses|manages|runs) (?:its|the|an?)\b"),
        ("predecessor", r"(?:replaced|replaces|succeeded|succeeds|follows|followed) (?:the )?(?P<words><instrument>)"),
    )

    def read(self, member, start, end):
        is_own = "Member State" in self.text[start:end]
        kind = [(Instrument.Kind.MEMBER_STATE if is_own else Instrument.Kind.EU).value] if member == "kind" else []
        return super().read(member, start, end) or kind


class PartnershipReader(Reader):
    rules = (
        ("name", rf"(?:{CAPITAL} )+between (?:the )?{CAPITAL} and {CAPITAL}"),
        (
            "name",
            rf"\bEU-<country> (?:{CAPITAL} )*(?:Partnership|Dialogue|Plan|[Aa]greement)s?(?:, in particular [^.;]+)?",
        ),
        ("kind", r"[Vv]isa [Ff]acilitation (?:and [Rr]eadmission )?[Aa]greements?"),
        ("countries", r"\b(?:EU-)?<country>"),
    )


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
