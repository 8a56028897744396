"""The OpenAPI description, and the page to read and try the API."""

import re
from functools import cache

import orjson
from django.shortcuts import render
from django.views import View
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from ..exports.content_negotiation import ReadByPrograms, json_response
from ..iati.reasons import any_in_iati
from ..published.views import site_of, take_no_parameters
from ..search.filters import PAGE_SIZE
from .description import PROBLEM

_FIRST_SENTENCE = re.compile(r".+?\.(?!\S)", re.DOTALL)  # not up to the full stop in “3.1”


class Schema(ReadByPrograms):
    """The OpenAPI 3.1 description of this API."""

    @extend_schema(operation_id="schema", tags=["api"], responses={200: OpenApiTypes.OBJECT} | PROBLEM)
    def get(self, request, *args, **kwargs):
        take_no_parameters(request)
        return json_response(openapi())


@cache
def openapi():
    """Return the description as JSON."""
    return orjson.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str)


@cache
def addresses():
    """Return ``[(address, first sentence of its description)]``."""
    paths = orjson.loads(openapi())["paths"]
    return [(path, _FIRST_SENTENCE.match(methods["get"]["description"])[0]) for path, methods in paths.items()]


class Docs(View):
    def get(self, request):
        take_no_parameters(request)
        projects = request.register.projects.having("country", ["GE"]).read(slice(PAGE_SIZE))
        site = site_of(request)
        in_iati = any_in_iati(request.register.projects)
        context = {"projects": projects, "site": site, "addresses": addresses(), "in_iati": in_iati}
        return render(request, "projects/api_docs.html", context)
