"""The public pages and files: what is shown is read from documents, never built again."""

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views import View

from . import stats
from .doors import PublishedProjects, PublishedRecord
from .filters import BadQuery


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
