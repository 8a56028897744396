"""Page, file and API show the same rows in the same order, whatever is asked for."""

import csv
import io
import json
import re
from urllib.parse import urlencode

import pytest
from python_calamine import CalamineWorkbook

from projects.models import Project, Theme
from projects.search.filters import ONLY_WITH, ProjectFilter
from provenance.store.log import set_state
from tests.support.records import record
from tests.support.shown import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MD, GE, AM, AZ = (f"{name}-targeted-initiative" for name in ("moldova", "georgia", "armenia", "azerbaijan"))
BIBM = "bagratashen-sadakhlo-ibm"
BY_TITLE = [BIBM, "cmba", "enigmma", "nexus", MD, AM, AZ, GE]

QUERIES = [
    ("", BY_TITLE),
    ("country=MD", ["nexus", MD]),
    ("country=GE&instrument=ENI", ["enigmma"]),
    ("instrument=TPMA", ["nexus", AM, GE]),
    ("partnership=eu-georgia-mobility-partnership", ["enigmma", GE]),
    ("organisation=european-union", [BIBM, "cmba", "enigmma", "nexus", AM, AZ, GE]),
    ("organisation=iom&role=implementer&role=lead", ["cmba"]),
    ("organisation=france&organisation=icmpd&role=lead", [AM, AZ]),
    ("status=planned", [AZ]),
    ("status=completed", [MD, GE]),
    ("theme=border-management", [BIBM, "cmba", "enigmma"]),
    ("q=BORDER%20enigmma", ["enigmma"]),
    ("q=Swedish", [MD]),
    ("q=european+neighbourhood", [BIBM, "cmba", "enigmma"]),
    ("q=enigmmá%20MIGRÁTION", ["enigmma"]),
    ("q=100%25", []),
    ("q=_", []),
    ("active_from=2011&active_to=2011", [BIBM, "cmba", "enigmma", "nexus", MD, GE]),
    ("active_from=2011&active_to=2011&certainty=certain", [MD, GE]),
    ("active_from=2011&active_to=2011&certainty=dated", [MD, GE]),
    ("active_from=2014&certainty=dated", [AM, AZ]),
    ("country=GE&certainty=dated", ["enigmma", GE]),
    ("active_from=2009-02&active_to=2009-02", [BIBM, "cmba", "enigmma", "nexus", MD]),
    ("active_from=2009-02&active_to=2009-02&certainty=certain", [MD]),
    ("active_from=2013&certainty=certain", [GE]),
    ("active_from=2014", [BIBM, "cmba", "enigmma", "nexus", AM, AZ]),
    ("active_from=2016&active_to=2018&certainty=certain", []),
    ("active_to=2008", [BIBM, "cmba", "enigmma", "nexus"]),
    ("amount_min=2584000", [BIBM, "cmba", "enigmma", GE]),
    ("amount_min=2.584.000,01&amount_max=3000000", ["cmba", GE]),
    ("amount_min=1&currency=usd", []),
    ("currency=EUR", BY_TITLE),
    ("certainty=certain", BY_TITLE),
    ("not_stated=budget", ["nexus", MD, AM, AZ]),
    ("not_stated=instrument", [MD]),
    ("not_stated=lead&country=AZ", ["cmba"]),
    ("not_stated=start_date", [BIBM, "cmba", "enigmma", "nexus"]),
    ("not_stated=end_date&not_stated=budget&country=AM", [BIBM, AM]),
    ("not_stated=implementer&country=AZ", [AZ]),
    ("sort=-title", BY_TITLE[::-1]),
    ("sort=budget", [BIBM, "cmba", GE, "enigmma", AM, AZ, MD, "nexus"]),
    ("sort=-budget", ["enigmma", GE, "cmba", BIBM, AM, AZ, MD, "nexus"]),
    ("sort=start_date", [MD, GE, AM, AZ, BIBM, "cmba", "enigmma", "nexus"]),
    ("sort=-end_date", [AZ, GE, MD, AM, BIBM, "cmba", "enigmma", "nexus"]),
    ("country=&q=&country=AM&page=&sort=", [BIBM, AM]),
    ("active_from=&active_from=2016&active_from=%20", [BIBM, "cmba", "enigmma", "nexus", AM, AZ]),
]


def answers(client, query):
    """The slugs of page, files and API list, and the number of projects that the figures count."""
    response = client.get(f"/projects/?{query}")
    page = (client.get(response["Location"]) if response.status_code == 302 else response).content.decode()
    files = {
        suffix: b"".join(client.get(f"/projects.{suffix}?{query}")) for suffix in ("json", "ndjson", "csv", "xlsx")
    }
    table = csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"), newline=""))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(files["xlsx"])).get_sheet_by_name("Projects")
    api = client.get(f"/api/v1/projects/?{query}&page_size=100").json()
    figures_query = re.sub(r"(^|&)sort=[^&]*", "", query)
    figures = client.get(f"/api/v1/stats/?{figures_query.replace('&page=', '')}").json()
    return {
        "page": re.findall(r'<th scope="row"><a href="/projects/([^/]+)/"', page),
        "json": [project["slug"] for project in json.loads(files["json"])["results"]],
        "ndjson": [json.loads(line)["slug"] for line in files["ndjson"].splitlines()],
        "csv": [row["slug"] for row in table],
        "xlsx": [row[0] for row in sheet.to_python()[1:]],
        "api": [project["slug"] for project in api["results"]],
        "counts": {api["count"], figures["total"]["projects"]},
    }


def agreed(expected):
    doors = ("page", "json", "ndjson", "csv", "xlsx", "api")
    return dict.fromkeys(doors, expected) | {"counts": {len(expected)}}


def test_doors_same_query(client, register):
    for query, expected in QUERIES:
        assert answers(client, query) == agreed(expected), query


def test_doors_agree_on_the_example_of_each_parameter(client, register):
    for name in [each for each in ProjectFilter.base_filters if each not in ("as_of", "page", "page_size")]:
        examples = {each: ProjectFilter.base_filters[each].example for each in (name, *ONLY_WITH.get(name, ()))}
        rows = answers(client, urlencode(examples, doseq=True))
        assert rows == agreed(rows["json"]), name
        assert rows["json"], name


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_doors_hide_what_is_not_published(client, register, state):
    set_state(Project, ["enigmma"], state, user_name="tester")
    expected = [slug for slug in BY_TITLE if slug != "enigmma"]
    assert answers(client, "") == agreed(expected)
    for address in ("/projects/enigmma/", "/projects/enigmma.json", "/api/v1/projects/enigmma/"):
        assert client.get(address).status_code == 410
    country = client.get("/api/v1/countries/GE/").json()
    assert country["project_count"] == 1
    assert b"enigmma" not in b"".join(client.get("/sitemap-projects.xml"))


def test_what_is_not_published_is_no_choice_and_in_no_message(client, register):
    Project.objects.get(slug="bagratashen-sadakhlo-ibm").themes.clear()
    for slug in ("cmba", "enigmma"):
        Project.objects.get(slug=slug).themes.remove("border-management")
    record(Project, ["bagratashen-sadakhlo-ibm", "cmba", "enigmma"], user_name="tester")
    set_state(Theme, ["border-management"], "withdrawn", user_name="tester")
    assert b"border-management" not in client.get("/projects/").content
    problem = client.get("/api/v1/projects/?theme=border-management")
    assert problem.status_code == 400
    assert "border-management," not in str(problem.json())


def test_home_and_record_pages_hide_what_is_not_published(client, register):
    set_state(Project, ["enigmma"], "withdrawn", user_name="tester")
    assert "7 projects" in client.get("/").content.decode()
    assert b"ENIGMMA" not in client.get("/countries/GE/").content


def test_record_that_was_never_recorded_is_not_shown(client, register):
    Project(slug="zz", title="ZZ", state="published").save()
    assert client.get("/projects/zz/").status_code == 404
    assert client.get("/api/v1/projects/").json()["count"] == 8
    assert b"".join(client.get("/projects.json")).endswith(b"]}")


def test_list_holds_whole_projects(client, register):
    listed = client.get("/api/v1/projects/").json()["results"]
    assert listed == [client.get(f"/api/v1{project['url']}").json() for project in listed]


def test_pages_of_a_list_cover_it_once(client, register):
    address, seen = "/api/v1/projects/?page_size=3&sort=budget", []
    while address:
        page = client.get(address).json()
        seen += [project["slug"] for project in page["results"]]
        address = page["next"]
    assert seen == [project["slug"] for project in client.get("/api/v1/projects/?sort=budget").json()["results"]]
    assert client.get("/api/v1/projects/?page_size=3&page=2").json()["previous"].endswith("page_size=3&page=1")


def test_page_total_says_for_how_many(client, register):
    georgia = text_of(client, "/projects/?country=GE")
    assert "EUR 19,000,000</span> in total budgets (known for both projects)" in georgia
    moldova = text_of(client, "/projects/?country=MD")
    assert "no budget published (2 projects)" in moldova


def test_page_says_where_a_value_has_no_source(client, register):
    assert b"no source yet" not in client.get("/projects/nexus/").content
    Project.objects.filter(slug="nexus").update(budget_amount=5, budget_currency="EUR")
    record(Project, ["nexus"], user_name="tester")
    page = text_of(client, "/projects/nexus/")
    assert page.count("no source yet") == 1
    assert '<dd>EUR 5 <span class="no-source">no source yet</span>' in page
