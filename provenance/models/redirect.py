"""Redirects of merged records, pairs marked as different, and original texts of records."""

from django.db import models
from django.db.models import F, Q

from .fields import KeyField


class Moved(models.Model):
    """A redirect from the key of a merged record to the record that was kept."""

    kind = models.CharField(max_length=40)
    key = KeyField(max_length=100)
    new_key = KeyField(max_length=100)

    class Meta:
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                name="moved_once",
                violation_error_message="This key already redirects to another record.",
            ),
            models.CheckConstraint(
                name="moved_to_another",
                condition=~Q(key=F("new_key")),
                violation_error_message="A key cannot redirect to itself.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.key} → {self.new_key}"


class Distinct(models.Model):
    """Two similar records that a user marked as different."""

    kind = models.CharField(max_length=40)
    first = KeyField(max_length=100)
    second = KeyField(max_length=100)
    user_name = models.CharField("who", max_length=150)
    at = models.DateTimeField("when")

    class Meta:
        ordering = ["kind", "first", "second"]
        verbose_name_plural = "distinct"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "first", "second"],
                name="distinct_once",
                violation_error_message="These two are already marked as different.",
            ),
            models.CheckConstraint(
                name="distinct_in_order",
                condition=Q(first__lt=F("second")),
                violation_error_message="The first key of a pair comes before the second.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.first} ≠ {self.second}"


class Original(models.Model):
    """The source's own complete text about a record, such as an activity of an IATI file."""

    source = models.ForeignKey("provenance.Source", models.PROTECT, related_name="originals")
    kind = models.CharField(max_length=40)
    key = KeyField(max_length=100)
    identifier = models.CharField(max_length=300, help_text="As in the source.")
    text = models.TextField()
    at = models.DateTimeField("when")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "key", "id"], name="original_of_record"),
            models.Index(fields=["identifier", "id"], name="original_by_identifier"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "identifier"],
                name="original_once_per_source",
                violation_error_message="This source already has an original with this identifier.",
            )
        ]

    def __str__(self):
        return self.identifier
