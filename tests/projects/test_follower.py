"""The index of a process: followed and built alike, from a snapshot, beside requests, and of past versions."""

import pickle
from threading import Event

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from projects.capacity import Busy
from projects.index import figures, follower, snapshots
from projects.index.follower import current_register
from projects.index.version import FEW, Version, register_version
from projects.models import Project
from provenance.models import Revision
from provenance.store.log import set_state
from tests.conftest import REGISTER_BEGINS
from tests.support.records import update


@pytest.fixture
def index_folder(settings, tmp_path):
    settings.INDEX_DIR = tmp_path / "index"
    follower.reset()
    return settings.INDEX_DIR


@pytest.fixture
def snapshot(register, index_folder, monkeypatch):
    """A snapshot of the register, small as it is."""
    monkeypatch.setattr(snapshots, "WORTH_IT", 1)
    snapshots.save(follower.build(register_version()))
    return index_folder / "snapshot"


def contents():
    rows = current_register().projects
    orders = [rows.in_order(order).keys() for order in ("title", "-budget", "end_date")]
    words = [rows.matching(text).keys() for text in ("border", "“mobility partnership”", "-border", "renamed")]
    return orders, words, figures.figures(rows, "organisation"), figures.years(rows), figures.gaps(rows)


def test_view_stays_as_it_was_while_the_index_follows(register):
    before = current_register()
    keys, all_keys = before.projects.matching("nexus").keys(), before.projects.in_order("title").keys()
    update(Project, "nexus", title="Changed twice")
    update(Project, "nexus", title="Zz renamed")
    update(Project, "enigmma", title="Aa renamed")
    assert current_register().projects.matching("renamed").keys() == ["enigmma", "nexus"]
    assert before.projects.matching("nexus").keys() == keys
    assert before.projects.matching("renamed").keys() == []
    assert before.ever_published.in_order("title").keys() == all_keys != current_register().projects.keys()


def test_project_that_is_published_again_is_no_longer_among_the_withdrawn(register):
    for state in ("withdrawn", "published"):
        set_state(Project, ["nexus"], state, user_name="tester")
        assert current_register().ever_published.keys().count("nexus") == 1


def test_index_forgets_a_log_that_was_replaced(register):
    current_register()
    last = Revision.objects.public().first()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE provenance_revision SET head = 'another' WHERE id = %s", [last.pk])
    assert current_register().version.head == "another"


def test_index_forgets_a_log_that_was_replaced_and_has_gone_on(register):
    current_register()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE provenance_revision SET head = %s, document = replace(document, 'NEXUS', 'Replaced')", ["a" * 64]
        )
    set_state(Project, ["cmba"], "withdrawn", user_name="tester")
    assert current_register().projects.matching("replaced").keys() == ["nexus"]
    assert current_register().row_of("cmba") is None


def test_index_forgets_a_log_that_was_replaced_by_a_shorter_one(register):
    set_state(Project, ["nexus"], "withdrawn", user_name="tester")
    assert current_register().row_of("nexus") is None
    Revision.objects.filter(pk=Revision.objects.latest("id").pk).update(is_public=False, head="another")
    assert current_register().row_of("nexus") is not None


def test_index_with_much_that_has_changed_is_built_anew_and_whole(register, monkeypatch):
    monkeypatch.setattr(follower, "BATCH", 0)
    keys = sorted(current_register().projects.keys())
    for number in range(len(keys)):
        update(Project, "nexus", title=f"Title {number}")
        assert sorted(current_register().projects.keys()) == keys


def test_rebuild_reads_what_was_changed_by_other_means(register, index_folder):
    assert not current_register().projects.matching("tampered").count()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE provenance_revision SET document = replace(document, 'NEXUS', 'Tampered') WHERE key = 'nexus'"
        )
    assert not current_register().projects.matching("tampered").count()
    call_command("rebuild_index", verbosity=0)
    assert current_register().projects.matching("tampered").keys() == ["nexus"]


def test_rebuild_without_a_folder_to_write_to_says_so(tmp_path, settings):
    settings.INDEX_DIR = tmp_path / "a file"
    settings.INDEX_DIR.touch()
    with pytest.raises(CommandError, match="Cannot write to INDEX_DIR .*a file"):
        call_command("rebuild_index", verbosity=0)


def test_start_takes_the_snapshot_and_follows_from_there(snapshot, django_assert_max_num_queries):
    update(Project, "nexus", title="Renamed")
    with django_assert_max_num_queries(5):  # the version, whether the snapshot's stands, what came since, all changes
        follower.warm()
    from_snapshot = contents()
    follower.reset()
    assert contents() == from_snapshot


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:60] + b"x" + content[61:],
        lambda content: content[:40] + pickle.dumps("of another hand"),
    ],
)
def test_snapshot_that_does_not_fit_is_thrown_away(snapshot, spoil, caplog):
    snapshot.write_bytes(spoil(snapshot.read_bytes()))
    assert snapshots.load() is None
    assert not snapshot.exists()
    assert "does not fit" in caplog.text
    follower.warm()
    assert current_register().projects.count() == 8


def test_snapshot_signed_by_another_is_thrown_away(snapshot, settings):
    settings.SECRET_KEY = "of another installation"
    assert snapshots.load() is None


def test_snapshot_of_another_form_is_thrown_away(snapshot, monkeypatch):
    monkeypatch.setattr(snapshots, "FORMAT", b"index 0\n")
    assert snapshots.load() is None


def test_snapshot_of_another_register_is_not_taken(snapshot, caplog):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE provenance_revision SET head = 'another'")
    follower.warm()
    assert "belongs to another register" in caplog.text
    assert current_register().version.head == "another"


@pytest.mark.django_db(transaction=True)
def test_many_changes_are_followed_beside_and_answered_whole(register, client, monkeypatch):
    monkeypatch.setattr(follower, "MOST_AT_ONCE", FEW + 1)
    before = client.get("/api/v1/projects/")
    held, follow = Event(), follower._advance

    def slow(*arguments):
        held.wait(120)
        return follow(*arguments)

    monkeypatch.setattr(follower, "_advance", slow)
    for number in range(FEW):
        update(Project, "nexus", title=f"Title {number}")
    set_state(Project, ["nexus", "cmba", "enigmma"], "withdrawn", user_name="tester")
    meanwhile = client.get("/api/v1/projects/")
    assert (meanwhile.content, meanwhile.headers["ETag"]) == (before.content, before.headers["ETag"])
    held.set()
    follower._process.catching_up.join(120)
    after = client.get("/api/v1/projects/")
    assert len(after.json()["results"]) == 5
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.django_db(transaction=True)
def test_change_after_a_gap_of_ids_is_followed_at_once(register, client):
    """What is rolled back, as previews are, uses up ids of PostgreSQL too."""
    client.get("/api/v1/projects/?cursor=")
    set_state(Project, ["nexus"], "withdrawn", user_name="tester")
    newest = Revision.objects.latest("id").pk
    later = newest + 2 * follower.MOST_AT_ONCE
    with transaction.atomic():
        Revision.objects.filter(pk=newest).update(id=later)
        Project.objects.filter(pk="nexus").update(revision_id=later)
    assert client.get("/api/v1/projects/nexus/").status_code == 410
    assert not follower._process.catching_up


@pytest.mark.django_db(transaction=True)
def test_index_that_was_followed_beside_and_forgotten_meanwhile_is_not_shown(register, index_folder, monkeypatch):
    current_register()
    monkeypatch.setattr(follower, "MOST_AT_ONCE", 0)
    held, follow = Event(), follower._advance

    def slow(index, version):
        if index.size:  # not that which is built anew
            held.wait(120)
        return follow(index, version)

    monkeypatch.setattr(follower, "_advance", slow)
    update(Project, "nexus", title="Renamed")
    assert current_register().projects.matching("renamed").keys() == []
    beside = follower._process.catching_up
    call_command("rebuild_index", verbosity=0)
    shown = current_register()
    held.set()
    beside.join(120)
    assert current_register() is shown
    assert shown.projects.matching("renamed").keys() == ["nexus"]


@pytest.mark.django_db(transaction=True)
def test_today_is_the_version_before_while_many_changes_are_followed_beside(register, client, monkeypatch):
    client.get("/api/v1/projects/")
    monkeypatch.setattr(follower, "MOST_AT_ONCE", 0)
    held, follow = Event(), follower._advance
    monkeypatch.setattr(follower, "_advance", lambda *given: held.wait(120) and follow(*given))
    monkeypatch.setattr("provenance.store.log._now", lambda: REGISTER_BEGINS)
    set_state(Project, ["nexus"], "withdrawn", user_name="tester")
    today = f"/api/v1/projects/?as_of={REGISTER_BEGINS:%Y-%m-%d}"
    meanwhile = client.get(today)
    held.set()
    follower._process.catching_up.join(120)
    after = client.get(today)
    assert (meanwhile.json()["count"], after.json()["count"]) == (8, 7)
    assert meanwhile.headers["ETag"] != after.headers["ETag"]


@pytest.mark.django_db(transaction=True)
def test_worker_that_was_started_again_answers_nothing_older_than_the_others_did(
    register, index_folder, client, monkeypatch
):
    follower.warm()
    monkeypatch.setattr(follower, "MOST_AT_ONCE", 0)
    set_state(Project, ["nexus"], "withdrawn", user_name="tester")
    assert client.get("/api/v1/projects/nexus/").status_code == 410


def test_start_does_without_a_snapshot_that_can_be_neither_read_nor_thrown_away(register, index_folder, caplog):
    (index_folder / "snapshot").mkdir(parents=True)
    follower.warm()
    assert current_register().projects.count() == 8
    assert "cannot be read" in caplog.text


def test_snapshot_throws_away_what_killed_processes_left(snapshot, index_folder):
    (index_folder / "snapshot.4711").write_bytes(b"half of one")
    snapshots.save(follower.build(register_version()))
    assert list(index_folder.iterdir()) == [snapshot]


def test_snapshot_that_cannot_be_written_leaves_nothing(register, index_folder, monkeypatch, caplog):
    monkeypatch.setattr(snapshots, "WORTH_IT", 1)
    monkeypatch.setattr(snapshots, "_signature", fail)
    snapshots.save(follower.build(register_version()))
    assert list(index_folder.iterdir()) == []
    assert "could not be written" in caplog.text


def fail(*_given):
    raise OSError("No space left on device.")


@pytest.fixture
def past(register):
    """The version that the register began with."""
    update(Project, "nexus", title="Renamed")
    first = Revision.objects.public().last()
    return Version(first.pk, first.at, first.head)


def test_past_that_another_builds_is_asked_for_again_later(past, monkeypatch):
    monkeypatch.setattr(follower, "PATIENCE", 0)
    newest = follower.current_register()
    follower._process.past[past] = follower.Future()  # somebody builds it
    with pytest.raises(Busy) as busy:
        follower.past_register(past, newest)
    assert (busy.value.status, "Retry-After" in busy.value.headers) == (503, True)


def test_pasts_that_were_asked_for_last_are_kept(register):
    for number in range(5):
        update(Project, "nexus", title=f"Title {number}")
    versions = Revision.objects.public().order_by("-id").values_list("id", "at", "head")
    first, second, third, fourth = (Version._make(each) for each in versions[1:5])
    newest = follower.current_register()
    register = follower.past_register(first, newest)
    for version in (second, third):
        follower.past_register(version, newest)
    assert follower.past_register(first, newest) is register
    follower.past_register(fourth, newest)
    assert list(follower._process.past) == [third, first, fourth]
