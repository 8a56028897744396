"""Cite, share and download: what leads to the same answer for ever, and what other people get."""

import codecs
import csv
import io
import re
from email.header import decode_header
from html import escape, unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import expect

from projects.exports.columns import TABLES
from projects.models import Project
from provenance.store.log import set_state
from tests.support.database import queries
from tests.support.loops import at_least_one
from tests.support.records import update
from tests.support.shown import text_of
from tests.support.staff import WITHDRAWN

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def cited(client, address):
    match = re.search(r'<p id="citation">(.*?)</p>', text_of(client, address))
    return unescape(match[1]).replace("\xa0", " ")


def test_citation_of_a_search_has_quotation_marks_of_two_kinds(client, register):
    assert "“Projects matching ‘border’”" in cited(client, "/projects/?q=border")


def test_citation_of_a_list_names_question_sums_and_coverage(client, register):
    words = cited(client, "/projects/?country=GE&country=AM&page=1")
    assert "“Projects in Georgia or Armenia”" in words
    assert "EUR 21,584,000 in total budgets (known for 3 of 4 projects)" in words


def test_citation_of_a_list_gives_the_same_answer_after_changes(client, register):
    address = re.search(r"http://testserver(/projects/\S+)", cited(client, "/projects/?country=GE"))[1]
    assert "country=GE" in address
    assert re.search(r"as_of=[0-9-]+T[0-9]{2}:", address)
    before = cited(client, address)
    titles = re.findall(r'<a href="/projects/[\w-]+/', text_of(client, address))
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="desk", reason="Wrong.")
    assert cited(client, "/projects/?country=GE") != before
    assert cited(client, address) == before
    assert len(titles) == len(re.findall(r'<a href="/projects/[\w-]+/', text_of(client, address))) >= 2


def test_citation_in_french_leads_to_a_french_page(client, register):
    words = cited(client, "/fr/projects/nexus/")
    assert "Registre des financements" in words
    assert "http://testserver/fr/projects/nexus/?as_of=" in words
    assert 'Source : <span lang="en">Financial and technical assistance</span>, consultée le' in words
    assert re.search(r'« <span lang="en">[^<>]+</span> », version', words)
    source = "sources/financial-and-technical-assistance/"
    assert '<span lang="en">Financial and technical assistance</span>' in cited(client, f"/fr/{source}")
    assert "<span" not in cited(client, f"/{source}") + cited(client, "/fr/countries/GE/")


@pytest.mark.parametrize(
    "page",
    ["/countries/GE/", "/instruments/ENI/", "/sources/financial-and-technical-assistance/", "/countries/", "/data/"],
)
def test_every_page_with_a_citation_cites_an_address_that_answers(client, register, page):
    address = re.search(r"http://testserver(/\S+)", cited(client, page))[1]
    assert client.get(address).status_code == 200


def test_page_is_shared_by_its_address_and_by_mail_without_asking_others(client, register):
    page = text_of(client, "/projects/bagratashen-sadakhlo-ibm/")
    assert 'value="http://testserver/projects/bagratashen-sadakhlo-ibm/"' in page
    link = unescape(re.search(r'href="(mailto:\?[^"]+)"', page)[1])
    asked = parse_qs(urlsplit(link).query)
    assert asked["subject"] == ["Bagratashen-Sadakhlo Integrated Border Management Project"]
    assert "EUR 2,584,000" in asked["body"][0].replace("\xa0", " ")
    assert asked["body"][0].endswith("\nhttp://testserver/projects/bagratashen-sadakhlo-ibm/")


def test_hostile_title_stays_in_the_subject_of_the_mail(client, register):
    title = 'A & B?body=x\r\nBcc: y@example.org "><script>'
    update(Project, "nexus", title=title, user_name="desk")
    link = unescape(re.search(r'href="(mailto:\?[^"]+)"', text_of(client, "/projects/nexus/"))[1])
    assert not re.search(r"[\s<>]", link)
    assert decode_header(parse_qs(urlsplit(link).query)["subject"][0])[0][0].startswith("A & B?body=x")
    assert "bcc" not in {name.lower() for name in parse_qs(urlsplit(link).query)}
    assert "Bcc" in unquote(link)


def test_download_offers_spreadsheets_first(client, register):
    page = text_of(client, "/projects/?country=GE")
    menu = page[page.index('<details class="menu"') :].split("</details>")[0]
    assert re.findall(r'href="/projects\.(\w+)\?country=GE"', menu)[:2] == ["xlsx", "csv"]
    assert page.index('id="result"') < page.index('<details class="menu"') < page.index("<table")


def test_feed_is_one_to_follow_and_not_a_download(client, register):
    def offered(query):
        return re.findall(r'<a href="/projects\.atom\?[^>]*>([^<]*)', text_of(client, f"/projects/?country=GE{query}"))

    assert offered("") == ["Follow changes to these projects (Atom)"]
    assert offered("&as_of=2026-03-01T12:00:00Z") == []


def test_project_has_cite_share_and_download_on_its_card(client, register):
    page = text_of(client, "/projects/nexus/")
    card = page[page.index('<aside class="card"') :].split("</aside>")[0]
    assert re.findall(r'href="#(\w+)"', card) == ["cite", "share", "download"]
    assert all(f'id="{name}"' in page for name in ("cite", "share", "download"))


# -- The data page and the codebook --


def test_data_page_leads_to_each_table_and_measures_once(client, register):
    page, titles = text_of(client, "/data/"), []
    assert not [sql for sql in queries(client.get, "/data/") if '"document"' in sql.split("FROM")[0]]
    for name in at_least_one(TABLES):
        row = page[page.index(f'codebook/#{name}"') :].split("</tr>")[0]
        assert f'href="/{name}.csv"' in row
        titles.append(row.split("</a>")[0].rpartition(">")[2])
    assert len(set(titles)) == len(TABLES)
    assert "Agreements" in titles


def test_data_page_has_nothing_for_the_operator(client, register):
    page = text_of(client, "/data/") + text_of(client, "/fr/data/")
    assert not re.search(r"manage\.py|write_dumps|DUMPS_DIR|command|cron", page)


def test_codebook_has_every_column_of_every_file(client, register):
    data = client.get("/data/codebook.csv").content
    assert data.startswith(codecs.BOM_UTF8), "as the other CSV files, so that Excel reads it as UTF-8"
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    page = text_of(client, "/data/codebook/")
    for name in at_least_one(TABLES):
        heading = next(csv.reader(io.StringIO(b"".join(client.get(f"/{name}.csv")).decode("utf-8-sig"))))
        assert [row["column"] for row in rows if row["table"] == name] == heading
        assert all(f"<code>{column}</code>" in page for column in heading)
    assert all(row["meaning"] and row["blank_means"] and row["type"] and row["label"] for row in rows)
    budget = next(row for row in rows if row["column"] == "budget_amount")
    assert budget["blank_means"] == "not stated, which is not zero"
    required = [(row["table"], row["column"]) for row in rows if row["blank_means"] == "never blank"]
    assert {("projects", "slug"), ("projects-claims", "quote"), ("sources", "title")} < set(required)
    for name, column in required:
        cells = csv.DictReader(io.StringIO(b"".join(client.get(f"/{name}.csv")).decode("utf-8-sig"), newline=""))
        assert all(row[column] for row in cells), (name, column)
    french = text_of(client, "/fr/data/codebook/")
    assert "not stated" not in french
    assert not [row["meaning"] for row in rows if f">{escape(row['meaning'])}<" in french]
    assert all(words in french for words in ("nombre décimal", "non indiqué, ce qui n’est pas zéro", "jamais vide"))


def test_code_to_start_with_reads_the_file(client, register):
    page = unescape(text_of(client, "/data/"))
    assert 'pandas.read_csv("http://testserver/projects.csv")' in page
    assert 'read.csv("http://testserver/projects.csv"' in page
    heading = b"".join(client.get("/projects.csv")).decode("utf-8-sig").splitlines()[0].split(",")
    assert {"budget_amount", "budget_currency"} <= set(heading)


@pytest.mark.browser
def test_citation_is_copied_by_a_button(live_server, page, register):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/projects/nexus/")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.locator("#announcement")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#citation").inner_text()


@pytest.mark.browser
def test_copy_buttons_are_not_there_without_scripts(live_server, browser, register):
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/projects/nexus/")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.goto(f"{live_server.url}/projects/")
    page.locator("details.menu > summary").click()
    expect(page.get_by_role("link", name="CSV", exact=True).first).to_be_visible()
