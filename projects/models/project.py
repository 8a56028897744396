from decimal import Decimal

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext_lazy

from instruments.models import Country, Instrument, Partnership
from provenance.documents import declaration as m
from provenance.documents.declaration import key_of
from provenance.documents.diff import format_amount
from provenance.documents.errors import Fault
from provenance.models import RecordQuerySet, Slugged
from provenance.models.fields import LinesField, PartialDateField, bounds, date_rule, planned_rule, rule

from ..words.search_text import texts_of
from ..words.sectors import check_sectors
from .fields import AmountField, CurrencyField, money_rules
from .organisation import EUROPEAN_UNION, Organisation
from .theme import Theme

LEVELS = 4  # levels of main projects and sub-projects
GAPS = ("budget", "start_date", "end_date", "instrument", "lead", "implementer")  # what `not_stated` can ask for
OF_ITEMS = {  # what the items of a member may lack
    "contributions": {"amounts": _("amount of each contribution"), "instrument": _("instrument")},
    "organisations": {"lead": _("who leads it"), "implementer": _("who implements it")},
}


def what_is_stated(document):
    """Return a document with, for what its parts may lack (as in GAPS, and ``amounts``), whether they state it."""
    parts, roles = document["contributions"], {member["role"] for member in document["organisations"]}
    return document | {
        "instrument": any(part["instrument"] for part in parts),
        "amounts": all(part["amount"] for part in parts),
        "lead": "lead" in roles,
        "implementer": "implementer" in roles,
    }


def unattributed(document):
    """Return the total less the known contributions.

    None if no total is stated, nothing is left, or a contribution is in another currency.
    """
    budget = document["budget"]
    known = [part for part in document["contributions"] if part["amount"] is not None]
    if budget is None or any(part["currency"] != budget["currency"] for part in known):
        return None
    left = Decimal(budget["amount"]) - sum((Decimal(part["amount"]) for part in known), Decimal(0))
    return m.money_member(left, budget["currency"]) if left > 0 else None


def funder_fault(instrument, kind, funder, name):
    """Return an error message if an EU instrument has another funder than the EU."""
    if kind == Instrument.Kind.EU and funder != EUROPEAN_UNION:
        return f"{instrument} is an EU instrument, so its funder is the European Union, not “{name}”."
    return None


def sum_fault(document):
    """Return an error message if contributions in the total's currency add up to more than the total."""
    budget = document["budget"]
    if budget is None:
        return None
    parts = [part["amount"] for part in document["contributions"] if part["currency"] == budget["currency"]]
    contributed = sum(map(Decimal, filter(None, parts)))
    if contributed <= Decimal(budget["amount"]):
        return None
    return (
        f"The contributions add up to {format_amount(contributed, budget['currency'])}, which is more than the total"
        f" budget of {format_amount(budget['amount'], budget['currency'])}. Correct one of them."
    )


ADDRESSES = ("pictures",)  # /projects/pictures/ is another page


class ProjectQuerySet(RecordQuerySet):
    """Methods narrow without joins, so that rows can be counted and summed."""

    def of_territory(self, codes):
        links = self.model.countries.through.objects.filter(project=OuterRef("pk"), country__in=codes)
        return self.filter(Exists(links))


class Project(Slugged):
    """A project, programme or other activity that is funded."""

    class Status(models.TextChoices):
        PLANNED = "planned", noop("planned")
        ONGOING = "ongoing", noop("ongoing")
        COMPLETED = "completed", noop("completed")

    title = models.CharField(max_length=500, help_text="In the source’s own words, shortened but not rephrased.")
    acronym = models.CharField(max_length=50, blank=True)
    summary = models.TextField(blank=True, help_text="What it is for, in the source’s own words.")
    objectives = LinesField(help_text="The aims in the source’s own words, one a line.")
    countries = models.ManyToManyField(Country, blank=True, related_name="projects")
    partnerships = models.ManyToManyField(
        Partnership, verbose_name="agreements", blank=True, related_name="projects",
        help_text="Agreements that a source names for the project, “in line with” included.",
    )  # fmt: skip
    themes = models.ManyToManyField(Theme, blank=True, related_name="projects")
    part_of = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="parts",
        help_text="The larger project that a source says it is part of, as a contract is of a decision.",
    )  # fmt: skip
    sectors = LinesField(
        validators=[check_sectors],
        help_text="Vocabulary and code as a source states them, one a line: 1:21020, or 1:21020 (60%) with its share.",
    )
    status = models.CharField(
        max_length=9, choices=Status.choices, blank=True, help_text="As the source says; empty: not stated."
    )
    status_as_of = PartialDateField("status as of", help_text="The date that this source bears; empty if none.")
    status_as_of_earliest, status_as_of_latest = bounds("status_as_of")
    start_date = PartialDateField()
    start_date_earliest, start_date_latest = bounds("start_date")
    start_date_planned = models.BooleanField("start is only planned", default=False)
    end_date = PartialDateField()
    end_date_earliest, end_date_latest = bounds("end_date")
    end_date_planned = models.BooleanField("end is only planned", default=False)
    budget_amount = AmountField("total budget", help_text="Empty: not stated, which is not zero.")
    budget_currency = CurrencyField("currency")

    objects = ProjectQuerySet.as_manager()

    collection = "projects"
    heading = _("Projects")
    counted = ngettext_lazy("%(number)s project", "%(number)s projects", "count")
    members = (
        m.Key("slug", "its key in addresses"),
        m.Url("url", "its page, without the host"),
        m.Text(
            "title",
            "the source’s own words, shortened but not rephrased",
            shown=True,
            is_name=True,
            is_searched=True,
            label=noop("Title"),
        ),
        m.Text("acronym", "its acronym", is_name=True, is_short=True, is_searched=True, label=noop("Acronym")),
        m.Text(
            "summary",
            "what it is for, in the source’s own words",
            is_searched=True,
            label=noop("Summary"),
            gap=_("purpose"),
        ),
        m.Many("countries", "countries", label=noop("Countries"), gap=True),
        m.Many("partnerships", "agreements that a source names for it", label=noop("Agreements")),
        m.Many("themes", "keywords added by the register", claimed=False, label=noop("Themes")),
        m.Text("status", "planned, ongoing or completed, as the source says", label=noop("Status"), gap=True),
        m.When("status_as_of", "the date of this source, as precise as it gives it", label=noop("Status as of")),
        m.Date("start_date", "start date", label=noop("Start date"), gap=True, is_end=False),
        m.Date("end_date", "end date", label=noop("End date"), gap=True, is_end=True),
        m.Money("budget", "stated total", label=noop("Total budget"), gap=_("total budget")),
        m.Parts(
            "contributions", "who pays how much, under which instrument", label=noop("Contributions"), gap=_("funders")
        ),
        m.Derived("unattributed", "the total minus the stated contributions", of=unattributed, label=noop("Remainder")),
        m.Parts(
            "organisations",
            "who leads, implements and takes part",
            relation="participations",
            label=noop("Organisations"),
        ),
        m.Parts("components", "numbered parts of the work", label=noop("Components")),
        m.Lines(
            "objectives", "the aims in the source’s own words", is_searched=True, label=noop("Objectives"), gap=True
        ),
        m.One(
            "part_of",
            "the larger project that it is part of",
            added=True,
            label=noop("Part of"),
            empty="no source names a larger project",
        ),
        m.Lines(
            "sectors",
            "vocabulary, code and share of the sectors that a source states",
            added=True,
            label=noop("Sectors"),
        ),
        m.Claims("claims", label=noop("Claims")),
    )

    class Meta(Slugged.Meta):
        indexes = [models.Index(fields=["sort_key", "slug"], name="project_by_title")]  # as the admin lists them
        constraints = [
            date_rule("project", "start_date"),
            date_rule("project", "end_date"),
            date_rule("project", "status_as_of"),
            planned_rule("project", "start_date"),
            planned_rule("project", "end_date"),
            rule(
                "project_end_not_before_start",
                Q(start_date__isnull=True)
                | Q(end_date__isnull=True)
                | Q(end_date_latest__gte=F("start_date_earliest")),
                "The end date is before the start date. Correct one of them.",
            ),
            rule(
                "project_status_as_of_has_status",
                Q(status_as_of__isnull=True) | ~Q(status=""),
                "“Status as of” is given without a status. State the status, or empty it.",
            ),
            *money_rules("project", "budget_amount", "budget_currency"),
            rule(
                "project_not_part_of_itself",
                Q(part_of__isnull=True) | ~Q(part_of=F("slug")),
                "A project is not part of itself. Choose another, or empty “part of”.",
            ),
        ]

    def __str__(self):
        return self.title

    words_of = staticmethod(texts_of)

    @classmethod
    def other_words(cls, documents):
        """Return the names of each project's organisations that its document does not show."""
        named = {
            key: {part["funder"]["slug"] for part in document["contributions"]}
            | {part["slug"] for part in document["organisations"]}
            for key, document in documents.items()
        }
        organisations = Organisation.objects.filter(pk__in=set().union(*named.values()))
        rows = organisations.values_list("pk", *m.further_name_members(Organisation))
        names = {slug: m.nonempty_texts(values) for slug, *values in rows}
        return {key: sorted({name for slug in slugs for name in names.get(slug, ())}) for key, slugs in named.items()}

    @classmethod
    def territory_of(cls, document):
        return {country["code"] for country in document["countries"]}

    @classmethod
    def faults_in(cls, documents):
        """Check contributions against the total, funders of EU instruments, and links between projects."""
        contributions = [(key, part) for key, document in documents.items() for part in document["contributions"]]
        instruments = {part["instrument"]["code"] for _key, part in contributions if part["instrument"]}
        kinds = dict(Instrument.objects.filter(pk__in=instruments).values_list("pk", "kind"))
        for key, part in contributions:
            code, funder = key_of(part["instrument"]), part["funder"]
            if words := funder_fault(code, kinds.get(code), funder["slug"], funder["name"]):
                yield Fault(key, words)
        for key, document in documents.items():
            if key in ADDRESSES:
                yield Fault(key, f"“{key}” is the address of another page. Choose another slug.")
            if words := sum_fault(document):
                yield Fault(key, words)
        yield from cls._faults_of_wholes(documents)

    @classmethod
    def faults_of_rows(cls, keys):
        participations = apps.get_model("projects", "Participation").objects.filter(project__in=keys)
        elsewhere = participations.filter(component__isnull=False).exclude(component__project=F("project"))
        for key, name in elsewhere.values_list("project_id", "organisation__name"):
            yield Fault(key, f"“{name}” is named in “{key}” with a component of another project.")

    @classmethod
    def _faults_of_wholes(cls, documents):
        """Check that “part of” makes no circle and at most LEVELS levels."""
        part_of = {key: key_of(document["part_of"]) for key, document in documents.items()}
        if not any(part_of.values()):
            return
        steps = {key: key for key in cls._with_parts(part_of)}
        for _level in range(LEVELS):
            rows = cls.objects.filter(pk__in=set(steps.values()) - part_of.keys(), part_of__isnull=False).order_by()
            wholes = dict(rows.values_list("pk", "part_of")) | {key: whole for key, whole in part_of.items() if whole}
            steps = {key: wholes[step] for key, step in steps.items() if step in wholes}
            if circle := sorted(key for key, whole in steps.items() if key == whole):
                words = f"“{circle[0]}” would be part of its own part. Choose another “part of”, or empty it."
                yield Fault(next((key for key in circle if key in part_of), circle[0]), words)
                return
        for key in sorted(steps)[:1]:
            words = f"“{key}” would be a part in more than {LEVELS} levels. Make it part of one further up."
            yield Fault(key, words)

    @classmethod
    def _with_parts(cls, part_of):
        """Return the keys of ``part_of`` (``{key: main project or None}``) and of all projects below them."""
        keys = new = part_of.keys()
        for _level in range(LEVELS):
            if new:
                rows = cls.objects.filter(part_of__in=new).exclude(pk__in=part_of).order_by()
                new = set(rows.values_list("pk", flat=True)) - keys
                keys = keys | new
        return keys


LABELS = {  # of what a project may lack
    name: label
    for member in Project.members
    for name, label in ({member.name: member.missing} | OF_ITEMS.get(member.name, {})).items()
    if label
}
