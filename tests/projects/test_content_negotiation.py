"""Which forms a client takes: its ``Accept``, as RFC 9110 (12.5.1) says."""

import pytest

from projects.exports.content_negotiation import quality

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize(
    ("accept", "liked"),
    [
        (None, 1), ("*/*", 1), ("*", 1), ("text/*", 1), ("text/csv", 1), ("TEXT/CSV", 1), ("text/csv;q=0.3", 0.3), ("text/csv ; Q=0.3", 0.3),
        ("text/csv; charset=utf-8", 1), ("text/csv;header=present", 1), ('text/csv;a="x,y;q=0";q=0.5', 0.5), ("text/csv;charset=utf-8;q=0.2", 0.2),
        ("text/html;level=1, text/csv;header=absent;q=0.4", 0.4), ("*/*;q=0.1", 0.1), ("text/html, */*;q=0.1", 0.1), ("text/csv;q=0, */*", 0),
        ("*/*, text/csv;q=0", 0), ("text/*;q=0, */*", 0), ("text/csv;q=0.000", 0), ("text/csv;charset=utf-8;q=0", 0), ("text/html", 0), ("", 0),
        ("text/*;q=0.9, text/csv;q=0.2", 0.2), ("text/csv;q=0.2, text/csv;header=present;q=0.6", 0.6), ("text/html, image/gif, *; q=.2", 0.2),
        ("text/csv;q=2", 1), ("text/csv;q=", 1), ("text/csv;q=nan", 1), ("text/csv;q=-1", 1), ("text/csv;q=1e9", 1), ("nonsense", 0),
        (",,;;,q=0", 0), (";q=1", 0), ("text/csv;;;", 1), ("text/", 0), ("/csv", 0), ('text/csv;a="open', 1), ("text/csv\x00", 0), ("é/ü, text/csv", 1),
    ],
)  # fmt: skip
def test_quality_of_csv(rf, accept, liked):
    request = rf.get("/", **({} if accept is None else {"HTTP_ACCEPT": accept}))
    assert quality(request, "text/csv") == liked


ADDRESSES = [
    "/projects/", "/projects.csv", "/projects.xlsx", "/projects.json", "/projects.ndjson", "/projects.xml", "/projects.atom",
    "/projects.csv-metadata.json", "/projects/nexus.json", "/api/v1/projects/", "/api/v1/projects/nexus/", "/api/v1/schema/",
    "/data/catalog.ttl", "/data/catalog", "/opensearch.xml", "/sitemap.xml", "/fr/about/",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_own_content_type_is_accepted(client, register, address):
    response = client.get(address)
    b"".join(response)
    own = response.headers["Content-Type"]
    name = own.partition(";")[0]
    for accept in (
        own,
        f"{name};profile=x",
        f"{name};header=present;q=0.1",
        f"image/png, {name}; charset=UTF-8",
        "*/*;q=0.1",
    ):
        response = client.get(address, headers={"accept": accept})
        assert response.status_code == 200, accept
        b"".join(response)
    for accept in (f"{name};q=0", f"*/*, {name};charset=utf-8;q=0", "image/png;q=1"):
        if address != "/data/catalog" or not accept.startswith("*"):  # which has another form to give
            response = client.get(address, headers={"accept": accept})
            assert response.status_code == 406, accept
            assert b"nexus" not in response.content


@pytest.mark.parametrize(
    "accept",
    [',"' * 20_000, ";q=" * 20_000, "a/b;q=0." + "9" * 50_000, '"', "\\", "*/*;q=\u00b2", "text/csv;q=" + "0" * 60_000],
)
def test_malformed_accept_never_fails(client, register, accept):
    for address in ("/projects/", "/projects.csv", "/api/v1/projects/", "/data/catalog"):
        assert client.get(address, headers={"accept": accept}).status_code in (200, 406)
