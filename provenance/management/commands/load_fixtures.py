from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from provenance.dump.fixtures import BrokenFixture, load


class Command(BaseCommand):
    help = (
        "Adds the records that come with the project and are missing here. A record that exists, or that was"
        " deleted here, is left as it is."
    )

    def handle(self, *, verbosity, **options):
        try:
            outcome = load(settings.FIXTURE_DIRS, user_name="load_fixtures", reason="Came with the project's fixtures.")
        except BrokenFixture as error:
            raise CommandError(f"{error}\nNothing was added.") from error
        if verbosity:
            self.stdout.write(str(outcome))
