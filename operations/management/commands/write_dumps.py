"""The register's own command, with a note of how it ended."""

from operations.runs import noted
from projects.management.commands import write_dumps


class Command(write_dumps.Command):
    def handle(self, **options):
        with noted("dump"):
            super().handle(**options)
