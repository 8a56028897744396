"""A shell over ``operations.backup.writer``."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.backup.archive import Unfit
from operations.backup.writer import write_backup
from operations.runs import noted


class Command(BaseCommand):
    help = "Writes everything to one file, while the site goes on, and removes all but the BACKUPS_KEPT newest."

    def add_arguments(self, parser):
        words = "folder of the file; default: BACKUP_DIR"
        parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=settings.BACKUP_DIR, help=words)

    def handle(self, *, folder, **options):
        if not folder:
            raise CommandError("Name the folder, or set BACKUP_DIR.")
        try:
            with noted("backup"):
                path, manifest = write_backup(folder)
        except (Unfit, OSError) as error:
            raise CommandError(f"{error}\nNo backup was written.") from None
        self.stdout.write(f"Wrote {path} ({path.stat().st_size / 1000:,.0f} kB).")
        if manifest["content_digest"]:
            self.stdout.write(f"content digest: {manifest['content_digest']}")
