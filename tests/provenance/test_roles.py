"""Who may do what, in sentences: parts, countries, several records at once, users and roles (docs/permissions.md)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from threading import Barrier, BrokenBarrierError
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from eap_funding.errors import permission_denied
from instruments.models import Delegation
from projects.models import Organisation, Project
from provenance.admin import users as people
from provenance.workflow import permissions
from tests.provenance.test_permissions import NEW, PARTS, PASSWORD, everything, fill, lines, sign_in
from tests.support import staff
from tests.support.database import queries
from tests.support.records import record
from tests.support.staff import (
    DRAFT,
    PUBLISHED,
    act,
    address,
    faults,
    filled,
    make,
    make_project,
    messages,
    row,
    somebody,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "state", "countries"), [("viewer", DRAFT, ()), ("publisher", PUBLISHED, ("AZ",))])
def test_rows_follow_their_record(workplace, client, caplog, role, state, countries):
    make_project(state=state)
    client.force_login(somebody(role, countries=countries))
    page, before = address(Project, "change", "nexus"), everything()
    inlines = client.get(page).context["inline_admin_formsets"]
    assert [inline.has_change_permission for inline in inlines] == [False] * len(PARTS)
    assert client.post(page, {"title": "x", **row("components", 0, title="x")}).status_code == 403
    assert everything() == before
    assert lines(caplog)


@pytest.mark.parametrize("model", PARTS)
def test_old_address_of_a_row_leads_to_its_record_and_changes_nothing(workplace, client, model):
    make_project()
    start = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    pages = [f"{start}{model.objects.get().pk}/{page}/" for page in ("change", "delete", "history")]
    client.force_login(somebody())
    assert {client.get(page).status_code for page in (start, *pages)} == {403}
    client.force_login(somebody("viewer", name="vera"))
    before = everything()
    for page in pages:
        for response in (client.get(page), client.post(page, {"post": "yes", "reason": "x"})):
            where = response.url.partition("#")[0]
            assert (response.status_code, where) == (302, address(Project, "change", "nexus"))
    for page, words in (
        (start, "edited in the form"),
        (f"{start}add/", "edited in the form"),
        (f"{start}99/", "history"),
    ):
        assert words in messages(client.get(page, follow=True)), page
    assert everything() == before


def test_project_is_not_moved_out_of_the_countries_of_its_editor(workplace, client, caplog):
    project = make_project(state=DRAFT)
    client.force_login(somebody("editor", countries=("MD",)))
    before = everything()
    response = staff.change(client, project, countries=["AZ"], title="Typed")
    assert "must belong to one of your countries (MD)" in faults(response)
    assert filled(response)["title"] == "Typed"
    assert everything() == before
    assert lines(caplog)
    assert staff.change(client, project, countries=["AZ", "MD"]).status_code == 302
    assert set(project.countries.values_list("pk", flat=True)) == {"AZ", "MD"}


@pytest.mark.parametrize("countries", [[], ["AZ"]])
def test_new_project_outside_the_countries_of_its_editor_is_refused(workplace, client, countries):
    client.force_login(somebody("editor", countries=("MD",)))
    response = fill(client, address(Project, "add"), **NEW | {"countries": countries})
    assert "must belong to one of your countries (MD)" in faults(response)
    assert not Project.objects.exists()


def test_records_of_no_country_are_everybodys_own(workplace, client):
    client.force_login(somebody("editor", countries=("AZ",)))
    staff.change(client, make(Organisation, "new", state=DRAFT), name="Another name")
    assert Organisation.objects.get(pk="new").name == "Another name"


def test_delegation_without_countries_writes_no_project(workplace, client):
    project, user = make_project(state=DRAFT), somebody("editor")
    Delegation.objects.create(name="Empty").members.add(user)
    client.force_login(user)
    fill(client, address(Project, "change", project.pk), title="X")
    assert "none yet" in faults(fill(client, address(Project, "add"), **NEW))
    assert [project.title for project in Project.objects.all()] == ["The nexus"]


@pytest.mark.parametrize("action", ["publish", "withdraw", "delete_selected"])
def test_action_with_one_record_that_is_refused_does_nothing(workplace, client, caplog, action):
    make_project("mine", state=DRAFT)
    make_project("other", state=DRAFT).countries.set(["AZ"])
    record(Project, ["other"], user_name="maker")
    client.force_login(somebody("publisher", countries=("MD",)))
    before = everything()
    response = act(client, Project, action, "mine", "other", post="yes", reason="x")
    assert everything() == before
    assert lines(caplog)
    if action == "withdraw":
        assert "You may not withdraw the project “other”" in messages(response)
    if action == "publish":
        assert "You may not publish it. “The other” belongs to Azerbaijan" in response.content.decode()


def test_action_takes_as_many_queries_for_ten_as_for_three(workplace, client):
    for number in range(33):
        make_project(f"p{number}", state=DRAFT)
    client.force_login(somebody("publisher", countries=("MD",)))

    keys = [f"p{number}" for number in range(33)]
    for action in ("publish", "delete_selected"):
        sent = [{"action": action, "_selected_action": some, "index": 0} for some in (keys[3:], keys[:3])]
        many, few = (len(queries(client.post, address(Project), each)) for each in sent)
        assert 3 < many <= few + 1, action


@pytest.mark.parametrize("role", ["viewer", "no role"])
def test_publishing_on_saving_and_typed_addresses_are_refused(workplace, client, caplog, role):
    project = make_project(state=DRAFT)
    sign_in(client, role)
    before = everything()
    sent = {"title": "X", "_publish": "1", "_popup": "1", **row("components", 0, title="X")}
    for page in (address(Project, "change", project.pk), address(Project, "add") + "?_popup=1&_to_field=slug"):
        assert client.post(page, sent).status_code == 403
    assert client.post(address(Project), {"action": "publish", "_selected_action": "nexus"}).status_code == 403
    assert everything() == before
    assert len(lines(caplog)) == 3
    action = "action=publish record=project" if role == "viewer" else "action=POST record='/admin/projects/project/'"
    assert f"user=bert {action}" in lines(caplog)[-1].getMessage()


def test_address_with_an_end_of_line_writes_one_line_of_the_log(rf, db, caplog):
    request = rf.get("/api/v1/a%0Arefused:%20user=anna/")
    request.user = somebody()
    assert permission_denied(request, PermissionDenied()).status_code == 403
    [line] = lines(caplog)
    assert "\n" not in line.getMessage()


def test_choices_are_offered_to_those_alone_who_may_look(workplace, client, caplog):
    query = {"app_label": "projects", "model_name": "contribution", "field_name": "funder", "term": "europ"}
    client.force_login(somebody())
    assert client.get("/admin/autocomplete/", query).status_code == 403
    assert lines(caplog)
    client.force_login(somebody("viewer", name="cleo"))
    assert client.get("/admin/autocomplete/", query).status_code == 200


def test_rows_of_permissions_give_nothing_whatever_the_page(workplace, client):
    user = somebody()
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    for model in admin.site._registry:
        for page in (address(model), address(model, "add")):
            assert client.get(page).status_code == 403, page


def test_viewer_adds_nothing_whatever_the_page(workplace, client):
    client.force_login(somebody("viewer"))
    for model in admin.site._registry:
        assert client.post(address(model, "add"), {}).status_code == 403, model


# -- Users, roles, delegations --


def test_roles_are_there_from_the_start_and_nobody_edits_them(workplace, client):
    Group.objects.all().delete()  # tests that empty the database may have done so before
    migration = import_module("provenance.migrations.0005_groups")
    migration.make_groups(apps, SimpleNamespace(connection=connection))
    assert {*Group.objects.values_list("name", flat=True)} == {*permissions.ROLES}
    sign_in(client, "superuser")
    page = client.get(address(User, "change", User.objects.get().pk)).content.decode()
    assert "Editor: also adds and changes drafts, proposes changes to published records" in page
    assert "publishes, withdraws, merges, and decides on proposals" in page
    assert all(f"{role.capitalize()}: " in page for role in permissions.ROLES)
    assert Group not in admin.site._registry


def test_user_with_two_roles_may_do_what_each_may(workplace, client):
    client.force_login(somebody("editor", "administrator"))
    assert client.get(address(Project, "add")).status_code == 200
    assert "administrator, editor" in client.get(address(User)).content.decode()


def test_administrator_does_not_touch_superusers_nor_make_one(workplace, client, caplog):
    boss, me = User.objects.create_superuser("anna", password="x"), sign_in(client, "administrator")
    before = everything()
    for page in (
        address(User, "change", boss.pk),
        address(User, "delete", boss.pk),
        f"/admin/auth/user/{boss.pk}/password/",
    ):
        assert client.post(page, {"username": "x", "post": "yes"} | PASSWORD).status_code == 403
    act(client, User, "delete_selected", boss.pk, post="yes")
    assert everything() == before
    assert len(lines(caplog)) >= 4
    page = client.get(address(User, "change", me.pk))
    assert not {"is_superuser", "user_permissions"} & page.context["adminform"].form.fields.keys()
    client.post(address(User, "change", me.pk), user_form(page) | {"is_superuser": "on"})
    me.refresh_from_db()
    assert not me.is_superuser


def user_form(page):
    """What a browser would send of a user's form."""
    return {name: value for name, value in filled(page).items() if name != "password"}


def test_names_of_two_users_do_not_differ_only_in_case(workplace, client):
    page, _other = address(User, "change", sign_in(client, "administrator").pk), somebody("viewer", name="cleo")
    for name, is_refused in (("CLEO", True), ("Cleopatra", False)):
        response = client.post(page, user_form(client.get(page)) | {"username": name})
        assert (response.status_code == 200 and "already exists" in faults(response)) == is_refused


def test_last_administrator_stays(workplace, client):
    me = sign_in(client, "administrator")
    page = address(User, "change", me.pk)
    data = user_form(client.get(page))
    for less in ({"is_active": ""}, {"groups": []}):
        response = client.post(page, data | less)
        assert "This is the last administrator" in faults(response)
    client.post(address(User, "delete", me.pk), {"post": "yes", "reason": "Because."})
    act(client, User, "delete_selected", me.pk, post="yes")
    assert [*permissions.administrators()] == [me]
    somebody("administrator", name="cleo")
    assert client.post(page, data | {"groups": []}).status_code == 302
    assert [user.username for user in permissions.administrators()] == ["cleo"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["form", "page", "list"])
def test_two_administrators_who_remove_each_other_at_once_leave_one(way, monkeypatch):
    users = [somebody("administrator", name=name) for name in ("anna", "cleo")]
    both, really = Barrier(2), people.leaves_nobody
    clients = [Client(), Client()]
    for client, user in zip(clients, users, strict=True):
        client.force_login(user)  # before the race: signing in writes to the user, who may be gone
    forms = {user: user_form(clients[0].get(address(User, "change", user.pk))) for user in users}

    def slowly(keys):
        """Look, and act on it only when the other has looked too, if they can."""
        rows = really(keys)
        with suppress(BrokenBarrierError):
            both.wait(2)
        return rows

    def remove(client, other):
        try:
            if way == "form":
                page = address(User, "change", other.pk)
                client.post(page, forms[other] | {"groups": []})
            elif way == "page":
                client.post(address(User, "delete", other.pk), {"post": "yes"})
            else:
                act(client, User, "delete_selected", other.pk)
        finally:
            connection.close()

    monkeypatch.setattr(people, "leaves_nobody", slowly)
    with ThreadPoolExecutor(2) as pool:
        for task in [pool.submit(remove, *pair) for pair in zip(clients, users[::-1], strict=True)]:
            task.result()
    assert permissions.administrators().count() == 1


def test_list_of_delegations_takes_as_many_queries_for_many_as_for_few(workplace, client):
    def number():
        return sum(len(queries(client.get, address(model))) for model in (Delegation, User))

    sign_in(client, "administrator")
    somebody("editor", name="first", countries=("MD",))
    few = number()
    for each in range(9):
        somebody("editor", "viewer", name=f"user-{each}", countries=("MD", "AZ"))
    assert number() == few > 4
