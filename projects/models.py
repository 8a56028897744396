"""The register: Organisation, Project and its parts, Theme."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Upper
from django.db.models.lookups import Exact

from instruments.models import Country, Instrument, Partnership
from provenance.fields import (
    SLUG,
    KeyField,
    LinesField,
    PartialDateField,
    bounds,
    date_rule,
    planned_rule,
)
from provenance.folding import fold
from provenance.models import Record

from .fields import AmountField, CurrencyField
from .querysets import ProjectQuerySet

EUROPEAN_UNION = "european-union"  # the funder wherever an EU instrument is named


def money_rules(model, amount, currency):
    """Return the constraints of a sum: not negative, and amount and currency stated together."""
    words = amount.replace("_amount", "")
    return [
        models.CheckConstraint(
            name=f"{model}_{amount}_not_negative",
            condition=Q(**{f"{amount}__isnull": True}) | Q(**{f"{amount}__gte": 0}),
            violation_error_message=f"The {words} is negative. Give 0 or more, or leave it empty if it is not stated.",
        ),
        models.CheckConstraint(
            name=f"{model}_{amount}_has_currency",
            condition=Q(**{f"{amount}__isnull": True, currency: ""})
            | Q(Exact(Length(currency), 3), **{f"{amount}__isnull": False, currency: Upper(currency)}),
            violation_error_message=f"Give the {words} and its currency (ISO 4217, such as EUR) together,"
            " or leave both empty if no sum is stated.",
        ),
    ]


class Organisation(Record):
    """Somebody who funds, leads, implements or takes part: a body or a state."""

    class Kind(models.TextChoices):  # IATI codelist OrganisationType
        GOVERNMENT = "10", "Government"
        LOCAL_GOVERNMENT = "11", "Local Government"
        OTHER_PUBLIC = "15", "Other Public Sector"
        INTERNATIONAL_NGO = "21", "International NGO"
        NATIONAL_NGO = "22", "National NGO"
        REGIONAL_NGO = "23", "Regional NGO"
        PARTNER_COUNTRY_NGO = "24", "Partner Country based NGO"
        PUBLIC_PRIVATE = "30", "Public Private Partnership"
        MULTILATERAL = "40", "Multilateral"
        FOUNDATION = "60", "Foundation"
        PRIVATE = "70", "Private Sector"
        PRIVATE_IN_PROVIDER = "71", "Private Sector in Provider Country"
        PRIVATE_IN_RECIPIENT = "72", "Private Sector in Aid Recipient Country"
        PRIVATE_IN_THIRD = "73", "Private Sector in Third Country"
        ACADEMIC = "80", "Academic, Training and Research"
        OTHER = "90", "Other"

    slug = KeyField("address in the register", max_length=100, primary_key=True, **SLUG)
    name = models.CharField(max_length=300)
    acronym = models.CharField(max_length=50, blank=True)
    aliases = LinesField(help_text="Other and former names, one a line.")
    kind = models.CharField(max_length=2, choices=Kind.choices, blank=True, help_text="Empty: not stated.")
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="organisations")
    identifier = models.CharField(
        max_length=200, null=True, blank=True, unique=True, help_text="IATI organisation identifier.",
        error_messages={"unique": "Another organisation has this identifier. Merge them, or correct it."},
    )  # fmt: skip

    collection = "organisations"
    builder = "projects.documents.organisations"
    claimable = ("name", "acronym", "aliases", "kind", "country", "identifier")
    face = ("slug", "name", "acronym", "aliases")
    names = (("provenance.source", "claims__source"), ("instruments.country", "country"))

    class Meta:
        ordering = ["sort_key", "slug"]

    def __str__(self):
        return self.name


class Theme(Record):
    """One of the register's own index words."""

    slug = KeyField("address in the register", max_length=100, primary_key=True, **SLUG)
    name = models.CharField(max_length=200)
    builder = "projects.documents.themes"
    face = ("slug", "name")

    class Meta:
        ordering = ["sort_key", "slug"]

    def __str__(self):
        return self.name


class Project(Record):
    """A project, programme or other undertaking that money is paid for."""

    class Status(models.TextChoices):
        PLANNED = "planned", "planned"
        ONGOING = "ongoing", "ongoing"
        COMPLETED = "completed", "completed"

    slug = KeyField("address in the register", max_length=100, primary_key=True, **SLUG)
    title = models.CharField(
        max_length=500, help_text="In the source's own words, shortened but not rephrased."
    )
    acronym = models.CharField(max_length=50, blank=True)
    summary = models.TextField(blank=True, help_text="What it is for, in the source's own words.")
    objectives = LinesField(help_text="The aims in the source's own words, one a line.")
    countries = models.ManyToManyField(Country, blank=True, related_name="projects")
    partnerships = models.ManyToManyField(
        Partnership, blank=True, related_name="projects",
        help_text="Agreements that a source names for the project, “in line with” included.",
    )  # fmt: skip
    themes = models.ManyToManyField(Theme, blank=True, related_name="projects")
    status = models.CharField(
        max_length=9,
        choices=Status.choices,
        blank=True,
        db_index=True,
        help_text="As the source says; empty: not stated.",
    )
    status_as_of = PartialDateField(
        "status as of", help_text="The date that this source bears; empty if none."
    )
    status_as_of_earliest, status_as_of_latest = bounds("status_as_of")
    start_date = PartialDateField()
    start_date_earliest, start_date_latest = bounds("start_date")
    start_date_planned = models.BooleanField("start is only planned", default=False)
    end_date = PartialDateField()
    end_date_earliest, end_date_latest = bounds("end_date")
    end_date_planned = models.BooleanField("end is only planned", default=False)
    budget_amount = AmountField("total budget", help_text="Empty: not stated, which is not zero.")
    budget_currency = CurrencyField("currency")
    search_text = models.TextField(editable=False, default="")

    objects = ProjectQuerySet.as_manager()

    collection = "projects"
    builder = "projects.documents.projects"
    claimable = (
        "title", "acronym", "summary", "countries", "partnerships", "status", "status_as_of", "start_date",
        "end_date", "budget", "contributions", "organisations", "components", "objectives",
    )  # fmt: skip
    names = (
        ("provenance.source", "claims__source"),
        ("instruments.country", "countries"),
        ("instruments.partnership", "partnerships"),
        ("instruments.instrument", "contributions__instrument"),
        ("projects.organisation", "contributions__funder"),
        ("projects.organisation", "participations__organisation"),
        ("projects.theme", "themes"),
    )

    class Meta:
        ordering = ["sort_key", "slug"]
        indexes = [
            models.Index(fields=["state", "sort_key", "slug"], name="project_by_title"),
            models.Index(fields=["state", "start_date_earliest", "slug"], name="project_by_start"),
            models.Index(fields=["state", "end_date_latest", "slug"], name="project_by_end"),
            models.Index(fields=["state", "budget_amount", "slug"], name="project_by_budget"),
            models.Index(fields=["state", "modified", "slug"], name="project_by_modified"),
        ]
        constraints = [
            date_rule("project", "start_date"),
            date_rule("project", "end_date"),
            date_rule("project", "status_as_of"),
            planned_rule("project", "start_date"),
            planned_rule("project", "end_date"),
            models.CheckConstraint(
                name="project_end_not_before_start",
                condition=Q(start_date__isnull=True)
                | Q(end_date__isnull=True)
                | Q(end_date_latest__gte=F("start_date_earliest")),
                violation_error_message="The end date is before the start date. Correct one of them.",
            ),
            models.CheckConstraint(
                name="project_status_as_of_has_status",
                condition=Q(status_as_of__isnull=True) | ~Q(status=""),
                violation_error_message="“Status as of” is given without a status. State the status, or empty it.",
            ),
            *money_rules("project", "budget_amount", "budget_currency"),
        ]

    def __str__(self):
        return self.title

    @classmethod
    def columns(cls, document, other_words=()):
        shown = [document["title"], document["acronym"], document["summary"]]
        shown += [member["name"] for member in document["countries"] + document["partnerships"]]
        shown += [member["name"] for member in document["organisations"]]
        for part in document["contributions"]:
            shown += [part["funder"]["name"], *(part["instrument"] or {}).values()]
        words = "\n".join(dict.fromkeys(fold(text) for text in [*shown, *other_words] if text))
        return {**super().columns(document), "search_text": words}

    @classmethod
    def other_words(cls, keys):
        """The acronyms and other names of a project's organisations."""
        found = {}
        for slug, acronym, aliases in [
            *Contribution.objects.filter(project__in=keys).values_list(
                "project", "funder__acronym", "funder__aliases"
            ),
            *Participation.objects.filter(project__in=keys).values_list(
                "project", "organisation__acronym", "organisation__aliases"
            ),
        ]:
            found.setdefault(slug, set()).update([acronym, *aliases])
        return {slug: sorted(words) for slug, words in found.items()}

    @classmethod
    def check_document(cls, document):
        """The stated parts in the total's currency come to no more than the total."""
        budget = document["budget"]
        if budget:
            stated = sum(
                Decimal(part["amount"])
                for part in document["contributions"]
                if part["currency"] == budget["currency"]
            )
            if stated > Decimal(budget["amount"]):
                raise ValidationError(
                    f"The stated contributions come to {budget['currency']} {stated:,.2f}, which is more than the"
                    f" total budget of {budget['currency']} {Decimal(budget['amount']):,.2f}. Correct one of them."
                )


class PartManager(models.Manager):
    """Finds a part of a project by what makes it unique there."""

    def get_by_natural_key(self, project, *values):
        return self.get(project=project, **dict(zip(self.model.key_fields, values, strict=True)))


class Part(models.Model):
    """A row of a project that its document shows."""

    objects = PartManager()
    key_fields: tuple[str, ...] = ()

    class Meta:
        abstract = True
        ordering = ["pk"]

    def natural_key(self):
        return (self.project_id, *(self.serializable_value(name) for name in self.key_fields))


class Component(Part):
    """A numbered part of a project's work."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="components")
    number = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    title = models.CharField(max_length=500)

    key_fields = ("number",)

    class Meta(Part.Meta):
        abstract = False
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"],
                name="component_number_once_in_project",
                violation_error_message="The project already has a component of this number.",
            ),
            models.CheckConstraint(
                name="component_number_from_one",
                condition=Q(number__gte=1),
                violation_error_message="Components are numbered from 1.",
            ),
        ]

    def __str__(self):
        return f"Component {self.number}: {self.title}"


class Contribution(Part):
    """What one funder gives, under one instrument where that is named; the sum may be not stated."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="contributions")
    funder = models.ForeignKey(Organisation, models.PROTECT, related_name="contributions")
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, null=True, blank=True, related_name="contributions"
    )
    amount = AmountField(help_text="Empty: not stated, which is not zero.")
    currency = CurrencyField()

    key_fields = ("funder", "instrument")

    class Meta(Part.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["project", "funder", "instrument"],
                name="contribution_once_per_funder_and_instrument",
                violation_error_message="The project already has a contribution of this funder under this instrument.",
            ),
            models.UniqueConstraint(
                fields=["project", "funder"],
                condition=Q(instrument__isnull=True),
                name="contribution_once_per_funder_alone",
                violation_error_message="The project already has a contribution of this funder without an instrument.",
            ),
            *money_rules("contribution", "amount", "currency"),
        ]

    def __str__(self):
        return f"{self.funder_id} {self.instrument_id or ''}".strip()


class Participation(Part):
    """The role of an organisation in a project, or in one of its components."""

    class Role(models.TextChoices):
        LEAD = "lead", "lead"
        IMPLEMENTER = "implementer", "implementer"
        PARTNER = "partner", "partner"

    project = models.ForeignKey(Project, models.CASCADE, related_name="participations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="participations")
    role = models.CharField(max_length=11, choices=Role.choices)
    role_as_stated = models.CharField(
        max_length=200, blank=True, help_text="The source's own word, such as “led by”."
    )
    component = models.ForeignKey(
        Component, models.CASCADE, null=True, blank=True, related_name="participations"
    )

    key_fields = ("organisation", "role", "component")

    class Meta(Part.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["project", "organisation", "role", "component"],
                name="participation_once_per_role_and_component",
                violation_error_message="The organisation already has this role in this component.",
            ),
            models.UniqueConstraint(
                fields=["project", "organisation", "role"],
                condition=Q(component__isnull=True),
                name="participation_once_per_role",
                violation_error_message="The organisation already has this role in the project.",
            ),
        ]

    def __str__(self):
        return f"{self.organisation_id}: {self.role}"

    def clean(self):
        """A component belongs to the same project."""
        if self.component and self.component.project_id != self.project_id:
            raise ValidationError(
                {"component": "This component belongs to another project. Choose one of this one."}
            )
