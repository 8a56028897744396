"""Organisation."""

from django.db import models

from instruments.models import Country
from provenance.fields import SLUG, KeyField, LinesField
from provenance.folding import fold
from provenance.models import Record

from ..querysets import OrganisationQuerySet

EUROPEAN_UNION = "european-union"  # the funder wherever an EU instrument is named


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
    search_text = models.TextField(editable=False, default="")

    objects = OrganisationQuerySet.as_manager()

    collection = "organisations"
    builder = "projects.documents.organisations"
    claimable = ("name", "acronym", "aliases", "kind", "country", "identifier")
    face = ("slug", "name", "acronym", "aliases")
    names = (("provenance.source", "claims__source"), ("instruments.country", "country"))

    class Meta:
        ordering = ["sort_key", "slug"]

    def __str__(self):
        return self.name

    @classmethod
    def columns(cls, document, other_words=()):
        """An organisation is found by its name, its acronym, and its other and former names."""
        names = [document["name"], document["acronym"], *document["aliases"]]
        words = "\n".join(dict.fromkeys(fold(name) for name in names if name))
        return {**super().columns(document), "search_text": words}
