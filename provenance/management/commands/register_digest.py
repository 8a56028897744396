"""A shell over ``provenance.store.integrity``."""

from django.core.management.base import BaseCommand

from provenance.store.integrity import register_digest


class Command(BaseCommand):
    help = "Prints a digest of all current records, including drafts, which shows whether anything changed."

    def handle(self, **options):
        self.stdout.write(register_digest())
