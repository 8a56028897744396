"""Sectors of a project: lines such as ``1:21020 (60%)``, and which of them an IATI activity can have.

A line is a vocabulary (IATI codelist SectorVocabulary), a code of it, its share where the source states one, and, where
the vocabulary is the publisher's own, its name and where its codes are explained: ``99:A (60%) – Borders <https://…>``.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError

DAC = "1"
OWN_VOCABULARIES = ("98", "99")  # of reporting organisations: their codes say nothing without a name
MIGRATION_THEMES = frozenset((  # what the DAC counts as 15190, by its notes
    "asylum", "border-management", "irregular-migration", "labour-migration", "legal-migration",
    "migration-and-development", "migration-management", "reintegration", "return-and-readmission",
))  # fmt: skip
_LINE = re.compile(
    r"(\d{1,2}):([^\s()][^()]{0,99}?)(?: \((\d{1,3}(?:\.\d{1,20})?)%\))?(?: – (\S.*?))?(?: <(\S{1,300})>)?"
)


class Sector(NamedTuple):
    vocabulary: str
    code: str
    share: str | None = None
    name: str | None = None
    uri: str | None = None

    def __str__(self):
        share = f" ({self.share}%)" if self.share else ""
        name = f" – {self.name}" if self.name else ""
        return f"{self.vocabulary}:{self.code}{share}{name}" + (f" <{self.uri}>" if self.uri else "")


MIGRATION = Sector(DAC, "15190")  # facilitation of orderly, safe, regular and responsible migration and mobility


def sector_of(line):
    """Return the Sector that a line is; None if it is none."""
    found = _LINE.fullmatch(line)
    return Sector(*found.groups()) if found and (not found[3] or Decimal(found[3]) <= 100) else None


def check_sectors(lines):
    """Refuse lines that are no sectors."""
    for line in lines:
        if not sector_of(line):
            raise ValidationError(f"“{line[:60]}” is not a sector. Write it like 1:21020 or 1:21020 (60%).")


def sectors_given(document):
    """Return the Sectors that an activity has: as stated where IATI allows that, else 15190 where a theme says so.

    IATI wants no share of a vocabulary's only sector, and of several those that come to 100.
    """
    stated = {}
    for sector in map(sector_of, document.get("sectors") or ()):
        stated.setdefault(sector.vocabulary, []).append(sector)
    given = [sector for some in stated.values() if _adds_up(some) for sector in some]
    if DAC not in stated and any(theme["slug"] in MIGRATION_THEMES for theme in document["themes"]):
        given.insert(0, MIGRATION)
    return given


def _adds_up(sectors):
    if sectors[0].vocabulary in OWN_VOCABULARIES and not all(sector.name for sector in sectors):
        return False
    if len(sectors) == 1:
        return sectors[0].share is None or Decimal(sectors[0].share) == 100
    return all(sector.share for sector in sectors) and sum(Decimal(sector.share) for sector in sectors) == 100
