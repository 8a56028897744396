"""A shell over ``operations.backup.writer``."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.backup.archive import Unfit
from operations.backup.writer import write_backup
from operations.runs import noted


class Command(BaseCommand):
    help = "Writes a backup of everything to a folder, while the site goes on. “restore” reads it, on either database."

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=settings.BACKUP_DIR)

    def handle(self, *, folder, **options):
        if not folder:
            raise CommandError("Name the folder, or set BACKUP_DIR.")
        try:
            with noted("backup"):
                path, manifest = write_backup(folder)
        except (Unfit, OSError) as error:
            raise CommandError(f"{error}\nNo backup was written.") from None
        self.stdout.write(f"Wrote {path} ({path.stat().st_size / 2**20:,.1f} MB).")
        if manifest["content_digest"]:
            self.stdout.write(f"content digest: {manifest['content_digest']}")
