"""Import: an uploaded file and what became of it, in words too. ImportItem: a record in it.

An Import is called ``batch`` in code, because ``import`` is a Python keyword.
"""

from pathlib import Path
from textwrap import shorten

import orjson
from django.conf import settings
from django.contrib import admin
from django.db import models

# What confirming does, of one record and of several, in the order in which it is said.
_SENTENCES = orjson.loads(Path(__file__).with_name("plan.json").read_bytes())
_GOOD_ONLY = "nothing is written, unless you choose to import the valid records."
_NOTHING = "nothing can be written until that is settled."
_LONGEST = 200  # characters of a reason in the list


class Import(models.Model):
    """An uploaded file. Nothing of it enters the register until somebody who saw the preview confirms it.

    ``options``: what its person chose. ``about``: what is known of it beyond its columns:

    - of every file, once read: ``faults`` of the whole, ``preview`` (its number), ``register`` (the Revision at which
      it was made), ``unsure``, ``otherwise``, ``originals`` and ``unanswered`` (how many items have notes, would
      contradict their source in public, change only the kept original, are refused only until questions are answered);
    - of activities: ``asked`` (in words), ``activities`` and ``chosen`` (how many), ``vanished`` and ``older``
      (identifiers);
    - of tables: ``form``, ``encoding``, ``delimiter``, ``is_supposed``, ``is_open``, ``sheets``, ``left_out`` (their
      names), ``headings``, ``questions``, ``kept`` (answers for earlier files that were used, in words), ``replaces``;
    - once written: ``revisions`` and ``proposals``, the ids before and after it; ``closed``; ``undone`` (by whom) and
      ``left`` (what stayed).
    """

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

    @property
    def source_slug(self):
        """The key of the Source that it becomes."""
        return f"import-{self.digest[:12]}"

    @admin.display(description="state", ordering="state")
    def state_in_words(self):
        return "Undone" if self.about.get("undone") else self.get_state_display()

    def contents(self):
        """Return a line on the contents of the file: how many records of each kind; if there are none, why."""
        if fault := next(iter(self.about.get("faults", ())), None):
            words = f"Refused: {fault['place']}, {fault['what']}"
        else:
            words = ", ".join(f"{count:,} {name}" for name, count in self.verdicts())
            words = words or self.note or self.about.get("asked", "")
        return shorten(words, _LONGEST, placeholder=" …")

    def verdicts(self):
        """Return [(verdict, number of items)], in their order, without those that no item has."""
        return [(name, self.counts[name]) for name in ImportItem.Verdict.values if self.counts.get(name)]

    def is_faulty(self):
        """Whether anything of the file was refused."""
        return bool(self.counts.get("refused") or self.about.get("faults"))

    def writes(self):
        """Whether confirming would write anything: a record, or the original of an activity."""
        return any(self.counts.get(name) for name in ImportItem.WRITTEN) or bool(self.about.get("originals"))

    def plan(self):
        """Return what confirming would do: a sentence for each kind of record; none if there is nothing to write."""
        details = {
            "how": "published at once" if self.options.get("publish") else "as drafts",
            "how_one": "published at once" if self.options.get("publish") else "as a draft",
            "then": _GOOD_ONLY if self.writes() else _NOTHING,
        }
        about = self.about
        counts = self.counts | {name: about.get(name, 0) for name in ("originals", "unanswered")}
        counts |= {"faults": len(about.get("faults", ())), "refused": counts.get("refused", 0) - counts["unanswered"]}
        counted = [(pair[counts[name] > 1], counts[name]) for name, pair in _SENTENCES.items() if counts.get(name)]
        return [sentence.format(count=count, **details) for sentence, count in counted]

    def is_not_asked(self):
        """Whether the file has activities, but none that was asked for."""
        return bool(self.about.get("activities")) and not self.about.get("chosen")

    def nothing(self):
        """Return a sentence why confirming writes nothing although nothing is wrong; "" if ``plan`` has sentences."""
        if self.plan():
            return ""
        if self.is_not_asked():
            return "Nothing of this file was asked for. Upload it again, and choose other countries (* for any)."
        if any(name != "vanished" for name, _count in self.verdicts()):
            return "The register has all of it already: nothing is written."
        return "The file has headings, and no records below them: there is nothing to write."

    def noted(self):
        """Return in words how many records will differ from their source once public."""
        count = self.about.get("otherwise")
        words = "Readers would see what reads otherwise than its source in {:,} of these records: see notes."
        return count and words.format(count)

    def as_answered(self):
        """Return a sentence that names the answers for earlier files that were used; "" if none was."""
        kept = self.about.get("kept")
        return f"As you answered for an earlier file: {'; '.join(kept)}." if kept else ""

    def waits(self):
        """Whether it is done, and has refused records, or records to look at, that wait for a person."""
        is_open = self.state == Import.State.DONE and not self.about.keys() & {"closed", "undone"}
        return is_open and bool(self.counts.get("refused") or self.about.get("unsure"))


class ImportItem(models.Model):
    """A record in a file: what importing it would do, and the data for that."""

    class Verdict(models.TextChoices):
        NEW = "new"
        CHANGED = "changed"
        PROPOSED = "proposed"
        SAME = "same"
        VANISHED = "vanished"
        REFUSED = "refused"

    WRITTEN = (Verdict.NEW, Verdict.CHANGED, Verdict.PROPOSED)
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

    def is_unanswered(self):
        """Whether it is refused only until questions on its values are answered."""
        return bool(self.faults) and all(fault["question"] for fault in self.faults)
