"""What reads otherwise than its source is said before it is published, by whatever way it comes, and needs a reason."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from imports import lifecycle
from imports.models import Import
from projects.models import Organisation, Participation, Project
from provenance.documents.claims import settle_claims
from provenance.models import Claim, Proposal
from tests.support.iati_files import activity, file_of
from tests.support.records import current, record
from tests.support.staff import DRAFT, address, confirm, make, make_project, messages, row, sent, somebody
from tests.support.uploads import uploaded

pytestmark = pytest.mark.one_database

NEXUS = Project(pk="nexus")
PREFIX = "provenance-claim-content_type-object_id"
NOTE = "the source says “"


@pytest.fixture
def editing(staff, uploads):
    make_project(budget_amount=3_000_000, budget_currency="EUR", start_date="2012-05-31", status="ongoing")
    return staff


def claimed(field, text):
    return row(PREFIX, 1, field=field, as_stated=text, quote=f"It says {text}.", source="paper")


PLANTED = [
    ("budget", "EUR 2.584.000"),
    ("start_date", "31 May 2013"),
    ("status", "completed"),
    ("countries", "Georgia"),
    ("organisations", "led by the World Bank"),
    ("contributions", "paid by France"),
    ("title", "Another undertaking"),
]


@pytest.mark.parametrize(("field", "text"), PLANTED)
def test_form_names_what_reads_otherwise_before_it_is_saved(editing, field, text):
    page = sent(editing, NEXUS, **{f"{PREFIX}-TOTAL_FORMS": 2}, **claimed(field, text)).content.decode()
    assert NOTE in page, page[page.find("errornote") :][:1500]
    assert f"“{text}”" in page


def test_change_that_reads_otherwise_is_confirmed_with_a_reason(editing):
    preview = sent(editing, NEXUS, **{f"{PREFIX}-TOTAL_FORMS": 2}, **claimed("budget", "EUR 5 million"))
    assert confirm(editing, preview).status_code == 302
    project = Project.objects.get()
    assert (project.claims.count(), project.revision.reason) == (2, "Because.")
    assert (
        "budget: EUR 5 million (differs from the value)"
        in editing.get(address(Project, "change", "nexus")).content.decode()
    )


def rows_of(*rows):
    return "\n".join(["project_slug,field,as_stated,quote,source_slug", *rows]).encode()


@pytest.mark.parametrize(("field", "text"), PLANTED)
def test_table_names_what_reads_otherwise_before_it_is_imported(editing, field, text):
    batch = uploaded(
        User.objects.get(), rows_of(f'nexus,{field},"{text}","It says {text}.",paper'), "projects-claims.csv"
    )
    [item] = batch.items.all()
    assert item.faults == []
    assert NOTE in item.notes[0]
    assert text in item.notes[0]
    assert lifecycle.confirm(batch, batch.user).endswith("Nothing was written.")
    assert lifecycle.confirm(batch, batch.user, reason="The source errs.") == ""


def test_proposal_of_a_table_names_what_reads_otherwise_before_it_is_imported(editing):
    rows = rows_of('nexus,budget,"EUR 2.584.000","It says EUR 2.584.000.",paper')
    [item] = uploaded(somebody("editor", name="ed"), rows, "projects-claims.csv").items.all()
    assert (item.verdict, item.faults) == ("proposed", [])
    assert NOTE in item.notes[0]


@pytest.mark.parametrize(
    "inside",
    [
        '<activity-date type="2" iso-date="2012-05-31"><narrative>31 May 2013</narrative></activity-date>',
        '<activity-status code="2"><narrative>Completed</narrative></activity-status>',
        '<recipient-country code="MD"><narrative>Georgia</narrative></recipient-country>',
    ],
)
def test_activity_names_what_reads_otherwise_before_it_is_imported(editing, inside):
    batch = uploaded(
        User.objects.get(),
        file_of(activity(country="", inside=inside)).encode(),
        "own.xml",
        countries="*",
        publish=True,
    )
    notes = [note for item in batch.items.filter(kind="project") for note in item.notes]
    words = inside.partition("<narrative>")[2].partition("<")[0]
    assert [note for note in notes if NOTE in note and words in note], notes
    assert "Nothing was written." in lifecycle.confirm(batch, batch.user)


def test_import_of_drafts_that_read_otherwise_needs_no_reason(editing):
    inside = '<activity-status code="2"><narrative>Completed</narrative></activity-status>'
    batch = uploaded(User.objects.get(), file_of(activity(country="MD", inside=inside)).encode(), "own.xml")
    assert lifecycle.confirm(batch, batch.user) == ""


def test_import_page_asks_why_and_the_history_keeps_it(editing):
    content = rows_of('nexus,budget,EUR 5 million,"EUR 5 million",paper')
    batch = uploaded(User.objects.get(), content, "projects-claims.csv", publish=False, good_only=False)
    page = address(Import, "change", batch.pk)
    assert "Readers would see what reads otherwise" in editing.get(page).content.decode()
    assert "Nothing was written" in messages(editing.post(page, {"_confirm": "1", "preview": "1"}, follow=True))
    editing.post(page, {"_confirm": "1", "preview": "1", "reason": "Signed later."}, follow=True)
    assert Project.objects.get().revision.reason == "Imported from projects-claims.csv. Signed later."


def test_page_of_publication_shows_what_reads_otherwise_and_asks_why(editing):
    Project.objects.update(state=DRAFT)
    Claim.objects.create(
        record=Project.objects.get(), field="budget", as_stated="EUR 5", quote="EUR 5", source_id="paper"
    )
    record(Project, ["nexus"], user_name="maker")
    page = address(Project, "publish", "nexus")
    shown = editing.get(page)
    assert "“EUR 5”, the register EUR 3,000,000.00." in shown.content.decode()
    sent = {"publish": shown.context["publication"]["shown"]}
    refused = editing.post(page, sent).content.decode()
    assert "Nothing was changed." in refused
    assert "give a reason for publishing it" in refused
    assert Project.objects.get().state == DRAFT
    editing.post(page, sent | {"reason": "A misprint."})
    assert (Project.objects.get().state, Project.objects.get().revision.reason) == ("published", "A misprint.")
    Project.objects.update(acronym="NX")
    assert record(Project, ["nexus"], user_name="anna") == 1  # what read otherwise before needs none


def test_who_accepts_what_reads_otherwise_says_why_in_words_of_their_own(editing, client):
    client.force_login(somebody("editor", name="ed"))
    confirm(client, sent(client, NEXUS, **{f"{PREFIX}-TOTAL_FORMS": 2}, **claimed("budget", "EUR 5 million")))
    client.force_login(User.objects.get(username="anna"))
    proposal, page = Proposal.objects.get(), address(Proposal, "change", Proposal.objects.get().pk)
    shown = client.get(page).content.decode()
    assert "Total budget: the source says “EUR 5 million”, the register EUR 3,000,000.00." in shown
    assert "To accept it, explain why here" in shown
    accepting = {"decision": "accept", "place": "claims:budget", "seen": Project.objects.get().revision_id}
    assert "Explain in the comment why" in messages(client.post(page, accepting, follow=True))
    assert Project.objects.get().claims.count() == 1
    client.post(page, accepting | {"comment": "The source was corrected."})
    assert Project.objects.get().claims.count() == 2
    reason = Project.objects.get().revision.reason
    assert reason == "Proposed by ed, accepted: The source was corrected."
    assert proposal.reason not in reason


@pytest.mark.parametrize(
    ("field", "text", "control"),
    [
        ("budget", "EUR 2.584.000", "budget_amount"),
        ("start_date", "2013", "start_date"),
        ("countries", "Georgia", "countries"),
        ("organisations", "led by the World Bank", "participations"),
        ("contributions", "paid by France", "contributions"),
        ("title", "Another undertaking", "title"),
    ],
)
def test_form_shows_what_reads_otherwise_beside_its_own_field(editing, field, text, control):
    Claim.objects.create(record=Project.objects.get(), field=field, as_stated=text, quote=text, source_id="paper")
    record(Project, ["nexus"], user_name="maker", reason="A misprint.")
    response = editing.get(address(Project, "change", "nexus"))
    words, page = f"A source says “{text}” (The paper).", response.content.decode()
    assert page.count(words) == 1
    form = response.context["adminform"].form
    if control in form.fields:
        help_text = page[page.index(f'id="id_{control}_helptext"') :]
        assert words in help_text[: help_text.index("</div>")]
    else:
        assert page.index(words) < page.index(f'id="{control}-group"') < page.index(words) + 200


def test_organisation_and_whole_told_by_another_of_their_names_are_not_told_as_otherwise(editing):
    make(Organisation, "sida", name="Swedish International Development Cooperation Agency")
    make_project("whole", title="Facility for the neighbourhood", acronym="EaPF")
    Participation.objects.create(project_id="nexus", organisation_id="sida", role="lead")
    Project.objects.filter(pk="nexus").update(part_of="whole")
    for field, text in (("organisations", "led by Asdi Suède"), ("part_of", "within EAPF")):
        Claim.objects.create(
            record=Project.objects.get(pk="nexus"), field=field, as_stated=text, quote=text, source_id="paper"
        )
    with pytest.raises(ValidationError, match="says “led by Asdi Suède”") as refused:
        record(Project, ["nexus"], user_name="maker")
    assert len(refused.value.messages) == 1
    Organisation.objects.filter(pk="sida").update(aliases=["Asdi Suède"])
    assert record(Project, ["nexus"], user_name="maker") == 1


@pytest.mark.parametrize("count", [1, 20])
def test_names_of_all_that_a_document_names_are_asked_for_at_once(editing, count, django_assert_max_num_queries):
    stated = current()
    [part] = stated["organisations"]
    parts = [part | {"slug": f"body-{number}", "name": f"Body {number}"} for number in range(count)]
    [model_claim] = stated["claims"]
    claims = [
        model_claim | {"field": "organisations", "as_stated": f"led by Japan {n}", "value": None} for n in range(count)
    ]
    with django_assert_max_num_queries(2):
        made = settle_claims(stated | {"organisations": parts, "claims": claims})
    assert [claim["reading"] for claim in made["claims"]] == ["otherwise"] * count


def test_honest_reading_and_a_shorter_value_need_no_reason(editing):
    for field, text in (
        ("status", "Currently"),
        ("budget", "some EUR 3 million in all"),
        ("title", "The nexus, a project"),
    ):
        Claim.objects.create(record=Project.objects.get(), field=field, as_stated=text, quote=text, source_id="paper")
    assert record(Project, ["nexus"], user_name="maker") == 1
