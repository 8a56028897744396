"""The feed tells what the public saw change, and nothing of what it did not."""

import re
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from instruments.models import Country, Partnership
from projects.index.follower import build, current_register
from projects.models import Organisation, Project
from projects.published.recent_changes import latest_news, news
from provenance.models import Claim, Revision, Source
from provenance.store.log import delete, set_state
from tests.support.database import queries
from tests.support.records import record, update
from tests.support.staff import DRAFT, PUBLISHED, WITHDRAWN, make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SOURCE = "financial-and-technical-assistance"
ATOM = "{http://www.w3.org/2005/Atom}"


def change(slug, **columns):
    update(Project, slug, **columns, user_name="olga", reason="internal reason")


def parsed(response):
    return ElementTree.fromstring(response.content)  # noqa: S314 — it is our own


def feed(client, query="", of="projects"):
    response = client.get(f"/{of}.atom?{query}")
    assert response.status_code == 200, response.content
    return parsed(response)


def entries_of(client, query="", of="projects"):
    """Return ``[(what, slug, summary as text)]`` of a feed."""
    return [
        (
            entry.find(f"{ATOM}category").get("term"),
            urlsplit(entry.find(f"{ATOM}link").get("href")).path.split("/")[2],
            unescape(re.sub(r"<[^>]+>", " ", entry.find(f"{ATOM}summary").text)),
        )
        for entry in feed(client, query, of).iter(f"{ATOM}entry")
    ]


def links(root):
    return {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}


def test_feed_is_atom(client, register):
    change("nexus", summary="Another aim")
    response = client.get("/projects.atom?country=MD")
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = parsed(response)
    assert root.tag == f"{ATOM}feed"
    assert root.find(f"{ATOM}title").text.startswith("Projects in Moldova – ")
    assert links(root)["self"] == "http://testserver/projects.atom?country=MD"
    assert links(root)["alternate"] == "http://testserver/projects/?country=MD"
    for node in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(node.findall(ATOM + name)) == 1
            assert node.find(ATOM + name).text
    assert root.find(f"{ATOM}author/{ATOM}name").text
    ids = [node.text for node in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    times = [entry.find(f"{ATOM}updated").text for entry in root.iter(f"{ATOM}entry")]
    assert times == sorted(times, reverse=True)
    assert root.find(f"{ATOM}updated").text == times[0]


def test_feed_and_entries_keep_their_ids_under_another_host(client, register, settings):
    """An id that followed the host would make each entry new to whoever reads by another name."""
    settings.SITE_ADDRESS = "https://register.example/"

    def ids(host, query="country=MD&country=GE"):
        response = client.get(f"/projects.atom?{query}", headers={"Host": host})
        root = parsed(response)
        assert links(root)["self"] == f"http://{host}/projects.atom?{query}"
        assert all(f"//{host}/" in link.get("href") for link in root.iter(f"{ATOM}link"))
        return [node.text for node in root.iter(f"{ATOM}id")]

    here = ids("testserver")
    assert len(here) > 2
    assert here[0] == "https://register.example/projects.atom?country=GE&country=MD"
    assert all(each.startswith("tag:register.example,") for each in here[1:])
    assert ids("localhost") == here
    assert ids("testserver", "sort=budget&country=GE&country=MD&page_size=100") == here


def test_feed_says_its_version_and_licence(client, register, settings):
    settings.LICENCE = "https://creativecommons.org/licenses/by/4.0/"
    root = feed(client)
    assert f"Version {Revision.objects.latest('id').pk} of the register." in root.find(f"{ATOM}subtitle").text
    assert root.find(f"{ATOM}rights").text == settings.LICENCE


def test_feed_says_what_changed(client, register):
    change("nexus", acronym="NX", budget_amount=5, budget_currency="EUR")
    project = Project.objects.get(pk="nexus")
    project.countries.add("GE")
    project.partnerships.add("eu-georgia-mobility-partnership")
    record(Project, ["nexus"], user_name="olga")
    (_, _, countries), (what, slug, budget) = entries_of(client)[:2]
    assert (what, slug) == ("changed", "nexus")
    assert "Total budget: EUR 5; before: not known" in budget
    assert "Countries: added: Georgia (GE)" in countries
    assert "Agreements: added: EU-Georgia Mobility Partnership, kind: mobility partnership" in countries
    assert "olga" not in budget
    assert "reason" not in budget


MOLDOVA_GONE = "Countries: removed: Moldova (MD)"
REMOVALS = {  # what is taken from the project “nexus”: what the feed and its history say
    "a value": (lambda: {"end_date": None, "end_date_planned": False}, "End date: not known; before: 2015"),
    "a country": (lambda: Project.objects.get(pk="nexus").countries.remove("MD"), MOLDOVA_GONE),
    "a country of two": (lambda: Project.objects.get(pk="nexus").countries.set(["GE"]), MOLDOVA_GONE),
    "an aim": (lambda: {"objectives": ["The second"]}, "Objectives: removed: The first"),
    "all aims": (lambda: {"objectives": []}, "Objectives: removed: The first; The second"),
    "the whole": (lambda: {"part_of": None}, "Part of: not known; before: "),
    "a claim": (
        lambda: Claim.objects.filter(object_id="nexus", field="acronym").delete(),
        "Claims: removed: Acronym: “NX” – “It is called NX.”",
    ),
}


@pytest.mark.parametrize("removal", REMOVALS)
def test_feed_news_and_history_say_what_was_removed(client, register, removal):
    change("nexus", end_date="2015", objectives=["The first", "The second"], part_of="enigmma", acronym="NX")
    project, source = Project.objects.get(pk="nexus"), Source.objects.first()
    Claim.objects.create(record=project, source=source, field="acronym", as_stated="NX", quote="It is called NX.")
    record(Project, ["nexus"], user_name="olga")
    remove, words = REMOVALS[removal]
    columns = remove()
    change("nexus", **(columns if isinstance(columns, dict) else {}))
    what, slug, told_there = entries_of(client)[0]
    assert (what, slug) == ("changed", "nexus")
    assert f" {words}" in told_there
    lines = latest_news(current_register())[0]["lines"]
    [line] = [each for each in lines if each.startswith(words)]
    others = [each for each in lines if each not in (line, "Countries: added: Georgia (GE)")]
    assert all(each.startswith("Claims: ") for each in others), others
    assert words in unescape(client.get("/projects/nexus/history/").content.decode())
    assert "added" not in line or "added" in words
    in_french = unescape(client.get("/fr/projects/nexus/history/").content.decode())
    newest = in_french.split('class="history"')[1].split("<h2>")[1]
    assert ("suppression" if "removed" in words else "auparavant") in newest, newest


def test_feed_of_sources_says_what_the_public_saw_change(client, register):
    make(Source, "a-draft", title="Private words", state="draft")
    update(
        Source,
        SOURCE,
        publisher="Somebody else",
        licence="CC BY 4.0",
        text_shown="quotes",
        user_name="olga",
        reason="internal reason",
    )
    changed, new = entries_of(client, of="sources")
    assert changed[:2] == ("changed", SOURCE)
    assert "Publisher: Somebody else; before: Migration and Home Affairs" in changed[2]
    assert "Licence: CC BY 4.0; before: not known" in changed[2]
    assert "Public part of its text: quotes; before: not known" in changed[2]
    assert new[:2] == ("new", SOURCE)
    assert links(feed(client, of="sources"))["alternate"] == "http://testserver/sources/"
    for private in ("Private words", "olga", "internal reason"):
        assert private not in client.get("/sources.atom").content.decode()


@pytest.mark.parametrize("model", [Organisation, Partnership, Country])
def test_feed_of_each_kind_tells_a_withdrawn_record_as_withdrawn_only(client, register, model):
    before = entries_of(client, of=model.collection)
    assert {entry[0] for entry in before} == {"new"}
    assert len(before) == model.objects.count()
    row = make(model, "ZZ" if model is Country else "another", name="Another of these")
    set_state(model, [row.pk], WITHDRAWN, user_name="t")
    what, key, summary = entries_of(client, of=model.collection)[0]
    assert (what, key) == ("withdrawn", row.pk)
    assert "Another of these" in summary
    assert entries_of(client, of=model.collection)[1:] == before


@pytest.mark.parametrize(
    ("end", "in_history"),
    [(lambda: set_state(Project, ["nexus"], WITHDRAWN, user_name="t"), "Withdrawn"),
     (lambda: delete(Project, ["nexus"], user_name="t"), "Deleted")],
    ids=["withdrawn", "deleted"],
)  # fmt: skip
def test_feed_news_and_history_say_that_a_record_is_gone(client, register, end, in_history):
    title = Project.objects.get(pk="nexus").title
    end()
    newest = next(feed(client).iter(f"{ATOM}entry"))
    assert newest.find(f"{ATOM}title").text == f"Withdrawn: {title}"
    home = client.get("/").content.decode()
    assert re.search(rf'<span lang="en">{re.escape(title)}</span><br>\s*<span class="note">withdrawn', home)
    make(Project, "nexus") if in_history == "Deleted" else set_state(Project, ["nexus"], PUBLISHED, user_name="t")
    assert f"<h2>{in_history}, <time" in client.get("/projects/nexus/history/").content.decode()


def test_each_member_of_a_project_has_a_label_for_news():
    assert [each.name for each in Project.members if not each.label] == ["slug", "url"]


def test_feed_draft_is_new_when_it_is_published(client, register):
    make(Project, "fresh", state=DRAFT, title="Private words", summary="Private too")
    assert "fresh" not in str(entries_of(client))
    change("fresh", title="Public words", summary="Said to all")
    set_state(Project, ["fresh"], PUBLISHED, user_name="tester")
    entry, *others = entries_of(client)
    assert entry[:2] == ("new", "fresh")
    assert "Public words" in entry[2]
    assert "Private" not in str(entries_of(client))
    assert "fresh" not in str(others)


def test_feed_withdrawn_project_is_told_as_withdrawn_only(client, register):
    change("nexus", title="Renamed while public")
    set_state(Project, ["nexus"], WITHDRAWN, user_name="tester")
    change("enigmma", acronym="EN")
    assert [entry[:2] for entry in entries_of(client) if entry[1] in ("nexus", "enigmma")] == [
        ("changed", "enigmma"), ("withdrawn", "nexus"), ("new", "enigmma"),
    ]  # fmt: skip
    assert ("withdrawn", "nexus") in [entry[:2] for entry in entries_of(client, "country=MD")]
    assert "nexus" not in str(entries_of(client, "country=AM"))


def test_feed_tells_nothing_that_was_changed_on_withdrawal_or_after(client, register):
    update(Project, "nexus", title="Changed with the withdrawal", state=WITHDRAWN)
    assert "Changed with" not in str(entries_of(client))
    change("nexus", title="Hidden words")
    assert "Hidden words" not in str(entries_of(client))
    assert entries_of(client, "q=hidden") == []
    assert entries_of(client, "country=MD")[0][:2] == ("withdrawn", "nexus")  # found by what was public of it
    assert entries_of(client)[0][:2] == ("withdrawn", "nexus")


def test_feed_project_published_again_says_so_and_what_the_public_missed(client, register):
    set_state(Project, ["nexus"], WITHDRAWN, user_name="tester")
    change("nexus", acronym="NX")
    change("nexus", summary="Rewritten")
    set_state(Project, ["nexus"], PUBLISHED, user_name="tester")
    what, _, text = entries_of(client, "country=MD")[0]
    assert what == "changed"
    assert "Published again" in text
    assert "Acronym: NX" in text
    assert "Summary: Rewritten" in text


def test_feed_deleted_project_is_in_the_whole_feed_only(client, register):
    delete(Project, ["nexus"], user_name="tester")
    assert entries_of(client)[0][:2] == ("withdrawn", "nexus")
    assert entries_of(client, "sort=-title")[0][:2] == ("withdrawn", "nexus")
    assert "nexus" not in str(entries_of(client, "country=MD"))


def test_feed_of_a_renamed_organisation_tells_of_its_projects(client, register):
    update(Organisation, "iom", name="Another Name")
    what, slug, text = entries_of(client)[0]
    assert (what, slug) == ("changed", "cmba")
    assert re.search(r"Organisations: Another Name, role: implementer, [^;]*; before: [^;]*, role: implementer,", text)
    assert "added" not in text


def test_news_leaves_out_what_changed_nothing(client, register):
    """As when all documents are recorded anew because they have one member more, not stated in any."""
    before = len(entries_of(client))
    last = Revision.objects.filter(kind="project", key="nexus").first()
    columns = {field.attname: getattr(last, field.attname) for field in Revision._meta.fields if field.name != "id"}
    document = last.document.replace('"modified"', '"new_member":null,"modified"')
    Revision.objects.bulk_create([Revision(**columns | {"document": document, "action": "changed"})])
    assert Revision.objects.get(pk=int(current_register().changes()[0])).key == "nexus"
    assert len(entries_of(client)) == before


def test_feed_pages_cover_it_once(client, register, settings):
    for number in range(5):
        change("nexus", acronym=f"N{number}")
    whole, seen, address = entries_of(client), [], "page_size=4"
    assert len(whole) == 13
    while address:
        seen += entries_of(client, address)
        root = feed(client, address)
        address = urlsplit(links(root).get("next", "")).query
        assert root.find(f"{ATOM}id").text == f"{settings.SITE_ADDRESS}/projects.atom"
    assert seen == whole
    assert links(feed(client, "page_size=4&page=2"))["previous"].endswith("page=1")
    assert client.get("/projects.atom?page=9").status_code == 404


@pytest.mark.parametrize("query", ["country=XX", "foo=1", "page=0", "q=a&q=b", "fields=slug", "sort=name"])
def test_feed_malformed_query(client, register, query):
    response = client.get(f"/projects.atom?{query}")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert list(response.json()["errors"]) == [query.split("=")[0]]


def test_feed_without_rows_is_a_feed(client, register):
    root = feed(client, "q=nothing-of-this")
    assert root.findall(f"{ATOM}entry") == []
    assert root.find(f"{ATOM}updated").text == feed(client).find(f"{ATOM}updated").text


def test_feed_of_an_empty_register_is_a_feed(client, db):
    assert feed(client).find(f"{ATOM}updated").text.startswith("1970")


def test_feed_hostile_words_stay_words(client, register):
    change("nexus", title="<script>alert(1)</script> & \x0b\x1f\ufffe ]]> “ü”")
    entry = next(feed(client).iter(f"{ATOM}entry"))
    assert "<script>alert(1)</script> & \ufffd\ufffd\ufffd ]]> “ü”" in entry.find(f"{ATOM}title").text
    assert "<script" not in entry.find(f"{ATOM}summary").text
    assert "&lt;script&gt;" in entry.find(f"{ATOM}summary").text


def test_feed_queries_do_not_grow(client, register):
    def number_of_queries(query):
        return len(queries(client.get, f"/projects.atom?{query}"))

    client.get("/projects.atom")  # the index is built
    asked = ("page_size=100", "country=GE&page_size=100", "q=border")
    few = [number_of_queries(query) for query in asked]
    assert few[0] == 2  # the version of the register, and the changes
    call_command("make_sample_projects", 120, beside_others=True, verbosity=0)
    for number in range(3):
        Project.objects.update(acronym=f"N{number}")
        record(Project, list(Project.objects.values_list("pk", flat=True)), user_name="tester")
    assert len(news(current_register().changes()[:100])) == 100
    assert [number_of_queries(query) for query in asked] == few


def test_changes_are_those_of_the_log_though_read_in_batches(register, monkeypatch):
    monkeypatch.setattr("projects.index.index.BATCH", 3)
    read = build(current_register().version).changes()
    changes = Revision.objects.filter(kind="project").public().order_by("id")
    assert read.upto("id", read.size).tolist() == list(changes.values_list("id", flat=True))
