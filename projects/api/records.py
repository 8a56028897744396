"""Single records, figures, and the API's list of addresses."""

from drf_spectacular.utils import extend_schema

from .. import serializers
from ..exports.content_negotiation import ReadByPrograms, json_response
from ..index import figures
from ..published.views import KINDS, PublishedProjects, PublishedRecord, as_shown, take_no_parameters
from ..search.filters import ChoiceField, Filter, ProjectFilter, RecordFilter
from .description import PROBLEM, parameters


class RecordDetailApi(PublishedRecord, ReadByPrograms):
    """One published record."""

    collection = ""
    filterset_class = RecordFilter

    def get(self, request, key):
        asked = self.filterset.asked
        [text] = as_shown(self.collection, asked["fields"], [self.document(key)], self.filterset.view)
        return json_response(text)


class StatsFilter(ProjectFilter):
    """The filters of projects, and how to group the figures."""

    group_by = Filter(
        ChoiceField,
        "What to group by.",
        label="Group by",
        choices=[(name, name) for name in figures.GROUPINGS],
        example="instrument",
    )
    page = page_size = sort = None


class Stats(PublishedProjects, ReadByPrograms):
    """Counts and sums of the projects that match the query string."""

    filterset_class = StatsFilter

    @extend_schema(
        operation_id="stats",
        tags=["stats"],
        parameters=parameters(StatsFilter),
        responses={200: serializers.StatsSerializer} | PROBLEM,
    )
    def get(self, request):
        return json_response(figures.figures(self.rows, self.filterset.asked["group_by"], self.filterset.contributing))


class Root(ReadByPrograms):
    """The addresses of the API."""

    @extend_schema(operation_id="addresses", tags=["api"], responses={200: dict[str, str]} | PROBLEM)
    def get(self, request):
        take_no_parameters(request)
        names = [*KINDS, "stats", "changes", "schema", "docs"]
        return json_response({name: request.build_absolute_uri(f"/api/v1/{name}/") for name in names})
