"""The text of a source on its page: whole, with every quote marked and the facts beside it; and what stays hidden."""

import re
from html import unescape

import pytest
from lxml import html

from projects.dumps.writer import write_dump
from projects.models import Project
from projects.published import source_page
from provenance.documents.quotes import layers, sentence_id, text_fragment
from provenance.models import Claim, Edition, Source
from provenance.store import editions
from provenance.store.database import register_lock
from provenance.store.log import set_state
from tests.provenance.test_evidence import QUOTE, TEXT, keep
from tests.provenance.test_evidence import project as project
from tests.support.browser import assert_accessible
from tests.support.loops import at_least_one
from tests.support.records import record, update
from tests.support.staff import PUBLISHED, WITHDRAWN, make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SLUG = "financial-and-technical-assistance"
PAGE = "/sources/paper/"
MARKER = "Quetzalcoatlus"


def show(part="text", source="paper"):
    update(Source, source, text_shown=part)


def claim(field, as_stated, quote, slug="nexus", **more):
    columns = {"field": field, "as_stated": as_stated, "quote": quote, "source_id": "paper", **more}
    return Claim.objects.create(record=Project.objects.get(pk=slug), **columns)


def got(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return html.fromstring(response.content.decode())


def passages(page):
    """Return ``[(words, quoted words, stated words, whether a fact uses it)]`` of the passages of a text."""
    rows = []
    for item in page.xpath('//ol[contains(@class, "whole-text")]/li'):
        [words] = item.xpath(".//blockquote/p")
        stated = [mark.text_content() for mark in words.xpath("mark[not(@class)]")]
        quoted = "".join(mark.text_content() for mark in words.xpath("mark"))
        rows.append((words.text_content(), quoted, stated, "unused" not in item.get("class", "")))
    return rows


def text_on(page):
    return "".join("".join(words.split()) for words, *_ in passages(page))


# -- The whole text --


def test_whole_text_is_shown_with_its_quotes_marked_and_the_rest_unused(project, client):
    keep()
    show()
    page = got(client, PAGE)
    assert text_on(page) == "".join(TEXT.split())
    assert [(words, quoted, is_used) for words, quoted, _stated, is_used in passages(page)] == [
        ("The Nexus project.", "", False), (QUOTE, QUOTE, True), ("Moldova takes part.", "", False),
        ("It is for learners.", "", False),
    ]  # fmt: skip
    [used] = page.xpath(f'//li[@id="{sentence_id(QUOTE)}"]')
    assert used.xpath(".//mark[not(@class)]//text()") == ["EUR 3 million"]
    assert "EUR 3,000,000" in used.text_content()
    assert used.xpath('.//a[@href="/projects/nexus/#fact-budget"]')


def test_quotes_that_overlap_are_one_passage_with_the_facts_of_both(project, client):
    claim("start_date", "2012", "Nexus started in 2012")
    claim("countries", "Moldova", "costs EUR 3 million. Moldova takes part.")
    Project.objects.update(start_date="2012")
    keep()
    show()
    page = got(client, PAGE)
    assert [(words, quoted) for words, quoted, _stated, is_used in passages(page) if is_used] == [
        (f"{QUOTE} Moldova takes part.",) * 2
    ]
    [item] = page.xpath('//ol[contains(@class, "whole-text")]/li[not(contains(@class, "unused"))]')
    ids = {item.get("id"), *item.xpath(".//span/@id")}
    for each in Claim.objects.filter(object_id="nexus"):
        assert sentence_id(each.quote) in ids
    labels = [each.text_content() for each in item.xpath(".//dt/a | .//dd[@class='marked']/a[not(@aria-label)]")]
    assert sorted(labels) == ["Countries", "Start date", "Total budget"]
    assert text_on(page) == "".join(TEXT.split())


def test_words_left_out_of_a_quote_are_not_marked(project, client):
    Claim.objects.filter(field="budget").update(quote="Nexus started […] costs EUR 3 million.")
    record(Project, ["nexus"], user_name="maker")
    keep()
    show()
    [(words, quoted, stated, _used)] = [each for each in passages(got(client, PAGE)) if each[3]]
    assert (words, quoted, stated) == (QUOTE, "Nexus startedcosts EUR 3 million.", ["EUR 3 million"])


def test_quotes_that_are_not_in_the_text_follow_it(project, client):
    keep()
    Claim.objects.filter(field="budget").update(quote="It all costs EUR 3 million.")
    record(Project, ["nexus"], user_name="maker", reason="Planted.")
    show()
    page = got(client, PAGE)
    assert not any(is_used for *_, is_used in passages(page))
    [missing] = page.xpath('//h2[@id="missing"]/following-sibling::ol/li')
    assert "Not found in the text of the source" in missing.text_content()
    assert "EUR 3,000,000" in missing.text_content()


def test_text_of_the_fixtures_is_shown_whole(register, client, source_text):
    keep(source_text, source=SLUG)
    show(source=SLUG)
    page = got(client, f"/sources/{SLUG}/")
    assert text_on(page) == "".join(source_text.split())
    assert page.xpath('//li[contains(@class, "unused")]')
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    count = 0
    for collection in ("projects", "countries", "instruments", "partnerships", "organisations"):
        for document in client.get(f"/api/v1/{collection}/?page_size=100").json()["results"]:
            for each in document["claims"]:
                assert sentence_id(each["quote"]) in ids
                assert each["url"].partition("#")[2] in ids
                count += 1
    assert count == 149
    marked = "".join("".join(quoted.split()) for _words, quoted, *_ in passages(page))
    for quote in set(Claim.objects.values_list("quote", flat=True)):
        for part in quote.split("[…]"):
            assert "".join(part.split()).replace("’", "'") in marked.replace("’", "'")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["", "/fr"])
def test_every_link_of_the_page_leads_somewhere(register, client, source_text, language):
    keep(source_text, source=SLUG)
    show(source=SLUG)
    pages = {}
    for link in at_least_one(set(got(client, f"{language}/sources/{SLUG}/").xpath("//ol//a/@href"))):
        if link.startswith("/"):
            address, _, anchor = link.partition("#")
            if address not in pages:
                pages[address] = got(client, address)
            assert not anchor or pages[address].xpath(f'//*[@id="{anchor}"]'), link


# -- Long texts --


def long_text(sentences_in_it):
    return "\n\n".join(
        f"Sentence {number} of a long report says that it costs EUR {number} million. And so on."
        for number in range(1, sentences_in_it + 1)
    )


@pytest.mark.slow
def test_five_hundred_claims_on_a_long_text_come_in_pages_and_each_is_found(frame, client):
    text = long_text(2000)
    keep(text)
    Project.objects.bulk_create(
        Project(slug=f"p{number}", title="One project of many", state=PUBLISHED) for number in range(1, 51)
    )
    for number in range(1, 51):
        for place in range(10):
            at = number + place * 190
            quote = f"Sentence {at} of a long report says that it costs EUR {at} million."
            claim("title", str(at), quote, f"p{number}")
    record(Project, [f"p{number}" for number in range(1, 51)], user_name="maker")
    show()
    assert "Page 1 of" in got(client, PAGE).text_content()
    count, shown, sizes = -(-len(text) // source_page.TEXT_A_PAGE), "", []
    for number in range(1, count + 1):
        response = client.get(f"{PAGE}?page={number}")
        shown += text_on(html.fromstring(response.content.decode()))
        sizes.append(len(response.content))
    assert all("".join(each.split()) in shown for each in text.split("\n\n"))
    assert max(sizes) < 400_000
    assert client.get(f"{PAGE}?page={count + 1}").status_code == 404
    for link in at_least_one(re.findall(rf'href="({PAGE}[^"]*#s-\w+)"', client.get("/projects/p7/").content.decode())):
        address, _, anchor = unescape(link).partition("#")
        [there] = got(client, address).xpath(f'//li[@id="{anchor}"]')
        assert there.xpath('.//a[@href="/projects/p7/"]')


def test_text_without_blanks_or_sentences_is_shown_in_parts(project, client):
    keep("x" * 50_000)
    show()
    assert sum(len(words) for words, *_ in passages(got(client, f"{PAGE}?page=2"))) < 30_000


def test_quote_that_two_pages_share_is_marked_on_both(project, client, monkeypatch):
    monkeypatch.setattr(source_page, "TEXT_A_PAGE", TEXT.index("2012"))
    keep()
    show()
    for number in (1, 2):
        assert QUOTE in [quoted for _words, quoted, *_ in passages(got(client, f"{PAGE}?page={number}"))]


# -- The claims of one record --


def test_claims_of_a_record_are_shown_with_verdict_and_reason(project, client):
    keep()
    reason = "Another knows more. States the earlier value: 2012."
    claim("start_date", "2013", "It began in 2013.", status="set-aside", set_aside=reason)
    record(Project, ["nexus"], user_name="maker")
    page = got(client, f"{PAGE}projects/nexus/").text_content()
    assert "Found in the text, word for word." in page
    assert "Not found in the text of the source" in page
    assert f"not adopted: {reason}" in page, "as a person wrote it"
    show()
    links = got(client, f"{PAGE}projects/nexus/").xpath("//a/@href")
    assert f"{PAGE}#{sentence_id(QUOTE)}" in links


def test_claims_of_a_withdrawn_record_are_gone_and_those_of_the_past_stay(register, client):
    then = "2026-03-01T12:00:00Z"
    address = f"/sources/{SLUG}/projects/enigmma/"
    set_state(Project, ["enigmma"], WITHDRAWN, user_name="tester", reason="It is wrong.")
    assert "This record was withdrawn" in got(client, address, 410).text_content()
    page = got(client, f"{address}?as_of={then}")
    assert (
        "The register has no copy of the whole text, so these quotes are not checked against it." in page.text_content()
    )
    links = [link for link in page.xpath("//main//a/@href") if link.startswith(("/projects/enigmma", "/sources/"))]
    assert all("as_of=2026-03-01T12" in link or link == "/sources/" for link in at_least_one(links))
    assert client.get(f"/sources/{SLUG}/projects/nothing/").status_code == 404
    assert client.get(f"/sources/{SLUG}/nothing/nexus/").status_code == 404
    assert client.get(f"/sources/{SLUG}/countries/md/").status_code == 301
    assert client.get(f"/fr/sources/{SLUG}/projects/nexus/").status_code == 200


def test_claims_of_a_withdrawn_source_are_gone(project, client):
    assert client.get(f"{PAGE}projects/nexus/").status_code == 200
    Claim.objects.all().delete()
    record(Project, ["nexus"], user_name="tester")
    set_state(Source, ["paper"], WITHDRAWN, user_name="tester", reason="It is wrong.")
    assert "This record was withdrawn" in got(client, f"{PAGE}projects/nexus/", 410).text_content()


def test_fact_links_to_its_own_address(project, client):
    for part in ("", "text"):
        keep()
        show(part)
        [used] = got(client, PAGE).xpath(f'//li[@id="{sentence_id(QUOTE)}"]')
        [link] = used.xpath('.//a[@aria-label="Link to this fact: Total budget"]/@href')
        assert link == client.get("/api/v1/projects/nexus/").json()["claims"][0]["url"]
        assert got(client, link).xpath(f'//*[@id="{link.partition("#")[2]}"]')


def test_place_of_a_quote_is_in_the_text_in_which_it_was_found():
    claim = {"evidence": {"verdict": "verbatim", "edition": "a", "start": 1, "end": 5}}
    assert [source_page.place_of(claim, {"edition": edition}) for edition in "ab"] == [(1, 5), None]


def test_claim_that_is_there_twice_is_shown_once(project, client):
    claim("budget", "EUR 3 million", QUOTE)
    record(Project, ["nexus"], user_name="maker")
    ids = got(client, PAGE).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_record_that_does_not_quote_the_source_has_no_claims_there(project, client):
    make(Source, "other")
    assert "Nothing in this record" in got(client, "/sources/other/projects/nexus/", 404).text_content()


def test_sources_that_disagree_are_both_shown_with_the_reason(project, client):
    make(Source, "rival", title="The rival")
    claim(
        "budget", "EUR 5 million", "It costs EUR 5 million.", source_id="rival", status="set-aside", set_aside="Older."
    )
    record(Project, ["nexus"], user_name="maker")
    adopted, refused = (got(client, address).text_content() for address in (PAGE, "/sources/rival/"))
    for words in ("The rival: EUR 5 million – not adopted: Older.",):
        assert words in " ".join(adopted.split())
    assert "EUR 5 million – not adopted: Older. ¶ The paper: EUR 3 million – adopted" in " ".join(refused.split())


# -- What is not public --


@pytest.mark.parametrize("part", ["", "quotes", "withdrawn", "earlier"])
def test_text_that_is_not_public_shows_nowhere(project, client, place, part):
    text = f"{TEXT}\n{MARKER} is a word that only staff may read."
    keep(text)
    show("text" if part in ("withdrawn", "earlier") else part)
    then = Source.objects.get(pk="paper").modified.isoformat().replace("+00:00", "Z")
    if part == "earlier":
        keep(TEXT)
    if part == "withdrawn":
        assert MARKER in client.get(PAGE).content.decode()
        with register_lock():
            editions.withdraw(Edition.objects.get(), "A court says so.", "maker")
            Source.objects.filter(pk="paper").update(text_withdrawn="A court says so.")
        record(Source, ["paper"], user_name="maker", reason="Withdrawn.")
    write_dump()
    for file in at_least_one([each for each in place.rglob("*") if each.is_file()]):
        assert MARKER.encode() not in file.read_bytes()
    for address in (
        PAGE, f"/fr{PAGE}", f"{PAGE}?as_of={then}", f"{PAGE}text/", f"{PAGE}projects/nexus/", "/sources/paper.jsonld",
        "/sources/", "/sources.csv", "/sources.json", "/sources.ndjson", "/api/v1/sources/", f"/api/v1{PAGE}",
        f"/api/v1{PAGE}?as_of={then}", "/api/v1/projects/", "/api/v1/changes/", "/projects/nexus/",
        "/projects/nexus/history/", "/projects.json", "/projects-claims.csv", "/projects.atom", "/projects.xml", "/gaps/",
        "/", f"/projects/?q={MARKER}", "/sitemap-sources.xml", "/data/catalog.jsonld",
    ):  # fmt: skip
        response = client.get(address)
        body = response.getvalue().decode()
        assert MARKER not in body.replace(f"q={MARKER}", "").replace(f'value="{MARKER}"', "") or "?q=" in address, (
            address
        )
    assert client.get(f"/api/v1/projects/?q={MARKER}").json()["count"] == 0
    page = got(client, PAGE).text_content()
    if part == "withdrawn":
        assert "Withdrawn: A court says so." in page
        assert Edition.objects.get().digest in page
        assert client.get(f"{PAGE}text/").status_code == 404
    if part != "earlier":
        assert "Found in the text, word for word." in page


# -- Addresses in the original --


@pytest.mark.parametrize(
    ("address", "quote", "expected"),
    [
        (
            "https://a.example/b",
            "Costs 3,5 - 4 & more",
            "https://a.example/b#:~:text=Costs%203%2C5%20%2D%204%20%26%20more",
        ),
        ("https://a.example/b#part", "One two.", "https://a.example/b#part:~:text=One%20two."),
        ("https://a.example/b#:~:text=x", "One", "https://a.example/b#:~:text=One"),
        ("http://a.example", "a b c d e f g h i j k l m", "http://a.example#:~:text=a%20b%20c%20d,j%20k%20l%20m"),
        ("http://a.example", "a b […] c d e f g", "http://a.example#:~:text=a%20b,d%20e%20f%20g"),
        ("http://a.example", "[…] a b", "http://a.example#:~:text=a%20b"),
        ("http://a.example", "été à\nla", "http://a.example#:~:text=%C3%A9t%C3%A9%20%C3%A0%20la"),
        ("http://a.example", "x" * 10_000, "http://a.example"),
        ("http://a.example", "[…]", "http://a.example"),
        ("ftp://a.example/b", "One", None),
        ("javascript:alert(1)", "One", None),
        ("", "One", None),
        (None, "One", None),
    ],
)
def test_address_of_a_quote_in_the_original(address, quote, expected):
    assert text_fragment(address, quote) == expected


def test_layers_may_overlap_and_reach_beyond_the_text():
    assert layers("abcdef", [[(-3, 2), (1, 4)], [(3, 9)]]) == [("abc", 1), ("def", 2)]
    assert layers("abc", []) == [("abc", 0)]
    assert layers("", [[(0, 1)]]) == []
    assert layers("x" * 300, [[(at, at + 1)] for at in range(300)])[-1] == ("x", 300)


# -- In a browser --


@pytest.mark.browser
def test_page_of_a_text_is_accessible(page, live_server, project):
    claim("start_date", "2013", "It began in 2013.", status="set-aside", set_aside="Another knows more.")
    keep(f"{TEXT}\n\n{'x' * 5000}\n\nשלום עולם")
    show()
    for address in (PAGE, f"{PAGE}projects/nexus/", f"/fr{PAGE}", f"/fr{PAGE}projects/nexus/"):
        page.goto(live_server.url + address)
        assert_accessible(page, 360, 1280)
    page.goto(live_server.url + PAGE)
    hebrew = page.locator(".unused > div", has_text="שלום עולם")
    right = "each => each.getBoundingClientRect().right"
    assert abs(hebrew.evaluate(right) - hebrew.locator("p").evaluate(right)) < 2  # it stands right


@pytest.mark.browser
@pytest.mark.parametrize("is_public", [True, False])
def test_figure_and_sentence_lead_to_each_other_by_keyboard_without_javascript(
    browser, live_server, project, is_public
):
    keep()
    show("text" if is_public else "")
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{live_server.url}/projects/nexus/")
    follow(page, '#fact-budget a[href^="#sentence-"]')
    assert QUOTE in page.locator(":target").inner_text()
    follow(page, ':target a[href="#fact-budget"]')
    assert page.locator(":target").count() == 1
    follow(page, f'a[href$="{PAGE}#{sentence_id(QUOTE)}"]')
    assert QUOTE in page.locator("li:target").inner_text()
    follow(page, 'li:target a[href$="/projects/nexus/#fact-budget"]')
    assert page.locator("#fact-budget:target").is_visible()
    context.close()


def follow(page, selector):
    """Reach a link by the keyboard alone, and press Enter."""
    link = page.locator(selector).first
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.locator(":focus").count() and link.evaluate("link => link === document.activeElement"):
            break
    else:
        raise AssertionError(f"The keyboard does not reach {selector}.")
    there = link.evaluate("link => link.href")
    page.keyboard.press("Enter")
    page.wait_for_url(there)
