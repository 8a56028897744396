"""The index is read anew from the log: for when Revisions were changed by other means than this program."""

from django.core.management.base import BaseCommand

from projects.index import follower


class Command(BaseCommand):
    help = "Have every process of this site on this machine build its index anew, before it answers again."

    def handle(self, **options):
        follower.rebuild()
        self.stdout.write("Each process builds its index anew before its next answer.")
