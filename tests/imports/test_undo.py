"""An import is undone from its page: what it wrote is as before, and what others changed since stays."""

import pytest
from django.core.exceptions import ValidationError

from imports import lifecycle, undo
from imports.models import Import
from projects.models import Organisation, Project
from provenance.models import Proposal, Revision, Source
from provenance.store.log import delete, document_of, newest, set_state
from tests.support.iati_files import activity, commitment, file_of
from tests.support.records import write
from tests.support.staff import somebody
from tests.support.uploads import confirmed, uploaded

TEXT = "slug,title,acronym\ncmba,Another title,CMBA\nenigmma,Another,\nbrand-new,New,\n"


@pytest.fixture
def imported(chief):
    return confirm(chief, bring(chief, TEXT))


def bring(user, text, **options):
    return uploaded(user, text.encode(), "list.csv", **options)


def confirm(user, batch):
    assert confirmed(batch, user, reason="So it is.").state == Import.State.DONE
    return batch


def stated(key):
    return {name: value for name, value in document_of(newest(Project, [key])[key]).items() if name != "modified"}


def test_log_names_what_was_published_but_not_what_was_only_previewed(
    chief, caplog, django_capture_on_commit_callbacks
):
    with caplog.at_level("INFO"), django_capture_on_commit_callbacks(execute=True):
        batch = bring(chief, TEXT)
    assert "published: kind=" not in caplog.text
    with caplog.at_level("INFO"), django_capture_on_commit_callbacks(execute=True):
        confirm(chief, batch)
    assert "published: kind=source records=1" in caplog.text


def test_import_that_is_closed_by_one_who_read_it_before_stays_undone(chief, imported):
    read_before = Import.objects.get(pk=imported.pk)
    undo.undo(imported, chief)
    lifecycle.close(read_before)
    about = Import.objects.get(pk=imported.pk).about
    assert (about["undone"], about["closed"]) == ("chief", True)


def test_records_are_as_before(chief, client, register):
    before = {key: stated(key) for key in ("cmba", "enigmma")}
    batch = confirm(chief, bring(chief, TEXT))
    assert stated("cmba") != before["cmba"]
    client.force_login(chief)
    page = client.post(f"/admin/imports/import/{batch.pk}/change/", {"_undo": "on"}, follow=True)
    assert "Undone by chief." in page.content.decode()
    assert "Undo this import" not in page.content.decode()
    assert {key: stated(key) for key in before} == before
    assert not Project.objects.filter(pk="brand-new").exists()
    assert Revision.objects.latest("id").reason == "The import of list.csv was undone."


def test_record_that_was_changed_since_stays_and_is_listed(chief, imported):
    write(Project, {"cmba": {**document_of(newest(Project, ["cmba"])["cmba"]), "title": "By hand"}}, user_name="x")
    [left] = undo.undo(imported, chief)
    assert left.startswith("By hand (project cmba): changed by x on ")
    assert stated("cmba")["title"] == "By hand"
    assert stated("enigmma")["title"] != "Another"


@pytest.mark.parametrize("publish", [True, False])
def test_new_project_goes_with_its_new_part(chief, register, publish):
    text = "slug,title,part_of_slug\na-whole,Whole,\nb-part,Part,a-whole\nc-part,Part of a part,b-part\n"
    assert undo.undo(confirm(chief, bring(chief, text, publish=publish)), chief) == []
    states = Project.objects.filter(pk__in=["a-whole", "b-part", "c-part"]).values_list("state", flat=True)
    assert list(states) == (["withdrawn"] * 3 if publish else [])


def test_import_is_undone_once_and_by_whom_it_is(chief, client, imported, django_user_model):
    other = django_user_model.objects.create_user("other", is_staff=True)
    assert not undo.can_undo(imported, other)
    undo.undo(Import.objects.get(), chief)
    with pytest.raises(ValidationError, match=f"{chief.username} has already undone this import"):
        undo.undo(imported, chief)
    assert not undo.can_undo(imported, chief)
    client.force_login(chief)
    assert '<td class="field-state_in_words">Undone</td>' in client.get("/admin/imports/import/").text
    address = f"/admin/imports/import/{imported.pk}/change/"
    assert "has already undone this import" in client.post(address, {"_undo": "on"}, follow=True).text
    page = client.get(address).text
    assert "<strong>Undone</strong>" in page
    assert "_undo" not in page
    assert "_close" not in page


def test_import_that_is_undone_waits_for_nobody(chief, register):
    batch = confirmed(bring(chief, "slug,title,country_codes\nbrand-new,New,\nother,Other,XX\n"), chief, good_only=True)
    assert batch.waits()
    undo.undo(batch, chief)
    assert not batch.waits()


def test_import_that_is_undone_offers_no_drafts_of_others_to_publish(chief, client, register):
    confirm(chief, bring(chief, "title,acronym\nNew,\n", publish=False))
    batch = confirm(chief, bring(chief, "title,acronym\nNew,N\n", publish=False))
    client.force_login(chief)
    page = f"/admin/imports/import/{batch.pk}/change/"
    assert "Publish its 1 draft" in client.get(page).text
    assert "Publish its" not in client.post(page, {"_undo": "on"}, follow=True).text
    assert Project.objects.get(title="New").state == "draft"


def test_import_undone_after_a_change_between_preview_and_confirmation(chief, register):
    batch = bring(chief, TEXT)
    document = document_of(newest(Project, ["enigmma"])["enigmma"])
    write(Project, {"enigmma": {**document, "summary": "By hand"}}, user_name="x", reason="Corrected.")
    confirm(chief, batch)
    assert (stated("enigmma")["title"], stated("enigmma")["summary"]) == ("Another", "By hand")
    assert undo.undo(batch, chief) == []
    assert (stated("enigmma")["title"], stated("enigmma")["summary"]) == (document["title"], "By hand")


def test_proposals_of_an_import_that_is_undone_are_taken_back(register):
    editor = somebody("editor")
    batch = bring(editor, TEXT)
    confirm(editor, batch)
    assert Proposal.objects.filter(outcome="waiting").count() == 2
    assert undo.undo(batch, editor) == []
    assert set(Proposal.objects.values_list("outcome", "decided_by")) == {("taken-back", editor.get_username())}


@pytest.mark.parametrize("publish", [False, True])
def test_organisations_that_an_import_added_go_when_it_is_undone(chief, client, register, publish):
    there = set(Organisation.objects.exclude(state="withdrawn").values_list("slug", flat=True))
    batch = bring(chief, file_of(activity(inside=commitment(name="A fund of its own"))), publish=publish)
    confirm(chief, batch)
    [added] = Organisation.objects.exclude(slug__in=there).filter(name="A fund of its own")
    assert undo.undo(batch, chief) == []
    assert set(Organisation.objects.exclude(state="withdrawn").values_list("slug", flat=True)) == there
    assert client.get(f"/organisations/{added.slug}/").status_code == (410 if publish else 404)


def test_source_of_an_import_that_is_undone_is_public_only_while_it_is_quoted(chief, client, register):
    for _ in range(2):  # the same file can be imported again
        batch = confirm(chief, bring(chief, TEXT, publish=True))
        page = f"/sources/{batch.source}/"
        assert (batch.counts["refused"], client.get(page).status_code) == (0, 200)
        assert undo.undo(batch, chief) == []
        assert client.get(page).status_code == 410
    again = bring(chief, TEXT).items.get(key="brand-new")
    assert again.notes == [
        "The record is withdrawn, and stays so. To show it to readers again, publish it on its own page."
    ]


@pytest.mark.parametrize(("is_undone", "is_previewed"), [(False, False), (True, False), (True, True)])
def test_source_that_a_person_withdrew_stays_so(chief, register, is_undone, is_previewed):
    text = "slug,title\nbrand-new,Another title\n"
    batch = confirm(chief, bring(chief, text))
    if is_undone:
        undo.undo(batch, chief)
        set_state(Source, [batch.source], "published", user_name="x")
        again = bring(chief, text)
    else:
        write(Project, {"brand-new": {**stated("brand-new"), "title": "By hand"}}, user_name="x")
    set_state(Source, [batch.source], "withdrawn", user_name="anna")
    again = confirmed(again, chief, reason="So it is.") if is_previewed else bring(chief, text)
    assert again.state == Import.State.FAILED
    assert f"its source {batch.source} was then withdrawn by anna. It stays so" in again.note
    assert Source.objects.get(pk=batch.source).state == "withdrawn"
    assert not Project.objects.filter(title="Another title").exists()


def test_source_that_a_person_deleted_comes_with_its_file_again(chief, register):
    batch = confirm(chief, bring(chief, TEXT))
    undo.undo(batch, chief)
    delete(Source, [batch.source], user_name="anna")
    confirm(chief, bring(chief, TEXT))
    assert Source.objects.filter(pk=batch.source).exists()


def test_import_confirmed_as_its_page_shows_it_is_written_at_once(chief, client, register):
    batch = bring(chief, TEXT, publish=False)  # as the form of the upload says
    client.force_login(chief)
    sent = {"shown_empty_clears": "on", "preview": "1", "_confirm": "on"}
    client.post(f"/admin/imports/import/{batch.pk}/change/", sent)
    batch.refresh_from_db()
    assert batch.state == Import.State.DONE
