"""The page that compares countries, instruments, agreements or organisations."""

import re

import pytest

from instruments.models import Country
from projects.charts.ranked import ranked
from projects.index import figures
from projects.models import Project
from tests.support.records import record, update
from tests.support.shown import words_at

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("name", ["country", "instrument", "partnership", "organisation"])
def test_comparison_of_each_kind_shows_each_record(client, register, name):
    groups = client.get("/api/v1/stats/", {"group_by": name}).json()["groups"][:3]
    text = words_at(client, "/compare/?" + "&".join(f"{name}={group['key']}" for group in groups))
    rows = text[text.rindex("Comparison:") :]
    assert all(group["label"] in rows for group in groups)


def test_comparison_names_sums_of_projects_with_other_countries(client, samples):
    rows = client.get("/api/v1/projects/", {"country": "GE", "page_size": 100}).json()["results"]
    shared = [row for row in rows if len(row["countries"]) > 1]
    budgets = [row["budget"] for row in shared if row["budget"]]
    text = words_at(client, "/compare/?country=GE&country=MD")
    assert budgets
    for code in {budget["currency"] for budget in budgets}:
        stated = [float(budget["amount"]) for budget in budgets if budget["currency"] == code]
        assert f"{code} {sum(stated):,.0f} (known for {len(stated)} of {len(shared)} projects)" in text


def test_largest_project_is_not_the_one_with_more_of_a_smaller_currency(client, samples):
    key = Project.objects.filter(state="published", countries="GE").first().pk
    update(Project, key, budget_amount=99_000_000, budget_currency="SEK")
    page = client.get("/countries/GE/")
    assert {each["budget"]["currency"] for each in page.context["largest"]} == {"EUR"}
    assert "Largest projects in EUR" in page.content.decode()
    text = words_at(client, "/compare/?country=GE&country=MD")
    assert "Largest project in EUR" in text
    assert ": SEK 99,000,000" not in text


def test_sums_that_stand_beside_one_another_are_in_one_currency(client, register):
    rows = Project.objects.filter(pk__in=["nexus", "armenia-targeted-initiative", "bagratashen-sadakhlo-ibm"])
    rows.update(budget_amount=5_000_000, budget_currency="SEK")
    Project.objects.get(pk="enigmma").countries.add("AM")
    record(Project, ["nexus", "armenia-targeted-initiative", "bagratashen-sadakhlo-ibm", "enigmma"], user_name="tester")
    text = words_at(client, "/compare/?country=AM&country=GE&country=MD")
    totals = text[text.index("Total budgets") : text.index("of which in projects")]
    assert [each for each in re.findall(r"none known in EUR|EUR 16,000,000|EUR 19,000,000|SEK", totals)] == [
        "EUR 16,000,000", "SEK", "EUR 19,000,000", "none known in EUR", "SEK",
    ]  # fmt: skip
    both = words_at(client, "/compare/?country=GE&country=MD")  # one project each in EUR and in SEK
    assert "Largest project in EUR" in both
    assert "none known in EUR known in 1 other currency SEK 5,000,000 (known" in both
    page = words_at(client, "/countries/AM/")
    assert "SEK 10,000,000 in total budgets (known for 2 of 3 projects)" in page
    assert "of which" not in page[page.index("SEK 10,000,000") : page.index("The EU contributes")]  # it is in EUR


def test_currency_of_most_columns_goes_before_that_of_most_projects_and_euros_before_others():
    def figure(**numbers):
        return {"amounts": [{"currency": code, "stated_for": number} for code, number in numbers.items()]}

    assert figures.main_currency(figure(SEK=5), figure(USD=1), figure(USD=1)) == "USD"
    assert figures.main_currency(figure(CHF=1), figure(EUR=1)) == "EUR"
    assert figures.currencies([figure(CHF=1, EUR=1)]) == ["EUR", "CHF"]


def test_bars_are_drawn_in_the_currency_asked_for():
    amounts = [{"currency": code, "amount": "1.00", "stated_for": number} for code, number in (("SEK", 5), ("EUR", 1))]
    groups = [{"key": "GE", "label": "Georgia", "projects": 5, "amounts": amounts}]
    assert [row["currency"] for row in ranked(groups, "country", currency="EUR")] == ["EUR"]


def test_comparison_keeps_the_other_filters(client, register):
    text = words_at(client, "/compare/?country=GE&country=MD&instrument=ENI")
    number = client.get("/api/v1/stats/", {"country": "GE", "instrument": "ENI"}).json()["total"]["projects"]
    assert number == 1
    assert "EUR 16,000,000 (known for 1 project)" in text
    assert "European Neighbourhood Instrument are compared" in text or "ENI are compared" in text
    page = client.get("/compare/?country=GE&country=MD&instrument=ENI").content.decode()
    assert 'href="/projects/?instrument=ENI&amp;country=GE"' in page


def test_comparison_of_organisations_in_a_role_counts_that_role_alone(client, register):
    address = "/compare/?organisation=european-union&organisation=czech-republic&role=lead"
    for column in client.get(address).context["compared"]:
        query = {"organisation": column["key"], "role": "lead"}
        assert column["total"]["projects"] == client.get("/api/v1/stats/", query).json()["total"]["projects"]
    who = "with the European Union or the Czech Republic as lead"
    assert f"Only projects {who} are compared. Compare all projects" in words_at(client, address)
    assert f"Only projects with the status “ongoing”, {who} are" in words_at(client, f"{address}&status=ongoing")


def test_comparison_says_where_there_are_no_projects(client, register):
    text = words_at(client, "/compare/?organisation=icmpd&organisation=iom&role=lead")
    assert text.count("no projects") == 9  # total, funder not known, largest, and six kinds of missing information
    assert "0 projects" not in text
    assert "of 0" not in text


@pytest.mark.parametrize("query", ["", "?country=GE"])
def test_comparison_of_less_than_two_offers_a_choice(client, register, query):
    page = client.get(f"/compare/{query}").content.decode()
    assert 'name="country" value="MD"' in page
    assert ('value="GE" checked' in page) == bool(query)
    assert ("You have chosen only Georgia. Choose at least one more" in page) == bool(query)


def test_choices_are_in_the_order_of_lists(client, register):
    update(Country, "AM", name="Zone")
    for address, last in (("/compare/", "AM"), ("/fr/compare/", "MD")):  # in French it is Arménie
        assert re.findall(r'name="country" value="(..)"', client.get(address).content.decode())[-1] == last


def test_comparison_of_two_kinds_says_that_they_differ(client, register):
    text = words_at(client, "/compare/?country=GE&instrument=ENI")
    assert "Georgia, European Neighbourhood Instrument are of different kinds." in text


def test_comparison_hatches_what_is_not_known(client, register):
    page = client.get("/compare/?country=AM&country=MD").content.decode()
    assert page.count('class="torn"') == 3  # a project in Armenia, two in Moldova
    text = words_at(client, "/compare/?country=AM&country=MD")
    assert "EUR 868,000 of the total budgets (known for 1 of 2 projects)" in text
    assert "cannot be calculated: no total budget is known" in text


def test_page_past_the_end_leads_to_the_first(client, register):
    answer = client.get("/projects/?country=GE&page=9")
    assert answer.status_code == 404
    assert '<a href="/projects/?country=GE">First page</a>' in answer.content.decode()
    assert '<a href="/projects/">First page</a>' in client.get("/projects/?page=40").content.decode()
    assert "First page" not in client.get("/projects/nowhere/").content.decode()


def test_comparison_says_where_no_funder_is_named(client, register):
    text = words_at(client, "/compare/?country=GE&country=MD")
    others = text[text.index("Contributions by others") : text.index("Largest project")]
    assert "none named" in others
    assert "(icmpd)" not in words_at(client, "/compare/?organisation=icmpd&organisation=iom")
    assert "ICMPD 1 none named" in words_at(client, "/organisations/")


@pytest.mark.parametrize(("language", "label"), [("en", "Georgia: "), ("fr", "Géorgie\u00a0: ")])
def test_colon_after_a_label_on_a_phone_is_that_of_the_language(page, live_server, register, language, label):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_server.url}/{language}/compare/?country=GE&country=MD")
    content = page.locator("td[data-label]").first.evaluate("it => getComputedStyle(it, '::before').content")
    assert content == f'"{label}"'


def test_six_records_fit_beside_one_another_on_a_screen_and_on_paper(page, live_server, register):
    names = ["czech-republic", "european-union", "france", "icmpd", "iom", "swedish-public-employment-service"]
    page.goto(live_server.url + "/compare/?" + "&".join(f"organisation={name}" for name in names))
    for width, medium in ((1300, "screen"), (700, "print")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media=medium)
        assert page.evaluate("document.querySelector('.comparison').getBoundingClientRect().right") <= width
