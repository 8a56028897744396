"""The OpenAPI description is complete, its examples are true, and inside version 1 nothing of it breaks.

After a change that is meant: ``RENEW=1 pytest tests/projects/test_schema.py`` writes the examples anew, and on a release
the released description with them.
"""

import json
import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import translation
from jsonschema import Draft202012Validator

from eap_funding.middleware import rate_limit
from eap_funding.urls import urlpatterns
from projects.api.description import parameters
from projects.models import Project
from projects.search.filters import ProjectFilter
from provenance.store.log import set_state
from tests.support.breaks import breaks
from tests.support.loops import at_least_one

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ROOT = Path(__file__).resolve().parents[2]
HEAD = "02bfb5ba0787247013234da236b5fd12020c84b9ac8e34de4d0b41f8e9a9ed3e"
EXAMPLES = ROOT / "projects/api/examples.json"
NO_EXAMPLE = ("as_of", "cursor")  # they go with few others, and when a register began differs
RELEASED = Path(__file__).parents[1] / "released/openapi-1.json"
SITE = "https://register.example"
ANSWERS = {
    "addresses": "/api/v1/",
    "list_projects": "/api/v1/projects/?page_size=1",
    "get_project": "/api/v1/projects/enigmma/",
    "list_countries": "/api/v1/countries/?page_size=1",
    "get_country": "/api/v1/countries/GE/",
    "list_instruments": "/api/v1/instruments/?page_size=1",
    "get_instrument": "/api/v1/instruments/ENI/",
    "list_partnerships": "/api/v1/partnerships/?page_size=1",
    "get_partnership": "/api/v1/partnerships/eu-georgia-mobility-partnership/",
    "list_organisations": "/api/v1/organisations/?page_size=1",
    "get_organisation": "/api/v1/organisations/icmpd/",
    "list_sources": "/api/v1/sources/?page_size=1",
    "get_source": "/api/v1/sources/financial-and-technical-assistance/",
    "stats": "/api/v1/stats/?group_by=instrument",
    "get_iati": "/api/v1/projects/enigmma/iati/",
    "projects_json": "/projects.json?country=AZ&fields=slug,title,budget",
    "project_json": "/projects/cmba.json?fields=slug,title,budget",
}
ALWAYS = {"X-Request-ID", "RateLimit", "RateLimit-Policy"}


def resolved(schema, node):
    while "$ref" in node:
        target = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def operations(schema):
    return {item["get"]["operationId"]: (path, item["get"]) for path, item in schema["paths"].items()}


# -- Complete --


def test_every_operation_reads_and_is_described(schema):
    assert all(set(item) == {"get"} for item in schema["paths"].values())
    described = operations(schema)
    assert len(described) == len(schema["paths"]) > 25
    for operation_id, (_, operation) in at_least_one(described.items()):
        assert operation["summary"], operation_id
        assert operation["tags"], operation_id
        assert operation["responses"]["200"]["description"], operation_id


def test_every_tag_is_described(schema):
    used = {tag for _, operation in operations(schema).values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in schema["tags"]}


def test_every_parameter_is_described_with_an_example(schema):
    for operation_id, (_, operation) in at_least_one(operations(schema).items()):
        for parameter in operation.get("parameters", ()):
            where = (operation_id, parameter["name"])
            assert parameter["description"], where
            assert len(parameter["schema"].get("examples", ())) == (parameter["name"] not in NO_EXAMPLE), where
            if parameter["schema"]["type"] == "array":
                assert parameter["style"] == "form", where
                assert parameter["explode"] is (parameter["name"] != "fields"), where


def test_parameters_are_described_in_english_whoever_asks_first():
    with translation.override("fr"):
        [country] = [each for each in parameters(ProjectFilter) if each.name == "country"]
    assert country.description == "Two-letter country code (ISO 3166-1 alpha-2), such as GE."


def test_every_answer_has_headers_and_refusals_as_problems(schema):
    for operation_id, (path, operation) in at_least_one(operations(schema).items()):
        answers = {status: resolved(schema, answer) for status, answer in operation["responses"].items()}
        assert {"200", "304", "400", "404", "405", "406", "429", "503"} <= set(answers), operation_id
        assert ("410" in answers) == ("{key}" in path), operation_id
        for status, answer in answers.items():
            assert set(answer["headers"]) >= ALWAYS, (operation_id, status)
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"]
        assert {"ETag", "Last-Modified"} <= set(answers["200"]["headers"])


def test_every_json_answer_has_an_example(schema):
    without = {
        operation_id
        for operation_id, (_, operation) in operations(schema).items()
        if "example" not in operation["responses"]["200"]["content"].get("application/json", {"example": ""})
    }
    others = {f"{kind}_json" for kind in ("countries", "instruments", "partnerships", "organisations", "sources")}
    assert without <= others | {"schema", "changes"}


NOT_DESCRIBED = re.compile(
    r"/(api/v1/docs/|opensearch\.xml|oembed\.json|projects/\{key\}\.(bib|ris|csl\.json)|sources/\{key\}\.jsonld|sitemap.*|data/.*|.*<str:suffix>)\Z"
)


def test_every_route_of_api_and_files_is_described(schema):
    ours = [each for pattern in urlpatterns for each in getattr(pattern, "url_patterns", [pattern])]
    routes = {"/" + str(each.pattern).replace("<slug:key>", "{key}") for each in ours}
    read_by_programs = {route for route in routes if re.match(settings.READ_BY_PROGRAMS, route)}
    assert {route for route in read_by_programs if not NOT_DESCRIBED.match(route)} - set(schema["paths"]) == set()
    assert set(schema["paths"]) - routes == set()


def test_dates_addresses_and_amounts_have_formats(schema):
    shapes = schema["components"]["schemas"]
    assert shapes["PartialDate"]["properties"]["earliest"]["format"] == "date"
    assert shapes["ProjectDocument"]["properties"]["modified"]["format"] == "date-time"
    assert shapes["ProjectDocument"]["properties"]["url"]["format"] == "uri-reference"
    amount = shapes["Money"]["properties"]["amount"]
    assert re.search(amount["pattern"], "2584000.00")
    assert not re.search(amount["pattern"], "2584000.0")


# -- Examples --


def example_of(parameter):
    [value] = parameter["schema"]["examples"]
    separator = "," if parameter.get("explode") is False else f"&{parameter['name']}="
    return f"{parameter['name']}={separator.join(map(str, value)) if isinstance(value, list) else value}"


def test_example_of_every_parameter_is_answered(client, schema):
    with_others = {"role": "&organisation=icmpd"}
    for path, operation in at_least_one(operations(schema).values()):
        given = operation.get("parameters", [])
        keys = {each["name"]: each["schema"]["examples"][0] for each in given if each["in"] == "path"}
        for parameter in given:
            if parameter["in"] == "query" and parameter["name"] not in NO_EXAMPLE:
                address = f"{path.format(**keys)}?{example_of(parameter)}{with_others.get(parameter['name'], '')}"
                response = client.get(address)
                response.getvalue()
                assert response.status_code == 200 or path.endswith(".xml"), address


def steady(value):
    """The same answer, whenever and wherever it was given."""
    text = json.dumps(value, ensure_ascii=False).replace("http://testserver", SITE)
    text = re.sub(r'"(modified|at)": "[^"]+"', r'"\1": "2026-11-24T05:00:00Z"', text)
    text = re.sub(r'"version": [0-9]+', '"version": 45', text)
    text = re.sub(r'"head": "[0-9a-f]{64}"', f'"head": "{HEAD}"', text)  # follows from the version and the times
    text = re.sub(r'"instance": "[^"]+"', '"instance": "0f8fad5b-d9cb-469f-a165-70867728950e"', text)
    text = re.sub(r"on [0-9]+ [A-Z][a-z]+ [0-9]{4}\.", "on 24 November 2026.", text)
    return json.loads(text)


def answer(response):
    return json.loads(response.getvalue())


def away(*args):
    raise OperationalError("gone")


def problems(client, settings):
    asked = {
        "400": client.get("/api/v1/projects/?country=XX"),
        "404": client.get("/api/v1/projects/nobody/"),
        "405": client.post("/api/v1/projects/"),
        "406": client.get("/api/v1/projects/", headers={"accept": "text/csv"}),
    }
    set_state(Project, ["nexus"], "withdrawn", user_name="tester")
    asked["410"] = client.get("/api/v1/projects/nexus/")
    settings.RATE_LIMIT = 1
    rate_limit.counted.clear()
    asked["429"] = [client.get("/api/v1/") for _ in range(2)][1]
    rate_limit.counted.clear()
    with connection.execute_wrapper(away):
        client.raise_request_exception, settings.RATE_LIMIT = False, 0
        asked["503"] = client.get("/api/v1/projects/", headers={"x-request-id": "the-id-of-the-request"})
    assert {status: str(response.status_code) for status, response in asked.items()} == {
        status: status for status in asked
    }
    return {
        status: {"address": response.request["PATH_INFO"], "answer": steady(answer(response))}
        for status, response in asked.items()
    }


def test_examples_are_what_the_register_answers(client, register, settings):
    answers = {
        name: {"address": address, "answer": steady(answer(client.get(address)))} for name, address in ANSWERS.items()
    }
    now = {"answers": answers, "problems": problems(client, settings)}
    if os.environ.get("RENEW"):
        EXAMPLES.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert json.loads(EXAMPLES.read_text(encoding="utf-8")) == now


def test_examples_are_as_described(schema):
    responses = [each["responses"]["200"] for _, each in operations(schema).values()]
    contents = [
        content
        for response in [*responses, *schema["components"]["responses"].values()]
        for content in response.get("content", {}).values()
    ]
    given = [content for content in contents if "example" in content]
    assert len(given) >= len(ANSWERS)
    for content in given:
        shape = {**content["schema"], "components": schema["components"]}
        Draft202012Validator(shape, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(content["example"])


# -- The promise of version 1 --


def test_nothing_of_the_released_description_breaks(schema):
    if os.environ.get("RENEW"):
        RELEASED.write_text(json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert breaks(json.loads(RELEASED.read_text(encoding="utf-8")), schema) == []
