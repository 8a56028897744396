"""The API, version 1. It reads recorded documents; no serializer runs on reading."""

from functools import cache

import orjson
from django.http import HttpResponse
from django.shortcuts import render
from django.views import View
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.views import APIView

from . import serializers, stats
from .doors import (
    KINDS,
    PublishedProjects,
    PublishedRecord,
    PublishedRecords,
    take_no_parameters,
    with_project_counts,
)
from .filters import ChoiceField, ChoicesField, Filter, NumberField, ProjectFilter

PROBLEM = {(status, "application/problem+json"): serializers.Problem for status in (400, 404, 405, 406)}
GONE = {(410, "application/problem+json"): serializers.Problem}


def json(body):
    return HttpResponse(body if isinstance(body, (str, bytes)) else orjson.dumps(body), content_type="application/json")


def parameters(filterset):
    """Return the OpenAPI parameters of a filter set: names, words and allowed values from its filters."""
    return [_parameter(name, each) for name, each in filterset.base_filters.items()]


def _parameter(name, each):
    static = each.field_class in (ChoicesField, ChoiceField)
    return OpenApiParameter(
        name,
        int if each.field_class is NumberField else str,
        description=each.extra["help_text"],
        many=each.is_repeatable,
        explode=True if each.is_repeatable else None,
        enum=[key for key, _ in each.extra["choices"] if key] if static else None,
    )


class RecordList(PublishedRecords, APIView):
    """Published records with their number of projects, by name."""

    collection = ""

    def get(self, request):
        page, size, _ = self.filterset.window(self.count)
        more = page * size < self.count
        head = {
            "count": self.count,
            "next": self._address(page + 1) if more else None,
            "previous": self._address(page - 1) if page > 1 else None,
        }
        return json(orjson.dumps(head).decode()[:-1] + f',"results":[{",".join(self.texts())}]}}')

    def texts(self):
        return with_project_counts(KINDS[self.collection].grouping, self.documents())

    def _address(self, page):
        query = self.request.GET.copy()
        query["page"] = page
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")


class ProjectList(PublishedProjects, RecordList):
    """Published projects, narrowed and ordered by the query string; whole projects, as at their own address."""

    def texts(self):
        return self.documents()


class RecordDetail(PublishedRecord, APIView):
    """One published record."""

    collection = ""

    def get(self, request, key):
        return json(self.with_count(self.document(key)))

    def with_count(self, text):
        grouping = KINDS[self.collection].grouping
        return with_project_counts(grouping, [text])[0] if grouping else text


class StatsFilter(ProjectFilter):
    """The filters of projects, and by what to group the figures."""

    group_by = Filter(
        ChoiceField, "What to group by.", label="Group by", choices=[(name, name) for name in stats.GROUPINGS]
    )
    page = page_size = sort = None


class Stats(PublishedProjects, APIView):
    """Counts and stated sums of the projects of the query string."""

    filterset_class = StatsFilter

    @extend_schema(
        operation_id="stats", parameters=parameters(StatsFilter), responses={200: serializers.Stats} | PROBLEM
    )
    def get(self, request):
        return json(stats.figures(self.rows, self.filterset.asked["group_by"]))


class Root(APIView):
    """The addresses of the API."""

    @extend_schema(operation_id="addresses", responses={200: dict[str, str]} | PROBLEM)
    def get(self, request):
        take_no_parameters(request)
        names = [*KINDS, "stats", "schema", "docs"]
        return json({name: request.build_absolute_uri(f"/api/v1/{name}/") for name in names})


def list_view(collection, base=RecordList):
    """Return the view of one kind's list, with its documentation."""
    document = serializers.page_of(_document(collection))
    return _view(collection, base, f"list_{collection}", parameters(base.filterset_class), document)


def detail_view(collection):
    """Return the view of one record of a kind, with its documentation."""
    key = OpenApiParameter("key", str, "path", description="Its code or slug.")
    name = f"get_{KINDS[collection].model._meta.model_name}"
    return _view(collection, RecordDetail, name, [key], _document(collection), GONE)


def _document(collection):
    return getattr(serializers, f"{KINDS[collection].model.__name__}Document")


def _view(collection, base, operation_id, parameters, answer, refusals=None):
    responses = {200: answer} | PROBLEM | (refusals or {})
    schema = extend_schema(operation_id=operation_id, parameters=parameters, tags=[collection], responses=responses)
    described = extend_schema_view(get=schema)(type(base.__name__, (base,), {"__doc__": base.__doc__}))
    return described.as_view(collection=collection, model=KINDS[collection].model)


class Schema(APIView):
    """The OpenAPI 3.1 description of this API. Made once in each process: it does not change while it runs."""

    @extend_schema(exclude=True)
    def get(self, request, *args, **kwargs):
        take_no_parameters(request)
        return json(_schema())


@cache
def _schema():
    return orjson.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str)


class Docs(View):
    """The API, to read and to try."""

    def get(self, request):
        take_no_parameters(request)
        return render(request, "projects/api_docs.html")
