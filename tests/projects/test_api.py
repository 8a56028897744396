"""The API answers what its OpenAPI description says, and what the contract says."""

import pytest
from jsonschema import Draft202012Validator

from tests.support.loops import at_least_one

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ADDRESSES = [
    "/api/v1/", "/api/v1/projects/", "/api/v1/projects/?page_size=3&page=2", "/api/v1/projects/?country=XX", "/api/v1/projects/?page=9",
    "/api/v1/stats/?group_by=country", "/api/v1/stats/?group_by=none", "/api/v1/stats/",
    *(f"/api/v1/{kind}/" for kind in ("countries", "instruments", "partnerships", "organisations")),
    *(f"/api/v1/projects/{slug}/" for slug in ("nexus", "azerbaijan-targeted-initiative", "bagratashen-sadakhlo-ibm", "nobody")),
    "/api/v1/countries/MD/", "/api/v1/instruments/TPMA/", "/api/v1/partnerships/eu-georgia-mobility-partnership/", "/api/v1/organisations/iom/", "/api/v1/sources/financial-and-technical-assistance/",
]  # fmt: skip


def strict(node):
    """The same schema, in which objects hold nothing that is not described."""
    if isinstance(node, dict):
        node = {key: strict(value) for key, value in node.items()}
        if node.get("type") == "object" and "properties" in node:
            node["additionalProperties"] = False
        return node
    return [strict(value) for value in node] if isinstance(node, list) else node


def described(schema, address, response):
    """The schema of ``response`` in the description."""
    path = address.split("?")[0]
    parts = path.strip("/").split("/")
    template = path if len(parts) < 4 else f"/api/v1/{parts[2]}/{{key}}/"
    answer = schema["paths"][template]["get"]["responses"][str(response.status_code)]
    if "$ref" in answer:
        answer = schema["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer["content"][response.headers["Content-Type"]]["schema"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_response_is_as_described(client, schema, address):
    response = client.get(address)
    shape = {**described(strict(schema), address, response), "components": strict(schema)["components"]}
    validator = Draft202012Validator(shape, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(response.json())] == []


def test_schema_is_openapi_3_1(schema):
    assert schema["openapi"] == "3.1.0"
    names = {parameter["name"] for parameter in schema["paths"]["/api/v1/projects/"]["get"]["parameters"]}
    assert {"q", "country", "active_from", "not_stated", "sort", "page_size"} <= names


def test_schema_is_made_without_a_warning(register, capsys):
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_root_names_addresses_that_answer(client, register):
    for address in at_least_one(client.get("/api/v1/").json().values()):
        assert client.get(address).status_code == 200
