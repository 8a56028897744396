from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from provenance.dump.fixtures import BrokenFixture, load


class Command(BaseCommand):
    help = "Adds missing records of the project's own fixtures. Those that exist or were deleted here are left alone."

    def handle(self, *, verbosity, **options):
        try:
            lines = load(settings.FIXTURE_DIRS, user_name="load_fixtures", reason="Came with the project's fixtures.")
        except BrokenFixture as error:
            raise CommandError(f"{error}\nNothing was added.") from error
        if verbosity:
            self.stdout.write("\n".join(lines))
