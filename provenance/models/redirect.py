"""Redirects of merged records, and pairs marked as different."""

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
