"""With a funder or an instrument chosen, two named sums: what these contributed, and the total budgets."""

import html
import json
import re

import pytest

from projects.models import Contribution, Project
from tests.projects.test_files import sheets
from tests.projects.test_parts import pay
from tests.support.loops import at_least_one
from tests.support.records import record
from tests.support.shown import asked_for

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
EURO = "EUR"


def total(client, query):
    return client.get(f"/api/v1/stats/?{query}").json()["total"]


def heading(client, address):
    page = client.get(address).content.decode()
    text = re.sub(r"<[^>]+>", "", re.search(r'<div class="figure" id="result".*?</div>', page, re.DOTALL)[0])
    return " ".join(html.unescape(text).split())


def test_instrument_gives_what_it_contributed_beside_the_total_budgets(client, register):
    sums = total(client, "instrument=ENI")
    assert sums["contributions"] == [{"currency": EURO, "amount": "20316000.00", "stated_for": 3}]
    assert sums["amounts"] == [{"currency": EURO, "amount": "21184000.00", "stated_for": 3}]
    assert heading(client, "/projects/?instrument=ENI") == (
        "3 projects: EUR 20,316,000 contributed through the ENI (known for all 3 projects)"
        " EUR 21,184,000 in total budgets (known for all 3 projects)"
    )
    page = client.get("/instruments/ENI/").content.decode()
    [measures] = re.findall(r'<dl class="measures">(.*?)</dl>', page, re.DOTALL)
    assert " ".join(re.sub("<[^>]+>", " ", measures).split()).startswith(
        "This instrument contributes EUR 20,316,000 known for all 3 projects Others contribute"
    )
    assert "EUR 21,184,000</span> in total budgets (known for all 3 projects)" in page
    assert heading(client, "/fr/projects/?instrument=ENI").replace("\u202f", " ").replace("\xa0", " ") == (
        "3 projets : 20 316 000 EUR apportés par l’IEV (montant connu pour les 3 projets)"
        " 21 184 000 EUR de budgets totaux (montant connu pour les 3 projets)"
    )


def test_funder_without_a_stated_amount_is_said_to_have_none(client, register):
    funder = Contribution.objects.exclude(funder="european-union").first().funder
    Contribution.objects.filter(funder=funder).update(amount=None, currency="")
    words = heading(client, f"/projects/?organisation={funder.pk}&role=funder")
    assert "no amount published (" in words
    assert total(client, f"organisation={funder.pk}&role=funder")["contributions"] == []


@pytest.mark.parametrize("query", ["", "country=GE", "organisation=european-union", "organisation=icmpd&role=lead"])
def test_contributions_are_only_of_funders_and_instruments_that_were_chosen(client, register, query):
    assert "contributions" not in total(client, query)
    assert "contributed" not in heading(client, f"/projects/?{query}")


def test_funder_and_instrument_are_of_one_contribution(client, register):
    Project.objects.get(pk="nexus").contributions.all().delete()
    for funder, instrument, amount in (
        ("european-union", "ENI", 100),
        ("european-union", "TPMA", 40),
        ("iom", None, 7),
    ):
        Contribution.objects.create(
            project_id="nexus", funder_id=funder, instrument_id=instrument, amount=amount, currency=EURO
        )
    record(Project, ["nexus"], user_name="tester")
    of_union, of_iom = (f"country=MD&organisation={slug}&role=funder" for slug in ("european-union", "iom"))
    assert total(client, f"{of_union}&instrument=ENI")["contributions"][0]["amount"] == "100.00"
    assert total(client, f"{of_union}&instrument=ENI&instrument=TPMA")["contributions"][0]["amount"] == "140.00"
    assert total(client, of_iom)["contributions"][0]["amount"] == "7.00"
    assert total(client, f"{of_iom}&instrument=ENI") == {"projects": 1, "amounts": [], "contributions": []}
    words = heading(client, f"/projects/?{of_union}&instrument=ENI")
    assert "EUR 100 contributed by the European Union through the ENI (known for 1 project)" in words
    card = client.get("/projects/nexus/").content.decode().split("<aside")[1].split("</aside>")[0]
    assert card.count(">European Union</a>") == card.count("/organisations/iom/") == 1


def test_contribution_of_a_part_counts_once_with_its_whole(client, family):
    pay(("decision", "european-union", "900", EURO), ("contract-a", "european-union", "300", EURO))
    pay(("beside", "european-union", "5", EURO), ("contract-b", "iom", "50", EURO))
    sums = total(client, "organisation=european-union&role=funder")
    assert sums["contributions"] == [{"currency": EURO, "amount": "905.00", "stated_for": 2}]
    assert sums["contributions_counted_in_parent"] == 1
    assert "not added: 1 sub-project whose main project" in heading(client, "/projects/?instrument=ENI")
    assert "contributions_counted_in_parent" not in total(client, "organisation=iom&role=funder")
    about = json.loads(asked_for(client, "/projects.json?instrument=ENI"))["about"]
    assert about["contributions_cover"].endswith("one of the same funder in the same currency: 1.")


def test_contributions_of_one_are_those_of_its_group(client, family):
    pay(("decision", "european-union", "900", EURO), ("contract-a", "european-union", "300", EURO))
    pay(("contract-a", "iom", "50", EURO), ("grant", "iom", "9", "USD"))
    seen = []
    for by, query in (("instrument", "instrument={}"), ("organisation", "organisation={}&role=funder")):
        for group in at_least_one(client.get(f"/api/v1/stats/?group_by={by}").json()["groups"]):
            sums = total(client, query.format(group["key"]))
            assert sums["contributions"] == group["amounts"]
            assert sums.get("contributions_counted_in_parent") == group.get("counted_in_parent")
            seen.append(bool(group["amounts"]))
    assert seen.count(True) == 4


def test_files_tell_both_sums(client, register):
    query = "instrument=TPMA"
    about = json.loads(asked_for(client, f"/projects.json?{query}"))["about"]
    assert (about["contributions"], about["amounts"]) == tuple(
        total(client, query)[name] for name in ("contributions", "amounts")
    )
    assert "not the total budgets" in about["contributions_cover"]
    first = [" ".join(map(str, row)).strip() for row in sheets(asked_for(client, f"/projects.xlsx?{query}"))["About"]]
    comment = asked_for(client, f"/projects.xml?{query}").decode().split("-->")[0]
    side = json.loads(asked_for(client, f"/projects.csv-metadata.json?{query}"))["notes"][0]
    assert "Contributions of the chosen funders and instruments EUR 3000000.00, known for 1 of 3 projects" in first
    assert "Contributions of the chosen funders and instruments: EUR 3000000.00, known for 1 of 3 projects." in comment
    assert "Total budgets: EUR 3000000.00, known for 1 of 3 projects." in comment
    assert side["contributions"] == about["contributions"]
    assert "contributions" not in json.loads(asked_for(client, "/projects.json?country=GE"))["about"]


def test_every_sum_says_which_it_is(client, register):
    """Where an amount stands with how many projects it is known for, its measure stands between, or heads the column."""
    measures = ("in total budgets", "in contributions", "contributed through", "contributed by")
    addresses = {
        "/projects/": 1, "/projects/?instrument=ENI": 2, "/countries/GE/": 1, "/instruments/ENI/": 1,
        "/organisations/european-union/": 1, "/partnerships/eu-georgia-mobility-partnership/": 1,
    }  # fmt: skip
    for address, least in addresses.items():
        page = client.get(address).content.decode()
        main = " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", "", page, flags=re.DOTALL).split())
        labels = re.findall(r"EUR [\d,.]+ ((?:(?!EUR|known for)[^();])*)\(known for", main)
        assert len(labels) >= least, (address, labels)
        assert not [words for words in labels if not words.startswith(measures)], address
    for address, heading in {
        "/countries/": "Total budgets", "/partnerships/": "Total budgets",
        "/instruments/": "Contributions", "/organisations/": "Contributions",
    }.items():  # fmt: skip
        page = client.get(address).content.decode()
        assert f'<th scope="col">{heading}</th>' in page
        assert f'<td data-label="{heading}"><span class="sum">' in page


def test_pictures_name_their_measure(client, register):
    page = client.get("/projects/pictures/").content.decode()
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    assert {
        "Total budgets by country",
        "Contributions by instrument",
        "Contributions, from instrument or funder to country",
    } <= set(captions)
    for measure in ("Total budgets", "Contributions"):
        assert f'<th scope="col" class="number">{measure}</th>' in page
