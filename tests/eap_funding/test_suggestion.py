"""“Suggest a source”: what a visitor sends, what staff do with it, and what nobody else sees."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from lxml import html

from projects.models import Project
from provenance.models import Proposal, Source, SuggestedSource
from provenance.store.log import set_state
from provenance.workflow import suggestions
from tests.support.staff import PUBLISHED, address, make, somebody

pytestmark = pytest.mark.django_db
ASKED = "/know/?record=%2Fprojects%2Fnexus%2F&member=budget"
TEXT = b"The total budget of the NEXUS project is EUR 3.000.000.\n\nIt began in May 2012.\n"
HOSTILE = "<script>alert(1)</script> \" ' & {{ x }} \u202e " + "w" * 300


@pytest.fixture
def visitor(register):
    """A browser of somebody without an account, which checks CSRF as a real one."""
    return Client(enforce_csrf_checks=True)


def send(visitor, page=ASKED, **values):
    """Open the form and send it. Returns the response."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', visitor.get(page).content.decode())[1]
    return visitor.post(page, {"csrfmiddlewaretoken": token, "words": "Page 3.", "email": ""} | values)


def a_file(data, name="report.txt"):
    return SimpleUploadedFile(name, data)


def page_of(visitor, response):
    assert response.status_code == 302, response.content.decode()
    return visitor.get(response["Location"]).content.decode()


def decide(client, suggestion, decision, **values):
    return client.post(address(SuggestedSource, "change", str(suggestion.pk)), {"decision": decision} | values)


def test_visitor_sends_an_address_and_sees_that_it_waits(visitor):
    page = page_of(visitor, send(visitor, address="https://example.org/report", email="a@example.org"))
    assert "The editors have not decided yet." in page
    suggestion = SuggestedSource.objects.get()
    assert (suggestion.kind, suggestion.key, suggestion.field) == ("project", "nexus", "budget")
    assert (suggestion.address, suggestion.email) == ("https://example.org/report", "a@example.org")
    assert "a@example.org" not in page
    assert "Page 3." in page, "what the sender wrote"
    assert "127.0.0.1" not in suggestion.sender


def test_each_missing_value_of_a_project_leads_to_the_form_about_it(visitor):
    page = visitor.get("/fr/projects/nexus/").content.decode()
    links = re.findall(r'href="(/fr/know/[^"]+)"', page)
    assert any("member=budget" in each for each in links)
    for each in links:
        form = visitor.get(each.replace("&amp;", "&"))
        assert form.status_code == 200
        assert "Proposer une source" in form.content.decode()
    assert send(visitor, f"/fr{ASKED}", address="https://example.org/").status_code == 302


def test_form_has_a_field_of_its_kind_for_each_value(visitor):
    page = visitor.get("/know/").content.decode()
    assert re.search(r'<input type="url" name="address"', page)
    assert re.search(r'<input type="file" name="file"', page)
    assert re.search(r'<textarea name="words"', page)
    assert re.search(r'<input type="email" name="email"', page)
    for name in re.findall(r'aria-describedby="([^"]+)"', page):
        assert f'id="{name}"' in page, "help that a field names is on the page"


def test_form_without_its_token_is_refused(visitor):
    response = visitor.post(ASKED, {"address": "https://example.org/"})
    assert response.status_code == 403
    assert not SuggestedSource.objects.exists()


def test_form_needs_no_session_and_is_kept_by_no_cache(visitor):
    response = visitor.get(ASKED)
    assert set(response.cookies) == {"csrftoken"}
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert not response.has_header("ETag")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Give the address of the source, or a file."),
        ({"address": "javascript:alert(1)"}, "not a web address. Enter one such as https://example.org/report.pdf"),
        ({"address": "http://x"}, "not a web address. Enter one such as https://example.org/report.pdf"),
        ({"address": "https://example.org/", "email": "nobody"}, "Enter a valid email address."),
        ({"address": "https://example.org/", "website": "x"}, "Leave this field empty"),
        ({"address": "https://example.org/" + "x" * 1001}, "at most 1000 characters"),
        ({"address": "https://example.org/", "words": "w" * 5001}, "at most 5000 characters"),
        ({"address": "https://example.org/", "words": "a\0b"}, "Null characters are not allowed."),
        ({"file": b""}, "The submitted file is empty."),
        ({"file": b"\x89PNG\r\n\x1a\n\0\0\0"}, "This is not PDF, DOCX, HTML or plain text."),
        ({"file": b"x" * (10 * 2**20 + 1)}, "The file is larger than 10 MB."),
    ],
)
def test_wrong_input_is_explained_and_nothing_is_kept(visitor, values, words):
    if "file" in values:
        values = {"file": a_file(values["file"])}
    response = send(visitor, **values)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not SuggestedSource.objects.exists()


def test_missing_source_is_linked_to_its_field(visitor):
    form = send(visitor).content.decode()
    assert '<a href="#id_address">' in form
    assert 'aria-invalid="true"' in form[form.index('id="id_address"') - 200 :][:400]


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("/know/", 200),
        ("/know/?record=/projects/nothing/", 400),
        ("/know/?record=/admin/", 400),
        ("/know/?record=/projects/nexus/&member=x", 400),
        ("/know/?record=/fr/projects/nexus/", 200),
        ("/know/?member=budget", 400),
        ("/know/?utm_source=x", 302),
        ("/know/nothing/", 404),
        ("/know/" + "x" * 300 + "/", 404),
    ],
)
def test_address_of_the_form_is_checked(visitor, page, status):
    assert visitor.get(page).status_code == status


def test_form_about_an_unknown_page_says_nothing_of_its_information(visitor):
    shown = visitor.get("/know/?record=/projects/nothing/&member=budget").content.decode()
    assert "There is no such page in this register." in shown
    assert "This page has no such information." not in shown


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_form_says_nothing_of_a_record_that_is_not_public(visitor, state):
    make(Project, "secret", state, title="A secret title")
    response = visitor.get("/know/?record=/projects/secret/")
    assert response.status_code == 400
    assert "A secret title" not in response.content.decode()


def test_other_addresses_still_take_no_form(visitor):
    assert visitor.post("/projects/", {}).status_code == 405
    assert visitor.put("/know/", {}).status_code == 405
    assert visitor.post("/know/x/", {}).status_code == 405


def test_too_large_a_request_is_refused_before_it_is_read(visitor):
    response = visitor.post("/know/", b"", content_type="text/plain", CONTENT_LENGTH=str(12 * 2**20))
    assert response.status_code == 413


def test_one_sender_and_all_together_may_send_only_so_much(visitor, monkeypatch):
    for _ in range(suggestions.FROM_ONE):
        assert send(visitor, address="https://example.org/").status_code == 302
    assert send(visitor, address="https://example.org/").status_code == 429
    other = Client(enforce_csrf_checks=True, REMOTE_ADDR="192.0.2.1")
    assert send(other, address="https://example.org/").status_code == 302
    monkeypatch.setattr(suggestions, "MOST_WAITING", SuggestedSource.objects.count())
    assert send(Client(enforce_csrf_checks=True, REMOTE_ADDR="192.0.2.2"), address="https://e.org/").status_code == 429


def test_nothing_is_taken_while_the_register_is_read_only(visitor, settings):
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', visitor.get(ASKED).content.decode())[1]
    settings.READ_ONLY = "We are moving."
    assert "Nothing can be sent at the moment" in visitor.get(ASKED).content.decode()
    response = visitor.post(ASKED, {"csrfmiddlewaretoken": token, "address": "https://example.org/"})
    assert response.status_code == 403
    assert not SuggestedSource.objects.exists()


def test_accepted_file_becomes_a_draft_source_with_its_text(visitor, client):
    sent = send(visitor, file=a_file(TEXT))
    suggestion = SuggestedSource.objects.get()
    client.force_login(somebody("editor"))
    first = client.get("/admin/").content.decode()
    assert "1 source suggested by a visitor" in first
    shown = client.get(address(SuggestedSource, "change", str(suggestion.pk))).content.decode()
    assert "Page 3." in shown
    assert len(re.findall(r'value="report"', shown)) == 2  # title and key, made of the file's name
    decide(client, suggestion, "accept", title="Report on NEXUS", slug="report-on-nexus", comment="Thank you!")
    source = Source.objects.get(pk="report-on-nexus")
    edition = source.editions.get()
    assert (source.state, source.edition, edition.text) == ("draft", edition.digest, TEXT.decode().strip("\n"))
    suggestion.refresh_from_db()
    assert (suggestion.outcome, suggestion.source_id, suggestion.file) == ("accepted", "report-on-nexus", None)
    page = page_of(visitor, sent)
    assert "The editors have accepted this source." in page
    assert "Thank you!" in page
    assert "not published yet" in page
    assert "/sources/report-on-nexus/" not in page
    shown = client.get(address(SuggestedSource, "change", str(suggestion.pk))).content.decode()
    desk = re.search(r'href="([^"]*default_source=report-on-nexus#desk)"', shown)[1]
    assert "EUR 3.000.000" in client.get(desk).content.decode()  # the text stands beside the form
    set_state(Source, ["report-on-nexus"], PUBLISHED, user_name="desk")
    assert "/sources/report-on-nexus/" in page_of(visitor, sent)


def test_accepted_suggestion_makes_draft_claims_that_a_person_decides_on(visitor, client):
    before = visitor.get("/api/v1/projects/nexus/").content
    send(
        visitor,
        page="/know/?record=/projects/nexus/",
        file=a_file(TEXT),
        words="It is funded by the EU under the TPMA. It is the Network for Exchange (NEX).",
    )
    client.force_login(somebody("editor"))
    answer = decide(client, SuggestedSource.objects.get(), "accept", title="Report on NEXUS", slug="report-on-nexus")
    assert "claims about" in client.get(answer["Location"]).content.decode()
    proposal = Proposal.objects.get()
    claims = [each for each in json.loads(proposal.document)["claims"] if each["source"]["slug"] == "report-on-nexus"]
    assert {(each["field"], each["as_stated"], each["status"]) for each in claims} == {
        ("budget", "EUR 3.000.000", "undecided"),
        ("start_date", "May 2012", "undecided"),
        ("acronym", "NEX", "undecided"),
        ("title", "NEXUS", "adopted"),
        ("contributions", "funded by the EU under the TPMA", "adopted"),
    }
    assert visitor.get("/api/v1/projects/nexus/").content == before, "nothing is taken without a person"
    client.force_login(somebody("publisher", name="petra"))
    where = address(Proposal, "change", str(proposal.pk))
    shown = html.fromstring(client.get(where).content)
    fields = shown.xpath('//main//form[.//button[@value="accept"]]//input[@type="hidden" or @type="checkbox"]')
    sent = {}
    for field in fields:
        sent.setdefault(field.get("name"), []).append(field.get("value"))
    answer = client.post(where, sent | {"decision": "accept", "comment": "The visitor quotes another page."})
    assert answer.status_code == 302, html.fromstring(answer.content).text_content()
    accepted = visitor.get("/api/v1/projects/nexus/").json()
    assert accepted["budget"] is None
    assert [each["status"] for each in accepted["claims"] if each["as_stated"] == "EUR 3.000.000"] == ["undecided"]


def test_suggestion_about_one_value_makes_claims_of_it_only(visitor, client):
    send(visitor, file=a_file(TEXT + b"\n\nThe total budget of the CMBA project is EUR 5 million."))
    client.force_login(somebody("editor"))
    decide(client, SuggestedSource.objects.get(), "accept", title="Report on NEXUS", slug="report-on-nexus")
    [proposal] = Proposal.objects.all()
    claims = [each for each in json.loads(proposal.document)["claims"] if each["source"]["slug"] == "report-on-nexus"]
    assert [(each["field"], each["as_stated"]) for each in claims] == [("budget", "EUR 3.000.000")]


def test_declined_suggestion_says_why(visitor, client):
    sent = send(visitor, address="https://example.org/", file=a_file(b"Private words."))
    SuggestedSource.objects.update(at=timezone.now() + timedelta(hours=1))  # before the clock was set back
    suggestion = SuggestedSource.objects.get()
    client.force_login(somebody("publisher"))
    assert "Say why you decline it." in decide(client, suggestion, "decline", comment=" ").content.decode()
    decide(client, suggestion, "decline", comment="A copy of what we have.")
    assert SuggestedSource.objects.get().file is None
    page = page_of(visitor, sent)
    assert "The editors have not used this source." in page
    assert "A copy of what we have." in page
    again = decide(client, suggestion, "accept", title="X", slug="x")
    assert "already been decided" in again.content.decode()
    assert not Source.objects.filter(pk="x").exists()


def test_file_that_cannot_be_read_is_explained_and_stays_waiting(visitor, client):
    send(visitor, file=a_file(b"%PDF-1.7 nothing of a PDF", "x.pdf"))
    suggestion = SuggestedSource.objects.get()
    client.force_login(somebody("editor"))
    response = decide(client, suggestion, "accept", title="X", slug="x")
    assert response.status_code == 200
    assert 'class="error"' in response.content.decode()
    suggestion.refresh_from_db()
    assert suggestion.outcome == "waiting"
    assert not Source.objects.filter(pk="x").exists()


def test_file_is_read_before_the_register_is_locked(visitor, client, monkeypatch):
    held, text_of = [], suggestions.text_of

    def read(suggestion):
        held.append(connection.holds_register_lock)
        return text_of(suggestion)

    monkeypatch.setattr(suggestions, "text_of", read)
    send(visitor, file=a_file(TEXT))
    client.force_login(somebody("editor"))
    decide(client, SuggestedSource.objects.get(), "accept", title="X", slug="x")
    assert Source.objects.get(pk="x").editions.exists()
    assert held == [False]


def test_accepting_without_what_a_source_needs_shows_the_form_again(visitor, client):
    send(visitor, address="https://example.org/")
    suggestion = SuggestedSource.objects.get()
    client.force_login(somebody("editor"))
    response = decide(client, suggestion, "accept", title="", slug="the-report", comment="Thank you!")
    page = response.content.decode()
    assert response.status_code == 200
    assert "This field is required." in page
    assert 'value="the-report"' in page
    assert "Thank you!" in page
    assert 'class="success"' not in page
    assert not Source.objects.filter(pk="the-report").exists()


@pytest.mark.parametrize("role", ["viewer", "administrator"])
def test_who_may_add_nothing_may_decide_nothing(visitor, client, role):
    send(visitor, address="https://example.org/")
    suggestion = SuggestedSource.objects.get()
    client.force_login(somebody(role))
    assert "suggested by a visitor" not in client.get("/admin/").content.decode()
    assert 'name="decision"' not in client.get(address(SuggestedSource, "change", str(suggestion.pk))).content.decode()
    for decision in ("accept", "decline"):
        assert decide(client, suggestion, decision, title="X", slug="x", comment="No.").status_code == 403
    suggestion.refresh_from_db()
    assert suggestion.outcome == "waiting"


def test_file_is_only_given_to_staff_and_only_to_be_saved(visitor, client):
    send(visitor, file=a_file(b"<html><script>alert(1)</script></html>", '../"x\r\ny.html'))
    suggestion = SuggestedSource.objects.get()
    where = address(SuggestedSource, "file", str(suggestion.pk))
    assert visitor.get(where).status_code == 302  # to sign in
    client.force_login(somebody("viewer"))
    response = client.get(where)
    assert response["Content-Disposition"] == f'attachment; filename="suggestion-{suggestion.pk}.bin"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content == b"<html><script>alert(1)</script></html>"


def test_file_is_not_given_to_staff_without_a_role(visitor, client):
    send(visitor, file=a_file(TEXT))
    suggestion = SuggestedSource.objects.get()
    client.force_login(somebody())
    for page in ("file", "change"):
        assert client.get(address(SuggestedSource, page, str(suggestion.pk))).status_code == 403


def test_hostile_words_stay_words(visitor, client):
    sent = send(visitor, file=a_file(TEXT, f"{HOSTILE[:40]}.txt"), words=HOSTILE, email="")
    suggestion = SuggestedSource.objects.get()
    client.force_login(somebody("editor"))
    decide(client, suggestion, "decline", comment=HOSTILE)
    pages = [
        page_of(visitor, sent),
        client.get(address(SuggestedSource, "change", str(suggestion.pk))).content.decode(),
        client.get(address(SuggestedSource)).content.decode(),
    ]
    assert not any("<script>alert(1)" in page for page in pages)


def test_nothing_of_a_suggestion_is_public(visitor):
    send(visitor, address="https://example.org/secret", words="secret words")
    pages = [
        "/",
        "/sources/",
        "/projects/nexus/",
        "/api/v1/changes/",
        "/projects.json",
        "/sitemap.xml",
        "/projects.atom",
    ]
    assert not any(b"secret" in b"".join(visitor.get(each)) for each in pages)


def test_email_is_deleted_after_thirty_days(visitor, capsys):
    for days in (29, 31):
        SuggestedSource.objects.create(
            token=str(days), at=timezone.now() - timedelta(days=days), email="a@example.org", sender="x",
            address="https://example.org/",
        )  # fmt: skip
    call_command("tidy_suggestions")
    assert capsys.readouterr().out == "E-mail addresses deleted: 1. Digests of senders deleted: 2.\n"
    assert list(SuggestedSource.objects.order_by("at").values_list("email", flat=True)) == ["", "a@example.org"]


def test_addresses_of_suggestions_cannot_be_guessed(visitor):
    tokens = {send(visitor, address="https://example.org/")["Location"] for _ in range(3)}
    assert len(tokens) == 3
    assert all(re.fullmatch(r"/know/[\w-]{43}/", each) for each in tokens)
    page = visitor.get(tokens.pop())
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]
