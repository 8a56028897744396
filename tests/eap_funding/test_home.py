"""The home page: one figure, by country, instrument and topic, and the sentence behind a figure."""

import pytest
from django.core.management import call_command
from lxml import html

from projects.charts import ranked
from tests.support.loops import at_least_one

pytestmark = pytest.mark.one_database


def words(element):
    return " ".join(element.text_content().split())


def home(client, address="/"):
    return html.fromstring(client.get(address).content.decode()).get_element_by_id("main")


def rows(page, section):
    return [words(row) for row in page.get_element_by_id(section).xpath(".//ul/li")]


def test_home_answers_with_one_figure_and_its_coverage(client, register):
    assert [words(part) for part in home(client).find_class("answer-words")] == [
        "EUR 24,184,000 in total budgets (known for 4 of 8 projects)",
        "The European Union contributes EUR 23,316,000 (known for 4 of 7 projects).",
    ]


def test_home_shows_each_amount_with_its_coverage(client, register):
    page = home(client)
    assert rows(page, "by-country") == [
        "Georgia EUR 19,000,000 known for both projects",
        "Azerbaijan EUR 2,600,000 known for 1 of 2 projects",
        "Armenia EUR 2,584,000 known for 1 of 2 projects",
        "Moldova not known known for none of 2 projects",
    ]
    assert rows(page, "by-instrument")[0] == "European Neighbourhood Instrument EUR 20,316,000 known for all 3 projects"
    assert len(rows(page, "by-topic")) == 5
    assert "All 10 topics" in words(page)


def test_home_leads_to_the_pages_of_records(client, register):
    links = [link.get("href") for link in home(client).iter("a")]
    assert {"/countries/GE/", "/instruments/ENI/", "/projects/?theme=border-management", "/gaps/"} <= set(links)
    for link in at_least_one({link for link in links if link.startswith("/")}):
        assert client.get(link).status_code == 200, link


def test_home_quotes_the_sentence_behind_a_figure(client, register):
    [proof] = home(client).find_class("proof")
    assert words(proof.find(".//blockquote/p")) == "It is funded by the EU under the ENI for EUR 16 million."
    assert [words(mark) for mark in proof.iter("mark")] == ["EUR 16 million"]
    page, sentence = proof.xpath(".//a[contains(@href, '#')]/@href")[0].split("#")
    assert f'id="{sentence}"' in client.get(page).content.decode()


def test_home_of_an_empty_register(client, db):
    page = home(client)
    assert "no budget published" in words(page)
    assert not page.find_class("proof")


def test_home_is_as_long_with_many_projects(page, live_server, db):
    call_command("load_fixtures", verbosity=0)
    call_command("make_sample_projects", 400, "--beside-others", verbosity=0)
    page.set_viewport_size({"width": 1300, "height": 900})
    page.goto(live_server.url)
    assert page.evaluate("document.documentElement.scrollHeight") <= 2500


def test_bars_leave_room_for_what_is_not_known():
    def group(key, projects, *sums):
        amounts = [{"currency": code, "amount": amount, "stated_for": number} for code, amount, number in sums]
        return {"key": key, "label": key, "projects": projects, "amounts": amounts}

    groups = [
        group("GE", 9, ("EUR", "100.00", 2)), group("MD", 3, ("EUR", "50.00", 1), ("USD", "900.00", 1)),
        group("AM", 2), group("AZ", 1, ("USD", "1.00", 1)),
    ]  # fmt: skip
    found = ranked(groups, "country", pieces=True)
    assert [row["key"] for row in found] == ["GE", "MD", "AM", "AZ"]
    assert [len(row["pieces"]) for row in found] == [1, 1, 2, 0]  # seven are one piece
    assert [row["width"] for row in found] == ["83%", "41.5%", "0%", "0%"]
    assert [row["others"] for row in found] == [0, 1, 0, 1]
    assert [row["width"] for row in ranked(groups, "country", 2)] == ["100%", "50%"]
