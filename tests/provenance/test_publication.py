"""Publication: what becomes public with a record is shown first, and published as it was shown or not at all."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from imports import lifecycle, worker
from imports.models import Import
from instruments.models import Country, Instrument, Partnership
from projects.models import Organisation, Participation, Project, Theme
from provenance.models import Claim, Revision, Source
from provenance.store import writer
from provenance.store.log import delete, set_state
from provenance.workflow import publication
from tests.support.iati_files import activity, file_of, org
from tests.support.records import record, update, write
from tests.support.shown import in_single_spaces
from tests.support.staff import (
    DRAFT,
    PUBLISHED,
    WITHDRAWN,
    act,
    address,
    last,
    make,
    make_frame,
    messages,
    publish,
    somebody,
)  # fmt: skip

pytestmark = pytest.mark.django_db
LISTS = (Country, Instrument, Partnership)


def make_drafts(count):
    """Drafts of projects that name a draft source, a draft theme, two draft organisations and one another."""
    make(Source, "file", state=DRAFT, title="The file")
    make(Theme, "asylum", state=DRAFT)
    for key in ("first-body", "second-body"):
        make(Organisation, key, state=DRAFT)
    Claim.objects.create(
        record=Organisation.objects.get(pk="first-body"), field="name", as_stated="b", quote="a b", source_id="file"
    )
    keys = [f"draft-{number:02}" for number in range(count)]
    for before, key in zip([None, *keys], keys, strict=False):
        whole = before if before and int(key[-2:]) % 3 else None
        project = Project.objects.create(pk=key, title=f"Draft {key[-2:]}", part_of_id=whole)
        project.countries.add("MD")
        project.themes.add("asylum")
        for role, body in (("lead", "first-body"), ("partner", "second-body")):
            Participation.objects.create(project=project, organisation_id=body, role=role)
        Claim.objects.create(record=project, field="title", as_stated="Draft", quote="A Draft", source_id="file")
    record(Organisation, ["first-body"], user_name="maker")
    record(Project, keys, user_name="maker")
    return keys


def states(plan):
    """The plan as ``{kind: {key: state}}``."""
    return {model._meta.model_name: {row.pk: row.state for row in rows} for model, rows in plan.records().items()}


def test_plan_follows_the_names_of_drafts_to_theirs(frame, publisher):
    keys = make_drafts(1)
    plan = publication.plan(publisher, {Project: keys})
    assert states(plan) == {
        "source": {"file": DRAFT},
        "theme": {"asylum": DRAFT},
        "organisation": {"first-body": DRAFT, "second-body": DRAFT},
        "project": {"draft-00": DRAFT},
    }
    assert {type(row) for row in plan.asked} == {Project}
    assert plan.obstacles == []


def test_forty_drafts_are_planned_and_published_in_as_many_queries_as_three(frame, publisher):
    def queries(keys):
        with CaptureQueriesContext(connection) as captured:
            plan = publication.publish(publisher, {Project: keys}, publication.plan(publisher, {Project: keys}).items())
        assert {row.pk for row in plan.asked} == set(keys)
        return len(captured)

    keys = make_drafts(43)
    before = Revision.objects.count()
    first = queries(keys[:3])
    assert Revision.objects.count() == before + 3 + 4
    assert queries(keys[3:]) <= first
    assert Revision.objects.count() == before + 43 + 4
    assert Project.objects.published().count() == 43
    assert {last("project", key).action for key in keys} == {"published"}


def test_withdrawn_record_is_published_when_asked_for_and_an_obstacle_when_named(frame, publisher):
    keys = make_drafts(2)
    set_state(Source, ["file"], WITHDRAWN, user_name="maker")
    plan = publication.plan(publisher, {Project: keys})
    [(row, words)] = plan.obstacles
    assert (row.pk, words) == (
        "file",
        "It is withdrawn, but “Draft 00” refers to it. Publish it first, or remove it from “Draft 00”.",
    )
    with pytest.raises(ValidationError, match="It is withdrawn"):
        publication.publish(publisher, {Project: keys}, plan.items())
    assert not Project.objects.published().exists()
    both = {Project: keys, Source: ["file"]}
    publication.publish(publisher, both, publication.plan(publisher, both).items())
    assert Source.objects.get(pk="file").state == PUBLISHED


def test_what_changed_since_it_was_shown_is_not_published(frame, publisher):
    keys = make_drafts(2)
    shown = publication.plan(publisher, {Project: keys}).items()
    changed = writer.current(Project, keys)[keys[1]] | {"title": "Draft, by somebody else"}
    write(Project, {keys[1]: changed}, user_name="other")
    with pytest.raises(ValidationError, match="have changed since you opened this page"):
        publication.publish(publisher, {Project: keys}, shown)
    assert not Project.objects.published().exists()


def test_what_is_less_than_was_shown_is_published(frame, publisher):
    keys = make_drafts(2)
    shown = publication.plan(publisher, {Project: keys}).items()
    publication.publish(publisher, {Theme: ["asylum"]}, shown)
    publication.publish(publisher, {Project: keys}, shown)
    assert Project.objects.published().count() == 2


def test_role_or_country_that_may_not_publish_is_an_obstacle(frame):
    keys = make_drafts(2)
    make(Country, "GE", name="Georgia")
    Project.objects.get(pk=keys[1]).countries.set(["GE"])
    record(Project, keys, user_name="maker")
    somebody("publisher", name="pia")
    editor, tied = somebody("editor"), somebody("publisher", name="tied", countries=("MD",))
    plan = publication.plan(editor, {Project: keys})
    assert "Only publishers may publish draft records. Ask one of: pia, tied." in plan.obstacles[0][1]
    assert len(plan.obstacles) == 6
    [(row, words)] = publication.plan(tied, {Project: keys}).obstacles
    assert row.pk == keys[1]
    assert "“Draft 01” belongs to Georgia; you write for Moldova. Ask pia." in words


def test_names_of_a_document_are_found_wherever_they_stand(frame, publisher):
    make_drafts(3)
    plan = publication.plan_named(None, Project, writer.current(Project, ["draft-01"]).values())
    assert states(plan) == {
        "source": {"file": DRAFT},
        "theme": {"asylum": DRAFT},
        "organisation": {"first-body": DRAFT, "second-body": DRAFT},
        "project": {"draft-00": DRAFT},
    }


# -- The page --


@pytest.fixture
def desk(frame, publisher, client):
    """A client that a publisher is signed in with."""
    client.force_login(publisher)
    return client


def test_page_tells_what_becomes_public_and_what_has_no_source_and_shows_the_page_of_readers(desk):
    make_drafts(1)
    update(Project, "draft-00", summary="What it is for")
    page = desk.get(address(Project, "publish", "draft-00"))
    for told_of in ("Also published", "The file", "The asylum", "The first-body", "The second-body"):
        assert told_of in in_single_spaces(page)
    for model, key in ((Source, "file"), (Theme, "asylum"), (Organisation, "first-body")):
        assert f'href="{address(model, "change", key)}"' in in_single_spaces(page)
    assert "No source yet: Summary, Countries, Organisations." in in_single_spaces(page)
    assert 'id="source-file"' in in_single_spaces(page)  # as it will be public with it
    assert in_single_spaces(page).count(">Publish all 5 records</button>") == 1


def test_page_of_one_record_publishes_it_with_its_reason(desk):
    make_drafts(1)
    words_then = messages(publish(desk, Project.objects.get(), reason="Checked by two"))
    assert "Published: “" in words_then
    assert 'Published with it: “<a href="/sources/file/">The file</a>”, “The asylum”, “<a href=' in words_then
    assert [last(kind, key).reason for kind, key in (("project", "draft-00"), ("source", "file"))] == 2 * [
        "Checked by two"
    ]
    assert desk.get("/projects/draft-00/").status_code == 200
    assert "Already published" in in_single_spaces(desk.get(address(Project, "publish", "draft-00")))


def test_page_of_a_record_deleted_by_another_at_that_moment_says_what_became_of_it(desk, monkeypatch):
    make_drafts(2)
    plan = publication.plan
    shown = desk.get(address(Project, "publish", "draft-01")).context["publication"]["shown"]

    def deleted_before(user, records):
        if Project.objects.filter(pk="draft-01").exists():
            delete(Project, ["draft-01"], user_name="olga", reason="A duplicate.")
        return plan(user, records)

    monkeypatch.setattr(publication, "plan", deleted_before)
    page = in_single_spaces(desk.post(address(Project, "publish", "draft-01"), {"publish": shown}))
    assert "“draft-01” was deleted by olga" in page
    assert "Already published" not in page


@pytest.mark.parametrize("kind", ["source", "theme", "organisation", "country", "instrument", "partnership"])
def test_each_kind_of_record_has_its_page_of_publication(desk, kind):
    model = next(model for model in (Source, Theme, Organisation, *LISTS) if model._meta.model_name == kind)
    more = {"kind": model.Kind.values[0]} if kind in ("instrument", "partnership") else {}
    made = make(model, "XX" if kind in ("country", "instrument") else "xx", state=DRAFT, **more)
    assert "Not public yet." in in_single_spaces(desk.get(address(model, "publish", made.pk)))
    assert "Published" in messages(publish(desk, made))
    assert model.objects.get(pk=made.pk).state == PUBLISHED


def test_first_publication_is_shown_in_a_register_that_is_empty(client):
    client.force_login(somebody("publisher"))
    make(Project, "first", state=DRAFT)
    page = client.get(address(Project, "publish", "first"))
    assert "Purpose: not known" in in_single_spaces(page)  # as on the page of readers


def test_what_another_adds_between_page_and_button_is_shown_first(desk):
    keys = make_drafts(2)
    page = address(Project, "publish", keys[0])
    before = desk.get(page).context["publication"]["shown"]
    make(Theme, "late", state=DRAFT, name="Named meanwhile")
    Project.objects.get(pk=keys[0]).themes.add("late")
    record(Project, keys, user_name="other")
    again = desk.post(page, {"publish": before, "reason": "As typed"})
    assert "The records to publish have changed since you opened this page. Nothing was published" in in_single_spaces(
        again
    )
    assert "Named meanwhile" in in_single_spaces(again)
    assert 'value="As typed"' in in_single_spaces(again)
    assert not Project.objects.published().exists()
    desk.post(page, {"publish": again.context["publication"]["shown"]})
    assert Theme.objects.get(pk="late").state == PUBLISHED


def test_page_without_the_right_to_publish_says_so_and_has_no_button(desk, client):
    make_drafts(1)
    page = address(Project, "publish", "draft-00")
    for role in ("viewer", "editor", "administrator"):
        client.force_login(somebody(role, name=role))
        for answer in (client.get(page), publish(client, Project.objects.get())):
            assert "You may not publish it. Only publishers may publish draft records." in in_single_spaces(answer)
            assert "Publish all" not in in_single_spaces(answer)
    client.force_login(somebody("publisher", name="tied", countries=[make(Country, "GE", name="Georgia")]))
    shown = publish(client, Project.objects.get())
    assert "“Draft 00” belongs to Moldova; you write for Georgia." in in_single_spaces(shown)
    assert "Publish all" not in in_single_spaces(shown)
    assert {row.state for model in (Project, Source, Theme) for row in model.objects.exclude(pk="paper")} == {DRAFT}


@pytest.mark.parametrize(
    "sent",
    ["", "project:draft-00:", "project:draft-00:x\0", "<script>", "project:draft-00:1 " * 9000, "源:x:1", "::"],
    ids=["empty", "no-revision", "NUL", "markup", "long", "other-letters", "colons"],
)
def test_hostile_list_of_what_was_shown_publishes_nothing(desk, sent):
    make_drafts(1)
    page = address(Project, "publish", "draft-00")
    again = desk.post(page, {"publish": sent})
    assert again.status_code in (200, 400)
    assert b"<script>" not in again.content.replace(b"<script src=", b"")
    desk.post(address(Project), {"action": "publish", "_selected_action": "draft-00", "publish": sent})
    assert not Project.objects.published().exists()


def test_draft_as_readers_will_see_it_is_for_staff_alone(desk):
    make_drafts(1)
    page, stranger = address(Project, "publish", "draft-00"), Client()
    shown = desk.get(page)
    assert "no-store" in shown.headers["Cache-Control"]
    assert "private" in shown.headers["Cache-Control"]
    assert "public" not in shown.headers["Cache-Control"]
    assert shown.headers["X-Robots-Tag"] == "noindex"
    assert not {"ETag", "Last-Modified"} & set(shown.headers)
    assert '<meta name="robots" content="noindex">' in in_single_spaces(shown)
    assert not any(
        mark in in_single_spaces(shown) for mark in ('rel="canonical"', "ld+json", 'rel="alternate" hreflang')
    )
    answer = stranger.get(page, follow=True)
    assert "Draft 00" not in in_single_spaces(answer)
    client = Client()
    client.force_login(somebody(name="nobody"))
    assert client.get(page).status_code == 403
    for path in ("/projects/draft-00/", "/organisations/first-body/", "/projects/draft-00.json"):
        assert stranger.get(path).status_code == 404
    assert "Draft 00" not in in_single_spaces(stranger.get("/projects/"))


@pytest.mark.django_db(transaction=True)
def test_two_publishers_at_once_publish_once():
    make_frame()
    make_drafts(3)
    both, shown = Barrier(2, timeout=60), publication.plan(None, {Project: ["draft-02"]}).items()

    def work(user):
        try:
            client = Client()
            client.force_login(user)
            both.wait()
            answer = client.post(address(Project, "publish", "draft-02"), {"publish": " ".join(shown)}, follow=True)
            return answer.content.decode()  # contexts mix among threads
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(work, [somebody("publisher", name=name) for name in ("pia", "paul")]))
    assert sorted("Published: “" in words for words in answers) == [False, True]
    assert any("Already published: " in words for words in answers)
    assert Revision.objects.of(Project, "draft-02").filter(action="published").count() == 1


# -- From lists, and from imports --


def test_list_publishes_what_was_selected_with_one_page_and_one_button(desk):
    keys = make_drafts(4)
    page = desk.post(address(Project), {"action": "publish", "_selected_action": keys, "index": 0})
    assert "Also published" in in_single_spaces(page)
    assert f'href="{address(Project, "publish", "draft-01")}"' in in_single_spaces(page)
    assert in_single_spaces(page).count("preview<span") >= 4
    assert in_single_spaces(page).count(">Publish all 8 records</button>") == 1
    assert not Project.objects.published().exists()
    assert "Published: “" in messages(act(desk, Project, "publish", *keys))
    assert Project.objects.published().count() == 4


@pytest.fixture
def imported(desk, publisher, uploads):
    """An import that is done: of forty drafts of projects, which name a draft source and two draft organisations."""
    for key in ("first-body", "second-body"):
        make(Organisation, key, state=DRAFT, identifier=f"XX-{key}")
    bodies = org("4", "XX-first-body", "The first-body") + org("1", "XX-second-body", "The second-body")
    activities = [
        activity(f"XX-1-{number:02}", country="MD", title=f"T {number}", inside=bodies) for number in range(40)
    ]
    batch = lifecycle.upload(publisher, "activities.xml", [file_of(*activities).encode()], options={})
    for step in (lifecycle.read_again, lambda batch: lifecycle.confirm(batch, publisher)):
        step(batch)
        worker.start(batch)
    assert batch.state == "done", batch.note
    return batch


def test_forty_drafts_of_an_import_are_published_with_one_plan_and_one_button(desk, imported):
    assert Project.objects.filter(state=DRAFT).count() == 40
    own, page = (reverse(f"admin:imports_import_{name}", args=[imported.pk]) for name in ("change", "publish"))
    assert f'href="{page}">Publish its 4' in in_single_spaces(desk.get(own))
    shown = desk.get(page)
    along = {each["record"].pk for group in shown.context["publication"]["along"] for each in group["records"]}
    assert along >= {"first-body", "second-body", imported.source}
    assert in_single_spaces(shown).count('type="submit"') - in_single_spaces(shown).count('type="submit">Sign out') == 1
    done = desk.post(page, {"publish": shown.context["publication"]["shown"]})
    assert done.url == own
    assert Project.objects.published().count() == 40
    assert not Project.objects.filter(state=DRAFT).exists()
    assert Source.objects.get(pk=imported.source).state == PUBLISHED
    assert Organisation.objects.filter(pk__in=["first-body", "second-body"], state=PUBLISHED).count() == 2
    assert "Publish its" not in in_single_spaces(desk.get(own))


def test_import_of_which_the_source_was_withdrawn_is_not_published(desk, imported):
    set_state(Source, [imported.source], WITHDRAWN, user_name="other")
    page = desk.get(reverse("admin:imports_import_publish", args=[imported.pk]))
    assert "It is withdrawn, but “" in in_single_spaces(page)
    assert "Publish all" not in in_single_spaces(page)
    desk.post(page.request["PATH_INFO"], {"publish": page.context["publication"]["shown"]})
    assert not Project.objects.published().exists()


def test_import_of_another_person_or_without_drafts_is_not_published_from_its_page(desk, imported, client):
    page = reverse("admin:imports_import_publish", args=[imported.pk])
    other = Client()
    other.force_login(somebody("publisher", name="other"))
    assert other.get(page).status_code == 403
    assert other.get(reverse("admin:imports_import_publish", args=[imported.pk + 1])).status_code == 302
    Import.objects.update(state=Import.State.READ)
    assert "Already published" in in_single_spaces(desk.get(page))
