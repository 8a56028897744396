"""AuditEntry: what was done with accounts, roles and proposals."""

from django.db import models

from .revision import AppendOnly


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
        verbose_name_plural = "audit log"
        ordering = ["-id"]

    def __str__(self):
        return f"{self.deed} {self.about}".strip()
