"""What both import commands do: the same as the pages, with the preview as text."""

import os
from itertools import chain, islice
from pathlib import Path
from textwrap import shorten

from django.contrib.auth import get_user_model
from django.contrib.humanize.templatetags.humanize import ordinal
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from provenance.documents.diff import UNSTATED

from . import column_mapping, lifecycle, worker
from .models import Import, ImportItem

FILTERS = {"country": "countries", "sector": "sectors", "publisher": "publishers", "identifier": "identifiers"}
_ROUNDS = 3  # attempts, if the register changes meanwhile
_SHOWN = 100  # lines of each kind
_LONGEST = 200  # characters of a value


class ImportCommand(BaseCommand):
    """Shows what importing FILEs would do; does it with --confirm.

    Exit code 1 if anything is refused; then nothing is changed without --good-only.
    """

    kind = ""

    def add_arguments(self, parser):
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
        parser.add_argument("--user", required=True, help="whose import it is; the rights of this user apply")
        parser.add_argument("--confirm", action="store_true", help="import the files; without it, only preview them")
        parser.add_argument("--good-only", action="store_true", help="leave out refused records and import the others")
        parser.add_argument("--reason", default="", help="why values that differ from their source are published")
        parser.add_argument("--publish", action="store_true", help="publish new records; without it, they are drafts")

    def handle(self, *, files, user, **options):
        person = get_user_model().objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"There is no user “{user}”.")
        faults = [f"{path}: {fault}" for path in files if (fault := self._import(path, person, options))]
        if faults:
            raise CommandError("\n".join(faults))

    def _import(self, path, user, options):
        """Import one file. Returns what was refused, in words."""
        chosen = {name: options[name] for name in (*FILTERS.values(), "take_older") if options.get(name)}
        try:
            with path.open("rb") as file:
                batch = lifecycle.upload(user, path.name, File(file).chunks(), options=chosen, kind=self.kind)
            try:
                return self._read_and_write(path, batch, user, options)
            finally:
                lifecycle.drop(batch)  # if it is not written
        except PermissionDenied as error:
            return str(error)
        except lifecycle.TROUBLE as error:
            return lifecycle.in_words(error)

    def _read_and_write(self, path, batch, user, options):
        lifecycle.read_again(batch, publish=options["publish"])
        self._work(batch)
        if batch.state != Import.State.READ:
            return batch.note
        self._show(path, batch)
        if options["confirm"]:
            return self._write(path, batch, user, good_only=options["good_only"], reason=options["reason"])
        return _with_refused(batch, "some of it is refused:") if batch.is_faulty() else ""

    def _write(self, path, batch, user, **choices):
        """Confirm and write; if the register changed meanwhile, show what changes now, and try again.

        Returns why it was not written, in words.
        """
        if unknown := [one for sheet in batch.about.get("sheets", ()) for one in column_mapping.proposed(sheet)]:
            reason = "columns are not known. Upload the file in the admin to accept this, or rename them:"
            return _with_refused(batch, "\n  ".join([reason, *unknown]))
        for _ in range(_ROUNDS):
            if fault := lifecycle.confirm(batch, user, **choices):
                return _with_refused(batch, fault)
            self._work(batch)
            if batch.state == Import.State.DONE:
                if batch.source:
                    self._tell(f"{path}: imported, as the source {batch.source}.")
                return _with_refused(batch, "this is refused, and was left out:") if batch.is_faulty() else ""
            if batch.state != Import.State.READ:
                break
            self._tell(f"{path}: {batch.note}")
            self._show(path, batch)
        return batch.note

    def _tell(self, line):
        """Write a line at once. If nobody reads it any more, the import goes on unseen."""
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())

    def _work(self, batch):
        worker.work(batch.pk, report=lambda place: self._tell(f"waiting: {ordinal(place)} in line"))
        batch.refresh_from_db()

    def _show(self, path, batch):
        counts = ", ".join(f"{batch.counts[name]:,} {name}" for name in ImportItem.Verdict.values)  # JSON has no order
        self._tell(f"{path}: {counts}")
        if asked := batch.about.get("asked"):
            self._tell(f"  {asked}")
        if originals := batch.about.get("originals"):
            self._tell(f"  {originals:,} of them changed only in their date, or in what the register has no place for.")
        for sentence in filter(None, (batch.as_answered(), *column_mapping.read_as(batch))):
            self._tell(f"  {sentence}")
        vanished = (f"vanished, and kept: {identifier}" for identifier in batch.about.get("vanished", ()))
        items = batch.items.values_list("key", "place", "notes", "changes")
        noted, changed = items.exclude(notes=[]).iterator(), items.exclude(changes=[]).iterator()
        notes = (f"note: {key} ({place}): {' '.join(each)}" for key, place, each, _changes in noted)
        changes = (
            f"changed: {key} ({place}), {member}: {_side(old)} → {_side(new)}"
            for key, place, _notes, differences in changed
            for member, old, new in differences
        )
        for line in chain(_at_most(notes), _at_most(changes), _at_most(vanished)):
            self._tell(f"  {line}")
        if sentence := batch.nothing():
            self._tell(f"  {sentence}")


def _at_most(lines):
    """Yield the first hundred lines of an iterator, and a line with the number of others."""
    yield from islice(lines, _SHOWN)
    if more := sum(1 for _ in lines):
        yield f"… and {more:,} more"


def _side(lines):
    return shorten("; ".join(lines), _LONGEST, placeholder=" …") or UNSTATED


def _with_refused(batch, words):
    """Return ``words``, and a line for each fault, at most a hundred, beginning with faults of the whole file."""
    rows = batch.items.filter(verdict="refused").values_list("faults", flat=True).iterator()
    faults = chain(batch.about.get("faults", ()), chain.from_iterable(rows))
    lines = (": ".join(filter(None, (each["place"], each["column"], each["what"]))) for each in faults)
    return "\n  ".join([words, *_at_most(lines)])
