"""The admin's first page: what waits for whoever looks, and numbers that lead to exactly their rows."""

import re
from html import unescape

import orjson
import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from imports.models import Import
from instruments.models import Country
from projects.models import Project
from provenance.models import Proposal
from tests.support.database import queries
from tests.support.loops import at_least_one
from tests.support.records import record
from tests.support.shown import asked_for
from tests.support.staff import make, make_frame, make_project, somebody

pytestmark = pytest.mark.django_db


def sign_in(client, role, *countries):
    """A user of a role, tied to countries."""
    is_superuser = role == "administrator-of-all"
    user = User.objects.create_superuser(role) if is_superuser else somebody(role, name=role, countries=countries)
    client.force_login(user)
    return user


def numbers(page):
    """``[(number, address)]`` of the table of quality."""
    table = page[page.index('<table class="quality">') : page.index("</table>")]
    return [
        (int(n), unescape(address))
        for address, n in re.findall(r'<td data-label="[^"]+"><a href="([^"]+)">(\d+)</a>', table)
    ]


def propose(user, slug):
    project = Project.objects.get(pk=slug)
    document = orjson.loads(project.revision.document) | {"title": "Another"}
    return Proposal.objects.create(
        kind="project", key=slug, base=project.revision, document=orjson.dumps(document).decode(),
        user_name=user, at=timezone.now(),
    )  # fmt: skip


def test_each_number_leads_to_the_list_of_exactly_those_rows(admin_client, register):
    linked = numbers(admin_client.get("/admin/").content.decode())
    assert len(linked) > 20
    for number, address in at_least_one(linked):
        listed = admin_client.get(address)
        assert listed.context["cl"].result_count == number, address


def test_publisher_sees_proposals_to_decide_and_editor_sees_what_became_of_theirs(client):
    make_frame()
    make_project("one")
    proposal = propose("ed", "one")
    sign_in(client, "publisher")
    assert "1 proposal to decide" in client.get("/admin/").content.decode()
    Proposal.objects.filter(pk=proposal.pk).update(
        outcome="declined", decided_by="publisher", decided_at=timezone.now()
    )
    assert "proposal to decide" not in client.get("/admin/").content.decode()
    Proposal.objects.update(user=sign_in(client, "editor"))
    page = client.get("/admin/").content.decode()
    waits, own = page.index("Your tasks"), page.index("Your proposals")
    assert "<p>Nothing is waiting for you.</p>" in page[waits:own]
    assert ">1 declined</a>" in page[own:]
    assert "to decide" not in page


def test_numbers_of_one_who_is_tied_are_those_of_their_countries(client, admin_client):
    make_frame()
    make(Country, "GE", name="Georgia")
    make_project("one")
    make_project("two").countries.set(["GE"])
    record(Project, ["two"], user_name="maker")
    make(Project, "none", state="draft")
    make(Project, "draft", state="draft").countries.add("MD")
    propose("somebody", "one")
    propose("somebody", "two")
    sign_in(client, "publisher", "MD")
    page = client.get("/admin/").content.decode()
    assert "1 proposal to decide" in page
    assert "1 draft of a project" in page
    assert "Georgia" not in page[page.index('<table class="quality">') : page.index("</table>")]
    for number, address in at_least_one(numbers(page)):
        rows = client.get(address).context["cl"].queryset
        assert list(rows.values_list("pk", flat=True)) == ["one"] * number, (number, address)
    for number, address in at_least_one(numbers(admin_client.get("/admin/").content.decode())):
        assert admin_client.get(address).context["cl"].queryset.count() == number, address


def test_viewer_sees_the_state_but_nothing_waits(client):
    make_frame()
    make_project("one", state="draft")
    sign_in(client, "viewer")
    page = client.get("/admin/").content.decode()
    assert "Data quality" in page
    assert "<p>Nothing is waiting for you.</p>" in page


def test_refused_rows_and_unsure_matches_of_own_imports_wait(client):
    user = sign_in(client, "editor")
    columns = {"kind": "table", "digest": "0" * 64, "size": 1, "at": timezone.now(), "state": "done"}
    preview = {"counts": {"refused": 1, "new": 2}, "about": {"unsure": 1}}
    Import.objects.create(file_name="mine.csv", user=user, user_name="editor", **columns, **preview)
    Import.objects.create(file_name="mine.csv", user=user, user_name="editor", **columns, **preview)
    Import.objects.create(file_name="well.csv", user=user, user_name="editor", **columns | {"digest": "1" * 64})
    Import.objects.create(file_name="other.csv", user_name="editor", **columns, **preview)
    page = client.get("/admin/").content.decode()
    assert page.count("1 record refused in mine.csv") == 1
    assert "1 record to check in mine.csv" in page
    assert "other.csv" not in page
    assert "well.csv" not in page


def test_what_was_counted_is_remembered_until_something_is_recorded(admin_client, register):
    def counted():
        asked = queries(admin_client.get, "/admin/")
        return len(asked), [sql for sql in asked if "projects_importitem" in sql]

    cache.clear()
    many, items = counted()
    first = numbers(admin_client.get("/admin/").content.decode())
    assert counted()[0] < many
    assert items == []
    make(Project, "another")
    assert numbers(admin_client.get("/admin/").content.decode()) != first


def test_latest_changes_lead_to_their_histories(admin_client):
    make_frame()
    make(Project, "one")
    page = admin_client.get("/admin/").content.decode()
    assert '<a href="/admin/projects/project/one/history/">The one</a>' in page


def test_first_page_takes_as_many_queries_for_many_rows(admin_client, register):
    def count():
        cache.clear()
        return len(queries(asked_for, admin_client, "/admin/"))

    call_command("make_sample_projects", 50, beside_others=True, verbosity=0)
    count()
    few = count()
    call_command("make_sample_projects", 150, seed=2, beside_others=True, verbosity=0)
    count()  # the index follows
    assert count() - few <= 3
