"""A newer text of a source waits until it is compared and used; one that is withdrawn leaves only its digest."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from projects.models import Project
from provenance.models import Edition, Proposal, Revision, Source
from provenance.store import editions
from provenance.store.integrity import RegisterCheck
from provenance.store.lock import register_lock
from provenance.store.log import document_of
from provenance.workflow import review
from tests.support.records import record
from tests.support.staff import somebody

pytestmark = pytest.mark.django_db
SLUG = "financial-and-technical-assistance"
ADMIN = f"/admin/provenance/source/{SLUG}/text/"


@pytest.fixture
def text():
    if not (path := os.environ.get("SOURCE_TEXT")):
        pytest.skip("SOURCE_TEXT names no file: the text that the fixtures quote.")
    return Path(path).read_text(encoding="utf-8")


@pytest.fixture
def chief(client, register):
    client.force_login(User.objects.create_superuser("anna"))
    return client


def sent(client, text="", day="2026-11-24", **more):
    """Send a text, and return the page that follows."""
    return shown(client.post(ADMIN, {"text": text, "read_date": day, "reason": "Read.", **more}, follow=True))


def did(client, deed, edition, reason="Compared."):
    return shown(client.post(f"{ADMIN}{edition.pk}/", {"deed": deed, "reason": reason}, follow=True))


def shown(response):
    return " ".join(response.content.decode().split())


def verdicts():
    """Return ``{verdict: number of claims}`` of the newest documents."""
    found = {}
    for project in Project.objects.select_related("revision"):
        for claim in document_of(project.revision)["claims"]:
            verdict = (claim["evidence"] or {}).get("verdict")
            found[verdict] = found.get(verdict, 0) + 1
    return found


def changed(text):
    """Return a newer text: an end year and a sum changed, a word changed, a sentence moved, and one deleted."""
    moved = "It was led by the Swedish Public Employment Service in cooperation with the Moldovan National Employment Agency."
    for old, new in (
        ("The project lasted from 2010 to 2013.", "The project lasted from 2010 to 2014."),
        ("for EUR 16 million", "for EUR 17 million"),
        ("It is led by France and aims", "It is led by France and seeks"),
        (f" {moved}", ""),
        (" It started in February 2009 and ended in January 2012.", ""),
    ):
        assert old in text
        text = text.replace(old, new)
    return f"{text}\n\n{moved}"


def test_newer_text_changes_nothing_until_it_is_used(chief, text):
    sent(chief, text)
    before = Revision.objects.count()
    page = sent(chief, changed(text), "2026-11-28")
    assert Revision.objects.count() == before
    assert Source.objects.get().edition == hashlib.sha256(text.encode()).hexdigest()
    old, new = Edition.objects.order_by("pk")
    assert "Compared with the text read on 24" in page
    for words in ("claims moved", "claims reworded", "claims gone", "The project lasted from 2010 to 2014."):
        assert words in page
    assert "waits to be compared" in shown(chief.get(ADMIN))
    assert did(chief, "use", new, reason=" ").count("Please give a reason")
    assert Source.objects.get().edition == old.digest
    page = did(chief, "use", new)
    assert Source.objects.get().edition == new.digest
    assert "Propose the new wordings" in page
    assert verdicts()["verbatim"] + verdicts()["not-found"] == sum(verdicts().values())
    assert verdicts()["not-found"] > 0
    call_command("check_register")


def test_text_in_use_is_compared_with_the_one_in_use_before_it_whatever_was_kept_between(chief, text):
    sent(chief, text)
    sent(chief, "A text that nobody used.", "2026-11-25")
    sent(chief, changed(text), "2026-11-26")
    new, unused, old = Edition.objects.order_by("-pk")
    did(chief, "propose", new)
    assert not Proposal.objects.exists()  # it is not in use yet
    page = did(chief, "use", new)
    assert editions.before(new).pk == old.pk != unused.pk
    assert "0 claims still there" not in page


def test_reworded_values_become_proposals_with_both_claims(chief, text):
    sent(chief, text)
    sent(chief, changed(text), "2026-11-28")
    new = Edition.objects.first()
    did(chief, "use", new)
    revisions = Revision.objects.count()
    page = did(chief, "propose", new)
    assert "They wait for a publisher." in page
    assert Revision.objects.count() == revisions
    proposals = {proposal.key: proposal for proposal in Proposal.objects.all()}
    document = document_of(proposals["georgia-targeted-initiative"])
    assert document["end_date"]["value"] == "2014"
    stated = {claim["as_stated"]: claim for claim in document["claims"] if claim["field"] == "end_date"}
    assert stated["2013"]["status"] == "earlier"
    assert (stated["2014"]["status"], stated["2014"]["reading"]) == ("adopted", "as-value")
    assert stated["2014"]["evidence"]["verdict"] == "verbatim"
    assert document_of(proposals["enigmma"])["budget"] == {"amount": "17000000.00", "currency": "EUR"}
    chief.get(f"/admin/provenance/proposal/{proposals['enigmma'].pk}/change/")
    for proposal in proposals.values():
        places = [place for place in chief.get(f"/admin/provenance/proposal/{proposal.pk}/change/").context["places"]]
        now = Project.objects.filter(pk=proposal.key).first()
        if now and places:
            review.accept(
                User.objects.get(username="anna"), review.waiting(str(proposal.pk)),
                {place["name"] for place in places if place["is_effective"]}, str(now.revision_id), "Newer text.",
            )  # fmt: skip
    assert Project.objects.get(pk="enigmma").budget_amount == 17_000_000
    assert "Nothing was proposed" in did(chief, "propose", new) or Proposal.objects.filter(outcome="waiting").exists()
    call_command("check_register")


def test_first_and_last_day_of_a_sentence(chief, text):
    sent(chief, text)
    sent(chief, changed(text), "2026-11-28")
    did(chief, "use", Edition.objects.first())
    Source.objects.update(text_shown="quotes")
    record(Source, [SLUG], user_name="tester")
    page = shown(chief.get(f"/sources/{SLUG}/"))
    assert "First seen 24 November 2026, last seen 28 November 2026." in page
    assert "First seen 24 November 2026, last seen 24 November 2026." in page


def test_withdrawn_text_leaves_digest_verdicts_and_reason(chief, text):
    sent(chief, file=SimpleUploadedFile("a.txt", text.encode()))
    Source.objects.update(text_shown="text")
    record(Source, [SLUG], user_name="tester")
    assert chief.get(f"/sources/{SLUG}/text/").status_code == 200
    edition, found = Edition.objects.get(), verdicts()
    assert did(chief, "withdraw", edition, reason="").count("Please give a reason") == 1
    page = did(chief, "withdraw", edition, reason="A court of law says so.")
    assert "A court of law says so." in page
    edition.refresh_from_db()
    assert (edition.text, edition.file, edition.withdrawn_by) == ("", None, "anna")
    assert edition.digest == hashlib.sha256(text.encode()).hexdigest()
    assert chief.get(f"{ADMIN}{edition.pk}/file/").status_code == 404
    assert chief.get(f"/sources/{SLUG}/text/").status_code == 404
    page = shown(chief.get(f"/sources/{SLUG}/"))
    assert "Withdrawn: A court of law says so." in page
    assert edition.digest in page
    assert "Stands in the text, word for word." in page
    assert chief.get(f"/api/v1/sources/{SLUG}/").json()["text_withdrawn"] == "A court of law says so."
    record(Project, ["nexus"], user_name="tester")
    assert verdicts() == found
    call_command("check_register")
    assert "This text was withdrawn, and is not kept again" in sent(chief, text)
    sent(chief, changed(text))
    did(chief, "use", Edition.objects.first())
    assert Source.objects.get().text_withdrawn == ""


def test_text_that_was_withdrawn_holds_nothing(chief):
    sent(chief, "Some words.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.update(withdrawn="Why", withdrawn_at=timezone.now())
    with pytest.raises(ValidationError):
        Edition.objects.get().save()


def test_changed_file_is_found_by_the_check(chief):
    sent(chief, "Some words.")
    assert list(RegisterCheck().findings()) == []
    Edition.objects.update(file=b"Other words.")
    assert "its file was changed after it was kept" in "".join(RegisterCheck().findings())


def test_file_is_served_to_staff_only_and_as_an_attachment(chief, client):
    page = b"<html><body><script>alert(1)</script><p>It started in 2010.</p></body></html>"
    sent(chief, file=SimpleUploadedFile("../../a.html", page, "text/html"))
    where = f"{ADMIN}{Edition.objects.get().pk}/file/"
    answer = chief.get(where)
    assert answer.content == page
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{SLUG}-2026-11-24.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert chief.get(where.replace("/file/", "9/file/")).status_code == 404
    assert chief.get(f"{ADMIN}{2**70}/").status_code == 404
    client.force_login(somebody("viewer"))
    assert client.get(where).status_code == 200
    client.logout()
    assert client.get(where).status_code == 302


def test_editor_proposes_the_use_of_a_text_and_withdraws_none(client, register):
    client.force_login(User.objects.create_superuser("anna"))
    sent(client, "The first text.")
    client.force_login(somebody("editor"))
    page = sent(client, "The second text.")
    assert "Propose this text" in page
    assert "Withdraw this text" not in page
    edition = Edition.objects.first()
    did(client, "use", edition)
    assert document_of(Proposal.objects.get())["edition"] == edition.digest
    assert Source.objects.get().edition != edition.digest
    assert "Only publishers" in did(client, "withdraw", edition, "Why not.")
    assert Edition.objects.exclude(withdrawn="").count() == 0
    client.force_login(somebody("viewer", name="vera"))
    for deed in ("use", "withdraw", "propose"):
        assert client.post(f"{ADMIN}{edition.pk}/", {"deed": deed, "reason": "x"}).status_code == 403


def test_day_that_has_not_come_is_refused(chief):
    tomorrow = timezone.localdate() + timedelta(days=1)
    for day in ("9999-12-31", str(tomorrow + timedelta(days=1))):
        assert "This day has not come yet." in sent(chief, "Some words.", day)
    assert not Edition.objects.exists()
    sent(chief, "Some words.", str(tomorrow))
    assert Edition.objects.get().read_date == tomorrow
    with register_lock(), pytest.raises(ValidationError):
        Edition.objects.get().clean_fields() or Source(slug="x", title="x", read_date="9999-12-31").full_clean()


def test_source_says_who_answers_for_it(chief):
    Source.objects.update(contact="Unit B.3, European Commission")
    record(Source, [SLUG], user_name="tester", reason="Asked.")
    assert "Unit B.3, European Commission" in shown(chief.get(f"/sources/{SLUG}/"))
    assert chief.get(f"/api/v1/sources/{SLUG}/").json()["contact"] == "Unit B.3, European Commission"
