"""The index answers the same whether it followed the log or was built anew, whatever happened on the way."""

from datetime import datetime

import pytest
from django.db import OperationalError

from instruments.models import Country
from projects.index import figures, follower, index
from projects.index.follower import current_register
from projects.models import Organisation, Project
from provenance.models import Source
from provenance.store.log import set_state
from tests.support.records import record, update
from tests.support.staff import WITHDRAWN

pytestmark = pytest.mark.django_db
WHO = {"user_name": "tester", "reason": "A test."}


def slugs_for(words):
    return current_register().projects.matching(words).keys()


def test_name_is_the_newest_also_where_a_withdrawn_project_has_an_older_one(register):
    set_state(Project, ["georgia-targeted-initiative"], WITHDRAWN, **WHO)
    update(Organisation, "european-union", name="Zebra")
    followed = slugs_for("zebra")
    assert "enigmma" in followed
    follower.reset()
    assert slugs_for("zebra") == followed


def test_index_that_could_not_follow_to_the_end_does_so_with_the_next_question(register, monkeypatch):
    before = slugs_for("georgia")
    update(Country, "GE", name="Zebra")
    with monkeypatch.context() as broken:
        broken.setattr(index.Index, "_relate", fail)
        with pytest.raises(OperationalError):
            current_register()
    assert "georgia-targeted-initiative" in slugs_for("zebra")
    assert slugs_for("georgia") == before


def test_name_of_a_country_is_found_from_its_first_project_on(register):
    Country.objects.create(code="UA", name="Ukraine")
    set_state(Country, ["UA"], "published", **WHO)
    assert slugs_for("україна") == []
    Project.objects.get(pk="nexus").countries.add("UA")
    record(Project, ["nexus"], **WHO)
    assert slugs_for("україна") == ["nexus"]


def test_projects_are_not_found_by_the_title_of_their_source(register):
    update(Source, "financial-and-technical-assistance", title="Zebra")
    assert slugs_for("zebra") == []


def fail(*_given):
    raise OperationalError("The database went away.")


def test_index_with_many_dead_rows_is_made_anew(register, monkeypatch):
    monkeypatch.setattr(follower, "BATCH", 1)
    for number in range(20):
        update(Project, "nexus", acronym=f"NEXUS-{number}")
        assert slugs_for(f'"NEXUS {number}"') == ["nexus"]
        assert current_register().size <= 8 * 2


def test_projects_are_found_by_when_they_changed_last(client, register, monkeypatch):
    for key, at in (("nexus", "2026-04-01T23:59:59.999"), ("cmba", "2026-04-02T00:00:00")):
        monkeypatch.setattr("provenance.store.log._now", lambda at=at: datetime.fromisoformat(f"{at}+00:00"))
        update(Project, key, acronym="New")
    for query, keys in (
        ("modified_from=2026-04-01&modified_to=2026-04-01", ["nexus"]),
        ("modified_from=2026-04-02&modified_to=2026-04-02", ["cmba"]),
        ("modified_from=2026-04-01&modified_to=2026-04-02", ["cmba", "nexus"]),
        ("modified_from=2026-04-01T23:59:59Z&modified_to=2026-04-01T23:59:59Z", ["nexus"]),
        ("modified_from=2026-04-02T02:00%2B02:00&modified_to=2026-04-02", ["cmba"]),
        ("modified_from=2026-04-02T00:00:00.1Z&modified_to=2026-04-02", []),
        ("modified_from=2999-01-01", []),
    ):
        results = client.get(f"/api/v1/projects/?{query}&fields=slug").json()["results"]
        assert [project["slug"] for project in results] == keys, query


def test_years_are_those_of_all_dates_whatever_is_certain(register):
    dates = {"start_date": "1985", "end_date": "1986", "start_date_planned": False, "end_date_planned": False}
    Project.objects.filter(pk="nexus").update(**dates)
    Project.objects.filter(pk="cmba").update(start_date="2024", start_date_planned=True)
    record(Project, ["nexus", "cmba"], **WHO)
    possible, certain = (figures.years(current_register().projects, certainty) for certainty in ("dated", "certain"))
    assert [*certain] == [*possible] == [*range(1985, 2025)]
    assert (certain[1985], certain[1986], certain[1987]) == (1, 1, 0)
