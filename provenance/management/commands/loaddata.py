"""Django's loaddata, which here ends in Revisions, as every other way of changing a record does."""

from collections import defaultdict

from django.core.management.base import CommandError
from django.core.management.commands import loaddata
from django.db import DEFAULT_DB_ALIAS

from provenance.loading import Refused, owner_of, record_all
from provenance.models import Record
from provenance.turns import turn


class Command(loaddata.Command):
    help = "Installs the named fixture(s) in the database, and records the register's records among them."

    def loaddata(self, fixture_labels):
        """Load, and record what was loaded: Django calls this in one transaction."""
        self.touched = defaultdict(dict)  # {model: {key: None}}: a set that keeps its order
        if self.using != DEFAULT_DB_ALIAS:  # the register, with its Revisions, is in that one
            return super().loaddata(fixture_labels)
        with turn():
            super().loaddata(fixture_labels)
            reason = f"Loaded: {', '.join(fixture_labels)}"[:300]
            try:
                record_all(self.touched, user_name="loaddata", reason=reason)
            except Refused as error:
                raise CommandError(f"{error}\nNothing was loaded.") from error

    def save_obj(self, obj):
        before = self.row_before(obj.object)
        if isinstance(before, Record):
            carry_over(before, obj.object)
        saved = super().save_obj(obj)
        if saved:
            # A part that is given to another record changes both.
            for row in filter(None, [before, obj.object]):
                self.touch(row)
        return saved

    def row_before(self, instance):
        """Return the row that ``instance`` will overwrite, if it matters to the register."""
        if instance.pk is None or not owner_of(instance):
            return None
        return type(instance)._base_manager.using(self.using).filter(pk=instance.pk).first()

    def touch(self, row):
        model, key = owner_of(row) or (None, None)
        if model and issubclass(model, Record):
            self.touched[model][key] = None


def carry_over(before, record):
    """Keep what recording wrote in the row: a fixture does not hold it, and would empty it."""
    for column in record._meta.concrete_fields:
        if not column.editable and not column.generated and column.name != "state":
            setattr(record, column.attname, getattr(before, column.attname))
