"""The first administrator is made on request only, and never a second one by mistake."""

import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def create(**options):
    output = StringIO()
    call_command("create_administrator", stdout=output, **options)
    return output.getvalue()


def test_administrator_signs_in_with_what_is_printed():
    output = create()
    assert "Sign in at /admin/" in output
    password = re.search(r"password: +(\S{20,})", output)[1]
    user = User.objects.get(username="admin")
    assert user.check_password(password)
    assert user.is_superuser
    assert user.is_staff
    assert password not in create(username="second", force=True)


def test_administrator_with_a_password_from_a_file(tmp_path):
    path = tmp_path / "password"
    path.write_text("a quite unusual phrase\nnot this\n")
    output = create(username="anna", email="anna@example.org", password_file=path)
    assert "unusual" not in output
    assert User.objects.get(email="anna@example.org").check_password("a quite unusual phrase")


def test_administrator_with_a_password_from_the_environment(monkeypatch):
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "a quite unusual phrase")
    create()
    assert User.objects.get(username="admin").check_password("a quite unusual phrase")


def test_administrator_is_refused_where_there_is_one():
    create()
    with pytest.raises(CommandError, match="There is already an administrator: admin. Use --force"):
        create(username="second")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("unusual-eleven"[:11], "at least 12 characters"),
        ("\nsecond line", "first line of .* is empty"),
        ("1234567890123", "entirely numeric"),
    ],
)
def test_administrator_with_a_weak_password_is_refused(tmp_path, password, message):
    path = tmp_path / "password"
    path.write_text(password)
    with pytest.raises(CommandError, match=message):
        create(password_file=path)
    assert not User.objects.exists()


def test_administrator_is_refused_where_name_or_file_is_wrong(tmp_path):
    User.objects.create_user("admin")
    with pytest.raises(CommandError, match="already exists"):
        create()
    with pytest.raises(CommandError, match="valid username"):
        create(username="a b")
    with pytest.raises(CommandError, match="could not be read"):
        create(username="anna", password_file=tmp_path / "nowhere")
