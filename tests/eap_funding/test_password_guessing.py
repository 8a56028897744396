"""Passwords are not guessed: who may try, how long the others wait, who can release them, and what the log says."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from eap_funding.models import FailedSignIn
from eap_funding.security import lockout
from tests.support.database import queries
from tests.support.staff import act, address, somebody

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
RIGHT = "a quite unusual phrase"


@pytest.fixture(autouse=True)
def judged(monkeypatch):
    """Counts how often a password is hashed."""
    hashed, really = [], PBKDF2PasswordHasher.encode
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", lambda *arguments: hashed.append(1) or really(*arguments))
    return hashed


@pytest.fixture
def administrator(judged):
    user = somebody("administrator", name="anna")
    user.set_password(RIGHT)
    user.save()
    judged.clear()
    return user


def attempt(name="anna", password="wrong", at="192.0.2.1", client=None, **more):  # noqa: S107
    return (client or Client()).post(LOGIN, {"username": name, "password": password, **more}, REMOTE_ADDR=at)


def fails(number, **columns):
    """Let so many attempts fail that are not judged: rows as they would be left."""
    columns = {"username": "anna", "ip_address": "192.0.2.1"} | columns
    FailedSignIn.objects.bulk_create(FailedSignIn(**columns) for _ in range(number))


def grow_older(**past):
    for row in FailedSignIn.objects.all():
        FailedSignIn.objects.filter(pk=row.pk).update(attempt_time=row.attempt_time - timedelta(**past))


def enters(**credentials):
    return attempt(password=RIGHT, **credentials).status_code == 302


# -- Who waits --


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_ten_of_forty_wrong_passwords_are_judged(administrator, judged, name):
    answers = [attempt(name) for _ in range(40)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 30
    assert len(judged) == 10


def test_locked_pair_is_refused_even_with_the_right_password_and_told_how_long(administrator, judged):
    fails(10)
    answer = attempt(password=RIGHT)
    assert not judged
    assert answer.status_code == 429
    assert 890 <= int(answer.headers["Retry-After"]) <= 900
    page = answer.content.decode()
    assert "Too many failed attempts to sign in. Wait 15 minutes, or ask an administrator" in page
    assert 'id="login-form"' in page


def test_other_accounts_and_other_addresses_of_a_locked_pair_sign_in(administrator, client):
    bert = somebody("viewer", name="bert")
    bert.set_password(RIGHT)
    bert.save()
    fails(10)
    assert enters(name="bert")
    assert enters(at="192.0.2.2")
    assert client.get("/about/", REMOTE_ADDR="192.0.2.1").status_code == 200


def test_lock_ends_when_its_failures_are_old_and_they_are_tidied(administrator):
    fails(10)
    grow_older(minutes=14, seconds=50)
    assert 0 < int(attempt().headers["Retry-After"]) <= 10
    grow_older(seconds=10)
    assert attempt().status_code == 200
    assert FailedSignIn.objects.count() == 1


def test_whoever_signs_in_begins_anew(administrator):
    fails(9)
    assert enters()
    assert not FailedSignIn.objects.exists()


def test_fifty_failures_lock_an_address_for_every_account(administrator, judged):
    for number in range(5):
        fails(10, username=f"user-{number}")
    assert not enters()
    assert not judged
    assert enters(at="192.0.2.2")


def test_account_that_many_addresses_attack_is_slowed_for_these_and_not_for_its_owner(administrator, judged):
    for number in range(50):
        fails(1, ip_address=f"198.51.100.{number}")
    assert attempt(at="198.51.100.7").headers["Retry-After"] in ("299", "300")
    assert not judged
    assert attempt(at="192.0.2.9").status_code == 200
    assert attempt(at="192.0.2.9").status_code == 429
    assert enters(at="192.0.2.10")
    grow_older(minutes=5)
    assert enters(at="198.51.100.7")


@pytest.mark.parametrize("name", ["ANNA", "Anna", "ａｎｎａ", " anna "])
def test_account_is_counted_in_one_spelling(administrator, judged, name):
    fails(10)
    assert attempt(name).status_code == 429
    assert not judged


@pytest.mark.parametrize(
    ("one", "other"), [("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), ("::ffff:192.0.2.1", "192.0.2.1")]
)
def test_address_is_that_of_the_limits(administrator, one, other):
    for _ in range(10):
        attempt(at=one)
    assert attempt(at=other).status_code == 429
    assert attempt(at="2001:db8:1:3::1").status_code == 200


@pytest.mark.parametrize("at", ["", "unix:", "é"])
def test_attempts_from_no_address_are_counted_together(administrator, at):
    fails(10, ip_address=lockout.UNKNOWN)
    assert attempt(at=at).status_code == 429


@pytest.mark.parametrize(("is_behind", "status"), [(True, 200), (False, 429)])
def test_forwarded_address_is_believed_behind_a_proxy_only(administrator, settings, is_behind, status):
    settings.BEHIND_PROXY = is_behind
    fails(10)
    answer = Client().post(
        LOGIN, {"username": "anna", "password": "x"}, REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": "192.0.2.7"}
    )
    assert answer.status_code == status


@pytest.mark.parametrize("name", ["x" * 100_000, "a\0b", "ﷺ" * 150, "ΐ" * 150, "a\nb", "\ud800", "🙂" * 150])
def test_odd_names_never_fail(administrator, name):
    data = f"username={name}&password=x".encode("utf-8", "surrogatepass")
    answer = Client().post(LOGIN, data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 400)


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_do_not_pass_the_limit(administrator, monkeypatch):
    """Each is judged so slowly that none has failed before all others asked whether they may try."""
    slow, judged = Barrier(16), []

    def judge(self, *arguments, **more):
        judged.append(1)
        with suppress(BrokenBarrierError):  # those that wait do not come
            slow.wait(timeout=1)

    def one(_):
        try:
            return attempt().status_code
        finally:
            connection.close()

    monkeypatch.setattr(ModelBackend, "authenticate", judge)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(16)))
    assert 1 <= len(judged) <= 10
    assert answers.count(429) == 16 - len(judged)
    assert FailedSignIn.objects.count() == len(judged)


# -- Every door that judges a password --


def test_old_password_is_judged_like_one_that_signs_in(administrator, judged, client):
    client.force_login(administrator)
    page, new = reverse("admin:password_change"), "another unusual phrase"
    sent = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    answers = [client.post(page, sent, REMOTE_ADDR="192.0.2.1") for _ in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert "Wait 15 minutes" in answers[-1].content.decode()
    assert "Retry-After" in answers[-1].headers
    assert len(judged) == 10
    assert attempt(password=RIGHT).status_code == 429
    FailedSignIn.objects.all().delete()
    assert client.post(page, sent | {"old_password": RIGHT}).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert not FailedSignIn.objects.exists()


# -- Who releases --


def listed(client):
    return client.get(address(FailedSignIn))


def test_administrator_sees_who_waits_and_releases(administrator, client, log):
    fails(10)
    fails(2, username="bert")
    fails(50, username="cleo", ip_address="198.51.100.1")
    client.force_login(administrator)
    page = listed(client)
    rows = {(row.username, row.ip_address): row for row in page.context["cl"].result_list}
    assert len(rows) == 3
    text = page.content.decode()
    for words in ("account locked for this address", "address locked, account slowed", "may try again"):
        assert words in text
    answer = act(client, FailedSignIn, "release", rows["anna", "192.0.2.1"].pk)
    assert "They can sign in again now" in answer.content.decode()
    assert enters()
    assert "released: user=anna account=anna from=192.0.2.1 address=127.0.0.1" in log.getvalue()
    assert FailedSignIn.objects.filter(username="cleo").count() == 50


@pytest.mark.parametrize("role", ["viewer", "editor", "publisher"])
def test_others_neither_see_nor_release(client, role):
    fails(10)
    client.force_login(somebody(role))
    assert listed(client).status_code == 403
    act(client, FailedSignIn, "release", FailedSignIn.objects.first().pk)
    assert FailedSignIn.objects.count() == 10


def test_nobody_edits_or_deletes_failures_by_hand(administrator, client):
    fails(10)
    client.force_login(User.objects.create_superuser("chief"))
    row = FailedSignIn.objects.first()
    for page in (
        address(FailedSignIn, "add"),
        address(FailedSignIn, "change", row.pk),
        address(FailedSignIn, "delete", row.pk),
    ):
        assert client.post(page, {"post": "yes"}).status_code == 403
    assert "delete_selected" not in listed(client).content.decode()
    assert client.get("/admin/axes/accessattempt/").status_code == 404


def test_list_of_failures_takes_as_many_queries_for_many_as_for_few(administrator, client):
    client.force_login(administrator)
    numbers = []
    for more in (1, 30):
        for number in range(more):
            fails(2, username=f"user-{more}-{number}")
        numbers.append(len(queries(listed, client)))
        assert listed(client).status_code == 200
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize(
    ("command", "left"),
    [(["axes_reset"], 0), (["axes_reset_username", "Anna"], 1), (["axes_reset_ip", "192.0.2.1"], 0)],
)
def test_commands_of_axes_release_too(administrator, command, left):
    fails(10)
    fails(1, username="bert")
    call_command(*command)
    assert FailedSignIn.objects.count() == left


# -- What the log says --


def test_log_tells_of_signing_in_and_out_and_of_failures(administrator, log):
    client = Client(headers={"x-request-id": "tell-us"})
    attempt(client=client)
    attempt(password=RIGHT, client=client)
    client.post("/admin/logout/", REMOTE_ADDR="192.0.2.1")
    fails(10)
    attempt(client=client)
    assert log.getvalue().splitlines() == [
        "WARNING access [tell-us] sign-in failed: user=anna address=192.0.2.1",
        "INFO access [tell-us] signed in: user=anna address=192.0.2.1",
        "INFO access [tell-us] signed out: user=anna address=192.0.2.1",
        "WARNING access [tell-us] sign-in refused, too many failures: user=anna wait=900 address=192.0.2.1",
    ]


def test_log_tells_of_what_was_refused(log, client):
    client.force_login(somebody("viewer"))
    client.get(address(User), REMOTE_ADDR="192.0.2.1", headers={"x-request-id": "tell-us"})
    [line] = [line for line in log.getvalue().splitlines() if "refused" in line]
    assert line == "WARNING access [tell-us] refused: user=bert action=GET record='/admin/auth/user/' address=192.0.2.1"


@pytest.mark.parametrize(
    "name",
    ["a\nWARNING access [x] signed in: user=anna", "a\r\nb", "a\u2028b", "a address=1.2.3.4", "a\x1b[2Jb", "\u202ea"],
)
def test_name_cannot_forge_a_line_of_the_log(administrator, log, name):
    attempt(name, password="secret-in-no-log")
    [line] = log.getvalue().splitlines()
    assert line.startswith("WARNING access [")
    assert line.isprintable()
    assert " user='" in line
    assert line.endswith(" address=192.0.2.1")
    assert "secret" not in line


def test_message_with_ends_of_lines_is_one_line_and_a_traceback_stays_below(log):
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("projects").exception("first\nsecond")
    first, *below = log.getvalue().splitlines()
    assert first.endswith("first\\nsecond")
    assert below[0].startswith("Traceback")
