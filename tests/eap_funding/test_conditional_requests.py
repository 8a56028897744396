"""ETag and Last-Modified from the register's version: whoever has an answer is told so, for one small query."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.http import http_date, parse_http_date

from eap_funding.database import replica
from eap_funding.middleware import cache_headers
from projects.index import follower
from projects.index.rows import Rows
from projects.models import Project
from provenance.models import Revision
from provenance.store.log import set_state
from tests.conftest import REGISTER_BEGINS
from tests.projects.test_queries import ADDRESSES
from tests.support.records import update
from tests.support.staff import make

pytestmark = pytest.mark.one_database

OTHERS = [
    "/fr/projects/?country=GE", "/about/", "/accessibility/", "/sitemap.xml", "/sitemap-projects.xml", "/opensearch.xml",
    "/api/v1/", "/api/v1/schema/", "/api/v1/docs/", "/projects.json?country=GE",
]  # fmt: skip
KINDS = ["/projects/", "/api/v1/projects/", "/projects.json", "/projects.atom"]  # page, API, file, feed
PUBLIC = "public, max-age=0, must-revalidate"


@pytest.fixture(autouse=True)
def read_to_the_end(monkeypatch):
    """Read what streams, whatever a test asks of it: a workbook is a file that is open until then."""
    ask = Client.request

    def asked(client, **request):
        response = ask(client, **request)
        if response.streaming:
            response.streaming_content = [response.getvalue()]
        return response

    monkeypatch.setattr(Client, "request", asked)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time in a list, which stands still: at midnight all lists with a cursor are renewed."""
    now = [REGISTER_BEGINS.timestamp()]
    monkeypatch.setattr(cache_headers.time, "time", lambda: now[0])
    return now


def etag(client, address, **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == 200, address
    return response.headers["ETag"]


@pytest.mark.parametrize("method", ["get", "head"])
def test_unchanged_is_304_for_one_query(client, register, method):
    ask = getattr(client, method)
    for address in ADDRESSES + OTHERS:
        first = client.get(address)
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            response = ask(address, headers={"if-none-match": first.headers["ETag"]})
        assert response.status_code == 304, address
        assert len(captured) == 1, address
        assert response.content == b""
        assert "Content-Type" not in response.headers
        assert "Content-Length" not in response.headers
        for name in ("ETag", "Cache-Control", "Last-Modified"):
            assert response.headers[name] == first.headers[name], (address, name)
        assert set(response.headers["Vary"].split(", ")) >= set(first.headers["Vary"].split(", ")), address


def test_answer_may_be_kept_by_anybody_who_asks_again(client, register):
    newest = Revision.objects.latest("id").at
    for address in ADDRESSES + OTHERS:
        headers = client.get(address).headers
        assert headers["Cache-Control"] == PUBLIC, address
        assert headers["ETag"].startswith('W/"')
        assert parse_http_date(headers["Last-Modified"]) == int(newest.timestamp())
        assert "Set-Cookie" not in headers
        assert "Cookie" not in headers["Vary"], address


@pytest.mark.parametrize(
    ("address", "vary"),
    [
        ("/projects/", {"Accept", "Accept-Encoding", "Accept-Language"}),
        ("/fr/projects/", {"Accept", "Accept-Encoding"}),
        ("/projects.json", {"Accept", "Accept-Encoding"}),
        ("/api/v1/projects/", {"Accept", "Accept-Encoding"}),
        ("/projects.atom", {"Accept", "Accept-Encoding"}),
        ("/api/v1/stats/", {"Accept", "Accept-Encoding"}),  # too short to be packed
    ],
)
def test_vary_names_what_an_answer_varies_by(client, register, address, vary):
    for packing in ("gzip", "identity"):
        first = client.get(address, headers={"accept-encoding": packing})
        assert set(first.headers["Vary"].split(", ")) == vary
    unchanged = client.get(address, headers={"if-none-match": first.headers["ETag"]})
    assert set(unchanged.headers["Vary"].split(", ")) == vary


def test_signed_in_staff_get_the_public_answer(client, admin_client, register):
    """Page and headers do not tell who looks, so that a cache may give them to everybody."""
    for address in ADDRESSES + OTHERS:
        public, staff = client.get(address), admin_client.get(address)
        assert b"".join(staff) == b"".join(public), address
        assert staff.headers["ETag"] == public.headers["ETag"]
        assert "Cookie" not in staff.headers["Vary"]


# -- What changes an ETag --


@pytest.mark.parametrize("address", KINDS)
def test_draft_changes_no_etag_and_publishing_does(client, register, address):
    before = etag(client, address)
    make(Project, "draft", title="A draft", state="draft")
    update(Project, "draft", title="A draft, edited")
    assert client.get(address, headers={"if-none-match": before}).status_code == 304
    set_state(Project, ["draft"], "published", user_name="tester")
    response = client.get(address, headers={"if-none-match": before})
    assert response.status_code == 200
    assert b"A draft, edited" in b"".join(response)
    assert response.headers["ETag"] != before


@pytest.mark.parametrize("state", ["withdrawn", "draft"])
def test_what_is_taken_back_is_no_longer_confirmed(client, register, state):
    address = "/api/v1/projects/enigmma/"
    before = etag(client, address)
    set_state(Project, ["enigmma"], state, user_name="tester")
    assert client.get(address, headers={"if-none-match": before}).status_code in (404, 410)


@pytest.mark.parametrize("address", KINDS)
def test_deploy_changes_etag(client, register, address, settings):
    before = etag(client, address)
    settings.RELEASE_DIGEST = "another"  # as in another process
    assert client.get(address, headers={"if-none-match": before}).status_code == 200
    assert etag(client, address) != before


def test_digest_of_the_release_is_that_of_code_and_settings():
    def digest(**environment):
        command = [sys.executable, "-c", "from eap_funding import settings; print(settings.RELEASE_DIGEST)"]
        environment = os.environ | {"RELEASE": "one"} | environment
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    same = {digest(), digest(), digest(CACHE_URL="redis://another:6379/0")}
    others = {digest(RELEASE="another"), digest(FOOTER_TEXT="another"), digest(SECRET_KEY="k" * 60)}
    assert (len(same), len(same | others)) == (1, 4)


def test_log_that_was_replaced_changes_etag(client, register):
    """A database that was restored may have another Revision of the same number and time."""
    before = etag(client, "/projects/nexus/")
    newest = Revision.objects.public().order_by("-id").first()
    Revision.objects.filter(pk=newest.pk).update(head="0" * 64)
    assert etag(client, "/projects/nexus/") != before


def release_told_by(folder, **environment):
    """Return the RELEASE that gunicorn gives to each of its workers when it starts in this environment."""
    script = "import runpy; print(*runpy.run_path('gunicorn.conf.py')['raw_env'])"
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def test_release_is_the_start_unless_it_is_named(settings):
    folder = settings.BASE_DIR
    assert release_told_by(folder, RELEASE="abc") == "RELEASE=abc\n"
    assert release_told_by(folder) != release_told_by(folder)


def asking(rf, address):
    request = rf.get(address)
    request.language = "en"
    return request


def test_new_dump_changes_what_tells_of_dumps_only(tmp_path, rf, db, settings):
    settings.DUMPS_DIR = tmp_path

    def asked(address):
        response = cache_headers.current_response(lambda request: HttpResponse(), asking(rf, address))
        return response.headers["ETag"], response.headers.get("Last-Modified")

    before = {address: asked(address) for address in ("/data/", "/data/catalog", "/projects/")}
    os.utime(tmp_path, (2e9, 2e9))  # as when a folder is put into it
    after = {address: asked(address) for address in before}
    assert [before[address] == after[address] for address in before] == [False, False, True]
    assert after["/data/"][1] == http_date(2e9)
    assert after["/projects/"][1] is None


def test_etag_is_of_one_address_language_and_form(client, register):
    etags = [
        etag(client, "/projects/"),
        etag(client, "/projects/?"),  # written alike: the same
        etag(client, "/projects/?country=GE"),
        etag(client, "/fr/projects/"),
        etag(client, "/projects/", **{"accept-language": "fr"}),
        etag(client, "/projects/", host="localhost"),
        etag(client, "/projects/", accept="text/html"),
        client.get("/projects/", secure=True).headers["ETag"],
    ]
    assert len(set(etags)) == len(etags) - 1
    for anything in ("", "*/*"):
        assert etag(client, "/projects/", accept=anything) == etags[0]
    assert etag(client, "/projects/", **{"accept-encoding": "br"}) == etags[0]


def test_one_form_does_not_stand_for_another(client, register):
    """Where Accept chooses between forms, the ETag of one confirms no copy of the other."""
    turtle, json = "text/turtle, */*;q=0.1", "application/ld+json, */*;q=0.1"
    first = client.get("/data/catalog", headers={"accept": turtle})
    other = client.get("/data/catalog", headers={"accept": json, "if-none-match": first.headers["ETag"]})
    assert first.headers["Content-Type"] == "text/turtle"
    assert (other.status_code, other.headers["Content-Type"]) == (200, "application/ld+json")


# -- Who is believed --


@pytest.mark.parametrize(
    ("address", "status"),
    [("/projects/?country=XX", 400), ("/api/v1/projects/?foo=1", 400), ("/projects/nobody/", 404), ("/nothing/", 404)],
)
def test_refusal_is_never_unchanged(client, register, address, status):
    known = etag(client, "/projects/")
    for given in (known, "*", 'W/"x"', f"{known}, *"):
        response = client.get(address, headers={"if-none-match": given})
        assert response.status_code == status
        assert "ETag" not in response.headers
        assert "Last-Modified" not in response.headers
        assert response.headers["Cache-Control"] == "no-cache"
    later = http_date((datetime.now(UTC) + timedelta(days=1)).timestamp())
    assert client.get(address, headers={"if-modified-since": later}).status_code == status


def test_refused_form_is_never_unchanged(client, register):
    known = etag(client, "/projects.json")
    response = client.get("/projects.json", headers={"if-none-match": known, "accept": "text/html"})
    assert response.status_code == 406
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("address", KINDS)
def test_any_copy_will_do(client, register, address):
    response = client.get(address, headers={"if-none-match": " * "})
    assert response.status_code == 304
    assert response.headers["ETag"] == etag(client, address)


@pytest.mark.parametrize("address", KINDS)
def test_modified_since(client, register, address):
    at = Revision.objects.latest("id").at.timestamp()
    asked = [(at - 1, 200), (at, 304), (at + 1, 304)]
    for since, status in asked:
        assert client.get(address, headers={"if-modified-since": http_date(since)}).status_code == status
    both = {"if-modified-since": http_date(at), "if-none-match": 'W/"another"'}
    assert client.get(address, headers=both).status_code == 200  # If-None-Match goes first
    assert client.get(address, headers=both | {"if-none-match": ""}).status_code == 200


@pytest.mark.parametrize("name", ["if-none-match", "if-modified-since"])
@pytest.mark.parametrize(
    "value",
    [
        "", " ", ",", ",,,", '"', 'W/"', "W/", '""', 'W/""', "**", '"*"', "W/*", "*, *", '"é"', "\x00", '"\r\nX-Evil: 1"', '"a" "b"',
        "yesterday", "Thu, 99 Foo 99999 99:99:99 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "-1", "9" * 400, "Thu, 01 Jan 1970 00:00:00",
        pytest.param('"a",' * 50_000, id="many"), pytest.param('"' + "a" * 200_000 + '"', id="long"), pytest.param('W/"' * 50_000, id="open"),
    ],
)  # fmt: skip
def test_malformed_condition_is_ignored(client, register, name, value):
    assert client.get("/api/v1/projects/nexus/", headers={name: value}).status_code == 200


@pytest.mark.parametrize(
    "written", ["{}", '"other", {}', "{},{}", 'W/"other" ,, {} ,', "\t{} ", "nonsense, {}", '"a"b, {}', "strong"]
)
def test_etag_is_found_in_a_list(client, register, written):
    known = etag(client, "/projects/")
    given = known[2:] if written == "strong" else written.replace("{}", known)  # compared weakly
    assert client.get("/projects/", headers={"if-none-match": given}).status_code == 304


def test_part_of_an_etag_is_none(client, register):
    known = etag(client, "/projects/")
    for given in (known[:-2] + '"', known[3:-1], known.upper(), known.replace('"', "'"), known + "x"):
        assert client.get("/projects/", headers={"if-none-match": given}).status_code == 200


@pytest.mark.parametrize("method", ["options", "post"])
def test_other_methods_have_no_condition(client, register, method):
    response = getattr(client, method)("/api/v1/projects/", headers={"if-none-match": "*"})
    assert response.status_code == (200 if method == "options" else 405)
    assert "ETag" not in response.headers


# -- What has none --


def test_empty_register_has_no_time(client, db):
    response = client.get("/projects/")
    assert response.status_code == 200
    assert "Last-Modified" not in response.headers
    assert client.get("/projects/", headers={"if-none-match": response.headers["ETag"]}).status_code == 304
    assert client.get("/projects/", headers={"if-modified-since": http_date(2e9)}).status_code == 200


@pytest.mark.parametrize(
    ("address", "cache_control"),
    [
        ("/healthz", "no-store"),
        ("/readyz", "no-store"),
        ("/robots.txt", None),
        ("/.well-known/security.txt", None),
        ("/favicon.ico", None),
        ("/projects", None),
    ],
)
def test_what_is_not_of_the_register_has_no_etag(client, register, address, cache_control):
    response = client.get(address)
    assert "ETag" not in response.headers
    assert response.headers.get("Cache-Control") == cache_control


def test_admin_stays_private(client, admin_client, register):
    for address in ("/admin/", "/admin/projects/project/", "/admin/login/", "/admin/nothing/", "/admin"):
        for someone in (client, admin_client):
            headers = someone.get(address).headers
            assert "public" not in headers.get("Cache-Control", "")
            assert "ETag" not in headers
            assert address == "/admin" or "private" in headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/projects/", "/api/v1/projects/", "/accessibility/"])
def test_database_that_is_gone(client, db, address, monkeypatch):
    def gone(*given):
        raise OperationalError("gone")

    client.raise_request_exception = False
    monkeypatch.setattr(follower, "news", gone)
    monkeypatch.setattr(replica, "news", gone)
    if address == "/accessibility/":  # reads nothing of it
        assert client.get(address).status_code == 200
    monkeypatch.setattr("django.db.models.query.QuerySet._fetch_all", lambda self: gone())
    monkeypatch.setattr("django.db.models.query.QuerySet.count", lambda self: gone())
    response = client.get(address)
    assert response.status_code == (200 if address == "/accessibility/" else 503)
    assert "ETag" not in response.headers
    if response.status_code == 503:
        assert response.headers["Cache-Control"] == "no-store"


# -- HEAD, and streams --


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_head_has_the_headers_of_get_and_no_body(client, register, encoding):
    for address in [*ADDRESSES, *OTHERS, "/projects/?country=XX", "/api/v1/projects/nobody/", "/nothing/", "/healthz"]:
        headers = {"accept-encoding": encoding, "x-request-id": "one"}
        get, head = client.get(address, headers=headers), client.head(address, headers=headers)
        assert head.status_code == get.status_code
        assert dict(head.headers) == dict(get.headers), address
        assert b"".join(head) == b""
        if not get.streaming:
            assert int(get.headers["Content-Length"]) == len(get.content)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("head", {}),
        ("head", {"accept-encoding": "br"}),
        ("get", {"if-none-match": "*"}),
        ("get", {"accept": "text/html"}),
    ],
)
def test_stream_that_nobody_reads_is_never_begun(client, register, method, headers, monkeypatch):
    begun = []

    def stream(self):
        begun.append(self)
        yield b"{}"

    monkeypatch.setattr(Rows, "stream_documents", stream)
    with CaptureQueriesContext(connection) as captured:
        response = getattr(client, method)("/projects.json", headers=headers)
        assert b"".join(response) == b"" or response.status_code == 406
    assert begun == []
    assert len(captured) <= 3, [query["sql"] for query in captured]  # the version, also of the file, and how many rows


def test_etag_is_never_newer_than_its_answer(rf, register):
    """What is published while a view runs is asked for once more; the other way round it would never be seen."""

    def view(request):
        set_state(Project, ["enigmma"], "withdrawn", user_name="tester")
        return HttpResponse("with or without it")

    during = cache_headers.current_response(view, asking(rf, "/projects/")).headers["ETag"]
    after = cache_headers.current_response(lambda request: HttpResponse(), asking(rf, "/projects/")).headers["ETag"]
    assert during != after


def test_version_is_on_every_request(rf: RequestFactory, db):
    request = rf.get("/healthz")
    cache_headers.current_response(lambda request: None, request)
    assert request.register_version.number == 0


def test_list_with_a_cursor_is_renewed_each_day_since_cursors_grow_old(client, register, clock):
    address = "/api/v1/projects/?cursor=&page_size=1"
    before = etag(client, address)
    assert client.get(address, headers={"if-none-match": before}).status_code == 304
    clock[0] += 8 * cache_headers.DAY
    renewed = client.get(address, headers={"if-none-match": before})
    assert renewed.status_code == 200
    assert client.get(renewed.json()["next"]).status_code == 200
