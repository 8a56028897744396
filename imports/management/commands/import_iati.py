"""A shell over ``imports``."""

from imports.command import FILTERS, ImportCommand


class Command(ImportCommand):
    help = "Shows what importing IATI activity files would do. --confirm imports each file as a whole, or not at all."
    kind = "iati"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        for name, dest in FILTERS.items():
            words = f"only activities with this {name}; may be repeated"
            parser.add_argument(f"--{name}", dest=dest, metavar=name.upper(), action="append", help=words)
        parser.add_argument("--take-older", action="store_true", help="also take editions older than the register's")
