"""A shell over ``imports``."""

from imports.command import ImportCommand


class Command(ImportCommand):
    help = "Shows what importing tables (CSV, XLSX) would do, and does it with --confirm: all of a file or nothing."
    kind = "table"
