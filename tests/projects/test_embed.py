"""Lists, charts and projects within other sites: /embed/…, the only addresses that may be framed; and oEmbed."""

import pytest
from lxml import html

from projects.models import Project
from provenance.models import Revision
from provenance.store.log import set_state
from tests.support.records import merge

pytestmark = pytest.mark.one_database

FRAMED = [
    "/embed/projects/",
    "/embed/projects/?country=GE",
    "/embed/projects/pictures/",
    "/embed/projects/enigmma/",
    "/fr/embed/projects/enigmma/",
]


@pytest.mark.parametrize("address", FRAMED)
def test_embedded_page_may_be_framed_and_names_the_register(client, register, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    page = html.fromstring(answer.content.decode())
    assert "migration" in page.find(".//footer").text_content()
    assert page.xpath("//base/@target") == ["_blank"]  # the pages that it links to may not be framed


@pytest.mark.parametrize(
    "address", ["/", "/projects/", "/projects/enigmma/", "/admin/", "/embed/", "/embed/gaps/", "/oembed.json"]
)
def test_other_page_may_not_be_framed(client, register, address):
    answer = client.get(address)
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


def test_embedded_list_names_its_wrong_parameter(client, register):
    answer = client.get("/embed/projects/?country=XX")
    assert answer.status_code == 400
    assert 'href="/projects/?country=XX#facet-country"' in answer.content.decode()


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        ("/projects/?country=GE", "Projects in Georgia"),
        ("/projects/pictures/?country=GE", "Projects in Georgia"),
        ("/projects/enigmma/", "ENIGMMA"),
        ("/fr/projects/enigmma/", "ENIGMMA"),
    ],
)
def test_oembed_frames_the_page(client, register, shown, title):
    answer = client.get("/oembed.json", {"url": f"http://testserver{shown}", "maxwidth": "400"}).json()
    assert (answer["version"], answer["type"], answer["width"], answer["height"]) == ("1.0", "rich", 400, 480)
    assert title in answer["title"]
    frame = html.fragment_fromstring(answer["html"])
    language = "/fr" if shown.startswith("/fr") else ""
    assert frame.get("src") == f"http://testserver{language}/embed{shown.removeprefix('/fr')}"
    assert client.get(frame.get("src").removeprefix("http://testserver")).status_code == 200


def test_page_tells_where_its_oembed_is(client, register):
    page = html.fromstring(client.get("/projects/enigmma/").content.decode())
    [link] = page.xpath("//link[@type='application/json+oembed']/@href")
    assert client.get(link.removeprefix("http://testserver")).json()["title"].startswith("ENIGMMA")
    version = Revision.objects.of(Project, "enigmma").first().pk  # no other site shows an older version
    assert b"oembed.json" not in client.get(f"/projects/enigmma/history/{version}/").content


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://elsewhere.org/projects/", 404),
        ("http://testserver/gaps/", 404),
        ("http://testserver/projects/nothing/", 404),
        ("http://testserver/projects/nexus/", 410),
        ("http://testserver/projects/?country=XX", 404),
        ("http://[", 404),
        ("javascript:alert(1)", 404),
        ("", 404),
    ],
)
def test_oembed_of_another_address_is_refused_in_words(client, register, url, status):
    set_state(Project, ["nexus"], "withdrawn", user_name="desk")
    answer = client.get("/oembed.json", {"url": url})
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_oembed_of_a_merged_project_is_that_of_the_one_it_was_merged_into(client, register, admin_user):
    merge(admin_user, Project, "nexus", "enigmma")
    answer = client.get("/oembed.json", {"url": "http://testserver/projects/enigmma/"})
    assert answer.json()["title"] == "NEXUS"


def test_oembed_escapes_what_it_is_asked(client, register):
    url = 'http://testserver/projects/?q="><script>alert(1)</script>'
    answer = client.get("/oembed.json", {"url": url}).json()
    frame = html.fragment_fromstring(answer["html"])
    assert not frame.xpath(".//script")
    assert frame.tag == "iframe"


def test_frame_of_a_withdrawn_or_unknown_project_says_so_within_the_frame(client, register):
    set_state(Project, ["nexus"], "withdrawn", user_name="desk")
    for key, status, words in (("nexus", 410, "was withdrawn"), ("nothing", 404, "no “nothing” among its projects")):
        answer = client.get(f"/embed/projects/{key}/")
        assert answer.status_code == status
        assert "frame-ancestors *" in answer["Content-Security-Policy"]
        assert words in html.fromstring(answer.content.decode()).find(".//main").text_content()
