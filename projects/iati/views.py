"""The files of IATI: the list as one, one project as one."""

import orjson
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.functional import cached_property
from django.views import View

from ..doors import PublishedProjects, PublishedRecord
from .moments import as_of, seen
from .reasons import reasons
from .writing import frame_of, has_activity, iati_file

CONTENT_TYPE = "application/xml"
NONE_VALID = (
    "None of the {count} projects asked for can be told as a valid activity of IATI, and a file without one is not"
    " valid. Each says why at /api/v1/projects/…/iati/, as its page does."
)


class IatiExport(PublishedProjects, View):
    """Every project of the query string that can be a valid activity; with page or page_size, of that page."""

    def get(self, request):
        at, beside = seen(request, self.filterset)
        if not has_activity(self.told(), at):
            raise Http404(NONE_VALID.format(count=self.count))
        frame = frame_of(base_url(request), self.page, beside)
        file = iati_file(self.told(), frame, at, [f"Projects: {self.filterset.in_words()}"])
        response = StreamingHttpResponse(file, content_type=CONTENT_TYPE)
        response.headers["Content-Disposition"] = 'inline; filename="projects.xml"'
        return response

    @cached_property
    def page(self):
        """The documents of the page that is asked for; None if all rows are."""
        return [orjson.loads(text) for text in self.documents()] if self.filterset.is_paged else None

    def told(self):
        """Return the documents of the rows that are asked for, in order."""
        return map(orjson.loads, self.rows.stream_documents()) if self.page is None else self.page


class IatiFile(PublishedRecord, View):
    """One project as an activity. Http404 with the reasons if it cannot be a valid one."""

    def get(self, request, key):
        document, (at, beside) = orjson.loads(self.document(key)), seen(request, self.filterset)
        if found := reasons(document, at):
            said = " ".join(f"{reason.what} (IATI 2.03, {reason.rule})" for reason in found)
            raise Http404(
                f"“{document['title']}” is not in IATI. {said} See /api/v1{document['url']}iati/{as_of(request)}"
            )
        file = iati_file([document], frame_of(base_url(request), [document], beside), at)
        return HttpResponse(b"".join(file), content_type=CONTENT_TYPE)


def base_url(request):
    return request.build_absolute_uri("/").rstrip("/")
