"""The files of IATI: the list as one, one project as one."""

from django.http import Http404, HttpResponse
from django.views import View

from provenance.store.build import upgrade

from ..exports.about import sums_of
from ..exports.views import ProjectExport
from ..models import Project
from ..published.views import PublishedRecord
from ..search.as_of import as_of_query
from .reasons import any_in_iati, has_activity, reasons
from .writer import context_of, iati_file

CONTENT_TYPE = "application/xml"
NOTHING = "No project answers to this, and a file of IATI without an activity is not valid."
NONE_VALID = (
    "None of the {count} projects asked for can be told as a valid activity of IATI, and a file without one is not"
    " valid. Each says why at /api/v1/projects/…/iati/, as its page does."
)


class IatiExport(ProjectExport):
    """Every project of the query string that can be a valid activity; with page or page_size, of that page."""

    collection = name = "projects"
    suffix = "xml"

    def headers_of_file(self):
        """Return what the headers say of the file. Http404 if no project can be told in it."""
        if not self.holds_any():
            raise Http404(NONE_VALID.format(count=self.count) if self.count else NOTHING)
        return super().headers_of_file()

    def holds_any(self):
        """Whether any project of the file can be told as a valid activity."""
        return has_activity(self.told(), self.version.at) if self.filterset.is_paged else any_in_iati(self.rows)

    def body(self):
        view = self.filterset.view
        return iati_file(self.told(), context_of(self.base_url, view), view.version.at, [self.words()])

    def words(self):
        """Return what the file says of itself, and no activity says."""
        said = self.about()
        version, licence = f"version {said['version']} of the {said['register']}", said["licence"] or "not stated"
        sums = " ".join(f"{label}: {'; '.join(each)}. {cover}" for label, each, cover in sums_of(said))
        return f"{said['title']}, {version}. Address: {said['address']}. Licence: {licence}. {sums}"

    def told(self):
        """Return the documents of the rows that are asked for, in order."""
        return (upgrade(Project, text) for text in self.texts())


class IatiFile(PublishedRecord, View):
    """One project as an activity. Http404 with the reasons if it cannot be a valid one."""

    def get(self, request, key):
        document, view = upgrade(Project, self.document(key)), self.filterset.view
        if found := reasons(document, view.version.at):
            said = " ".join(f"{reason.what} (IATI 2.03, {reason.rule})" for reason in found)
            raise Http404(
                f"“{document['title']}” is not in IATI. {said} See /api/v1{document['url']}iati/{as_of_query(request)}"
            )
        file = iati_file([document], context_of(base_url(request), view, [document]), view.version.at)
        return HttpResponse(b"".join(file), content_type=CONTENT_TYPE)


def base_url(request):
    return request.build_absolute_uri("/").rstrip("/")
