"""A shell over ``provenance.store.integrity``."""

from django.core.management.base import BaseCommand

from provenance.store.integrity import register_digest


class Command(BaseCommand):
    help = "Prints one digest of what the register's records say now: the same for the same content, drafts included."

    def handle(self, **options):
        self.stdout.write(register_digest())
