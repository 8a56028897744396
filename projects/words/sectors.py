"""Sectors of a project: lines such as ``1:21020 (60%)``, and which of them an IATI activity can have.

A line is a vocabulary (IATI codelist SectorVocabulary), a code of it, its share where the source states one, and, where
the vocabulary is the publisher's own, its name and where its codes are explained: ``99:A (60%) – Borders <https://…>``.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError

DAC = "1"
OWN_VOCABULARIES = ("98", "99")  # of reporting organisations: their codes mean nothing without a name
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
    """Return a line as a Sector, or None."""
    match = _LINE.fullmatch(line)
    return Sector(*match.groups()) if match and (not match[3] or Decimal(match[3]) <= 100) else None


def check_sectors(lines):
    """Refuse lines that are not sectors."""
    for line in lines:
        if not sector_of(line):
            raise ValidationError(f"“{line[:60]}” is not a sector. Write it like 1:21020 or 1:21020 (60%).")


def sectors_given(document):
    """Return the Sectors of an activity: as stated if IATI allows that, else 15190 if a theme means migration.

    IATI takes a vocabulary's only sector without a share, and several with shares that come to 100.
    """
    by_vocabulary = {}
    for sector in map(sector_of, document.get("sectors") or ()):
        by_vocabulary.setdefault(sector.vocabulary, []).append(sector)
    sectors = [sector for group in by_vocabulary.values() if _adds_up(group) for sector in group]
    if DAC not in by_vocabulary and any(theme["slug"] in MIGRATION_THEMES for theme in document["themes"]):
        sectors.insert(0, MIGRATION)
    return sectors


def _adds_up(sectors):
    if sectors[0].vocabulary in OWN_VOCABULARIES and not all(sector.name for sector in sectors):
        return False
    if len(sectors) == 1:
        return sectors[0].share is None or Decimal(sectors[0].share) == 100
    return all(sector.share for sector in sectors) and sum(Decimal(sector.share) for sector in sectors) == 100
