"""Whether a project is in the IATI files, and if not, why."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s

from provenance.store.build import upgrade

from ..exports.content_negotiation import ReadByPrograms, json_response
from ..iati.reasons import iati_status
from ..models import Project
from ..published.views import PublishedRecord
from ..search.as_of import as_of_query
from ..search.filters import AsOfFilter
from .description import GONE, KEYS, PROBLEM, parameters

SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "examples": [KEYS["projects"]]}


class IatiReason(s.Serializer):
    rule = s.CharField(help_text="Rule of the standard ruleset, or element that the schema requires.")
    name = s.CharField()
    member = s.CharField(help_text="The member of the project that is missing or wrong.")
    what = s.CharField(help_text="What is wrong.")


class Iati(s.Serializer):
    valid = s.BooleanField(help_text="Whether the project makes a valid IATI 2.03 activity.")
    reasons = IatiReason(many=True)
    address = s.CharField(allow_null=True, help_text="The activity's address on this site; null if it is not valid.")


class IatiReasons(PublishedRecord, ReadByPrograms):
    """Whether a project is in IATI, and the reasons if not."""

    @extend_schema(
        operation_id="get_iati",
        tags=["projects"],
        parameters=[OpenApiParameter("key", SLUG, "path", description="Its slug."), *parameters(AsOfFilter)],
        responses={200: Iati} | PROBLEM | GONE,
    )
    def get(self, request, key):
        status = iati_status(upgrade(Project, self.document(key)), self.filterset.view.version.at)
        if status["address"]:
            status["address"] = request.build_absolute_uri(status["address"] + as_of_query(request))
        return json_response(status)
