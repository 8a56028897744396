"""Files of the whole result: the same rows in every form, exact text, and what each says of itself."""

import csv
import io
import json
import re
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime
from threading import Thread
from urllib.parse import urlencode

import orjson
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from projects.exports import columns, formats, streams, xlsx
from projects.exports import csv as csv_file
from projects.exports.formula_guard import guarded, needs_no_guard, unguarded
from projects.exports.views import LONGEST
from projects.index.follower import current_register
from projects.index.rows import Rows
from projects.models import Contribution, Project
from provenance.models import Revision
from tests.support.documentation import read, sections, tables
from tests.support.loops import at_least_one
from tests.support.records import record, update
from tests.support.shown import asked_for

pytestmark = pytest.mark.one_database

OTHERS = ("countries", "instruments", "partnerships", "organisations")
FILES = [f"/{name}.{each.suffix}" for name in formats.OFFERED for each in formats.offered(name)]
OURS = [address for address in FILES if not address.endswith(("xml", "atom"))]
TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("=+-@'\"; \t\r\n,\uff1d\uff20\u200b\ufeff\x01a1"), st.characters(codec="utf-8")),
    max_size=12,
)


@pytest.fixture
def enigmma(register):
    """The document of one project, to be changed."""
    return orjson.loads(current_register().document(Project, "enigmma"))


def answered(client, address, **options):
    """The response, read to its end."""
    response = client.get(address, **options)
    b"".join(response)
    return response


def csv_rows(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def table(client, address):
    """The rows of a CSV file, as ``{heading: exact text}``."""
    return [{name: unguarded(text) for name, text in row.items()} for row in csv_rows(asked_for(client, address))]


def sheets(data):
    """``{title: rows}`` of a workbook, as a spreadsheet program reads it."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def workbook_of(*documents, about=None):
    texts_about = {
        "title": "T", "register": "R", "address": "/projects.xlsx", "version": 1, "head": "", "at": "2026-11-24T05:00:00Z",
        "count": 1, "licence": None, "blanks": "B", "dates": "D", "amounts": [], "amounts_cover": "C",
    }  # fmt: skip
    texts = [orjson.dumps(each).decode() for each in documents]
    with closing(xlsx.body(columns.OF_PROJECTS, texts, texts_about | (about or {}), "https://example.org")) as chunks:
        return b"".join(chunks)


# -- Cells that nobody runs --


@given(TEXTS)
def test_harmless_is_undone_exactly(text):
    assert unguarded(guarded(text)) == text


@given(TEXTS)
def test_harmless_leaves_no_cell_that_runs(text):
    """Neither as we part cells, nor where a program takes a semicolon, a tab or a line break for the end of one."""
    for cell in re.split(r"[;\t\r\n]", guarded(text)):
        assert not cell.strip(' "\u200b\ufeff\x01').startswith(tuple("=+-@\uff1d\uff20")), guarded(text)
    assert not guarded(text).startswith(("\t", "\r", "\n"))


@given(st.lists(TEXTS, min_size=2, max_size=4))
@example(["a\rb", "\uff1d1"])
@example(["a", "\u200b=1"])
def test_line_of_csv_reads_back_and_is_guarded_where_a_cell_is(cells):
    line = csv_file.line_of(cells)
    assert list(csv.reader(io.StringIO(line.decode(), newline=""))) == [cells]
    assert not needs_no_guard(line) or list(map(guarded, cells)) == cells


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("\uff1d1", "'\uff1d1"),
        ("  =1", "  '=1"),
        ("\t=1", "'\t'=1"),
        ("'quoted'", "''quoted'"),
        ("a;=1", "a;'=1"),
        ("a\n+1", "a\n'+1"),
        ("EUR 2.584.000", "EUR 2.584.000"),
        ("to-and-fro; and, 'so' on", "to-and-fro; and, 'so' on"),
        ("", ""),
    ],
)
def test_harmless_touches_only_what_could_run(text, written):
    assert guarded(text) == written


def test_hostile_text_is_harmless_in_csv_and_exact_everywhere(enigmma):
    hostile = '=HYPERLINK("http://evil.example/","x")'
    text = orjson.dumps(enigmma | {"title": hostile, "summary": "a;=1\n@x", "acronym": "'"})
    [row] = csv_rows(b"".join(csv_file.body(columns.TABLES["projects"], [text])))
    assert (row["title"], row["summary"], row["acronym"]) == ("'" + hostile, "a;'=1\n'@x", "''")
    assert [unguarded(row[name]) for name in ("title", "summary", "acronym")] == [hostile, "a;=1\n@x", "'"]
    data = workbook_of(orjson.loads(text))
    assert sheets(data)["Projects"][1][2] == hostile
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        written = {name: parts.read(name) for name in parts.namelist()}
    assert not [name for name, part in written.items() if b"<f>" in part or b"<hyperlink" in part]


def test_csv_of_projects_leaves_out_claims_whatever_texts_hold(enigmma):
    hostile = '"claims":["],"modified":"'
    claims = [claim | {"quote": hostile} for claim in enigmma["claims"]]
    text = orjson.dumps(enigmma | {"title": hostile, "objectives": [hostile], "claims": claims})
    [row] = csv_rows(b"".join(csv_file.body(columns.TABLES["projects"], [text])))
    assert (row["title"], row["objectives"], row["modified"]) == (hostile, hostile, enigmma["modified"])


# -- The same rows and values in every form --


@pytest.mark.parametrize("query", ["", "?country=GE&sort=-budget", "?page=2&page_size=3", "?q=nothing-at-all"])
def test_files_hold_the_same_rows_in_the_same_order(client, register, query):
    documents = json.loads(asked_for(client, f"/projects.json{query}"))["results"]
    lines = [json.loads(line) for line in asked_for(client, f"/projects.ndjson{query}").splitlines()]
    book = sheets(asked_for(client, f"/projects.xlsx{query}"))
    slugs = [project["slug"] for project in documents]
    assert lines == documents
    assert [row["slug"] for row in table(client, f"/projects.csv{query}")] == slugs
    assert [row[0] for row in book["Projects"][1:]] == slugs
    for name in ("contributions", "organisations", "claims"):
        parts = [(project["slug"], n) for project in documents for n, _ in enumerate(project[name], 1)]
        rows = table(client, f"/projects-{name}.csv{query}")
        assert [(row["project_slug"], int(row["number"])) for row in rows] == parts
        assert [(row[0], row[2]) for row in book[name.capitalize()][1:]] == parts


def test_csv_cells_are_the_members_of_the_document(client, register):
    by_slug = {row["slug"]: row for row in table(client, "/projects.csv")}
    moldova, border = by_slug["moldova-targeted-initiative"], by_slug["bagratashen-sadakhlo-ibm"]
    documents = {slug: client.get(f"/api/v1/projects/{slug}/").json() for slug in by_slug}
    for slug, row in by_slug.items():
        document = documents[slug]
        assert (row["title"], row["summary"] or None) == (document["title"], document["summary"])
        assert row["country_codes"] == "; ".join(each["code"] for each in document["countries"])
        assert row["country_names"] == "; ".join(each["name"] for each in document["countries"])
        assert row["objectives"].split("\n") == (document["objectives"] or [""])
        assert row["budget_amount"] == (document["budget"] or {"amount": ""})["amount"]
    assert (border["budget_amount"], border["budget_currency"]) == ("2584000.00", "EUR")
    assert border["unattributed_amount"] == "868000.00"
    start = documents["moldova-targeted-initiative"]["start_date"]
    for part in ("precision", "earliest", "latest"):
        assert moldova[f"start_date_{part}"] == start[part]
    assert (moldova["start_date"], moldova["start_date_planned"]) == (start["value"], "false")
    assert by_slug["azerbaijan-targeted-initiative"]["start_date_planned"] == "true"


def test_csv_names_a_funder_of_several_contributions_once(client, project):
    Contribution.objects.create(project=project, funder_id="nexus-1")
    record(Project, ["nexus"], user_name="anna")
    [row] = table(client, "/projects.csv")
    assert (row["funder_slugs"], row["funder_names"]) == ("nexus-1", "Organisation 1")


def test_csv_blanks_are_empty_cells_never_zero(client, register):
    nexus = next(row for row in table(client, "/projects.csv") if row["slug"] == "nexus")
    empty = ("budget_amount", "budget_currency", "start_date", "start_date_planned", "unattributed_amount")
    assert [nexus[name] for name in empty] == [""] * len(empty)
    given = [row for row in table(client, "/projects-contributions.csv") if row["project_slug"] == "nexus"]
    assert [(row["funder_slug"], row["instrument_code"], row["amount"]) for row in given] == [
        ("european-union", "TPMA", ""),
        ("swiss-agency-for-development-and-cooperation", "", ""),
    ]


def test_csv_is_utf8_with_mark_and_crlf(client, register):
    data = asked_for(client, "/projects-claims.csv")
    assert data.startswith(b"\xef\xbb\xbfproject_slug,project_title,number,")
    assert data.endswith(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert "Moldova’s" in data.decode()


def test_workbook_has_typed_cells(client, register):
    book = sheets(asked_for(client, "/projects.xlsx"))
    heading, *rows = book["Projects"]
    by_slug = {row[0]: dict(zip(heading, row, strict=True)) for row in rows}
    assert heading == columns.TABLES["projects"].headings
    assert by_slug["enigmma"]["budget_amount"] == 16_000_000.0
    assert by_slug["nexus"]["budget_amount"] == ""
    moldova = by_slug["moldova-targeted-initiative"]
    start = client.get("/api/v1/projects/moldova-targeted-initiative/").json()["start_date"]
    assert moldova["start_date"] == start["value"]  # as precise as stated: a text
    assert moldova["start_date_earliest"] == date.fromisoformat(start["earliest"])
    assert moldova["start_date_planned"] is False
    assert isinstance(moldova["modified"], datetime)
    amounts = [row[-2] for row in book["Contributions"][1:]]
    assert {type(amount) for amount in amounts} == {float, str}
    assert set(filter(lambda amount: isinstance(amount, str), amounts)) == {""}


def test_workbook_sheets_have_fixed_headings_that_filter(client, register):
    with zipfile.ZipFile(io.BytesIO(asked_for(client, "/projects.xlsx"))) as parts:
        for number in range(2, 6):
            sheet = parts.read(f"xl/worksheets/sheet{number}.xml")
            assert b'state="frozen"' in sheet
            assert b"<autoFilter" in sheet


def test_workbook_begins_by_saying_what_it_is(client, register):
    book = sheets(asked_for(client, "/projects.xlsx?country=MD&country=GE"))
    assert list(book) == ["About", "Projects", "Contributions", "Organisations", "Claims"]
    lines = [" ".join(map(str, row)).strip() for row in book["About"]]
    assert lines[0] == "Projects in Moldova or Georgia"
    assert "Address http://testserver/projects.xlsx?country=MD&country=GE" in lines
    assert "Total budgets EUR 19000000.00, known for 2 of 4 projects" in lines
    assert any(line.startswith("Empty cells What no source states is empty") for line in lines)
    assert f"Version of the register {Revision.objects.latest('id').pk}, of " in "\n".join(lines)
    assert {column.heading for each in columns.OF_PROJECTS for column in each.columns} <= {
        row[0] for row in book["About"]
    }


def test_workbook_holds_characters_that_xml_does_not(enigmma):
    text = "a\x01\x0b\uffff_x0041_ ]]>&<b> \U0001f600\r\n"
    data = workbook_of(enigmma | {"title": text})
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheet = parts.read("xl/worksheets/sheet2.xml").decode()
    assert "_x0001_" in sheet
    assert "_x005F_x0041_" in sheet
    assert sheets(data)["Projects"][1][0] == "enigmma"


def test_workbook_says_where_a_text_was_too_long_for_it(enigmma):
    data = workbook_of(enigmma | {"title": "\U0001f600" * 20_000})
    title = sheets(data)["Projects"][1][2]
    assert len(title.encode("utf-16-le")) // 2 <= 32_767
    assert title.startswith("\U0001f600" * 16_000)
    assert title.endswith("The whole text is in the CSV, JSON and NDJSON files.]")
    # In the project's row, and beside each of its parts.
    parts = 1 + sum(len(enigmma[name]) for name in ("contributions", "organisations", "claims"))
    assert f"{parts} cells were too long for a workbook; each says so where it was cut." in str(sheets(data)["About"])


def test_workbook_keeps_amounts_that_excel_cannot_count_and_dates_before_its_first(enigmma):
    enigmma["budget"] = {"amount": "12345678901234567.89", "currency": "EUR"}
    old = {"value": "1850", "precision": "year", "earliest": "1850-01-01", "latest": "1850-12-31", "planned": False}
    heading, row = sheets(workbook_of(enigmma | {"start_date": old}))["Projects"]
    cells = dict(zip(heading, row, strict=True))
    assert cells["budget_amount"] == "12345678901234567.89"
    assert (cells["start_date"], cells["start_date_latest"]) == ("1850", "1850-12-31")


def test_workbook_that_excel_cannot_hold_is_refused_in_words(client, register, monkeypatch):
    monkeypatch.setattr(xlsx, "ROWS", 10)
    problem = client.get("/projects.xlsx")
    assert problem.status_code == 400
    assert "A sheet can have 10 rows, and there are more claims" in problem.json()["detail"]
    assert "CSV" in problem.json()["detail"]


def test_workbook_that_nobody_would_wait_for_is_refused_in_words(client, register, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_RECORDS", 7)
    problem = client.get("/projects.xlsx")
    assert problem.status_code == 400
    assert problem.json()["detail"].startswith(
        "A workbook can have at most 7 records, and your query has 8. Use the CSV"
    )
    assert asked_for(client, "/projects.xlsx?country=GE")
    assert asked_for(client, "/projects.xlsx?page=1")


def test_workbook_of_one_version_is_the_same_bytes(client, register):
    assert asked_for(client, "/projects.xlsx") == asked_for(client, "/projects.xlsx")


def test_files_of_one_project_hold_what_those_of_all_do(client, register):
    [row] = table(client, "/projects/nexus.csv")
    assert row in table(client, "/projects.csv")
    book, whole = (sheets(asked_for(client, f"{address}.xlsx")) for address in ("/projects/nexus", "/projects"))
    title = client.get("/api/v1/projects/nexus/").json()["title"]
    assert book["About"][0][0] == title
    for name, rows in at_least_one(book.items()):
        if name != "About":
            assert rows[1:] == [row for row in whole[name][1:] if row[0] == "nexus"]
    headers = answered(client, "/projects/nexus.csv").headers
    assert headers["X-Total-Count"] == "1"
    assert re.fullmatch(r'attachment; filename="nexus_[0-9-]+\.csv"', headers["Content-Disposition"])
    assert client.get("/projects/nexus.csv?page=1").status_code == 400
    assert client.get("/projects/nobody.xlsx").status_code == 404
    assert 'href="/projects/nexus.xlsx"' in client.get("/projects/nexus/").content.decode()


@pytest.mark.parametrize("collection", OTHERS)
def test_files_of_other_kinds_hold_what_the_api_does(client, register, collection):
    listed = client.get(f"/api/v1/{collection}/?page_size=100").json()["results"]
    assert json.loads(asked_for(client, f"/{collection}.json"))["results"] == listed
    rows = table(client, f"/{collection}.csv")
    key = "code" if "code" in listed[0] else "slug"
    assert [row[key] for row in rows] == [document[key] for document in listed]
    assert [int(row["project_count"]) for row in rows] == [document["project_count"] for document in listed]
    assert len(table(client, f"/{collection}.csv?page_size=2&page=2")) == 2
    part = json.loads(asked_for(client, f"/{collection}.json?fields={key},project_count"))["results"]
    assert part == [{key: each[key], "project_count": each["project_count"]} for each in listed]


def test_instruments_csv_says_one_project_as_a_number(client, register):
    """True and 1 are equal in Python, and not in CSV."""
    by_code = {row["code"]: (row["project_count"], row["is_former"]) for row in table(client, "/instruments.csv")}
    assert by_code["GPGC"] == ("1", "false")
    assert by_code["TPMA"] == ("3", "true")


# -- What a file says of itself --


def test_json_tells_what_it_holds(client, register):
    about = json.loads(asked_for(client, "/projects.json?country=GE&country=MD&sort=-budget"))["about"]
    newest = Revision.objects.latest("id")
    assert about["title"] == "Projects in Georgia or Moldova"
    assert about["address"] == "/projects.json?country=GE&country=MD&sort=-budget"
    assert (about["version"], about["at"]) == (newest.pk, newest.at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert about["count"] == 4
    assert about["amounts"] == [{"currency": "EUR", "amount": "19000000.00", "stated_for": 2}]
    assert "never means zero" in about["blanks"]
    assert "testserver" not in str(about)


def test_json_tells_its_page_and_fields(client, register, settings):
    settings.LICENCE = "https://creativecommons.org/licenses/by/4.0/"
    file = json.loads(asked_for(client, "/projects.json?page=2&page_size=3&fields=slug,title"))
    about = file["about"]
    assert len(file["results"]) == 3
    assert (about["title"], about["count"]) == ("Projects, page 2 of 3", 8)
    assert (about["page"], about["page_size"], about["fields"]) == (2, 3, ["slug", "title"])
    assert about["licence"] == "https://creativecommons.org/licenses/by/4.0/"


def test_file_of_a_past_time_tells_of_that_time(client, register):
    revision = Revision.objects.latest("id")
    then = revision.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    update(Project, "enigmma", title="Another title", budget_amount=17_000_000)
    query = urlencode({"as_of": then})
    file = json.loads(asked_for(client, f"/projects.json?{query}"))
    assert file["about"]["title"].startswith("Projects as of ")
    assert file["about"]["version"] == revision.pk
    assert file["about"]["amounts"] == [{"currency": "EUR", "amount": "24184000.00", "stated_for": 4}]
    assert "Another title" not in str(file["results"])
    assert "Another title" not in str(table(client, f"/projects.csv?{query}"))
    assert answered(client, f"/projects.csv?{query}").headers["X-Register-Version"] == str(revision.pk)
    now = json.loads(asked_for(client, "/projects.json"))
    assert "Another title" in str(now["results"])
    assert now["about"]["version"] > revision.pk
    others = json.loads(asked_for(client, f"/countries.json?{query}"))
    assert others["about"]["title"].startswith("Countries as of ")
    assert [each["project_count"] for each in others["results"]]


@pytest.mark.parametrize("query", ["", "?country=GE&page_size=1"])
def test_side_file_describes_the_tables_of_the_query(client, register, query):
    response = client.get(f"/projects.csv-metadata.json{query}")
    metadata = response.json()
    assert response.headers["Content-Type"] == "application/csvm+json"
    assert metadata["@context"][0] == "http://www.w3.org/ns/csvw"
    assert metadata["notes"][0]["title"].startswith("Projects")
    assert "apostrophe" in metadata["notes"][0]["cells"]
    for each in at_least_one(metadata["tables"]):
        schema = each["tableSchema"]
        assert each["url"].endswith(f".csv{query}")
        data = asked_for(client, f"/{each['url']}")
        rows = csv_rows(data)
        names = [column["name"] for column in schema["columns"]]
        assert data.decode("utf-8-sig").splitlines()[0] == ",".join(names)
        assert len({tuple(row[name] for name in schema["primaryKey"]) for row in rows}) == len(rows)
        for column in at_least_one(schema["columns"]):
            check = DATATYPES[column["datatype"]]
            assert all(check.fullmatch(row[column["name"]]) for row in rows if row[column["name"]]), column
    [parent, *children] = metadata["tables"]
    references = [each["tableSchema"]["foreignKeys"][0]["reference"] for each in children]
    assert references == [{"resource": parent["url"], "columnReference": "slug"}] * 3


@pytest.mark.parametrize(
    ("licence", "expected"),
    [("", None), ("CC BY 4.0", "CC BY 4.0"), ("https://example.org/by", {"@id": "https://example.org/by"})],
)
def test_side_file_points_at_a_licence_only_by_its_address(client, register, settings, licence, expected):
    settings.LICENCE = licence
    assert client.get("/projects.csv-metadata.json").json().get("dc:license") == expected


DATATYPES = {
    "string": re.compile(r".*", re.DOTALL),
    "decimal": re.compile(r"[0-9]+\.[0-9]{2}"),
    "integer": re.compile(r"[0-9]+"),
    "boolean": re.compile(r"true|false"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "dateTime": re.compile(r"[0-9-]{10}T[0-9:]{8}Z"),
}


def test_files_say_in_headers_what_they_are(client, register):
    version = str(Revision.objects.latest("id").pk)
    for suffix in ("csv", "xlsx", "json", "ndjson"):
        headers = answered(client, f"/projects.{suffix}?country=GE").headers
        assert headers["Link"] == (
            '</projects.csv-metadata.json?country=GE>; rel="describedby"; type="application/csvm+json"'
        )
        assert (headers["X-Register-Version"], headers["X-Total-Count"]) == (version, "2")
        assert headers["Content-Type"] == formats.FORMATS[suffix].media_type
    link = answered(client, "/projects.ndjson?fields=slug&country=GE").headers["Link"]
    assert "fields" not in link


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/projects.csv", "projects_{day}.csv"),
        ("/projects.csv?country=GE&country=MD&sort=-budget", "projects_country-GE-MD_{day}.csv"),
        ("/projects-claims.csv?not_stated=end_date", "projects-claims_not-stated-end-date_{day}.csv"),
        ("/projects.xlsx?q=Ü/..%5C%22;%0A%F0%9F%98%80&page=1", "projects_page-1_20f6df2f_{day}.xlsx"),
        ("/projects.json?active_from=2010-05", "projects_active-from-2010-05_{day}.json"),
        ("/organisations.csv?page_size=2", "organisations_page-size-2_{day}.csv"),
    ],
)
def test_file_names_tell_filter_and_day(client, register, address, name):
    header = answered(client, address).headers["Content-Disposition"]
    day = Revision.objects.latest("id").at.strftime("%Y-%m-%d")
    assert header.endswith(f'; filename="{name.format(day=day)}"')


def test_file_names_stay_short_and_apart(client, register):
    names = [answered(client, f"/projects.csv?q={'long ' * 30}{n}").headers["Content-Disposition"] for n in (1, 2)]
    assert names[0] != names[1]
    for name in names:
        assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._-]+"', name)
        assert len(name.split('"')[1]) <= LONGEST
        assert re.search(r"_[0-9]{4}-[0-9]{2}-[0-9]{2}\.csv", name)


# -- Cut off, and what is refused --


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/projects/nexus.pdf", "/projects/nexus.csv (text/csv), /projects/nexus.json"),
        ("/countries/GE.json", "Available: /api/v1/countries/GE/ (application/json)"),
        ("/organisations/iom.csv", "/organisations.csv (text/csv)"),
        ("/api/v1/projects.csv", "/projects.csv (text/csv)"),
        ("/projects.CSV", "There is no /projects.CSV. Available: /projects.csv (text/csv)"),
        ("/countries.xlsx", "/countries.csv (text/csv)"),
        ("/projects-claims.json", ".csv (text/csv)"),
    ],
)
def test_format_that_there_is_not_lists_those_that_there_are(client, register, address, words):
    problem = client.get(address)
    assert (problem.status_code, problem.headers["Content-Type"]) == (404, "application/problem+json")
    assert words in problem.json()["detail"]


@pytest.fixture
def cut_off(monkeypatch):
    """Files break off after their second document."""
    whole = Rows.stream_documents

    def stream(self):
        for number, text in enumerate(whole(self)):
            if number == 2:
                raise RuntimeError("the database went away")
            yield text

    monkeypatch.setattr(Rows, "stream_documents", stream)


def cut(client, address):
    received = []
    with pytest.raises(RuntimeError, match="went away"):
        for chunk in client.get(address):
            received.append(chunk)
    return b"".join(received).decode("utf-8-sig")


def test_csv_that_was_cut_off_says_so_in_its_last_row(client, register, cut_off):
    *rows, last = csv.reader(io.StringIO(cut(client, "/projects.csv"), newline=""))
    assert len(rows) == 3
    assert last == [streams.CUT_OFF]
    assert last[0].startswith("INCOMPLETE: this file was cut off")


def test_ndjson_that_was_cut_off_says_so_in_its_last_line(client, register, cut_off):
    *lines, last = cut(client, "/projects.ndjson").splitlines()
    assert len(lines) == 2
    assert json.loads(last) == {"error": streams.CUT_OFF}


def test_json_that_was_cut_off_is_none_and_says_so(client, register, cut_off):
    text = cut(client, "/projects.json")
    assert json.loads(text.splitlines()[-1]) == streams.CUT_OFF
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_workbook_that_cannot_be_finished_is_none(client, register, cut_off):
    with pytest.raises(RuntimeError, match="went away"):
        client.get("/projects.xlsx")


@pytest.mark.parametrize("address", OURS)
def test_files_refuse_what_they_do_not_understand(client, register, address):
    for query, parameter in (
        ("foo=1", "foo"),
        ("page=0", "page"),
        ("page_size=101", "page_size"),
        ("cursor=", "cursor"),
    ):
        problem = client.get(f"{address}?{query}")
        assert problem.status_code == 400
        assert problem.headers["Content-Type"] == "application/problem+json"
        assert list(problem.json()["errors"]) == [parameter]
    assert client.get(f"{address}?page=99").status_code == 404
    assert client.head(f"{address}?page=99").status_code == 404


def test_fields_are_for_files_of_whole_records_only(client, register):
    for address in OURS:
        allowed = formats.FORMATS[address.rpartition(".")[2]].takes_fields
        assert answered(client, f"{address}?fields=url").status_code == (200 if allowed else 400), address
        assert client.get(f"{address}?fields=nothing").status_code == 400
    assert client.get("/projects.csv-metadata.json?fields=slug").status_code == 400


@pytest.mark.parametrize("address", OURS)
def test_accept_that_fits_no_file_lists_the_formats(client, register, address):
    problem = client.get(address, headers={"Accept": "application/pdf"})
    assert problem.status_code == 406
    assert "csv (text/csv)" in problem.json()["detail"]
    assert answered(client, address, headers={"Accept": "text/*, application/*;q=0.5"}).status_code == 200


# -- How it is sent --


@pytest.mark.parametrize("address", OURS)
def test_head_of_a_file_reads_no_document(client, register, address):
    expected = answered(client, address).headers
    with CaptureQueriesContext(connection) as captured:
        response = client.head(address)
        body = b"".join(response)
    assert body == b""
    assert not [query for query in captured if '"document"' in query["sql"].split("FROM")[0]]
    assert len(captured) <= 3, [query["sql"][:80] for query in captured]
    for name in ("Content-Type", "Content-Disposition", "Link", "X-Total-Count", "X-Register-Version", "ETag"):
        assert response.headers[name] == expected[name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("suffix", ["csv", "json", "ndjson"])
def test_client_that_goes_away_leaves_no_running_query(client, register, monkeypatch, lasting_connection, suffix):
    monkeypatch.setattr(streams, "CHUNK", 10)
    response = client.get(f"/projects.{suffix}?country=GE&country=MD")
    received = iter(response)
    next(received)
    next(received)
    assert not is_reading()  # no query and no transaction stays open while a reader dawdles
    response.close()
    assert not is_reading()
    Project.objects.filter(pk="enigmma").update(title="Written after")
    assert b"Written after" not in asked_for(client, f"/projects.{suffix}")  # not recorded: only rows were written


@pytest.mark.django_db(transaction=True)
def test_file_that_is_refused_or_only_headers_holds_nothing(client, register, lasting_connection):
    for ask in (client.head, client.get):
        response = ask("/projects.csv" if ask == client.head else "/projects.csv?page=99")
        response.close()
        assert not is_reading()


@pytest.fixture
def lasting_connection():
    """Connections stay open after an answer, as on a server that keeps them."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


def is_reading():
    """Whether the connection is in a transaction, as its server sees it."""
    if connection.vendor == "sqlite":
        return connection.connection is not None and connection.connection.in_transaction
    if connection.connection is None:
        return False
    return connection.connection.info.transaction_status != 0  # 0: idle


@pytest.mark.django_db(transaction=True)
def test_file_is_of_one_moment(client, register):
    """What is published after its headers is not in it: rows, count, sums and version are of one moment."""

    def publish():
        update(Project, "moldova-targeted-initiative", title="Published meanwhile")
        connection.close()

    before = Revision.objects.latest("id").pk
    response = client.get("/projects.json")
    writer = Thread(target=publish)
    writer.start()
    writer.join(timeout=60)
    assert not writer.is_alive()
    assert Revision.objects.latest("id").pk > before
    file = json.loads(b"".join(response))
    assert file["about"]["version"] == before == int(response.headers["X-Register-Version"])
    assert "Published meanwhile" not in str(file)
    assert "Published meanwhile" in asked_for(client, "/projects.json").decode()


# -- What the documentation says --


@pytest.mark.parametrize("name", list(columns.TABLES))
def test_columns_are_documented_in_their_order(name):
    documented = tables(sections("docs/api.md")[f"Columns of `{name}.csv`"], "column")
    assert [list(each) for each in documented] == [columns.TABLES[name].headings]


def test_formats_are_documented():
    text = read("docs/api.md")
    assert not [address for address in FILES if f"`{address}`" not in text]
