"""What the head of a page says to search engines, other sites and feed readers; the pages about the register."""

import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override

from projects.models import Contribution, Project
from projects.published.schema_org import graph_of
from projects.templatetags.heads import DEFAULTS, canonical_query
from provenance.store.build import upgrade
from provenance.store.log import set_state
from tests.support.loops import at_least_one
from tests.support.records import record
from tests.support.staff import WITHDRAWN

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SITE = "http://testserver"
HOSTILE = '</script><script>alert(1)</script><!-- & "quoted" \u2028'


def head_of(client, address, **options):
    return client.get(address, **options).content.decode().split("</head>")[0]


def link(head, relation, more=""):
    """The address of the link of that relation, or None."""
    match = re.search(rf'<link rel="{relation}"{more}[^>]* href="([^"]+)"', head)
    return match and unescape(match[1])


def graph(client, address):
    text = re.search(r'<script type="application/ld\+json">(.*?)</script>', head_of(client, address))[1]
    data = json.loads(text)
    assert data["@context"] == "https://schema.org"
    return data["@graph"]


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("", ""),
        ("page=1&q=&country=", ""),
        ("page=2", "?page=2"),
        ("country=MD&page=1&q=border", "?q=border&country=MD"),
        ("country=MD&country=GE", "?country=GE&country=MD"),
        ("sort=title&page_size=25&certainty=possible", ""),
        ("sort=-title&page_size=50", "?page_size=50&sort=-title"),
        ("certainty=certain", ""),
        ("certainty=certain&active_from=2011", "?active_from=2011&certainty=certain"),
        ("currency=USD", ""),
        ("currency=USD&amount_min=5", "?amount_min=5&currency=USD"),
        ("q=a%26b+c", "?q=a%26b+c"),
    ],
)
def test_canonical_query_has_one_form(given, canonical):
    assert canonical_query(QueryDict(given)) == canonical


@pytest.mark.parametrize(
    ("name", "others"),
    [("page", ["2"]), ("page_size", ["24", "100"]), ("sort", ["-title", "budget"]), ("certainty", ["certain"])],
)
def test_canonical_query_leaves_out_only_what_is_asked_for_anyway(client, register, name, others):
    """A default that is left out gives the same rows as if it stood there; any other value stands."""
    with_it = "&active_from=2011&active_to=2011" if name == "certainty" else ""
    plain = client.get(f"/api/v1/projects/?{with_it}").json()["results"]
    assert canonical_query(QueryDict(f"{name}={DEFAULTS[name]}{with_it}")) == canonical_query(QueryDict(with_it))
    assert client.get(f"/api/v1/projects/?{name}={DEFAULTS[name]}{with_it}").json()["results"] == plain
    for other in others:
        assert f"{name}={other}" in canonical_query(QueryDict(f"{name}={other}{with_it}"))


def test_head_names_the_one_address(client, register):
    for address in ("/", "/projects/", "/projects/nexus/", "/countries/GE/", "/about/"):
        assert link(head_of(client, address), "canonical") == SITE + address
    listed = head_of(client, "/projects/?sort=title&country=MD&page=1")
    assert link(listed, "canonical") == f"{SITE}/projects/?country=MD"
    assert "noindex" not in listed


@pytest.mark.parametrize("address", ["/nothing/", "/projects/?foo=1", "/projects/?page=99", "/projects/nexus/"])
def test_head_of_an_error_names_no_address_and_is_not_indexed(client, register, address):
    set_state(Project, ["nexus"], WITHDRAWN, user_name="tester")
    head = head_of(client, address)
    assert '<meta name="robots" content="noindex">' in head
    assert "canonical" not in head
    assert "hreflang" not in head
    assert "og:url" not in head


def test_head_of_a_list_without_rows_is_not_indexed(client, register):
    assert "noindex" in head_of(client, "/projects/?q=nothing-of-this")
    assert "noindex" not in head_of(client, "/instruments/AMIF/")


@pytest.mark.parametrize(
    ("address", "feed"),
    [
        ("/", "/projects.atom"),
        ("/projects/", "/projects.atom"),
        ("/projects/?country=MD&page=1&sort=-budget&page_size=1", "/projects.atom?country=MD"),
        ("/countries/GE/", "/projects.atom?country=GE"),
        ("/projects/pictures/?country=GE", "/projects.atom?country=GE"),
        ("/organisations/iom/", "/projects.atom?organisation=iom"),
        ("/countries/", "/countries.atom"),
        ("/sources/financial-and-technical-assistance/", "/sources.atom"),
        ("/about/", None),
    ],
)
def test_head_leads_to_the_feed_of_what_the_page_lists(client, register, address, feed):
    assert link(head_of(client, address), "alternate", ' type="application/atom\\+xml"') == feed
    assert feed is None or client.get(feed).status_code == 200


def head_in(language, root, path, **context):
    request = RequestFactory().get(path)
    languages = [{"code": "en", "address": "/en/"}, {"code": "fr", "address": "/fr/"}]
    with override(language):
        context = {"request": request, "root": root, "languages": languages, **context}
        return render_to_string("_components/head_links.html", context)


@pytest.mark.parametrize(
    ("language", "root", "path", "canonical"),
    [
        ("en-gb", "", "/about/", "/about/"),
        ("en-gb", "/en", "/about/", "/en/about/"),
        ("fr", "", "/about/", "/fr/about/"),
        ("fr", "/fr", "/about/", "/fr/about/"),
        ("fr", "", "/api/v1/docs/", "/api/v1/docs/"),
    ],
)
def test_head_names_the_address_in_the_language_shown(language, root, path, canonical):
    head = head_in(language, root, path)
    assert link(head, "canonical") == SITE + canonical
    assert f'content="{"fr_FR" if language == "fr" else "en_GB"}"' in head


def test_head_names_the_other_languages():
    head = head_in("fr", "/fr", "/projects/?page=1&country=MD")
    for language, address in (("en", "/en"), ("fr", "/fr"), ("x-default", "")):
        assert link(head, "alternate", f' hreflang="{language}"') == f"{SITE}{address}/projects/?country=MD"
    assert "hreflang" not in head_in("en-gb", "", "/projects/", languages=None)


def test_head_shows_other_sites_what_the_page_is_about(client, register):
    head = head_of(client, "/projects/bagratashen-sadakhlo-ibm/")
    assert '<meta property="og:title" content="Bagratashen-Sadakhlo Integrated Border Management Project – ' in head
    assert '<meta property="og:type" content="website">' in head
    assert f'<meta property="og:url" content="{SITE}/projects/bagratashen-sadakhlo-ibm/">' in head
    assert '<meta property="og:title" content="Georgia – ' in head_of(client, "/countries/GE/")
    assert '<meta property="og:title" content="Projects in Georgia – ' in head_of(client, "/projects/?country=GE")
    assert re.search(r'<meta name="description" property="og:description" content="[^"]{20,}', head_of(client, "/"))


def test_linked_data_states_an_amount_only_where_the_source_does(client, register):
    project, *grants = graph(client, "/projects/bagratashen-sadakhlo-ibm/")
    assert project["@type"] == "Project"
    assert project["url"] == f"{SITE}/projects/bagratashen-sadakhlo-ibm/"
    assert [grant["amount"] for grant in grants] == [
        {"@type": "MonetaryAmount", "currency": "EUR", "value": "1716000.00"}
    ]
    assert grants[0]["fundedItem"] == {"@id": project["@id"]}
    assert grants[0]["funder"]["name"] == "European Union"
    assert "alternateName" not in project
    _, *grants = graph(client, "/projects/nexus/")
    assert grants
    assert not [grant for grant in grants if "amount" in grant]
    assert [node["@type"] for node in graph(client, "/projects/moldova-targeted-initiative/")] == ["Project"]


def test_linked_data_of_each_project_states_its_contributions_and_no_date(client, register):
    for project in at_least_one(client.get("/api/v1/projects/").json()["results"]):
        nodes = graph_of(upgrade(Project, project), SITE)
        stated = [(part["amount"], part["currency"]) for part in project["contributions"] if part["amount"]]
        amounts = [node["amount"] for node in nodes if "amount" in node]
        assert [(amount["value"], amount["currency"]) for amount in amounts] == stated
        assert len(nodes) == 1 + len(project["contributions"])
        assert not re.search(r'"[a-z]*date[a-z]*"|null', json.dumps(nodes), re.IGNORECASE)
        assert nodes[0].get("description") == project["summary"]


def test_linked_data_of_other_records(client, register):
    assert graph(client, "/countries/GE/")[0] == {
        "@type": "Country", "@id": f"{SITE}/countries/GE/", "url": f"{SITE}/countries/GE/",
        "name": "Georgia", "identifier": "GE",
    }  # fmt: skip
    assert graph(client, "/organisations/iom/")[0]["@type"] == "Organization"
    assert "ld+json" not in head_of(client, "/instruments/ENI/")


@pytest.fixture
def hostile(register):
    Project.objects.filter(pk="nexus").update(title=HOSTILE, summary=HOSTILE)
    Contribution.objects.filter(project="nexus").update(amount=5, currency="EUR")
    record(Project, ["nexus"], user_name="tester")


def test_linked_data_hostile_title_stays_a_title(client, hostile):
    head = head_of(client, "/projects/nexus/")
    assert "<script>alert" not in head
    assert graph(client, "/projects/nexus/")[0]["name"] == HOSTILE
    assert "\u2028" not in re.search(r"ld\+json.*?</script>", head)[0]


def test_linked_data_is_accepted_by_the_browser(page, live_server, hostile):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.log('CSP ' + e.violatedDirective))"
    )
    page.goto(f"{live_server.url}/projects/nexus/")
    data = json.loads(page.locator('script[type="application/ld+json"]').text_content())
    assert data["@graph"][0]["name"] == HOSTILE
    assert [complaint for complaint in complaints if not complaint.startswith("Failed to load resource")] == []


def test_opensearch_leads_to_a_search(client, register):
    response = client.get("/opensearch.xml")
    assert response.headers["Content-Type"] == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(response.content)  # noqa: S314 — it is our own
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert len(root.find(f"{space}ShortName").text) <= 16
    assert len(root.find(f"{space}LongName").text) <= 48
    for url in at_least_one(root.findall(f"{space}Url")):
        address = url.get("template").replace("{searchTerms}", "border").removeprefix(SITE)
        assert client.get(address).status_code == 200
    assert link(head_of(client, "/"), "search") == "/opensearch.xml"


def test_sitemap_names_the_pages_about_the_register(client, register):
    sitemap = client.get("/sitemap-pages.xml").content.decode()
    for address in ("/about/", "/accessibility/"):
        assert f"<loc>{SITE}{address}</loc>" in sitemap
        assert client.get(address).status_code == 200


def test_about_names_the_sources_and_the_contact(client, register, settings):
    page = client.get("/about/").content.decode()
    assert "Financial and technical assistance</a></cite>, Migration and Home Affairs, undated" in page
    assert "No licence has been chosen" in page
    assert "There is one source:" in page


@pytest.mark.parametrize(
    ("licence", "words"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", '<a href="{0}">{0}</a>.'),
        ("CC BY 4.0", "under this licence: CC BY 4.0."),
        ("<b>ours</b>", "under this licence: &lt;b&gt;ours&lt;/b&gt;."),
        ("javascript:alert(1)", "under this licence: javascript:alert(1)."),
    ],
)
def test_about_names_the_licence(client, register, settings, licence, words):
    settings.LICENCE = licence
    page = client.get("/en/about/").content.decode()
    assert words.format(licence) in page
    assert "No licence" not in page
    assert "without a licence" not in page
    assert "sous cette licence" in client.get("/fr/about/").content.decode()


def test_contact_of_the_installation_is_shown(rf):
    for template in ("about.html", "accessibility.html"):
        page = render_to_string(template, {"house": {"contact": "desk@example.org"}, "request": rf.get("/about/")})
        assert '<a href="mailto:desk@example.org">desk@example.org</a>' in page
        assert "No contact address has been set" in render_to_string(template, {"request": rf.get("/about/")})
