"""A form that is sent after its session ended: kept while its user signs in again, shown, and not saved by itself."""

import html
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from projects.models import Project
from tests.support.staff import address, filled, make_frame, make_project, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WHO = {"username": "anna", "password": "long and secret"}


@pytest.fixture
def sent(client):
    """The answer to a form that was sent without a session, and the browser it was sent from."""
    User.objects.create_superuser(**WHO)
    make_frame()
    make_project()
    client.force_login(User.objects.get())
    page = address(Project, "change", "nexus")
    data = filled(client.get(page)) | {"title": "Typed & kept"}
    client.logout()
    return client, client.post(page, data), page


def go_on(browser, answer):
    """Send the form of the page ``answer`` as it stands."""
    page = answer.content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert hidden.keys() == {"csrfmiddlewaretoken", "_typed", "_back"}
    assert 'enctype="multipart/form-data"' in page  # as large as the form was, and no larger
    where = re.search(r'<form method="post" action="([^"]+)"', page)[1]
    return browser.post(html.unescape(where), {name: html.unescape(value) for name, value in hidden.items()})


def test_form_comes_back_as_typed_after_signing_in_and_is_not_saved(sent):
    client, answer, _page = sent
    assert "Your session ended" in answer.content.decode()
    assert '<a class="button" href="/admin/login/" target="_blank"' in answer.content.decode()
    again = go_on(client, answer)
    assert "Your session ended" in again.content.decode()  # who goes on without signing in
    assert client.post("/admin/login/", WHO).status_code == 302
    answer = go_on(client, again)
    assert filled(answer)["title"] == "Typed & kept"
    assert Project.objects.get().title == "The nexus"


def test_reason_that_was_typed_on_a_page_before_saving_comes_back_too(sent):
    client, answer, page = sent
    typed = {"_typed": dict(re.findall(r'name="(_typed)" value="([^"]*)"', answer.content.decode()))["_typed"]}
    typed["_typed"] = html.unescape(typed["_typed"])
    answer = client.post(page, typed | {"_confirmed": "1", "reason": "Why & how"})
    client.post("/admin/login/", WHO)
    assert filled(go_on(client, answer))["reason"] == "Why & how"


def test_somebody_else_who_signs_in_has_their_own_rights_alone(sent):
    client, answer, _ = sent
    viewer = somebody("viewer")
    viewer.set_password("another secret")
    viewer.save()
    client.post("/admin/login/", {"username": "bert", "password": "another secret"})
    assert go_on(client, answer).status_code == 403


def test_passwords_are_never_kept_and_other_addresses_lead_to_the_ordinary_form(sent):
    client, _, _ = sent
    for page in (address(User, "add"), address(Project)):
        answer = client.post(page, {"password1": "secret", "action": "publish"})
        assert answer.status_code == 302
        assert "secret" not in answer.url


def test_form_from_another_site_is_refused(sent):
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post(sent[2], {"title": "X"})
    assert answer.status_code == 403


@pytest.fixture
def old(client):
    """A browser whose form has the token of before its user signed in anew, and that form."""
    User.objects.create_superuser(**WHO)
    make_frame()
    make_project()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get())
    page = address(Project, "change", "nexus")
    shown = browser.get(page)
    data = filled(shown) | {"title": "Typed & kept", "csrfmiddlewaretoken": token(shown)}
    browser.cookies["csrftoken"] = "".join(reversed(browser.cookies["csrftoken"].value))  # as signing in sets another
    return browser, page, data


def token(response):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', response.content.decode())[1]


def test_form_with_an_old_token_is_given_back_and_not_saved(old):
    browser, page, data = old
    answer = browser.post(page, data)
    assert answer.status_code == 403
    assert "You signed in again" in answer.content.decode()
    assert filled(go_on(browser, answer))["title"] == "Typed & kept"
    assert Project.objects.get().title == "The nexus"


def test_form_that_outlived_its_session_and_its_token_comes_back_after_signing_in(old):
    browser, page, data = old
    del browser.cookies["sessionid"]
    answer = browser.post(page, data)
    assert "Your session ended" in answer.content.decode()
    shown = browser.get("/admin/login/")
    browser.post("/admin/login/", WHO | {"csrfmiddlewaretoken": token(shown)})
    answer = go_on(browser, answer)  # signing in made its token an old one
    assert "You signed in again" in answer.content.decode()
    assert filled(go_on(browser, answer))["title"] == "Typed & kept"
    assert Project.objects.get().title == "The nexus"


def test_form_with_an_old_token_from_elsewhere_or_with_a_password_is_not_given_back(old):
    browser, page, data = old
    for answer in (
        browser.post(page, data, headers={"Origin": "https://evil.example"}),
        browser.post(address(User, "add"), {"password1": "secret"}),
        browser.post("/admin/login/", {"username": "anna", "password": "secret"}),
    ):
        assert answer.status_code == 403
        assert "_typed" not in answer.content.decode()
        assert "secret" not in answer.content.decode()


def test_form_of_any_size_that_is_taken_comes_back(sent, settings):
    client, _, page = sent
    answer = client.post(page, {"title": "Typed & kept", "summary": "é" * 1000})
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(answer.context["typed"]) + 500
    client.post("/admin/login/", WHO)
    assert filled(go_on(client, answer))["summary"] == "é" * 1000


def test_form_that_is_too_large_is_told_so(sent, settings):
    client, _, page = sent
    client.force_login(User.objects.get())
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = client.post(page, "summary=" + "x" * 200, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "The form is too large" in answer.content.decode()
