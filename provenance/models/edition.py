"""The text of a source, kept as it was read."""

from django.core.exceptions import ValidationError
from django.db import models


class Edition(models.Model):
    """The text of a source as it was read on a day. It never changes; a newer one may follow it.

    The newest is the one whose digest the source's document names, so the source's history tells of all of them.
    """

    source = models.ForeignKey("provenance.Source", models.CASCADE, related_name="editions")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file, or of the pasted text in UTF-8.")
    text = models.TextField(help_text="What was read of it, in Unicode's form NFC.")
    read_date = models.DateField("day it was read")
    at = models.DateTimeField("when it was added")
    user_name = models.CharField("who added it", max_length=150)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "digest"],
                name="edition_once_per_source",
                violation_error_message="This source already has this text.",
            )
        ]

    def __str__(self):
        return f"{self.source_id}, read on {self.read_date}"

    def save(self, **options):
        """Save a new one; ValidationError for one that is there."""
        if not self._state.adding:
            raise ValidationError("The text of a source never changes. Add a newer one.")
        super().save(**options)
