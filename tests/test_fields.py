"""``fields``: only these members, in the documents' order, wherever JSON is given."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import serializers
from projects.doors import KINDS

pytestmark = pytest.mark.django_db

KEYS = {"projects": "nexus", "countries": "GE", "instruments": "ENI", "partnerships": "eu-georgia-mobility-partnership", "organisations": "iom"}  # fmt: skip
WHERE = [
    "/api/v1/projects/", "/api/v1/projects/nexus/", "/api/v1/countries/", "/api/v1/countries/GE/", "/api/v1/organisations/?cursor=",
    "/api/v1/projects/?page_size=2&page=2", "/api/v1/projects/?sort=-budget&cursor=",
]  # fmt: skip


def asked(address, fields):
    return f"{address}{'&' if '?' in address else '?'}fields={fields}"


def records(answer):
    return answer.get("results", [answer])


@pytest.mark.parametrize("address", WHERE)
def test_fields_gives_these_members_in_the_documents_order(client, register, address):
    whole = records(client.get(address).json())
    key = "code" if "code" in whole[0] else "slug"
    found = records(client.get(asked(address, f"modified,claims,{key}")).json())
    assert found == [
        {name: value for name, value in record.items() if name in ("modified", "claims", key)} for record in whole
    ]
    order = [name for name in whole[0] if name in ("modified", "claims", key)]
    assert [list(record) for record in found] == [order] * len(whole)


@pytest.mark.parametrize("collection", KINDS)
def test_fields_takes_every_member_of_a_document(client, register, collection):
    address = f"/api/v1/{collection}/{KEYS[collection]}/"
    whole = client.get(address).json()
    only_where_told = {"other_identifiers", "part_of"}
    assert set(serializers.members_of(KINDS[collection].model)) - only_where_told == set(whole)
    assert client.get(f"{address}?fields={','.join(whole)}").json() == whole
    for name in whole:
        assert client.get(f"{address}?fields={name}").json() == {name: whole[name]}


def test_fields_takes_the_number_of_projects(client, register):
    assert client.get("/api/v1/countries/?fields=code,project_count").json()["results"][0] == {
        "code": "AM",
        "project_count": 2,
    }
    with CaptureQueriesContext(connection) as with_count:
        client.get("/api/v1/countries/?fields=code,project_count")
    with CaptureQueriesContext(connection) as without:
        client.get("/api/v1/countries/?fields=code")
    assert len(without) < len(with_count)


def test_fields_stays_in_the_addresses_of_other_pages(client, register):
    page = client.get("/api/v1/projects/?fields=slug&page_size=3").json()
    assert client.get(page["next"]).json()["results"][0] == {"slug": "nexus"}
    page = client.get("/api/v1/projects/?fields=slug&page_size=3&cursor=").json()
    assert client.get(page["next"]).json()["results"][0] == {"slug": "nexus"}


@pytest.mark.parametrize("fields", ["", "%20", "&page_size="])
def test_fields_empty_is_absent(client, register, fields):
    assert client.get(f"/api/v1/projects/?fields={fields}").json() == client.get("/api/v1/projects/").json()


def test_fields_may_have_blanks_after_commas_and_names_twice(client, register):
    assert client.get("/api/v1/projects/nexus/?fields=slug,%20acronym,slug").json() == {
        "slug": "nexus",
        "acronym": None,
    }


@pytest.mark.parametrize("address", [*WHERE, "/projects.json", "/projects/nexus.json"])
@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ("nothing", "nothing"),
        ("modified,budget.amount", "budget.amount"),
        ("modified,,claims", ""),
        ("Slug", "Slug"),
        (",", ""),
    ],
)
def test_fields_unknown_member(client, register, address, fields, named):
    response = client.get(asked(address, fields))
    assert response.status_code == 400
    [said] = response.json()["errors"]["fields"]
    assert said.startswith(f"“{named}” is unknown here. Allowed: ")
    assert "modified" in said


def test_fields_of_one_kind_are_not_those_of_another(client, register):
    assert client.get("/api/v1/countries/?fields=budget").status_code == 400
    assert client.get("/api/v1/projects/?fields=project_count").status_code == 400


def test_fields_given_twice(client, register):
    errors = client.get("/api/v1/projects/?fields=slug&fields=title").json()["errors"]
    assert errors == {"fields": ["Given more than once; it takes one value."]}


@pytest.mark.parametrize(
    "address", ["/projects/", "/projects/nexus/", "/countries/", "/projects.atom", "/api/v1/stats/", "/api/v1/"]
)
def test_fields_is_for_records_in_json_only(client, register, address):
    response = client.get(f"{address}?fields=slug")
    assert response.status_code == 400
    assert b"Unknown parameter" in response.content


def test_fields_of_files(client, register):
    file = json.loads(b"".join(client.get("/projects.json?fields=slug,acronym&country=AZ")))
    assert file["results"] == [
        {"slug": "cmba", "acronym": "CMBA"},
        {"slug": "azerbaijan-targeted-initiative", "acronym": None},
    ]
    response = client.get("/projects/nexus.json?fields=slug,status")
    assert response.json() == {"slug": "nexus", "status": "ongoing"}
