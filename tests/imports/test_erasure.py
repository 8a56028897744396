"""What a file lacks erases nothing: results that were never computed, cells that rows lack, ends that were cut off."""

import io
import zipfile

import pytest
import xlsxwriter
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from imports import column_mapping, tables
from imports.items import NotReadable
from imports.tables.row_groups import IMPORTED
from provenance.store import writer
from provenance.store.integrity import register_digest
from tests.imports.test_tables import SOURCE, fetched, with_cell
from tests.support.uploads import uploaded

pytestmark = pytest.mark.one_database

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(tmp_path, content, name="file.csv"):
    path = tmp_path / "upload"
    path.write_bytes(content)
    reading = tables.read(path, name=name, options={}, source=SOURCE)
    return reading, list(reading.items)


def rewritten(data, *changes, name=lambda name: name):
    """A workbook with other bytes in its sheet, or its files under other names."""
    old, new = io.BytesIO(data), io.BytesIO()
    with zipfile.ZipFile(old) as archive, zipfile.ZipFile(new, "w") as copy:
        for each in archive.namelist():
            content = archive.read(each)
            for before, after in changes if each.startswith("xl/worksheets/sheet") else ():
                assert before in content
                content = content.replace(before, after)
            copy.writestr(name(each), content)
    return new.getvalue()


def with_acronym(cell, *changes, name=lambda name: name):
    """A workbook that says of the project CMBA as acronym what the cell B2 is."""
    there = b'<c r="B2" t="str"><f>A1</f><v>?</v></c>'
    data = with_cell(lambda sheet: sheet.write_formula(1, 1, "=A1", None, "?"))
    return rewritten(data, (there, cell.encode()), *changes, name=name)


PREFIXED = [(f'xmlns="{MAIN}"'.encode(), f'xmlns="{MAIN}" xmlns:x="{MAIN}"'.encode())]
NOT_COMPUTED = "Sheet Projects, cell B2 holds a formula without its result."
LOST = [
    ('<c r="B2"><f>A1</f><v></v></c>', NOT_COMPUTED),
    ('<c r="B2"><f>A1</f><v/></c>', NOT_COMPUTED),
    ('<c r="B2"><f>A1</f><v> </v></c>', NOT_COMPUTED),
    ('<c r="B2"><f>A1</f></c>', NOT_COMPUTED),
    ('<c r="B2"><f/></c>', NOT_COMPUTED),
    ('<c r="B2"><f t="shared" si="0"/><v/></c>', NOT_COMPUTED),
    ('<c r="B2" t="str"><f>A1</f></c>', NOT_COMPUTED),
    ('<c r="B2" t="n"><f>A1</f><v/></c>', NOT_COMPUTED),
    ('<c r="B2" t="b"><f>A1</f><v></v></c>', NOT_COMPUTED),
    ('<c r="B2" t="s"><f>A1</f><v></v></c>', NOT_COMPUTED),
    ('<c r="B2" t="inlineStr"><f>A1</f><is><t></t></is></c>', NOT_COMPUTED),
    ("<c r='B2'><f >A1</f><v></v></c>", NOT_COMPUTED),
    ('<x:c r="B2"><x:f>A1</x:f><x:v></x:v></x:c>', NOT_COMPUTED),
    ('<x:c r="B2"><x:f>A1</x:f></x:c>', NOT_COMPUTED),
    ('<c r="AB2"><f>A1</f></c>', "cell AB2 holds a formula"),
]


@pytest.mark.parametrize(("cell", "what"), LOST)
def test_cell_that_would_read_as_empty_though_it_is_not_is_refused_by_its_place(register, tmp_path, cell, what):
    with pytest.raises(NotReadable) as refused:
        read(tmp_path, with_acronym(cell, *PREFIXED), "book.xlsx")
    assert what in str(refused.value)


@pytest.mark.parametrize(
    ("cell", "acronym"),
    [
        ('<c r="B2" t="str"><f>A1</f><v>CM</v></c>', "CM"),
        ('<c r="B2" t="str"><f>A1</f><v></v></c>', "CMBA"),  # the result is the empty text
        ('<c r="B2"><f>A1</f><v>0</v></c>', "0"),
        ('<x:c r="B2" t="str"><x:f>A1</x:f><x:v>CM</x:v></x:c>', "CM"),
        ('<c r="B2" t="inlineStr"><is><r><t>C</t></r><r><t>M</t></r></is></c>', "CM"),
        ('<c t="str"><v>CM</v></c>', "CM"),
        ('<c r="B2" t="str"><v><![CDATA[CM]]></v></c>', "CM"),
        ('<c r="B2" t="inlineStr"><v>CM</v></c>', "CM"),
        ('<c r="B2"/>', "CMBA"),  # empty: it leaves what is there
        ('<c r="B2"><v/></c>', "CMBA"),  # empty: it leaves what is there
        ("", "CMBA"),  # empty: it leaves what is there
    ],
)
def test_cell_that_says_what_it_holds_is_read(register, tmp_path, cell, acronym):
    [item] = read(tmp_path, with_acronym(cell, *PREFIXED), "book.xlsx")[1]
    assert item.document["acronym"] == acronym


@pytest.mark.parametrize(
    "name", [lambda name: name.replace("sheet1", "Sheet1"), lambda name: name.replace("/works", "\\works")]
)
def test_formula_without_result_is_found_whatever_the_file_of_its_sheet_is_called(register, tmp_path, name):
    with pytest.raises(NotReadable, match=NOT_COMPUTED):
        read(tmp_path, with_acronym('<c r="B2"><f>A1</f><v></v></c>', name=name), "book.xlsx")


def test_sheet_in_another_encoding_is_read(register, tmp_path):
    data = with_acronym('<c r="B2" t="str"><v>CM</v></c>')
    old, new = io.BytesIO(data), io.BytesIO()
    with zipfile.ZipFile(old) as archive, zipfile.ZipFile(new, "w") as copy:
        for each in archive.namelist():
            content = archive.read(each)
            if each.startswith("xl/worksheets/sheet"):
                content = content.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
            copy.writestr(each, content)
    [item] = read(tmp_path, new.getvalue(), "book.xlsx")[1]
    assert item.document["acronym"] == "CM"


def test_row_of_a_workbook_that_ends_early_has_empty_cells(register, tmp_path):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Projects")
        sheet.write_row(0, 0, ["slug", "title", "acronym", "summary"])
        sheet.write_row(1, 0, ["fresh", "Fresh"])
    [item] = read(tmp_path, file.getvalue(), "book.xlsx")[1]
    assert (item.document["title"], item.document["acronym"], item.document["summary"]) == ("Fresh", None, None)


# -- CSV --

HEAD = "slug,title,country_codes,acronym\n"
UNEVEN = [
    ("p1,One,GE,A\np2,Two\n", "row 3", "It has 2 cells, and the row of headings has 4. The file may be cut off here"),
    ("p1,One,GE,A\np2,Two", "row 3", "It has 2 cells, and the row of headings has 4."),
    ("p1\np2,Two,GE,B\n", "row 2", "It has 1 cell, and the row of headings has 4."),
    ("p1,One,GE,A\n\n\np2,Two,GE\n", "row 5", "It has 3 cells, and the row of headings has 4."),
    ("p1,One, a,GE,A\n", "row 2", "It has 5 cells, and the row of headings has 4. Put quotation marks around a cell"),
    ("p1,One, a,GE,\n", "row 2", "It has 5 cells, and the row of headings has 4."),
]


@pytest.mark.parametrize(("rows", "place", "what"), UNEVEN)
def test_row_of_csv_with_fewer_or_more_cells_than_headings_is_refused_with_their_count(
    register, tmp_path, rows, place, what
):
    reading, items = read(tmp_path, (HEAD + rows).encode())
    assert not items
    assert (reading.faults[0].place, reading.faults[0].column) == (place, "")
    assert what in reading.faults[0].what


def test_row_that_lacks_only_what_has_no_heading_is_whole(register, tmp_path):
    reading, [item] = read(tmp_path, b"Our list,,\nslug,title,\nfresh,Fresh\n,,,,\n")
    assert not reading.faults
    assert item.document["title"] == "Fresh"


def test_many_uneven_rows_are_counted(register, tmp_path):
    rows = "".join(f"p{number},Title\n" for number in range(50))
    reading, _items = read(tmp_path, (HEAD + rows).encode())
    assert [fault.place for fault in reading.faults[-2:]] == ["row 21", "row 22 and below"]
    assert reading.faults[-1].what == "So have 30 more rows."


TORN = [
    (f'{HEAD}p1,One,GE,A\np2,"Two', "Row 3, column B “title”: a quotation mark is opened and not closed"),
    (f"{HEAD}p1,Café,GE,A\np2,Two,GE,é".encode()[:-1], "The file is UTF-8, but not at byte 57, in line 3."),
    (f"{HEAD}p1,Café,GE,A\np2,Two,GE,é".encode("utf-16")[:-1], "The file says that it is UTF-16, and is not, at byte"),
]


@pytest.mark.parametrize(("text", "what"), TORN)
def test_file_that_is_cut_off_within_a_record_is_refused(register, tmp_path, text, what):
    with pytest.raises(NotReadable) as refused:
        read(tmp_path, text if isinstance(text, bytes) else text.encode())
    assert what in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_file_with_keys_that_ends_with_an_empty_cell_and_no_line_end_is_refused(register, tmp_path, encoding):
    reading, _items = read(tmp_path, f"{HEAD}p1,One,GE,A\np2,Two,GE,".encode(encoding))
    assert "It ends with an empty cell and no line end" in reading.faults[0].what


def test_file_of_our_own_that_is_cut_off_anywhere_changes_nothing_in_silence(register, tmp_path):
    """Refused, or as it stands, or told that its last row is open."""
    whole = fetched("/organisations.csv")
    last = whole.rstrip(b"\r\n").rfind(b"\r\n") + 2
    cuts = range(last + 1, len(whole))
    assert len(cuts) > 60
    for at in cuts:
        try:
            reading, items = read(tmp_path, whole[:at], "organisations.csv")
        except NotReadable:
            continue
        changed = [item for item in items if item.document and item.document != standing(item)]
        assert reading.faults or reading.about["is_open"] or not (changed or any(item.faults for item in items)), at
        assert not changed, at


def standing(item):
    return writer.current(item.model, [item.key]).get(item.key)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_row_without_line_end_is_told_and_one_with_it_is_not(register, tmp_path, encoding, end):
    reading, [item] = read(tmp_path, f"slug,title{end or chr(10)}fresh,Fresh ü{end}".encode(encoding))
    assert item.document["title"] == "Fresh ü"
    assert reading.about["is_open"] is (end == "")


def test_open_end_is_told_in_the_preview(chief):
    batch = uploaded(chief, b"slug,title\nfresh,Fresh")
    assert "Its last row has no line end." in " ".join(column_mapping.read_as(batch))


@pytest.mark.parametrize("name", IMPORTED)
def test_own_table_with_a_row_that_lacks_its_last_cell_changes_nothing(register, tmp_path, name):
    lines = fetched(f"/{name}.csv").splitlines(keepends=True)
    assert len(lines) > 1
    lines[-1] = lines[-1].rstrip(b"\r\n").rpartition(b",")[0] + b"\r\n"
    try:
        reading, items = read(tmp_path, b"".join(lines), f"{name}.csv")
    except NotReadable:
        return  # the comma was within a cell
    assert "cells, and the row of headings has" in reading.faults[0].what
    assert not items


def test_command_refuses_what_would_erase_and_changes_nothing(register, tmp_path):
    get_user_model().objects.create_superuser("chief")
    before = register_digest()
    for name, content in (
        ("short.csv", b"slug,title,acronym\ncmba,Other,CM\nnexus,Other\n"),
        ("book.xlsx", with_acronym('<c r="B2"><f>A1</f><v></v></c>')),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(CommandError) as refused:
            call_command("import_table", str(path), "--user", "chief", "--confirm", "--good-only")
        assert "cell B2" in str(refused.value) or "row 3: It has 2 cells" in str(refused.value)
    assert register_digest() == before
