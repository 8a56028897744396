"""The public pages and files: what is shown is read from documents, never built again."""

import orjson
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.views import View

from . import stats
from .doors import KINDS, PublishedProjects, PublishedRecord, PublishedRecords, figures_by_key, key_of
from .filters import BadQuery, ProjectFilter
from .models import Project

SHOWN_PROJECTS = 25  # on the page of a country, instrument, …; the rest is one link away


class ProjectList(PublishedProjects, View):
    """Projects, narrowed and ordered by the query string."""

    def get(self, request):
        try:
            context = self.listing()
        except BadQuery as bad:
            return render(
                request,
                "projects/project_list.html",
                {"errors": bad.errors, "filter": self.filterset},
                status=400,
            )
        return render(request, "projects/project_list.html", context)

    def listing(self):
        page, size, _ = self.filterset.window(self.count)
        return {
            "filter": self.filterset,
            "words": self.filterset.in_words(),
            "total": stats.totals(self.rows),
            "projects": [orjson.loads(text) for text in self.documents()],
            "pager": pager(page, size, self.count),
        }


class ProjectDetail(PublishedRecord, View):
    """One project, every figure with its sentence."""

    def get(self, request, key):
        project = orjson.loads(self.document(key))
        claims = {}
        for claim in project["claims"]:
            claims.setdefault(claim["field"], []).append(claim)
        return render(request, "projects/project_detail.html", {"project": project, "claims": claims})


class ProjectExport(PublishedProjects, View):
    """Every project of the query string as one file; with page or page_size, that page."""

    def get(self, request):
        rows, filterset = self.rows, self.filterset
        texts = self.documents() if filterset.is_paged else rows.stream_documents()
        response = StreamingHttpResponse(_json_file(texts), content_type="application/json")
        response.headers["Content-Disposition"] = 'inline; filename="projects.json"'
        return response


class ProjectFile(PublishedRecord, View):
    """One project as a file."""

    def get(self, request, key):
        return HttpResponse(self.document(key), content_type="application/json")


class RecordList(PublishedRecords, View):
    """Countries, instruments, agreements or organisations, with their figures."""

    collection = ""

    def get(self, request):
        kind = KINDS[self.collection]
        try:
            page, size, _ = self.filterset.window(self.count)
        except BadQuery as bad:
            return render(request, "projects/record_list.html", {"errors": bad.errors, "kind": kind}, status=400)
        documents = [orjson.loads(text) for text in self.documents()]
        figures = figures_by_key(kind.grouping, documents)
        context = {
            "kind": kind,
            "count": self.count,
            "records": [(document, figures.get(key_of(document))) for document in documents],
            "pager": pager(page, size, self.count),
        }
        return render(request, "projects/record_list.html", context)


class RecordDetail(PublishedRecord, View):
    """One country, instrument, agreement or organisation: what it is, its figures, its projects."""

    collection = ""

    def get(self, request, key):
        kind = KINDS[self.collection]
        document = orjson.loads(self.document(key))
        asked = QueryDict(mutable=True)
        asked[kind.grouping] = key
        found = ProjectFilter(asked, queryset=Project.objects.published()).narrowed()
        context = {
            "kind": kind,
            "record": document,
            "figure": figures_by_key(kind.grouping, [document]).get(key),
            "total": stats.totals(found),
            "projects": [orjson.loads(text) for text in found.documents(slice(SHOWN_PROJECTS))],
            "key": key,
        }
        return render(request, "projects/record_detail.html", context)


def pager(page, size, count):
    """Return what the pager shows of page ``page`` of ``count`` rows."""
    last = max(1, -(-count // size))
    return {
        "page": page,
        "last": last,
        "first_row": (page - 1) * size + 1 if count else 0,
        "last_row": min(page * size, count),
        "previous": page - 1 if page > 1 else None,
        "next": page + 1 if page < last else None,
    }


def _json_file(texts):
    yield '{"results":['
    for number, text in enumerate(texts):
        yield ("," if number else "") + text
    yield "]}"
