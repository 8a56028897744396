"""The pages of imports: bring, look, decide."""

import io

import pytest
import xlsxwriter
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from imports import lifecycle, worker
from imports.column_mapping import read_as
from imports.models import Import
from projects.models import Project
from provenance.store import writer
from tests.support.records import current
from tests.support.shown import in_single_spaces
from tests.support.staff import filled, somebody
from tests.support.uploads import works

pytestmark = pytest.mark.one_database

GOOD = "slug,title\nnexus,Quite another title\nbrand-new,Brand new\n"
ADD = "/admin/imports/import/add/"


@pytest.fixture
def officer(register, client):
    """A client that a publisher is signed in with."""
    client.force_login(somebody("publisher", name="publisher"))
    return client


def bring(client, text, name="mine.csv", **more):
    data = {"file": SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode()), **more}
    return client.post(ADD, data, follow=True)


def decide(client, name, **more):
    batch = Import.objects.first()
    sent = {name: "1", "preview": batch.about.get("preview", ""), **more}
    return client.post(reverse("admin:imports_import_change", args=[batch.pk]), sent, follow=True)


def title():
    return current()["title"]


def test_file_is_shown_and_then_imported(officer):
    before = title()
    page = in_single_spaces(bring(officer, GOOD))
    assert ">1 changed</a>" in page
    assert ">1 new</a>" in page
    assert "Quite another title" in page
    assert title() == before
    page = in_single_spaces(decide(officer, "_confirm", publish="on"))
    assert "Your choices differ from the preview" in page
    assert "1 new record is added, published at once." in page
    assert title() == before
    page = in_single_spaces(decide(officer, "_confirm", publish="on"))
    assert "<strong>Done</strong>" in page
    assert title() == "Quite another title"
    assert Project.objects.published().filter(pk="brand-new").exists()


def test_limits_are_said_where_a_file_is_brought(officer, settings):
    settings.IMPORT_MAX_ROWS = 123
    page = in_single_spaces(officer.get(ADD))
    assert (
        "up to 20 MB (100 MB unpacked). CSV and IATI files: up to 100 MB. Tables: up to 123 rows and 200 columns."
        in page
    )


def test_refused_row_is_shown_with_place_and_taken_away_in_own_headings(officer):
    text = "Slug;Title;budget_amount;budget_currency\nnexus;Good;;\nenigmma;=bad;2.584;EUR\n"
    page = in_single_spaces(bring(officer, text))
    assert ">1 refused or waiting</a>" in page
    assert "1 record waits for your answers above: nothing is written, unless you choose to import the" in page
    assert "see the question above" in page
    assert page.count("waits for an answer") == 1
    assert "is refused:" not in page
    home = in_single_spaces(officer.get("/admin/"))
    assert "1 question about" in home
    assert "refused in" not in home
    batch = Import.objects.first()
    answer = officer.get(reverse("admin:imports_import_refused", args=[batch.pk]))
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "Slug;Title;budget_amount;budget_currency",
        "enigmma;'=bad;2.584;EUR",
    ]
    before = title()
    assert "refused" in in_single_spaces(decide(officer, "_confirm"))
    assert title() == before
    decide(officer, "_confirm", good_only="on")
    assert title() == "Good"
    home = in_single_spaces(officer.get("/admin/"))
    assert "1 record refused in" in home
    assert "question about" not in home


def test_columns_are_chosen_and_remembered(officer):
    text = "slug,Titlle\nnexus,Another\n"
    page = in_single_spaces(bring(officer, text))
    assert "This may be the table “Projects” or" in page
    page = in_single_spaces(decide(officer, "_again", **{"table-0": "projects"}))
    assert "Column B “Titlle” is read as “Title”." in page
    assert ">1 changed</a>" in page
    assert "1 changed" not in in_single_spaces(decide(officer, "_again", **{"column-0-1": ""}))
    assert "“slug” is left out, as chosen" in in_single_spaces(decide(officer, "_again", **{"column-0-0": ""}))
    assert "“slug” is read as" not in in_single_spaces(
        decide(officer, "_again", **{"column-0-0": "slug"})
    )  # its heading says so
    decide(officer, "_drop")
    assert "is left out, as chosen" not in in_single_spaces(bring(officer, text))  # a dropped import teaches nothing


FOREIGN = "Hankkeita Moldovassa\n\nHanke;Maa;Rahat;Valuutta;Huomautus\nBrücke;MD;2.584,50;EUR;gut\n"


def test_table_of_which_no_heading_is_known_is_chosen_on_the_page_and_remembered(officer):
    page = in_single_spaces(bring(officer, FOREIGN))
    assert "No heading row was found. It begins with “Hankkeita Moldovassa”." in page
    assert "1 row below row 3" in page
    chosen = {"column-0-0": "title", "column-0-1": "country_codes", "column-0-2": "budget_amount"}
    chosen |= {"column-0-3": "budget_currency", "column-0-4": "", "table-0": "projects"}
    page = in_single_spaces(decide(officer, "_again", **chosen))
    assert ">1 new</a>" in page
    assert "2584.50" in page.replace(",", "")
    decide(officer, "_confirm")
    page = in_single_spaces(bring(officer, FOREIGN.replace("Brücke", "Tunnel")))
    assert ">1 new</a>" in page
    assert "Column E “Huomautus” is left out, as chosen." in page
    assert "Column A “Hanke” is read as “Title”, as chosen." in page
    page = in_single_spaces(decide(officer, "_again", **{"column-0-4": "summary"}))
    assert "left out, as chosen" not in page
    assert "gut" in page


def test_decisions_of_an_older_preview_do_nothing(officer):
    older = bring(officer, "Titre;Début;Fin\nUn;03/04/2014;05/06/2015\n")
    assert '<input type="hidden" name="preview" value="1">' in in_single_spaces(older)
    newer = decide(officer, "_again", **{"answer-0": "the day comes first"})
    assert [one["heading"] for one in newer.context["batch"].about["questions"]] == ["end_date"]
    late = {"preview": "1", "answer-0": "the month comes first", "column-0-1": "", "out": "row 2"}
    for name in ("_again", "_confirm"):
        page = decide(officer, name, **late)
        assert "Nothing was done: you sent an older page" in in_single_spaces(page)
        assert page.context["batch"].options == newer.context["batch"].options
    decide(officer, "_again", **{"answer-0": "the day comes first"})
    assert "Nothing was done" in in_single_spaces(decide(officer, "_confirm", **late))  # no question is left
    assert "Nothing was done" in in_single_spaces(decide(officer, "_confirm", preview=""))  # a page of before
    assert not Project.objects.filter(title="Un").exists()
    assert "<strong>Done</strong>" in in_single_spaces(decide(officer, "_confirm"))
    assert current("un")["start_date"]["value"] == "2014-04-03"
    assert "does not wait for a decision" in in_single_spaces(decide(officer, "_confirm"))


def test_preview_that_another_request_replaces_meanwhile_is_not_written(officer):
    bring(officer, "Titre;Début\nUn;03/04/2014\nDeux;2015\n")
    confirmed, chosen = Import.objects.get(), Import.objects.get()
    decide(officer, "_again", **{"answer-0": "the day comes first"})
    assert "does not wait for a decision" in lifecycle.confirm(confirmed, confirmed.user, good_only=True)
    assert not lifecycle.read_again(chosen, empty_clears=True)
    assert lifecycle.read_again(Import.objects.get())


def test_page_says_as_what_a_table_was_read(officer):
    page = in_single_spaces(bring(officer, "slug;title\nnexus;Café\n".encode("cp1252")))
    assert "It was read as CSV, Windows-1252, with a semicolon between cells. If letters look wrong, save it" in page
    assert "If letters" not in in_single_spaces(bring(officer, GOOD))


def test_where_nothing_can_be_written_what_helps_comes_first(officer):
    page = in_single_spaces(bring(officer, "slug,title,title\nnexus,New,x\n", publish="on"))
    assert 0 < page.index("Problems with the") < page.index("Read it this way") < page.index("If you confirm")
    assert "Update the preview" not in page
    assert '<input type="hidden" name="publish" value="on">' in page  # as it was chosen


def test_list_says_why_a_file_was_refused_as_a_whole(officer):
    bring(officer, '<iati-activities version="2.03"><broken', "broken.xml")
    bring(officer, "slug,title,title\nnexus,New,x\n")
    page = in_single_spaces(officer.get(reverse("admin:imports_import_changelist")))
    assert '<td class="field-state_in_words">Refused</td>' in page
    assert "The file breaks off here." in page
    assert "Refused: row 1, 2 columns are “Title”." in page


def test_sheet_that_is_left_out_is_named_and_can_be_chosen(officer, monkeypatch):
    monkeypatch.setattr("imports.storage.is_packed", lambda path: False)  # a process has another database
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as file:
        file.add_worksheet("Projects").write_column(0, 0, ["title", "New"])
        file.add_worksheet("Länder").write_column(0, 0, ["Kürzel", "XX"])
        file.add_worksheet("Old").write_column(0, 0, ["title", "Other"])
        file.get_worksheet_by_name("Old").hide()
    page = in_single_spaces(bring(officer, book.getvalue(), "two.xlsx"))
    assert ">1 new</a>" in page
    assert "Sheet “Old” is hidden in the workbook, and left out. If it is one of our tables, choose which." in page
    assert "Sheet “Länder” is left out. If it is one of our tables, choose which." in page
    page = in_single_spaces(decide(officer, "_again", **{"table-1": "countries", "column-1-0": "code"}))
    assert "Sheet “Länder” is left out" not in page
    assert "Sheet “Länder”, read as: Countries" in page
    page = in_single_spaces(decide(officer, "_again", **{"table-0": ""}))
    assert "Sheet “Projects” is left out" in page
    page = in_single_spaces(decide(officer, "_again", **{"table-0": "projects", "table-1": "", "table-2": "projects"}))
    assert "Sheet “Old” is hidden in the workbook, and read, as chosen." in page
    assert ">2 new</a>" in page


def test_dropped_import_is_gone(officer, folder):
    bring(officer, GOOD)
    assert "<strong>Dropped</strong>" in in_single_spaces(decide(officer, "_drop"))
    assert not Import.objects.get().items.exists()
    assert not list(folder.glob("*.bytes"))
    assert "does not wait" in in_single_spaces(decide(officer, "_confirm"))
    assert title() != "Quite another title"


def test_import_of_somebody_else_is_not_shown(officer, client, caplog):
    bring(officer, "slug,title,budget_amount,budget_currency\nnexus,Other,2.584,EUR\n")
    number = Import.objects.get().pk
    pages = [f"/admin/imports/import/{number}/{what}/" for what in ("change", "refused")]
    assert [officer.get(page).status_code for page in pages] == [200, 200]
    for role in ("viewer", "editor"):
        client.force_login(somebody(role, name=role))
        assert [client.get(page).status_code for page in pages] == [403, 403]
        assert decide(client, "_confirm").status_code == 403
    assert f"refused: user=editor action=import record=import {number}" in caplog.text
    assert "mine.csv" not in in_single_spaces(client.get("/admin/imports/import/"))
    client.force_login(get_user_model().objects.create_superuser("root"))
    assert client.get(pages[0]).status_code == 200
    assert [decide(client, name).status_code for name in ("_again", "_confirm")] == [403, 403]
    assert "<strong>Dropped</strong>" in in_single_spaces(decide(client, "_drop"))


def test_name_of_a_file_runs_nowhere_and_names_no_header(officer):
    name = "<script>alert(1)</script>\u202e" + "x" * 300 + ".csv"
    page = in_single_spaces(
        bring(officer, "slug,title,budget_amount,budget_currency\nnexus,Other,2.584,EUR\n", name=name)
    )
    batch = Import.objects.get()
    assert len(batch.file_name) <= 255
    assert "<script>alert" not in page
    answer = officer.get(f"/admin/imports/import/{batch.pk}/refused/")
    assert answer["Content-Disposition"].isascii()
    assert answer["Content-Disposition"].startswith('attachment; filename="refused of ')


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\passwd", "a/b/passwd", "pass\u202ewd"])
def test_name_of_a_file_is_never_a_path(officer, name, folder):
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    officer.post(ADD, f"{head}slug,title\r\n\r\n--x--\r\n".encode(), content_type="multipart/form-data; boundary=x")
    batch = Import.objects.get()
    assert batch.file_name == "passwd"
    assert {path.name for path in folder.glob("[0-9]*")} == {f"{batch.pk}.bytes", f"{batch.pk}.lock"}


def test_what_may_not_be_published_is_refused_by_hand_too(register, client):
    client.force_login(somebody("editor", name="editor"))
    bring(client, "slug,title\nbrand-new,Brand new\n")
    assert decide(client, "_confirm", publish="on").status_code == 403
    assert decide(client, "_again", publish="on").status_code == 403
    assert not Project.objects.filter(pk="brand-new").exists()


@pytest.mark.parametrize("role", ["viewer", "administrator"])
def test_who_may_not_import_is_refused(register, client, role):
    client.force_login(somebody(role, name=role))
    assert client.get(ADD).status_code == 403
    assert bring(client, GOOD).status_code == 403
    assert not Import.objects.exists()


def test_list_of_imports_and_filters_of_the_preview(officer):
    bring(officer, GOOD)
    assert "mine.csv" in in_single_spaces(officer.get("/admin/imports/import/"))
    address = reverse("admin:imports_import_change", args=[Import.objects.first().pk])
    page = in_single_spaces(officer.get(address, {"verdict": "new"}))
    assert "brand-new" in page
    assert ">nexus</a>" not in page


def test_request_larger_than_any_file_is_refused_unread(officer, settings):
    settings.IMPORT_MAX_UNPACKED = 10
    answer = officer.post(ADD, b"", content_type="text/plain", CONTENT_LENGTH=str(2**21))
    assert answer.status_code == 413
    assert "Split it and upload the parts." in answer.content.decode()


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"<iati-activities><broken", b"a,b\n1,2\n"]
)
def test_file_that_is_none_is_refused_in_words(officer, content, monkeypatch):
    monkeypatch.setattr("imports.storage.is_packed", lambda path: False)  # a process has another database
    page = bring(officer, content)
    assert page.status_code == 200
    assert "errornote" in in_single_spaces(page) or "No heading row was found" in in_single_spaces(page)


def test_work_that_goes_on_is_shown_and_refreshed_without_script(officer, monkeypatch, folder):
    bring(officer, GOOD)
    Import.objects.update(state="reading")
    batch = Import.objects.get()
    address = reverse("admin:imports_import_change", args=[batch.pk])
    assert "Start again" in in_single_spaces(officer.get(address))
    seconds = iter([0, 0, 100, 200])
    monkeypatch.setattr(worker.time, "monotonic", lambda: next(seconds, 300))
    report = worker._reporter(batch)
    report("compared", 0, 1500)
    with works(folder, batch.pk):
        report("compared", 500, 1500)
        answer = officer.get(address)
        page = in_single_spaces(answer)
    assert answer["Refresh"] == "3"
    assert "500 of 1,500 records compared; about 7 minutes left for this step." in page
    assert '<progress max="1500" value="500"' in page


def test_number_of_queries_of_a_preview_does_not_grow(officer, django_assert_max_num_queries):
    rows = "".join(f"fresh-{number},Fresh {number}\n" for number in range(60))
    bring(officer, f"slug,title\n{rows}")
    address = reverse("admin:imports_import_change", args=[Import.objects.first().pk])
    with django_assert_max_num_queries(12):
        assert "fresh-49" in in_single_spaces(officer.get(address))


def test_what_rests_on_an_import_is_listed_and_is_a_filter_of_the_admin(officer):
    bring(officer, "title,lead\nOne,IOM\nTwo,IOM\n")
    page = in_single_spaces(decide(officer, "_confirm"))
    source = Import.objects.get().source
    lists = f"/admin/projects/project/?source={source}"
    assert f'<a href="{lists}">2 projects</a>' in page
    assert lists in in_single_spaces(officer.get(f"/admin/provenance/source/{source}/change/"))
    projects = officer.get(lists).context["cl"].queryset
    assert set(projects.values_list("title", flat=True)) == {"One", "Two"}
    assert officer.get("/admin/projects/organisation/", {"source": source}).context["cl"].queryset.count() == 0
    assert "By source" not in in_single_spaces(officer.get("/admin/projects/project/"))


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_template_imported_unchanged_is_no_project(officer, suffix):
    assert f"/admin/imports/import/template.{suffix}" in in_single_spaces(officer.get(ADD))
    response = officer.get(f"/admin/imports/import/template.{suffix}")
    batch = lifecycle.upload(get_user_model().objects.get(), f"projects.{suffix}", [response.content])
    lifecycle.read_again(batch)
    worker.work(batch.pk)
    batch.refresh_from_db()
    assert not any(batch.counts.values())
    assert "Left out, as it is our example" in " ".join(read_as(batch))
    columns = batch.about["sheets"][0]["columns"]
    assert not [column for column in columns if column["proposed"] or not column["column"]]
    assert officer.get("/admin/imports/import/template.exe").status_code == 404


def test_row_of_the_template_with_a_title_of_its_own_is_a_project_without_a_fault(officer):
    text = officer.get("/admin/imports/import/template.csv").content.decode("utf-8-sig")
    page = bring(officer, text.replace("Example of a project: replace this row", "Towers"))
    batch = page.context["batch"]
    assert (batch.counts["new"], batch.about["faults"], batch.about["questions"]) == (1, [], [])


def test_text_is_the_same_whether_a_form_or_a_file_brings_it(officer):
    bring(officer, 'slug,title,summary\r\nof-file,"One\r\ntwo\x0b three\x07","A\r\nb\x0cc\x01"\r\n')
    decide(officer, "_confirm")
    page = officer.get("/admin/projects/project/add/")
    typed = {"slug": "of-form", "title": "One\r\ntwo\x0b three\x07", "summary": "A\r\nb\x0cc\x01"}
    officer.post("/admin/projects/project/add/", filled(page) | typed)
    documents = writer.current(Project, ["of-file", "of-form"])
    assert {(one["title"], one["summary"]) for one in documents.values()} == {("One two three", "A\nb\nc")}
    batch = bring(officer, 'slug,title\nof-file,"One\rtwo three"\n').context["batch"]
    assert batch.counts["same"] == 1


def test_form_reads_a_sum_with_its_currency_as_a_file_does(officer):
    page = officer.get("/admin/projects/project/nexus/change/")
    typed = {"budget_amount": "2,5 M€", "budget_currency": "", "reason": "x"}
    response = officer.post("/admin/projects/project/nexus/change/", filled(page) | typed)
    assert "2,500,000.00" in in_single_spaces(response)
    response = officer.post("/admin/projects/project/nexus/change/", filled(page) | typed | {"budget_currency": "USD"})
    assert "names another currency than “USD”" in in_single_spaces(response)
