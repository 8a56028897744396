"""Import: an uploaded file and what became of it. ImportItem: a record in it.

An Import is called ``batch`` in code, because ``import`` is a Python keyword.
"""

from django.conf import settings
from django.db import models


class Import(models.Model):
    """An uploaded file. Nothing of it enters the register until somebody who saw the preview confirms it."""

    class Kind(models.TextChoices):
        TABLE = "table"
        IATI = "iati", "IATI activities"

    class State(models.TextChoices):
        UPLOADED = "uploaded"
        READING = "reading", "Being read"
        READ = "read", "Waits for a decision"
        IMPORTING = "importing", "Being imported"
        DONE = "done"
        FAILED = "failed", "Refused"
        DROPPED = "dropped"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    file_name = models.CharField("file", max_length=255, help_text="As it was given; shown, and never a path.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    user_name = models.CharField("who", max_length=150)
    at = models.DateTimeField("when")
    options = models.JSONField(default=dict, blank=True)
    about = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    note = models.TextField(blank=True)
    counts = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return self.file_name


class ImportItem(models.Model):
    """A record in a file: what importing it would do, and the data for that."""

    class Verdict(models.TextChoices):
        NEW = "new"
        CHANGED = "changed"
        PROPOSED = "proposed"
        SAME = "same"
        VANISHED = "vanished"
        REFUSED = "refused"

    batch = models.ForeignKey(Import, models.CASCADE, related_name="items", verbose_name="import")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=300)
    place = models.CharField(max_length=300, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    changes = models.JSONField(default=list, blank=True)
    faults = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    numbers = models.JSONField(default=list, blank=True)
    document = models.TextField(blank=True)
    base = models.PositiveBigIntegerField(null=True)
    identifier = models.CharField(max_length=300, blank=True)
    original = models.TextField(blank=True)

    class Meta:
        ordering = ["batch", "number"]
        indexes = [models.Index(fields=["batch", "verdict", "number"], name="import_item_by_verdict")]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "number"],
                name="import_item_once",
                violation_error_message="An import numbers its items once.",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"
