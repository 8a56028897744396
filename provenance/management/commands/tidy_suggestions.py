"""A shell over ``workflow.suggestions``."""

from django.core.management.base import BaseCommand

from provenance.workflow.suggestions import tidy


class Command(BaseCommand):
    help = "Deletes e-mail addresses of suggested sources after 30 days, and digests of their senders after one day."

    def handle(self, **options):
        emails, senders = tidy()
        self.stdout.write(f"E-mail addresses deleted: {emails}. Digests of senders deleted: {senders}.")
