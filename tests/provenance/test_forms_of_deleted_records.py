"""A form whose record was merged or deleted while it was open: nothing that was typed is lost, and it says why."""

import pytest
from django.contrib.auth.models import User

from projects.models import Organisation, Project
from provenance.models import Revision
from provenance.store import log
from provenance.workflow import merges
from tests.support.staff import address, faults, filled, make_frame, make_project, messages, row, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
QUOTE = "provenance-claim-content_type-object_id-0-quote"
NEW = {"contributions-TOTAL_FORMS": 2} | row("contributions", 1, funder="iom", amount="5", currency="EUR")
TYPED = NEW | {"title": "Typed", "summary": "Typed too", "reason": "Misread", QUOTE: "a b c, typed"}


@pytest.fixture
def opened(client):
    """A browser with the form of a project open, and its page and what it would send."""
    client.force_login(User.objects.create_superuser("anna"))
    make_frame()
    make_project()
    make_project("two")
    page = address(Project, "change", "nexus")
    return client, page, filled(client.get(page))


def merge():
    seen = {key: revision.pk for key, revision in log.newest(Project, ["nexus", "two"]).items()}
    bert = User.objects.create_superuser("bert")
    merges.merge(bert, Project, "two", "nexus", seen=seen, reason="One and the same", take=())


def delete():
    log.delete(Project, ["nexus"], user_name="bert", reason="Recorded twice")


def sends(client, page, data):
    """Send it; whatever comes has all that was typed, and nothing is written."""
    before = Revision.objects.count()
    response = client.post(page, data)
    assert response.status_code == 409
    shown = filled(response)
    for name in ("title", "summary", "reason", QUOTE, "contributions-1-funder", "contributions-1-amount"):
        assert shown[name] == TYPED[name]
    assert shown["participations-0-component"]
    assert Revision.objects.count() == before
    assert not Project.objects.filter(pk="nexus").exists()
    return response


@pytest.mark.parametrize(
    ("happens", "words", "leads_to"),
    [
        (merge, "“nexus” was merged into", "/two/change/"),
        (delete, "“nexus” was deleted by bert", "/nexus/history/"),
    ],
)
def test_form_comes_back_as_typed_with_what_became_of_its_record(opened, happens, words, leads_to):
    client, page, data = opened
    happens()
    response = sends(client, page, data | TYPED)
    errors = faults(response)
    assert words in errors
    assert f'href="/admin/projects/project{leads_to}"' in errors
    assert f'href="/admin/projects/project{leads_to}"' in response.content.decode()
    assert words in faults(sends(client, page, filled(response)))


def test_preview_and_its_way_back_keep_what_was_typed(opened):
    client, page, data = opened
    response = client.post(page, data | TYPED)
    delete()
    typed = {"_typed": response.context["typed"], "reason": "Misread"}
    assert "was deleted by bert" in faults(sends(client, page, typed | {"_confirmed": response.context["newest"]}))
    assert "was deleted by bert" in faults(sends(client, page, typed | {"_back": "1"}))


def test_form_comes_back_though_what_it_names_was_deleted_too(opened):
    client, page, data = opened
    delete()
    log.delete(Organisation, ["nexus-1"], user_name="bert")
    shown = filled(sends(client, page, data | TYPED))
    assert shown["contributions-0-funder"] == "nexus-1"


def test_nobody_sees_a_form_they_may_not_open(opened):
    client, page, data = opened
    delete()
    client.force_login(somebody("viewer", name="vera"))
    assert client.post(page, data | TYPED).status_code == 403


@pytest.mark.parametrize(("happens", "words"), [(merge, "was merged into"), (delete, "was deleted by bert")])
def test_address_of_a_form_whose_record_is_gone_leads_to_its_history(opened, happens, words):
    client, page, _ = opened
    happens()
    response = client.get(page, follow=True)
    assert response.redirect_chain == [(address(Project, "history", "nexus"), 302)]
    assert words in messages(response)


def test_form_of_a_record_that_never_was_leads_away(opened):
    client, _, data = opened
    assert client.post(address(Project, "change", "nothing"), data).status_code == 302
