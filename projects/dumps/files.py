"""The files of a dump, and how each is written."""

from collections.abc import Callable
from typing import NamedTuple

import orjson
from django.conf import settings
from django.utils.translation import gettext_noop as noop

from provenance.dump.writer import register_lines
from provenance.store.build import upgrade

from ..exports import csv
from ..exports.about import REGISTER
from ..exports.columns import TABLES
from ..iati.reasons import has_activity
from ..iati.writer import context_of, iati_file
from ..index.follower import current_view
from ..models import Project
from ..published.views import KINDS, with_project_count
from . import database


class DumpFormat(NamedTuple):
    """A file. ``write(path, register)`` writes it, or returns False if this register has none."""

    name: str
    title: str
    media_type: str
    write: Callable


def _lines(path, register):
    with open(path, "wb") as file:
        file.writelines(register_lines(*register.version, settings.LICENCE))


def _iati(path, register):
    """Write no file without a valid activity, because it would not be valid."""
    version, context = register.version, context_of(register.site, current_view())
    if not has_activity(_projects(), version.at):
        return False
    about = f"All projects. Version {version.number} of the {REGISTER}. Seal: {version.head}."
    with open(path, "wb") as file:
        file.writelines(iati_file(_projects(), context, version.at, [about]))
    return True


def _metadata(path, register):
    path.write_bytes(orjson.dumps(database.metadata(register), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _csv(table):
    """Return the function that writes a table as CSV, as at its address."""

    def write(path, register):
        kind = KINDS[table.model.collection]
        texts = _texts(kind.model)
        if kind.grouping:
            texts = with_project_count(kind, texts, current_view())
        with open(path, "wb") as file:
            file.writelines(csv.body(table, texts))

    return write


def _projects():
    return (upgrade(Project, text) for text in _texts(Project))


def _texts(model):
    return current_view().rows(model).stream_documents()


def _database(path, register):
    version = register.version
    about = {"site": register.site, "version": version.number, "head": version.head, "licence": settings.LICENCE}
    database.write_database(path, **about)


# Titles are English; the data page translates them.
FILES = [
    DumpFormat(
        "register.ndjson", noop("The whole register, one record per line; the import_records command reads it"),
        "application/x-ndjson", _lines,
    ),
    DumpFormat(
        "register.sqlite", noop("The whole register as an SQLite database"), "application/vnd.sqlite3", _database,
    ),
    DumpFormat("metadata.json", noop("Datasette metadata for register.sqlite"), "application/json", _metadata),
    DumpFormat("projects.xml", noop("Projects as IATI 2.03 activities"), "application/xml", _iati),
    *(
        DumpFormat(f"{name}.csv", table.description, "text/csv", _csv(table))
        for name, table in TABLES.items()
    ),
]  # fmt: skip
