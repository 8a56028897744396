"""What a query string is understood to ask for: each value once, no page with what others added, and never too much."""

import re
import time
from threading import Thread
from urllib.parse import urlencode

import pytest
from django.core.cache import caches
from django.http import HttpResponse

from eap_funding.middleware import rate_limit
from instruments.models import Instrument
from projects.index.version import Version, register_version
from projects.models import Project
from projects.pages.cache import LARGEST, BoundedMemory, cached
from provenance.store.log import delete, set_state
from tests.support.database import queries
from tests.support.staff import make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES = [
    "/", "/projects/", "/projects/nexus/", "/projects/nexus/history/", "/countries/", "/countries/GE/", "/instruments/",
    "/instruments/ENI/", "/partnerships/", "/partnerships/eu-georgia-mobility-partnership/", "/organisations/",
    "/organisations/icmpd/", "/compare/", "/gaps/", "/data/", "/about/", "/accessibility/",
]  # fmt: skip
STRICT = [
    "/api/v1/", "/api/v1/projects/", "/api/v1/projects/nexus/", "/api/v1/stats/", "/api/v1/changes/", "/api/v1/schema/",
    "/api/v1/docs/", "/projects.json", "/projects.csv", "/projects.atom", "/projects.xml", "/projects/nexus.json",
    "/countries.csv", "/projects.csv-metadata.json", "/data/catalog", "/data/datapackage.json",
]  # fmt: skip


# -- What others add to a link --


@pytest.mark.parametrize("prefix", ["", "/fr", "/en"])
def test_page_drops_what_it_does_not_know(client, register, prefix):
    for page in PAGES:
        address = prefix + page
        response = client.get(f"{address}?fbclid=IwAR0&utm_source=x")
        assert (response.status_code, response.headers["Location"]) == (302, address)
        assert "ETag" not in response.headers
        assert client.head(f"{address}?gclid=").headers["Location"] == address
        assert client.get(address).status_code == 200


def test_page_of_a_version_drops_what_it_does_not_know(client, register):
    address = re.search(r"/projects/nexus/history/\d+/", client.get("/projects/nexus/history/").getvalue().decode())[0]
    assert client.get(f"{address}?utm_source=x").headers["Location"] == address
    assert client.get(address.replace("nexus", "NEXUS")).headers["Location"] == address


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("fbclid=x&country=GE", "country=GE"),
        ("q=caf%C3%A9+%26+%2B&utm_id=%26q%3D", "q=caf%C3%A9+%26+%2B"),
        ("q=Bak%c4%b1&x", "q=Bak%C4%B1"),
        ("x=1;country=GE&country=MD", "country=MD"),
        ("//evil.example=&country=GE", "country=GE"),
        ("country=GE&country=GE&x=1&status=", "country=GE"),
        ("as_of=2100-01-01T00:00:00%2B02:00&x=1", "as_of=2100-01-01T00%3A00%3A00%2B02%3A00"),
        ("country=XX&x=1", "country=XX"),
        ("cursor=&page_size=5", "page_size=5"),
    ],
)
def test_list_keeps_what_it_knows(client, register, given, left):
    response = client.get(f"/projects/?{given}")
    assert (response.status_code, response.headers["Location"]) == (302, f"/projects/?{left}")


def test_raw_utf_8_is_kept(client, register):
    response = client.get("/projects/", QUERY_STRING="fbclid=x&q=Bakı".encode().decode("latin-1"))
    assert response.headers["Location"] == "/projects/?q=Bak%C4%B1"


def test_program_is_told_what_is_unknown(client, register):
    for address in STRICT:
        response = client.get(f"{address}?fbclid=x")
        assert response.status_code == 400, address
        assert response.json()["errors"]["fbclid"], address


def test_host_of_the_redirect_is_never_anothers(client, register):
    for path in (
        "//evil.example/",
        "/fr//evil.example/",
        "/\\evil.example/",
        "//evil.example/projects/",
        "/projects//",
    ):
        response = client.get("/", PATH_INFO=path, QUERY_STRING="x=1&country=ge")
        assert response.status_code == 404, path
        assert not response.has_header("Location")


# -- Spelled otherwise --


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("/projects/?country=ge", "/projects/?country=GE"),
        ("/fr/projects/?country=ge&country=MD&fbclid=x", "/fr/projects/?country=GE&country=MD"),
        ("/projects/?country=ge&country=GE", "/projects/?country=GE"),
        ("/projects/?organisation=ICMPD&role=Lead", "/projects/?organisation=icmpd&role=lead"),
        ("/projects/?status=Ongoing&sort=-Budget", "/projects/?status=ongoing&sort=-budget"),
        ("/projects/?country=GE%20", "/projects/?country=GE"),
    ],
)
def test_value_in_another_spelling_leads_to_the_right_one(client, register, given, right):
    response = client.get(given)
    assert (response.status_code, response.headers["Location"]) == (302, right)
    assert client.get(right).status_code == 200


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("/countries/ge/", "/countries/GE/"),
        ("/fr/countries/Ge/", "/fr/countries/GE/"),
        ("/projects/NEXUS/", "/projects/nexus/"),
        ("/projects/Nexus/history/?page=1", "/projects/nexus/history/?page=1"),
        ("/organisations/ICMPD/?fbclid=x", "/organisations/icmpd/"),
    ],
)
def test_key_in_another_spelling_leads_to_the_right_one(client, register, given, right):
    response = client.get(given)
    assert (response.status_code, response.headers["Location"]) == (301, right)
    assert client.get(right).status_code == 200
    assert client.head(given).headers["Location"] == right


@pytest.mark.parametrize(
    ("address", "right"),
    [("/api/v1/countries/ge/", "GE"), ("/projects/NEXUS.json", "nexus"), ("/api/v1/instruments/Eni/", "ENI")],
)
def test_program_is_told_the_right_spelling(client, register, address, right):
    response = client.get(address)
    assert response.status_code == 404
    assert f"The correct spelling is “{right}”." in response.json()["detail"]


@pytest.mark.parametrize(
    "address", ["/projects/nexuss/", "/fr/projects/nexsu/history/", "/organisations/icmdp/?as_of={day}"]
)
def test_mistake_in_an_address_is_answered_with_what_may_be_meant(client, register, address):
    make(Project, "nexuz", state="draft")
    answer = client.get(address := address.format(day=register_version().at.date()))
    meant = re.findall(r'class="meant".*?</p>', answer.content.decode())
    assert (answer.status_code, len(meant)) == (404, 1)
    [[right, name]] = re.findall(r'href="([^"]*)"[^>]*>([^<]*)<', meant[0])
    assert name in re.search(r"<h1.*?</h1>", client.get(right).content.decode(), re.DOTALL)[0]
    assert not name.islower()  # a name, not a slug
    assert right in (
        address.replace(wrong, key) for wrong, key in (("nexuss", "nexus"), ("nexsu", "nexus"), ("icmdp", "icmpd"))
    )


def test_program_is_told_what_may_be_meant_but_no_draft(client, register):
    make(Project, "enigmmb", state="draft")
    for key in ("cmbc", "cmbd", "cmbe"):
        make(Project, key)
    for wrong, right in (("enigma", "“enigmma”"), ("cmbb", "“cmba”, “cmbc” or “cmbd”")):
        assert client.get(f"/api/v1/projects/{wrong}/").json()["detail"].endswith(f" Did you mean {right}?")
    for other in ("nobody", "enigmmbb", "cmb", "georgia-targeted"):
        assert "Did you mean" not in client.get(f"/api/v1/projects/{other}/").json()["detail"]


@pytest.mark.parametrize("prefix", ["", "/fr"])
def test_withdrawn_record_in_another_spelling_leads_to_where_that_is_told(client, register, prefix):
    set_state(Project, ["nexus"], "withdrawn", user_name="somebody", reason="A test.")
    set_state(Instrument, ["AMIF"], "withdrawn", user_name="somebody", reason="A test.")
    delete(Project, ["enigmma"], user_name="somebody", reason="A test.")
    for given, right in (
        ("/projects/NEXUS/", "/projects/nexus/"),
        ("/projects/Nexus/history/", "/projects/nexus/history/"),
        ("/projects/ENIGMMA/", "/projects/enigmma/"),
        ("/instruments/Amif/", "/instruments/AMIF/"),
    ):
        response = client.get(f"{prefix}{given}")
        assert (response.status_code, response.headers["Location"]) == (301, f"{prefix}{right}"), given
        assert client.get(f"{prefix}{right}").status_code == 410
    answer = client.get("/api/v1/projects/NEXUS/")
    assert (answer.status_code, "The correct spelling is “nexus”." in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize("end", ["draft", "withdrawn", "deleted"])
def test_record_that_was_never_public_has_no_right_spelling(client, register, end):
    make(Project, "secret", state="draft")
    if end == "deleted":
        delete(Project, ["secret"], user_name="somebody", reason="A test.")
    else:
        set_state(Project, ["secret"], end, user_name="somebody", reason="A test.")
    for address in ("/projects/SECRET/", "/projects/Secret/history/", "/projects/SECRET/history/1/"):
        assert client.get(address).status_code == 404, address
    assert "secret”" not in client.get("/api/v1/projects/SECRET/").json()["detail"]


# -- The same value again, and too many --


def links(page):
    return re.findall(r'(?:href|content)="([^"]*\?[^"]*)"', page)


@pytest.mark.parametrize("address", ["/projects/", "/fr/projects/"])
def test_value_given_often_is_one(client, register, address):
    once = client.get(f"{address}?country=GE&q=migration")
    often = client.get(f"{address}?" + "&".join(["country=GE", "q=migration"] * 4500))
    assert often.status_code == 200
    assert often.content == once.content
    assert often.headers["ETag"] == once.headers["ETag"]
    assert all(link.count("country=") <= 2 for link in links(once.getvalue().decode()))


def test_value_given_often_is_one_to_programs(client, register):
    given = "&".join(["country=GE"] * 9000 + ["page_size=1", "page_size=1"])
    answer = client.get(f"/api/v1/projects/?{given}")
    assert answer.json()["next"].endswith("/api/v1/projects/?country=GE&page_size=1&page=2")
    assert len(answer.headers["Link"]) < 500
    for address in ("/projects.json", "/projects.csv", "/projects.atom", "/projects.csv-metadata.json"):
        once, often = client.get(f"{address}?country=GE&page_size=1"), client.get(f"{address}?{given}")
        assert often.status_code == 200
        assert often.getvalue().decode() == once.getvalue().decode()
        assert often.headers.get("Link") == once.headers.get("Link")


@pytest.mark.parametrize("address", ["/projects/", "/api/v1/projects/", "/projects.json"])
def test_two_different_values_of_one_stay_wrong(client, register, address):
    assert client.get(f"{address}?sort=title&sort=title").status_code == 200
    response = client.get(f"{address}?sort=title&sort=budget")
    assert response.status_code == 400
    assert "Given more than once" in response.getvalue().decode()


@pytest.mark.parametrize("address", ["/projects/", "/fr/projects/", "/api/v1/projects/", "/projects.csv", "/about/"])
def test_more_than_a_hundred_values_are_refused_by_name(client, register, address):
    response = client.get(f"{address}?" + "&".join(f"country={number}" for number in range(101)))
    assert response.status_code == 400
    assert re.search("country|Country|Pays", response.getvalue().decode())
    assert "101" in response.getvalue().decode()
    assert len(response.content) < 20_000
    if not address.endswith("/") or "/api/" in address:
        assert list(response.json()["errors"]) == ["country"]


def test_hundred_values_are_taken(client, register):
    response = client.get("/api/v1/projects/?" + "&".join(f"country={number}" for number in range(100)))
    assert "is not an allowed value" in response.json()["errors"]["country"][0]


TOO_MANY = {
    "different": "&".join(f"p{number}=x" for number in range(10_003)),
    "the same": "&".join(["country=GE"] * 10_001),
    "empty": "&" * 10_000,
    "blank": "x=&" * 10_001,
    "broken": "%FF&" * 10_001,
}


@pytest.mark.parametrize(
    "address", [*PAGES, *STRICT, "/fr/projects/", "/nothing/", "/fr/nothing/", "/healthz", "/admin/"]
)
def test_too_many_parameters_are_refused_in_words(client, register, caplog, address):
    for query in TOO_MANY.values():
        response = client.get(f"{address}?{query}")
        assert response.status_code in (400, 404), query[:20]
        assert "10000" in response.getvalue().decode() or response.status_code == 404
        assert len(response.content) < 20_000
        if address in STRICT:
            assert response.headers["Content-Type"] == "application/problem+json"
            assert {*response.json()["errors"]} <= {"p10000", "country", "", "x", "\ufffd"}
    assert len(caplog.records) == len(TOO_MANY)


def test_too_many_parameters_are_a_line_of_the_log(client, register, caplog):
    client.get("/projects/?" + "&" * 9_999)
    assert not caplog.records
    for path, logged in (("/projects/", "'/projects/'"), ("/a\n“b”/", r"'/a\n\u201cb\u201d/'")):
        caplog.clear()
        client.get("/", PATH_INFO=path.encode().decode("latin-1"), QUERY_STRING=TOO_MANY["empty"])
        [line] = caplog.records
        assert (line.levelname, line.name) == ("WARNING", "access")
        assert line.getMessage() == f"refused: 10001 parameters of {logged}"
    caplog.clear()
    client.get("/", PATH_INFO="/" + "a" * 100_000, QUERY_STRING=TOO_MANY["empty"])
    assert len(caplog.records[0].getMessage()) < 300


@pytest.mark.parametrize(
    "query", [TOO_MANY["empty"], "&".join(f"country={n}" for n in range(101))], ids=["parameters", "values"]
)
def test_refusal_of_a_query_is_in_the_language_of_the_page(client, register, query):
    french = re.search(r"<main.*</main>", client.get(f"/fr/projects/?{query}").getvalue().decode(), re.S)[0]
    by_browser = client.get(f"/projects/?{query}", headers={"accept-language": "fr"}).getvalue().decode()
    for page in (french, by_browser):
        assert re.search("plus de 10000 paramètres|Trop de valeurs\xa0: 101", page)
        assert not re.search("more than 10000|Too many values: 101|at once", page)
    assert re.search("more than 10000|Too many values: 101", client.get(f"/en/projects/?{query}").getvalue().decode())


@pytest.mark.parametrize(
    ("address", "is_multipart"),
    [
        ("/admin/projects/project/nexus/change/", False),
        ("/admin/projects/project/nexus/change/", True),
        ("/admin/login/", False),
        ("/admin/nothing/", False),
    ],
)
def test_form_of_too_many_fields_is_refused_in_words(client, admin_client, register, caplog, address, is_multipart):
    fields = {f"field{number}": "x" for number in range(10_001)}
    sent = {"data": fields} if is_multipart else {
        "data": urlencode(fields), "content_type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    for asking in (client, admin_client):
        response = asking.post(address, **sent)
        assert response.status_code == 413
        assert "10,000 fields. Nothing was saved." in response.getvalue().decode()
        assert len(response.content) < 20_000
    assert len(caplog.records) <= 2


def test_limit_of_requests_is_told_though_the_address_has_too_many(client, register, settings):
    settings.RATE_LIMIT = 1
    rate_limit.counted.clear()
    client.get("/about/")
    assert client.get(f"/about/?{TOO_MANY['empty']}").status_code == 429
    rate_limit.counted.clear()


LONG = {
    "value": "q=" + "a" * 200_000,
    "name": "a" * 200_000 + "=1",
    "names": "&".join(f"name{number}={number}" for number in range(9_900)),
    "semicolons": "q=1" + ";q=1" * 50_000,
    "with as_of": "as_of=2100&" + "&".join(f"name{number}=" for number in range(9_900)),
    "choice": "country=" + "a" * 200_000,
}


@pytest.mark.parametrize("query", LONG.values(), ids=LONG)
def test_refusal_is_never_longer_than_what_was_asked(client, register, query):
    for address in ("/projects/", "/api/v1/projects/", "/projects.json", "/projects.atom", "/api/v1/nothing/"):
        response = client.get(f"{address}?{query}")
        assert response.status_code in (302, 400, 404)
        assert len(response.content) < len(query) + 50_000, address
        assert not response.headers.get("Location", "").count("name")


def test_unknown_names_are_told_and_counted(client, register):
    errors = client.get(f"/api/v1/projects/?{LONG['names']}").json()["errors"]
    assert len(errors) == 10
    assert "Other unknown parameters: 9890." in errors["name9"]


def test_refusal_asks_nothing_of_the_database(client, register):
    for query in (TOO_MANY["the same"], "&".join(f"country={number}" for number in range(101))):
        assert not queries(client.get, f"/projects/?{query}")


# -- What is kept --


def test_cache_is_bounded_in_bytes():
    memory = BoundedMemory("a test of bytes", {"OPTIONS": {"MAX_BYTES": 10_000, "MAX_ENTRIES": 1000}})
    for number in range(50):
        memory.set(str(number), b"x" * 1000)
        memory.get("0")  # in use, so it stays
    assert sum(map(len, memory._cache.values())) <= 10_000
    assert memory.get("0")
    assert memory.get("49")
    assert not memory.get("1")
    memory.set("all", b"x" * 20_000)
    assert not memory.get("all")


def test_page_that_is_too_large_is_not_kept(client, register, monkeypatch):
    caches["default"].clear()
    monkeypatch.setattr("projects.pages.cache.LARGEST", 1000)
    client.get("/projects/")
    assert not caches["default"]._cache
    monkeypatch.setattr("projects.pages.cache.LARGEST", LARGEST)
    client.get("/projects/")
    assert caches["default"]._cache


def test_page_that_many_ask_for_at_once_is_built_once(rf):
    caches["default"].clear()
    built = []

    def view(request):
        built.append(request)
        time.sleep(0.2)
        return HttpResponse("the page")

    def ask():
        request = rf.get("/")
        request.register_version = Version(1, None)
        answers.append(cached(view)(request).content)

    answers = []
    readers = [Thread(target=ask) for _ in range(12)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert answers == [b"the page"] * 12
    assert len(built) == 1
