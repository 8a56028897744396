"""The home page: one figure, by country, instrument and theme, and the sentence behind a figure."""

import re
from itertools import pairwise

import pytest
from django.core.management import call_command
from lxml import html

from projects.charts import country_map, ranked
from projects.charts.country_map import OUTLINES
from projects.models import Project
from provenance.store import writer
from tests.support.records import update, write
from tests.support.shown import words_of

pytestmark = pytest.mark.one_database


def home(client, address="/"):
    return html.fromstring(client.get(address).content.decode()).get_element_by_id("main")


def rows(page, section):
    return [words_of(row) for row in page.get_element_by_id(section).xpath(".//ul/li")]


def test_home_answers_with_one_figure_and_its_coverage(client, register):
    assert [words_of(part) for part in home(client).find_class("answer-words")] == [
        "EUR 24,184,000 in total budgets (known for 4 of 8 projects)",
        "The European Union contributes EUR 23,316,000 to its projects (known for 4 of 7 projects). No source says who funds the remaining EUR 868,000.",
    ]


def test_home_begins_with_the_currency_that_is_known_for_most_projects(client, register):
    document = writer.current(Project, Project.objects.filter(budget_amount=None).values_list("pk", flat=True)[:1])
    for key in document:
        document[key]["budget"] = {"amount": "1.00", "currency": "CHF"}
    write(Project, document, user_name="anna")
    total, rest = (words_of(each) for each in home(client).find_class("answer-words"))
    assert total.startswith("EUR 24,184,000 in total budgets (known for 4 of 8 projects)")
    assert "No source says who funds the remaining EUR 868,000" in rest


def test_home_shows_each_amount_with_its_coverage(client, register):
    page = home(client)
    assert rows(page, "by-country") == [
        "Georgia EUR 19,000,000 known for both projects",
        "Azerbaijan EUR 2,600,000 known for 1 of 2 projects",
        "Armenia EUR 2,584,000 known for 1 of 2 projects",
        "Moldova not known 2 projects",
    ]
    assert rows(page, "by-instrument")[0] == "European Neighbourhood Instrument EUR 20,316,000 known for all 3 projects"
    assert len(rows(page, "by-theme")) == 5
    assert "All 10 themes" in words_of(page)


def test_home_leads_to_the_pages_of_records(client, register):
    links = {link.get("href") for link in home(client).iter("a")}
    assert {"/countries/GE/", "/instruments/ENI/", "/projects/?theme=border-management", "/gaps/"} <= links


def test_home_quotes_the_sentence_behind_a_figure(client, register):
    [proof] = home(client).find_class("proof")
    assert words_of(proof.find(".//blockquote/p")) == "It is funded by the EU under the ENI for EUR 16 million."
    assert [words_of(mark) for mark in proof.iter("mark")] == ["EUR 16 million"]
    page, sentence = proof.xpath(".//a[contains(@href, '#')]/@href")[0].split("#")
    assert f'id="{sentence}"' in client.get(page).content.decode()
    update(Project, "bagratashen-sadakhlo-ibm", budget_amount=99_000_000, budget_currency="SEK")
    [proof] = home(client).find_class("proof")
    assert "EUR 16 million" in words_of(proof), "a larger number of another currency is no larger amount"


def is_within(point, path):
    """Whether a point is in a path of straight lines, by the lines that a ray from it crosses."""
    crossed, (x, y) = 0, point
    for ring in filter(None, path.split("z")):
        start, steps = ring[1:].split("l")
        numbers = [int(number) for number in re.findall(r"-?\d+", steps)]
        corners = [tuple(int(number) for number in re.findall(r"-?\d+", start))]
        for step in zip(numbers[::2], numbers[1::2], strict=True):
            corners.append((corners[-1][0] + step[0], corners[-1][1] + step[1]))
        for (left, top), (right, bottom) in pairwise([*corners, corners[0]]):
            if (top > y) != (bottom > y) and x < left + (y - top) * (right - left) / (bottom - top):
                crossed += 1
    return crossed % 2 == 1


def test_map_notes_only_the_countries_on_it():
    nowhere = {"key": "XX", "name": "Nowhere", "coverage": "EUR 5"}
    assert country_map([nowhere])["notes"] == [""]


def test_map_leads_to_the_pages_of_countries_and_shows_what_is_known(client, register):
    assert is_within((378, 521), OUTLINES["countries"]["UA"])  # Simferopol
    assert not is_within((539, 427), OUTLINES["countries"]["UA"])  # Rostov
    [picture] = home(client).find_class("map")
    links = {link.get("href"): link.get("aria-label") for link in picture.find("svg").iter("a")}
    assert links == {
        "/countries/GE/": "Georgia: EUR 19,000,000", "/countries/MD/": "Moldova: no budget known",
        "/countries/AM/": "Armenia: EUR 2,584,000", "/countries/AZ/": "Azerbaijan: EUR 2,600,000",
    }  # fmt: skip
    assert [path.get("class") for path in picture.iter("path")].count("empty") == 2  # Belarus, Ukraine


def test_home_of_an_empty_register(client, db):
    page = home(client)
    assert "no projects" in words_of(page)
    assert not page.find_class("proof")


def test_home_is_as_long_with_many_projects(page, live_server, db):
    call_command("load_fixtures", verbosity=0)
    call_command("make_sample_projects", 400, "--beside-others", verbosity=0)
    page.set_viewport_size({"width": 1300, "height": 900})
    for language in ("en", "fr"):
        page.goto(f"{live_server.url}/{language}/")
        assert page.evaluate("document.documentElement.scrollHeight") <= 2500, language


def test_bars_leave_room_for_what_is_not_known():
    def group(key, projects, *sums):
        amounts = [{"currency": code, "amount": amount, "stated_for": number} for code, amount, number in sums]
        return {"key": key, "label": key, "projects": projects, "amounts": amounts}

    groups = [
        group("GE", 9, ("EUR", "100.00", 2)), group("MD", 3, ("EUR", "50.00", 1), ("USD", "900.00", 1)),
        group("AM", 2), group("AZ", 1, ("USD", "1.00", 1)),
    ]  # fmt: skip
    rows = ranked(groups, "country", pieces=True)
    assert [row["key"] for row in rows] == ["GE", "MD", "AM", "AZ"]
    assert [len(row["pieces"]) for row in rows] == [1, 1, 2, 0]  # seven are one piece
    assert [row["width"] for row in rows] == ["83%", "41.5%", "0%", "0%"]
    assert [row["others"] for row in rows] == [0, 1, 0, 1]
    assert [row["width"] for row in ranked(groups, "country", 2)] == ["100%", "50%"]
    assert [row["key"] for row in ranked(groups, "country", 2, own="AZ")] == ["GE", "MD", "AZ"]
