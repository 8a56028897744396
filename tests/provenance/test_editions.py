"""A newer text of a source waits until it is compared and used; one that is withdrawn leaves only its digest."""

import hashlib
import re
from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from projects.models import Project
from provenance.models import AuditEntry, Edition, Proposal, Revision, Source
from provenance.store import audit, editions
from provenance.store.database import register_lock
from provenance.store.integrity import check_register
from provenance.store.log import document_of
from provenance.workflow import review, texts
from tests.support.records import record, update
from tests.support.shown import in_single_spaces
from tests.support.staff import somebody

pytestmark = pytest.mark.django_db
SLUG = "financial-and-technical-assistance"
ADMIN = f"/admin/provenance/source/{SLUG}/text/"


def sent(client, text="", day="2026-11-24", **more):
    """Send a text, and return the page that follows."""
    return in_single_spaces(
        client.post(ADMIN, {"text": text, "read_date": day, "reason": "Read.", **more}, follow=True)
    )


def did(client, deed, edition, reason="Compared."):
    return in_single_spaces(client.post(f"{ADMIN}{edition.pk}/", {"deed": deed, "reason": reason}, follow=True))


def verdicts():
    """Return ``{verdict: number of claims}`` of the newest documents."""
    counts = {}
    for project in Project.objects.select_related("revision"):
        for claim in document_of(project.revision)["claims"]:
            verdict = (claim["evidence"] or {}).get("verdict")
            counts[verdict] = counts.get(verdict, 0) + 1
    return counts


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


def test_newer_text_changes_nothing_until_it_is_used(chief, source_text):
    sent(chief, source_text)
    before = Revision.objects.count()
    page = sent(chief, changed(source_text), "2026-11-28")
    assert Revision.objects.count() == before
    assert Source.objects.get().edition == hashlib.sha256(source_text.encode()).hexdigest()
    old, new = Edition.objects.order_by("pk")
    assert "Compared with the text read on 24" in page
    for words in ("claims moved", "claims reworded", "claims gone", "The project lasted from 2010 to 2014."):
        assert words in page
    assert ">Targeted Initiative</a>" in page
    assert ">targeted-initiative</a>" not in page
    assert 'data-label="First and last seen">24 Nov 2026</td>' in page  # by one text: one day, not a period
    assert "waits to be compared" in in_single_spaces(chief.get(ADMIN))
    assert did(chief, "use", new, reason=" ").count("Please give a reason")
    assert Source.objects.get().edition == old.digest
    page = did(chief, "use", new)
    assert Source.objects.get().edition == new.digest
    assert "Propose the new wordings" in page
    assert verdicts()["verbatim"] + verdicts()["not-found"] == sum(verdicts().values())
    assert verdicts()["not-found"] > 0
    call_command("check_register")


def test_text_in_use_is_compared_with_the_one_in_use_before_it_whatever_was_kept_between(chief, source_text):
    sent(chief, source_text)
    sent(chief, "A text that nobody used.", "2026-11-25")
    sent(chief, changed(source_text), "2026-11-26")
    new, unused, old = Edition.objects.order_by("-pk")
    did(chief, "propose", new)
    assert not Proposal.objects.exists()  # it is not in use yet
    page = did(chief, "use", new)
    assert editions.before(new).pk == old.pk != unused.pk
    assert "0 claims still there" not in page


def test_reworded_values_become_proposals_with_both_claims(chief, source_text):
    sent(chief, source_text)
    sent(chief, changed(source_text), "2026-11-28")
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
                User.objects.get(username="anna"), proposal,
                {place["name"] for place in places if place["is_effective"]}, str(now.revision_id), "Newer text.",
            )  # fmt: skip
    assert Project.objects.get(pk="enigmma").budget_amount == 17_000_000
    assert "Nothing was proposed" in did(chief, "propose", new) or Proposal.objects.filter(outcome="waiting").exists()
    call_command("check_register")


def test_new_wording_that_breaks_a_rule_is_named_once(chief, source_text):
    sent(chief, source_text)
    sent(chief, source_text.replace("EUR 1.716.000 from the ENI", "EUR 9.716.000 from the ENI"), "2026-11-28")
    did(chief, "use", Edition.objects.first())
    assert did(chief, "propose", Edition.objects.first()).count("The contributions add up to EUR 9,716,000.00") == 1
    assert not Proposal.objects.exists()


def test_what_one_reworded_sentence_states_is_accepted_together_or_not_at_all(chief, source_text):
    sent(chief, source_text)
    sent(chief, changed(source_text), "2026-11-28")
    did(chief, "use", Edition.objects.first())
    did(chief, "propose", Edition.objects.first())
    page = f"/admin/provenance/proposal/{Proposal.objects.get(key='enigmma').pk}/change/"
    context = chief.get(page).context
    names = [place["name"] for place in context["places"]]
    assert set(names) == {"budget", "contributions"}
    form = {"decision": "accept", "seen": context["now"].pk, "comment": "Newer text."}
    for half in names:
        assert "are stated by one sentence, which has changed." in in_single_spaces(
            chief.post(page, form | {"place": half})
        )
    assert Project.objects.get(pk="enigmma").budget_amount == 16_000_000
    assert "The proposal was accepted." in in_single_spaces(chief.post(page, form | {"place": names}, follow=True))
    project = Project.objects.get(pk="enigmma")
    assert project.budget_amount == project.contributions.get().amount == 17_000_000


def test_of_many_claims_that_are_gone_the_first_are_open_and_the_rest_folded(chief, source_text):
    sent(chief, source_text)
    page = sent(chief, "Nothing of it is left.", "2026-11-28")
    [count] = re.findall(r"<h3>(\d+) gone</h3>", page)
    open_rows, folded = page.split("<details> <summary>All others: ")
    assert open_rows.count('<th scope="row">') == 5
    assert folded.startswith(f"{int(count) - 5}</summary>")


def test_editor_proposes_reworded_values_of_published_records(chief, source_text):
    sent(chief, source_text)
    sent(chief, changed(source_text), "2026-11-28")
    new = Edition.objects.first()
    did(chief, "use", new)
    chief.force_login(somebody("editor"))
    assert "They wait for a publisher." in did(chief, "propose", new)
    assert document_of(Proposal.objects.get(key="enigmma"))["budget"]["amount"] == "17000000.00"
    assert Project.objects.get(pk="enigmma").budget_amount == 16_000_000


REWORDED = [
    (
        "georgia-targeted-initiative", "funded by EU (EUR 3 millions)", "funded by EU (EUR 4 millions)",
        "contributions", [("european-union", "TPMA", "4000000.00")],
    ),
    (
        "bagratashen-sadakhlo-ibm", "EUR 1.716.000 from the ENI", "EUR 1.717.000 from the ENI",
        "contributions", [("european-union", "ENI", "1717000.00")],
    ),
    (
        "enigmma", "funded by the EU under the ENI for EUR 16", "funded by the EU under the GPGC for EUR 17",
        "contributions", [("european-union", "GPGC", "17000000.00")],
    ),
    (
        "nexus", "and the Swiss Agency for Development and Cooperation.", "and the Czech Republic.",
        "contributions", [("european-union", "TPMA", None), ("czech-republic", None, None)],
    ),
    ("armenia-targeted-initiative", "It is led by France and", "It is led by IOM and", "organisations", ["iom"]),
    ("georgia-targeted-initiative", "was led by the Czech", "was headed by the Czech", "organisations",
     ["czech-republic"]),
    ("enigmma", "the project ENIGMMA, on", "the project ENIGMMA 2, on", "title",
     "ENIGMMA 2, on Georgia's Capacities for Border Management and Migration"),
    ("azerbaijan-targeted-initiative", "Component 4: asylum", "Component 4: refugees", "components",
     ["migration policy", "legal migration", "document security", "refugees", "reintegration"]),
    ("bagratashen-sadakhlo-ibm", "Management Project with Armenia", "Management Project with Georgia", "countries",
     ["GE"]),
    ("cmba", "in Azerbaijan (CMBA)", "in Azerbaijan (CMB)", "acronym", "CMB"),
    ("georgia-targeted-initiative", "Initiative under the EU-Georgia", "Initiative under the EU-Armenia", "partnerships",
     ["eu-armenia-mobility-partnership"]),
]  # fmt: skip


def test_reworded_names_and_contributions_become_proposals(chief, source_text):
    newer = source_text
    for _, old, new, *_ in REWORDED:
        assert newer.count(old) == 1
        newer = newer.replace(old, new)
    sent(chief, source_text)
    sent(chief, newer, "2026-11-28")
    did(chief, "use", Edition.objects.first())
    assert "Proposals were made for" in did(chief, "propose", Edition.objects.first())
    for key, *_, member, value in REWORDED:
        proposed = document_of(Proposal.objects.get(kind="project", key=key))[member]
        if member == "contributions":
            proposed = [
                (each["funder"]["slug"], (each["instrument"] or {}).get("code"), each["amount"]) for each in proposed
            ]
        elif isinstance(proposed, list):
            proposed = [each.get("slug") or each.get("code") or each["title"] for each in proposed]
        assert proposed == value, (key, member)
    others = Proposal.objects.filter(kind="organisation")  # whose sentence names another one now: they keep their names
    assert all(document_of(each)["name"] == document_of(each.base)["name"] for each in others)
    assert "already proposed" in did(chief, "propose", Edition.objects.first())


def test_text_that_waits_or_is_not_shown_dates_no_sentence(chief, source_text):
    sent(chief, source_text)
    assert "First seen" not in in_single_spaces(chief.get(f"/sources/{SLUG}/"))
    sent(chief, changed(source_text), "2026-11-28")
    update(Source, SLUG, text_shown="quotes")
    page = in_single_spaces(chief.get(f"/sources/{SLUG}/"))
    assert "First seen 24 November 2026, last seen 24 November 2026." in page
    assert "28 November 2026" not in page


def test_withdrawn_text_leaves_digest_verdicts_and_reason(chief, source_text):
    sent(chief, file=SimpleUploadedFile("a.txt", source_text.encode()))
    update(Source, SLUG, text_shown="text")
    assert chief.get(f"/sources/{SLUG}/text/").status_code == 200
    edition, before = Edition.objects.get(), verdicts()
    assert did(chief, "withdraw", edition, reason="").count("Please give a reason") == 1
    page = did(chief, "withdraw", edition, reason="A court of law says so.")
    assert "A court of law says so." in page
    edition.refresh_from_db()
    assert (edition.text, edition.file, edition.withdrawn_by) == ("", None, "anna")
    assert edition.digest == hashlib.sha256(source_text.encode()).hexdigest()
    assert chief.get(f"{ADMIN}{edition.pk}/file/").status_code == 404
    assert chief.get(f"/sources/{SLUG}/text/").status_code == 404
    page = in_single_spaces(chief.get(f"/sources/{SLUG}/"))
    assert "Withdrawn: A court of law says so." in page
    assert edition.digest in page
    assert "Found in the text, word for word." in page
    assert chief.get(f"/api/v1/sources/{SLUG}/").json()["text_withdrawn"] == "A court of law says so."
    record(Project, ["nexus"], user_name="tester")
    assert verdicts() == before
    call_command("check_register")
    assert "This text was withdrawn, and is not kept again" in sent(chief, source_text)
    sent(chief, changed(source_text))
    did(chief, "use", Edition.objects.first())
    assert Source.objects.get().text_withdrawn == ""


@pytest.mark.parametrize("first", ["use", "withdraw"])
def test_text_withdrawn_while_a_colleague_takes_it_into_use_is_never_in_use_in_silence(chief, source_text, first):
    sent(chief, source_text)
    sent(chief, changed(source_text))
    user, read_before = User.objects.get(username="anna"), (Source.objects.get(), Edition.objects.first())
    if first == "withdraw":
        texts.withdraw(user, Source.objects.get(), Edition.objects.first(), "A court says so.")
        with pytest.raises(ValidationError, match="withdrawn already"):
            texts.use(user, *read_before, "Newer.")
        assert Source.objects.get().edition == hashlib.sha256(source_text.encode()).hexdigest()
    else:
        texts.use(user, Source.objects.get(), Edition.objects.first(), "Newer.")
        texts.withdraw(user, *read_before, "A court says so.")
        assert Source.objects.get().text_withdrawn == "A court says so."
    assert list(check_register()) == []


def test_text_kept_while_a_colleague_keeps_the_first_is_not_in_use(chief, source_text):
    user, read_before = User.objects.get(username="anna"), Source.objects.get()
    sent(chief, source_text)
    newer = changed(source_text)
    texts.keep(user, read_before, newer.encode(), newer, date(2026, 11, 25), "Read.")
    assert Source.objects.get().edition == hashlib.sha256(source_text.encode()).hexdigest()


def test_withdrawal_of_a_text_that_is_not_in_use_leaves_the_one_in_use(chief, source_text):
    sent(chief, source_text)
    sent(chief, changed(source_text))
    did(chief, "withdraw", Edition.objects.first(), reason="A court says so.")
    assert Edition.objects.first().withdrawn == "A court says so."
    assert (Source.objects.get().text_withdrawn, list(check_register())) == ("", [])


def test_check_names_a_source_that_does_not_say_that_its_text_was_withdrawn(chief, source_text):
    sent(chief, source_text)
    with register_lock():
        editions.withdraw(Edition.objects.get(), "A court says so.", "anna")
    assert [fault for fault in check_register() if "the source does not say so" in fault]


def test_sentence_of_a_withdrawn_text_was_last_seen_in_it(chief, source_text):
    sent(chief, source_text)
    sent(chief, changed(source_text), "2026-11-28")
    did(chief, "use", Edition.objects.first())
    update(Source, SLUG, text_shown="quotes")
    days = re.compile(r"First seen 24 November 2026, last seen (\d+)")
    before = days.findall(in_single_spaces(chief.get(f"/sources/{SLUG}/")))
    assert {"24", "28"} == set(before)
    did(chief, "withdraw", Edition.objects.first())
    assert days.findall(in_single_spaces(chief.get(f"/sources/{SLUG}/"))) == before


def test_text_that_was_withdrawn_holds_nothing(chief):
    sent(chief, "Some words.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.update(withdrawn="Why", withdrawn_at=timezone.now())
    with pytest.raises(ValidationError):
        Edition.objects.get().save()


def test_changed_file_or_text_is_found_by_the_check(chief):
    sent(chief, file=SimpleUploadedFile("page.html", "<html><p>Some words.<p>The café’s others.".encode()))
    assert list(check_register()) == []
    edition = Edition.objects.get()
    for changes, finding in (
        ({"text": "Some words.\n\nThe café’s waiters."}, "its text was changed after it was kept"),
        ({"file": b"Other words."}, "its file was changed after it was kept"),
        ({"file": None}, "its file was changed after it was kept"),
        ({"file": b"Other", "digest": hashlib.sha256(b"Other").hexdigest()}, "its text was changed after it was kept"),
    ):
        Edition.objects.update(**{"text": edition.text, "file": edition.file, "digest": edition.digest} | changes)
        changed = Edition.objects.get()
        audit.note(None, audit.kept(changed), f"edition {changed.pk}")  # a later entry does not hide it
        assert finding in "".join(check_register()), changes


def test_text_kept_before_the_audit_log_had_texts_is_noted_by_migration(chief):
    sent(chief, "Some words.")
    sent(chief, "Other words.", "2026-11-25")
    did(chief, "withdraw", Edition.objects.last())
    kept = list(AuditEntry.objects.order_by("id").values_list("deed", "about"))
    AuditEntry.objects.all()._raw_delete("default")
    assert "".join(check_register()).count("its text was changed after it was kept") == 1
    audit.note(None, "signed in", "user 1")
    migration = import_module("provenance.migrations.0023_texts_in_the_audit_log")
    migration.note(apps, SimpleNamespace(connection=connection))
    entries = AuditEntry.objects.order_by("id").values_list("deed", "about")
    assert list(entries) == [("signed in", "user 1"), kept[1]]
    assert list(check_register()) == []


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
    assert client.post(f"{ADMIN}{edition.pk}/", {"deed": "none", "reason": "x"}).status_code == 400
    client.force_login(somebody("viewer", name="vera"))
    for deed in ("use", "withdraw", "propose"):
        assert client.post(f"{ADMIN}{edition.pk}/", {"deed": deed, "reason": "x"}).status_code == 403


def test_proposed_text_is_shown_in_words_and_accepted_as_one(client, register, source_text):
    client.force_login(User.objects.create_superuser("anna"))
    sent(client, source_text)
    update(Source, SLUG, text_shown="text")
    client.force_login(somebody("editor"))
    sent(client, changed(source_text), "2026-11-28")
    did(client, "use", Edition.objects.first())
    client.force_login(User.objects.get(username="anna"))
    proposal = Proposal.objects.get()
    where = f"/admin/provenance/proposal/{proposal.pk}/change/"
    response = client.get(where)
    [place] = response.context["places"]
    assert place["mine"] == [f"Text read on 28 Nov 2026 (SHA-256 {Edition.objects.first().digest[:16]}…)"]
    page = in_single_spaces(response)
    for words in ("claims still there", "claims reworded", "See what changes in it", "as soon as you accept it"):
        assert words in page
    sending = {"decision": "accept", "place": place["name"], "seen": Source.objects.get().revision_id}
    client.post(where, sending | {"comment": "Compared."})
    source = Source.objects.get()
    assert (source.edition, str(source.read_date)) == (Edition.objects.first().digest, "2026-11-28")


def test_same_text_on_a_later_day_gives_the_source_that_day(chief, source_text):
    sent(chief, source_text)
    update(Source, SLUG, text_shown="quotes")
    assert "This is the text in use, read on 2026-11-24." in sent(chief, source_text)
    assert "was read again, with the same text" in sent(chief, source_text, "2026-11-28")
    assert (Edition.objects.count(), str(Source.objects.get().read_date)) == (1, "2026-11-28")
    assert "First seen 24 November 2026, last seen 28 November 2026." in in_single_spaces(
        chief.get(f"/sources/{SLUG}/")
    )
    sent(chief, changed(source_text), "2026-11-28")
    assert "This text is already here, as read on 28 Nov 2026." in sent(chief, changed(source_text), "2026-11-29")
    call_command("check_register")


def test_text_that_becomes_public_at_once_is_announced(chief, source_text):
    update(Source, SLUG, text_shown="text")
    assert "readers see it as soon as you save it here" in in_single_spaces(chief.get(ADMIN))
    sent(chief, source_text)
    assert "readers see a newer one as soon as somebody uses it" in in_single_spaces(chief.get(ADMIN))
    assert "readers see this one at once" in sent(chief, changed(source_text), "2026-11-28")


def test_first_text_of_a_published_source_needs_a_reason_and_a_newer_one_gets_it_later(chief):
    page = sent(chief, "Some words.", reason=" ")
    assert "Please give a reason." in page
    assert not Edition.objects.exists()
    sent(chief, "Some words.")
    assert Revision.objects.of(Source, SLUG).first().reason == "Read."
    assert 'name="reason"' not in in_single_spaces(chief.get(ADMIN))


def test_withdrawn_text_is_not_asked_for_again_beside_a_form(chief, source_text):
    sent(chief, source_text)
    did(chief, "withdraw", Edition.objects.get(), "A court says so.")
    page = in_single_spaces(chief.get(f"/admin/projects/project/add/?default_source={SLUG}"))
    assert "The text of this source was withdrawn: A court says so." in page
    assert "Add its text" not in page


def test_viewer_is_told_who_may_change_a_text(client, register):
    client.force_login(User.objects.create_superuser("anna"))
    sent(client, "Some words.")
    client.force_login(somebody("viewer"))
    for where in (ADMIN, f"{ADMIN}{Edition.objects.get().pk}/"):
        page = in_single_spaces(client.post(where, {"deed": "use", "reason": "x"}))
        assert "Only publishers may change published records." in page
        assert "creates its" not in page


def test_field_with_a_nul_character_is_named(chief):
    response = chief.post(ADMIN, {"text": "Some\0words", "read_date": "2026-11-24"})
    assert response.status_code == 400
    assert "“Text” contains a NUL character. Nothing was saved." in in_single_spaces(response)


def test_day_that_has_not_come_is_refused(chief, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 30))
    for day in ("9999-12-31", "2026-12-02"):
        assert "This day has not come yet." in sent(chief, "Some words.", day)
    assert not Edition.objects.exists()
    sent(chief, "Some words.", "2026-12-01")  # today, where the day begins first
    assert str(Edition.objects.get().read_date) == "2026-12-01"
    with register_lock(), pytest.raises(ValidationError):
        Edition.objects.get().clean_fields() or Source(slug="x", title="x", read_date="9999-12-31").full_clean()


def test_source_says_who_answers_for_it(chief):
    update(Source, SLUG, contact="Unit B.3, European Commission", reason="Asked.")
    assert "Unit B.3, European Commission" in in_single_spaces(chief.get(f"/sources/{SLUG}/"))
    assert chief.get(f"/api/v1/sources/{SLUG}/").json()["contact"] == "Unit B.3, European Commission"
