"""Rebuilds the index, for use after Revisions were changed outside this program."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from projects.index import follower


class Command(BaseCommand):
    help = "Makes every process of this site on this machine rebuild its index before its next response."

    def handle(self, **options):
        try:
            follower.rebuild()
        except OSError as error:
            raise CommandError(f"Cannot write to INDEX_DIR ({settings.INDEX_DIR}): {error}") from None
        self.stdout.write("Each process will rebuild its index before its next response.")
