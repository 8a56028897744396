"""The register's seal: with one old head, anybody finds what was changed in the past."""

import hashlib
import json
import re
import threading
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections, transaction

from projects import samples
from projects.models import Project, Theme
from provenance.models import Revision
from provenance.store import log
from provenance.store.database import register_lock
from provenance.store.integrity import check_register
from provenance.store.log import digest_of, head_after, public_digest_of, seal
from tests.provenance.test_digests import checked, run_script, sql
from tests.support.records import record

WHO = {"user_name": "olga", "reason": "A secret reason"}
FILL = "provenance.migrations.0017_heads_of_earlier_revisions"


def public():
    return Revision.objects.public().order_by("id")


def newest():
    """Return (version, head) as a citation prints them."""
    return public().values_list("id", "head").last()


def heads():
    """Compute all heads as docs/verify.md says, by the standard library alone."""
    by_version, head = {}, ""
    for row in public():
        text = json.dumps([head, row.pk, row.kind, row.key, row.public_digest], separators=(",", ":"))
        by_version[row.pk] = head = hashlib.sha256(text.encode()).hexdigest()
    return by_version


def stored():
    return dict(public().values_list("id", "head"))


def rename(key, name):
    with register_lock():
        Theme.objects.update_or_create(slug=key, defaults={"name": name, "state": "published"})
        record(Theme, [key], **WHO)


# -- Recording --


def test_head_is_what_anybody_computes(register):
    Theme.objects.create(slug="draft", name="Nobody sees it")
    record(Theme, ["draft"], **WHO)
    log.set_state(Project, ["enigmma"], "withdrawn", **WHO)
    log.delete(Project, ["nexus"], **WHO)
    with register_lock():
        Project.objects.filter(pk="cmba").delete()
        log.record_missing(Project, **WHO)
    assert stored() == heads()
    assert not Revision.objects.exclude(is_public=True).exclude(head="").exists()
    assert list(check_register()) == []


def test_head_over_several_batches(db):
    samples.make(700)
    assert public().count() > 600
    assert stored() == heads()


def test_head_of_two_changes_never_becomes_another():
    first = head_after("", 3, "country", "MD", "ab" * 32)
    assert first == "a9e43068878c7c5de7e4957014b16ab04a1637f5c1c02c80336fa1eb2f7a2f09"
    assert (
        head_after(first, 10**9, "project", "nexus", "cd" * 32)
        == "bd6e011426f8cfba5a44b4d7d6b41d13cf2c4dd951806aceccee30e0b684cd34"
    )


def test_head_after_an_older_release_recorded_without_one(db):
    rename("a", "First")
    rename("b", "First")
    Revision.objects.filter(pk=newest()[0]).update(head="")
    rename("a", "Second")
    assert stored() == heads()


@pytest.mark.django_db(transaction=True)
def test_heads_of_two_writers_at_once():
    rename("x", "Before")

    def write(key):
        for number in range(5):
            rename(key, f"Name {number}")
        connections.close_all()

    writers = [threading.Thread(target=write, args=(key,)) for key in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert public().count() == 11
    assert stored() == heads()


# -- The migration --


def fill():
    import_module(FILL).fill(apps, type("Editor", (), {"connection": connection}))


def test_migration_goes_on_where_it_was_killed(register, monkeypatch):
    wanted, migration = stored(), import_module(FILL)
    monkeypatch.setattr(migration, "CHUNK", 7)
    Revision.objects.update(head="")
    batches, write = [], migration._write

    def dies(*arguments):
        write(*arguments)
        batches.append(arguments)
        if len(batches) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(migration, "_write", dies)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        fill()
    assert Revision.objects.public().exclude(head="").count() in (0, 14)  # the third batch is rolled back
    monkeypatch.setattr(migration, "_write", write)
    fill()
    assert stored() == wanted
    Revision.objects.filter(pk__gt=public()[10].pk).update(head="")  # as if killed between batches
    fill()
    assert stored() == wanted


# -- Four ways to tamper, each with all digests and heads computed anew --


def forge():
    """Make all chains fit what the Revisions say now, as whoever controls the database can."""
    last = {}
    for row in Revision.objects.order_by("id"):
        before = last.get((row.kind, row.key))
        row.previous_digest = before.digest if before else ""
        row.digest = digest_of(row)
        row.public_digest = public_digest_of(row, before.public_digest if before else "", json.loads(row.document))
        Revision.objects.filter(pk=row.pk).update(
            previous_digest=row.previous_digest, digest=row.digest, public_digest=row.public_digest, head="",
            sort_key=log.model_of(row).sort_key_of(json.loads(row.document)),
        )  # fmt: skip
        last[row.kind, row.key] = row
    seal()


def delete_with_its_past():
    """A record that nothing names goes with all its Revisions."""
    sql("UPDATE projects_project SET revision_id = NULL WHERE slug = 'nexus'")
    Revision.objects.filter(kind="project", key="nexus")._raw_delete("default")
    Project.objects.filter(pk="nexus").delete()


def edit_a_document():
    row = Revision.objects.get(kind="theme", key="t", document__contains="First")
    Revision.objects.filter(pk=row.pk).update(document=row.document.replace("First", "Other"))


def swap_two_changes():
    one, other = Revision.objects.get(key="t", document__contains="First"), Revision.objects.get(key="u")
    for old, new in ((one.pk, 10**6), (other.pk, one.pk), (10**6, other.pk)):
        sql("UPDATE provenance_revision SET id = %s WHERE id = %s", new, old)
    sql("UPDATE projects_theme SET revision_id = %s WHERE slug = 'u'", one.pk)


def restore_an_older_copy():
    Revision.objects.filter(pk=newest()[0])._raw_delete("default")
    last = log.newest(Theme, ["t"])["t"]
    words = Theme.other_words(["t"]).get("t", ())
    columns = log.recorded_columns(Theme, last, log.document_of(last), words)
    Theme.objects.filter(pk="t").update(name="First", **columns)


TAMPERINGS = [delete_with_its_past, edit_a_document, swap_two_changes, restore_an_older_copy]


def grow():
    """Return (version, head) as of a day on which somebody printed them; more came later."""
    rename("t", "First")
    rename("u", "Between")
    rename("t", "Second")
    return newest()


def check(text, capsys):
    """Return the lines of ``check_register --head``, and whether it found something."""
    try:
        call_command("check_register", f"--head={text}")
        return capsys.readouterr().out, False
    except SystemExit as ended:
        return capsys.readouterr().out, ended.code == 1


@pytest.mark.parametrize("tamper", TAMPERINGS)
@pytest.mark.parametrize("is_careful", [True, False])
def test_check_finds_with_an_old_head(register, capsys, tamper, is_careful):
    version, head = grow()
    with transaction.atomic():
        tamper()
    if is_careful:
        forge()
        assert list(check_register()) == []  # nothing but the old head tells
    out, is_refused = check(f"{version}:{head[:20]}", capsys)
    assert is_refused
    if is_careful or tamper is not edit_a_document:  # an edited document alone shows in its digest
        assert f"seal {head[:20]}: not version {version} of this register has it." in out


def test_check_accepts_an_old_head_of_a_register_that_grew(register, capsys):
    version, head = grow()
    rename("t", "Third")
    words = f"version {version}, seal {' '.join(re.findall('....', head[:20]))}"
    for text in (words, words.upper(), head, f"{version}:{head}", head[:16]):
        out, is_refused = check(text, capsys)
        assert not is_refused, (text, out)
    assert check(f"{version - 1}:{head}", capsys)[1]


@pytest.mark.parametrize("text", ["", "45", "3f9a", "45:3f9a", "45:" + "g" * 20, "a" * 65])
def test_check_refuses_what_is_no_head(db, capsys, text):
    with pytest.raises(Exception, match=r"is not a seal|expected one argument") as refused:
        call_command("check_register", f"--head={text}")
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize("column", ["head", "public_digest"])
def test_check_names_the_version_whose_head_was_forged(register, column):
    grow()
    version = Revision.objects.get(key="u").pk
    sql(f"UPDATE provenance_revision SET {column} = %s WHERE id = %s", "0" * 64, version)
    findings = [line for line in check_register() if "its seal" in line]
    assert findings[0].startswith(f"version {version}: its seal does not follow")
    assert len(findings) == (2 if column == "head" else 1)


# -- The script of the documentation --


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_script_of_the_documentation_finds_with_an_old_seal(live_server, transactional_db, register, tmp_path, tamper):
    version, head = grow()
    words = [version, *re.findall("....", head[:20])]
    assert run_script(tmp_path, live_server.url, *words) == [checked(0)]
    with transaction.atomic():
        tamper()
        forge()
    assert run_script(tmp_path, live_server.url) == [checked(0)]
    wrong = f"does not agree: version {version} does not have the seal {head[:20]}"
    assert run_script(tmp_path, live_server.url, *words) == [wrong, checked(1)]
