"""The views of files: all matching rows of one version, in one of the FORMATS."""

import hashlib
import re

import orjson
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.functional import cached_property

from ..capacity import FILES
from ..models import Project
from ..published.views import LONGEST_LINK, PublishedRecord, PublishedRecords, as_shown
from ..search.filters import NOT_NARROWING
from . import csvw
from .about import about, address_of
from .citations import FORMATS as CITATIONS
from .columns import OF_PROJECTS, TABLES
from .content_negotiation import ReadByPrograms
from .formats import FORMATS, OF_A_PROJECT, addresses_in_words, offered
from .streams import read_in_time

LONGEST = 100  # characters of a file name, with its extension
_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")


class FileView(ReadByPrograms):
    """A view with one format, which names the others if a client does not accept it."""

    name = media_type = ""

    @property
    def other_forms(self):
        return f"Try {addresses_in_words(f'/{self.model.collection}', offered(self.model.collection))}."


class FileExport(PublishedRecords, FileView):
    """All matching records as one file; with page or page_size, that page.

    ``name``: the table (columns.py); ``form``: its Format.
    """

    form = None
    stem = ""  # the beginning of the file's name, if that is not ``name``

    def get(self, request):
        return FILES.respond(self.response)

    def response(self):
        headers = self.headers_of_file()
        body = () if self.request.method == "HEAD" else read_in_time(self.body())
        return StreamingHttpResponse(body, content_type=self.form.media_type, headers=headers)

    def body(self):
        return self.form.body(self)

    def texts(self):
        """Return the documents of the file, JSON as bytes, as the API shows them."""
        texts = self.documents() if self.filterset.is_paged else self.rows.stream_documents()
        return as_shown(self.model, self.filterset.asked.get("fields"), texts, self.filterset.register)

    def about(self):
        return about(self.filterset, self.rows, self.request)

    def headers_of_file(self):
        """Return the headers of the file. BadQuery, or Http404 past the last page."""
        if self.filterset.is_paged:
            self.filterset.window(self.count)
        name = file_name(self.stem or self.name, self.form.suffix, self.filterset, self.filterset.register.version)
        place = "inline" if self.form.is_shown_in_place else "attachment"
        headers = {"Content-Disposition": f'{place}; filename="{name}"', "X-Total-Count": str(self.count)}
        query = self.request.GET.copy()
        query.pop("fields", None)
        metadata = address_of(f"/{self.model.collection}.csv-metadata.json", query)
        link = f'<{metadata}>; rel="describedby"; type="{csvw.MEDIA_TYPE}"'
        return headers | ({"Link": link} if len(link) <= LONGEST_LINK else {})


class ProjectFile(PublishedRecord, FileExport):
    """One project as a table or workbook."""

    name = "projects"

    def get(self, request, key):
        self.project = self.record(key)
        self.stem = self.project["slug"]
        return super().get(request)

    @cached_property
    def rows(self):
        return self.filterset.all_rows.of([self.stem])

    def about(self):
        return super().about() | {"title": self.project["title"]}


class CsvMetadata(PublishedRecords, FileView):
    """Metadata of the CSV files for the query string: CSV on the Web (W3C)."""

    media_type = csvw.MEDIA_TYPE

    def get(self, request):
        name = self.model.collection
        tables = OF_PROJECTS if self.model is Project else (TABLES[name],)
        metadata = about(self.filterset, self.rows, request)
        metadata["address"] = address_of(f"/{name}.csv", request.GET)
        body = orjson.dumps(csvw.metadata(tables, metadata, address_of("", request.GET)))
        return HttpResponse(body, content_type=csvw.MEDIA_TYPE)


class UnknownFormat(FileView):
    """Answers 404 for an unknown format, and names the formats that exist."""

    schema = None

    def get(self, request, suffix, key=None):
        lists = addresses_in_words(f"/{self.name}", offered(self.name))
        if key is None:
            raise Http404(f"There is no /{self.name}.{suffix[:40]}. Available: {lists}.")
        record = f"/api/v1/{self.name}/{key}/ (application/json)"
        if self.name == "projects":
            record = addresses_in_words(f"/projects/{key}", [FORMATS[suffix] for suffix in OF_A_PROJECT])
            record += "".join(f", /projects/{key}.{end} ({label})" for end, (label, *_) in CITATIONS.items())
        raise Http404(
            f"A single record is not available in this format. Available: {record}; for all records: {lists}."
        )


def file_name(name, suffix, filterset, version):
    """Return a name such as ``projects_country-GE_2026-11-24.csv``: ASCII, safe, at most LONGEST characters.

    A name that was cut or lost characters has a digest of the query, so that it is unique.
    """
    day = [f"{version.at:%Y-%m-%d}"] if version.at else []
    asked = []
    for parameter in filterset.base_filters:
        if parameter not in NOT_NARROWING or parameter in ("page", "page_size"):
            values = [_UNSAFE.sub("-", value).strip("-.") for value in filterset.data.getlist(parameter)]
            if words := "-".join(filter(None, values)):
                asked.append(f"{parameter.replace('_', '-')}-{words}")
    whole = "_".join([name, *asked, *day])
    room = LONGEST - len(suffix) - 1
    if len(whole) > room or not all(value.isascii() for values in filterset.data.lists() for value in values[1]):
        digest = hashlib.sha256(filterset.data.urlencode().encode()).hexdigest()[:8]
        end = "_".join(["", digest, *day])
        whole = "_".join([name, *asked])[: room - len(end)].rstrip("-._") + end
    return f"{whole}.{suffix}"
