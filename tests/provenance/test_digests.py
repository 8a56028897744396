"""The chain of what the public was told: anybody can compute it, and a forged row is found."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from projects.models import Project, Theme
from provenance.models import Revision
from provenance.models.revision import iso_milliseconds
from provenance.store.integrity import check_register
from provenance.store.log import delete, set_state
from tests.support.database import sql
from tests.support.loops import at_least_one
from tests.support.records import record, update

WHO = {"user_name": "olga", "reason": "A secret reason"}
VERIFY = Path(__file__).resolve().parents[2] / "docs/verify.md"


def head(previous, revision, state, document):
    """The digest as docs/verify.md says it, by the standard library alone."""
    hashed = {"previous": previous, "kind": revision.kind, "key": revision.key, "state": state}
    hashed |= {"at": iso_milliseconds(revision.at), "document": document}
    text = json.dumps(hashed, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def revisions(key):
    return list(Revision.objects.filter(key=key).order_by("id"))


@pytest.fixture
def theme_revisions(db):
    """A theme that was a draft, published, changed, withdrawn, changed unseen, published, deleted, and there again."""
    Theme.objects.create(slug="t", name="Tschüß \u2028 \u0007 “café” \\ / \x7f 🜁")
    record(Theme, ["t"], **WHO)
    set_state(Theme, ["t"], "published", **WHO)
    update(Theme, "t", name="Second", **WHO)
    set_state(Theme, ["t"], "withdrawn", **WHO)
    update(Theme, "t", name="Unseen", **WHO)
    set_state(Theme, ["t"], "published", **WHO)
    delete(Theme, ["t"], **WHO)
    Theme.objects.create(slug="t", name="Again", state="published")
    record(Theme, ["t"], **WHO)
    return revisions("t")


def test_public_digest_is_what_anybody_computes(theme_revisions):
    states = ["", "published", "published", "withdrawn", "", "published", "deleted", "published"]
    previous = ""
    for revision, state in at_least_one(zip(theme_revisions, states, strict=True)):
        assert revision.is_public == bool(state)
        if state:
            document = json.loads(revision.document) if state == "published" else None
            previous = head(previous, revision, state, document)
        assert revision.public_digest == previous, revision


@pytest.mark.parametrize(("column", "value"), [("public_digest", "0" * 64), ("sort_key", "another")])
def test_check_finds_a_forged_column(theme_revisions, column, value):
    sql(f"UPDATE provenance_revision SET {column} = %s WHERE id = %s", value, theme_revisions[-1].pk)
    findings = list(check_register())
    assert len(findings) == (2 if column == "public_digest" else 1)  # the seal is made of public digests
    assert findings[0].startswith(f"theme t: Revision {theme_revisions[-1].pk}: ")
    assert column in findings[0]


def test_migration_fills_what_recording_writes(theme_revisions, register):
    wanted = dict(Revision.objects.values_list("pk", "public_digest"))
    sort_keys = dict(Revision.objects.values_list("pk", "sort_key"))
    Revision.objects.update(public_digest="", sort_key="")
    migration = __import__("provenance.migrations.0003_past_lists_and_public_chain", fromlist=["fill"])
    with connection.schema_editor() if connection.vendor == "postgresql" else _Editor() as editor:
        migration.fill(apps, editor)
    assert dict(Revision.objects.values_list("pk", "public_digest")) == wanted
    assert dict(Revision.objects.values_list("pk", "sort_key")) == sort_keys


class _Editor:
    """What a migration needs of a schema editor: SQLite's own does not begin within a test's transaction."""

    connection = connection

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None


# -- The script of the documentation, word for word, against a server --


def run_script(tmp_path, address, *seal):
    """Return the lines that the script prints, given the words of an old seal."""
    script = re.search(r"```python\n(.*?)```", VERIFY.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert len([line for line in script.splitlines() if line.strip()]) <= 25
    place = tmp_path / "check.py"
    place.write_text(script, encoding="utf-8")
    command = [sys.executable, place, address, *map(str, seal)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert done.returncode == (" 0 faults" not in lines[-1])
    return lines


def checked(faults):
    return f"{Revision.objects.public().count()} changes checked, {faults} faults"


@pytest.fixture
def changed_register(transactional_db, register, django_user_model):
    for title in ("First", "Ünïcödé", "Last"):
        update(Project, "nexus", title=title, summary="" if title == "Last" else f"{title} / ~ x", **WHO)
    set_state(Project, ["enigmma"], "withdrawn", **WHO)
    set_state(Project, ["enigmma"], "published", **WHO)
    delete(Project, ["cmba"], **WHO)


def test_script_of_the_documentation_agrees(live_server, changed_register, tmp_path):
    assert run_script(tmp_path, live_server.url) == [checked(0)]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_script_of_the_documentation_finds_a_forged_row(live_server, changed_register, tmp_path, number):
    forged = revisions("nexus")[number]
    document = json.loads(forged.document) | {"status": "completed"}
    sql("UPDATE provenance_revision SET document = %s WHERE id = %s", json.dumps(document), forged.pk)
    *faults, last = run_script(tmp_path, live_server.url)
    assert faults == [f"does not agree: version {forged.pk} project nexus"]
    assert last == checked(1)


def test_script_of_the_documentation_finds_a_row_that_was_taken_out(live_server, changed_register, tmp_path):
    _first, second, third, _last = revisions("nexus")
    Revision.objects.filter(pk=second.pk)._raw_delete("default")
    *faults, _count = run_script(tmp_path, live_server.url)
    assert faults == [f"does not agree: version {third.pk} project nexus"]
