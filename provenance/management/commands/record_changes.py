"""A shell over ``provenance.store.log``."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from provenance.store import log
from provenance.store.database import register_lock


class Command(BaseCommand):
    help = "Records rows that were changed outside the program, for example with SQL, and that check_register found."

    def add_arguments(self, parser):
        parser.add_argument("--user", required=True, help="who changed them")
        parser.add_argument("--reason", required=True, help="why they were changed")

    def handle(self, *, user, reason, **options):
        fields = {"user_name": user.strip()[:150], "reason": reason.strip()[:300]}
        if not all(fields.values()):
            raise CommandError("Say who changed them (--user) and why (--reason). Nothing was recorded.")
        try:
            with register_lock():
                # Last what others name: then each record is recorded for what was done to it, too.
                count = sum(self._record(model, fields) for model in reversed(log.record_models()))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"Recorded {count} Revisions.")

    def _record(self, model, fields):
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        return log.record(model, keys, **fields) + log.record_missing(model, **fields)
