"""A form that is sent after its session ended: kept while its user signs in again, shown, and not saved by itself."""

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
