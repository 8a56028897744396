"""The register's own command, with a note of how it ended."""

from operations.runs import noted
from provenance.management.commands import check_register


class Command(check_register.Command):
    def handle(self, **options):
        with noted("check"):
            super().handle(**options)
