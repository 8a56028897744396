"""The pages of imports: bring, look, decide."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.models import Import, Project
from provenance import changing

GOOD = "slug,title\nnexus,Quite another title\nbrand-new,Brand new\n"
ADD = "/admin/projects/import/add/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.IMPORTS_DIR = tmp_path / "imports"
    return settings.IMPORTS_DIR


def user_of(role):
    user = get_user_model().objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


@pytest.fixture
def publisher(register, client):
    client.force_login(user_of("publisher"))
    return client


def bring(client, text, name="mine.csv", **more):
    data = {"file": SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode()), **more}
    return client.post(ADD, data, follow=True)


def decide(client, name, **more):
    batch = Import.objects.first()
    return client.post(reverse("admin:projects_import_change", args=[batch.pk]), {name: "1", **more}, follow=True)


def shown(response):
    return " ".join(response.content.decode().split())


def title():
    return changing.current(Project, ["nexus"])["nexus"]["title"]


def test_file_is_shown_and_then_imported(publisher):
    before = title()
    page = shown(bring(publisher, GOOD))
    assert ">1 changed</a>" in page
    assert ">1 new</a>" in page
    assert "Quite another title" in page
    assert title() == before
    page = shown(decide(publisher, "_confirm", publish="on"))
    assert "<strong>Done</strong>" in page
    assert title() == "Quite another title"
    assert Project.objects.published().filter(pk="brand-new").exists()


def test_limits_are_said_where_a_file_is_brought(publisher, settings):
    settings.IMPORT_MAX_ROWS = 123
    page = shown(publisher.get(ADD))
    assert (
        "at most 20 MB (100 MB unpacked). CSV, and an IATI file: at most 100 MB. A table: 123 rows, 200 columns."
        in page
    )


def test_refused_row_is_shown_with_place_and_taken_away_in_own_headings(publisher):
    text = "Slug;Title;budget_amount;budget_currency\nnexus;Good;;\nenigmma;=bad;2.584;EUR\n"
    page = shown(bring(publisher, text))
    assert ">1 refused</a>" in page
    assert "row 3" in page
    batch = Import.objects.first()
    answer = publisher.get(reverse("admin:projects_import_refused", args=[batch.pk]))
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "Slug;Title;budget_amount;budget_currency",
        "enigmma;'=bad;2.584;EUR",
    ]
    before = title()
    assert "refused" in shown(decide(publisher, "_confirm"))
    assert title() == before
    decide(publisher, "_confirm", good_only="on")
    assert title() == "Good"


def test_columns_are_chosen_and_remembered(publisher):
    text = "slug,Titel\nnexus,Another\n"
    page = shown(bring(publisher, text))
    assert "no column “Titel”" in page
    page = shown(decide(publisher, "_columns", **{"column-0-1": "title"}))
    assert ">1 changed</a>" in page
    decide(publisher, "_drop")
    assert ">1 changed</a>" in shown(bring(publisher, text))


def test_dropped_import_is_gone(publisher):
    bring(publisher, GOOD)
    assert "<strong>Dropped</strong>" in shown(decide(publisher, "_drop"))
    assert "does not wait" in shown(decide(publisher, "_confirm"))
    assert title() != "Quite another title"


def test_only_who_brought_it_confirms(publisher, client):
    bring(publisher, GOOD)
    client.force_login(user_of("editor"))
    assert decide(client, "_confirm").status_code == 403
    assert title() != "Quite another title"


@pytest.mark.parametrize("role", ["viewer", "administrator"])
def test_who_may_not_import_is_refused(register, client, role):
    client.force_login(user_of(role))
    assert client.get(ADD).status_code == 403
    assert bring(client, GOOD).status_code == 403
    assert not Import.objects.exists()


def test_list_of_imports_and_filters_of_the_preview(publisher):
    bring(publisher, GOOD)
    assert "mine.csv" in shown(publisher.get("/admin/projects/import/"))
    address = reverse("admin:projects_import_change", args=[Import.objects.first().pk])
    page = shown(publisher.get(address, {"verdict": "new"}))
    assert "brand-new" in page
    assert "nexus" not in page


def test_request_larger_than_any_file_is_refused_unread(publisher, settings):
    settings.IMPORT_MAX_UNPACKED = 10
    answer = publisher.post(ADD, b"", content_type="text/plain", CONTENT_LENGTH=str(2**21))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"<iati-activities><broken", b"a,b\n1,2\n"]
)
def test_file_that_is_none_is_refused_in_words(publisher, content):
    page = bring(publisher, content)
    assert page.status_code == 200
    assert "errornote" in shown(page)


def test_work_that_goes_on_is_shown_and_refreshed_without_script(publisher):
    from projects.imports import working

    bring(publisher, GOOD)
    Import.objects.update(state="reading")
    batch = Import.objects.get()
    address = reverse("admin:projects_import_change", args=[batch.pk])
    assert "Start again" in shown(publisher.get(address))
    with working._alone(batch):
        working._teller(batch)("read", 500)
        answer = publisher.get(address)
        page = shown(answer)
    assert answer["Refresh"] == "3"
    assert "500 read" in page


@pytest.mark.django_db
def test_number_of_queries_of_a_preview_does_not_grow(publisher, django_assert_max_num_queries):
    rows = "".join(f"fresh-{number},Fresh {number}\n" for number in range(60))
    bring(publisher, f"slug,title\n{rows}")
    address = reverse("admin:projects_import_change", args=[Import.objects.first().pk])
    with django_assert_max_num_queries(12):
        assert "fresh-49" in shown(publisher.get(address))
