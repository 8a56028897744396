"""``fields``: only these members, in the documents' order, wherever JSON is given."""

import json

import pytest
from jsonschema import Draft202012Validator

from projects.models import Organisation, Project
from projects.published.views import KINDS
from projects.schemas import members_of
from provenance.models import Source
from tests.support.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

KEYS = {
    "projects": ["nexus", "cmba"], "countries": ["GE"], "instruments": ["ENI", "TPMA"],
    "partnerships": ["eu-georgia-mobility-partnership"], "organisations": ["iom", "icmpd"],
    "sources": ["financial-and-technical-assistance"],
}  # fmt: skip
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
    narrowed = records(client.get(asked(address, f"modified,claims,{key}")).json())
    assert narrowed == [
        {name: value for name, value in record.items() if name in ("modified", "claims", key)} for record in whole
    ]
    order = [name for name in whole[0] if name in ("modified", "claims", key)]
    assert [list(record) for record in narrowed] == [order] * len(whole)


@pytest.fixture
def everything_told(register):
    """One record of each kind that has every member, and others that lack those that are only there where told."""
    Project.objects.filter(pk="nexus").update(part_of="enigmma", sectors=["1:15190"])
    Organisation.objects.filter(pk="iom").update(other_identifiers=["XM-DAC-47066"])
    columns = {"archive_address": "https://archive.example/1", "licence": "CC BY 4.0", "text_shown": "text"}
    columns |= {"contact": "Unit B.3", "text_withdrawn": "A court says so."}
    Source.objects.update(digest="0" * 64, edition="1" * 64, **columns)
    for model, key in ((Project, "nexus"), (Organisation, "iom"), (Source, "financial-and-technical-assistance")):
        record(model, [key], user_name="tester")


def answers(client, collection, fields=""):
    """The records of every address that takes ``fields``, by address."""
    addresses = [f"/api/v1/{collection}/", f"/api/v1/{collection}/?cursor=", f"/{collection}.json"]
    addresses += [f"/api/v1/{collection}/{key}/" for key in KEYS[collection]]
    if collection == "projects":
        addresses += [f"/projects/{key}.json" for key in KEYS[collection]]
    bodies = {address: client.get(asked(address, fields)).getvalue() for address in addresses}
    answered = {address: records(json.loads(text)) for address, text in bodies.items()}
    if collection == "projects":
        lines = client.get(asked("/projects.ndjson", fields)).getvalue().splitlines()
        answered["/projects.ndjson"] = [json.loads(line) for line in lines]
    assert all(answered.values())
    return answered


@pytest.mark.parametrize("collection", KINDS)
def test_every_member_alone_is_answered_as_described(client, everything_told, collection):
    description = client.get("/api/v1/schema/").json()
    name = KINDS[collection].__name__
    members, document = (description["components"]["schemas"][f"{name}{form}"] for form in ("Members", "Document"))
    one_record = description["paths"][f"/api/v1/{collection}/{{key}}/"]["get"]["responses"]["200"]
    shape = one_record["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**shape, "components": description["components"]})
    whole = answers(client, collection)
    assert set(members["properties"]) == set(members_of(KINDS[collection]))
    for member in members["properties"]:
        for address, answered in answers(client, collection, member).items():
            for one, of in zip(answered, whole[address], strict=True):
                validator.validate(one)
                assert one == ({member: of[member]} if member in of else {}), (address, member)
                assert member in of or member not in document["required"], (address, member)
        assert any(member in one for one in whole[f"/api/v1/{collection}/"]), f"{member} is told of no record here"


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
    [message] = response.json()["errors"]["fields"]
    assert message.startswith(f"“{named}” is not an allowed value. Allowed values: ")
    assert "modified" in message


def test_fields_of_one_kind_are_not_those_of_another(client, register):
    assert client.get("/api/v1/countries/?fields=budget").status_code == 400
    assert client.get("/api/v1/projects/?fields=project_count").status_code == 400


def test_fields_given_twice(client, register):
    errors = client.get("/api/v1/projects/?fields=slug&fields=title").json()["errors"]
    assert errors == {"fields": ["Given more than once. Use one value only."]}


@pytest.mark.parametrize(
    "address",
    [
        "/projects.atom?fields=slug", "/api/v1/stats/?fields=slug", "/api/v1/?fields=slug",
        "/projects.json?cursor=", "/projects.atom?cursor=", "/api/v1/stats/?cursor=", "/api/v1/projects/nexus/?cursor=",
    ],
)  # fmt: skip
def test_parameter_of_other_addresses_is_unknown(client, register, address):
    response = client.get(address)
    assert response.status_code == 400
    assert b"Unknown parameter" in response.content


@pytest.mark.parametrize("address", ["/projects/", "/projects/nexus/", "/countries/"])
def test_fields_is_dropped_by_pages(client, register, address):
    response = client.get(f"{address}?fields=slug")
    assert (response.status_code, response.headers["Location"]) == (302, address)
