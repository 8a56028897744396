"""The page of the API: its examples run as they stand, and what it lets try answers."""

import csv
import html
import io
import json
import re
import shutil
import subprocess
import sys

import orjson
import pytest
from django.test import Client
from playwright.sync_api import expect

from projects.api.schema import openapi
from tests.support.browser import assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

DOCS = "/api/v1/docs/"
GEORGIA = [
    "ENIGMMA, on Georgia's Capacities for Border Management and Migration",
    "Targeted Initiative under the EU-Georgia Mobility Partnership",
]


def example(live_server, name):
    """The text of one example, as somebody would copy it."""
    page = Client(headers={"host": live_server.url.removeprefix("http://")}).get(DOCS).content.decode()
    [code] = re.findall(rf'<pre tabindex="0" data-example="{name}"><code>(.*?)</code></pre>', page, flags=re.DOTALL)
    return html.unescape(code)


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python_example_runs(live_server, register):
    lines = run([sys.executable, "-c", example(live_server, "python")]).splitlines()
    assert [line.partition(" {")[0] for line in lines] == GEORGIA
    assert "'amount': '16000000.00'" in lines[0]


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_curl_example_runs(live_server, register):
    answer = json.loads(run(["sh", "-c", example(live_server, "curl") + " --silent --fail"]))
    assert [project["title"] for project in answer["results"]] == GEORGIA
    assert answer["results"][1]["budget"] == {"amount": "3000000.00", "currency": "EUR"}


def test_r_example_reads_columns_that_are_there(live_server, register, client):
    code = example(live_server, "r")
    [address] = re.findall(r'"(http[^"]+)"', code)
    columns = re.findall(r'"(\w+)"', code.partition("[c(")[2])
    text = b"".join(client.get(address.removeprefix(live_server.url))).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(columns) == 3
    assert [[row[name] for name in columns] for row in rows] == [
        [GEORGIA[0], "16000000.00", "EUR"], [GEORGIA[1], "3000000.00", "EUR"],
    ]  # fmt: skip


def test_spreadsheet_example_is_an_address_of_a_file(live_server, register, client):
    response = client.get(example(live_server, "spreadsheet").removeprefix(live_server.url))
    assert b"ENIGMMA" in b"".join(response)
    assert response.headers["Content-Type"].startswith("text/csv")


def test_docs_show_the_answer_and_examples_without_javascript(browser, live_server, register):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + DOCS)
    expect(page.locator(".answer-table tbody tr")).to_have_count(2)
    expect(page.locator(".answer-table")).to_contain_text("EUR 16000000.00")
    assert page.locator("pre").count() == 4
    page.locator(".addresses summary").click()
    rows = page.locator(".addresses tbody tr")
    assert rows.count() == len(orjson.loads(openapi())["paths"])
    expect(rows.filter(has_text="/projects.xml")).to_contain_text("IATI 2.03, the international standard")


@pytest.mark.slow
def test_docs_are_readable_with_an_answer_open(page, live_server, register):
    page.goto(live_server.url + DOCS)
    page.locator(".addresses summary").click()
    operation = page.locator("#operations-projects-list_projects")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    cut = "[...document.querySelectorAll('.four-ways pre')].filter(code => code.scrollWidth > code.clientWidth).length"
    for width, colours in ((320, "dark"), (1280, "light")):
        page.emulate_media(color_scheme=colours)
        assert_accessible(page, width)
        assert page.evaluate(cut) == 0


def test_docs_try_an_address(page, live_server, register):
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(live_server.url + DOCS)
    operation = page.locator("#operations-projects-get_project")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_placeholder("key").fill("enigmma")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(operation.locator(".live-responses-table")).to_contain_text("Border Management and Migration")
    assert messages == []
