"""SuggestedSource: a source that a visitor suggested."""

from django.db import models
from django.db.models import F, Q

from .fields import KeyField


class SuggestedSource(models.Model):
    """What somebody without an account sent: an address or a file, and words. It is never public.

    ``token`` is the address at which the sender sees what became of it. E-mail and ``sender`` are deleted after a
    while (``workflow/suggestions.py``), the file when it is decided.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        DECLINED = "declined"

    token = models.CharField(max_length=43, unique=True, editable=False)
    at = models.DateTimeField("when")
    kind = models.CharField("kind of record", max_length=40, blank=True)
    key = KeyField("record", max_length=100, blank=True)
    field = models.CharField("what it states", max_length=40, blank=True)
    address = models.URLField("web address", max_length=1000, blank=True)
    file = models.BinaryField(null=True, help_text="It is served to staff only, to be saved.")
    file_name = models.CharField(max_length=200, blank=True)
    words = models.TextField(blank=True)
    email = models.EmailField("e-mail", blank=True)
    sender = models.CharField(max_length=32, blank=True, editable=False, help_text="A digest that counts for one day.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField("answer to the sender", blank=True)
    source = models.ForeignKey("provenance.Source", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "suggested source"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["outcome", "id"], name="suggestion_by_outcome"),
            models.Index(fields=["sender", "at"], name="suggestion_by_sender"),
        ]
        constraints = [
            models.CheckConstraint(
                name="suggestion_decided_or_waiting",
                condition=Q(outcome="waiting", decided_at__isnull=True, decided_by="")
                | (~Q(outcome="waiting") & Q(decided_at__gte=F("at")) & ~Q(decided_by="")),
                violation_error_message="A decided suggestion needs who decided it and when, a waiting one neither.",
            ),
            models.CheckConstraint(
                name="suggestion_has_address_or_file",
                condition=~Q(outcome="waiting") | Q(address__gt="") | Q(file__isnull=False),
                violation_error_message="Give the address of the source, or a file.",
            ),
        ]

    def __str__(self):
        return self.address or self.file_name or f"suggestion {self.pk}"
