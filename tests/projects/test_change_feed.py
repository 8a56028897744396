"""The change feed: whoever starts from a dump and follows it ends with exactly the register."""

import random
import threading
from datetime import UTC, datetime

import jsonpatch
import orjson
import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from projects.api.changes import patch
from projects.index.follower import current_register
from projects.models import Organisation, Project, Theme
from provenance.models import Revision, Source
from provenance.store.database import register_lock, snapshot
from provenance.store.log import delete, record_models, set_state
from tests.support.database import queries
from tests.support.records import record, update

pytestmark = pytest.mark.django_db
WHO = {"user_name": "olga", "reason": "A secret reason"}
CHANGES = "/api/v1/changes/"


def change(key="nexus", **columns):
    update(Project, key, **columns, **WHO)


def ask(client, query=""):
    response = client.get(f"{CHANGES}?{query}" if "://" not in query else query)
    assert response.status_code == 200, response.content
    return response.json()


def errors(client, query):
    response = client.get(f"{CHANGES}?{query}")
    assert response.status_code == 400, query
    return response.json()["errors"]["since"][0]


def newest():
    return Revision.objects.public().first()


def follow(client, copy, since):
    """Bring ``copy``, ``{(kind, key): document}``, from version ``since`` to the newest. Return its number."""
    address, version = f"since={since}&page_size=7", since
    while address:
        page = ask(client, address)
        for change in page["results"]:
            assert change["version"] > version
            apply(change, copy)
            version = change["version"]
        address = page["next"]
    return page["version"]


def apply(change, copy):
    record = change["kind"], change["key"]
    if change["action"] == "created":
        assert record not in copy
        copy[record] = change["document"]
    elif change["action"] == "changed":
        copy[record] = jsonpatch.apply_patch(copy[record], change["patch"])
    else:
        del copy[record]


def the_register():
    """All that is public, from the tables."""
    return {
        (model._meta.model_name, row["pk"]): orjson.loads(row["revision__document"])
        for model in record_models()
        for row in model.objects.published().values("pk", "revision__document")
    }


# -- What an answer holds --


def test_changes_of_the_register_as_it_comes(client, register):
    page = ask(client, "page_size=100")
    assert page["version"] == newest().pk
    assert page["next"] is None
    assert [change["version"] for change in page["results"]] == list(
        Revision.objects.public().order_by("id").values_list("pk", flat=True)
    )
    assert {change["action"] for change in page["results"]} == {"created"}
    kinds = {change["kind"] for change in page["results"]}
    assert kinds == {"source", "country", "instrument", "partnership", "organisation", "theme", "project"}
    theme = next(change for change in page["results"] if change["kind"] == "theme")
    assert theme["url"] is None
    project = next(change for change in page["results"] if change["key"] == "nexus")
    assert project["url"] == "/projects/nexus/"
    assert project["document"] == client.get("/api/v1/projects/nexus/").json()
    assert (project["previous"], len(project["digest"])) == ("", 64)


def test_change_is_a_patch_on_what_the_public_had(client, register):
    before, since = client.get("/api/v1/projects/nexus/").json(), newest().pk
    change(title="Another", summary="")
    [entry] = ask(client, f"since={since}")["results"]
    assert (entry["action"], "document" in entry) == ("changed", False)
    operations = [(each["op"], each["path"], each.get("value")) for each in entry["patch"]]
    assert ("replace", "/title", "Another") in operations
    assert ("replace", "/summary", None) in operations
    assert jsonpatch.apply_patch(before, entry["patch"]) == client.get("/api/v1/projects/nexus/").json()
    assert entry["at"] == newest().at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def test_change_is_given_as_a_whole_document_if_asked(client, register):
    since = newest().pk
    change(title="Another")
    [entry] = ask(client, f"since={since}&content=document")["results"]
    assert (entry["action"], "patch" in entry) == ("changed", False)
    assert entry["document"] == client.get("/api/v1/projects/nexus/").json()
    assert ask(client, f"since={since}&content=patch") == ask(client, f"since={since}")
    assert client.get(f"{CHANGES}?content=text").status_code == 400


def test_every_change_has_the_head_after_it(client, register):
    change(title="Another")
    page = ask(client, "page_size=100")
    assert [each["head"] for each in page["results"]] == list(
        Revision.objects.public().order_by("id").values_list("head", flat=True)
    )
    assert page["head"] == page["results"][-1]["head"] == ask(client, f"since={page['version']}")["head"]


def test_withdrawal_and_deletion_are_told_without_a_document(client, register):
    since = newest().pk
    set_state(Project, ["enigmma"], "withdrawn", **WHO)
    delete(Project, ["nexus"], **WHO)
    changes = ask(client, f"since={since}")["results"]
    assert [(change["key"], change["action"]) for change in changes] == [("enigmma", "withdrawn"), ("nexus", "deleted")]
    assert not any({"document", "patch"} & set(change) for change in changes)


def test_what_is_published_again_is_told_whole(client, register):
    set_state(Project, ["enigmma"], "withdrawn", **WHO)
    update(Project, "enigmma", title="While nobody saw it", **WHO)
    since = newest().pk
    set_state(Project, ["enigmma"], "published", **WHO)
    [change] = ask(client, f"since={since}")["results"]
    assert (change["action"], change["document"]["title"]) == ("created", "While nobody saw it")


def test_drafts_users_and_reasons_are_told_nowhere(client, register):
    Theme.objects.create(slug="draft", name="Secret name")
    record(Theme, ["draft"], **WHO)
    set_state(Project, ["enigmma"], "withdrawn", **WHO)
    update(Project, "enigmma", title="Secret title", **WHO)
    text = client.get(f"{CHANGES}?page_size=100").content.decode()
    assert not any(word in text for word in ("ecret", "olga", "draft"))


def test_digests_are_chained(client, register):
    for title in ("First", "Second"):
        change(title=title)
    changes = [change for change in ask(client, "page_size=100")["results"] if change["key"] == "nexus"]
    assert [change["previous"] for change in changes] == ["", changes[0]["digest"], changes[1]["digest"]]


# -- Since when --


def test_since_a_version_is_exclusive(client, register):
    versions = [change["version"] for change in ask(client, "page_size=100")["results"]]
    assert [each["version"] for each in ask(client, f"since={versions[4]}&page_size=2")["results"]] == versions[5:7]
    assert ask(client, f"since={versions[-1]}")["results"] == []
    assert ask(client, "since=0&page_size=1")["results"] == ask(client, "page_size=1")["results"]


def test_pages_lead_on_until_nothing_is_left(client, register):
    versions, address, pages = [], "page_size=10", 0
    while address:
        response = client.get(address if "://" in address else f"{CHANGES}?{address}")
        page = response.json()
        versions += [change["version"] for change in page["results"]]
        link = response.headers.get("Link")
        assert link == (f'<{page["next"]}>; rel="next"' if page["next"] else None)
        address, pages = page["next"], pages + 1
    assert versions == list(Revision.objects.public().order_by("id").values_list("pk", flat=True))
    assert pages == -(-len(versions) // 10)


@pytest.fixture
def dated(db, monkeypatch):
    """A theme named anew at noon of each of five days in March 2026."""
    for day in range(1, 6):
        moment = datetime(2026, 3, day, 12, 0, 0, 500000, tzinfo=UTC)
        monkeypatch.setattr("provenance.store.log._now", lambda moment=moment: moment)
        Theme.objects.update_or_create(slug="t", defaults={"name": f"Day {day}", "state": "published"})
        record(Theme, ["t"], **WHO)
    return list(Revision.objects.order_by("id").values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("since", "first"),
    [
        ("2026-02-01", 0),
        ("2026-03-03", 2),  # a day begins at midnight
        ("2026-03-03T12:00:00Z", 2),  # what may be of the same second is told rather than lost
        ("2026-03-03T12:00:00.499Z", 2),
        ("2026-03-03T12:00:00.500Z", 3),  # the time of a change: those after it
        ("2026-03-03T13:00:00.500%2B01:00", 3),
        ("2026-03-05T13:00", 5),
        ("2026-11-24", 5),
    ],
)
def test_since_a_time(client, dated, since, first):
    assert [change["version"] for change in ask(client, f"since={since}")["results"]] == dated[first:]


def test_since_a_time_goes_on_by_version(client, dated):
    page = ask(client, "since=2026-03-02&page_size=1")
    assert page["next"].endswith(f"since={dated[1]}&page_size=1")


def test_since_what_is_not_yet_or_is_none_is_refused(client, register):
    last = newest().pk
    assert errors(client, f"since={last + 1}") == f"{last + 1} is in the future: the newest version is {last}."
    assert "is in the future" in errors(client, "since=999999999999999999")
    assert "is in the future. Enter a past date" in errors(client, "since=2999-01-01")
    for none in ("x", "-1", "1.5", "9" * 19, "2026-02-30", "1e3", "٣", "0x10", "%2B1"):
        assert "is neither a version of the register nor a date or a time. Use a form such as 1042" in errors(
            client, f"since={none}"
        )


@pytest.mark.parametrize(
    "query", ["page=1", "cursor=", "as_of=2026-03-01", "since=1&since=2", "page_size=101", "foo=1"]
)
def test_other_parameters_are_refused(client, register, query):
    assert client.get(f"{CHANGES}?{query}").status_code == 400


def test_changes_of_an_empty_register(client, db):
    assert ask(client) == {"version": 0, "head": "", "next": None, "results": []}
    assert errors(client, "since=1") == "1 is in the future: the newest version is 0."


# -- Cost --


def test_changes_take_as_many_queries_however_many_there_are(client, register):
    def number_of_queries(size):
        current_register()  # the index has followed
        return len(queries(ask, client, f"page_size={size}"))

    change(title="So that there is one that tells what was before")
    few = number_of_queries(100)
    for number in range(20):
        change(title=f"Title {number}")
    assert number_of_queries(100) == few == 3  # the version, the changes, what was before them


# -- Patches --

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab/~01", max_size=2), inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.text("abc/~", max_size=2), VALUES, max_size=5)


@given(old=DOCUMENTS, new=DOCUMENTS)
def test_patch_makes_exactly_the_new_document(old, new):
    made = jsonpatch.apply_patch(old, patch(old, new))
    assert orjson.dumps(made, option=orjson.OPT_SORT_KEYS) == orjson.dumps(new, option=orjson.OPT_SORT_KEYS)


def test_patch_that_would_be_wrong_is_not_given(monkeypatch):
    monkeypatch.setattr("projects.api.changes.jsonpatch.make_patch", lambda old, new: jsonpatch.JsonPatch([]))
    assert patch({"a": 1}, {"a": True}) == [{"op": "replace", "path": "", "value": {"a": True}}]


# -- A copy, kept by following --


def dump():
    """Return (version, copy) of all that is public as of one moment."""
    with snapshot():
        version = newest().pk
        return version, the_register()


def test_copy_from_nothing_is_the_register(client, register):
    change(title="Another")
    set_state(Project, ["enigmma"], "withdrawn", **WHO)
    delete(Project, ["cmba"], **WHO)
    copy = {}
    assert follow(client, copy, 0) == newest().pk
    assert copy == the_register()


class Editor(threading.Thread):
    """Somebody who edits: each change at random, in a transaction of its own; the same for the same seed."""

    def __init__(self, seed, changes):
        super().__init__()
        self.random, self.seed, self.left, self.error = random.Random(seed), seed, changes, None

    def run(self):
        try:
            for number in range(self.left):
                self.random.choice([self.retitle, self.retitle, self.rename, self.turn, self.add, self.remove])(number)
                self.left -= 1
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def retitle(self, number):
        key = self.random.choice(["nexus", "enigmma", "cmba", "moldova-targeted-initiative"])
        change(key, title=f"{self.seed}: {number}", objectives=[str(n) for n in range(self.random.randint(0, 4))])

    def rename(self, number):
        with register_lock():
            Organisation.objects.filter(pk="icmpd").update(name=f"ICMPD {self.seed} {number}")
            record(Organisation, ["icmpd"], **WHO)  # and all projects that name it

    def turn(self, _number):
        key = self.random.choice(["enigmma", "cmba"])
        with register_lock():
            for state in Project.objects.filter(pk=key).values_list("state", flat=True):
                set_state(Project, [key], "withdrawn" if state == "published" else "published", **WHO)

    def add(self, number):
        key = f"new-{self.random.randint(0, 3)}"
        with register_lock():
            if not Theme.objects.filter(pk=key).exists():
                Theme.objects.create(slug=key, name=f"{self.seed}: {number}", state="published")
                Source.objects.get_or_create(slug=key, defaults={"title": key, "state": "published"})
                record(Theme, [key], **WHO)
                record(Source, [key], **WHO)

    def remove(self, _number):
        with register_lock():
            delete(Theme, [f"new-{self.random.randint(0, 3)}"], **WHO)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_copy_that_follows_under_concurrent_edits_is_the_register(register):
    client, editors = Client(), [Editor(seed, changes=25) for seed in range(4)]
    editors[0].run()  # so that there is something before the dump
    for editor in editors[1:]:
        editor.start()
    version, copy = dump()
    begun_at, rounds = version, 0
    while any(editor.is_alive() for editor in editors[1:]):
        version, rounds = follow(client, copy, version), rounds + 1
    for editor in editors[1:]:
        editor.join()
    assert [editor.error for editor in editors] == [None] * 4
    version = follow(client, copy, version)
    assert rounds
    assert version == newest().pk > begun_at
    assert copy == the_register()
    from_nothing: dict = {}
    follow(client, from_nothing, 0)
    assert from_nothing == copy
