"""Nothing that anybody sends gives a 5xx, or the unfiltered rows; each refusal names what was wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from projects.search.filters import ProjectFilter

pytestmark = pytest.mark.django_db

DOORS = ["/projects/", "/projects.json", "/api/v1/projects/", "/api/v1/stats/"]
BAD = [
    ("country=XX", "country"), ("instrument=ENIX", "instrument"), ("theme=none", "theme"),
    ("organisation=nobody", "organisation"), ("role=lead", "role"), ("organisation=iom&role=boss", "role"),
    ("status=running", "status"), ("certainty=maybe&active_from=2011", "certainty"), ("not_stated=title", "not_stated"),
    ("active_from=2012-13", "active_from"), ("active_from=2012-02-30", "active_from"), ("active_to=12", "active_to"),
    ("active_from=0000", "active_from"), ("active_from=99999", "active_from"), ("active_from=%D9%A2%D9%A0%D9%A1%D9%A2", "active_from"),
    ("active_from=2013&active_to=2012", "active_to"), ("amount_min=2.584", "amount_min"), ("amount_min=NaN", "amount_min"),
    ("amount_min=-1", "amount_min"), ("amount_min=1e9", "amount_min"), ("amount_min=1_000", "amount_min"),
    ("amount_min=99999999999999999999", "amount_min"), ("amount_min=2&amount_max=1", "amount_max"),
    ("amount_min=1&currency=EURO", "currency"), ("amount_min=1&currency=ZZZ", "currency"),
    ("q=" + "a" * 201, "q"), ("q=" + "a" * 100_000, "q"), ("q=%CC%81", "q"), ("q=a&q=b", "q"), ("active_from=2011&active_from=2012", "active_from"),
    ("modified_from=soon", "modified_from"), ("modified_to=2012-13-01", "modified_to"), ("modified_from=2012", "modified_from"),
    ("modified_from=2026-11-25&modified_to=2026-11-24", "modified_to"),
    ("modified_from=2026-11-24T12:00&modified_to=2026-11-24T11:59", "modified_to"),
]  # fmt: skip
BAD_FOR_PROGRAMS = [  # pages lead to what is right (tests/eap_funding/test_query_string.py)
    ("foo=1", "foo"), ("country__in=MD", "country__in"), ("slug=nexus", "slug"), ("id=1", "id"), ("format=api", "format"),
    ("country=md", "country"), ("instrument=eni", "instrument"), ("status=Ongoing", "status"),
]  # fmt: skip
LIST_ONLY = [
    ("sort=name", "sort"), ("sort=--title", "sort"), ("page=0", "page"), ("page=-1", "page"), ("page=1.0", "page"), ("page=abc", "page"),
    ("page=" + "9" * 500, "page"), ("page_size=0", "page_size"), ("page_size=101", "page_size"), ("page_size=٣", "page_size"),
]  # fmt: skip


LISTED = "on the list"  # which has the fields of pages without


def test_list_page_malformed_query(client, register):
    for query, _ in BAD:
        response = client.get(f"/projects/?{query}")
        assert response.status_code == 400, query[:80]
        page = html.fromstring(response.content)
        [field] = page.xpath('//section[@class="errors"]//a/@href')
        assert page.get_element_by_id(field[1:]) is not None, query[:80]
        error = field[1:] + ("-error" if field.startswith("#facet") else "_error")
        assert page.get_element_by_id(error).text_content().strip(), query[:80]
        assert [each for each in page.xpath("//@aria-describedby") if error in each.split()], query[:80]
        assert page.xpath("//tbody") == [] or "&" in query, f"all projects, as if nothing had been asked: {query[:80]}"


@pytest.mark.parametrize("door", DOORS[1:])
def test_program_malformed_query(client, register, door):
    for query, parameter in [*BAD, *BAD_FOR_PROGRAMS]:
        response = client.get(f"{door}?{query}")
        assert response.status_code == 400, query[:80]
        assert response.headers["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == 400
        assert list(problem["errors"]) == [parameter], query[:80]


@pytest.mark.parametrize("door", [*DOORS[:3], "/countries/", "/api/v1/organisations/"])
def test_list_malformed_page_or_order(client, register, door):
    for query, parameter in LIST_ONLY:
        response = client.get(f"{door}?{query}")
        assert response.status_code == (302 if door == "/countries/" and parameter == "sort" else 400), query[:80]
        assert parameter in response.getvalue().decode() or response.status_code == 302, query[:80]


@pytest.mark.parametrize("door", [*DOORS[:3], "/countries/", "/api/v1/organisations/"])
def test_list_page_past_the_end(client, register, door):
    for page in ("2", "9" * 19, "1" + "0" * 30):
        response = client.get(f"{door}?page={page}")
        assert response.status_code == 404, page
        assert "There is no page" in response.getvalue().decode(), page


EVERYWHERE = [
    "/",
    "/projects/",
    "/projects.json",
    "/api/v1/projects/",
    "/api/v1/countries/MD/",
    "/healthz",
    "/nothing/",
]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_address_wrong_method(client, register, method):
    for address in EVERYWHERE:
        response = getattr(client, method)(address)
        assert response.status_code == 405, address
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_options_of_a_page_are_told_whatever_its_parameters(client, register):
    for query in ("", "?country=XX", "?country=ge", "?fbclid=1"):
        for page in ("/projects/", "/projects/pictures/", "/compare/"):
            response = client.options(page + query)
            assert (response.status_code, response.headers["Allow"]) == (200, "GET, HEAD, OPTIONS"), page + query
    for page in ("/", "/glossary/", "/sitemap.xml", "/robots.txt", "/healthz", "/.well-known/security.txt"):
        response = client.options(page)
        assert (response.status_code, response.headers["Allow"]) == (200, "GET, HEAD, OPTIONS"), page
        assert not response.content, page
    assert client.options("/know/").headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_address_body_on_get(client, register):
    for address in EVERYWHERE:
        response = client.generic("GET", address, data="x", content_type="text/plain")
        assert response.status_code == 400, address
        assert "cannot have a body" in response.getvalue().decode()


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/projects/?country=%00",
        "/api/v1/projects/a%00b/",
        "/projects/%00/",
        "/%00",
        "/projects/?q=%ED%A0%80",
        "/admin/?x=%00",
    ],
)
def test_address_nul_or_broken_encoding(client, register, address):
    response = client.get(address)
    assert 400 <= response.status_code < 500


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("q=%00", "q"),
        ("page=1&q=%FF&sort=title", "q"),
        ("%C3=1", "\ufffd"),
        ("a%00=1", "a\ufffd"),
        ("b" * 99 + "=%FF", "b" * 40),
    ],
)
def test_parameter_that_is_no_text_is_named(client, register, query, name):
    response = client.get(f"/api/v1/projects/?{query}")
    assert response.status_code == 400
    assert response.json()["errors"] == {name: [response.json()["detail"]]}
    assert client.get(f"/projects/?{query}").content.decode().count(response.json()["detail"]) == 1


@pytest.mark.parametrize("address", ["/projects/%FF/", "/%ff", "/fr/projects/%C3/", "/api/v1/projects/%ED%A0%80/"])
def test_address_that_is_not_utf_8_is_refused(client, register, address):
    answer = client.get(address)
    assert answer.status_code == 400
    assert "UTF-8" in answer.getvalue().decode()
    assert client.get("/projects/é/").status_code == 404


def test_page_error_offers_a_way_back(client, register):
    page = client.get("/nothing/").getvalue().decode()
    assert "<h1>Page not found</h1>" in page
    assert "There is no page at this address." in page
    assert '<a href="/">Home</a>' in page


def test_list_is_shown_without_the_wrong_filter(client, register):
    answer = client.get("/projects/?country=GE&amount_min=2.584&page=7")
    page = html.fromstring(answer.content)
    assert answer.status_code == 400
    assert len(page.xpath("//tbody/tr")) == 2
    assert "The page below ignores this." in answer.getvalue().decode()
    assert [link.text for link in page.xpath('//section[@class="errors"]//a')] == ["Smallest budget"]
    assert [link.text for link in page.xpath('//a[@class="tag"]')] == ["Country: Georgia"]


SOURCE = "/sources/financial-and-technical-assistance/"


@pytest.mark.parametrize(
    ("address", "label", "field", "kept"),
    [
        ("/compare/?country=GE&country=XX", "Country", "#facet-country", 'value="GE" checked'),
        ("/compare/?country=GE&country=MD&country=XX", "Country", LISTED, "<h1>Comparison: Georgia, Moldova</h1>"),
        (
            "/projects/pictures/?country=GE&amount_min=2.584",
            "Smallest budget",
            LISTED,
            "<h1>Charts: projects in Georgia</h1>",
        ),
        ("/projects/pictures/?amount_min=2.584", "Smallest budget", LISTED, "Show all projects"),
        ("/projects/values/theme/?country=GE&active_from=x", "Active from", LISTED, "Projects in Georgia"),
        ("/countries/?page=x", "Page", None, ">Armenia</a>"),
        ("/countries/?page_size=0", "Results per page", None, ">Armenia</a>"),
        ("/countries/GE/?as_of=x", "As of", None, "<h1>Georgia</h1>"),
        ("/projects/nexus/?as_of=3000-01-01", "As of", None, "NEXUS"),
        (SOURCE + "?page=0", "Page", None, "Financial and technical assistance"),
        ("/know/?record=/projects/nexus/&member=x", "Information", None, 'href="/projects/nexus/"'),
    ],
)
def test_page_is_shown_without_the_wrong_part_and_names_it(client, register, address, label, field, kept):
    answer = client.get(address)
    page = html.fromstring(answer.content)
    assert answer.status_code == 400
    [errors] = page.xpath('//main/section[@class="errors"]')
    [name] = errors.xpath("./ul/li/*")
    assert name.text == label
    link = name.get("href")
    if field == LISTED:
        assert client.get(link).status_code == 400
        page, link = html.fromstring(client.get(link).content), "#" + link.rpartition("#")[2]
    assert (link is None) == (field is None)
    assert link is None or page.get_element_by_id(link[1:]) is not None
    assert kept in answer.getvalue().decode()
    assert page.xpath("//title")[0].text.startswith("Error: ")


def test_error_page_leads_back_without_the_wrong_part_only(client, register):
    answer = client.get("/projects/pictures/by-country.svg?country=GE&amount_min=2.584")
    assert answer.status_code == 400
    assert (
        '<a href="/projects/pictures/by-country.svg?country=GE">This page without that part</a>'
        in answer.getvalue().decode()
    )


names = st.sampled_from([*ProjectFilter.base_filters, "x"])
values = st.one_of(
    st.text(max_size=20), st.integers().map(str), st.decimals().map(str), st.dates().map(str),
    st.sampled_from(["MD", "ENI", "lead", "2012", "budget", "-title", "EUR", "certain", "%", "\\", "'", "1e400", "\u0130"]),
)  # fmt: skip


@given(query=st.lists(st.tuples(names, values), max_size=5))
def test_doors_any_query(client, register, query):
    for door in DOORS:
        response = client.get(door, query_params=query)
        assert response.status_code in (200, 400, 404) or (door, response.status_code) == ("/projects/", 302), query
        text = response.getvalue().decode()  # to its end: a file holds its place until then
        if response.status_code != 200 and door != "/projects/":
            json.loads(text)
