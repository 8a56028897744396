"""A form that is sent after its session ended: kept while its user signs in again, shown, and not saved by itself."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from projects.models import Project

from .staff import address, filled, make_frame, make_project, somebody

pytestmark = pytest.mark.django_db
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


def again(client, answer, **who):
    kept = {"_typed": answer.context["typed"], "_where": answer.context["where"]}
    return client.post(answer.context["app_path"], kept | who)


def test_form_comes_back_as_typed_after_signing_in_and_is_not_saved(sent):
    client, answer, _page = sent
    assert "Your session ended" in answer.content.decode()
    assert "Please enter the correct" in again(client, answer, **WHO | {"password": "x"}).content.decode()
    answer = again(client, answer, **WHO)
    assert "Nothing was saved yet" in answer.content.decode()
    answer = client.post(answer.context["where"], {"_typed": answer.context["typed"], "_back": "1"})
    assert filled(answer)["title"] == "Typed & kept"
    assert Project.objects.get().title == "The nexus"


def test_somebody_else_who_signs_in_has_their_own_rights_alone(sent):
    client, answer, _ = sent
    viewer = somebody("viewer")
    viewer.set_password("another secret")
    viewer.save()
    answer = again(client, answer, username="bert", password="another secret")
    answer = client.post(answer.context["where"], {"_typed": answer.context["typed"], "_back": "1"})
    assert answer.status_code == 403


def test_passwords_are_never_kept_and_other_addresses_lead_to_the_ordinary_form(sent):
    client, _, _ = sent
    for page in (address(User, "add"), address(Project)):
        answer = client.post(page, {"password1": "secret", "action": "publish"})
        assert answer.status_code == 302
        assert "secret" not in answer.url
    answer = client.post("/admin/login/", WHO | {"_where": "//evil.example/", "_typed": "a=b"})
    assert answer.status_code == 302
    assert "evil" not in answer.url


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


def send_on(browser, answer, **more):
    """Send the form of the page ``answer`` as it stands."""
    typed = {"csrfmiddlewaretoken": token(answer), "_typed": answer.context["typed"]}
    return browser.post(answer.context["where"], typed | more)


def test_form_with_an_old_token_is_given_back_and_not_saved(old):
    browser, page, data = old
    answer = browser.post(page, data)
    assert answer.status_code == 403
    assert "You signed in anew" in answer.content.decode()
    answer = send_on(browser, answer, _back="1")
    assert filled(answer)["title"] == "Typed & kept"
    assert Project.objects.get().title == "The nexus"


def test_form_with_an_old_token_and_no_session_asks_to_sign_in_first(old):
    browser, page, data = old
    del browser.cookies["sessionid"]
    answer = browser.post(page, data)
    kept = {"_typed": answer.context["typed"], "_where": answer.context["where"]}
    answer = browser.post("/admin/login/", kept | WHO | {"csrfmiddlewaretoken": "x" * 32})
    assert "Your session ended" in answer.content.decode()
    answer = browser.post("/admin/login/", kept | WHO | {"csrfmiddlewaretoken": token(answer)})
    answer = send_on(browser, answer, _back="1")
    assert filled(answer)["title"] == "Typed & kept"


def test_form_with_an_old_token_from_elsewhere_or_with_a_password_is_not_given_back(old):
    browser, page, data = old
    for answer in (
        browser.post(page, data, headers={"Origin": "https://evil.example"}),
        browser.post(address(User, "add"), {"password1": "secret"}),
        browser.post("/admin/login/", {"_where": "//evil.example/", "_typed": "a=b"}),
    ):
        assert answer.status_code == 403
        assert "_typed" not in answer.content.decode()


def test_form_of_any_size_that_is_taken_comes_back(sent, settings):
    client, _, page = sent
    data = {"title": "Typed & kept", "summary": "é" * 1000}
    answer = client.post(page, data)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(answer.context["typed"]) + 500
    assert 'enctype="multipart/form-data"' in answer.content.decode()
    answer = again(client, answer, **WHO)
    assert 'enctype="multipart/form-data"' in answer.content.decode()
    answer = client.post(answer.context["where"], {"_typed": answer.context["typed"], "_back": "1"})
    assert filled(answer)["summary"] == "é" * 1000


def test_form_that_is_too_large_is_told_so(sent, settings):
    client, _, page = sent
    client.force_login(User.objects.get())
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = client.post(page, "summary=" + "x" * 200, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "larger than what is taken" in answer.content.decode()
