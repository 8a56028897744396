"""The number of queries is the same for some projects and for many."""

import pytest
from django.core.cache import cache
from django.core.management import call_command

from projects.index import documents
from projects.models import Project
from provenance.store.log import set_state
from tests.support.database import queries
from tests.support.records import record
from tests.support.shown import asked_for

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/", "/projects/", "/projects/?country=GE&q=border&sort=-budget", "/projects/?page_size=100", "/projects/pictures/?country=GE", "/projects/values/organisation/", "/projects/?country=GE&country=MD&active_from=2010&not_stated=lead", "/gaps/", "/compare/?country=GE&country=MD", "/compare/", "/data/", "/data/catalog", "/projects.atom", "/projects/nexus/", "/countries/", "/countries/GE/",
    "/instruments/", "/instruments/ENI/", "/partnerships/", "/partnerships/eu-georgia-mobility-partnership/", "/organisations/?page_size=100", "/organisations/european-union/", "/sources/", "/sources/financial-and-technical-assistance/", "/projects.json", "/projects/nexus.json",
    "/projects.csv", "/projects-claims.csv?country=GE", "/projects.xlsx", "/projects.ndjson", "/projects.csv-metadata.json", "/organisations.csv", "/organisations.json", "/sources.json",
    "/projects.xml", "/projects.xml?page_size=100", "/projects/moldova-targeted-initiative.xml", "/api/v1/projects/nexus/iati/",
    "/api/v1/projects/", "/api/v1/projects/?page_size=100", "/api/v1/projects/?country=GE&q=border", "/api/v1/projects/nexus/", "/api/v1/countries/", "/api/v1/countries/GE/",
    "/api/v1/organisations/?page_size=100", "/api/v1/projects/?sort=budget&cursor=", "/api/v1/organisations/?fields=name&cursor=", "/api/v1/stats/", *(f"/api/v1/stats/?group_by={name}" for name in ("country", "instrument", "organisation", "theme", "year")),
]  # fmt: skip


def number_of_queries(client, address):
    cache.clear()  # as after each change of the register
    return len(queries(asked_for, client, address))


def queries_with_samples(client, number, **options):
    call_command("make_sample_projects", number, beside_others=True, verbosity=0, **options)
    for address in ADDRESSES:
        number_of_queries(client, address)  # what is read once for each version is read now
    return {address: number_of_queries(client, address) for address in ADDRESSES}


def test_queries_do_not_grow_with_rows(client, register):
    few = queries_with_samples(client, 30)
    many = queries_with_samples(client, 70, seed=2)
    # One more where the new rows name a kind of record that the few did not.
    assert {address: many[address] for address in ADDRESSES if many[address] - few[address] not in (0, 1)} == {}


def test_api_list_runs_no_serializer(client, register, monkeypatch):
    from rest_framework.serializers import BaseSerializer

    monkeypatch.setattr(BaseSerializer, "to_representation", None)
    monkeypatch.setattr("provenance.store.build.from_instance", None)
    assert client.get("/api/v1/projects/").json()["count"] == 8


@pytest.mark.parametrize(
    ("address", "number"),
    [("/api/v1/projects/", 2), ("/projects/?q=border", 2), ("/projects/pictures/", 2), ("/projects/values/theme/", 1),
     ("/gaps/", 2), ("/countries/GE/", 7), ("/countries/", 2)],
)  # fmt: skip
def test_page_asks_the_version_and_documents_by_id(client, register, address, number):
    """Besides them, a record's page asks for its sources and the latest changes. Documents are not read again."""
    client.get("/about/")  # the index is built
    documents.clear_cache()
    assert number_of_queries(client, address) == number
    assert number_of_queries(client, address) <= 5


def test_page_is_built_once_until_the_register_changes(client, register):
    first = client.get("/projects/?country=GE").content
    assert len(queries(client.get, "/projects/?country=GE")) == 1
    assert client.get("/projects/?country=GE").content == first
    Project.objects.filter(slug="enigmma").update(title="Another title")
    record(Project, ["enigmma"], user_name="tester")
    assert b"Another title" in client.get("/projects/?country=GE").content
    assert client.get("/projects/?country=GE", headers={"Accept-Language": "fr"}).content != first
    set_state(Project, ["enigmma"], "withdrawn", user_name="tester")
    assert b"Another title" not in client.get("/projects/?country=GE").content
