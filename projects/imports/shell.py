"""What both commands of imports do: the same as the pages do, with the preview as text."""

from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from projects.models import Import

from . import bringing, choosing, working

FILTERS = {"country": "countries", "sector": "sectors", "publisher": "publishers", "identifier": "identifiers"}
_PIECE = 2**20
_SHOWN = 100  # refused places


class ImportCommand(BaseCommand):
    """Shows what importing FILEs would do; does it with --confirm. Exit code 1, and nothing changed, if refused."""

    kind = ""

    def add_arguments(self, parser):
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
        parser.add_argument("--user", required=True, help="in whose name; they may write what they may write by hand")
        parser.add_argument("--confirm", action="store_true", help="write it; without, the preview is all")
        parser.add_argument("--good-only", action="store_true", help="write the good ones without the refused")
        parser.add_argument("--publish", action="store_true", help="new records are published, not drafts")

    def handle(self, *, files, user, **options):
        found = get_user_model().objects.filter(username=user).first()
        if found is None:
            raise CommandError(f"There is no user “{user}”.")
        faults = [fault for path in files if (fault := self._import(path, found, options))]
        if faults:
            raise CommandError("\n".join(faults))

    def _import(self, path, user, options):
        """Import one file; returns what was refused, in words."""
        try:
            with path.open("rb") as file:
                pieces = iter(lambda: file.read(_PIECE), b"")
                chosen = {ours: options[name] for name, ours in FILTERS.items() if options.get(name)}
                batch = bringing.bring(user, path.name, pieces, options=chosen, kind=self.kind)
            try:
                return self._read_and_write(path, batch, user, options)
            finally:
                bringing.drop(batch)  # if it is not written
        except PermissionDenied:
            return f"{path}: {user} may not import it so."
        except bringing.TROUBLE as error:
            return f"{path}: {bringing.in_words(error)}"

    def _read_and_write(self, path, batch, user, options):
        bringing.read_again(batch, publish=options["publish"])
        self._work(batch)
        if batch.state != Import.State.READ:
            return f"{path}: {batch.note}"
        self._show(path, batch)
        if options["confirm"]:
            return self._write(path, batch, user, good_only=options["good_only"])
        return "\n".join([f"{path}: some of it is refused:", *_refused(batch)]) if bringing.is_faulty(batch) else ""

    def _write(self, path, batch, user, **choices):
        """Confirm and write, again where the register moved on meanwhile; returns why not, in words."""
        for _ in range(_ROUNDS):
            if fault := bringing.confirm(batch, user, **choices):
                return "\n".join([f"{path}: {fault}", *_refused(batch)])
            self._work(batch)
            if batch.state == Import.State.DONE:
                self.stdout.write(f"{path}: imported, as the source {batch.source}." if batch.source else _NOTHING)
                return ""
        return f"{path}: {batch.note}"

    def _work(self, batch):
        working.work(batch.pk)
        batch.refresh_from_db()

    def _show(self, path, batch):
        counts = ", ".join(f"{number:,} {name}" for name, number in batch.counts.items())
        self.stdout.write(f"{path}: {counts}")
        if asked := batch.about.get("asked"):
            self.stdout.write(f"  {asked}")
        if originals := batch.about.get("originals"):
            self.stdout.write(f"  {originals:,} of them changed only in what the register has no place for.")
        for sentence in choosing.told(batch):
            self.stdout.write(f"  {sentence}")
        for key, place, notes in batch.items.exclude(notes=[]).values_list("key", "place", "notes")[:_SHOWN]:
            self.stdout.write(f"  note: {key} ({place}): {' '.join(notes)}")


_ROUNDS = 3  # tries, where the register changes meanwhile
_NOTHING = "All of it is in the register already; nothing was written."


def _refused(batch):
    """Return a line for each fault, of the file as a whole first; the first hundred."""
    rows = batch.items.filter(verdict="refused").values_list("faults", flat=True)[:_SHOWN]
    faults = [*batch.about.get("faults", ()), *(fault for faults in rows for fault in faults)]
    lines = [f"  {': '.join(filter(None, (each['place'], each['column'], each['what'])))}" for each in faults[:_SHOWN]]
    more = len(faults) - len(lines) + max(0, batch.counts.get("refused", 0) - _SHOWN)
    return [*lines, f"  … and {more:,} more"] if more > 0 else lines
