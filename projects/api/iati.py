"""The API's word on one project: whether it is in IATI, and each reason why not."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s

from provenance.store.build import upgrade

from ..exports.content_negotiation import ReadByPrograms
from ..iati.reasons import told_of
from ..models import Project
from ..published.views import PublishedRecord
from ..search.as_of import as_of_query
from ..search.filters import AsOfFilter
from .answers import json
from .description import GONE, KEYS, PROBLEM, parameters

SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "examples": [KEYS["projects"]]}


class IatiReason(s.Serializer):
    rule = s.CharField(help_text="Rule of the standard ruleset, or element that the schema asks for.")
    name = s.CharField()
    member = s.CharField(help_text="The member of the project that would have to be stated.")
    what = s.CharField(help_text="What is amiss.")


class Iati(s.Serializer):
    valid = s.BooleanField(help_text="Whether it can be told as a valid activity of IATI 2.03.")
    reasons = IatiReason(many=True)
    address = s.CharField(allow_null=True, help_text="Of the activity, on this site; null if it is not valid.")


class IatiReasons(PublishedRecord, ReadByPrograms):
    """Whether a project is in IATI, and each reason why not."""

    @extend_schema(
        operation_id="get_iati",
        tags=["projects"],
        parameters=[OpenApiParameter("key", SLUG, "path", description="Its slug."), *parameters(AsOfFilter)],
        responses={200: Iati} | PROBLEM | GONE,
    )
    def get(self, request, key):
        told = told_of(upgrade(Project, self.document(key)), self.filterset.view.version.at)
        if told["address"]:
            told["address"] = request.build_absolute_uri(told["address"] + as_of_query(request))
        return json(told)
