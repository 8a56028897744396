"""Files that people upload: shown before anything is written, then written all or not at all."""

import fcntl
import os
from contextlib import ExitStack

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from imports import lifecycle, preview, queue, storage, worker
from imports.items import Item, NotReadable, PlacedFault, Reading
from imports.models import Import, ImportItem
from projects.models import Organisation, Project
from provenance.models import Original, Proposal, Revision, Source, State
from provenance.store import writer
from provenance.store.log import chunks
from tests.support.records import current, write
from tests.support.staff import somebody
from tests.support.uploads import confirmed, uploaded

Verdict = ImportItem.Verdict


@pytest.fixture
def editor(register):
    return somebody("editor", name="editor")


class Reader:
    """A reader that gives the items that a test wants."""

    def __init__(self):
        self.items, self.faults, self.about = [], [], {}

    def read(self, path, *, name, options, source, report):
        made = (make(source) for make in self.items)
        return Reading(iter(list(made)), self.faults, self.about)


@pytest.fixture
def reader(monkeypatch):
    one = Reader()
    monkeypatch.setattr(preview, "READERS", dict.fromkeys(preview.READERS, one))
    return one


def project(key, *, of="nexus", place="row 2", original="", **members):
    """A maker of the item that changes ``members`` of a project, each with its claim."""

    def make(source):
        document = writer.current(Project, [key]).get(key)
        document = document or current(of) | {"slug": key, "claims": []}
        changed = {name: value for name, value in members.items() if document[name] != value}
        claims = [
            {"field": name, "as_stated": str(value), "quote": f"{name}: {value}", "source": source, "place": place}
            for name, value in changed.items()
        ]
        document = {**document, **changed, "claims": [*document["claims"], *claims]}
        return Item(Project, key, place, document, numbers=[("", 2)], identifier=f"XM-{key}", original=original)

    return make


def refused(key):
    return lambda source: Item(
        Project, key, "row 3", None, [PlacedFault("row 3", "budget", "Write 2584.00.")], numbers=[("", 3)]
    )


def content():
    return list(Revision.objects.order_by("id").values_list("kind", "key", "document"))


def test_preview_says_what_changes_and_changes_nothing(register, chief, reader):
    reader.items = [
        project("nexus", title="Other"),
        project("fresh", title="Fresh"),
        project("enigmma"),
        refused("bad"),
    ]
    before = content()
    batch = uploaded(chief)
    assert (batch.state, batch.note) == ("read", "")
    counts = {"new": 1, "changed": 1, "same": 1, "refused": 1, "proposed": 0, "vanished": 0}
    assert batch.counts == counts
    changes = batch.items.get(verdict="changed").changes
    assert ["Title", [current()["title"]], ["Other"]] in changes
    assert batch.items.get(verdict="refused").faults[0]["what"] == "Write 2584.00."
    assert content() == before
    assert not Source.objects.filter(pk__startswith="import-").exists()


def test_confirmed_import_is_written_with_its_source_and_claims(register, chief, reader):
    reader.items = [project("nexus", title="Other"), project("fresh", title="Fresh", original="<a/>")]
    batch = confirmed(uploaded(chief), chief)
    assert batch.state == "done"
    source = Source.objects.get(pk=batch.source)
    assert (source.title, source.digest, source.state) == ("table.csv", batch.digest, State.PUBLISHED)
    stored = writer.current(Project, ["nexus", "fresh"])
    assert stored["nexus"]["title"] == "Other"
    assert stored["nexus"]["claims"][-1]["source"]["slug"] == batch.source
    assert Project.objects.get(pk="fresh").state == State.DRAFT
    assert Revision.objects.of(Project, "nexus").first().reason == "Imported from table.csv."
    assert Original.objects.get(key="fresh").text == "<a/>"
    assert not storage.beside(batch, "bytes").exists()
    assert not batch.items.exclude(verdict="new").exclude(document="").exists()


def test_name_of_a_file_that_made_drafts_only_is_not_public(register, chief, reader):
    reader.items = [project("fresh", title="Fresh")]
    batch = confirmed(uploaded(chief), chief)
    assert batch.state == "done"
    assert Source.objects.get(pk=batch.source).state == State.DRAFT
    assert not Revision.objects.public().filter(kind="source", key=batch.source).exists()


def test_file_of_an_editor_can_be_brought_by_a_publisher_after(register, chief, editor, reader):
    reader.items = [project("nexus", title="Other"), project("fresh", title="Fresh")]
    confirmed(uploaded(editor), editor)
    batch = confirmed(uploaded(chief), chief)
    assert (batch.counts["changed"], batch.counts["refused"], batch.state) == (1, 0, "done")
    assert current()["title"] == "Other"
    assert Source.objects.get(pk=batch.source).state == State.PUBLISHED


def test_same_file_twice_changes_nothing(register, chief, reader):
    reader.items = [project("nexus", title="Other", original="<a/>"), project("fresh", title="Fresh")]
    confirmed(uploaded(chief), chief)
    before = content()
    batch = confirmed(uploaded(chief), chief)
    assert batch.counts["same"] == 2
    assert batch.source == ""
    assert content() == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without counting")
def test_large_import_lets_postgresql_count_its_rows(register, chief, reader, monkeypatch):
    monkeypatch.setattr(worker, "CHUNK", 1)
    reader.items = [project(f"new-{number}") for number in range(3)]
    confirmed(uploaded(chief), chief)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'projects_project'")
        assert cursor.fetchone() == (Project.objects.count(),)


def test_import_of_an_editor_adds_drafts_and_proposes(register, editor, reader):
    reader.items = [project("nexus", title="Other"), project("fresh", title="Fresh")]
    batch = uploaded(editor)
    assert (batch.counts["proposed"], batch.counts["new"]) == (1, 1)
    assert not Proposal.objects.exists()
    confirmed(batch, editor)
    assert Proposal.objects.get().key == "nexus"
    assert current()["title"] != "Other"
    assert Project.objects.get(pk="fresh").state == State.DRAFT
    assert Source.objects.get(pk=batch.source).state == State.DRAFT
    assert uploaded(editor).counts["same"] == 2


def test_records_for_a_person_to_look_at_are_counted_without_refused_ones(register, chief, reader):
    def unsure(make):
        def made(source):
            item = make(source)
            item.notes.append("Looks like another.")
            return item

        return made

    reader.items = [unsure(project("nexus", title="Another")), project("enigmma", title="One"), unsure(refused("two"))]
    assert uploaded(chief).about["unsure"] == 1


def test_record_told_twice_is_refused(register, chief, reader):
    reader.items = [project("nexus", title="A"), project("nexus", title="B", place="row 7")]
    batch = uploaded(chief)
    assert (batch.counts["changed"], batch.counts["refused"]) == (1, 1)
    assert "here and at row 2" in batch.items.get(verdict="refused").faults[0]["what"]


def test_new_organisation_after_the_project_that_names_it_is_written_before(register, chief, reader):
    def organisation(source):
        document = current("iom", Organisation) | {"slug": "brand-new", "name": "Brand New"}
        return Item(Organisation, "brand-new", "row 9", document | {"claims": [], "identifier": None})

    named = [{"slug": "brand-new", "name": "", "role": "partner", "role_as_stated": None, "component": None}]
    reader.items = [project("fresh", organisations=named), organisation]
    batch = confirmed(uploaded(chief), chief)
    assert batch.counts["new"] == 2
    assert current("fresh")["organisations"][0]["name"] == "Brand New"


@pytest.mark.parametrize("conflict", [True, False])
def test_record_that_moved_on_since_the_preview_is_shown_again_or_merged(register, chief, reader, conflict):
    reader.items = [project("nexus", title="Other"), project("enigmma", acronym="E")]
    batch = uploaded(chief)
    member = "title" if conflict else "acronym"
    now = current()
    write(Project, {"nexus": now | {member: "Theirs"}}, user_name="another")
    confirmed(batch, chief)
    stored = writer.current(Project, ["nexus", "enigmma"])
    if conflict:
        assert batch.state == "read"
        assert "nexus: Somebody else changed the same values" in batch.note
        item = batch.items.get(key="nexus")
        assert item.notes == ["Somebody else changed the same values: title. Please check the record and try again."]
        assert ["Title", ["Theirs"], ["Other"]] in item.changes
        assert (stored["nexus"]["title"], stored["enigmma"]["acronym"] == "E") == ("Theirs", False)
        confirmed(batch, chief)
        stored = writer.current(Project, ["nexus"])
        assert stored["nexus"]["title"] == "Other"
    else:
        assert (batch.state, stored["nexus"]["title"], stored["nexus"]["acronym"]) == ("done", "Other", "Theirs")


def test_edit_of_what_the_file_does_not_change_stays_through_another_preview(register, chief, reader):
    old = current("enigmma")
    reader.items = [project("nexus", title="Other"), project("enigmma", title=old["title"], acronym="E")]
    batch = uploaded(chief)
    for key, title in (("nexus", "Theirs"), ("enigmma", "By hand")):
        now = current(key)
        write(Project, {key: now | {"title": title}}, user_name="another")
    confirmed(batch, chief)
    assert batch.note.count("Somebody else changed the same values") == 1
    assert [label for label, *_ in batch.items.get(key="enigmma").changes] == ["Acronym", "Claims"]
    confirmed(batch, chief)
    stored = writer.current(Project, ["nexus", "enigmma"])
    assert (stored["nexus"]["title"], stored["enigmma"]["title"], stored["enigmma"]["acronym"]) == (
        "Other",
        "By hand",
        "E",
    )
    assert not [
        one for one in stored["enigmma"]["claims"] if one["field"] == "title" and one["source"]["slug"] == batch.source
    ]


def test_fault_that_only_the_whole_file_shows_is_said_by_the_next_preview(register, chief, reader, monkeypatch):
    """Records 500 apart are judged apart: that two of them take one name is found when all of it is written."""

    def organisation(key):
        of = current("iom", Organisation)
        return lambda source: Item(
            Organisation, key, key, of | {"slug": key, "name": key, "identifier": "XM-1", "claims": []}
        )

    monkeypatch.setattr(chunks, "__defaults__", (1,))
    reader.items = [organisation("one"), organisation("two")]
    batch, before = uploaded(chief), content()
    confirmed(batch, chief)
    assert (batch.state, content()) == ("read", before)
    assert (batch.counts["new"], batch.counts["refused"]) == (1, 1)
    assert "two: " in batch.note
    assert "identifier" in batch.items.get(key="two").faults[0]["what"]
    confirmed(batch, chief, good_only=True)
    assert set(Organisation.objects.filter(pk__in=["one", "two"]).values_list("pk", flat=True)) == {"one"}


def test_import_dropped_while_it_is_read_keeps_nothing(register, chief, reader, monkeypatch, folder):
    reader.items = [project("nexus", title="Other"), refused("bad")]
    judge = preview._judge

    def dropped(batch, *arguments):
        assert lifecycle.drop(Import.objects.get(pk=batch.pk))
        return judge(batch, *arguments)

    monkeypatch.setattr(preview, "_judge", dropped)
    batch = uploaded(chief)
    assert (batch.state, batch.items.count()) == ("dropped", 0)
    assert not list(folder.glob("*.refused"))


def test_two_imports_of_one_new_record_end_as_one_after_the_other(register, chief, reader):
    reader.items = [project("fresh", title="Fresh")]
    first, second = uploaded(chief), uploaded(chief)
    confirmed(first, chief)
    confirmed(second, chief)
    assert (second.state, second.counts["same"]) == ("read", 1)
    assert Revision.objects.filter(kind="project", key="fresh").count() == 1


def test_file_refused_as_a_whole_says_to_upload_it_again(register, chief, reader, folder):
    batch = uploaded(chief)
    batch.about["faults"] = ["No heading is known."]
    assert lifecycle.confirm(batch, chief).endswith("Correct it and upload it again.")


@pytest.mark.parametrize(
    ("limit", "content"), [("IMPORT_MAX_PACKED", b"PK\x03\x04and more"), ("IMPORT_MAX_UNPACKED", b"<a/>" * 9)]
)
def test_file_above_the_limit_is_refused(register, chief, settings, limit, content):
    setattr(settings, limit, 8)
    with pytest.raises(NotReadable, match="larger than 8 bytes. Split it and upload the parts."):
        lifecycle.upload(chief, "a", [content])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n", "This is a picture. CSV, XLSX or IATI XML is expected."),
        (b'[{"a": 1}]', "This is JSON."),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "This is a workbook in Excel's XML",
        ),
        (b"%PDF-1.7", "This is a PDF document."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"the old form \(XLS\), or one with a password"),
        (b"<!DOCTYPE html><table>", "This is a web page"),
        (b"PK" + b"\0" * 28 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "save it as XLSX"),
    ],
)
def test_file_of_another_form_is_refused_by_its_name_and_not_kept(register, chief, folder, content, what):
    with pytest.raises(NotReadable, match=what):
        lifecycle.upload(chief, "x.csv", [content])
    assert not list(folder.iterdir())
    assert not Import.objects.exists()


def test_command_says_which_columns_are_left_out(register, chief, tmp_path, capsys):
    earlier = lifecycle.upload(chief, "a.csv", [b"a;b"], options={"columns": {"Remarks": ""}})
    lifecycle.move(earlier, "uploaded", to="done")
    path = tmp_path / "b.csv"
    path.write_text("slug,title,remarks\nnexus,New title,good\n")
    call_command("import_table", path, user="chief")
    output = capsys.readouterr().out
    assert "with a comma between cells" in output
    assert "Column C “remarks” is left out, as chosen." in output


def test_command_says_that_a_file_is_not_there(register, chief):
    with pytest.raises(
        CommandError, match="gone.csv: The file cannot be read, or not be kept: No such file or directory. Nothing"
    ):
        call_command("import_table", "gone.csv", user="chief")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<?xml version='1.0'?>", "iati"),
        (b"\xef\xbb\xbf <iati", "iati"),
        ("\ufeff<i".encode("utf-16-le"), "iati"),
        (b"a;b", "table"),
    ],
)
def test_kind_is_found_from_the_content(register, chief, content, kind):
    assert lifecycle.upload(chief, "x.csv", [content]).kind == kind


def test_columns_of_confirmed_imports_are_remembered_by_name_until_these_are_undone(register, chief):
    kept = {"columns": {"Titel": "title", "X": "acronym"}, "answers": {"title": {"Nexus": "=nexus"}}}
    first = lifecycle.upload(chief, "a.csv", [b"a"], options=kept)
    assert lifecycle.upload(chief, "b.csv", [b"a"]).options["columns"] == {}
    second = lifecycle.upload(chief, "c.csv", [b"a"], options={"columns": {"X": ""}})
    for batch in (first, second):
        lifecycle.move(batch, "uploaded", to="done")
    assert lifecycle.remembered(chief)["columns"] == {"Titel": "title", "X": ""}
    lifecycle.move(second, "done", to="done", about={"undone": "chief"})
    assert lifecycle.remembered(chief)["columns"] == {"Titel": "title", "X": "acronym"}
    assert lifecycle.remembered(chief)["kept"] == [["title", "", "Nexus", "=nexus"]]
    lifecycle.move(first, "done", to="done", about={"undone": "chief"})
    assert lifecycle.remembered(chief) == {"columns": {}, "answers": {}, "kept": []}


def test_worker_that_died_is_noticed_and_begun_again(register, chief, reader, folder):
    reader.items = [project("nexus", title="Other")]
    batch = lifecycle.upload(chief, "a.csv", [b"a"])
    lifecycle.read_again(batch)
    assert lifecycle.has_died(batch)
    with queue.alone(folder, batch.pk):
        assert not lifecycle.has_died(batch)
    worker.start(batch)
    assert batch.state == "read"


def test_worker_that_has_not_let_go_of_the_lock_yet_is_waited_for(register, chief, reader, folder, monkeypatch):
    reader.items = [project("nexus", title="Other")]
    batch, holder, flock = uploaded(chief), ExitStack(), fcntl.flock
    holder.enter_context(queue.alone(folder, batch.pk))

    def lock(file, how):
        if how == fcntl.LOCK_EX:
            holder.close()  # while we wait for it
        flock(file, how)

    monkeypatch.setattr(queue.fcntl, "flock", lock)
    assert confirmed(batch, chief).state == "done"


def test_command_says_why_its_user_may_not_import(register, table):
    get_user_model().objects.create_user("nobody", is_staff=True)
    with pytest.raises(CommandError, match="mine.csv: You have no role in this register yet"):
        call_command("import_table", str(table), user="nobody")


# -- By command --


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("slug,title\nnexus,Quite another title\n", encoding="utf-8")
    return path


def test_command_shows_and_writes_only_when_confirmed(register, chief, table, capsys):
    before = content()
    call_command("import_table", str(table), "--user", "chief")
    output = capsys.readouterr().out
    assert "1 changed" in output
    assert "changed: nexus (row 2), Title: " in output
    assert " → Quite another title\n" in output
    assert content() == before
    call_command("import_table", str(table), "--user", "chief", "--confirm")
    assert current()["title"] == "Quite another title"
    call_command("import_table", str(table), "--user", "chief", "--confirm")
    assert "1 same" in capsys.readouterr().out.splitlines()[-3]


def test_command_counts_in_one_order_on_every_database(register, chief, table, capsys, monkeypatch):
    def counted(*given):
        counts, about = count(*given)
        return dict(sorted(counts.items(), key=lambda item: (len(item[0]), item[0]))), about  # as PostgreSQL keeps keys

    count = preview._counted
    monkeypatch.setattr(preview, "_counted", counted)
    call_command("import_table", str(table), "--user", "chief")
    assert f"{table}: 0 new, 1 changed, 0 proposed, 0 same, 0 vanished, 0 refused\n" in capsys.readouterr().out


def test_command_refuses_with_place_and_changes_nothing(register, chief, table, capsys):
    table.write_text("slug,title,budget_amount,budget_currency\nnexus,New title,2.584,EUR\n", encoding="utf-8")
    call_command("register_digest")
    before = capsys.readouterr().out
    with pytest.raises(CommandError, match="row 2"):
        call_command("import_table", str(table), "--user", "chief", "--confirm")
    capsys.readouterr()
    call_command("register_digest")
    assert capsys.readouterr().out == before
    assert before.startswith("sha256:")


def test_command_leaves_out_what_is_refused_and_says_so(register, chief, table):
    table.write_text("slug,title,status\nnexus,New title,\nenigmma,Other,nonsense\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"this is refused, and was left out:\n  row 3: "):
        call_command("import_table", str(table), "--user", "chief", "--confirm", "--good-only")
    assert current()["title"] == "New title"


def test_command_writes_though_nobody_reads_what_it_says(register, chief, table):
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as pipe:
        call_command("import_table", str(table), "--user", "chief", "--confirm", stdout=pipe)
    assert current()["title"] == "Quite another title"


def test_table_of_headings_alone_is_said_to_have_no_rows(register, chief, table, capsys):
    table.write_text("slug,title\n", encoding="utf-8")
    call_command("import_table", str(table), "--user", "chief", "--confirm")
    output = capsys.readouterr().out
    assert "no records below them" in output
    assert "has all of it" not in output


@pytest.mark.parametrize(("command", "text"), [("import_iati", "hello"), ("import_table", "<iati-activities/>")])
def test_command_for_another_kind_of_file_says_what_is_right(register, chief, tmp_path, command, text):
    (tmp_path / "file").write_text(text)
    with pytest.raises(CommandError, match=r"Give (an IATI activity file|CSV or XLSX).*; .* goes by import_"):
        call_command(command, str(tmp_path / "file"), "--user", "chief")


def test_what_the_preview_tried_is_written_as_if_it_were_checked_again(register, chief):
    """If nothing was recorded since its preview, an import is written without checks: the records are the same."""
    table = (
        "slug,title,acronym,country_codes,budget_amount,budget_currency,lead_slugs,objectives\n"
        "nexus,NEXUS renamed,,MD,5 000 000,EUR,,One\n"
        "tables-1,Border  posts é,BP,Georgia; AM,2.5 million,USD,ICMPD,Shorter queues\n"
    ).encode()
    documents = []
    for register_seen in (None, 0):
        with transaction.atomic():
            batch = uploaded(chief, table, "table.csv")
            if register_seen is not None:
                batch.about["register"] = register_seen
                batch.save()
            assert confirmed(batch, chief).state == "done"
            call_command("check_register")
            documents.append(writer.current(Project, ["nexus", "tables-1"]))
            transaction.set_rollback(True)
    assert documents[0] == documents[1]
    assert documents[0]["tables-1"]["budget"] == {"amount": "2500000.00", "currency": "USD"}
