"""How long somebody stays signed in, where signing in leads to, and who may."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.provenance.test_roles import user_form
from tests.support.database import queries
from tests.support.staff import address, somebody

pytestmark = pytest.mark.django_db
RIGHT = "a quite unusual phrase"


@pytest.fixture
def forward(monkeypatch):
    """A clock that tests put forward: ``clock(hours=3)``."""
    began, passed = timezone.now(), [timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: began + passed[0])

    def forward(**more):
        passed[0] += timedelta(**more)

    return forward


def with_password(*roles, name="anna"):
    user = somebody(*roles, name=name)
    user.set_password(RIGHT)
    user.save()
    return user


def sign_in(client, name="anna", **more):
    return client.post("/admin/login/", {"username": name, "password": RIGHT, **more})


def is_in(client):
    return client.get("/admin/").status_code == 200


# -- Ends --


def test_session_ends_after_three_hours_without_a_request(client, forward):
    client.force_login(somebody("viewer"))
    forward(hours=2, minutes=50)
    assert is_in(client)
    forward(hours=2, minutes=50)
    assert is_in(client)
    forward(hours=3)
    assert not is_in(client)


def test_session_ends_after_twelve_hours_however_busy(client, forward):
    client.force_login(somebody("viewer"))
    for _ in range(11):
        forward(hours=1)
        assert is_in(client)
    forward(minutes=59)
    assert is_in(client)
    assert client.cookies["sessionid"]["max-age"] <= 60
    forward(minutes=1)
    assert not is_in(client)


def test_signing_in_again_begins_twelve_hours_anew(client, forward):
    with_password("viewer")
    sign_in(client)
    for _ in range(5):
        forward(hours=2)
        is_in(client)
    assert sign_in(client).status_code == 302
    forward(hours=2, minutes=30)
    assert is_in(client)


def test_requests_write_the_session_once_in_five_minutes(client, forward):
    client.force_login(somebody("viewer"))

    def writes():
        asked = queries(client.get, "/admin/")
        return sum(not sql.startswith("SELECT") and "django_session" in sql for sql in asked)

    assert [writes() for _ in range(3)] == [0, 0, 0]
    forward(minutes=5)
    assert [writes() > 0, writes()] == [True, 0]


def test_session_from_before_they_had_a_beginning_has_ended(client):
    client.force_login(somebody("viewer"))
    session = client.session
    del session["_began"]
    session.save()
    assert not is_in(client)


def test_public_pages_do_not_look_at_the_session(client, register):
    client.force_login(somebody("viewer"))
    assert not any("django_session" in sql for sql in queries(client.get, "/about/"))
    assert "Cookie" not in client.get("/about/").headers.get("Vary", "")


@pytest.mark.parametrize("is_asked_meanwhile", [True, False])
def test_session_of_a_disabled_account_never_comes_back(client, is_asked_meanwhile):
    user, chief = somebody("viewer"), Client()
    client.force_login(user)
    chief.force_login(User.objects.create_superuser("chief"))
    page = address(User, "change", user.pk)
    data = user_form(chief.get(page))
    assert is_in(client)
    assert chief.post(page, data | {"is_active": ""}).status_code == 302
    if is_asked_meanwhile:
        assert not is_in(client)
    assert chief.post(page, user_form(chief.get(page)) | {"is_active": "on"}).status_code == 302
    assert User.objects.get(pk=user.pk).is_active
    assert not is_in(client)
    assert is_in(chief)


def test_session_of_an_account_that_was_disabled_by_another_way_ends_with_its_next_request(client):
    user = somebody("viewer")
    client.force_login(user)
    User.objects.update(is_active=False)
    assert not is_in(client)
    User.objects.update(is_active=True)
    assert not is_in(client)
    assert not Session.objects.exists()


# -- Where it leads to --


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil",
        "http://[",
    ],
)
def test_foreign_or_absent_target_leads_to_the_first_page(client, target):
    with_password("viewer")
    more = {} if target is None else {"next": target}
    assert sign_in(client, **more).headers["Location"] == "/admin/"
    assert client.get("/admin/login/", more).headers["Location"] == "/admin/"


# -- Who may --


@pytest.mark.parametrize("role", ["viewer", "editor", "publisher", "administrator", None])
def test_whoever_has_a_role_or_is_a_superuser_signs_in(client, role):
    with_password(*filter(None, [role]))
    User.objects.update(is_staff=False, is_superuser=not role)
    assert sign_in(client).status_code == 302
    assert is_in(client)


def test_whoever_has_no_role_is_told_so_with_the_right_password_alone(client, caplog):
    with_password()
    assert "You have no role in this register yet" in sign_in(client).content.decode()
    assert "refused: user=anna action=sign in" in caplog.text
    wrong = client.post("/admin/login/", {"username": "anna", "password": "wrong"}).content.decode()
    assert "role" not in wrong.partition('id="content-main"')[0]
    assert "Please enter the correct user name and password" in wrong


def test_form_of_a_user_has_no_box_of_staff_and_role_makes_staff(client):
    user = User.objects.create_user("anna")
    client.force_login(User.objects.create_superuser("chief"))
    page = address(User, "change", user.pk)
    shown = client.get(page)
    assert "is_staff" not in shown.context["adminform"].form.fields
    assert "taff" not in client.get(address(User)).content.decode().partition('id="content"')[2]
    viewer = Group.objects.get_or_create(name="viewer")[0].pk
    for roles, is_staff in (([viewer], True), ([], False)):
        assert client.post(page, user_form(client.get(page)) | {"groups": roles}).status_code == 302
        assert User.objects.get(pk=user.pk).is_staff is is_staff


def test_migration_mends_who_is_staff():
    somebody("viewer", name="with role")
    User.objects.create_superuser("chief")
    User.objects.update(is_staff=False)
    somebody(name="without role")
    migration = import_module("provenance.migrations.0007_staff_have_roles")
    migration.follow_roles(apps, SimpleNamespace(connection=connection))
    assert dict(User.objects.values_list("username", "is_staff")) == {
        "with role": True,
        "chief": True,
        "without role": False,
    }


@pytest.mark.parametrize("password", ["Xk3-vb9-Qp2", "password1234", "123456789012345"])
def test_weak_password_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)
    validate_password("Xk3-vb9-Qp2-")
