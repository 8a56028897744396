"""The overview of its projects on the page of a country, instrument, agreement or organisation: their figures are those of the API."""

import json
import os
import random
import re
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from django.core.cache import cache
from lxml import html

from projects.index.figures import main_currency
from tests.support.loops import at_least_one
from tests.support.shown import asked_for, documents, words_of

pytestmark = pytest.mark.one_database

ADDRESSES = 100
KINDS = {
    "countries": "country", "instruments": "instrument", "partnerships": "partnership", "organisations": "organisation",
}  # fmt: skip


def main(client, address):
    return html.fromstring(asked_for(client, address).decode()).get_element_by_id("main")


def keys_of(project, kind):
    """Return the keys of a kind that a project's document names."""
    if kind == "country":
        return {each["code"] for each in project["countries"]}
    if kind == "instrument":
        return {part["instrument"]["code"] for part in project["contributions"] if part["instrument"]}
    if kind == "partnership":
        return {each["slug"] for each in project["partnerships"]}
    return {each["slug"] for each in project["organisations"]} | {
        part["funder"]["slug"] for part in project["contributions"]
    }


def figure(parts):
    """Return ``{currency: (sum, number of projects)}`` of (project, amount, currency)."""
    sums, known = Counter(), defaultdict(set)
    for slug, amount, currency in parts:
        if amount is not None:
            sums[currency] += Decimal(amount)
            known[currency].add(slug)
    return {currency: (sums[currency], len(known[currency])) for currency in known}


def stated(figure_of_page):
    return {each["currency"]: (Decimal(each["amount"]), each["stated_for"]) for each in figure_of_page["amounts"]}


def is_own(part, kind, key):
    if kind == "instrument":
        return bool(part["instrument"]) and part["instrument"]["code"] == key
    return part["funder"]["slug"] == (key if kind == "organisation" else "european-union")


def attributed(project):
    """Return what is left of a project's total, or None where nothing can be said."""
    budget, parts = project["budget"], [part for part in project["contributions"] if part["amount"] is not None]
    if budget is None or any(part["currency"] != budget["currency"] for part in parts):
        return None
    return project["unattributed"]["amount"] if project["unattributed"] else "0"


@pytest.fixture
def whole_projects(client, samples):
    """All documents of projects that are part of no other, so that every amount is added."""
    projects = documents(client, "projects")
    return projects, {each["slug"] for each in projects if each.get("part_of")}


def test_figures_of_random_answer_pages_are_those_of_the_api(client, whole_projects):
    projects, parts = whole_projects
    dice = random.Random(os.environ.get("SEED", "answers"))
    pages = [(kind, each) for collection, kind in KINDS.items() for each in documents(client, collection)]
    compared = 0
    for kind, record in dice.choices(pages, k=ADDRESSES):
        key = record.get("code") or record["slug"]
        cache.clear()  # a page from the cache has no context
        response = client.get(dice.choice(["", "/fr"]) + record["url"])
        assert response.status_code == 200
        shown = response.context
        stats = client.get("/api/v1/stats/", {kind: key}).json()["total"]
        assert shown["total"] == {name: value for name, value in stats.items() if "contributions" not in name}, record
        rows = [each for each in projects if key in keys_of(each, kind)]
        if parts & {each["slug"] for each in rows}:
            continue  # their sums count in the main project: tests of parts say how
        given = [(each["slug"], part) for each in rows for part in each["contributions"]]
        own = [(slug, part["amount"], part["currency"]) for slug, part in given if is_own(part, kind, key)]
        others = [(slug, part["amount"], part["currency"]) for slug, part in given if not is_own(part, kind, key)]
        left = [(each["slug"], attributed(each), (each["budget"] or {}).get("currency")) for each in rows]
        funding = shown["funding"]
        assert stated(funding["own"]) == figure(own), record
        assert stated(funding["others"]) == figure(others), record
        assert stated(funding["unattributed"]) == figure(left), record
        for name, some in (("own", own), ("others", others), ("unattributed", left)):
            assert funding[name]["projects"] == len({slug for slug, *_ in some}), (record, name)
        compared += 1
    assert compared > ADDRESSES / 2


def test_amounts_shared_with_other_countries_are_of_the_projects_in_several(client, whole_projects):
    projects, parts = whole_projects
    by_country = {each["url"]: [] for each in documents(client, "countries")}
    for project in (each for each in projects if len(each["countries"]) > 1):
        for country in project["countries"]:
            by_country[f"/countries/{country['code']}/"].append(project)
    compared = {url: rows for url, rows in by_country.items() if rows and not parts & {each["slug"] for each in rows}}
    for url, rows in at_least_one(list(compared.items())):
        cache.clear()  # a page from the cache has no context
        shown = client.get(url).context
        budgets = {each["slug"]: each["budget"] or dict.fromkeys(("amount", "currency")) for each in rows}
        totals = [(slug, budget["amount"], budget["currency"]) for slug, budget in budgets.items()]
        given = [(each["slug"], part) for each in rows for part in each["contributions"]]
        own = [(slug, part["amount"], part["currency"]) for slug, part in given if is_own(part, "country", url)]
        for name, whole, parts_of_it in (("shared", "total", totals), ("own_shared", "funding", own)):
            whole = shown[whole]["own"] if whole == "funding" else shown[whole]
            currency, sums = main_currency(whole), figure(parts_of_it)
            expected = {currency: sums[currency]} if currency in sums else {}
            assert stated({"amounts": filter(None, [shown[name]])}) == expected, (url, name)


def test_comparisons_and_home_say_the_figures_of_the_api(client, samples):
    dice = random.Random(os.environ.get("SEED", "answers"))
    groups = client.get("/api/v1/stats/", {"group_by": "country"}).json()["groups"]
    for _time in range(20):
        some = dice.sample(groups, 2)
        cache.clear()
        response = client.get("/compare/", {"country": [each["key"] for each in some]})
        for column, group in zip(response.context["compared"], some, strict=True):
            assert column["total"]["amounts"] == group["amounts"]
            eu = {"country": group["key"], "organisation": "european-union", "role": "funder"}
            stats = client.get("/api/v1/stats/", eu).json()["total"]
            assert column["sums"]["own"]["amounts"] == stats.get("contributions", [])
    cache.clear()
    rows = {row["key"]: row for row in client.get("/").context["columns"]["country"]}
    for group in (each for each in groups if each["key"] in rows):
        amounts = [Decimal(each["amount"]) for each in group["amounts"] if each["currency"] == "EUR"]
        assert [rows[group["key"]]["amount"]] == (amounts or [None])


def test_country_says_who_pays_and_who_says_so(client, register):
    page = main(client, "/countries/GE/")
    assert words_of(page.get_element_by_id("figure")).startswith("2 projects: EUR 19,000,000 in total budgets")
    assert [words_of(each) for each in page.find_class("measures")[0]] == [
        "The EU contributes EUR 19,000,000 known for both projects",
        "Others contribute No other funder is named in the sources",
        "Funder not known Nothing: the contributions add up to the total budgets (known for both projects)",
    ]
    [sentence, _other] = page.get_element_by_id("in-their-words").iter("blockquote")
    assert words_of(sentence).startswith("It is funded by the EU under the ENI for EUR 16 million.")


def test_what_has_no_known_budget_is_hatched_and_never_zero(client, register):
    page = main(client, "/countries/MD/")
    assert "EUR 0" not in words_of(page)
    measures = page.find_class("measures")[0]
    assert measures.find_class("not-known")
    assert "cannot be calculated: no total budget is known" in words_of(measures)


@pytest.mark.parametrize("place", ["/", "/countries/GE/", "/organisations/european-union/"])
def test_squares_of_what_is_missing_are_empty_for_as_many_projects(client, register, place):
    for gap in at_least_one(main(client, place).xpath(".//ul[@class='gaps']/li[.//*[@class='squares']]")):
        link = gap.xpath(".//a/@href")[0].partition("?")[2]
        missing = json.loads(asked_for(client, f"/api/v1/projects/?{link}"))["count"]
        assert len(gap.find_class("unknown")) == missing, words_of(gap)


def test_amounts_shared_with_other_countries_are_named_wherever_they_stand(client, samples):
    groups = client.get("/api/v1/stats/", {"group_by": "country"}).json()["groups"]
    shared = re.compile(r"of which EUR [\d,]+ in projects with other countries")
    assert shared.search(words_of(main(client, "/").get_element_by_id("by-country")))
    rows = [words_of(row) for row in main(client, "/countries/").iter("tr") if shared.search(words_of(row))]
    for row in at_least_one(rows):
        assert row.count(shared.search(row)[0].split()[3]) == 1, "not the whole sum"
    pages = [main(client, f"/countries/{group['key']}/") for group in groups[:3]]
    assert all(shared.search(words_of(page.get_element_by_id("figure"))) for page in at_least_one(pages))
    assert any(shared.search(words_of(page.find_class("measures")[0])) for page in pages)


def test_answer_pages_lead_to_one_another_and_to_the_list(client, register):
    page = main(client, "/instruments/TPMA/")
    links = {link.get("href") for link in page.iter("a")}
    assert {
        "/countries/GE/",
        "/organisations/european-union/",
        "/partnerships/eu-georgia-mobility-partnership/",
    } <= links
    assert {"/projects/?instrument=TPMA", "/projects/?instrument=TPMA&theme=reintegration"} <= links
    assert "/projects.atom?instrument=TPMA" in links


def test_latest_changes_are_those_of_its_own_projects(client, register):
    links = main(client, "/countries/GE/").xpath(".//*[@id='news']//li/a/@href")
    own = {each["url"] for each in json.loads(asked_for(client, "/projects.json?country=GE"))["results"]}
    assert set(at_least_one(links)) <= own
