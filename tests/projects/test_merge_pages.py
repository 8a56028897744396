"""The pages of the admin for records that look alike, and for merging two."""

import re

import pytest

from projects.models import Organisation, Project
from provenance.models import Distinct
from tests.support.records import update
from tests.support.staff import act, change, make, messages, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PAIRS = "/admin/projects/project/duplicates/"
MERGE = "/admin/projects/project/one/merge/two/"


@pytest.fixture
def pair(frame):
    make(Project, "one", title="The same", summary="First")
    make(Project, "two", title="The same", summary="Second")


def seen(page):
    return dict(re.findall(r'name="(seen-\w+)" value="(\d+)"', page))


def sign_in(client, role):
    client.force_login(somebody(role))


def test_pairs_are_listed_with_what_is_alike(admin_client, pair):
    page = admin_client.get(PAIRS).content.decode()
    assert "the same title" in page
    assert f'href="{MERGE}"' in page


def test_pair_is_marked_as_different(admin_client, pair):
    answer = admin_client.post(PAIRS, {"first": "two", "second": "one"}, follow=True)
    assert "There are no possible duplicates among the projects." in answer.content.decode()
    assert Distinct.objects.get().user_name == "admin"


def test_two_are_merged_as_chosen(admin_client, pair):
    page = admin_client.get(MERGE).content.decode()
    assert "First" in page
    assert "Second" in page
    form = seen(page) | {"place:summary": "merged", "reason": "They are one."}
    answer = admin_client.post(MERGE, form, follow=True)
    assert "is now part of this record" in answer.content.decode()
    assert Project.objects.get(pk="one").summary == "Second"
    assert not Project.objects.filter(pk="two").exists()


def test_refused_merge_keeps_what_was_chosen_and_typed(admin_client, pair):
    form = seen(admin_client.get(MERGE).content.decode())
    update(Project, "two", acronym="T")
    answer = admin_client.post(MERGE, form | {"place:summary": "merged", "reason": "My words."})
    page = answer.content.decode()
    assert "Changed since you opened this page: two" in page
    assert 'value="My words."' in page
    assert 'value="merged" checked' in page
    assert Project.objects.filter(pk="two").exists()


def test_record_that_was_never_recorded_is_not_merged(admin_client, pair):
    Project.objects.create(slug="three", title="Written by SQL")
    answer = admin_client.get("/admin/projects/project/one/merge/three/")
    assert answer.status_code == 404
    assert "“Written by SQL” has no history" in answer.content.decode()
    admin_client.force_login(somebody("editor"))
    assert admin_client.get("/admin/projects/project/one/merge/three/").status_code == 403


def test_merge_needs_a_reason(admin_client, pair):
    page = admin_client.post(MERGE, seen(admin_client.get(MERGE).content.decode())).content.decode()
    assert "Give a reason. It is kept" in page
    assert Project.objects.filter(pk="two").exists()


@pytest.mark.parametrize("role", ["viewer", "editor", "administrator"])
def test_pages_of_merging_are_for_publishers(client, pair, role):
    sign_in(client, role)
    assert client.get(PAIRS).status_code == 403
    assert client.get(MERGE).status_code == 403
    assert client.post(MERGE, {"reason": "x"}).status_code == 403
    assert client.post(PAIRS, {"first": "one", "second": "two"}).status_code == 403
    assert not Distinct.objects.exists()


@pytest.mark.parametrize("address", ["one/merge/nothing/", "one/merge/one/", "%00/merge/one/"])
def test_pair_that_there_is_not_is_not_found(admin_client, pair, address):
    assert admin_client.get(f"/admin/projects/project/{address}").status_code in (400, 404)


def test_organisations_have_the_same_pages(admin_client, pair):
    make(Organisation, "un", name="United Nations")
    make(Organisation, "un-2", name="UNITED NATIONS")
    page = admin_client.get("/admin/projects/organisation/duplicates/").content.decode()
    assert "/admin/projects/organisation/un/merge/un-2/" in page
    form = seen(admin_client.get("/admin/projects/organisation/un/merge/un-2/").content.decode())
    admin_client.post("/admin/projects/organisation/un/merge/un-2/", form | {"reason": "One."})
    assert not Organisation.objects.filter(pk="un-2").exists()


def test_page_of_merging_shows_what_the_kept_record_gets_besides_claims(admin_client, register):
    page = admin_client.get("/admin/projects/organisation/icmpd/merge/iom/").content.decode()
    added = re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", page.partition("Added from")[2])
    assert added == [("Other and former names", "IOM")]


def test_any_two_of_the_list_can_be_merged(admin_client, pair):
    make(Project, "three")
    answer = act(admin_client, Project, "merge_two", "three", "one")
    assert answer.redirect_chain == [("/admin/projects/project/one/merge/three/", 302)]
    assert "exactly two" in messages(act(admin_client, Project, "merge_two", "one", "two", "three"))


def test_other_identifiers_of_an_organisation_are_shown_and_can_be_corrected(admin_client, pair):
    iom = Organisation.objects.get(pk="iom")
    update(Organisation, "iom", other_identifiers=["XM-1", "XM-WRONG"])
    change(admin_client, iom, other_identifiers="XM-1")
    iom.refresh_from_db()
    assert iom.other_identifiers == ["XM-1"]
