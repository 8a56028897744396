"""The text of a source is kept, and every quote is looked for in it."""

import hashlib
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from projects.models import Project
from provenance.documents.quotes import NO_TEXT, NOT_FOUND, VERBATIM, find_quote
from provenance.files.texts import text_of
from provenance.models import Claim, Edition, Proposal, Source
from tests.support.records import record, update
from tests.support.shown import in_single_spaces
from tests.support.staff import somebody

SLUG = "financial-and-technical-assistance"
PAGE = f"/sources/{SLUG}/"
ADMIN = f"/admin/provenance/source/{SLUG}/text/"
TEXT = (
    "A title\n\nIt started in 2010 – and the EU’s share\nis EUR 3 million. It was led by France.\n\n"
    "  • The first item ends here.\n  • The second item ends there, in 2012.\n"
)


# -- Looking for a quote. --


@pytest.mark.parametrize(
    "quote",
    [
        "It started in 2010",
        "It  started\nin 2010",
        "started in 2010 - and the EU's share is EUR 3 million.",
        "It started in 2010 […] led by France.",
        "It started […] EUR 3 million. […] France.",
        "It started [...] France.",
        "The second item ends there",
    ],
)
def test_quote_that_stands_in_the_text_is_found_where_it_stands(quote):
    place = find_quote(quote, quote.split("[")[0], TEXT)
    assert place.verdict == VERBATIM
    first, last = quote.split()[0], quote.split()[-1]
    assert TEXT[place.start : place.end].startswith(first)
    assert TEXT[place.start : place.end].endswith(last)


@pytest.mark.parametrize(
    ("quote", "as_stated"),
    [
        ("It started in 2011", "2011"),  # a changed word
        ("It was led by France. The first item ends here.", "France"),  # over two paragraphs
        ("A title It started in 2010", "2010"),
        ("It was led by France. […] The first item", "France"),
        ("The first item […] in 2012.", "2012"),  # from one item of a list to the next
        ("EUR 3 million […] It started in 2010", "2010"),  # in another order
        ("It started in 2010", "2012"),  # as stated elsewhere
        ("Something else entirely.", "else"),  # from another source
        ("it started in 2010", "2010"),  # other capitals
        ("", ""),
        ("[…]", "…"),
    ],
)
def test_quote_that_does_not_stand_there_is_not_found(quote, as_stated):
    assert find_quote(quote, as_stated, TEXT) == (NOT_FOUND, None, None)


def test_first_place_may_be_in_a_paragraph_that_ends_too_soon():
    text = "One two.\n\nOne two three."
    place = find_quote("One […] three.", "One", text)
    assert text[place.start : place.end] == "One two three."


def test_quote_without_a_text_is_not_judged():
    assert find_quote("anything", "thing", None) == (NO_TEXT, None, None)


def test_combining_marks_and_other_scripts_are_found():
    text = text_of("Le programme a dure\u0301 3 ans. ההסכם נחתם ב-2012.".encode())
    assert find_quote("a dur\u00e9 3 ans", "3 ans", text).verdict == VERBATIM
    assert find_quote("ההסכם נחתם", "נחתם", text).verdict == VERBATIM


def test_long_quote_in_a_text_without_blanks():
    text = "x" * 200_000 + "y" * 10_000
    assert find_quote("y" * 10_000, "yy", text).end == 210_000
    assert find_quote("y" * 10_001, "yy", text).verdict == NOT_FOUND


# -- Keeping it. --


def sent(client, text="", **more):
    return client.post(ADMIN, {"text": text, "read_date": "2026-11-24", "reason": "Read.", **more}, follow=True)


def test_planted_faults_are_named(chief, source_text):
    planted = {
        "georgia-targeted-initiative": "The project lasted from 2010 to 2014.",
        "enigmma": "migration flows. Currently the Mobility Partnership",
        "nexus": "This stands in another text.",
    }
    for slug, quote in planted.items():
        Claim.objects.filter(pk=Claim.objects.filter(object_id=slug).first().pk).update(
            quote=quote, as_stated=quote.split()[-1]
        )
    record(Project, list(planted), user_name="tester", reason="Planted.")
    page = in_single_spaces(sent(chief, source_text))
    assert "146 of 149 quotes stand in the text" in page
    for slug, quote in planted.items():
        assert f"/projects/project/{slug}/change/" in page
        assert quote in page


def test_text_is_kept_with_its_digest_and_never_changes(chief):
    sent(chief, TEXT)
    edition = Edition.objects.get()
    assert (edition.digest, edition.user_name) == (hashlib.sha256(TEXT.encode()).hexdigest(), "anna")
    document = chief.get(f"/api/v1{PAGE}").json()
    assert (document["edition"], document["read_date"]) == (edition.digest, "2026-11-24")
    with pytest.raises(ValidationError):
        edition.save()
    sent(chief, TEXT)
    assert Edition.objects.count() == 1
    call_command("check_register")


def test_text_is_public_only_if_the_source_says_so(chief, client, source_text):
    sent(chief, source_text)
    client.logout()
    for shown_part, status in (("", 404), ("quotes", 404), ("text", 200)):
        update(Source, SLUG, text_shown=shown_part)
        page = in_single_spaces(client.get(PAGE))
        assert ("Found in the text, word for word." in page) == (status == 404)
        assert ("Skip to main content Migration" in page) == (status == 200)
        assert client.get(f"{PAGE}text/").status_code == status
    assert client.get(f"{PAGE}text/").content.decode().startswith("Skip to main content\nMigration")


def test_sentences_stand_in_the_order_of_the_text(chief, client, source_text):
    sent(chief, source_text)
    Source.objects.update(text_shown="quotes")
    Claim.objects.filter(object_id="nexus", field="title").update(quote="NEXUS is quoted wrongly.")
    record(Source, [SLUG], user_name="tester")
    record(Project, ["nexus"], user_name="tester", reason="Planted.")
    page = in_single_spaces(client.get(PAGE))
    marked = "ended in January 2012", "lasted from 2010 to 2013", "led by ICMPD"
    marks = [page.index(f"<mark>{words}") for words in marked]
    assert marks == sorted(marks)
    assert page.rindex("is quoted wrongly.") > max(marks)
    assert "Not found in the text of the source" in page


def test_bad_text_is_refused_and_nothing_is_kept(chief):
    for text, more in (("", {}), (TEXT, {"file": SimpleUploadedFile("a.txt", b"x")}), (TEXT, {"read_date": "never"})):
        assert "errorlist" in in_single_spaces(sent(chief, text, **more))
    pdf = SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")
    assert "The PDF is damaged." in in_single_spaces(sent(chief, file=pdf))
    assert not Edition.objects.exists()
    page = SimpleUploadedFile("a.html", b"<html><body><p>It started in 2010.</p></body></html>")
    sent(chief, file=page)
    assert Edition.objects.get().text == "It started in 2010."


def test_editor_proposes_the_text_of_a_published_source(client, register):
    client.force_login(somebody("editor"))
    assert "Propose this text" in in_single_spaces(client.get(ADMIN))
    sent(client, TEXT)
    assert Proposal.objects.get().key == SLUG
    assert Source.objects.get().edition == ""


def test_viewer_reads_and_sends_nothing(client, register):
    client.force_login(somebody("viewer"))
    assert "Save this text" not in in_single_spaces(client.get(ADMIN))
    assert client.post(ADMIN, {"text": TEXT, "read_date": "2026-11-24"}).status_code == 403
    assert not Edition.objects.exists()


def test_form_of_a_source_leads_to_its_text(chief):
    assert f'href="{ADMIN}"' in in_single_spaces(chief.get(ADMIN.replace("/text/", "/change/")))
    assert Edition(source_id=SLUG, read_date=date(2026, 11, 24)).__str__() == f"{SLUG}, read on 2026-11-24"
    assert chief.get(ADMIN.replace(SLUG, "nothing")).status_code == 302
