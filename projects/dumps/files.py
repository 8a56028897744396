"""Which files a dump holds, and how each is written."""

from collections.abc import Callable
from typing import NamedTuple

import orjson

from provenance.dumping import register_lines

from ..iati.writing import frame_of, has_activity, iati_file
from ..models import Project
from . import database


class Format(NamedTuple):
    """One file. ``write(path, register)`` makes it; what returns False makes none of this register."""

    name: str
    title: str
    media_type: str
    write: Callable


def _lines(path, register):
    with open(path, "wb") as file:
        file.writelines(register_lines(register.version, register.at, register.licence))


def _iati(path, register):
    """A file without a valid activity would not be valid: then there is none."""
    if not has_activity(_projects(), register.at):
        return False
    with open(path, "wb") as file:
        file.writelines(iati_file(_projects(), frame_of(register.site), register.at, ["All projects."]))
    return True


def _projects():
    return map(orjson.loads, Project.objects.published().order_by("sort_key", "pk").stream_documents())


def _database(path, register):
    about = {"site": register.site, "version": register.version, "licence": register.licence}
    database.write_database(path, **about)


FILES = [
    Format(
        "register.ndjson", "The whole register, one record a line: what import_records reads", "application/x-ndjson",
        _lines,
    ),
    Format("register.sqlite", "The whole register as an SQLite database", "application/vnd.sqlite3", _database),
    Format("projects.xml", "Projects as IATI 2.03 activities", "application/xml", _iati),
]  # fmt: skip
