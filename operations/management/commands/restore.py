"""A shell over ``operations.backup.restore``."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from operations.backup.archive import Unfit
from operations.backup.restore import restore


class Command(BaseCommand):
    help = "Loads a backup beside the database and, once everything is checked, replaces it. Stop the site first."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--identity", default="", metavar="FILE", help="file with the private key of age")
        parser.add_argument("--replace", action="store_true", help="replace a register, which is kept beside it")
        parser.add_argument("--despite-findings", action="store_true", help="even if check_register finds faults")

    def handle(self, *, file, identity, replace, despite_findings, **options):
        choices = {"identity": identity, "replace": replace, "despite_findings": despite_findings}
        try:
            places_before = restore(file, **choices, report=self.stdout.write)
        except (Unfit, OSError) as error:
            raise CommandError(f"{error}\nNothing was restored.") from None
        self.stdout.write("Restored. Start the site.")
        for place in places_before:
            self.stdout.write(f"What was there before is kept: {place}")
