"""Country, Instrument, Partnership and Delegation."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Length, Upper
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.utils.translation import gettext_noop as noop

from provenance.documents import declaration as m
from provenance.documents.folding import countries
from provenance.models import Record, Slugged
from provenance.models.fields import KeyField, rule


def is_territory(code):
    """Refuse codes that are not in ISO 3166-1, by CLDR's list of territories."""
    if code not in countries():
        raise ValidationError(f"“{code}” is not a country code. Use two capital letters of ISO 3166-1, such as MD.")


class Country(Record):
    code = KeyField(
        max_length=2,
        primary_key=True,
        validators=[is_territory],
        help_text="ISO 3166-1 alpha-2, in capitals, such as MD. It never changes.",
    )
    name = models.CharField(max_length=200)

    collection = "countries"
    heading = gettext_lazy("Countries")
    counted = ngettext_lazy("%(number)s country", "%(number)s countries", "count")
    members = (
        m.Key("code", "its key in addresses", is_name=True),
        m.Url("url", "its page, without the host"),
        m.Text("name", "its name", shown=True, is_name=True, label=noop("Name")),
        m.Claims("claims"),
    )

    class Meta:
        ordering = ["sort_key", "code"]
        verbose_name_plural = "countries"
        constraints = [
            rule(
                "country_code_is_iso",
                models.Q(models.lookups.Exact(Length("code"), 2), code=Upper("code")),
                "A country code is two capital letters of ISO 3166-1, such as MD.",
            )
        ]


class Instrument(Record):
    """A source of money: an EU programme, or money of member states or partner countries."""

    class Kind(models.TextChoices):
        EU = "eu", noop("EU instrument")
        MEMBER_STATE = "member-state", noop("EU Member States’ own funds")
        PARTNER_COUNTRY = "partner-country", noop("partner countries’ own funds")

    code = KeyField(
        max_length=30,
        primary_key=True,
        validators=[RegexValidator(r"^[A-Z0-9]+(?:-[A-Z0-9]+)*\Z", "Use capitals, digits and single hyphens.")],
        help_text="Its abbreviation in capitals, such as ENI. It never changes.",
    )
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    managed_by = models.CharField(max_length=300, blank=True, help_text="Empty: not stated.")
    is_former = models.BooleanField("former", default=False, help_text="A source calls it a former one.")
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="successors")

    collection = "instruments"
    heading = gettext_lazy("Instruments")
    counted = ngettext_lazy("%(number)s instrument", "%(number)s instruments", "count")
    members = (
        m.Key("code", "its key in addresses", is_name=True, is_short=True, claimed=True, label=noop("Abbreviation")),
        m.Url("url", "its page, without the host"),
        m.Text("name", "its name", shown=True, is_name=True, label=noop("Name")),
        m.Text("kind", "eu, member-state or partner-country", label=noop("Kind")),
        m.Text("managed_by", "who manages it, in the source’s words", label=noop("Managed by")),
        m.Flag("is_former", "true: a source calls it a former instrument", label=noop("Former")),
        m.One("predecessor", "the instrument that it followed", label=noop("Came after")),
        m.Claims("claims"),
    )
    echoed = ("kind",)

    class Meta:
        ordering = ["sort_key", "code"]
        constraints = [
            rule(
                "instrument_is_not_its_own_predecessor",
                ~models.Q(predecessor=models.F("code")) | models.Q(predecessor__isnull=True),
                "An instrument cannot be its own predecessor. Choose another, or none.",
            ),
            rule(
                "instrument_code_is_capitals",
                models.Q(code=Upper("code")) & ~models.Q(code=""),
                "An instrument's code is its abbreviation in capitals, such as ENI.",
            ),
        ]

    def __str__(self):
        return f"{self.code} ({self.name})"

    @classmethod
    def words_of(cls, document):
        return [document["managed_by"]]


class Partnership(Slugged):
    """An agreement between the EU and partner countries that projects are carried out under."""

    class Kind(models.TextChoices):
        MOBILITY_PARTNERSHIP = "mobility-partnership", noop("mobility partnership")
        VISA_FACILITATION = "visa-facilitation-agreement", noop("visa facilitation agreement")
        READMISSION = "readmission-agreement", noop("readmission agreement")
        VISA_LIBERALISATION = "visa-liberalisation-action-plan", noop("visa liberalisation action plan")

    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=40, choices=Kind.choices)
    countries = models.ManyToManyField(Country, blank=True, related_name="partnerships")

    collection = "partnerships"
    heading = gettext_lazy("Agreements")
    counted = ngettext_lazy("%(number)s agreement", "%(number)s agreements", "count")
    members = (
        m.Key("slug", "its key in addresses"),
        m.Url("url", "its page, without the host"),
        m.Text("name", "its name", shown=True, is_name=True, label=noop("Name")),
        m.Text("kind", "kind of agreement", shown=True, label=noop("Kind")),
        m.Many("countries", "the partner countries", label=noop("Countries")),
        m.Claims("claims"),
    )

    class Meta(Slugged.Meta):
        verbose_name = "agreement"


class Delegation(models.Model):
    """Staff who may edit the projects of some countries only. Staff without a delegation may edit all."""

    name = models.CharField(max_length=200, unique=True)
    countries = models.ManyToManyField(Country, related_name="delegations")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="delegations")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
