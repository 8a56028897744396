"""The index is read anew from the log: for when Revisions were changed by other means than this program."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from projects.index import follower


class Command(BaseCommand):
    help = "Have every process of this site on this machine build its index anew, before it answers again."

    def handle(self, **options):
        try:
            follower.rebuild()
        except OSError as error:
            raise CommandError(f"INDEX_DIR, which is {settings.INDEX_DIR}, is no folder to write to: {error}") from None
        self.stdout.write("Each process builds its index anew before its next answer.")
