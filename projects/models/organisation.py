import re
from pathlib import Path

import orjson
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.utils.translation import gettext_noop as noop

from instruments.models import Country
from provenance.documents import declaration as m
from provenance.models import Slugged
from provenance.models.fields import LinesField


def is_identifier(text):
    """Refuse white space, and characters that IATI's ruleset (such as 1.8.13) does not allow in identifiers."""
    if match := re.search(r"[\s/&|?]", text):
        raise ValidationError(f"An identifier cannot contain “{match[0]}”. Use its IATI form, such as XM-DAC-918-3.")


KINDS = orjson.loads(Path(__file__).with_name("organisation_kinds.json").read_bytes())  # IATI codelist OrganisationType
EUROPEAN_UNION = "european-union"  # the funder behind every EU instrument


class Organisation(Slugged):
    """A body or state that funds, leads, implements or takes part in projects."""

    Kind = models.TextChoices("Kind", {f"OF_{code}": (code, name) for code, name in map(dict.values, KINDS)})

    name = models.CharField(max_length=300)
    acronym = models.CharField(max_length=50, blank=True)
    aliases = LinesField(help_text="Other and former names, one a line.")
    kind = models.CharField(max_length=2, choices=Kind.choices, blank=True, help_text="Empty: not stated.")
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="organisations")
    identifier = models.CharField(
        max_length=200, null=True, blank=True, unique=True, help_text="IATI organisation identifier.",
        validators=[is_identifier],
        error_messages={"unique": "Another organisation has this identifier. Merge them, or correct it."},
    )  # fmt: skip
    other_identifiers = LinesField(
        db_default=[], help_text="Identifiers under which sources name it besides, one a line."
    )

    collection = "organisations"
    heading = gettext_lazy("Organisations")
    counted = ngettext_lazy("%(number)s organisation", "%(number)s organisations", "count")
    members = (
        m.Key("slug", "its key in addresses"),
        m.Url("url", "its page, without the host"),
        m.Text("name", "its name", shown=True, is_name=True, label=noop("Name")),
        m.Text("acronym", "its acronym", is_name=True, is_short=True, label=noop("Acronym")),
        m.Lines("aliases", "other and former names", is_name=True, label=noop("Other and former names")),
        m.Coded("kind", "its kind in IATI’s codelist OrganisationType", choices=Kind, label=noop("Kind")),
        m.One("country", "the country that it belongs to", label=noop("Country")),
        m.Text("identifier", "IATI organisation identifier", label=noop("Identifier")),
        m.Lines("other_identifiers", "further identifiers that sources give it", claimed=False, added=True),
        m.Claims("claims"),
    )
    echoed = ("acronym", "aliases")  # projects are found by them
