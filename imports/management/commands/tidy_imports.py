"""A shell over ``imports.lifecycle``."""

from django.core.management.base import BaseCommand

from imports.lifecycle import tidy


class Command(BaseCommand):
    help = "Drops imports left undecided for IMPORT_KEPT_DAYS days, and deletes files that no import needs."

    def handle(self, **options):
        dropped, deleted = tidy()
        self.stdout.write(f"Imports dropped: {dropped}. Files deleted: {deleted}.")
