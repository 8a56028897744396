"""Recording: each change ends in one Revision, chained and in order, and in all that shows it."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from instruments.models import Country
from projects.models import Organisation, Participation, Project, Theme
from provenance.models import Claim, Revision, Source
from provenance.store import log, writer
from provenance.store.database import register_lock
from provenance.store.log import delete, set_state
from tests.support.records import record

WHO = {"user_name": "ann"}
AGENCY = {"name": "Agency of Work", "acronym": "AoW", "aliases": ["Агенція праці"]}


def add(model, key, **fields):
    """Save a published record, and record it."""
    row = model.objects.create(**{model._meta.pk.name: key, "state": "published", **fields})
    record(model, [key], **WHO)
    return row


@pytest.fixture
def recorded_project(db):
    """A published project in Georgia, led by an agency."""
    add(Country, "GE", name="Georgia")
    add(Organisation, "agency", **AGENCY)
    project = Project.objects.create(slug="p", title="Première", state="published")
    project.countries.add("GE")
    Participation.objects.create(project=project, organisation_id="agency", role="lead")
    record(Project, ["p"], **WHO)
    return project


def newest(model, key):
    return log.newest(model, [key])[key]


def newest_document(model, key):
    return log.document_of(newest(model, key))


def actions(model, key):
    rows = Revision.objects.filter(kind=model._meta.model_name, key=key).order_by("id")
    return list(rows.values_list("action", "state", "is_public"))


# -- One record --


def test_a_first_recording(recorded_project):
    recorded_project.refresh_from_db()
    revision = newest(Project, "p")
    assert (revision.action, revision.state, revision.is_public, revision.user_name) == (
        "created",
        "published",
        True,
        "ann",
    )
    assert revision.previous_digest == ""
    assert revision.digest == log.digest_of(revision)
    assert recorded_project.revision == revision
    assert recorded_project.modified == revision.at.replace(microsecond=0)
    assert recorded_project.sort_key == "premiere"
    words = [" georgia", " georgie", " agency of work", *sorted([" aow", " агенція праці"])]
    assert recorded_project.search_text.split("\n") == ["premiere", *words]


def test_document_names_countries_by_code_and_not_by_name(recorded_project):
    add(Country, "DE", name="Germany")
    recorded_project.countries.add("DE")
    record(Project, ["p"], **WHO)
    assert [country["code"] for country in newest_document(Project, "p")["countries"]] == ["DE", "GE"]


def test_no_revision_without_a_change(recorded_project):
    before = Revision.objects.count()
    assert record(Project, ["p"], **WHO) == 0
    assert record(Project, ["p", "nothing-of-that-name"], **WHO) == 0
    assert record(Project, [], **WHO) == 0
    assert Revision.objects.count() == before


def test_a_change_follows_on_the_one_before(recorded_project):
    first = newest(Project, "p")
    Project.objects.filter(pk="p").update(title="Second")
    assert record(Project, ["p"], user_name="ben", reason="a typing error") == 1
    second = newest(Project, "p")
    assert (second.action, second.user_name, second.reason) == ("changed", "ben", "a typing error")
    assert second.previous_digest == first.digest
    assert second.pk > first.pk
    assert newest_document(Project, "p")["title"] == "Second"
    recorded_project.refresh_from_db()
    assert (recorded_project.revision, recorded_project.sort_key) == (second, "second")
    assert recorded_project.search_text.startswith("second\n")


def test_states_and_who_may_see_them(db):
    Theme.objects.create(slug="t", name="T")
    record(Theme, ["t"], **WHO)
    for state in ("published", "withdrawn", "published", "draft", "published"):
        assert set_state(Theme, ["t"], state, **WHO) == 1
        assert set_state(Theme, ["t"], state, **WHO) == 0
    assert actions(Theme, "t") == [
        ("created", "draft", False),
        ("published", "published", True),
        ("withdrawn", "withdrawn", True),
        ("published", "published", True),
        ("changed", "draft", True),
        ("published", "published", True),
    ]
    Theme.objects.filter(pk="t").update(name="T2", state="draft")
    assert record(Theme, ["t"], **WHO) == 1
    Theme.objects.filter(pk="t").update(name="T3")
    assert record(Theme, ["t"], **WHO) == 1
    assert [is_public for *_, is_public in actions(Theme, "t")[-2:]] == [True, False]


def test_deleting_keeps_the_history_and_says_who(recorded_project):
    last = newest(Project, "p")
    delete(Project, ["p"], user_name="ben", reason="a mistake")
    assert not Project.objects.exists()
    assert not Participation.objects.exists()
    revision = newest(Project, "p")
    assert (revision.action, revision.user_name, revision.reason) == ("deleted", "ben", "a mistake")
    assert (revision.previous_digest, revision.is_public) == (last.digest, True)
    assert log.document_of(revision) == log.document_of(last)


def test_what_is_deleted_can_come_again(recorded_project):
    delete(Project, ["p"], **WHO)
    gone = newest(Project, "p")
    Project.objects.create(slug="p", title="Another")
    assert record(Project, ["p"], **WHO) == 1
    again = newest(Project, "p")
    assert (again.action, again.is_public, again.previous_digest) == ("created", False, gone.digest)


# -- What shows it --


def test_a_new_name_shows_wherever_it_is_shown(recorded_project):
    Organisation.objects.filter(pk="agency").update(name="Office of Work")
    assert record(Organisation, ["agency"], user_name="ben", reason="new law") == 2
    assert newest_document(Project, "p")["organisations"][0]["name"] == "Office of Work"
    revision = newest(Project, "p")
    assert (revision.action, revision.user_name, revision.reason) == ("changed", "ben", "organisation changed: agency")
    assert Project.objects.filter(search_text__contains="office of work").exists()
    assert not Project.objects.filter(search_text__contains="agency").exists()


def test_a_name_shows_at_second_hand(recorded_project):
    """A source's title stands in the country's claims; the country's name does not change, nor does the project."""
    add(Source, "s", title="Old title")
    Claim.objects.create(
        record=Country.objects.get(pk="GE"), field="name", as_stated="Georgia", quote="In Georgia", source_id="s"
    )
    record(Country, ["GE"], **WHO)
    before = newest(Project, "p").pk
    Source.objects.filter(pk="s").update(title="New title")
    assert record(Source, ["s"], **WHO) == 2
    assert newest_document(Country, "GE")["claims"][0]["source"]["title"] == "New title"
    assert newest(Project, "p").pk == before


def test_a_new_alias_finds_the_project_without_a_revision(recorded_project):
    before = newest(Project, "p").pk
    Organisation.objects.filter(pk="agency").update(aliases=["სამუშაო"], acronym="ÉCO")
    assert record(Organisation, ["agency"], **WHO) == 1
    assert newest(Project, "p").pk == before
    for word in ("სამუშაო", "eco"):
        assert Project.objects.filter(search_text__contains=word).exists()
    for word in ("aow", "праці"):
        assert not Project.objects.filter(search_text__contains=word).exists()


def test_columns_are_put_right_without_a_revision(recorded_project):
    before = newest(Project, "p").pk
    Project.objects.filter(pk="p").update(search_text="", sort_key="", modified=None, revision=None)
    assert record(Project, ["p"], **WHO) == 0
    recorded_project.refresh_from_db()
    assert (recorded_project.revision_id, recorded_project.sort_key) == (before, "premiere")
    assert recorded_project.modified
    assert Project.objects.filter(search_text__contains="aow").exists()


def test_many_at_once(db, monkeypatch):
    monkeypatch.setattr(log, "CHUNK", 7)
    monkeypatch.setattr(log.chunks, "__defaults__", (7,))
    Theme.objects.bulk_create(Theme(slug=f"t-{n}", name=f"T {n}") for n in range(20))
    keys = list(Theme.objects.values_list("pk", flat=True))
    assert record(Theme, keys, **WHO) == 20
    assert Theme.objects.exclude(revision=None).exclude(modified=None).count() == 20
    assert record(Theme, keys, **WHO) == 0


# -- Rules of whole records --


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_the_published_name_only_the_published(recorded_project, state):
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        set_state(Organisation, ["agency"], state, **WHO)
    assert f"“p” is published and names the organisation “agency”, which is {state}" in str(refused.value)
    assert Organisation.objects.get(pk="agency").state == "published"
    set_state(Project, ["p"], "withdrawn", **WHO)
    assert set_state(Organisation, ["agency"], state, **WHO) == 1
    with pytest.raises(ValidationError), transaction.atomic():
        set_state(Project, ["p"], "published", **WHO)


def test_all_faults_are_named(recorded_project):
    Country.objects.create(code="XX", name="Draft land")
    recorded_project.countries.add("XX")
    Theme.objects.create(slug="draft-theme", name="T")
    recorded_project.themes.add("draft-theme")
    with pytest.raises(ValidationError) as refused:
        record(Project, ["p"], **WHO)
    assert "“XX”" in str(refused.value)
    assert "“draft-theme”" in str(refused.value)


# -- What came by another way --


def test_record_changes_records_what_plain_sql_did(recorded_project):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_project SET title = 'By SQL' WHERE slug = 'p'")
        cursor.execute("UPDATE projects_organisation SET aliases = '[\"By SQL too\"]'")
    add(Theme, "gone", name="Gone")
    Theme.objects.all().delete()
    with pytest.raises(SystemExit):
        call_command("check_register")
    call_command("record_changes", user="ben", reason="a repair by hand", verbosity=0)
    call_command("check_register")
    for model, key, action in (
        (Project, "p", "changed"),
        (Organisation, "agency", "changed"),
        (Theme, "gone", "deleted"),
    ):
        revision = newest(model, key)
        assert (revision.action, revision.user_name, revision.reason) == (action, "ben", "a repair by hand")
    assert Project.objects.filter(search_text__contains="sql too").exists()


@pytest.mark.parametrize("said", [{"user": "ben", "reason": " "}, {"user": "", "reason": "a repair by hand"}])
def test_record_changes_asks_who_and_why(recorded_project, said):
    Project.objects.update(title="Changed by SQL")
    with pytest.raises(CommandError, match="who changed them"):
        call_command("record_changes", **said)
    assert Revision.objects.filter(document__contains="Changed by SQL").count() == 0


def test_record_changes_refuses_what_breaks_a_rule(recorded_project):
    Organisation.objects.update(state="draft")
    with pytest.raises(CommandError, match="“p” is published and names the organisation “agency”"):
        call_command("record_changes", user="ben", reason="a repair by hand")


# -- Order --


def test_recording_outside_a_turn_is_refused(recorded_project):
    Project.objects.update(title="Other")
    with register_lock(), register_lock():
        pass
    with pytest.raises(RuntimeError, match="with register_lock"):
        log.record(Project, ["p"], **WHO)
    with pytest.raises(RuntimeError, match="with register_lock"):
        writer.write(Project, {}, {}, WHO, {})
    with pytest.raises(RuntimeError, match="with register_lock"):
        log.record_missing(Project, **WHO)


def test_turn_within_a_turn_is_undone_alone(recorded_project):
    with register_lock():
        with pytest.raises(ZeroDivisionError), register_lock():
            Project.objects.update(title="Other")
            _ = 1 / 0
        assert log.record(Project, ["p"], **WHO) == 0


@pytest.mark.django_db(transaction=True)
def test_versions_commit_in_the_order_of_their_numbers():
    """Who reads up to the newest number has read all lower ones, whoever wrote at the same time."""
    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    seen = []
    while any(thread.is_alive() for thread in threads):
        seen += look_past(seen)
        threading.Event().wait(0.001)  # or the writers hardly get a turn at the interpreter
    seen += look_past(seen)
    assert sorted(seen) == list(Revision.objects.order_by("id").values_list("id", flat=True))
    assert len(seen) == 40
    assert not list(recording_faults())


def write(name):
    try:
        for number in range(20):
            with register_lock():
                Theme.objects.create(slug=f"{name}-{number}", name=name)
                record(Theme, [f"{name}-{number}"], user_name=name)
                threading.Event().wait(0.01)  # recorded, and not yet committed: the other's turn does not come
    finally:
        connection.close()


def look_past(seen):
    """Return the numbers that are new since the last look: a reader who asks for what is past the highest."""
    return list(Revision.objects.filter(id__gt=max(seen, default=0)).order_by("id").values_list("id", flat=True))


def recording_faults():
    from provenance.store.integrity import check_register

    return check_register()
