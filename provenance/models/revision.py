"""What was recorded, proposed, merged and done: Revision, each version of a record, Proposal, Moved and AuditEntry."""

from datetime import UTC

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from .fields import KeyField, once, rule


class State(models.TextChoices):
    """Only published records are public."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


SHOWN = Q(is_public=True, state=State.PUBLISHED) & ~Q(action="deleted")  # its document was public


def public_state(action, state):
    """Return the state that a public Revision announced: ``published``, ``withdrawn`` or ``deleted``."""
    if action == "deleted":
        return "deleted"
    return "published" if state == State.PUBLISHED else "withdrawn"


def iso_milliseconds(moment):
    """Return an aware time as in the public chain: UTC, milliseconds, ``2026-11-24T05:00:00.000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def earlier():
    """Return the Revisions of the same record before that of the outer query, newest first."""
    rows = Revision.objects.filter(kind=OuterRef("kind"), key=OuterRef("key"), id__lt=OuterRef("id"))
    return rows.order_by("-id")


class RevisionQuerySet(models.QuerySet):
    def of(self, model, key=None):
        """Revisions of one kind of record, or of one record."""
        rows = self.filter(kind=model._meta.model_name)
        return rows if key is None else rows.filter(key=key)

    def newest_of_each(self):
        """The last of these Revisions of each record."""
        later = self.filter(kind=OuterRef("kind"), key=OuterRef("key"), id__gt=OuterRef("id"))
        return self.filter(~Exists(later))

    def public(self):
        """Revisions that changed something for the public."""
        return self.filter(is_public=True)


class AppendOnly(models.Model):
    """A row that is never changed or deleted."""

    class Meta:
        abstract = True

    def save(self, **options):
        """Insert; TypeError if it exists."""
        if not self._state.adding:
            raise TypeError("What was recorded is never changed.")
        super().save(force_insert=True, **options)

    def delete(self, **options):
        raise TypeError("What was recorded is never deleted.")


class Revision(AppendOnly):
    """One version of a record: append-only, chained by digests. The newest holds the record's current document.

    ``id`` is the register's version: ids follow the order of commits.
    """

    kind = models.CharField(max_length=40)
    key = KeyField(max_length=100)
    action = models.CharField(max_length=9)  # created, changed, published, withdrawn, deleted
    state = models.CharField(max_length=9, choices=State.choices)
    is_public = models.BooleanField()
    document = models.TextField()
    sort_key = KeyField(max_length=200, blank=True)
    user_name = models.CharField("who", max_length=150)
    at = models.DateTimeField("when")
    reason = models.CharField("why", max_length=300, blank=True)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    public_digest = models.CharField(max_length=64, blank=True)
    head = models.CharField(max_length=64, blank=True, default="", db_default="")  # of the register; public ones only

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = "version"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "key", "id"], name="revision_of_record"),
            models.Index(fields=["id"], condition=Q(is_public=True), name="revision_public"),
            models.Index(fields=["at", "id"], condition=Q(is_public=True), name="revision_public_at"),
        ]

    def __str__(self):
        return f"{self.kind} {self.key} {self.action} by {self.user_name}"


class Proposal(models.Model):
    """The whole document that a user proposes for a record, based on the Revision that they saw.

    The record stays unchanged until a publisher accepts it. Proposals are never public and never deleted.
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
            rule(
                "proposal_decided_or_waiting",
                Q(outcome="waiting", decided_at__isnull=True, decided_by="")
                | (~Q(outcome="waiting") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
                "A decided proposal needs who decided it and when; a waiting one has neither.",
            ),
            rule(
                "proposal_decided_after_it_was_made",
                Q(decided_at__isnull=True) | Q(decided_at__gte=F("at")),
                "A proposal cannot be decided before it was made.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}, proposed by {self.user_name}"


class Moved(models.Model):
    """A redirect from the key of a merged record to the record that was kept."""

    kind = models.CharField(max_length=40)
    key = KeyField(max_length=100)
    new_key = KeyField(max_length=100)

    class Meta:
        ordering = ["kind", "key"]
        constraints = [
            once("moved_once", ["kind", "key"], "This key already redirects to another record."),
            rule("moved_to_another", ~Q(key=F("new_key")), "A key cannot redirect to itself."),
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
            once("distinct_once", ["kind", "first", "second"], "These two are already marked as different."),
            rule("distinct_in_order", Q(first__lt=F("second")), "The first key of a pair comes before the second."),
        ]

    def __str__(self):
        return f"{self.kind} {self.first} ≠ {self.second}"


class AuditEntry(AppendOnly):
    """One line of the audit log: append-only, chained by digests, without personal data but the ids of accounts.

    ``account``: the id of who did it; None for a command. It is no foreign key, so that deleting an account alters
    nothing here.
    """

    at = models.DateTimeField("when")
    account = models.BigIntegerField("account", null=True)
    deed = models.CharField("what", max_length=200)
    about = models.CharField("about", max_length=100, blank=True)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        ordering = ["-id"]

    def __str__(self):
        return f"{self.deed} {self.about}".strip()
