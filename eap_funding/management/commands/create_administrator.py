"""Creates the first administrator and prints how to sign in."""

import secrets

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from eap_funding.settings import env
from provenance.store import audit

VARIABLE = "ADMINISTRATOR_PASSWORD"


class Command(BaseCommand):
    help = (
        "Creates the first administrator and prints how to sign in. The password is random unless you give one in the"
        f" environment variable {VARIABLE}, or in the first line of the file that {VARIABLE}_FILE names."
    )

    def add_arguments(self, parser):
        parser.add_argument("--username", default="admin")
        parser.add_argument("--email", default="")
        parser.add_argument("--force", action="store_true", help="create one even if there is one already")

    @transaction.atomic
    def handle(self, *, username, email, force, **options):
        users = get_user_model()
        if not force and (there := users.objects.filter(is_superuser=True).first()):
            raise CommandError(f"There is already an administrator: {there}. Use --force to create another.")
        try:
            provided = env.str(VARIABLE, default=None)
        except OSError as error:
            raise CommandError(f"The password could not be read: {error}") from error
        password = secrets.token_urlsafe(18) if provided is None else provided.partition("\n")[0].rstrip("\r")
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
        self.stdout.write(f"  password:  {password if provided is None else 'the one you provided'}")
