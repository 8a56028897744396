"""The formats of files, from which addresses, links, errors and the OpenAPI description follow."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson
from django.utils.translation import gettext_lazy as _

from ..published.views import site_of
from . import csv, xlsx
from .columns import OF_PROJECTS, TABLES
from .streams import CUT_OFF, streamed, while_awaited

_LAST_WORDS = orjson.dumps(CUT_OFF)


@dataclass(frozen=True)
class Format:
    """``body`` makes the body of a FileExport; None: a view of its own does. ``note`` describes it on pages.

    ``takes_fields``: whether it has the parameter ``fields``.
    """

    suffix: str
    label: str
    media_type: str
    note: str
    body: Callable | None = None
    takes_fields: bool = False
    is_shown_in_place: bool = False  # in the browser, rather than saved
    condition: str = ""  # for being available

    @property
    def bare_type(self):
        """Its media type without parameters."""
        return self.media_type.partition(";")[0]


def _object(file):
    """Yield the documents of a FileExport, byte for byte, in one JSON object. If it is cut off, it is not valid."""
    yield b'{"about":%b,\n"results":[' % orjson.dumps(file.about())
    for number, text in enumerate(file.texts()):
        yield (b",\n%b" if number else b"\n%b") % text
    yield b"\n]}"


FORMATS = {
    each.suffix: each
    for each in (
        Format(
            "csv", "CSV", "text/csv; charset=utf-8", _("a table with one row per record"),
            lambda file: csv.body(TABLES[file.name], file.texts()),
        ),
        Format(
            "xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _("a workbook with one sheet per table"),
            lambda file: xlsx.body(
                OF_PROJECTS, while_awaited(file.texts(), file.request), file.about(), site_of(file.request)
            ),
        ),
        Format(
            "json", "JSON", "application/json", _("full records with metadata"),
            lambda file: streamed(_object(file), b"\n%b\n" % _LAST_WORDS), takes_fields=True, is_shown_in_place=True,
        ),
        Format(
            "ndjson", "NDJSON", "application/x-ndjson", _("full records, one per line, for programs"),
            lambda file: streamed((b"%b\n" % text for text in file.texts()), b'{"error":%b}\n' % _LAST_WORDS),
            takes_fields=True,
        ),
        Format(
            "xml", "IATI", "application/xml", _("IATI 2.03, the international standard for aid data"),
            is_shown_in_place=True,
            condition="if a project can be a valid activity",
        ),
        Format("atom", _("Atom feed"), "application/atom+xml", _("what is new, changed and withdrawn")),
    )
}  # fmt: skip
OFFERED = {name: ("csv", "json", "atom") for name in TABLES} | {
    "projects": tuple(FORMATS),
    **{table.name: ("csv",) for table in OF_PROJECTS[1:]},
}
OF_A_PROJECT = ("xlsx", "csv", "json", "xml")


def offered(name, in_iati=True):
    """Return the Formats of the table or list ``name``, without IATI unless a project is ``in_iati``."""
    return [FORMATS[suffix] for suffix in OFFERED[name] if in_iati or suffix != "xml"]


def addresses_in_words(path, forms):
    """Return the addresses of a list or record in Formats, for error messages."""
    return ", ".join(
        f"{path}.{each.suffix} ({', '.join(filter(None, [each.bare_type, each.condition]))})" for each in forms
    )
