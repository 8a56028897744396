"""Claims of imported records, looked for in the text that is kept of their source: what is found equals the quote."""

import json
import sqlite3
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from lxml import etree, html

from projects.dumps.database import write_database
from projects.models import Organisation, Project
from provenance.documents.claims import claim_id
from provenance.documents.folding import composed
from provenance.documents.quotes import parts_of, sentence_id
from provenance.models import Source
from provenance.store.log import set_state
from tests.imports.test_activities import SAMPLES, needs_samples
from tests.imports.test_activities import read as read
from tests.imports.test_activities import take as take
from tests.provenance.test_evidence import is_clean, keep
from tests.support.records import update
from tests.support.staff import PUBLISHED
from tests.support.uploads import confirmed, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]


def folded(words):
    """Return words without blanks, and with plain apostrophes and dashes."""
    return "".join(words.split()).translate(str.maketrans("’‘–—‑", "''---"))


def is_quote(quote, part_of_text):
    """Whether ``found`` is ``quote``, with any words where some are left out."""
    parts, part_of_text = [folded(part) for part in parts_of(quote)], folded(part_of_text)
    at = 0
    for part in parts:
        at = part_of_text.find(part, at) + len(part)
        if at < len(part):
            return False
    return part_of_text.startswith(parts[0]) and part_of_text.endswith(parts[-1])


def claims_in_api(client, source):
    """Return ``[(document, claim)]`` of the projects that quote a source, read from the file of all projects."""
    documents = map(json.loads, client.get("/projects.ndjson").getvalue().splitlines())
    return [(each, claim) for each in documents for claim in each["claims"] if claim["source"]["slug"] == source]


def marked_on_pages(client, source):
    """Return ``{id: quoted words of the passage that has it}`` on all pages of a source."""
    marked, address = {}, f"/sources/{source}/"
    while address:
        page = html.fromstring(client.get(address).content.decode())
        for item in page.xpath('//ol[contains(@class, "whole-text")]/li'):
            words = "".join(mark.text_content() for mark in item.xpath(".//blockquote/p/mark"))
            marked |= dict.fromkeys(item.xpath("@id | .//@id"), words)
        following = page.xpath('//a[@rel="next"]/@href')
        address = f"/sources/{source}/{unescape(following[0])}" if following else None
    return marked


def check_all_doors(client, tmp_path, source, text):
    """Assert that what is found equals the quote in API, dump and page. Returns the claims that are, and all."""
    claims = claims_in_api(client, source)
    verbatim = [(document, claim) for document, claim in claims if claim["evidence"]["verdict"] == "verbatim"]
    for _document, claim in verbatim:
        evidence = claim["evidence"]
        assert is_quote(claim["quote"], text[evidence["start"] : evidence["end"]])
    write_database(tmp_path / "register.sqlite")
    with sqlite3.connect(tmp_path / "register.sqlite") as database:
        rows = database.execute(
            "SELECT quote, evidence_start, evidence_end FROM claim WHERE evidence_verdict = 'verbatim'"
        ).fetchall()
    assert len(rows) >= len(verbatim)
    assert all(is_quote(quote, text[start:end]) for quote, start, end in rows)
    marked = marked_on_pages(client, source)
    for document, claim in verbatim:
        quote = claim["quote"]
        for anchor in (sentence_id(quote), claim_id(document["url"], claim)):
            assert all(folded(part) in folded(marked[anchor]) for part in parts_of(quote))
    assert is_clean()
    return verbatim, claims


def test_quotes_of_three_hundred_imported_projects_equal_their_parts_of_the_text(staff, uploads, client, tmp_path):
    user = User.objects.get()
    sentence = "Project {0} – the {0}th’s – costs EUR {0} million\nin all its years. It began long ago."
    text = "\n\n".join(sentence.format(number) for number in range(1000, 1300))
    keep(text)
    update(Source, "paper", text_shown="text")
    projects = "slug,title\n" + "".join(f"p{number},Project {number}\n" for number in range(1000, 1300))
    confirmed(uploaded(user, projects.encode(), "projects.csv", publish=True), user)
    claims = "project_slug,field,as_stated,quote,source_slug\n" + "".join(
        f"p{number},title,Project {number},Project {number} - the {number}th's […] in all its years.,paper\n"
        for number in range(1000, 1300)
    )
    confirmed(uploaded(user, claims.encode(), "projects-claims.csv"), user)
    verbatim, claims = check_all_doors(client, tmp_path, "paper", text)
    assert len(verbatim) == len(claims) == 300
    sources = {claim["source"]["slug"] for slug in ("p1000", "p1299") for claim in claims_of(client, slug)}
    assert len(sources) == 2  # the file of projects is one as well, of which no text is kept
    others = [claim for claim in claims_of(client, "p1000") if claim["source"]["slug"] != "paper"]
    assert {claim["evidence"]["verdict"] for claim in others} == {"no-text"}


def claims_of(client, slug):
    return client.get(f"/api/v1/projects/{slug}/").json()["claims"]


@needs_samples
def test_quotes_of_real_activities_equal_their_parts_of_the_files_words(take, client, tmp_path):
    """An import keeps no text of its file. If staff add it, the words of elements are found, and attributes are not."""
    path = Path(SAMPLES) / "ec-near_100-activities_2.03.xml"
    take(path.read_bytes(), countries="*")
    for model in (Organisation, Project):
        set_state(model, list(model.objects.values_list("pk", flat=True)), PUBLISHED, user_name="maker", reason="Good.")
    assert {claim["evidence"]["verdict"] for _document, claim in claims_in_api(client, "first")} == {"no-text"}
    words = etree.parse(path).getroot().itertext()
    text = composed("\n\n".join(filter(None, (" ".join(each.split()) for each in words))))
    keep(text, source="first")
    update(Source, "first", text_shown="text", reason="Read.")
    verbatim, claims = check_all_doors(client, tmp_path, "first", text)
    assert len(verbatim) >= 300
    assert {claim["evidence"]["verdict"] for _document, claim in claims} == {"verbatim", "not-found"}
