"""Cut the house style to what the templates use."""

from django.core.management.base import BaseCommand, CommandError

from eap_funding.assets import make_assets


class Command(BaseCommand):
    help = "Make the style sheet and the icons that are served, from the library that npm fetched."

    def handle(self, **options):
        try:
            made = make_assets()
        except FileNotFoundError as missing:
            raise CommandError(f"{missing.filename} is not there. `make run` fetches it.") from None
        if options["verbosity"] > 0:
            self.stdout.write(", ".join(f"{name}: {size:,} bytes" for name, size in made.items()))
