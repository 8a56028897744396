"""The refused records of a table, given back in the file's own form, to be mended and brought again."""

from projects.models import Import, ImportItem

from . import files
from .tables.giving_back import given_back


def keep(batch):
    """Write the refused records of an import aside, where it is of a table and has any."""
    path = files.beside(batch, "refused")
    path.unlink(missing_ok=True)
    refused = set(batch.items.filter(verdict=ImportItem.Verdict.REFUSED).values_list("kind", "key"))
    if batch.kind == Import.Kind.TABLE and refused:
        said = {"name": batch.file_name, "options": batch.options, "refused": refused}
        files.write_beside(path, given_back(files.path_of(batch.digest), **said)[0])


def suffix_of(batch):
    """Return how the name of the file that ``keep`` wrote ends: ``xlsx`` where a workbook was brought, else ``csv``."""
    with files.beside(batch, "refused").open("rb") as file:
        return "xlsx" if file.read(2) == b"PK" else "csv"
