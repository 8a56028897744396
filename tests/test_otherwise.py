"""What reads otherwise than its source is said before it is published, by whatever way it comes, and needs a reason."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from projects.imports import bringing
from projects.models import Import, Organisation, Project
from provenance.models import Claim, Proposal, State
from provenance.recording import set_state

from .staff import DRAFT, address, confirm, filled, make_frame, make_project, row, somebody, told
from .test_import_activities import activity, file_of, org
from .test_imports import brought
from .turns import record

PREFIX = "provenance-claim-content_type-object_id"
NOTE = "the source reads otherwise"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.IMPORTS_DIR = tmp_path / "imports"


@pytest.fixture
def anna(db, client):
    client.force_login(User.objects.create_superuser("anna"))
    make_frame()
    make_project(budget_amount=3_000_000, budget_currency="EUR", start_date="2012-05-31", status="ongoing")
    return client


def sent(client, **changes):
    page = address(Project, "change", "nexus")
    return client.post(page, filled(client.get(page)) | changes)


def claimed(field, text):
    return row(PREFIX, 1, field=field, as_stated=text, quote=f"It says {text}.", source="paper")


PLANTED = [
    ("budget", "EUR 2.584.000"),
    ("budget", "EUR 3,000,000.01"),
    ("budget", "EUR 3 billion"),
    ("budget", "EUR 3 thousand"),
    ("budget", "USD 3 million"),
    ("budget", "£3,000,000"),
    ("start_date", "31 May 2013"),
    ("start_date", "31 June 2012"),
    ("start_date", "30 May 2012"),
    ("start_date", "2012"),
    ("status", "completed"),
    ("countries", "Georgia"),
    ("organisations", "led by the World Bank"),
    ("contributions", "paid by France"),
    ("title", "Another undertaking"),
]


@pytest.mark.parametrize(("field", "text"), PLANTED)
def test_form_names_what_reads_otherwise_before_it_is_saved(anna, field, text):
    page = sent(anna, **{f"{PREFIX}-TOTAL_FORMS": 2}, **claimed(field, text)).content.decode()
    assert NOTE in page, page[page.find("errornote") :][:1500]
    assert f"“{text}”" in page


def test_change_that_reads_otherwise_is_confirmed_with_a_reason(anna):
    preview = sent(anna, **{f"{PREFIX}-TOTAL_FORMS": 2}, **claimed("budget", "EUR 5 million"))
    assert confirm(anna, preview).status_code == 302
    project = Project.objects.get()
    assert (project.claims.count(), project.revision.reason) == (2, "Because.")
    assert (
        "budget: EUR 5 million (reads otherwise than the value)"
        in anna.get(address(Project, "change", "nexus")).content.decode()
    )


def rows_of(*rows):
    return "\n".join(["project_slug,field,as_stated,quote,source_slug", *rows]).encode()


@pytest.mark.parametrize(("field", "text"), PLANTED)
def test_table_names_what_reads_otherwise_before_it_is_imported(anna, field, text):
    batch = brought(
        User.objects.get(), rows_of(f'nexus,{field},"{text}","It says {text}.",paper'), "projects-claims.csv"
    )
    [item] = batch.items.all()
    assert item.faults == []
    assert NOTE in item.notes[0]
    assert text in item.notes[0]
    assert bringing.confirm(batch, batch.user).endswith("Nothing was written.")
    assert bringing.confirm(batch, batch.user, reason="The source errs.") == ""


@pytest.mark.parametrize(
    "inside",
    [
        '<activity-date type="2" iso-date="2012-05-31"><narrative>31 May 2013</narrative></activity-date>',
        '<activity-date type="2" iso-date="2012-05-31"><narrative>June 2012</narrative></activity-date>',
        '<activity-date type="2" iso-date="2012-05-31"><narrative>30.05.2012</narrative></activity-date>',
        '<activity-status code="2"><narrative>Completed</narrative></activity-status>',
        '<recipient-country code="MD"><narrative>Georgia</narrative></recipient-country>',
        org("4", "XM-DAC-47066", "World Bank"),
        org("2", "XM-DAC-47066", "United Nations Development Programme"),
        org("1", "XM-DAC-47066", "The Government of Japan"),
    ],
)
def test_activity_names_what_reads_otherwise_before_it_is_imported(anna, inside):
    Organisation.objects.filter(pk="iom").update(identifier="XM-DAC-47066")
    record(Organisation, ["iom"], user_name="maker")
    batch = brought(
        User.objects.get(),
        file_of(activity(country="", inside=inside)).encode(),
        "own.xml",
        countries="*",
        publish=True,
    )
    notes = [note for item in batch.items.filter(kind="project") for note in item.notes]
    assert [note for note in notes if NOTE in note], notes
    assert "Nothing was written." in bringing.confirm(batch, batch.user)


def test_import_of_drafts_that_read_otherwise_needs_no_reason(anna):
    inside = '<activity-status code="2"><narrative>Completed</narrative></activity-status>'
    batch = brought(User.objects.get(), file_of(activity(country="MD", inside=inside)).encode(), "own.xml")
    assert bringing.confirm(batch, batch.user) == ""


def test_import_page_asks_why_and_the_history_keeps_it(anna):
    content = rows_of('nexus,budget,EUR 5 million,"EUR 5 million",paper')
    batch = brought(User.objects.get(), content, "projects-claims.csv", publish=False, good_only=False)
    page = address(Import, "change", batch.pk)
    assert "Readers would see what reads otherwise" in anna.get(page).content.decode()
    assert "Nothing was written" in told(anna.post(page, {"_confirm": "1"}, follow=True))
    anna.post(page, {"_confirm": "1", "reason": "Signed later."}, follow=True)
    assert Project.objects.get().revision.reason == "Imported from projects-claims.csv. Signed later."


def test_page_of_publication_shows_what_reads_otherwise_and_asks_why(anna):
    Project.objects.update(state=DRAFT)
    Claim.objects.create(
        record=Project.objects.get(), field="budget", as_stated="EUR 5", quote="EUR 5", source_id="paper"
    )
    record(Project, ["nexus"], user_name="maker")
    page = address(Project, "publish", "nexus")
    shown = anna.get(page)
    assert "“EUR 5”, and the register: EUR 3,000,000.00." in shown.content.decode()
    sent = {"publish": shown.context["publication"]["shown"]}
    refused = anna.post(page, sent).content.decode()
    assert "Nothing was published." in refused
    assert "say as the reason why it is published so" in refused
    assert Project.objects.get().state == DRAFT
    anna.post(page, sent | {"reason": "A misprint."})
    assert (Project.objects.get().state, Project.objects.get().revision.reason) == ("published", "A misprint.")


def test_publishing_what_reads_otherwise_needs_a_reason(anna):
    Project.objects.update(state=DRAFT)
    Claim.objects.create(
        record=Project.objects.get(), field="budget", as_stated="EUR 5", quote="EUR 5", source_id="paper"
    )
    record(Project, ["nexus"], user_name="maker")
    with pytest.raises(ValidationError, match="otherwise: “EUR 5”, and the register: EUR 3,000,000.00"):
        set_state(Project, ["nexus"], State.PUBLISHED, user_name="anna")
    assert Project.objects.get().revision.state == State.DRAFT
    set_state(Project, ["nexus"], State.PUBLISHED, user_name="anna", reason="The source has a misprint.")
    Project.objects.update(acronym="NX")
    assert record(Project, ["nexus"], user_name="anna") == 1  # what read otherwise before needs none


def test_who_decides_on_a_proposal_is_shown_what_reads_otherwise(anna, client):
    client.force_login(somebody("editor", name="ed"))
    confirm(client, sent(client, **{f"{PREFIX}-TOTAL_FORMS": 2}, **claimed("budget", "EUR 5 million")))
    client.force_login(User.objects.get(username="anna"))
    page = client.get(address(Proposal, "change", Proposal.objects.get().pk)).content.decode()
    assert "Budget: the source reads otherwise: “EUR 5 million”, and the register: EUR 3,000,000.00." in page


def test_honest_reading_and_a_shorter_value_need_no_reason(anna):
    for field, text in (
        ("status", "Currently"),
        ("budget", "some EUR 3 million in all"),
        ("title", "The nexus, a project"),
    ):
        Claim.objects.create(record=Project.objects.get(), field=field, as_stated=text, quote=text, source_id="paper")
    assert record(Project, ["nexus"], user_name="maker") == 1
