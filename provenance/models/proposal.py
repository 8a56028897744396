"""Proposal: a change that waits for a publisher."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .fields import KeyField
from .revision import Revision


class Proposal(models.Model):
    """The whole document that a user proposes for a record, based on the Revision that they saw.

    The record stays unchanged until a publisher accepts. Proposals are never public and never deleted.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        TAKEN_BACK = "taken-back", "Cancelled"

    kind = models.CharField(max_length=40)
    key = KeyField(max_length=100)
    base = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    document = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    user_name = models.CharField("who", max_length=150)
    at = models.DateTimeField("when")
    reason = models.CharField("why", max_length=300, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "key", "id"], name="proposal_of_record"),
            models.Index(fields=["outcome", "id"], name="proposal_by_outcome"),
        ]
        constraints = [
            models.CheckConstraint(
                name="proposal_decided_or_waiting",
                condition=Q(outcome="waiting", decided_at__isnull=True, decided_by="")
                | (~Q(outcome="waiting") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
                violation_error_message="A decided proposal needs who decided it and when; a waiting one has neither.",
            ),
            models.CheckConstraint(
                name="proposal_decided_after_it_was_made",
                condition=Q(decided_at__isnull=True) | Q(decided_at__gte=F("at")),
                violation_error_message="A proposal cannot be decided before it was made.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}, proposed by {self.user_name}"
