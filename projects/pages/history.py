"""What the public was told of a project, from first to last; each version at an address that stays."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from provenance.models.revision import public_state
from provenance.store.build import upgrade
from provenance.store.digests import iso_milliseconds
from provenance.workflow.merges import merged_into

from ..models import Project
from ..published.past import Past, past_of
from ..published.recent_changes import history, public_revisions
from ..published.redirects import Elsewhere, spelled
from ..published.views import ABSENT, Gone, PublishedRecord, take_no_parameters, view_of
from ..search.as_of import Moment
from ..search.filters import ListFilter
from .projects import pager
from .records import crumbs, project_page

LONGEST_VERSION = 18  # digits: what a database takes as a number


class HistoryFilter(ListFilter):
    """Which page of a history."""

    as_of = None


class ProjectHistory(PublishedRecord, View):
    """The public Revisions of a project, and of those that were merged into it, newest first.

    Of one that is no longer public only its end is told.
    """

    filterset_class = HistoryFilter

    def get(self, request, key):
        project, keys = upgrade(Project, self.document(key)), [key, *merged_into(Project, key)]
        count = public_revisions(*keys).count()
        page, size, window = self.filterset.window(count)
        context = {
            "title": project["title"],
            "crumbs": [*crumbs("projects"), (project["title"], project["url"])],
            "url": project["url"],
            "count": count,
            "entries": history(keys, window),
            "key": key,
            "pager": pager(page, size, count),
        }
        return render(request, "projects/project_history.html", context)


class ProjectVersion(View):
    """A project as one version of the register told of it. It stays, whatever becomes of the project."""

    def get(self, request, key, version):
        take_no_parameters(request)
        told = self.revision(key, version)
        if public_state(told.action, told.state) != "published":
            raise Gone(Project, told.at)
        moment = Moment(iso_milliseconds(told.at), told.at, told.at)
        past: Past = past_of(view_of(request), Project, key, told.document, moment)
        return project_page(request, upgrade(Project, told.document), None, past)

    def revision(self, key, version):
        """Return the public Revision of that number. Http404 if it is none of this project."""
        found = public_revisions(key)
        told = found.filter(pk=version).first() if len(str(version)) <= LONGEST_VERSION else None
        if told:
            return told
        if found.exists():
            said = _(
                "“%(key)s” did not change in version %(version)s of the register."
                " Its history lists the versions in which it did."
            )
            raise Http404(said % {"version": str(version)[:40], "key": key})
        if right_key := spelled(Project, key):
            raise Elsewhere(self.request.path.replace(Project.path_of(key), Project.path_of(right_key), 1), "")
        raise Http404(str(ABSENT["project"] % {"key": key}))
