"""A shell over ``provenance.dump.lines``."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from provenance.dump.lines import Broken, NotEmpty, import_file


class Command(BaseCommand):
    help = "Reads the register.ndjson of a dump into an empty register, all or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE.ndjson", type=Path)
        parser.add_argument("--user", default="import_records", help="who imports them, as their history names it")

    def handle(self, *, file, user, **options):
        try:
            counts = import_file(file, user_name=user[:150], reason=f"Imported from {file.name}."[:300])
        except (Broken, NotEmpty, OSError) as error:
            where = f"{file}: " if isinstance(error, Broken) else ""
            raise CommandError(f"{where}{error}\nNothing was imported.") from None
        for model, count in counts.items():
            name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            self.stdout.write(f"{count:>8} {name}")
        self.stdout.write(f"Imported {sum(counts.values())} records.")
