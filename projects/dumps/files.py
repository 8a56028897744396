"""The files of a dump, and how each is written."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import orjson
from django.conf import settings
from django.utils.translation import gettext_noop as noop

from provenance.dump.lines import register_lines
from provenance.store.build import upgrade

from ..exports import csv
from ..exports.about import REGISTER
from ..exports.columns import TABLES
from ..iati.reasons import has_activity
from ..iati.writer import context_of, iati_file
from ..index.follower import current_register
from ..models import Project
from ..published.views import as_shown, identity
from . import database


class DumpFormat(NamedTuple):
    """A file. ``write(path, version)`` writes it at a Version, or returns False if this register has none."""

    name: str
    title: str
    media_type: str
    write: Callable


def write_json(path, document):
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _write(path, pieces):
    with open(path, "wb") as file:
        file.writelines(pieces)


def _iati(path, version):
    """Write no file without a valid activity, because it would not be valid."""
    if not has_activity(_projects(), version.at):
        return False
    about = f"All projects. Version {version.number} of the {REGISTER}. Seal: {version.head}."
    context = context_of(identity(""), current_register())
    _write(path, iati_file(_projects(), context, version.at, [about]))
    return True


def _csv(table, path, _version):
    """Write a table as CSV, as at its address."""
    _write(path, csv.body(table, as_shown(table.model, (), _texts(table.model), current_register())))


def _projects():
    return (upgrade(Project, text) for text in _texts(Project))


def _texts(model):
    return current_register().rows(model).stream_documents()


def _database(path, version):
    about = {"site": identity(""), "version": version.number, "head": version.head, "licence": settings.LICENCE}
    database.write_database(path, **about)


# Titles are English; the data page translates them.
FILES = [
    DumpFormat(
        "register.ndjson", noop("The whole register, one record per line; the import_records command reads it"),
        "application/x-ndjson", lambda path, version: _write(path, register_lines(*version, settings.LICENCE)),
    ),
    DumpFormat(
        "register.sqlite", noop("The whole register as an SQLite database"), "application/vnd.sqlite3", _database,
    ),
    DumpFormat(
        "metadata.json", noop("Datasette metadata for register.sqlite"), "application/json",
        lambda path, version: write_json(path, database.metadata(version)),
    ),
    DumpFormat("projects.xml", noop("Projects as IATI 2.03 activities"), "application/xml", _iati),
    *(
        DumpFormat(f"{name}.csv", table.description, "text/csv", partial(_csv, table))
        for name, table in TABLES.items()
    ),
]  # fmt: skip
