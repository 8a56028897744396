"""Theme, and ThemeCode: how imports map codes of other vocabularies to themes."""

from django.db import models
from django.utils.translation import gettext_noop as noop

from provenance.documents import declaration as m
from provenance.models import Slugged
from provenance.models.fields import once


class Theme(Slugged):
    """A keyword of this register."""

    name = models.CharField(max_length=200)

    members = (m.Key("slug", "its key in addresses"), m.Text("name", "its name", shown=True, is_name=True))


class ThemeCode(models.Model):
    """A code of another vocabulary and the theme that staff mapped it to."""

    class Vocabulary(models.TextChoices):
        """IATI codelist SectorVocabulary, and the tag vocabularies that are used; what they have no code for."""

        DAC_5 = "1", noop("DAC purpose codes (5 digits)")
        DAC_3 = "2", noop("DAC sectors (3 digits)")
        SDG_GOAL = "7", noop("SDG goals")
        SDG_TARGET = "8", noop("SDG targets")
        OWN = "99", noop("the publisher’s own")

    vocabulary = models.CharField(max_length=2, choices=Vocabulary.choices, default=Vocabulary.DAC_5)
    code = models.CharField(max_length=50)
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="codes")

    class Meta:
        ordering = ["vocabulary", "code"]
        constraints = [
            once("theme_code_once", ["vocabulary", "code", "theme"], "This code is read as this theme already.")
        ]

    def __str__(self):
        return f"{self.get_vocabulary_display()} {self.code}"
