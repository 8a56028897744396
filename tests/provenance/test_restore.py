"""A full dump read back into an empty register: the same documents, version and figures, or nothing at all."""

import hashlib
import json
import re
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from instruments.models import Instrument
from projects import samples
from projects.index.version import register_version
from projects.models import Organisation, Project
from provenance.dump import lines as lines_of_dumps
from provenance.dump.lines import register_lines
from provenance.models import Claim, Revision, State
from provenance.store import log
from provenance.store.integrity import check_register
from tests.projects.test_change_feed import follow, the_register
from tests.support.database import queries
from tests.support.records import update
from tests.support.staff import make

TABLES = [*reversed(log.record_models()), Revision]
FILES = ["/projects.json", "/api/v1/organisations/?page_size=100", "/api/v1/instruments/?page_size=100", "/api/v1/stats/?group_by=theme"]  # fmt: skip


def dump(path):
    """Write the dump of the register as it stands, and return its lines."""
    lines = list(register_lines(*register_version()[:2], licence="CC0-1.0"))
    path.write_bytes(b"".join(lines))
    return lines


def empty():
    """Leave nothing in the register, not even its Revisions."""
    Claim.objects.all().delete()
    for model in log.record_models():
        model.objects.update(revision=None)
    Instrument.objects.update(predecessor=None)
    for model in TABLES:
        model.objects.all()._raw_delete("default") if model is Revision else model.objects.all().delete()


def answers(client):
    """Return what the register answers, without its seal: a dump has no past, so its seals begin anew."""
    return [re.sub(rb'"head":"[0-9a-f]*",', b"", b"".join(client.get(address))) for address in FILES]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "register.ndjson"


@pytest.fixture(scope="module")
def dumped():
    return []


@pytest.fixture
def lines(db, register_copy, dumped):
    """The lines of the eight projects' dump, as objects; the register is empty."""
    if not dumped:
        register_copy()
        dumped += register_lines(*register_version()[:2], licence="CC0-1.0")
        empty()
    return [json.loads(line) for line in dumped]


def write(file, lines):
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def of(lines, kind, key):
    """The document of one record among ``lines``."""
    return next(
        line["document"] for line in lines if line["kind"] == kind and key in (line["document"].get("code"), line["document"].get("slug"))
    )  # fmt: skip


def refused(file):
    """Import a file that is not in order, see that nothing stays of it, and return what was said."""
    before = Revision.objects.count(), Claim.objects.count(), *(m.objects.count() for m in log.record_models())
    with pytest.raises(CommandError) as error:
        call_command("import_records", file)
    message = str(error.value)
    assert message.endswith("Nothing was imported.")
    assert before == (
        Revision.objects.count(), Claim.objects.count(), *(m.objects.count() for m in log.record_models()),
    )  # fmt: skip
    return message


# -- There and back --


def assert_comes_back(client, file):
    """Dump the register, empty it and read it back: lines and answers are those of before."""
    first, before = dump(file), answers(client)
    empty()
    call_command("import_records", file)
    assert answers(client) == before
    assert list(register_lines(*register_version()[:2], licence="CC0-1.0")) == first
    assert not list(check_register())


def test_samples_come_back_the_same_to_the_byte(db, client, file):
    samples.make(100)
    assert_comes_back(client, file)


def test_next_change_is_numbered_after_the_imported_ones(register, file):
    dump(file)
    version = register_version()
    empty()
    call_command("import_records", file)
    assert register_version() == version
    log.set_state(Project, ["nexus"], State.WITHDRAWN, user_name="tester")
    assert register_version().number > version.number


def test_drafts_are_not_in_a_dump(register, file):
    make(Project, "hidden", title="A draft", state="draft")
    assert b"hidden" not in b"".join(dump(file))


def test_withdrawn_record_stays_gone_without_its_contents(register, client, file):
    log.set_state(Project, ["nexus"], State.WITHDRAWN, user_name="tester")
    log.delete(Project, ["cmba"], user_name="tester")
    Organisation.objects.create(slug="alone", name="Alone")
    log.set_state(Organisation, ["alone"], State.PUBLISHED, user_name="tester")
    log.delete(Organisation, ["alone"], user_name="tester")
    text = b"".join(first := dump(file)).decode()
    before = answers(client)
    last = [json.loads(line) for line in first][-3:]
    assert [line["gone"] for line in last] == ["nexus", "cmba", "alone"]
    assert all("document" not in line for line in last)
    assert "user_name" not in text
    empty()
    call_command("import_records", file)
    assert answers(client) == before
    assert client.get("/projects/nexus/").status_code == 410
    assert client.get("/projects.atom").status_code == 200
    assert not list(check_register())


def test_dump_does_not_depend_on_the_order_of_its_lines(register, client, file, monkeypatch, capsys):
    make(Project, "part", part_of=Project.objects.get(pk="nexus"))
    first, before = dump(file), answers(client)
    file.write_bytes(b"".join([first[0], *reversed(first[1:])]))
    empty()
    monkeypatch.setattr(lines_of_dumps, "chunks", partial(log.chunks, size=1))
    call_command("import_records", file)
    assert answers(client) == before
    assert f"Imported {len(first) - 1} records." in capsys.readouterr().out


def test_empty_register_comes_back_empty(db, file):
    dump(file)
    call_command("import_records", file)
    assert register_version().number == 0


def test_list_of_projects_is_no_dump(register, client, file):
    results = json.loads(b"".join(client.get("/projects.json")))["results"]
    empty()
    write(file, results)
    assert "Use the register.ndjson of a dump" in refused(file)


def test_file_that_is_not_that_of_its_sum_is_refused(register, file):
    dump(file)
    sums = file.with_name("SHA256SUMS")
    sums.write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n")
    empty()
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"NEXUS", b"NEXUs"))
    assert "it does not match SHA256SUMS in its folder" in refused(file)
    file.write_bytes(whole)
    call_command("import_records", file)


def queries_of(file, count):
    """Import ``count`` sample projects, and return in how many queries."""
    samples.make(count)
    dump(file)
    empty()
    asked = queries(call_command, "import_records", file)
    empty()
    return len(asked)


def test_queries_grow_with_chunks_not_with_rows(db, file, monkeypatch):
    queries_of(file, 1)  # what is read once
    few = queries_of(file, 10)
    assert queries_of(file, 30) - few <= 6  # more values than fit into one statement


# -- What is not in order --


def test_full_register_is_left_alone(register, file):
    dump(file)
    assert "The register is not empty" in refused(file)


def test_register_with_rows_that_nobody_recorded_is_not_empty(lines, file):
    write(file, lines)
    Organisation.objects.create(slug="alone", name="Alone")
    assert "The register is not empty" in refused(file)


def test_register_with_revisions_only_is_not_empty(lines, file):
    make(Organisation, "alone", name="Alone", state="draft")
    log.delete(Organisation, ["alone"], user_name="tester")
    assert "Revisions of deleted ones" in refused(file)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "the file is empty"),
        (b"not json\n", "line 1 is not JSON"),
        (b'{"kind": "register"', "cut off"),
        (b"[1, 2]\n", "line 1 is a list. Put one object"),
        (b"\xff\xfe\n", "line 1 is not JSON"),
        (b"{}\n", "is not the header of a full dump"),
        (b"[" * 100_000 + b"\n", "line 1 is not JSON"),
        (b'{"kind": "register", "version": 1}\n', "lacks the member “at”"),
        (b'{"kind":"register","version":-1,"at":null,"licence":null,"records":0,"gone":0}\n', "version"),
        (b'{"kind":"register","version":"1","at":null,"licence":null,"records":0,"gone":0}\n', "“version” is “1”. Give a whole number"),
        (b'{"url": "/nothing/x/", "modified": "2026"}\n', "is not the header of a full dump"),
    ],
)  # fmt: skip
def test_file_that_is_no_dump(db, file, raw, words):
    file.write_bytes(raw)
    assert words in refused(file)


def test_file_that_is_not_there(db, file):
    assert "No such file" in refused(file)


def test_dump_without_its_last_lines(lines, file):
    write(file, lines)
    whole = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(whole[:-1]))
    assert "cut off or changed" in refused(file)
    file.write_bytes(b"".join(whole)[:-100])
    assert "may have been cut off" in refused(file)
    file.write_bytes(b"".join(whole[1:]))
    assert "is not the header of a full dump" in refused(file)


def test_line_longer_than_any_record(db, file, monkeypatch):
    monkeypatch.setattr("provenance.dump.lines.LONGEST_LINE", 100)
    file.write_bytes(b'{"a": "' + b"a" * 200 + b'"}\n')
    assert "longer than 100 bytes" in refused(file)


def change(**members):
    return lambda lines: of(lines, "project", "nexus").update(members)


def inside(kind, key, member, **members):
    def work(lines):
        target = of(lines, kind, key)[member]
        (target[0] if isinstance(target, list) else target).update(members)

    return work


def on_line(number, **members):
    return lambda lines: lines[number].update(members)


PARTLY = {"value": "2010-01", "precision": "year", "earliest": "2010-01-01", "latest": "2010-12-31", "planned": False}


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (on_line(3, kind="thing"), "line 4: it is of the unknown kind “thing”. Give one of source, country"),
        (on_line(3, colour="red"), "line 4: it has the unknown member “colour”"),
        (on_line(3, version=True), "line 4: “version” is true. Give a whole number"),
        (on_line(3, version=10**9), "but the register was at"),
        (on_line(3, at="yesterday"), "line 4: “yesterday” is not a time. Write it as 2026-"),
        (on_line(3, document=[]), "line 4: “document” is a list of nothing. Give an object"),
        (lambda lines: lines[3].update(version=lines[4]["version"]), "it repeats version"),
        (lambda lines: lines.append(lines[-1]), "it repeats version"),
        (lambda lines: lines[0].update(version=lines[0]["version"] + 1), "The file was changed"),
        (lambda lines: lines[4].update(document=lines[3]["document"]), "appears twice, also in line 4"),
        (change(colour="red"), "the project “nexus” has the unknown member “colour”"),
        (change(title=None), "“nexus” “title” is null. Give a text"),
        (change(title="a\0b"), "“title” holds a NUL character"),
        (change(acronym=""), "has “” as “acronym”; its other members give null"),
        (change(objectives=[""]), "Give a list of texts"),
        (change(slug="Nexus Two", url="/projects/Nexus Two/"), "Use lower-case letters, digits"),
        (change(url="/projects/other/"), "has “/projects/other/” as “url”; its other members give “/projects/nexus/”"),
        (change(modified="2020-01-01T00:00:00Z"), "as “modified”"),
        (change(start_date=PARTLY), "has “year” as “start_date.precision”"),
        (change(start_date=PARTLY | {"value": "2010-13"}), "“2010-13” is not a date"),
        (change(start_date=PARTLY | {"planned": 1}), "“start_date.planned” is “1”. Give true or false"),
        (change(budget={"amount": 5, "currency": "EUR"}), "“budget.amount” is “5”. Give a text"),
        (change(budget={"amount": "-5.00", "currency": "EUR"}), "The budget is negative"),
        (change(budget={"amount": "5_000.00", "currency": "EUR"}), "has “5_000.00” as “budget.amount”"),
        (change(unattributed={"amount": "1.00", "currency": "EUR"}), "as “unattributed”"),
        (change(components=[{"number": 0, "title": "none"}]), "cannot be restored: number: "),
        (change(countries=[{"code": "MD", "name": "Moldova"}] * 2), "names one record twice in “countries”"),
        (change(countries=[{"code": "FR", "name": "France"}]), "cannot be restored: The register has no country “FR”"),
        (inside("project", "nexus", "countries", name="Elsewhere"), "has “Elsewhere” as “countries[0].name”"),
        (inside("project", "azerbaijan-targeted-initiative", "organisations", component=7), "cannot be restored: It has no component 7. Give the number of one that it has"),
        (inside("project", "nexus", "claims", source={"slug": "x", "title": "X"}), "The register has no source “x”"),
        (inside("project", "enigmma", "contributions", funder={"slug": "france", "name": "France"}), "so its funder is the European Union"),
        (lambda lines: of(lines, "country", "MD").update(code="QQ", url="/countries/QQ/"), "is not a country"),
        (lambda lines: of(lines, "organisation", "iom").update(kind={"code": "40", "name": "Other"}), "as “kind.name”"),
    ],
)  # fmt: skip
def test_line_that_is_not_in_order(lines, file, work, words):
    work(lines)
    write(file, lines)
    message = refused(file)
    assert words in message
    assert "line " in message


def test_two_organisations_of_one_identifier(lines, file):
    for key in ("iom", "icmpd"):
        of(lines, "organisation", key).update(identifier="XM-1")
    write(file, lines)
    assert "Another organisation has this identifier" in refused(file)


def test_record_that_names_one_that_is_gone(lines, file):
    place = next(n for n, line in enumerate(lines) if line.get("document", {}).get("code") == "MD")
    line = lines[place]
    lines[place] = {name: line[name] for name in ("kind", "version", "at")} | {"gone": "MD", "title": None}
    lines[0] |= {"records": lines[0]["records"] - 1, "gone": 1}
    write(file, lines)
    assert "cannot be restored: The register has no country “MD”" in refused(file)


@pytest.mark.parametrize("key", ["", "a" * 101, "../x", "GE/"])
def test_record_that_is_gone_has_a_key_as_others_have(lines, file, key):
    lines.append({"kind": "project", "version": lines[0]["version"], "at": lines[0]["at"], "gone": key, "title": None})
    lines[0] |= {"version": lines[0]["version"] + 1, "gone": 1}
    lines[-1]["version"] += 1
    write(file, lines)
    assert f"line {len(lines)}: the project “{key[:80]}" in refused(file)


def test_copy_that_begins_with_a_dump_and_follows_is_the_register(register, client, file):
    header, *records = [json.loads(line) for line in dump(file)]
    copy = {
        (line["kind"], line["document"].get("code") or line["document"]["slug"]): line["document"] for line in records
    }
    assert copy == the_register()
    update(Project, "nexus", title="Another")
    log.delete(Project, ["cmba"], user_name="tester")
    assert follow(client, copy, header["version"]) == register_version().number
    assert copy == the_register()
