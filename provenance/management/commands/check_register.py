"""A shell over ``provenance.store.integrity``; the digest is that of ``register_digest``."""

import sys

from django.core.management.base import BaseCommand

from provenance.store.integrity import RegisterCheck, register_digest


class Command(BaseCommand):
    help = "Compares tables, documents and digests. Exit code 1 if they do not agree."

    def handle(self, **options):
        check, found = RegisterCheck(), 0
        for finding in check.findings():
            self.stdout.write(finding)
            found += 1
        of = f"in {check.records} records and {check.revisions} Revisions."
        self.stdout.write(f"{found or 'Nothing'} amiss {of}")
        if found:
            sys.exit(1)
        self.stdout.write(f"content digest: {register_digest()}")
