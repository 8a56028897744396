"""A shell over ``projects.dumps.checkpoint.new_key``."""

from django.core.management.base import BaseCommand

from projects.dumps.checkpoint import new_key


class Command(BaseCommand):
    help = "Prints a new key that signs /data/checkpoint, and the public key that checks the signature."

    def handle(self, **options):
        secret, public = new_key()
        self.stdout.write(f"Add to .env, and keep secret:\nSEAL_KEY={secret}\n\nPublish:\n{public}")
