"""What sources give: their texts as they were read, the originals of records, and sources that visitors suggest."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from .fields import KeyField, is_no_later_day, once, rule


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
            once("edition_once_per_source", ["source", "digest"], "This source already has this text."),
            rule(
                "edition_withdrawn_has_no_text",
                Q(withdrawn="", withdrawn_at__isnull=True)
                | Q(withdrawn__gt="", withdrawn_at__isnull=False, text="", file__isnull=True),
                "Of a text that was withdrawn nothing is kept.",
            ),
        ]

    def __str__(self):
        return f"{self.source_id}, read on {self.read_date}"

    def save(self, **options):
        """Save a new edition; ValidationError if it exists."""
        if not self._state.adding:
            raise ValidationError("The text of a source never changes. Add a newer one.")
        super().save(**options)


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
            once(
                "original_once_per_source",
                ["source", "identifier"],
                "This source already has an original with this identifier.",
            )
        ]

    def __str__(self):
        return self.identifier


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
            rule(
                "suggestion_decided_or_waiting",
                Q(outcome="waiting", decided_at__isnull=True, decided_by="")
                | (~Q(outcome="waiting") & Q(decided_at__gte=F("at")) & ~Q(decided_by="")),
                "A decided suggestion needs who decided it and when, a waiting one neither.",
            ),
            rule(
                "suggestion_has_address_or_file",
                ~Q(outcome="waiting") | Q(address__gt="") | Q(file__isnull=False),
                "Give the address of the source, or a file.",
            ),
        ]

    def __str__(self):
        return self.address or self.file_name or f"suggestion {self.pk}"
