"""Data Package descriptors (https://datapackage.org, version 2) of a dump, and of the current CSV files."""

from django.conf import settings

from provenance.models.revision import iso_milliseconds

from ..exports.about import REGISTER
from ..exports.columns import TABLES
from ..exports.csvw import CELLS
from ..published.views import identity
from .folder import licence_of

NAME = "eastern-partnership-migration-funding-register"
DESCRIPTION = (
    "What the European Union and others pay for migration, mobility and border management with the Eastern Partnership"
    " countries: projects, instruments, agreements, countries and organisations, each value with the sentence of the"
    " source that states it. Blank or null is “not stated”, which is not zero."
)


def descriptor_of_dump(version, files):
    """Return the descriptor of a dump. ``files``: (DumpFormat, size in bytes, SHA-256 in hexadecimal)."""
    return _package(version, identity(""), [_file_of_dump(*each) for each in files])


def descriptor_of_files(version, site):
    """Return the descriptor of the CSV files at their addresses; ``version``: the register's Version."""
    resources = [_csv(table) | {"path": f"{site}/{name}.csv", "title": table.title} for name, table in TABLES.items()]
    return _package(version, site, resources)


def _package(version, site, resources):
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "title": settings.HEADER_NAME or REGISTER,
        "description": DESCRIPTION,
        "homepage": f"{site}/",
        "version": str(version.number),
        "head": version.head,
        "resources": resources,
    }
    package |= {"created": iso_milliseconds(version.at)} if version.at else {}
    licence = licence_of(settings.LICENCE)
    return package | ({"licenses": [licence]} if licence else {})


def _file_of_dump(form, size, sha256):
    stem, _, suffix = form.name.rpartition(".")
    file = {"path": form.name, "title": form.title, "bytes": size, "hash": f"sha256:{sha256}"}
    if suffix == "csv":
        return _csv(TABLES[stem]) | file
    return {"name": f"{stem}-{suffix}", "format": suffix, "mediatype": form.media_type} | file


def _csv(table):
    """Return the description of a table's CSV file, without its place, with its Table Schema."""
    schema = {
        "fields": [
            {"name": column.heading, "type": column.type.package, "description": column.description}
            for column in table.columns
        ],
        "missingValues": [""],
        "primaryKey": list(table.primary_key),
        "foreignKeys": [
            {"fields": [each.heading], "reference": {"resource": other.collection, "fields": [other._meta.pk.name]}}
            for each in table.columns
            if (other := each.names)
        ],
    }
    return {
        "name": table.name, "description": CELLS, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
        "schema": schema,
    }  # fmt: skip
