"""Tables that people upload: read into documents, refused by row and column."""

import csv
import io
import zipfile
from datetime import date, datetime

import hypothesis
import pytest
import xlsxwriter
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import strategies as st

from imports import tables
from imports.answers import NEW
from imports.items import NotReadable
from imports.tables import files
from imports.tables.headings import proposal
from imports.tables.questions import key_of
from projects import samples
from projects.exports import streams
from projects.models import Organisation, Project
from provenance.documents.claims import settle_claims
from provenance.models import Moved, Source
from provenance.store import log, writer
from tests.support.loops import at_least_one
from tests.support.records import current, update, write
from tests.support.staff import WITHDRAWN, make

pytestmark = pytest.mark.one_database

NO_CLAIMS = {"claims": []}
SOURCE = {"slug": "import-1", "title": "Import of file.csv"}


@pytest.fixture
def bring(tmp_path):
    """Return a function that reads bytes, or rows of texts, as a file is read."""

    def read(content, name="file.csv", **options):
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else as_csv(content))
        reading = tables.read(path, name=name, options=options, source=SOURCE)
        return reading, [settled(item) for item in reading.items]

    return read


def settled(item):
    """Return an item with its document as writing it makes it."""
    if item.document:
        item.document = settle_claims(item.document)
    return item


def proposals(reading):
    """Return {heading: our column, or ""} of the columns that a reading proposes."""
    columns = [column for sheet in reading.about["sheets"] for column in sheet["columns"]]
    return {column["heading"]: column["column"] for column in columns if column["proposed"]}


def as_csv(rows, delimiter=",", encoding="utf-8"):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)


def fetched(address):
    """Return a file of the register as the public takes it away."""
    return b"".join(Client().get(address).streaming_content)


def as_rows(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def workbook(sheets):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return file.getvalue()


def recording_source():
    Source.objects.create(**SOURCE)
    log.set_state(Source, [SOURCE["slug"]], "published", user_name="test")


def faults_of(items):
    return [(fault.place, fault.column, fault.what) for item in items for fault in item.faults]


def assert_same(items):
    """Each item says what stands."""
    assert not faults_of(items)
    for item in items:
        assert item.document == current(item.key, item.model)


def test_tables_of_our_own_come_back_without_difference(register, bring):
    for address in ("projects.csv", "projects.xlsx", "countries.csv", "instruments.csv", "partnerships.csv",
                    "organisations.csv", "projects-contributions.csv", "projects-organisations.csv",
                    "projects-claims.csv"):  # fmt: skip
        reading, items = bring(fetched(f"/{address}"), address)
        assert not reading.faults, address
        assert items, address
        assert_same(items)


def test_samples_of_every_shape_are_read_anew_as_they_were(db, bring):
    samples.make(300)
    data = fetched("/projects.xlsx")
    assert_same(bring(data, "projects.xlsx")[1])
    before = writer.current(Project, Project.objects.published().values_list("pk", flat=True))
    log.delete(Project, list(before), user_name="test")
    items = bring(data, "projects.xlsx")[1]
    assert not faults_of(items)
    assert {item.key for item in items} == before.keys()
    for item in at_least_one(items):
        assert item.document | {"claims": []} == before[item.key] | {"claims": []}
        there = [claim for claim in item.document["claims"] if claim["source"]["slug"] != "import-1"]
        worked_out = {"evidence": None, "url": None}  # when they are recorded
        assert there == [claim | worked_out for claim in before[item.key]["claims"]]


@pytest.mark.parametrize(
    ("day", "month", "encoding"),
    [("%d/%m/%Y", "%b-%y", "utf-8"), ("%m/%d/%Y", "%b-%y", "cp1252"), ("%d.%m.%Y", "%b %y", "cp1252")],
)
def test_our_own_table_that_a_spreadsheet_saved_in_its_way_comes_back_without_difference(
    register, bring, day, month, encoding
):
    update(Project, "enigmma", title="Sprijin pentru migrație", start_date="2013-02-01", end_date="2014-09")
    rows = as_rows(fetched("/projects.csv"))
    for row in rows[1:]:
        for at, heading in enumerate(rows[0]):
            if "_date" in heading and row[at][4:5] == "-":
                form = day if len(row[at]) == len("2013-02-01") else month
                row[at] = datetime.strptime(f"{row[at]}-01"[:10], "%Y-%m-%d").strftime(form)
    texts = [[text.encode(encoding, "replace").decode(encoding) for text in row] for row in rows]
    assert_same(bring(as_csv(texts, ";", encoding), "projects.csv")[1])
    [changed] = [row for row in texts if row[0] == "enigmma"]
    changed[rows[0].index("start_date")] = datetime(2013, 1, 2).strftime(day)
    items = {item.key: item for item in bring(as_csv(texts, ";", encoding), "projects.csv")[1]}
    [fault] = items.pop("enigmma").faults
    assert "two ways" in fault.what
    assert_same(items.values())


HEAD = ["slug", "title", "budget_amount", "budget_currency", "start_date"]


def test_cells_of_new_project_become_its_document_each_with_its_claim(register, bring):
    reading, [item] = bring([HEAD, [], ["", "New project", "2.584.000,50", "EUR", "2014-03"], ["", " "]])
    document = item.document
    assert reading.about["sheets"][0]["rows"] == 1
    assert item.key == "new-project"
    assert document["budget"] == {"amount": "2584000.50", "currency": "EUR"}
    assert document["start_date"]["latest"] == "2014-03-31"
    claim = next(claim for claim in document["claims"] if claim["field"] == "budget")
    assert claim == {
        "field": "budget",
        "as_stated": "2.584.000,50",
        "quote": "budget_amount: 2.584.000,50; budget_currency: EUR",
        "source": SOURCE,
        "set_aside": None,
        "place": "row 3, column C",
        "status": "adopted",
        "value": [{"amount": "2584000.50", "currency": "EUR"}],
        "reading": claim["reading"],
        "language": None,
        "evidence": None,
        "url": None,
    }
    assert {claim["field"] for claim in document["claims"]} == {"title", "budget", "start_date"}
    assert write(Project, {item.key: document | NO_CLAIMS}, user_name="test") == 1


def test_changed_value_sets_the_older_claims_aside_and_leaves_the_rest(register, bring):
    slug = Project.objects.filter(claims__field="budget").values_list("pk", flat=True)[0]
    before = current(slug)
    _reading, [item] = bring([["slug", "budget_amount"], [slug, "99999999.99"]])
    assert item.document["budget"] == {"amount": "99999999.99", "currency": before["budget"]["currency"]}
    budgets = [claim for claim in item.document["claims"] if claim["field"] == "budget"]
    assert [(claim["set_aside"] or "")[:24] for claim in budgets] == ["States the earlier value"] * (
        len(budgets) - 1
    ) + [""]
    rest = ("budget", "claims", "unattributed")
    assert {name: value for name, value in item.document.items() if name not in rest} == {
        name: value for name, value in before.items() if name not in rest
    }


def test_amount_that_names_its_currency_changes_it(register, bring):
    slug = Project.objects.filter(budget_currency="EUR").values_list("pk", flat=True)[0]
    _reading, [item] = bring([["slug", "budget_amount"], [slug, "USD 5,000.50"]])
    assert item.document["budget"] == {"amount": "5000.50", "currency": "USD"}


def test_file_read_a_second_time_changes_nothing(register, bring):
    rows = as_rows(fetched("/projects.csv"))
    at = {heading: place for place, heading in enumerate(rows[0])}
    for row in rows[1:]:
        row[at["title"]] += " anew"
        row[at["budget_amount"]], row[at["budget_currency"]] = "99999999", "EUR"
    rows.append([""] * len(rows[0]))
    rows[-1][at["title"]] = "Quite new"
    _reading, items = bring(rows)
    assert not faults_of(items)
    recording_source()
    assert write(Project, {item.key: item.document for item in items}, user_name="test") == 9
    assert_same(bring(rows)[1])


REFUSED = [
    (["2.584", "EUR", ""], "C “budget_amount”", "“2.584” can be read in two ways: 2,584.00"),
    (["10", "", ""], "D “budget_currency”", "“Budget amount” is stated without its currency."),
    (["10", "XEU1", ""], "D “budget_currency”", "“XEU1” is not a currency."),
    (["USD 10", "EUR", ""], "C “budget_amount”", "“USD 10”: USD, as the cell says, contradicts EUR, as the column"),
    (["", "", "03/04/2014"], "E “start_date”", "“03/04/2014” can be read in two ways. Write 2014-03-04 or 2014-04-03."),
    (["", "", "41640"], "E “start_date”", "Excel’s number of the day 2014-01-01: then write 2014-01-01."),
    (
        ["", "", "2014-05-31T13:45:00"],
        "E “start_date”",
        "“2014-05-31T13:45:00” is a day with a time. Write 2014-05-31.",
    ),
    (["", "", "2014-02-30"], "E “start_date”", "“2014-02-30” is not a date. Give a year, a month or a day"),
    (["", "", "20\x0014"], "E “start_date”", "It holds a NUL character."),
    (["#DIV/0!", "", ""], "C “budget_amount”", "It holds the error #DIV/0!. Put the value there, or empty it."),
    (["#BUSY!", "", ""], "C “budget_amount”", "It holds the error #BUSY!."),
    (["", "", "Err:508"], "E “start_date”", "It holds the error Err:508."),
]


@pytest.mark.parametrize(("cells", "column", "what"), REFUSED)
def test_cell_that_cannot_be_read_is_refused_by_row_and_column(register, bring, cells, column, what):
    _reading, items = bring([HEAD, ["good", "Good", "", "", ""], [], ["bad", "Bad", *cells]])
    good, bad = items
    assert good.document
    assert not bad.document
    [fault] = bad.faults
    assert (fault.place, fault.column) == ("row 4", column)
    assert what in fault.what


OTHERS = [
    ("country_codes", "gee", "The register has no country “gee”. Did you mean “Georgia (GE)”?"),
    ("theme_slugs", "asylumm", "The register has no theme “asylumm”. Did you mean"),
    ("status", "cancelled", "“cancelled” is not known. Give one of: planned, ongoing, completed."),
    ("title", "x" * 501, "at most 500 characters"),
    ("components", "1. Training\nReturn", "“Return” is no component."),
    ("start_date_planned", "perhaps", "“perhaps” is neither true nor false."),
    ("funder_names", "Nobody", "It follows from the table “Contributions”: change it there."),
    ("country_names", "Georgia, the state", "It follows from the column of codes beside it: change it there."),
    ("unattributed_amount", "1", "It follows from the budget and the contributions: change it there."),
]


@pytest.mark.parametrize("heading", ["colour", "notes"])
def test_heading_that_is_like_none_of_ours_has_no_suggestion(register, bring, heading):
    reading, [item] = bring([["slug", "title", heading], ["one", "One", "x"]], "projects.csv")
    assert not reading.faults
    assert item.document
    assert proposals(reading) == {heading: ""}


@pytest.mark.parametrize(("heading", "text", "what"), OTHERS)
def test_cell_of_project_that_says_what_cannot_be_is_refused(register, bring, heading, text, what):
    slug = Project.objects.values_list("pk", flat=True)[0]
    _reading, [item] = bring([["slug", heading], [slug, text]], "projects.csv")
    [fault] = item.faults
    assert what in fault.what
    assert f"“{heading}”" in fault.column
    assert item.document is None


def test_planned_date_that_is_not_stated_is_refused(register, bring):
    _reading, [item] = bring([["slug", "title", "end_date", "end_date_planned"], ["one", "One", "", "true"]])
    assert [fault.what for fault in item.faults] == [
        "It is true, and “End date” is empty. State the date, or empty this."
    ]


def test_keys_that_meet_are_refused_with_all_their_rows(register, bring):
    there = Project.objects.all()[0]
    rows = [["slug", "title"], ["one", "One"], ["one", "Other"], ["", there.slug.replace("-", " ") + "s"]]
    _reading, items = bring(rows)
    twice, again, made = items
    assert twice.faults[0].what == again.faults[0].what
    assert "is in 2 rows: row 2; row 3" in twice.faults[0].what
    assert f"The register has “{there.title}”: is it this?" in made.faults[0].what
    assert made.faults[0].question["choices"][0][0] == f"={there.slug}"


def test_title_with_the_short_name_of_a_project_is_asked(register, bring):
    titles = ["Projet NEXUS", "Migration in Georgia (ENIGMMA)", "The nexus of migration and climate", "EU support"]
    items = bring([["title"], *([title] for title in titles)])[1]
    assert [[fault.question["choices"][0][0] for fault in item.faults] for item in items] == [
        ["=nexus"], ["=enigmma"], [], [],
    ]  # fmt: skip


def test_title_of_a_project_in_other_countries_is_asked(register, bring):
    head = ["title", "country_codes", "acronym"]
    items = bring([head, ["NEXUS", "Georgia", "A"], ["ENIGMMA", "Georgia; Armenia", "B"], ["GOVAC", "", "C"]])[1]
    [fault] = items[0].faults
    assert fault.what == "The register has “NEXUS, Moldova”: is it this?"
    assert [answer for answer, _label in fault.question["choices"]] == ["=nexus", NEW]
    assert not faults_of(items[1:])
    for answer, key in (("=nexus", "nexus"), (NEW, "nexus-2")):
        [item] = bring([head, ["NEXUS", "Georgia", "A"]], answers={"title": {"NEXUS": answer}})[1]
        assert (item.key, item.faults) == (key, [])


def test_identifier_that_two_rows_of_a_file_give_is_refused_however_far_apart(register, bring):
    rows = [["slug", "name", "identifier"], *([f"body-{at}", f"Body {at}", f"XM-{at % 600}"] for at in range(610))]
    items = bring(rows, "organisations.csv")[1]
    bad = [item for item in items if item.faults]
    assert [item.key for item in bad] == [f"body-{at}" for at in (*range(10), *range(600, 610))]
    assert faults_of(bad)[10] == (
        "row 602", "C “identifier”", "“XM-0” is in 2 rows: row 2; row 602. They differ in “slug”, “name”."
        " Leave out all but one, or give each its own identifier.",
    )  # fmt: skip


def test_record_that_changed_after_the_file_was_made_is_not_overwritten(register, bring):
    slug = Project.objects.values_list("pk", flat=True)[0]
    _reading, [item] = bring([["slug", "title", "modified"], [slug, "New title", "2020-01-01T00:00:00Z"]])
    assert "after this file was made" in item.faults[0].what


def test_table_that_may_be_several_is_not_guessed(register, bring):
    rows = [["slug", "name"], ["one", "One"]]
    reading, items = bring(rows)
    assert "This may be the table “Agreements” or “Organisations”." in reading.faults[0].what
    assert not items
    assert not bring(rows, "organisations_2026.csv")[0].faults
    assert not bring(rows, tables={"": "organisations"})[0].faults


def test_columns_that_a_table_needs_are_named_by_their_labels(register, bring):
    reading, _items = bring([["project_slug", "amount"], ["nexus", "1"]], "contributions.csv")
    needs = [fault.what for fault in reading.faults]
    assert needs == [f"The table “Contributions” needs the column “{name}”." for name in ("Funder", "Instrument")]


def test_column_that_is_not_known_is_proposed_or_chosen(register, bring):
    rows = [["Register of projects"], [], ["Slug", "Titel", "Remarks"], ["one", "One", "good"]]
    reading, [item] = bring(rows, "projects.csv")
    assert not reading.faults
    assert item.document["title"] == "One"
    assert proposals(reading) == {"Titel": "title", "Remarks": ""}
    reading, [item] = bring(rows, columns={"": {"Titel": "title", "Remarks": ""}})
    assert not reading.faults
    assert item.document["title"] == "One"
    assert item.document["claims"][0]["quote"] == "Slug: one; Titel: One"
    assert bring(rows, columns={"Titel": "title", "Remarks": ""})[1][0].document == item.document


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_of_every_spreadsheet_is_read(register, bring, delimiter, encoding):
    rows = [["A title, with; commas"], HEAD, ["one", "Café – “déjà”", "1234,5", "EUR", "2012"], ["", ""]]
    reading, [item] = bring(as_csv(rows, delimiter, encoding))
    assert item.document["title"] == "Café – “déjà”"
    assert item.document["budget"]["amount"] == "1234.50"
    assert reading.about["form"] == "CSV"


def test_funder_that_an_instrument_cannot_have_is_refused_in_its_own_cell(register, bring):
    data = workbook({
        "Projects": [HEAD, ["one", "One", "", "", ""]],
        "Contributions": [["project_slug", "funder_slug", "instrument_code"], ["one", "iom", "ENI"]],
    })  # fmt: skip
    _, items = bring(data, "file.xlsx")
    [(place, column, what)] = faults_of(items)
    assert (place, column) == ("sheet Contributions, row 2", "B “funder_slug”")
    assert "its funder is the European Union" in what


def test_workbook_of_several_sheets_is_read_with_its_days_and_numbers(register, bring):
    data = workbook({
        "Notes": [["something else"]],
        "Organisations": [["slug", "name", "kind_code"], ["", "New body", 10]],
        "Projects": [["Our projects"], HEAD, ["one", 2010, 0.1 + 0.2, "EUR", date(2014, 5, 31)]],
        "Contributions": [
            ["project_slug", "funder_slug", "instrument_code", "amount", "currency"],
            ["one", "new-body", None, 0.2, "EUR"],
            ["none", "new-body", None, None, None],
        ],
    })  # fmt: skip
    reading, items = bring(data, "file.xlsx")
    assert reading.about["left_out"] == ["Notes"]
    body, project, none = items
    assert body.document["kind"] == {"code": "10", "name": "Government"}
    document = project.document
    assert (document["title"], document["budget"]["amount"], document["start_date"]["value"]) == (
        "2010",
        "0.30",
        "2014-05-31",
    )
    assert document["contributions"][0]["funder"] == {"slug": "new-body", "name": "New body"}
    assert document["unattributed"] == {"amount": "0.10", "currency": "EUR"}
    claim = next(claim for claim in document["claims"] if claim["field"] == "contributions")
    assert claim["as_stated"] == "0.2"
    assert claim["place"] == "sheet Contributions, row 2, column D"
    assert [number for _sheet, number in project.numbers] == [3, 2]
    [fault] = none.faults
    assert (fault.place, fault.column) == ("sheet Contributions, row 3", "A “project_slug”")


def test_project_on_two_sheets_is_one_as_a_person_says(register, bring):
    data = workbook({
        "2015": [["Title", "Acronym", "Budget (EUR)"], ["Visa talks", "VT", 1000]],
        "2016": [["Title", "Period", "Budget (EUR)"], ["Visa talks", "2014-2016", 1500]],
    })  # fmt: skip
    _reading, items = bring(data, "file.xlsx")
    assert "They differ in “Acronym”, “Budget (EUR)”, “Period”." in items[0].faults[0].what
    ways = items[0].faults[0].question["ways"]
    answers = {"": {key_of(ways): ways[0]}}
    _reading, [project] = bring(data, "file.xlsx", answers=answers)
    [asked] = [fault.question for fault in project.faults]
    answers["budget_amount"] = {asked["text"]: asked["choices"][1][0]}
    _reading, [project] = bring(data, "file.xlsx", answers=answers)
    assert project.numbers == [("2015", 2), ("2016", 2)]
    claims = {claim["field"]: (claim["quote"], claim["place"]) for claim in project.document["claims"]}
    assert claims["acronym"] == ("Acronym: VT", "sheet 2015, row 2, column B")
    assert claims["end_date"] == ("Period: 2014-2016", "sheet 2016, row 2, column B")
    assert claims["budget"] == ("Budget (EUR): 1500 EUR", "sheet 2016, row 2, column C")


def test_date_of_a_workbook_is_as_precise_as_it_is_shown(register, bring):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Projects")
        sheet.write_row(2, 2, ["slug", "title", "start_date"])
        for at, form in enumerate(["dd/mm/yyyy", "mmm-yy", 'yyyy" (d)"', "[$-409]mmmm\\ yyyy;@"], 3):
            sheet.write_row(at, 2, [f"p-{at}", "P"])
            sheet.write_datetime(at, 4, date(2014, 5, 1), book.add_format({"num_format": form}))
    items = bring(file.getvalue(), "dates.xlsx")[1]
    assert [item.document["start_date"]["value"] for item in items] == ["2014-05-01", "2014-05", "2014", "2014-05"]
    assert items[0].document["claims"][0]["place"] == "sheet Projects, row 4, column D"


def with_formats(*cells):
    """A workbook of a project for each (number, format), as its acronym."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Projects")
        sheet.write_row(0, 0, ["slug", "title", "acronym", "budget_currency"])
        for at, (number, form) in enumerate(cells, 1):
            sheet.write_row(at, 0, [f"p-{at}", "P", None, "EUR"])
            sheet.write_number(at, 2, number, book.add_format({"num_format": form}))
    return file.getvalue()


def test_number_of_a_workbook_is_a_date_only_if_its_format_shows_one(register, bring):
    cells = {
        (250_000, "#,##0.00\\ _D_M"): "250000",  # blanks as wide as the letters of a currency
        (250_000, "_-* #,##0\\ _M_D_L_-"): "250000",
        (250_000, "#,##0*d"): "250000",
        (300_000, '0," k€"'): "300 k€",
        (300_000, "0, [$EUR]"): "300 thousand EUR",
        (0, "dd/mm/yyyy"): "0:00:00",  # no day of 1899: what a formula gives that found nothing
        (41_760, "h:mm"): "2014-05-01",
        (1.5, "[h]:mm"): "1 day, 12:00:00",
    }
    items = bring(with_formats(*cells), "formats.xlsx")[1]
    assert [item.document["acronym"] for item in items] == list(cells.values())


def test_unit_that_only_the_format_of_a_number_shows_is_read_or_asked(register, bring):
    sums = {
        (1_500_000, "[$€-407]#,##0"): "1500000.00 EUR",
        (1_500_000, '"EUR" #,##0;[Red]-#,##0'): "1500000.00 EUR",
        (1_500_000, "#,##0 [$USD]"): "1500000.00 USD",
        (1_500_000, '_-* #,##0.00\\ "€"_-'): "1500000.00 EUR",
        (1_500_000, "£#,##0"): "1500000.00 GBP",
        (1_500_000, 'General" MDL"'): "1500000.00 MDL",
        (1_543_210, '0.0,,"M€"'): "1543210.00 EUR",
        (2.543219, '0.0"M€"'): "2543219.00 EUR",
        (1_543_000, '#,##0, "EUR"'): "1543000.00 EUR",
        (1_500_000, "[$$-409]#,##0"): "may be any of AUD, CAD, NZD, USD",
        (1_500_000, "#,##0"): "is stated without its currency",
        (1_500_000, '"up to" 0'): "is not an exact amount",
    }
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("List")
        sheet.write_row(0, 0, ["Title", "Budget"])
        for at, (number, form) in enumerate(sums, 1):
            sheet.write(at, 0, f"Project {at}")
            sheet.write(at, 1, number, book.add_format({"num_format": form}))
    for item, right in zip(bring(file.getvalue(), "list.xlsx")[1], sums.values(), strict=True):
        if item.document:
            assert " ".join(item.document["budget"].values()) == right
        else:
            assert right in item.faults[0].what


def rewritten(workbook, old, new):
    """The same workbook, with other bytes in its first sheet, as other programs write them."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in entries[sheet]
    return zipped(**entries | {sheet: entries[sheet].replace(old, new)})


@pytest.mark.parametrize(
    ("form", "written", "right"),
    [
        ("dd/mm/yyyy", b"2014-05-01T00:00:00", "2014-05-01"),
        ("mmm-yy", b"2014-05-01T00:00:00", "2014-05"),
        ("yyyy", b"2014-05-01", "2014"),
        ("h:mm", b"12:30:00", "12:30:00"),
    ],
)
def test_date_that_a_workbook_writes_as_text_is_as_precise_as_it_is_shown(register, bring, form, written, right):
    data = rewritten(with_formats((41_760, form)), b"><v>41760</v>", b' t="d"><v>' + written + b"</v>")
    assert [item.document["acronym"] for item in bring(data, "texts.xlsx")[1]] == [right]


def test_nul_character_of_a_workbook_is_refused_in_its_column(register, bring):
    data = rewritten(with_formats((41_760, "0")), b"><v>41760</v>", b' t="str"><v>A_x0000_B</v>')
    [fault] = bring(data, "nul.xlsx")[1][0].faults
    assert (fault.column, fault.what) == ("C “acronym”", "It holds a NUL character. Leave it out.")


def test_code_of_half_a_character_stays_as_it_is_written(register, bring):
    data = rewritten(with_formats((41_760, "0")), b"><v>41760</v>", b' t="str"><v>A _xD83D_ B</v>')
    assert [item.document["acronym"] for item in bring(data, "half.xlsx")[1]] == ["A _xD83D_ B"]


def merged(head, rows, *merges):
    """A workbook with a title over all, headings, rows, and merged cells with their value."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("List")
        sheet.merge_range(0, 0, 0, 5, "A title over all")
        for number, cells in enumerate([head, *rows], 1):
            for at, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(number, at, cell)
        for cells, value in merges:
            sheet.merge_range(cells, value)
    return file.getvalue()


def test_merged_cells_in_our_own_file_are_refused(register, bring):
    data = merged(["slug", "title", "country_codes", "modified"], [["a", "A"], ["b", "B"]], ("C3:C4", "MD"))
    items = bring(data, "merged.xlsx")[1]
    assert not [item.document for item in items if item.document]
    assert {fault.what for item in items for fault in item.faults} == {
        "The cells C3:C4 are merged. Give each its own value."
    }


def test_merged_cells_below_the_headings_are_filled_unless_that_is_a_guess(register, bring):
    rows = [
        ["Georgia"], [None, "One", 1, 2014], [None, "Two", 2, 2015], [None, "Three", 3], ["Moldova", "Four", None, 2016],
        ["Moldova", "Five", None, 2017], ["Moldova", "Six"],
    ]  # fmt: skip
    merges = ("A3:F3", "East"), ("A4:A6", "Georgia"), ("C7:C8", 9000), ("D9:E9", "2014-2016")
    reading, items = bring(
        merged(["Country", "Project title", "Budget (EUR)", "Start", "End"], rows, *merges), "a.xlsx"
    )
    assert not reading.faults
    read = {item.document["title"]: item.document["countries"][0]["code"] for item in items if item.document}
    assert read == {"One": "GE", "Two": "GE", "Three": "GE"}
    claims = items[1].document["claims"]
    assert {claim["place"] for claim in claims if claim["field"] == "countries"} == {"sheet List, row 5, column A"}
    faults = [(fault.place, fault.column, fault.what) for item in items for fault in item.faults]
    what = "The cells {} are merged. Give each its own value."
    assert faults == [
        ("sheet List, row 7", "C “Budget (EUR)”", what.format("C7:C8")),
        ("sheet List, row 8", "C “Budget (EUR)”", what.format("C7:C8")),
        ("sheet List, row 9", "D “Start”", what.format("D9:E9")),
    ]
    [sheet] = reading.about["sheets"]
    assert (sheet["filled"], sheet["notes"]) == (["A4:A6 “Georgia”"], [[3, "East"]])


def test_cell_merged_with_columns_that_are_left_out_is_read(register, bring):
    data = merged(
        ["Project title", None, "Country"], [["One", None, "GE"]], ("A2:B2", "Project title"), ("A3:B3", "One")
    )
    [item] = bring(data, "wide.xlsx")[1]
    assert (item.faults, item.document["title"]) == ([], "One")


def test_rows_with_one_merged_title_are_one_project(register, bring):
    rows = [
        ["One", "GE", "ENI", 700, None, 1000], [None, "MD", "AMIF", 300, "ICMPD"], ["Two", "AM", "ENI", 5, "IOM", 5],
        [None, "AM", None, None, "IOM", 6],
    ]  # fmt: skip
    head = ["Title", "Country", "Instrument", "Funder amount (EUR)", "Lead", "Budget (EUR)"]
    data = merged(head, rows, ("E2:E3", "Lead"), ("A3:A4", "One"), ("F3:F4", 1000), ("A5:A6", "Two"))
    one, two = bring(data, "list.xlsx")[1]
    assert [country["code"] for country in one.document["countries"]] == ["GE", "MD"]
    assert [part["slug"] for part in one.document["organisations"]] == ["icmpd"]
    paid = [(part["instrument"]["code"], part["amount"]) for part in one.document["contributions"]]
    assert (one.document["budget"]["amount"], paid) == ("1000.00", [("ENI", "700.00"), ("AMIF", "300.00")])
    [fault] = two.faults
    assert (fault.place, fault.column) == ("sheet List, row 5", "F “Budget (EUR)”")
    assert [label for _answer, label in fault.question["choices"]] == ["5 EUR", "6 EUR", "11.00 EUR, all together"]
    answers = {"budget_amount": {fault.question["text"]: "11.00 EUR"}}
    assert bring(data, "list.xlsx", answers=answers)[1][1].document["budget"]["amount"] == "11.00"
    ways = bring(b"Title,Country\nOne,GE\nOne,MD\n")[1][0].faults[0].question["ways"]
    one, _two = bring(data, "list.xlsx", answers={"": {key_of(ways): ways[1]}})[1]
    assert len(one.document["countries"]) == 2, "its rows are merged, not repeated"


@pytest.mark.parametrize("first", [True, False])
def test_headings_of_two_rows_are_joined(register, bring, first):
    single = ["Project", "Country", None, None, None, None]
    below = ["Project", "Country", "EUR", "USD", "Start", "End"]
    rows = [["EU for Labour", "Georgia", 5, None, 2014, 2015], ["Return", "Moldova", None, 7, None, 2017]]
    merges = [("C2:D2", "Amount"), ("E2:F2", "Dates"), *([("A2:A3", "Project")] if first else [])]
    head, second = (single, [None, None, *below[2:]]) if first else ([None], below)
    reading, items = bring(merged(head, [second, *rows], *merges), "list.xlsx")
    columns = [column["heading"] for column in reading.about["sheets"][0]["columns"]]
    assert columns == ["Project", "Country", "Amount (EUR)", "Amount (USD)", "Dates › Start", "Dates › End"]
    assert not reading.faults
    budgets = [tuple(item.document["budget"].values()) for item in items]
    assert budgets == [("5.00", "EUR"), ("7.00", "USD")]
    assert [item.document["end_date"]["value"] for item in items] == ["2015", "2017"]
    [place] = [claim["place"] for claim in items[1].document["claims"] if claim["field"] == "budget"]
    assert place == "sheet List, row 5, column D"
    text = "Project;Country;Amount;;Dates;\n;;EUR;USD;Start;End\n" + "".join(
        ";".join(str(cell or "") for cell in row) + "\n" for row in rows
    )
    if first:
        of_csv = bring(text.encode(), "list.csv")[1]
        assert [item.document["budget"] for item in of_csv] == [item.document["budget"] for item in items]
        both = text.replace("5;;2014", "5;6;2014")
        assert "can be read in several ways. Which" in bring(both.encode(), "list.csv")[1][0].faults[0].what
        assert not bring(f"{text}Total;;5;7;;\n".encode(), "list.csv")[0].faults


def test_headings_of_three_rows_and_units_below_them_are_joined(register, bring):
    rows = [[None, "EU", None, "Other"], [None, "EUR", "USD", "EUR"], ["One", 1, 2, 3]]
    merges = ("A2:A4", "Title"), ("B2:D2", "Funding"), ("B3:C3", "EU")
    [_title, *columns] = bring(merged([None], rows, *merges), "list.xlsx")[0].about["sheets"][0]["columns"]
    assert [column["heading"] for column in columns] == [
        "Funding › EU (EUR)", "Funding › EU (USD)", "Funding › Other (EUR)",
    ]  # fmt: skip
    [item] = bring(b"Title;Start;Budget\n;(year);(EUR)\nOne;2014;5\n", "list.csv")[1]
    assert item.document["budget"] == {"amount": "5.00", "currency": "EUR"}


def test_last_heading_of_several_columns_without_one_of_their_own_is_that_of_each(register, bring):
    data = merged(["Title"], [["One", 5, "estimated"]], ("B2:C2", "Budget (EUR)"))
    columns = bring(data, "list.xlsx")[0].about["sheets"][0]["columns"]
    assert [column["heading"] for column in columns] == ["Title", "Budget (EUR)", "Budget (EUR) › C"]
    data = merged([None], [["Title", "Total (k€)", "Else"], ["One", 5]], ("B2:C2", "Budget (EUR)"))
    assert bring(data, "list.xlsx")[1][0].document["budget"]["amount"] == "5000.00"  # in the nearest unit


@pytest.mark.parametrize(
    ("group", "own", "ours"),
    [
        ("Project", "Acronym", "acronym"), ("Implementation period", "Start", "start_date"), ("Lead", "Name", "lead_slugs"),
        ("Lead", "Country", "?"), ("Lead", "Contact", "?"), ("Planned", "End", "end_date"), ("General", "Status", "status"),
    ],
)  # fmt: skip
def test_heading_below_one_of_several_columns_means_what_both_say(register, bring, group, own, ours):
    data = merged([None], [["Project title", own, "Else"], ["One"]], ("B2:C2", group))
    [_title, column, *_others] = bring(data, "list.xlsx")[0].about["sheets"][0]["columns"]
    assert (column["heading"], column["column"]) == (f"{group} › {own}", ours)


@pytest.mark.parametrize(
    ("heading", "right"),
    [
        ("countries", "country_codes"),
        ("From", "start_date"),
        ("Until", "end_date"),
        ("Lead agency", "lead_slugs"),
        ("Implementing partners", "implementer_slugs"),
        ("Organisme de mise en œuvre", "implementer_slugs"),
        ("Partenaires d’exécution", "implementer_slugs"),
        ("Date de démarrage", "start_date"),
        ("Date d'achèvement", "end_date"),
        ("Valoarea totală (EUR)", "budget_amount"),
        ("Funder amount (EUR)", "funder_amount"),
        ("Period from", "start_date"),
        ("Name_of_the_project", "title"),
    ],
)
def test_heading_that_is_not_known_is_proposed_by_likeness(register, bring, heading, right):
    reading, _items = bring([["slug", "status", heading], ["a", "", ""]], "projects.csv")
    assert proposals(reading) == {heading: right}


def with_cell(write):
    """A workbook of one project, whose acronym is written by ``write(sheet)``."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Projects")
        sheet.write_row(0, 0, ["slug", "acronym"])
        sheet.write(1, 0, "cmba")
        write(sheet)
    return file.getvalue()


def test_error_in_a_cell_is_refused_by_row_and_column_and_a_formula_with_its_result_is_read(register, bring):
    [item] = bring(with_cell(lambda sheet: sheet.write_formula(1, 1, "=A1", None, "#N/A")), name="error.xlsx")[1]
    [fault] = item.faults
    assert (fault.place, fault.column) == ("sheet Projects, row 2", "B “acronym”")
    assert "It holds the error #N/A." in fault.what
    [item] = bring(with_cell(lambda sheet: sheet.write_formula(1, 1, "=A1", None, "CMBA")), name="good.xlsx")[1]
    assert item.document["acronym"] == "CMBA"


def test_share_or_error_is_no_sum_and_a_number_shown_without_its_decimals_has_cents(register, bring):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Projects")
        sheet.write_row(0, 0, ["Title", "Budget (EUR)", "Remarks"])
        sheet.write_row(1, 0, ["One", 1000])
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.write(2, 0, "Two")
        sheet.write(2, 1, 0.8, book.add_format({"num_format": "0%"}))
        sheet.write(3, 0, "Three")
        sheet.write_formula(3, 1, "=1/0", None, "#DIV/0!")
        sheet.write(4, 0, "Four")
        sheet.write(4, 1, 1234.5678, book.add_format({"num_format": "#,##0"}))
        sheet.write_row(5, 0, ["Five", 1234.5678])
    one, two, three, four, five = bring(file.getvalue(), name="list.xlsx")[1]
    assert one.document["budget"] == {"amount": "1000.00", "currency": "EUR"}
    assert "“80% EUR” is not an amount" in two.faults[0].what
    assert "It holds the error #DIV/0!." in three.faults[0].what
    assert four.document["budget"]["amount"] == "1234.57"
    assert "has fractions of a cent" in five.faults[0].what


def test_contributions_replace_those_of_their_project_only(register, bring):
    rows = as_rows(fetched("/projects-contributions.csv"))
    project = rows[1][0]
    mine = [rows[0], *(row for row in rows if row[0] == project)]
    mine[1][-2:] = ["1.00", "EUR"]
    before = current(project)
    _reading, [item] = bring(mine[:2])
    assert len(item.document["contributions"]) == 1
    assert item.document["contributions"][0]["amount"] == "1.00"
    assert len(item.document["claims"]) == len(before["claims"]) + 1


def test_claims_of_a_file_are_added_and_none_is_taken_away(register, bring):
    project, source = Project.objects.filter(claims__isnull=False)[0], Source.objects.all()[0]
    before = current(project.slug)
    rows = [
        ["project_slug", "field", "as_stated", "quote", "source_slug"],
        [project.slug, "title", "Some", "Some words", source.slug],
    ]
    _reading, [item] = bring(rows)
    assert item.document["claims"][:-1] == before["claims"]
    assert item.document["claims"][-1]["quote"] == "Some words"
    rows[1][2] = "Other"
    _reading, [item] = bring(rows)
    assert item.faults[0].column == "C “as_stated”"


def test_refused_claim_of_a_file_needs_its_reason(register, bring):
    project, source = Project.objects.filter(claims__isnull=False)[0], Source.objects.all()[0]
    rows = [
        ["project_slug", "field", "as_stated", "quote", "source_slug", "status", "set_aside"],
        [project.slug, "title", "Some", "Some words", source.slug, "set-aside", " "],
    ]
    _reading, [item] = bring(rows)
    assert [(fault.column, fault.what) for fault in item.faults] == [
        ("G “set_aside”", "It is empty. Say why the claim is not adopted.")
    ]
    rows[1][-1] = "Another source knows more."
    assert not faults_of(bring(rows)[1])


def test_parts_of_a_project_stand_in_the_order_of_their_numbers(register, bring):
    head, *rows = as_rows(fetched("/projects-organisations.csv"))
    mine, number = [row for row in rows if row[0] == "moldova-targeted-initiative"], head.index("number")
    for row, text in zip(mine, ("2", "1"), strict=True):
        row[number] = text
    before = current(mine[0][0])["organisations"]
    _reading, [item] = bring([head, *mine])
    assert item.document["organisations"] == before[::-1]
    mine[1][number] = "2"
    _reading, [item] = bring([head, *mine])
    assert [fault.what for fault in item.faults] == ["The project has the number 2 twice. Give each its own."]


def test_name_of_two_organisations_is_refused_with_the_keys_of_both(register, bring):
    for key in ("twin-one", "twin-two"):
        make(Organisation, key, name="The twin")
    _reading, [item] = bring([["slug", "title", "lead_slugs"], ["new", "New", "The twin"]])
    [fault] = item.faults
    right = "Did you mean “The twin (twin-one)” or “The twin (twin-two)”?"
    assert fault.what == f"The register has several organisations “The twin”. {right}"


def test_name_of_a_withdrawn_organisation_is_refused(register, bring):
    make(Organisation, "gone", WITHDRAWN, name="The office that is gone")
    _reading, [item] = bring([["slug", "title", "lead_slugs"], ["new", "New", "The office that is gone"]])
    assert [fault.what for fault in item.faults] == ["The register has no organisation “The office that is gone”."]


def zipped(**entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def far_away():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "slug")
        sheet.write(50_000, 16_383, "far")
    return file.getvalue()


def repeating():
    """A small workbook of many cells that name one long text."""
    return workbook({"Projects": [["slug", "title"], ["one", *["x" * 30_000] * 40]]})


def damaged(part, old, new):
    """A workbook of which one part has been changed; ``new``: None leaves it out."""
    with zipfile.ZipFile(io.BytesIO(workbook({"Projects": [["slug", "title"], ["one", 25]]}))) as book:
        entries = {name: book.read(name) for name in book.namelist()}
    whole = entries.pop(part)
    return zipped(**entries, **({} if new is None else {part: whole.replace(old, new)}))


SHEET = "xl/worksheets/sheet1.xml"
BOOK = {"[Content_Types].xml": "", "xl/workbook.xml": ""}
UNREADABLE = [
    (b"", "No heading row was found. It is empty."),
    (b"%PDF-1.7", "No heading row was found."),
    (b"PK\x03\x04 and no more", "The workbook is damaged"),
    (zipped(a="b"), "no workbook of the form XLSX"),
    (zipped(**BOOK), "The workbook is damaged"),
    (damaged(SHEET, b"", None), "The workbook is damaged in sheet “Projects”, or cut off. Open it in a spreadsheet"),
    (damaged(SHEET, b"</sheetData>", b"<"), "The workbook is damaged in sheet “Projects”, below row 2, or cut off."),
    (damaged(SHEET, b"<v>25<", b"<v>2,5M<"), "Sheet Projects, cell B2 holds no value that can be read."),
    (damaged("xl/sharedStrings.xml", b"", None), "Sheet Projects, cell A1 holds no value that can be read."),
    (zipped(**BOOK, bomb=b"0" * 2_000_000), "Unpacked, the workbook has more than 1 MB"),
    (repeating(), "Unpacked, the workbook has more than 1 MB"),
    (far_away(), "Sheet Sheet1, row 50001 has 16,384 columns, and a table may have 200."),
    ("slug,title\n".encode("utf-16")[:-1], "it is UTF-16, and is not"),
    ("slug,title\n".encode("utf-16-le"), "It looks like UTF-16 without its mark."),
    (b'slug,summary\nx,y\nz,"open\nv,w\n', "Row 3, column B “summary”: a quotation mark is opened and not closed"),
    (b'slug,summary\nz,"open\nv,"w"\n', "Row 2, column B “summary”: a quotation mark is opened and not closed"),
    (b'slug,title,status\nx,"open,\nv,w,u\nt,s",r\n', "Row 2, column B “title”: a quotation mark is opened"),
    (b"slug,title\n" + b"," * 300 + b"x", "Row 2 has 301 columns, and a table may have 200"),
    (b"slug,title\n" + b"," * 5000, "The file has more than 4,000 cells."),
    (b"slug,title\n" + b"\n" * 2**20, "The file has more than 1,048,576 lines."),
    (b"slug,title\n" + b"x,y\n" * 20, "more than 20 rows: row 21."),
    (f"slug,title\n{streams.CUT_OFF}\n".encode(), "The file is incomplete"),
]


def test_quoted_cells_of_several_lines_and_marks_are_read(register, bring):
    text = 'sep=;\ntitle;summary;objectives\none;"He says ""no"", 5\' 3""; then\na; b; c\nd";5" wide\n'
    [item] = bring(text.encode())[1]
    assert item.document["summary"] == 'He says "no", 5\' 3"; then\na; b; c\nd'
    assert item.document["objectives"] == ['5" wide']
    assert item.place == "row 2"


def test_reader_of_workbooks_that_dies_within_a_line_is_told_by_how_it_ended(db, bring, monkeypatch, tmp_path):
    dying = tmp_path / "dying.py"
    dying.write_text(
        'import os, sys\nsys.stdout.write(\'{"title": "Sheet"}\\n["slu\')\nsys.stdout.flush()\nos.kill(os.getpid(), 9)\n'
    )
    monkeypatch.setattr(files.Path, "with_name", lambda self, name: dying)
    with pytest.raises(NotReadable, match="asks for more memory"):
        bring(workbook({"Projects": [["slug", "title"]]}))


@pytest.mark.parametrize(("data", "what"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_file_that_is_no_table_is_refused_with_the_reason(db, bring, settings, data, what):
    settings.IMPORT_MAX_ROWS, settings.IMPORT_MAX_UNPACKED = 20, 2**20
    with pytest.raises(NotReadable) as refused:
        bring(data)
    assert what in str(refused.value)
    assert "Error" not in str(refused.value)


@hypothesis.given(
    st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=300).map(lambda data: b"slug,title,start_date,project_slug\n" + data),
        st.lists(st.lists(st.one_of(st.sampled_from([*HEAD, "number", "country_codes"]), st.text()))).map(
            lambda rows: as_csv(rows, encoding="utf-8")
        ),
    )
)
def test_whatever_bytes_come_they_are_read_or_refused(db, bring, data):
    try:
        reading, items = bring(data)
    except NotReadable as refused:
        assert str(refused)
    else:
        assert all(item.document or item.faults for item in items)
        assert not (reading.faults and items)


def test_refused_records_are_given_back_whole_in_the_form_of_the_file(register, bring):
    rows = [["A title"], HEAD, ["good", "Good", "", "", ""], ["bad", "Bad – é", "2.584", "EUR", ""]]
    reading, items = bring(as_csv(rows, ";", "cp1252"))
    bad = {row for item in items if item.faults for row in item.numbers}
    assert reading.given_back(bad) == as_csv([rows[0], rows[1], rows[3]], ";", "cp1252")
    parts = [["project_slug", "funder_slug", "instrument_code"], ["good", "a", ""], ["bad", "b", ""], ["bad", "c", ""]]
    reading, [_good, item] = bring(workbook({"Projects": rows, "Contributions": parts}), "file.xlsx")
    assert item.numbers == [("Projects", 4), ("Contributions", 3), ("Contributions", 4)]
    _reading, [item] = bring(reading.given_back(set(item.numbers)), "again.xlsx")
    assert item.numbers == [("Projects", 3), ("Contributions", 2), ("Contributions", 3)]


def test_key_that_is_none_or_was_merged_is_refused(register, bring):
    Moved.objects.create(kind="project", key="old", new_key="nexus")
    _reading, items = bring([["slug", "title"], ["Not A Key", "One"], ["old", "Two"]])
    assert "Use lower-case letters" in items[0].faults[0].what
    assert "“old” was merged into “nexus”" in items[1].faults[0].what


def test_reading_asks_as_often_for_many_rows_as_for_few(register, bring, django_assert_num_queries):
    def rows(count):
        parts = [[f"p-{number}", "european-union", ""] for number in range(count)]
        return workbook({
            "Projects": [["slug", "title", "funder_names"], *([part[0], "Title", "European Union"] for part in parts)],
            "Contributions": [["project_slug", "funder_slug", "instrument_code"], *parts],
        })  # fmt: skip

    few, many = rows(2), rows(200)
    bring(few)
    with CaptureQueriesContext(connection) as asked:
        assert not faults_of(bring(few)[1])
    with django_assert_num_queries(len(asked)):
        assert len(bring(many)[1]) == 200


def test_hostile_and_long_texts_come_back_without_difference(register, bring):
    document = current()
    document |= {"title": "=cmd|' /C calc'!A0", "acronym": "'-1", "summary": "+a;=b\n\t@c " + "long ü😀 " * 8000}
    document["objectives"] = ["=1", "'2", "two  blanks"]
    write(Project, {"nexus": document}, user_name="test")
    for address in ("projects.csv", "projects.xlsx"):
        assert_same(bring(fetched(f"/{address}"), address)[1])


@pytest.mark.parametrize(
    "word",
    [
        "Ţara în care este",
        "preşedinţie",
        "współpraca łódź",
        "začátek",
        "Határőrizet erősítése",
        "część",
        "Straż",
        "Ľudské",
        "Granična",
        "Horvatić",
        "međunarodni",
        "pomoć",
        "Życie Łódź",
    ],
)
def test_letters_of_central_europe_are_read_in_their_encoding(register, bring, word):
    reading, [item] = bring(f"slug,title\nborder,{word} în est\n".encode("cp1250"))
    assert (reading.about["encoding"], item.document["title"]) == ("Windows-1250", f"{word} în est")


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("ЁЛКА И ЕЖ — №1", "1251"), ("УКРАЇНА І ЇЇ МЕЖІ", "1251"), ("Київ", "1251"), ("Майкрософт® – § 5", "1251"),
        ("управление границей", "1251"),
        ("Þórður ætti", "1252"), ("Það", "1252"), ("créée – déjà « oui »", "1252"), ("Asociaţia Đorđe", "1250"), ("preţ", "1250"),
    ],
)  # fmt: skip
def test_few_letters_and_signs_beyond_ascii_show_their_encoding(register, bring, title, encoding):
    reading, [item] = bring(f"slug,title\none,{title}\n".encode(f"cp{encoding}"))
    assert (reading.about["encoding"], item.document["title"]) == (f"Windows-{encoding}", title)


def test_wrong_byte_within_utf8_is_refused_at_its_place(register, bring):
    with pytest.raises(NotReadable, match="not at byte 36, in line 3"):
        bring("slug,title\none,Frontière\n".encode() + b"two,Fronti\xe8re\n")


@pytest.mark.parametrize(
    "rows",
    [
        b"one,Fronti\xc3\xa8re\ntwo,\xe9t\xe9 \xe0 l\xe0-bas, \xea\xeb\xf4\xf9\n",  # UTF-8 and Windows-1252
        b"one,Fronti\xc3\xa8re\ntwo,A\xc0\xa9B\n",
        b"one,A \xe2\x80\x93 B\ntwo,Fronti\xe8re\n",  # as many right as wrong
        b"one,Fine \xed\xa0\xbd\xed\xb8\x80\n",  # halves of a sign, as from UTF-16
    ],
)
def test_wrong_bytes_beside_letters_of_utf8_are_refused(register, bring, rows):
    with pytest.raises(NotReadable, match="The file is UTF-8, but not at byte"):
        bring(b"slug,title\n" + rows)


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("Управление границей", "koi8-r"), ("Управление границей", "cp866"), ("Структура", "cp866"), ("Центр № 1", "cp866"),
        ("żółć", "cp1250"), ("中国移民项目", "gbk"),
    ],
)  # fmt: skip
def test_letters_of_an_encoding_that_is_not_of_windows_are_refused(register, bring, title, encoding):
    with pytest.raises(NotReadable, match="neither UTF-8 nor of Windows"):
        bring(f"slug,title\none,{title}\n".encode(encoding))


@pytest.mark.parametrize("none", ["‐", "―", "/", "NULL", "nicht bekannt", "yoxdur", "\x08"])
def test_sign_or_word_for_none_states_nothing(register, bring, none):
    rows = [["slug", "title", "acronym", "summary", "start_date"]] + [
        [key, f"T {key}", *[none] * 3] for key in ("a", "b")
    ]
    _, [item, _other] = bring(rows)
    assert not item.faults
    assert not item.notes
    assert (item.document["acronym"], item.document["start_date"]) == (None, None)


def test_cell_that_is_longer_than_a_heading_is_none():
    assert proposal(f"Title{' ' * 200}") == "title"
    assert proposal(f"Title{' ' * 300}") is None
    assert proposal("a" * 10_000_000) is None  # as each place may divide a word, that would take hours


def test_byte_that_a_cyrillic_file_cannot_have_is_refused_at_its_place(register, bring):
    with pytest.raises(NotReadable, match="at byte 45, in line 3"):
        bring("slug,title\none,Проект на границе\ntwo,Убежище ".encode("cp1251") + b"\x98\n")


def test_hidden_row_and_column_are_read_and_named(register, bring):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Projects")
        for number, cells in enumerate((["slug", "title", "acronym"], ["one", "One", "O"], ["two", "Two", "T"])):
            sheet.write_row(number, 0, cells)
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
    reading, items = bring(file.getvalue(), "book.xlsx")
    assert len(items) == 2
    assert reading.about["sheets"][0]["unseen"] == ["column C", "row 3"]


def test_struck_out_text_is_left_off_and_named(register, bring):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        struck, sheet = book.add_format({"font_strikeout": True}), book.add_worksheet()
        sheet.write_row(0, 0, ["Title", "Country", "Acronym", "Budget (EUR)"])
        sheet.write_rich_string(1, 0, struck, "Ports", "Border posts")
        sheet.write_row(1, 1, ["Georgia", "B"])
        sheet.write(1, 3, "400000", struck)
        sheet.write(2, 0, "Dropped project", struck)
        sheet.write(2, 1, "Moldova")
    reading, [posts] = bring(file.getvalue(), "book.xlsx")
    [about] = reading.about["sheets"]
    assert (about["struck"], about["skipped"]) == (["A2", "D2", "A3"], [3])
    assert (posts.document["title"], posts.document["budget"]) == ("Border posts", None)


def test_heading_with_nul_characters_is_read_without_them(register, bring):
    _reading, [item] = bring(b"\0slug,title\none,One\n", "projects.csv")
    assert (item.key, item.document["title"]) == ("one", "One")


def test_row_of_headings_is_found_though_a_cell_below_is_called_like_a_column(register, bring):
    reading, items = bring(b"Activity Identifier,Activity Title,Country\nA-1,name,Georgia\nA-2,Second,Moldova\n")
    assert [item.key for item in items] == ["a-1", "a-2"]
    assert reading.about["sheets"][0]["heading_row"] == 1


def test_raised_figure_in_a_workbook_is_a_footnote_not_a_digit(register, bring):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, raised = book.add_worksheet(), book.add_format({"font_script": 1})
        sheet.write_row(0, 0, ["Title", "Budget (EUR)"])
        sheet.write_rich_string(1, 0, "Border posts", raised, "1")
        sheet.write_rich_string(1, 1, book.add_format({"font_strikeout": True}), "400", "500000", raised, "2")
    [item] = bring(file.getvalue(), name="list.xlsx")[1]
    assert item.identifier == "Border posts¹"
    assert item.faults[0].what == "“500000² EUR” is not an exact amount. Write 500000 if it is that sum."
