"""The IATI files: of a list, and of a single project."""

from django.http import Http404, HttpResponse

from provenance.store.build import upgrade

from ..exports.about import REGISTER, address_of, sums_of
from ..exports.content_negotiation import ReadByPrograms
from ..exports.views import FileExport
from ..models import Project
from ..published.views import PublishedRecord, site_of
from .reasons import any_in_iati, has_activity, reasons
from .writer import context_of, iati_file

CONTENT_TYPE = "application/xml"
NOTHING = "No project matches, and an IATI file without an activity is not valid."
NONE_VALID = (
    "None of the matching projects ({count}) makes a valid IATI activity, and a file without one is not valid. The"
    " reasons are on the page of each project and at /api/v1/projects/…/iati/."
)


class IatiExport(FileExport):
    """All matching projects that make a valid activity; with page or page_size, those of that page."""

    def headers_of_file(self):
        """Return the headers of the file. Http404 if it would have no activity."""
        is_paged, at = self.filterset.is_paged, self.filterset.register.version.at
        if not (has_activity(self.project_documents(), at) if is_paged else any_in_iati(self.rows)):
            raise Http404(NONE_VALID.format(count=self.count) if self.count else NOTHING)
        return super().headers_of_file()

    def body(self):
        register = self.filterset.register
        context = context_of(site_of(self.request), register)
        return iati_file(self.project_documents(), context, register.version.at, [self.metadata_in_words()])

    def metadata_in_words(self):
        """Return the metadata of the file as sentences."""
        about = self.about()
        version, licence = f"version {about['version']} of the {about['register']}", about["licence"] or "not stated"
        sums = " ".join(f"{label}: {'; '.join(each)}. {cover}" for label, each, cover in sums_of(about))
        seal, address = about["head"], about["address"]
        return f"{about['title']}, {version}. Seal: {seal}. Address: {address}. Licence: {licence}. {sums}"

    def project_documents(self):
        return (upgrade(Project, text) for text in self.texts())


class IatiFile(PublishedRecord, ReadByPrograms):
    """A project as an activity. Http404 with the reasons if it is not valid."""

    def get(self, request, key):
        document, register = self.record(key), self.filterset.register
        if problems := reasons(document, register.version.at):
            words = " ".join(f"{reason.what} (IATI 2.03, {reason.rule})" for reason in problems)
            why = address_of(f"/api/v1{document['url']}iati/", self.filterset.data)
            raise Http404(f"“{document['title']}” is not in IATI. {words} See {why}")
        context = context_of(site_of(request), register, [document])
        file = iati_file(
            [document],
            context,
            register.version.at,
            [f"Version {register.version.number} of the {REGISTER}. Seal: {register.version.head}."],
        )
        return HttpResponse(b"".join(file), content_type=CONTENT_TYPE)
