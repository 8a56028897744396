"""AuditEntry: what was done with accounts, roles and proposals."""

from django.db import models


class AuditEntry(models.Model):
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

    def save(self, **options):
        """Insert; an existing entry is never written again."""
        if not self._state.adding:
            raise TypeError("An audit entry is never changed.")
        super().save(force_insert=True, **options)

    def delete(self, **options):
        raise TypeError("An audit entry is never deleted.")
