"""The refused records of a table, given back in the file's own form, to be fixed and uploaded again."""

from projects.models import Import, ImportItem

from . import files
from .tables.giving_back import given_back


def keep(batch):
    """Write the refused records of an import aside, where it is of a table and has any."""
    remove(batch)
    refused = set(batch.items.filter(verdict=ImportItem.Verdict.REFUSED).values_list("kind", "key"))
    if batch.kind == Import.Kind.TABLE and refused:
        said = {"name": batch.file_name, "options": batch.options, "refused": refused}
        files.write_beside(files.beside(batch, "refused"), given_back(files.bytes_of(batch), **said)[0])


def remove(batch):
    """Forget the refused records of an import: they are not given back any more."""
    files.beside(batch, "refused").unlink(missing_ok=True)


def suffix_of(batch):
    """Return how the name of the file that ``keep`` wrote ends: ``xlsx`` where a workbook was brought, else ``csv``."""
    with files.beside(batch, "refused").open("rb") as file:
        return "xlsx" if file.read(2) == b"PK" else "csv"
