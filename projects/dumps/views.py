"""``/data/``: the data page, the dumps, the codebook of all columns, and the catalogue."""

import base64
from functools import partial

import orjson
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views import View
from rest_framework.exceptions import NotAcceptable

from provenance.store.build import iso_seconds

from ..capacity import FILES
from ..exports import csv
from ..exports.about import REGISTER
from ..exports.columns import JOINT, LINE, OF_PROJECTS, TABLES
from ..exports.content_negotiation import ReadByPrograms, accepts, quality
from ..exports.formats import addresses_in_words, offered
from ..iati.reasons import any_in_iati
from ..published.schema_org import as_script, without_unstated
from ..published.views import as_shown, site_of, take_no_parameters
from . import catalogue
from .checkpoint import checkpoint
from .descriptor import DESCRIPTION, descriptor_of_files
from .folder import dumps

SEVERAL = {JOINT: noop("text, several separated by “;”"), LINE: noop("text, several separated by line breaks")}
HEADINGS = ("table", "column", "label", "type", "meaning", "blank_means")  # of the codebook
FOREVER = "public, max-age=31536000, immutable"


class Data(View):
    def get(self, request):
        take_no_parameters(request)
        all_dumps = dumps()
        register = request.register
        in_iati = any_in_iati(register.projects)
        tables = [_contents(table, register, in_iati) for table in TABLES.values()]
        context = {
            "dumps": all_dumps,
            "in_iati": in_iati,
            "tables": tables,
            "is_estimated": not all(row["is_exact"] for row in tables),
            "first_lines": ("Python", "R"),  # to load the data; values that no source gives are blank
            "csv": request.build_absolute_uri("/projects.csv"),
            "catalogue": catalogue.FORMS,
            "linked_data": _dataset(all_dumps, request),
        }
        return render(request, "projects/data.html", context)


def _contents(table, register, in_iati):
    """Return what a table holds. The rows of projects’ parts, where they are not counted, are rounded to two digits."""
    shown = partial(as_shown, table.model, (), register=register)
    file = register.cached(("CSV", table.name), lambda: csv.estimated(table, register.rows(table.model), shown))
    is_counted, rows = file["is_exact"] or table not in OF_PROJECTS[1:], file["rows"]
    return {
        "table": table,
        "rows": rows if is_counted else round(rows, 2 - len(str(rows))),
        "is_counted": is_counted,
        "size": file["size"],
        "is_exact": file["is_exact"],
        "formats": [form for form in offered(table.name, in_iati) if form.suffix != "atom"],
    }


def _dataset(dumps, request):
    """Return the data as a schema.org Dataset, for ``<script type="application/ld+json">``."""
    site = site_of(request)
    at = request.register_version.at
    return as_script([without_unstated({
        "@type": "Dataset",
        "@id": f"{site}/data/",
        "url": f"{site}/data/",
        "name": settings.HEADER_NAME or REGISTER,
        "description": DESCRIPTION,
        "license": settings.LICENCE,
        "version": str(request.register_version.number),
        "dateModified": at and iso_seconds(at),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "publisher": settings.HEADER_NAME and {"@type": "Organization", "name": settings.HEADER_NAME},
        "distribution": [
            without_unstated({
                "@type": "DataDownload", "contentUrl": f"{site}{file.url}", "encodingFormat": file.media_type,
                "name": file.title or file.name, "contentSize": file.path and f"{file.size} B", "sha256": file.sha256,
            })
            for file in catalogue.public_files(dumps[:1])
        ],
    })])  # fmt: skip


class DumpFile(View):
    """A file of a dump. It never changes, so caches may keep it for ever."""

    def get(self, request, version, name):
        take_no_parameters(request)
        all_dumps = dumps()
        dump = next((each for each in all_dumps if str(each.version) == version), None)
        if not dump:
            raise _absent(all_dumps, version)
        file = _file(dump, name)
        etag = f'"{file.sha256}"'
        for ignored in ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"):  # as on every address, which only reads
            request.META.pop(ignored, None)
        response = get_conditional_response(request, etag=etag) or FILES.respond(_whole, file, version)
        response.headers["Cache-Control"], response.headers["Vary"] = FOREVER, "Accept-Encoding"
        response.headers["ETag"] = etag
        response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"
        return response


class LatestFile(View):
    """Redirects to the file of this name in the newest dump."""

    def get(self, request, name):
        take_no_parameters(request)
        newest_first = dumps()
        if not newest_first:
            raise _absent([])
        return HttpResponseRedirect(newest_first[0].url + _file(newest_first[0], name).name)


def _absent(all_dumps, version=""):
    if not all_dumps:
        return Http404(_("There is no complete snapshot yet."))
    message = _("There is no snapshot of version %(version)s. Available versions: %(versions)s.")
    versions = ", ".join(str(dump.version) for dump in all_dumps)
    return Http404(message % {"version": version, "versions": versions})


def _file(dump, name):
    if name in dump.files:
        return dump.files[name]
    message = _("The snapshot of version %(version)s has no file “%(name)s”. Its files are: %(names)s.")
    names = ", ".join(dump.files)
    raise Http404(message % {"version": dump.version, "name": name[:100], "names": names})


def _whole(file, version):
    """Return the response with a file of the dump of ``version``. Http404 if it was just removed."""
    try:
        opened = file.path.open("rb")
    except FileNotFoundError:
        raise _absent(dumps(), version) from None
    return FileResponse(opened, content_type=file.media_type, as_attachment=True, filename=f"{version}-{file.name}")


def _codebook(table):
    """Yield a row for each column of a table, as HEADINGS."""
    for column in table.columns:
        blank = column.blank or (noop("none is stated") if column.separator else column.type.blank)
        kind = SEVERAL.get(column.separator, column.type.words)
        label = column.heading.replace("_", " ").capitalize()
        row = table.name, column.heading, label, kind, column.description, blank
        yield dict(zip(HEADINGS, row, strict=True))


class Codebook(View):
    def get(self, request):
        take_no_parameters(request)
        tables = [(table, list(_codebook(table))) for table in TABLES.values()]
        return render(request, "projects/codebook.html", {"tables": tables})


class CodebookFile(ReadByPrograms):
    schema = None

    def get(self, request):
        take_no_parameters(request)
        rows = (row.values() for table in TABLES.values() for row in _codebook(table))
        body = csv.BOM + b"".join(map(csv.line_of, (HEADINGS, *rows)))
        headers = {"Content-Disposition": 'attachment; filename="codebook.csv"'}
        return HttpResponse(body, content_type="text/csv; charset=utf-8", headers=headers)


class Catalogue(ReadByPrograms):
    """The catalogue, in one of ``forms``: the first of those that ``Accept`` prefers."""

    forms = catalogue.FORMS
    media_type = ""  # depends on Accept
    schema = None

    def get(self, request):
        take_no_parameters(request)
        form = max(self.forms, key=lambda form: quality(request, form.media_type))
        if not accepts(request, form.media_type):
            available = addresses_in_words("/data/catalog", self.forms)
            raise NotAcceptable(
                f"The catalogue is not available in a format that Accept allows. Available: {available}."
            )
        site = site_of(request)
        document = catalogue.catalogue(dumps(), request.register_version, site)
        response = HttpResponse(catalogue.written(document, form), content_type=form.media_type)
        if len(self.forms) > 1:
            response.headers["Content-Location"] = f"/data/catalog.{form.suffix}"
            patch_vary_headers(response, ["Accept"])
        return response


class Checkpoint(View):
    """The register's head, to keep elsewhere."""

    def get(self, request):
        take_no_parameters(request)
        return HttpResponse(checkpoint(request.register_version), content_type="text/plain; charset=utf-8")


class Package(View):
    """The Data Package descriptor of the CSV files at their addresses."""

    def get(self, request):
        take_no_parameters(request)
        package = descriptor_of_files(request.register_version, site_of(request))
        return HttpResponse(orjson.dumps(package, option=orjson.OPT_INDENT_2), content_type="application/json")
