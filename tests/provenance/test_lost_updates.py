"""No lost update: whoever saves second is told, sees both versions, and loses nothing that was typed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from projects.models import Contribution, Organisation, Project
from provenance.admin.forms import ChangeForm
from provenance.models import Revision
from tests.support.records import current, write
from tests.support.staff import (
    DRAFT,
    PUBLISHED,
    address,
    change,
    confirm,
    faults,
    filled,
    make_frame,
    make_project,
    press,
    publish,
    row,
)

TOLD = "Somebody else changed this record"


def signed_in(name):
    client = Client()
    client.force_login(User.objects.create_superuser(name))
    return client


@pytest.fixture
def two(frame):
    """Two desk officers, each with a session."""
    return signed_in("anna"), signed_in("bert")


def is_told(response):
    return response.status_code == 200 and TOLD in response.content.decode()


def opened(client, record):
    """The page of a record and what its form would send."""
    page = address(type(record), "change", record.pk)
    return page, filled(client.get(page))


def places(response):
    return {place["label"]: place for place in response.context["places"]}


def test_second_to_save_is_told_and_sees_all_versions(two):
    anna, bert = two
    page, data = opened(anna, make_project())
    change(bert, Project.objects.get(), title="By Bert", reason="Because")
    response = anna.post(page, data | {"title": "By Anna"})
    assert is_told(response)
    assert Project.objects.get().title == "By Bert"
    text = response.content.decode()
    for words in ("bert", "Because", "The nexus", "By Bert", "By Anna"):
        assert words in text
    assert places(response)["Title"]["is_conflict"]


@pytest.mark.parametrize(("choice", "title"), [("theirs:title", "By Bert"), ("title", "By Anna")])
def test_conflict_is_chosen_and_what_does_not_conflict_is_kept_of_both(two, choice, title):
    anna, bert = two
    page, data = opened(anna, make_project())
    change(bert, Project.objects.get(), title="By Bert", summary="Bert's")
    response = anna.post(page, data | {"title": "By Anna", "acronym": "ANNA"})
    response = press(anna, response, _mine_1=choice)
    assert "Check your change" in response.content.decode()
    assert press(anna, response).status_code == 302
    project = Project.objects.get()
    assert (project.title, project.acronym, project.summary) == (title, "ANNA", "Bert's")
    assert Revision.objects.first().user_name == "anna"


def test_conflict_without_a_choice_is_refused_and_keeps_what_was_typed(two):
    anna, bert = two
    page, data = opened(anna, make_project(state=DRAFT))
    change(bert, Project.objects.get(), title="By Bert", summary="Bert's")
    response = anna.post(page, data | {"title": "By Anna", "summary": "Anna's"})
    assert "checked" not in response.content.decode()
    response = press(anna, response, _mine_2="summary")
    assert response.context["refused"] == "Choose a version of: Title."
    assert 'value="summary" required checked' in response.content.decode()
    assert Project.objects.get().summary == "Bert's"
    assert press(anna, response, _mine_1="title", _mine_2="theirs:summary").status_code == 302
    assert (Project.objects.get().title, Project.objects.get().summary) == ("By Anna", "Bert's")


def test_rows_inline_of_both_are_kept(two):
    anna, bert = two
    page, data = opened(anna, make_project())
    extra = {"contributions-TOTAL_FORMS": 2}
    change(bert, Project.objects.get(), **extra, **row("contributions", 1, funder="iom", amount="5", currency="EUR"))
    mine = row("contributions", 1, funder="european-union", instrument="ENI", amount="7", currency="EUR")
    response = anna.post(page, data | extra | mine)
    assert is_told(response)
    assert not response.context["has_conflict"]
    confirm(anna, confirm(anna, response))
    assert set(Contribution.objects.values_list("funder", "amount")) == {
        ("nexus-1", None),
        ("iom", 5),
        ("european-union", 7),
    }


def test_rows_that_were_written_anew_or_are_gone_hinder_nobody(two):
    """An import writes a record's rows anew, under other keys: the form still means what it showed."""
    anna, _ = two
    page, data = opened(anna, make_project())
    document = current()
    document["components"][0]["title"] = "another title"
    write(Project, {"nexus": document}, user_name="import")
    response = anna.post(page, data | {"contributions-0-amount": "9", "contributions-0-currency": "EUR"})
    assert is_told(response)
    assert {"Components", "Contributions"} <= set(places(response))
    assert "Claims" not in places(response)
    confirm(anna, confirm(anna, response))
    project = Project.objects.get()
    assert [part.amount for part in project.contributions.all()] == [9]
    assert [part.title for part in project.components.all()] == ["another title"]
    assert project.participations.get().component == project.components.get()
    assert project.claims.count() == 1


@pytest.mark.parametrize("number", [0, 1])
def test_row_of_another_record_is_refused_in_words(two, number):
    anna, _ = two
    page, data = opened(anna, make_project(state=DRAFT))
    other = make_project("other").contributions.get()
    typed = row("contributions", number, id=other.pk, funder="iom", amount="7", currency="EUR")
    response = anna.post(page, data | {"contributions-TOTAL_FORMS": number + 1} | typed)
    assert "This row does not belong to this record" in faults(response)
    assert not Contribution.objects.filter(amount=7).exists()


def test_choice_is_asked_again_where_the_record_moved_on_once_more(two):
    anna, bert = two
    page, data = opened(anna, make_project())
    change(bert, Project.objects.get(), title="One")
    response = anna.post(page, data | {"title": "By Anna"})
    change(bert, Project.objects.get(), title="Two")
    assert is_told(press(anna, response, _mine_1="title"))
    assert Project.objects.get().title == "Two"


def test_other_kinds_of_record_are_guarded(two):
    anna, bert = two
    page, data = opened(anna, Organisation.objects.get(pk="iom"))
    change(bert, Organisation.objects.get(pk="iom"), acronym="B")
    assert is_told(anna.post(page, data | {"acronym": "A"}))


def test_form_without_its_revision_is_told_too(two):
    anna, _ = two
    page, data = opened(anna, make_project())
    assert is_told(anna.post(page, data | {"seen": "", "title": "X"}))


# -- Real sessions at once --


def test_refused_form_of_who_is_second_takes_nothing_away(two):
    anna, bert = two
    page, data = opened(anna, make_project())
    new = row("contributions", 1, funder="iom", amount="5", currency="EUR")
    change(bert, Project.objects.get(), **{"contributions-TOTAL_FORMS": 2}, **new)
    assert "required" in faults(anna.post(page, data | {"title": ""}))
    assert Contribution.objects.count() == 2


def test_save_and_publish_publishes_though_others_changed_the_draft(two):
    anna, bert = two
    page, data = opened(anna, make_project(state=DRAFT))
    change(bert, Project.objects.get(), summary="Bert's")
    assert confirm(anna, anna.post(page, data | {"acronym": "A", "_publish": "1"})).url.endswith("/nexus/publish/")
    publish(anna, Project.objects.get())
    project = Project.objects.get()
    assert (project.acronym, project.summary, project.state) == ("A", "Bert's", PUBLISHED)


def save_at_once(rounds, record):
    """Let two sessions save one record at once, ``rounds`` times. Returns (words saved, times told)."""
    clients, both = {name: signed_in(name) for name in ("anna", "bert")}, Barrier(2, timeout=60)
    saved, refused = [], 0

    def save(client, page, data):
        try:
            both.wait()
            return client.post(page, data)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for number in range(rounds):
            # Opened one after the other: contexts mix among threads
            forms = {f"{name}{number}": (client, *opened(client, record)) for name, client in clients.items()}
            tasks = {
                word: pool.submit(save, client, page, data | {"summary": f"{data['summary']} {word}"})
                for word, (client, page, data) in forms.items()
            }
            saved += [word for word, task in tasks.items() if task.result().status_code == 302]
            refused += sum(is_told(task.result()) for task in tasks.values())
    return saved, refused


def lost(words):
    summary = Project.objects.get().summary.split()
    return [word for word in words if word not in summary]


@pytest.mark.django_db(transaction=True)
def test_two_sessions_save_eight_times_and_nothing_is_overwritten_in_silence():
    make_frame()
    saved, refused = save_at_once(8, make_project(state=DRAFT, parts=0))
    assert not lost(saved)
    assert (len(saved), refused) == (8, 8)


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_changes_are_lost(monkeypatch):
    monkeypatch.setattr(ChangeForm, "clean_seen", lambda form: form.instance.revision_id, raising=False)
    make_frame()
    saved, refused = save_at_once(3, make_project(state=DRAFT, parts=0))
    assert refused == 0
    assert lost(saved)
