"""The frame of the admin: menus, the way to a page, and refusals that say why and whom to ask."""

import re
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django.utils.text import capfirst

from imports.models import Import
from instruments.models import Country
from projects.models import Component, Contribution, Participation, Project, ThemeCode
from provenance.models import Claim, Revision
from tests.support.staff import DRAFT, address, make, make_project, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
REGISTER = ["Projects", "Organisations", "Sources", "Suggested sources", "Themes", "Imports", "Proposals", "History"]
PEOPLE = ["Users", "Failed sign-ins", "Audit log"]
LISTS = ["Countries", "Instruments", "Agreements", "Delegations", "Theme codes"]


@pytest.fixture
def georgia(frame):
    make(Country, "GE", name="Georgia")


def page(client, where, status=200):
    response = client.get(where)
    assert response.status_code == status, where
    return response.content.decode()


def menu(page):
    """The words of the menu at the head of a page."""
    return re.findall(r">([^<]+)</a>", page[page.index('<nav id="menu"') :].partition("</nav>")[0])


def refused(client, where):
    """What the page that refuses ``where`` says, which has the frame of the admin."""
    text = page(client, where, 403)
    assert "Projects" in menu(text)
    assert 'id="logout-form"' in text
    return text[text.index("You may not do this") :]


# -- Menus --


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("viewer", [*REGISTER, *LISTS]),
        ("editor", [*REGISTER, *LISTS]),
        ("administrator", [*REGISTER, *LISTS, *PEOPLE]),
        ("superuser", [*REGISTER, *LISTS, *PEOPLE]),
    ],
)
def test_menu_has_what_its_reader_may_see_in_the_order_in_which_it_is_looked_for(georgia, client, role, words):
    client.force_login(User.objects.create_superuser("root") if role == "superuser" else somebody(role))
    hidden = {"viewer": {"Imports", "Delegations"}, "editor": {"Delegations"}, "administrator": {"Imports"}}
    assert menu(page(client, "/admin/")) == [word for word in words if word not in hidden.get(role, ())]


def test_every_list_stands_in_one_menu_and_rows_of_records_in_none():
    listed = [entry[0] if isinstance(entry, tuple) else entry for _, models in admin.site.menus for entry in models]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(admin.site._registry)
    assert not {Contribution, Claim} & set(listed)


@pytest.mark.parametrize("rows", [Contribution, Component, Participation, Claim])
def test_address_of_a_row_leads_to_it_in_the_form_of_its_record(georgia, client, rows):
    make_project(parts=3)
    client.force_login(somebody("viewer"))
    for number, row in enumerate(rows.objects.order_by("pk")):
        answer = client.get(f"/admin/{rows._meta.label_lower.replace('.', '/')}/{row.pk}/change/")
        where, _, anchor = answer.url.partition("#")
        assert (answer.status_code, where) == (302, address(Project, "change", "nexus"))
        assert anchor.endswith(f"-{number}")
        shown = client.get(where)
        assert f'id="{anchor}"' in shown.content.decode()
        [formset] = [each.formset for each in shown.context["inline_admin_formsets"] if each.opts.model is rows]
        assert str(formset.forms[number].instance) == str(row)


def test_way_to_a_page_is_that_of_the_menus_and_names_no_app(georgia, client, admin_user):
    make_project()
    client.force_login(admin_user)
    for model in admin.site._registry:
        row, pages = model.objects.first(), [address(model)]
        pages += [address(model, name, row.pk) for name in ("change", "delete", "history") if row]
        for each in pages:
            response = client.get(each)
            if response.status_code == 200 and "breadcrumbs" in (text := response.content.decode()):
                way = text[text.index('class="breadcrumbs"') :].partition("</div>")[0]
                name = admin.site.get_model_admin(model).list_title or capfirst(model._meta.verbose_name_plural)
                assert str(name) in way, each
                assert not re.search(r'href="/admin/(auth|instruments|projects|provenance)/"', text), each
    for label in ("projects", "instruments", "provenance", "auth"):
        assert client.get(f"/admin/{label}/").url == "/admin/"


@pytest.mark.parametrize(
    ("role", "ways"),
    [("viewer", []), ("administrator", []), ("editor", ["Add a project", "Upload a file"])],
)
def test_first_page_begins_with_what_its_reader_may_begin(georgia, client, role, ways):
    client.force_login(somebody(role))
    text = page(client, "/admin/")
    assert re.findall(r'<a class="button" href="([^"]+)">([^<]+)<', text) == [
        ({"Add a project": address(Project, "add"), "Upload a file": address(Import, "add")}[way], way) for way in ways
    ]


# -- Refusals --


def test_refusal_names_the_role_that_may_and_whom_to_ask(georgia, client):
    make_project(state=DRAFT)
    somebody("publisher", name="pia")
    somebody("editor", name="ed")
    somebody("administrator", name="anna")
    somebody("publisher", name="gone")
    User.objects.filter(username="gone").update(is_active=False)
    client.force_login(somebody("viewer", name="vera"))
    refusal = refused(client, address(Project, "add"))
    assert "Only editors and publishers may add records. Ask one of: ed, pia." in refusal
    assert "Only publishers may merge records. Ask pia." in refused(client, "/admin/projects/project/duplicates/")
    for each in (address(User), "/admin/eap_funding/failedsignin/"):
        refusal = refused(client, each)
        assert "Only administrators may manage users, delegations and failed sign-ins. Ask anna." in refusal
    assert "may upload files. Ask one of: ed, pia." in refused(client, address(Import))
    assert "may say which theme a code means" in refused(client, address(ThemeCode, "add"))


def test_refusal_names_an_administrator_where_nobody_may(georgia, client):
    somebody("administrator", name="anna")
    client.force_login(somebody("viewer", name="vera"))
    assert "Only publishers may merge records. Ask anna." in refused(client, "/admin/projects/project/duplicates/")
    assert "Nobody can add, change or delete one" in refused(client, address(Revision, "add"))


def test_refusal_of_another_country_says_whose_it_is_and_names_who_writes_there(georgia, client):
    make_project()
    somebody("publisher", name="mo", countries=["MD"])
    somebody("publisher", name="pia")
    client.force_login(somebody("publisher", name="gia", countries=["GE"]))
    refusal = refused(client, address(Project, "delete", "nexus"))
    assert "“The nexus” belongs to Moldova; you write for Georgia. Ask one of: mo, pia." in refusal
    client.force_login(somebody("editor", name="ed"))
    refusal = refused(client, address(Project, "delete", "nexus"))
    assert "Only publishers may delete published records. Ask one of: mo, pia." in refusal


@pytest.mark.parametrize("role", ["editor", "publisher"])
@pytest.mark.parametrize("state", [DRAFT, "published"])
def test_form_of_another_country_says_why_it_is_only_read(georgia, client, role, state):
    make_project(state=state)
    somebody("publisher", name="mo", countries=["MD"])
    form = address(Project, "change", "nexus")
    client.force_login(somebody(role, name="gia", countries=["GE"]))
    text = page(client, form)
    assert "“The nexus” belongs to Moldova; you write for Georgia. Ask mo." in text
    assert 'name="_save"' not in text
    for reader in (somebody("viewer", name="vera"), somebody("administrator", name="anna"), somebody(role)):
        client.force_login(reader)
        assert "belongs to" not in page(client, form)


def test_refusal_tells_one_without_a_role_nothing_of_records_and_people(georgia, client):
    make_project()
    somebody("publisher", name="pia")
    client.force_login(somebody(name="nobody"))
    text = page(client, address(Project, "change", "nexus"), 403)
    assert "You have no role in this register" in text
    assert "The nexus" not in text
    assert "pia" not in text
    assert 'id="logout-form"' in text


def test_import_of_somebody_else_is_refused_without_its_name(georgia, client):
    batch = Import.objects.create(file_name="secret.csv", kind="table", digest="0" * 64, size=1, at=timezone.now(),
        state="done", user=somebody("editor", name="ed"), user_name="ed")  # fmt: skip
    client.force_login(somebody("publisher", name="pia"))
    refusal = refused(client, address(Import, "change", batch.pk))
    assert "Only the person who uploaded this file" in refusal
    assert "secret" not in refusal


def test_what_is_not_understood_or_not_there_keeps_the_frame_and_says_what(georgia, client):
    client.force_login(somebody("publisher"))
    response = client.post(address(Revision), {"action": "publish", "_selected_action": "x"})
    assert response.status_code == 400
    assert "“x” is not the key of a version" in response.content.decode()
    assert "Projects" in menu(response.content.decode())
    assert "Projects" in menu(page(client, "/admin/projects/project/one/merge/two/", 404))


@pytest.mark.parametrize(
    ("query", "data", "status"),
    [
        ("q=%00", None, 400),
        ("q=%FF", None, 400),
        ("a&" * 10_001, None, 400),
        ("", {"title": "a\0b"}, 400),
        ("", {f"field{number}": "x" for number in range(10_001)}, 413),
    ],
)
def test_what_no_view_sees_keeps_the_frame_of_who_is_signed_in(
    georgia, client, query, data, status, monkeypatch, django_assert_num_queries
):
    where = f"{address(Project)}?{query}"
    ask = (lambda: client.post(where, data)) if data else (lambda: client.get(where))
    with django_assert_num_queries(0):
        answer = ask()  # of a stranger
    assert (answer.status_code, b'id="menu"' in answer.content) == (status, False)
    client.force_login(somebody("editor"))
    answer = ask()
    assert answer.status_code == status
    assert "Projects" in menu(answer.content.decode())
    monkeypatch.setattr("django.contrib.auth.get_user", lost)
    answer = ask()
    assert (answer.status_code, b'id="menu"' in answer.content) == (status, False)


def lost(request):
    raise OperationalError("connection refused")


def test_form_on_a_page_that_no_view_made_has_the_token_of_its_reader(georgia):
    client = Client(enforce_csrf_checks=True)
    client.force_login(somebody("editor"))
    client.get("/admin/")  # sets the cookie
    text = page(client, "/admin/?q=%00", 400)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[1]
    assert client.post("/admin/logout/", {"csrfmiddlewaretoken": token}).status_code in (200, 302)


def test_form_without_its_token_keeps_the_frame():
    client, user = Client(enforce_csrf_checks=True), somebody("editor")
    client.force_login(user)
    response = client.post(address(Project), {"action": "publish"})
    assert response.status_code == 403
    assert "has expired" in response.content.decode()
    assert "Projects" in menu(response.content.decode())


def test_page_that_refuses_a_stranger_has_no_menu(client):
    for ask in (client.get, client.post):
        assert ask("/admin/nothing/", follow=True).status_code == 200  # the page to sign in
    assert b'id="menu"' not in client.post("/admin/login/", {"username": "x", "password": "y"}).content


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("", "/admin/"),
        ("/admin/projects/project/?q=x", "/admin/projects/project/?q=x"),
        ("/admin/projects/project", "/admin/projects/project/"),
        ("/admin/password_change/", "/admin/password_change/"),
        ("/admin/logout/", "/admin/"),
        ("/admin/login/?next=/admin/logout/", "/admin/"),
    ],
)
def test_sign_in_leads_to_the_page_that_was_asked_for(client, wanted, leads_to):
    user = somebody("editor", name="ed")
    user.set_password("of a test")
    user.save()
    asked = f"/admin/login/?{urlencode({'next': wanted})}"
    answer = client.post(asked, {"username": "ed", "password": "of a test"}, follow=True)
    assert (answer.status_code, answer.request["PATH_INFO"]) == (200, leads_to.partition("?")[0])
    assert answer.request["QUERY_STRING"] == leads_to.partition("?")[2]
    assert "Sign out" in answer.content.decode()


def test_address_to_sign_out_opened_as_a_page_leads_to_the_first_one(client):
    for _ in range(2):
        answer = client.get("/admin/logout/")
        assert (answer.status_code, answer.url) == (302, "/admin/")
        client.force_login(User.objects.get_or_create(username="ed")[0])
    assert client.get("/admin/").status_code == 403  # still signed in


# -- Moments --


def test_moments_have_their_zone_and_one_form(georgia, client, admin_user):
    project = make_project()
    at = project.revision.at
    client.force_login(admin_user)
    moment = f"{at.day} {at:%b %Y, %H:%M} UTC"
    for each in (
        "/admin/", address(Project), address(Project, "change", "nexus"), address(Project, "history", "nexus"),
        address(Revision),
    ):  # fmt: skip
        assert moment in page(client, each), each
