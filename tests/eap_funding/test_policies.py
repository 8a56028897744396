"""What every answer says to browsers, and that public addresses know nobody: no session, no cookie, no form."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.support.database import queries
from tests.support.shown import asked_for

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ADDRESSES = [
    "/",
    "/projects/",
    "/fr/projects/",
    "/api/v1/projects/",
    "/projects.csv",
    "/healthz",
    "/nothing/",
    "/admin/",
]
SAID = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src"
    " 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_says_the_same_policies(client, register, address):
    headers = client.get(address).headers
    assert {name: headers.get(name) for name in SAID} == SAID


@pytest.mark.parametrize("address", ADDRESSES[:-1])
@pytest.mark.parametrize("cookies", [{}, {"sessionid": "x" * 32, "csrftoken": "y" * 32, "messages": "z"}])
def test_public_answer_sets_no_cookie_and_reads_none(client, register, address, cookies):
    plain = b"".join(client.get(address))  # read to its end, it gives its place to the next
    for name, value in cookies.items():
        client.cookies[name] = value
    response = client.get(address)
    assert "Set-Cookie" not in response.headers
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert b"".join(response) == plain


def test_public_address_asks_nothing_of_who_is_signed_in(admin_client, register):
    asked = queries(asked_for, admin_client, "/projects/nexus/")
    assert [query for query in asked if "session" in query or "auth_user" in query] == []


def test_form_of_staff_without_its_token_is_refused(register):
    client = Client(enforce_csrf_checks=True)
    User.objects.create_superuser("anna", password="long and secret")
    assert client.post("/admin/login/", {"username": "anna", "password": "long and secret"}).status_code == 403
    assert client.post("/projects/", {"q": "x"}).status_code == 405
    assert "sessionid" not in client.cookies
