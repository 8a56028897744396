"""The citation of a project as BibTeX, RIS and CSL-JSON, read by real parsers."""

import bibtexparser
import pytest
import rispy

from projects.exports.citations import bibtex, ris
from projects.models import Project
from tests.support.records import update

pytestmark = pytest.mark.one_database

HOSTILE = 'Ends here} } and { more}, note={x}\n\\input{/etc/passwd} % # $ & _ ^ ~ "q"\r\nER  - \r\n<script>'


def read(client, suffix, key="bagratashen-sadakhlo-ibm", query=""):
    answer = client.get(f"/projects/{key}.{suffix}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_citation_says_the_same_in_each_format(client, register):
    project = client.get("/api/v1/projects/bagratashen-sadakhlo-ibm/").json()
    [entry] = client.get("/projects/bagratashen-sadakhlo-ibm.csl.json").json()
    [of_bibtex] = bibtexparser.parse_string(read(client, "bib")).entries
    [of_ris] = rispy.loads(read(client, "ris"))
    assert entry["title"] == of_bibtex["title"] == of_ris["title"] == project["title"]
    assert entry["URL"] == of_bibtex["url"] == of_ris["urls"][0]
    assert entry["version"] == of_bibtex["version"] == of_ris["edition"]
    assert "read on 2026-11-24" in entry["note"]
    assert "read on 2026-11-24" in of_bibtex["note"]
    assert entry["issued"]["date-parts"][0][0] == int(of_bibtex["year"]) == int(of_ris["year"])


def test_citation_leads_to_what_was_cited_after_a_change(client, register):
    [before] = client.get("/projects/nexus.csl.json").json()
    title = before["title"]
    update(Project, "nexus", title="Another title", user_name="desk")
    address = before["URL"][before["URL"].index("/projects/") :]
    assert "%3A" not in address
    assert title in client.get(address).content.decode()
    [after] = client.get("/projects/nexus.csl.json").json()
    assert after["title"] == "Another title"
    assert after["version"] != before["version"]
    query = address[address.index("?") :]
    assert client.get(f"/projects/nexus.csl.json{query}").json() == [before]


def test_signs_of_direction_in_a_title_turn_nothing_beside_it(client, register):
    update(Project, "nexus", title="Visas \u202eand\u2066 borders", user_name="desk")
    page = client.get("/projects/nexus/").content.decode()
    assert "<title>Visas and borders –" in page
    assert '<meta property="og:title" content="Visas and borders' in page
    assert "“Visas and borders”" in page[page.index('id="citation"') :]
    assert '<h1 lang="en" dir="auto">Visas \u202eand' in page, "isolated, as the source has it"


def test_hostile_title_stays_one_entry_of_one_field():
    entry = {
        "id": "x-1", "title": " ".join(HOSTILE.split()), "publisher": "", "container-title": "Register", "version": "1",
        "issued": {"date-parts": [[2026, 11, 29]]}, "URL": "https://example.org/", "note": "",
    }  # fmt: skip
    library = bibtexparser.parse_string(bibtex(entry))
    assert not library.failed_blocks
    assert set(library.entries[0].fields_dict) == {"title", "series", "version", "url", "year", "date"}
    [read_back] = rispy.loads(ris(entry))
    assert read_back["title"] == entry["title"]


@pytest.mark.parametrize("suffix", ["bib", "ris", "csl.json"])
def test_citation_of_an_unknown_project_is_a_problem_in_json(client, register, suffix):
    answer = client.get(f"/projects/nothing.{suffix}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_page_of_a_project_offers_its_citation(client, register):
    page = client.get("/projects/nexus/").content.decode()
    assert all(f'href="/projects/nexus.{suffix}"' in page for suffix in ("bib", "ris", "csl.json"))
