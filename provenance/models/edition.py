"""The text of a source, kept as it was read."""

from django.core.exceptions import ValidationError
from django.db import models

from .fields import is_no_later_day


class Edition(models.Model):
    """The text of a source as it was read on a day, and the file that it was read from.

    It never changes, but can be withdrawn for legal reasons: text and file go, digest and days stay. The source's
    document names the one that is in use by its digest; a newer one waits until somebody takes it into use.
    """

    source = models.ForeignKey("provenance.Source", models.CASCADE, related_name="editions")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file, or of the pasted text in UTF-8.")
    text = models.TextField(help_text="What was read of it, in Unicode's form NFC.")
    file = models.BinaryField(null=True, help_text="The file or the pasted text. It is served to staff only.")
    read_date = models.DateField("day it was read", validators=[is_no_later_day])
    at = models.DateTimeField("when it was added")
    user_name = models.CharField("who added it", max_length=150)
    withdrawn = models.CharField("why it was withdrawn", max_length=300, blank=True, default="")
    withdrawn_at = models.DateTimeField("when it was withdrawn", null=True, blank=True)
    withdrawn_by = models.CharField("who withdrew it", max_length=150, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "digest"],
                name="edition_once_per_source",
                violation_error_message="This source already has this text.",
            ),
            models.CheckConstraint(
                name="edition_withdrawn_has_no_text",
                condition=models.Q(withdrawn="", withdrawn_at__isnull=True)
                | models.Q(withdrawn__gt="", withdrawn_at__isnull=False, text="", file__isnull=True),
                violation_error_message="Of a text that was withdrawn nothing is kept.",
            ),
        ]

    def __str__(self):
        return f"{self.source_id}, read on {self.read_date}"

    def save(self, **options):
        """Save a new edition; ValidationError if it exists."""
        if not self._state.adding:
            raise ValidationError("The text of a source never changes. Add a newer one.")
        super().save(**options)
