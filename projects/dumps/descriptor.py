"""Data Package descriptors (https://datapackage.org, version 2) of a dump, and of the current CSV files."""

from django.conf import settings

from provenance.store.digests import iso_milliseconds

from ..exports.about import REGISTER
from ..exports.columns import OF_PROJECTS, TABLES
from ..exports.csvw import CELLS
from .folder import licence_of

NAME = "eastern-partnership-migration-funding-register"
DESCRIPTION = (
    "What the European Union and others pay for migration, mobility and border management with the Eastern Partnership"
    " countries: projects, instruments, agreements, countries and organisations, each value with the sentence of the"
    " source that states it. Blank or null is “not stated”, which is not zero."
)
TYPES = {
    "text": "string", "amount": "number", "integer": "integer", "flag": "boolean", "date": "date", "moment": "datetime",
}  # fmt: skip
KEYS_OF_OTHERS = {  # (table, column): (table, column)
    **{(table.name, "project_slug"): ("projects", "slug") for table in OF_PROJECTS[1:]},
    ("projects-contributions", "funder_slug"): ("organisations", "slug"),
    ("projects-contributions", "instrument_code"): ("instruments", "code"),
    ("projects-organisations", "organisation_slug"): ("organisations", "slug"),
    ("instruments", "predecessor_code"): ("instruments", "code"),
    ("organisations", "country_code"): ("countries", "code"),
}
CSV = {"description": CELLS, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}


def descriptor_of_dump(register, files):
    """Return the descriptor of a dump. ``files``: (DumpFormat, size in bytes, SHA-256 in hexadecimal)."""
    return _package(register.version, register.site) | {"resources": [_file_of_dump(*each) for each in files]}


def descriptor_of_files(version, site):
    """Return the descriptor of the CSV files at their addresses; ``version``: the register's Version."""
    resources = [
        {"name": name, "path": f"{site}/{name}.csv", "title": table.title, **CSV, "schema": schema_of(table)}
        for name, table in TABLES.items()
    ]
    return _package(version, site) | {"resources": resources}


def _package(version, site):
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "title": settings.HEADER_NAME or REGISTER,
        "description": DESCRIPTION,
        "homepage": f"{site}/",
        "version": str(version.number),
        "head": version.head,
    }
    package |= {"created": iso_milliseconds(version.at)} if version.at else {}
    licence = licence_of(settings.LICENCE)
    return package | ({"licenses": [licence]} if licence else {})


def _file_of_dump(form, size, sha256):
    stem, _, suffix = form.name.rpartition(".")
    table = TABLES[stem] if suffix == "csv" else None
    resource = {
        "name": stem if table else f"{stem}-{suffix}",
        "path": form.name,
        "title": form.title,
        "format": suffix,
        "mediatype": form.media_type,
        "bytes": size,
        "hash": f"sha256:{sha256}",
    }
    return resource | ({**CSV, "schema": schema_of(table)} if table else {})


def schema_of(table):
    """Return the Table Schema of a table: its columns, primary key and foreign keys."""
    return {
        "fields": [
            {"name": column.heading, "type": TYPES[column.kind], "description": column.description}
            for column in table.columns
        ],
        "missingValues": [""],
        "primaryKey": list(table.primary_key),
        "foreignKeys": [
            {"fields": [name], "reference": {"resource": other, "fields": [key]}}
            for (of, name), (other, key) in KEYS_OF_OTHERS.items()
            if of == table.name
        ],
    }
