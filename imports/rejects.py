"""The refused records of a table, given back in the file's own form, to be fixed and uploaded again."""

from imports.models import Import, ImportItem

from . import storage
from .tables.rejects import given_back


def keep(batch):
    """Write the refused records of an import aside, where it is of a table and has any."""
    remove(batch)
    refused = set(batch.items.filter(verdict=ImportItem.Verdict.REFUSED).values_list("kind", "key"))
    if batch.kind == Import.Kind.TABLE and refused:
        said = {"name": batch.file_name, "options": batch.options, "refused": refused}
        storage.write_beside(storage.beside(batch, "refused"), given_back(storage.bytes_of(batch), **said)[0])


def remove(batch):
    """Forget the refused records of an import: they are not given back any more."""
    storage.beside(batch, "refused").unlink(missing_ok=True)


def suffix_of(batch):
    """Return how the name of the file that ``keep`` wrote ends: ``xlsx`` where a workbook was brought, else ``csv``."""
    with storage.beside(batch, "refused").open("rb") as file:
        return "xlsx" if file.read(2) == b"PK" else "csv"
