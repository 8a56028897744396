"""Django's loaddata, which here takes records only with their Revisions, as ``dumpdata`` gives them."""

from django.core.management.base import CommandError
from django.core.management.commands import loaddata

from provenance.models import Record


class Command(loaddata.Command):
    def save_obj(self, obj):
        record = obj.object
        if isinstance(record, Record) and not record.revision_id:
            raise CommandError(
                f"The {record._meta.verbose_name} “{record.pk}” comes without its Revision, so nobody would see it, nor"
                " who wrote it. Nothing was loaded. Records come by load_fixtures, import_table, import_iati or"
                " import_records."
            )
        return super().save_obj(obj)
