"""The page of an original: what a publisher wrote, as text, without people's contacts."""

import pytest
from django.utils import timezone

from projects.models import Project
from projects.pages.records import without_contacts
from provenance.models import Claim, Original, Source
from provenance.store.log import set_state
from tests.support.staff import make, make_frame

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
TEXT = (
    "<iati-activity><iati-identifier>XM-1</iati-identifier><contact-info><person-name>Jane Roe</person-name>"
    "</contact-info><script>alert(1)</script><title>Ça</title></iati-activity>"
)


@pytest.fixture
def original(db):
    make_frame()
    project = make(Project, "one")
    Claim.objects.create(record=project, field="title", as_stated="one", quote="The one", source_id="paper")
    Source.objects.filter(pk="paper").update(digest="ab" * 32)
    return Original.objects.create(
        source_id="paper", kind="project", key="one", identifier="XM-1", text=TEXT, at=timezone.now()
    )


def address(original, key="one"):
    return f"/projects/{key}/originals/{original.pk}/"


def test_original_is_one_click_from_the_page_of_its_project(client, original):
    assert f'href="{address(original)}"' in client.get("/projects/one/").content.decode()
    assert f'href="/fr{address(original)}"' in client.get("/fr/projects/one/").content.decode()


def test_original_is_shown_as_text_with_its_source(client, original):
    answer = client.get(address(original))
    page = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "The paper" in page
    assert "ab" * 32 in page


def test_original_of_which_nothing_was_accepted_is_not_shown(client, original):
    Claim.objects.all().delete()
    assert address(original) not in client.get("/projects/one/").content.decode()
    assert client.get(address(original)).status_code == 404


def test_people_to_contact_are_left_out(client, original):
    page = client.get(address(original)).content.decode()
    assert "Jane Roe" not in page
    assert "contact-info" not in page
    assert "XM-1" in page


def test_original_of_what_is_not_public_is_not_shown(client, original):
    assert client.get(address(original, "two")).status_code == 404
    assert client.get("/projects/one/originals/999/").status_code == 404
    assert client.get(f"/projects/one/originals/{'9' * 40}/").status_code == 404
    assert client.get(address(original) + "?format=xml").headers["Location"] == address(original)
    set_state(Project, ["one"], "withdrawn", user_name="tester")
    assert client.get(address(original)).status_code == 410


def test_original_of_a_source_that_is_a_draft_is_not_shown(client, original):
    Source.objects.filter(pk="paper").update(state="draft")
    assert client.get(address(original)).status_code == 404
    assert "originals/" not in client.get("/projects/one/").content.decode()


@pytest.mark.parametrize("text", ["", "no XML", "<a", '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;&f;</a>'])
def test_text_that_is_no_xml_is_not_shown(text):
    assert without_contacts(text) == ""


def test_entities_are_never_resolved():
    text = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>'
    assert "&e;" in without_contacts(text) or without_contacts(text) == ""
