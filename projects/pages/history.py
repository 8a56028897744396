"""The published versions of a project, each with a permanent address."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from provenance.models.revision import iso_milliseconds, public_state
from provenance.store.build import upgrade
from provenance.workflow.merges import merged_into

from ..index.version import Version
from ..models import Project
from ..published.past import past_of
from ..published.recent_changes import history, public_revisions
from ..published.views import Gone, PublishedRecord, crumbs, take_no_parameters
from ..search.as_of import Moment
from ..search.filters import HistoryFilter
from .records import project_page


class ProjectHistory(PublishedRecord, View):
    """The public Revisions of a project and of those merged into it, newest first."""

    filterset_class = HistoryFilter

    def get(self, request, key):
        project, keys = self.record(key), [key, *merged_into(Project, key)]
        count = public_revisions(*keys).count()
        page, window = self.filterset.window(count)
        context = {
            "title": project["title"],
            "crumbs": crumbs(Project, project),
            "url": project["url"],
            "count": count,
            "entries": history(keys, window),
            "key": key,
            "page_obj": page,
        }
        return render(request, "projects/project_history.html", context)


class ProjectVersion(PublishedRecord, View):
    """A project as published in one version. The page stays, whatever happens to the project."""

    def get(self, request, key, version):
        take_no_parameters(request)
        revisions = public_revisions(key)
        if not (revision := revisions.filter(pk=version).first()):
            if not revisions.exists():
                self.document(key)  # raises what is said of a project that there never was
            message = _(
                "“%(key)s” did not change in version %(version)s of the register."
                " Its history lists the versions in which it did."
            )
            raise Http404(message % {"version": str(version)[:40], "key": key})
        if public_state(revision.action, revision.state) != "published":
            raise Gone(revision.at)
        request.register_version = Version(revision.pk, revision.at, revision.head)
        moment = Moment(iso_milliseconds(revision.at), revision.at, revision.at)
        past = past_of(request.register, Project, key, revision.document, moment)
        return project_page(request, upgrade(Project, revision.document), None, past)
