"""Registers of earlier versions become registers of this one: of every tagged version, and one kept from before."""

import os
import signal
import subprocess
import sys

import pytest

from tests.bench import servers
from tests.conftest import NO_TAGS
from tests.operations.conftest import IS_POSTGRES, ROOT, new_site

pytestmark = pytest.mark.slow
KEPT = ROOT / "tests/released/register-2026-11-25.backup"  # 20 projects, two of staff, three saves
KILLS = int(os.environ.get("KILL_TIMES", "3"))
TAGS = subprocess.run(["git", "tag", "--list"], cwd=ROOT, capture_output=True, text=True).stdout.split()
REVISIONS = "SELECT id, kind, key, digest FROM provenance_revision ORDER BY id"
# Its own tables and rows, as they were then
LOAD = f"""
from pathlib import Path
from operations.backup import archive, restore
with archive.reading(Path({str(KEPT)!r})) as (backup, manifest):
    restore._load(backup, manifest)
"""


@pytest.fixture
def site(tmp_path):
    with new_site(tmp_path, is_postgres=IS_POSTGRES) as made:
        yield made


def in_order(site, before):
    """Whether the register is in order and nothing of its past changed but the form of digests."""
    code, output = site.run("check_register")
    assert code == 0, output
    after = site.rows(REVISIONS)
    assert [each[:3] for each in after[: len(before)]] == [each[:3] for each in before]
    return site.run("migrate", "--check")[0] == 0


def kill_while_applying(site, number):
    """Start to migrate, and kill that at the beginning of the migration with this number. Return whether it came so far."""
    command = [sys.executable, "manage.py", "migrate"]
    with subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=subprocess.PIPE) as process:
        output = b""
        while output.count(b"Applying") < number and (more := process.stdout.read1()):
            output += more
        os.kill(process.pid, signal.SIGKILL)
    return output.count(b"Applying") >= number


def test_kept_register_is_upgraded_although_that_was_killed(site):
    site.do(LOAD)
    before = site.rows(REVISIONS)
    assert len(before) == 291
    killed = [kill_while_applying(site, 2 + 3 * number) for number in range(KILLS)]
    assert any(killed)
    code, output = site.run("migrate", "-v0")
    assert code == 0, output
    assert in_order(site, before)
    assert site.rows("SELECT username FROM auth_user ORDER BY 1") == [("anna",), ("ben",)]


def test_kept_backup_is_restored_by_this_version(site):
    code, output = site.run("restore", KEPT)
    assert code == 0, output
    assert in_order(site, [])
    assert site.rows("SELECT count(*) FROM projects_project") == [(20,)]


@pytest.mark.skipif(not TAGS, reason=NO_TAGS)
@pytest.mark.parametrize("tag", TAGS)
def test_register_of_a_tagged_version_is_upgraded(site, tag):
    with servers.commit(tag) as folder:
        servers.fill(site.url, folder, 20)
    before = site.rows(REVISIONS)
    code, output = site.run("migrate", "-v0")
    assert code == 0, output
    assert in_order(site, before)
