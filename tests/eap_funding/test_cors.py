"""Pages of other sites may read the API and the files, and nothing else."""

import re

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ORIGIN = {"origin": "https://elsewhere.example"}
READABLE = [
    "/api/v1/", "/api/v1/projects/", "/api/v1/projects/nexus/", "/api/v1/stats/", "/api/v1/schema/", "/projects.json", "/projects.atom",
    "/projects/nexus.json", "/projects.json?country=XX", "/api/v1/projects/nobody/", "/api/v1/projects/?page=99", "/projects/nobody.json",
]  # fmt: skip
NOT_READABLE = [
    "/", "/projects/", "/projects/nexus/", "/fr/projects/", "/about/", "/nothing/", "/healthz", "/readyz", "/robots.txt",
    "/admin/", "/admin/login/", "/admin/api/", "/admin/projects.json", "/admin/x%0a/api/y.json", "/data/",
]  # fmt: skip


def cors(response):
    return {name: value for name, value in response.headers.items() if name.lower().startswith("access-control")}


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("address", READABLE)
def test_api_and_files_are_read_from_any_site(client, register, address, method):
    response = getattr(client, method)(address, headers=ORIGIN)
    assert cors(response)["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in cors(response)
    exposed = set(cors(response)["access-control-expose-headers"].split(", "))
    hardly_safe = {"Content-Type", "Cache-Control", "Content-Length", "Content-Language"}  # readable anyway
    headers = {
        name for name in response.headers if re.match("ETag|Last-Mod|Link|RateLimit|Retry|X-R|X-T|Content-D", name)
    }
    assert headers - hardly_safe <= exposed


@pytest.mark.parametrize("address", NOT_READABLE)
@pytest.mark.parametrize("method", ["get", "options"])
def test_pages_and_admin_are_not(client, admin_client, register, address, method):
    for someone in (client, admin_client):
        asked = ORIGIN | ({"access-control-request-method": "GET"} if method == "options" else {})
        assert cors(getattr(someone, method)(address, headers=asked)) == {}


def test_refusals_of_every_kind_are_readable(client, register, settings):
    asked = [
        client.post("/api/v1/projects/", headers=ORIGIN),
        client.get("/projects.json", headers=ORIGIN | {"accept": "image/png"}),
        client.generic("GET", "/api/v1/projects/", data="x", headers=ORIGIN),
        client.get("/api/v1/projects/?q=%FF", headers=ORIGIN),
    ]
    settings.RATE_LIMIT = 1
    asked += [client.get("/api/v1/projects/", headers=ORIGIN) for _ in range(2)][1:]
    assert [response.status_code for response in asked] == [405, 406, 400, 400, 429]
    assert [cors(response)["access-control-allow-origin"] for response in asked] == ["*"] * 5


def test_unchanged_is_readable(client, register):
    known = client.get("/projects.json").headers["ETag"]
    response = client.get("/projects.json", headers=ORIGIN | {"if-none-match": known})
    assert response.status_code == 304
    assert cors(response)["access-control-allow-origin"] == "*"


def test_preflight_allows_to_read_on_condition(client, db):
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "if-none-match, x-request-id"}
    response = client.options("/api/v1/projects/", headers=ORIGIN | asked)
    assert response.status_code == 200
    assert response.content == b""
    assert cors(response)["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert {"If-None-Match", "X-Request-ID"} <= set(cors(response)["access-control-allow-headers"].split(", "))
    assert int(cors(response)["access-control-max-age"]) > 0
    refused = client.options("/api/v1/projects/", headers=ORIGIN | asked | {"access-control-request-method": "POST"})
    assert "POST" not in cors(refused)["access-control-allow-methods"]


@pytest.mark.parametrize(
    "origin",
    ["null", "", "*", "https://[", "é", pytest.param("x" * 5000, id="long"), "https://a.example, https://b.example"],
)
def test_origin_is_never_repeated(client, register, origin):
    response = client.get("/api/v1/projects/", headers={"origin": origin})
    assert response.status_code == 200
    assert cors(response).get("access-control-allow-origin", "*") == "*"


def test_script_of_another_site_reads_the_headers(browser, live_server, register):
    """In a real browser a page of another origin reads body and headers, of an answer and of a refusal."""
    page = browser.new_context(bypass_csp=True).new_page()  # our own policy would let it ask nobody else
    page.goto(live_server.url.replace("localhost", "127.0.0.1") + "/healthz")
    read = """async ([address, headers]) => {
        const answer = await fetch(address, {headers});
        return [answer.status, answer.headers.get("ETag"), answer.headers.get("X-Request-ID"), await answer.text()];
    }"""
    address = live_server.url + "/api/v1/projects/"
    status, etag, _, text = page.evaluate(read, [address, {"X-Request-ID": "from-elsewhere"}])
    assert (status, "nexus" in text) == (200, True)
    assert etag.startswith("W/")
    status, _, name, _ = page.evaluate(read, [address + "?foo=1", {"X-Request-ID": "from-elsewhere"}])
    assert (status, name) == (400, "from-elsewhere")
    with pytest.raises(Exception, match="Failed to fetch"):
        page.evaluate(read, [live_server.url + "/projects/", {}])
