"""The parts of a project: Component, Contribution, Participation."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop as noop

from instruments.models import Instrument
from provenance.documents import declaration as m
from provenance.models.fields import once, rule

from .fields import AmountField, CurrencyField, money_rules
from .organisation import Organisation
from .project import Project

MOST_COMPONENTS = 9999


class Part(models.Model):
    """A row that belongs to a project and is part of its document."""

    class Meta:
        abstract = True
        ordering = ["pk"]


class Component(Part):
    """A numbered part of a project's work."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="components")
    number = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MOST_COMPONENTS)])
    title = models.CharField(max_length=500)

    members = (m.Number("number", "its number, from 1"), m.Text("title", "its title"))
    key_fields = ("number",)

    class Meta(Part.Meta):
        ordering = ["number"]
        constraints = [
            once(
                "component_number_once_in_project",
                ["project", "number"],
                "The project already has a component of this number.",
            ),
            rule(
                "component_number_from_one",
                Q(number__gte=1, number__lte=MOST_COMPONENTS),
                f"Components are numbered from 1 to {MOST_COMPONENTS}.",
            ),
        ]

    def __str__(self):
        return f"Component {self.number}: {self.title}"


class Contribution(Part):
    """The contribution of one funder, perhaps under one instrument; the amount may be unknown."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="contributions")
    funder = models.ForeignKey(Organisation, models.PROTECT, related_name="contributions")
    instrument = models.ForeignKey(Instrument, models.PROTECT, null=True, blank=True, related_name="contributions")
    amount = AmountField(help_text="Empty: not stated, which is not zero.")
    currency = CurrencyField()

    members = (
        m.One("funder", "the funder"),
        m.One("instrument", "the instrument that it comes from"),
        m.Amount("amount", "stated contribution; blank if only the funder is named"),
        m.Text("currency", "its ISO 4217 code"),
    )
    key_fields = ("funder", "instrument")

    class Meta(Part.Meta):
        constraints = [
            once(
                "contribution_once_per_funder_and_instrument",
                ["project", "funder", "instrument"],
                "The project already has a contribution of this funder under this instrument.",
            ),
            once(
                "contribution_once_per_funder_alone",
                ["project", "funder"],
                "The project already has a contribution of this funder without an instrument.",
                Q(instrument__isnull=True),
            ),
            *money_rules("contribution", "amount", "currency"),
        ]

    def __str__(self):
        return f"{self.funder_id} {self.instrument_id or ''}".strip()


class Participation(Part):
    """The role of an organisation in a project, or in one of its components."""

    class Role(models.TextChoices):
        LEAD = "lead", noop("lead")
        IMPLEMENTER = "implementer", noop("implementer")
        PARTNER = "partner", noop("partner")

    project = models.ForeignKey(Project, models.CASCADE, related_name="participations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="participations")
    role = models.CharField(max_length=11, choices=Role.choices)
    role_as_stated = models.CharField(max_length=200, blank=True, help_text="The source’s own word, such as “led by”.")
    component = models.ForeignKey(Component, models.CASCADE, null=True, blank=True, related_name="participations")

    members = (
        m.One("organisation", "the organisation", inline=True),
        m.Text("role", "lead, implementer or partner; funders are under contributions"),
        m.Text("role_as_stated", "the source’s own word"),
        m.Within(
            "component",
            "number of the component that the role is in; empty: the whole project",
            parts="components",
            empty="the whole project",
        ),
    )
    key_fields = ("organisation", "role", "component")

    class Meta(Part.Meta):
        constraints = [
            once(
                "participation_once_per_role_and_component",
                ["project", "organisation", "role", "component"],
                "The organisation already has this role in this component.",
            ),
            once(
                "participation_once_per_role",
                ["project", "organisation", "role"],
                "The organisation already has this role in the project.",
                Q(component__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.organisation_id}: {self.role}"

    def clean(self):
        """A component belongs to the same project."""
        if self.component and self.component.project_id != self.project_id:
            raise ValidationError({"component": "This component belongs to another project. Choose one of this one."})
