"""Creates the first administrator and prints how to sign in."""

import os
import secrets
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from provenance.store import audit

VARIABLE = "ADMINISTRATOR_PASSWORD"


class Command(BaseCommand):
    help = (
        "Creates the first administrator and prints how to sign in. The password is random unless you give one with"
        f" --password-file or the environment variable {VARIABLE}."
    )

    def add_arguments(self, parser):
        parser.add_argument("--username", default="admin")
        parser.add_argument("--email", default="")
        parser.add_argument("--password-file", type=Path, help="file whose first line is the password")
        parser.add_argument("--force", action="store_true", help="create one even if there is one already")

    @transaction.atomic
    def handle(self, *, username, email, password_file, force, **options):
        users = get_user_model()
        if not force and (there := users.objects.filter(is_superuser=True).first()):
            raise CommandError(f"There is already an administrator: {there}. Use --force to create another.")
        provided = self.provided_password(password_file)
        password = provided or secrets.token_urlsafe(18)
        user = users(username=username, email=email, is_staff=True, is_superuser=True)
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        audit.note(None, "added user: superuser", f"user {user.pk}")
        self.stdout.write(f"Sign in at {reverse('admin:index')}")
        self.stdout.write(f"  user name: {username}")
        self.stdout.write(f"  password:  {'the one you provided' if provided else password}")

    def provided_password(self, path):
        """Return the password from the file or the environment, or None."""
        if path is None:
            return os.environ.get(VARIABLE) or None
        try:
            first_line = path.read_text(encoding="utf-8").split("\n")[0].rstrip("\r")
        except (OSError, UnicodeError) as error:
            raise CommandError(f"The password could not be read from {path}: {error}") from error
        if not first_line:
            raise CommandError(f"The first line of {path} is empty. It must be the password.")
        return first_line
