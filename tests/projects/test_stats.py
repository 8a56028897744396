"""Figures: right over many-to-many, exact to the cent, never across currencies, never without a count."""

from decimal import Decimal

import numpy as np
import pytest

from instruments.models import Country
from projects.index.figures import _summed
from projects.models import Contribution, Project
from provenance.store.log import set_state
from tests.support.records import record, update

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def figures(client, query=""):
    return client.get(f"/api/v1/stats/?{query}").json()


def test_instruments_of_the_document(client, register):
    stats = figures(client, "group_by=instrument")
    assert stats["total"] == {
        "projects": 8,
        "amounts": [{"currency": "EUR", "amount": "24184000.00", "stated_for": 4}],
    }
    groups = {group["key"]: (group["projects"], group["amounts"]) for group in stats["groups"]}
    assert groups == {
        "ENI": (3, [{"currency": "EUR", "amount": "20316000.00", "stated_for": 3}]),
        "TPMA": (3, [{"currency": "EUR", "amount": "3000000.00", "stated_for": 1}]),
        "GPGC": (1, []),
    }
    assert stats["overlapping"] is False


def test_project_in_two_countries_counts_in_both_and_once_in_the_total(client, register):
    Project.objects.get(slug="enigmma").countries.add("AM")
    record(Project, ["enigmma"], user_name="tester")
    stats = figures(client, "group_by=country&country=GE&country=AM")
    assert stats["overlapping"] is True
    assert stats["total"]["amounts"][0]["amount"] == "21584000.00"
    assert {group["key"]: group["projects"] for group in stats["groups"]} == {"AM": 3, "GE": 2}


def test_organisation_that_leads_and_funds_counts_once(client, register):
    Contribution.objects.create(project_id="cmba", funder_id="iom", amount=Decimal("0.10"), currency="USD")
    record(Project, ["cmba"], user_name="tester")
    stats = figures(client, "group_by=organisation&organisation=iom")
    iom = next(group for group in stats["groups"] if group["key"] == "iom")
    assert (iom["projects"], iom["amounts"]) == (1, [{"currency": "USD", "amount": "0.10", "stated_for": 1}])


def test_currencies_stand_side_by_side(client, register):
    Project.objects.filter(slug="nexus").update(budget_amount=Decimal("1.10"), budget_currency="CHF")
    record(Project, ["nexus"], user_name="tester")
    assert figures(client, "country=MD&country=GE")["total"]["amounts"] == [
        {"currency": "CHF", "amount": "1.10", "stated_for": 1},
        {"currency": "EUR", "amount": "19000000.00", "stated_for": 2},
    ]


def test_euros_stand_first_on_pages_among_currencies_known_for_as_many(client, register):
    Project.objects.filter(slug="cmba").update(budget_amount=Decimal("1.10"), budget_currency="CZK")
    Project.objects.filter(slug="azerbaijan-targeted-initiative").update(
        budget_amount=Decimal("2.20"), budget_currency="EUR"
    )
    record(Project, ["azerbaijan-targeted-initiative", "cmba"], user_name="tester")
    page = client.get("/countries/AZ/").content.decode()
    assert 0 < page.index("2.20") < page.index("1.10")


def test_sum_of_many_cents_is_exact(client, register):
    amount, many = Decimal("9999999999999.99"), 95  # more cents than a float tells apart
    slugs = [f"cent-{number}" for number in range(many)]
    Project.objects.bulk_create(
        Project(slug=slug, title=slug, state="published", budget_amount=amount, budget_currency="GBP") for slug in slugs
    )
    record(Project, slugs, user_name="tester")
    assert {"currency": "GBP", "amount": str(amount * many), "stated_for": many} in figures(client)["total"]["amounts"]


def test_sum_of_more_cents_than_an_integer_of_64_bits_holds_is_exact():
    cents = np.full(9500, 999_999_999_999_999)
    [total] = _summed(np.zeros(9500, np.int64), cents, 1)
    assert total == 9500 * 999_999_999_999_999 > 2**63


def test_zero_is_a_stated_sum(client, register):
    Project.objects.filter(slug="nexus").update(budget_amount=0, budget_currency="EUR")
    record(Project, ["nexus"], user_name="tester")
    assert figures(client, "country=MD")["total"]["amounts"] == [{"currency": "EUR", "amount": "0.00", "stated_for": 1}]


def test_unknown_group_by_names_what_is_allowed(client, register):
    answer = client.get("/api/v1/stats/?group_by=donor")
    assert answer.status_code == 400
    assert "country, instrument, partnership, organisation, theme, status, year" in str(
        answer.json()["errors"]["group_by"]
    )


def test_list_of_countries_counts_published_projects_only(client, register):
    Country(code="UA", name="Ukraine", state="published").save()
    record(Country, ["UA"], user_name="tester")
    set_state(Project, ["nexus"], "withdrawn", user_name="tester")
    counts = {row["code"]: row["project_count"] for row in client.get("/api/v1/countries/").json()["results"]}
    assert counts == {"AM": 2, "AZ": 2, "GE": 2, "MD": 1, "UA": 0}


def test_project_whose_start_is_not_known_is_in_no_year(client, register):
    update(Project, "nexus", start_date=None)
    stats = client.get("/api/v1/stats/", {"group_by": "year", "not_stated": "start_date"}).json()
    assert (stats["total"]["projects"] > 0, stats["groups"]) == (True, [])
