"""Single records, why a project is not in IATI, figures, and the API's list of addresses."""

from drf_spectacular.utils import extend_schema

from ..exports.about import address_of
from ..exports.content_negotiation import ReadByPrograms, json_response
from ..iati.reasons import iati_status
from ..index import figures
from ..published.views import KINDS, PublishedRecord, PublishedRecords, as_shown, take_no_parameters
from ..schemas import reference
from ..search.filters import AsOfFilter, ChoiceField, Filter, ProjectFilter, RecordFilter
from .description import GONE, PROBLEM, key_parameter, parameters


class RecordDetailApi(PublishedRecord, ReadByPrograms):
    """One published {}."""

    filterset_class = RecordFilter

    def get(self, request, key):
        asked = self.filterset.asked
        [text] = as_shown(self.model, asked["fields"], [self.document(key)], self.filterset.register)
        return json_response(text)


class IatiReasons(PublishedRecord, ReadByPrograms):
    """Whether a project is in IATI, and the reasons if not."""

    @extend_schema(
        operation_id="get_iati",
        tags=["projects"],
        parameters=[key_parameter("enigmma"), *parameters(AsOfFilter)],
        responses={200: reference("Iati")} | PROBLEM | GONE,
    )
    def get(self, request, key):
        status = iati_status(self.record(key), self.filterset.register.version.at)
        if status["address"]:
            status["address"] = request.build_absolute_uri(address_of(status["address"], self.filterset.data))
        return json_response(status)


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


class Stats(PublishedRecords, ReadByPrograms):
    """Counts and sums of the projects that match the query string."""

    filterset_class = StatsFilter

    @extend_schema(
        operation_id="stats",
        tags=["stats"],
        parameters=parameters(StatsFilter),
        responses={200: reference("Stats")} | PROBLEM,
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
