"""A shell over ``imports``."""

from imports.command import FILTERS, ImportCommand


class Command(ImportCommand):
    help = "Shows what importing IATI activity files would do, and does it with --confirm: all of a file or nothing."
    kind = "iati"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        for name, dest in FILTERS.items():
            words = f"only activities of this {name}; may be repeated"
            parser.add_argument(f"--{name}", dest=dest, action="append", help=words)
        parser.add_argument("--take-older", action="store_true", help="take editions older than the register's, too")
