"""Paging by cursor: every row once, in order, both ways, while rows come and go."""

import re

import pytest
from django.core import signing
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from projects import samples
from projects.index.index import ORDERS as SORTS
from projects.models import Contribution, Project
from provenance.store.log import set_state
from tests.conftest import EXAMPLES
from tests.support.database import queries
from tests.support.records import record

pytestmark = pytest.mark.django_db

ORDERS = [sign + name for name in SORTS for sign in ("", "-")]
LIST = "/api/v1/projects/"


def slugs(page):
    return [project["slug"] for project in page["results"]]


def walk(client, address, member="next", between=lambda: None):
    """Yield the pages from ``address`` on, following ``member``."""
    while address:
        page = client.get(address).json()
        yield page
        between()
        address = page[member]


def last_page(client, address):
    *_, page = walk(client, address)
    return page


@pytest.fixture(scope="session")
def some_samples_copy(copies):
    return copies("some", make_some_samples)


def make_some_samples():
    call_command("load_fixtures", verbosity=0)
    samples.make(40, beside_others=True)
    same = {"start_date": "2011", "end_date": "2012-05", "budget_amount": "12.30", "budget_currency": "EUR"}
    slugs = list(Project.objects.published().order_by("slug").values_list("slug", flat=True))
    Contribution.objects.filter(project__in=slugs[::3]).delete()
    Project.objects.filter(slug__in=slugs[::3]).update(**same, title="The same")
    record(Project, slugs[::3], user_name="tester")


@pytest.fixture
def some_samples(db, some_samples_copy):
    """Projects with and without each value, some of them with the same."""
    some_samples_copy()


def by_number(client, order):
    return slugs(client.get(f"{LIST}?sort={order}&page_size=100").json())


@pytest.mark.parametrize("order", ORDERS)
def test_cursor_walks_every_row_in_order_and_back(client, some_samples, order):
    expected = by_number(client, order)
    for size in (4, 100):
        there = list(walk(client, f"{LIST}?sort={order}&page_size={size}&cursor="))
        assert [slug for page in there for slug in slugs(page)] == expected
        assert there[0]["previous"] is None
        back = list(walk(client, there[-1]["previous"], "previous"))
        assert [slug for page in [*reversed(back), there[-1]] for slug in slugs(page)] == expected
        assert all(len(slugs(page)) == size for page in [*there[:-1], *back])


def test_cursor_answer_has_no_count_and_whole_projects(client, register):
    page = client.get(f"{LIST}?cursor=&page_size=2").json()
    assert list(page) == ["next", "previous", "results"]
    assert page["results"][1] == client.get("/api/v1/projects/cmba/").json()
    assert page["next"].startswith("http://testserver/api/v1/projects/?cursor=")


@pytest.mark.slow
@settings(max_examples=2 * EXAMPLES)
@given(data=st.data())
def test_cursor_is_stable_while_rows_come_and_go(client, some_samples, data):
    """Rows that stay are seen once each, in order; of the others none is seen twice."""
    order = data.draw(st.sampled_from([each for each in ORDERS if "modified" not in each]), "order")  # which changes
    size = data.draw(st.integers(1, 9), "page size")
    hidden = Project.objects.exclude(state="published").values_list("pk", flat=True)
    set_state(Project, list(hidden), "published", user_name="tester")
    everything = by_number(client, order)
    changing = data.draw(st.sets(st.sampled_from(everything), max_size=15), "rows that come and go")
    gone = data.draw(st.sets(st.sampled_from(sorted(changing))), "gone") if changing else []
    set_state(Project, sorted(gone), "withdrawn", user_name="tester")

    def between():
        turned = data.draw(st.sets(st.sampled_from(sorted(changing)), max_size=3), "turned") if changing else []
        for project in Project.objects.filter(slug__in=turned):
            state = "withdrawn" if project.state == "published" else "published"
            set_state(Project, [project.slug], state, user_name="tester")

    seen = [
        slug
        for page in walk(client, f"{LIST}?sort={order}&page_size={size}&cursor=", between=between)
        for slug in slugs(page)
    ]
    assert seen == [slug for slug in everything if slug in set(seen)]
    assert set(everything) - changing <= set(seen)


def test_cursor_backwards_is_stable_while_rows_come_and_go(client, some_samples):
    expected = by_number(client, "-budget")
    page = last_page(client, f"{LIST}?sort=-budget&page_size=4&cursor=")
    gone = [expected[1], expected[9], slugs(page)[0]]
    set_state(Project, gone, "withdrawn", user_name="tester")
    back = list(walk(client, page["previous"], "previous"))
    walked = [slug for each in reversed(back) for slug in slugs(each)] + slugs(page)[1:]
    assert walked == [slug for slug in expected if slug not in gone]


def test_cursor_leads_back_from_where_nothing_is_left(client, register):
    first = client.get(f"{LIST}?page_size=7&cursor=").json()
    second = client.get(first["next"]).json()
    set_state(Project, slugs(second), "withdrawn", user_name="tester")
    empty = client.get(first["next"]).json()
    assert (empty["results"], empty["next"]) == ([], None)
    assert slugs(client.get(empty["previous"]).json()) == slugs(first)
    set_state(Project, slugs(first), "withdrawn", user_name="tester")
    nothing = client.get(second["previous"]).json()
    assert (nothing["results"], nothing["previous"]) == ([], None)
    set_state(Project, ["nexus"], "published", user_name="tester")
    assert slugs(client.get(nothing["next"]).json()) == ["nexus"]


@pytest.mark.parametrize("collection", ["countries", "instruments", "partnerships", "organisations"])
def test_other_lists_take_a_cursor(client, register, collection):
    whole = client.get(f"/api/v1/{collection}/?page_size=100").json()["results"]
    pages = list(walk(client, f"/api/v1/{collection}/?page_size=2&cursor="))
    assert [record for page in pages for record in page["results"]] == whole
    assert len(pages) > 1


def problem(client, address):
    response = client.get(address)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.json()["errors"]


def next_token(client, address=f"{LIST}?page_size=2&cursor="):
    return re.search(r"cursor=([^&]+)", client.get(address).json()["next"])[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1] + ("a" if t[-1] != "a" else "b"),
        lambda t: "x" + t,
        lambda t: "abc",
        lambda t: "%F0%9F%92%A9",
        lambda t: ":" * 9,
    ],
)
def test_cursor_forged(client, register, change):
    errors = problem(client, f"{LIST}?page_size=2&cursor={change(next_token(client))}")
    assert errors == {"cursor": ["The cursor is not valid. Take it from next or previous, or start with cursor=."]}


def test_cursor_of_another_signature_is_forged(client, register):
    token = signing.dumps(["", None, "nexus", False], salt="another purpose")
    assert "is not valid" in problem(client, f"{LIST}?cursor={token}")["cursor"][0]


@pytest.mark.parametrize(
    "other", [f"{LIST}?country=GE", f"{LIST}?sort=budget", f"{LIST}?sort=-title", "/api/v1/countries/?"]
)
def test_cursor_of_another_question(client, register, other):
    errors = problem(client, f"{other}&cursor={next_token(client)}")
    assert "belongs to another query string or order" in errors["cursor"][0]


def test_cursor_goes_with_the_same_question_in_other_words(client, register):
    token = next_token(client, f"{LIST}?country=GE&country=AZ&page_size=1&cursor=")
    same = client.get(f"{LIST}?cursor={token}&page_size=2&country=AZ&country=GE&country=GE&sort=title&q=&fields=slug")
    assert slugs(same.json()) == ["enigmma", "azerbaijan-targeted-initiative"]


def test_cursor_lasts_seven_days(client, register, monkeypatch):
    token, now = next_token(client), signing.time.time
    monkeypatch.setattr(signing.time, "time", lambda: now() + 7 * 24 * 3600 - 60)
    assert client.get(f"{LIST}?cursor={token}").status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: now() + 7 * 24 * 3600 + 60)
    errors = problem(client, f"{LIST}?cursor={token}")
    assert errors == {"cursor": ["The cursor is more than 7 days old. Start again with cursor=."]}


@pytest.mark.parametrize("query", ["cursor=&page=1", "cursor=&page=2"])
def test_cursor_with_page(client, register, query):
    assert problem(client, f"{LIST}?{query}") == {"cursor": ["Cannot be combined with page."]}


def test_cursor_given_twice(client, register):
    token = client.get(f"{LIST}?cursor=&page_size=2").json()["next"].partition("cursor=")[2]
    assert problem(client, f"{LIST}?cursor=&cursor={token}") == {
        "cursor": ["Given more than once. Use one value only."]
    }
    assert client.get(f"{LIST}?cursor=&cursor=").status_code == 200


def test_cursor_makes_as_few_queries_on_every_page(client, some_samples):
    client.get(LIST)  # the index is built
    counts = set()
    address = f"{LIST}?sort=budget&page_size=7&cursor="
    while address:
        counts.add(len(queries(client.get, address)))
        address = client.get(address).json()["next"]
    assert counts <= {1, 2}  # the version of the register, and texts that were not read before


# -- Link headers (RFC 8288) --


def links(response):
    return {rel: address for address, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', response.headers["Link"])}


def test_list_links_to_its_pages(client, register):
    middle = client.get(f"{LIST}?q=e&page_size=2&page=2")
    address = "http://testserver/api/v1/projects/?q=e&page_size=2&page="
    last = -(-middle.json()["count"] // 2)
    assert links(middle) == {
        "first": f"{address}1",
        "prev": f"{address}1",
        "next": f"{address}3",
        "last": f"{address}{last}",
    }
    assert set(links(client.get(f"{LIST}?page_size=100"))) == {"first", "last"}


def test_list_with_cursor_links_to_its_pages(client, register):
    first = client.get(f"{LIST}?page_size=3&country=AZ&cursor=")
    assert set(links(first)) == {"first"}
    second = client.get(client.get(f"{LIST}?page_size=3&cursor=").json()["next"])
    assert links(second) == {
        "first": "http://testserver/api/v1/projects/?page_size=3&cursor=",
        "prev": second.json()["previous"], "next": second.json()["next"],
    }  # fmt: skip


def test_empty_list_links_to_its_first_page(client, register):
    assert set(links(client.get(f"{LIST}?q=xyz"))) == {"first", "last"}


def test_list_of_a_long_address_has_no_link_header(client, register, monkeypatch):
    monkeypatch.setattr("projects.api.lists.LONGEST_LINK", 100)
    response = client.get(f"{LIST}?page_size=2&country=GE")
    assert response.status_code == 200
    assert "Link" not in response.headers
    assert response.json()["next"] is None
