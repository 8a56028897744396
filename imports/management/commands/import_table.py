"""A shell over ``imports``."""

from imports.command import ImportCommand


class Command(ImportCommand):
    help = "Shows what importing tables (CSV, XLSX) would do. --confirm imports each file as a whole, or not at all."
    kind = "table"
