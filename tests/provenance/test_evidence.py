"""Each claim tells whether its quote stands in the text of its source, and where: by every way that readers have."""

import csv
import io
import json
import sqlite3
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from imports import lifecycle
from projects.dumps.database import write_database
from projects.models import Project
from provenance.documents.passages import nearest
from provenance.dump.lines import import_file
from provenance.models import Claim, Edition, Proposal, Revision, Source
from provenance.store import editions
from provenance.store.database import register_lock
from provenance.store.integrity import check_register
from provenance.store.log import document_of, public_models
from provenance.workflow import review, texts
from tests.provenance.test_restore import dump, empty
from tests.support.loops import at_least_one
from tests.support.records import record, update
from tests.support.staff import address, confirm, filled, make_project, somebody
from tests.support.uploads import uploaded

pytestmark = pytest.mark.django_db

TEXT = (
    "The Nexus project.\n\nNexus started in 2012 and costs EUR 3 million. Moldova takes part.\n\nIt is for learners.\n"
)
QUOTE = "Nexus started in 2012 and costs EUR 3 million."
FAULTS = {  # of a quote: what it is, and what is stated
    "a changed word": ("Nexus started in 2013 and costs EUR 3 million.", "EUR 3 million"),
    "over two paragraphs": ("costs EUR 3 million. Moldova takes part. It is for learners.", "EUR 3 million"),
    "from another source": ("It all costs EUR 3 million.", "EUR 3 million"),
}


@pytest.fixture
def project(frame):
    """A published project with one claim, which stands in the text of its source."""
    made = make_project(budget_amount=3_000_000, budget_currency="EUR")
    made.claims.all().delete()
    columns = {"field": "budget", "as_stated": "EUR 3 million", "quote": QUOTE, "source_id": "paper"}
    Claim.objects.create(record=made, **columns)
    record(Project, ["nexus"], user_name="maker", reason="A claim.")
    return made


def keep(text=TEXT, reason="Read.", source="paper"):
    with register_lock():
        digest = editions.keep(source, text.encode(), text, timezone.localdate(), User(username="maker"))
        Source.objects.filter(pk=source).update(edition=digest)
    record(Source, [source], user_name="maker", reason=reason)
    return digest


def plant(quote, as_stated="EUR 3 million", reason="Planted."):
    Claim.objects.filter(field="budget").update(quote=quote, as_stated=as_stated)
    return record(Project, ["nexus"], user_name="maker", reason=reason)


def in_api(client, slug="nexus"):
    [claim] = client.get(f"/api/v1/projects/{slug}/").json()["claims"]
    return claim.get("evidence")


def is_clean():
    return list(check_register()) == []


# -- What is recorded --


def test_claim_says_where_its_quote_stands(project, client):
    digest = keep()
    start = TEXT.index(QUOTE)
    assert in_api(client) == {"verdict": "verbatim", "edition": digest, "start": start, "end": start + len(QUOTE)}
    assert is_clean()


def test_claim_on_a_source_without_text_says_so_and_has_an_address(project, client):
    [claim] = client.get("/api/v1/projects/nexus/").json()["claims"][:1]
    assert claim["evidence"] == {"verdict": "no-text", "edition": None, "start": None, "end": None}
    page = client.get(claim["url"].partition("#")[0], follow=True)
    assert f'id="{claim["url"].partition("#")[2]}"' in page.content.decode()


def test_document_of_before_claims_had_evidence_stays_and_is_read_as_without_text(project):
    newest = Revision.objects.filter(key="nexus").first()
    document = json.loads(newest.document)
    for claim in document["claims"]:
        del claim["evidence"], claim["url"]
    Revision.objects.filter(pk=newest.pk).update(document=json.dumps(document))
    newest.refresh_from_db()
    assert {claim["evidence"]["verdict"] for claim in document_of(newest)["claims"]} == {"no-text"}
    before = Revision.objects.count()
    assert record(Project, ["nexus"], user_name="maker") == 0
    assert Revision.objects.count() == before


def test_newer_text_is_searched_and_its_records_recorded_anew(project, client):
    keep()
    old = Revision.objects.filter(key="nexus").first()
    newer = keep(f"A new beginning.\n\n{TEXT}")
    evidence = in_api(client)
    assert (evidence["edition"], evidence["start"]) == (newer, TEXT.index(QUOTE) + len("A new beginning.\n\n"))
    assert json.loads(Revision.objects.get(pk=old.pk).document)["claims"][0]["evidence"]["edition"] != newer
    keep(f"A new beginning.\n\n{TEXT}")
    assert Revision.objects.filter(key="nexus").first().pk > old.pk
    assert is_clean()


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_named_on_page_gaps_api_files_and_dump(project, client, tmp_path, fault):
    digest = keep()
    plant(*FAULTS[fault])
    assert in_api(client) == {"verdict": "not-found", "edition": digest, "start": None, "end": None}
    assert "Not found in the text of the source" in client.get("/projects/nexus/").content.decode()
    gaps = client.get("/gaps/").content.decode()
    assert "A quoted sentence is not in the text of its source" in gaps
    assert "/projects/nexus/" in gaps[gaps.index("A quoted sentence is not") :]
    [row] = csv.DictReader(io.StringIO(client.get("/projects-claims.csv").getvalue().decode("utf-8-sig")))
    assert (row["evidence_verdict"], row["evidence_start"]) == ("not-found", "")
    for file in ("/projects.json", "/projects.ndjson"):
        assert b'"verdict":"not-found"' in client.get(file).getvalue()
    write_database(tmp_path / "register.sqlite")
    with sqlite3.connect(tmp_path / "register.sqlite") as database:
        assert database.execute("SELECT evidence_verdict FROM claim").fetchall() == [("not-found",)]
    assert is_clean()


def test_search_for_parts_that_do_not_follow_ends():
    """To try each place of each part would take hours."""
    text = "border migration " * 100_000
    assert editions.find_quote("border […] migration […] zebra", "border", text).verdict == "not-found"


def test_every_found_quote_equals_its_part_of_the_text(register, client, tmp_path, source_text):
    slug = "financial-and-technical-assistance"
    keep(source_text, source=slug)
    count = 0
    for model in public_models():
        for document in client.get(f"/api/v1/{model.collection}/?page_size=100").json()["results"]:
            for claim in document.get("claims", ()):
                evidence = claim["evidence"]
                assert evidence["verdict"] == "verbatim"
                is_part(claim["quote"], source_text[evidence["start"] : evidence["end"]])
                count += 1
    assert count == 149
    write_database(tmp_path / "register.sqlite")
    with sqlite3.connect(tmp_path / "register.sqlite") as database:
        rows = database.execute("SELECT quote, evidence_start, evidence_end FROM claim").fetchall()
    assert len(rows) == count
    for quote, start, end in rows:
        is_part(quote, source_text[start:end])
    assert is_clean()


def is_part(quote, passage):
    """Assert that ``found`` is ``quote``, with any words where some are left out."""
    passage = " ".join(passage.split()).replace("’", "'")
    for part in " ".join(quote.split()).replace("’", "'").split("[…]"):
        assert part.strip() in passage
    first, *_, last = quote.replace("’", "'").replace("[…]", "").split()
    assert passage.startswith(first)
    assert passage.endswith(last)


def test_imported_claim_that_is_not_found_needs_a_reason(project, staff, uploads):
    keep()
    rows = "project_slug,field,as_stated,quote,source_slug\nnexus,status,ends,Nexus ends there.,paper\n"
    batch = uploaded(User.objects.get(), rows.encode(), "projects-claims.csv")
    [item] = batch.items.all()
    assert "has no sentence “Nexus ends there.”" in " ".join(item.notes)
    assert "The nearest is" in " ".join(item.notes)
    assert lifecycle.confirm(batch, batch.user).endswith("Nothing was written.")
    assert lifecycle.confirm(batch, batch.user, reason="It was read in print.") == ""


def test_proposal_of_a_quote_that_is_not_found_is_accepted_with_a_comment(project, client):
    keep()
    client.force_login(somebody("editor"))
    page = address(Project, "change", "nexus")
    typed = {"provenance-claim-content_type-object_id-0-quote": "Nexus costs EUR 3 million."}
    confirm(client, client.post(page, filled(client.get(page)) | typed))
    proposal = Proposal.objects.get()
    client.force_login(User.objects.create_superuser("anna"))
    assert "The nearest is" in client.get(address(Proposal, "change", proposal.pk)).content.decode()
    with pytest.raises(ValidationError, match="its sentence is not there"):
        review.accept(User.objects.get(username="anna"), proposal, None, None)
    review.accept(User.objects.get(username="anna"), proposal, None, None, comment="It was read in print.")
    assert Claim.objects.get(field="budget").not_found


# -- What needs a reason --


def test_quote_that_is_not_found_is_published_with_a_reason_only(project):
    keep()
    with pytest.raises(ValidationError, match="has no sentence “It all costs EUR 3 million.”"):
        plant("It all costs EUR 3 million.", reason="")
    assert plant("It all costs EUR 3 million.") == 1
    Project.objects.update(acronym="NX")
    assert record(Project, ["nexus"], user_name="maker") == 1  # known since


def test_newer_text_without_the_quote_needs_a_reason(project):
    keep()
    with pytest.raises(ValidationError, match="has no sentence"):
        keep("Something else.", reason="")
    keep("Something else.")
    assert "Read" not in Revision.objects.filter(key="nexus").first().reason
    assert is_clean()


def test_form_names_the_nearest_sentence_and_asks_why(project, staff):
    keep()
    page = address(Project, "change", "nexus")
    prefix = "provenance-claim-content_type-object_id-0"
    typed = {f"{prefix}-quote": "Nexus began in 2012 and costs EUR 3 million."}
    preview = staff.post(page, filled(staff.get(page)) | typed)
    words = preview.content.decode()
    assert "The nearest is “Nexus started in 2012 and costs EUR 3 million.”" in words
    assert confirm(staff, preview).status_code == 302
    assert Project.objects.get().revision.reason == "Because."
    assert "does not stand in the text of its source" in staff.get(page).content.decode()
    assert "EUR 3 million (not found in its source)" in staff.get(page).content.decode()


def test_nearest_sentence_is_the_one_with_most_of_the_words():
    assert nearest("Moldova takes no part.", TEXT) == "Moldova takes part."
    assert nearest("Xyz.", TEXT) is None
    assert nearest("", TEXT) is None


# -- Texts that are not here --


def test_verdict_stays_when_the_text_is_gone(project, client):
    keep()
    evidence = in_api(client)
    Edition.objects.all().delete()
    assert is_clean()
    update(Project, "nexus", acronym="NX")
    assert in_api(client) == evidence
    plant("It costs EUR 3 million.")
    assert in_api(client) == evidence | {"verdict": "no-text", "start": None, "end": None}


def test_dump_brings_its_verdicts_and_no_text(register, tmp_path, source_text, client):
    keep(source_text, source="financial-and-technical-assistance")
    lines = dump(tmp_path / "register.ndjson")
    before = client.get("/api/v1/projects/enigmma/").json()
    empty()
    import_file(tmp_path / "register.ndjson", user_name="maker", reason="Restored.")
    assert not Edition.objects.exists()
    assert client.get("/api/v1/projects/enigmma/").json() == before
    assert is_clean()
    assert dump(tmp_path / "again.ndjson") == lines


def test_text_that_was_withdrawn_is_not_searched_though_a_process_has_it_in_memory(project, staff):
    keep()
    page, prefix = address(Project, "change", "nexus"), "provenance-claim-content_type-object_id-0"
    typed = {f"{prefix}-quote": "Nexus began in 2012 and costs EUR 3 million."}
    confirm(staff, staff.post(page, filled(staff.get(page)) | typed))
    texts.withdraw(
        somebody("publisher"), Source.objects.get(pk="paper"), Edition.objects.get(), "A court asked for it."
    )
    words = staff.post(page, filled(staff.get(page)) | {f"{prefix}-place": "page 2"}).content.decode()
    assert "has no sentence “Nexus began in 2012" in words
    assert "Nexus started in 2012" not in words
    assert is_clean()


# -- Registers of before --


def test_migration_gives_claims_their_evidence_once(project, client):
    old = Revision.objects.filter(key="nexus").first()
    with register_lock():
        digest = editions.keep("paper", TEXT.encode(), TEXT, timezone.localdate(), User(username="maker"))
        Source.objects.filter(pk="paper").update(edition=digest)
    migration = import_module("projects.migrations.0016_claims_have_evidence")
    migration.record_anew(apps, None)
    assert in_api(client)["verdict"] == "verbatim"
    new = Revision.objects.filter(key="nexus").first()
    assert (new.reason, new.previous_digest) == (migration.REASON, old.digest)
    count = Revision.objects.count()
    migration.record_anew(apps, None)
    assert Revision.objects.count() == count


# -- Addresses --


def test_each_claim_has_an_address_on_the_page_of_its_source(register, client, source_text):
    keep(source_text, source="financial-and-technical-assistance")
    seen = set()
    for collection in ("projects", "countries"):
        for document in at_least_one(client.get(f"/api/v1/{collection}/").json()["results"]):
            for claim in document["claims"]:
                path, _, fragment = claim["url"].partition("#")
                page = client.get(path, follow=True)
                assert f'id="{fragment}"' in page.content.decode()
                assert claim["url"] not in seen
                seen.add(claim["url"])
