"""Charts as files, and the pictures that other sites show: real parsers read them, and they say the page's numbers."""

import io
import re
from html import unescape
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.utils.translation import override
from lxml import etree
from PIL import Image

from projects import charts
from projects.charts import card, file
from projects.charts.png import BOLD, lines, png
from projects.models import Project
from projects.pages.pictures import CHARTS, FILES
from projects.published.in_short import InShort
from provenance.store.log import set_state
from tests.support.loops import at_least_one
from tests.support.records import record, update
from tests.support.staff import WITHDRAWN

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
HOSTILE = (
    '</text></svg><script>alert(1)</script> & "q" \' <![CDATA[ ]]> &xxe; {{ x }} {% y %} \u202e\u2028\ufffe\x07'
    " \U0001f1ea\U0001f1fa ԱԲԳ აბგ 中文 " + "W" * 500
)


def svg_of(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    return etree.fromstring(answer.content)


def words_of(svg):
    return " ".join("".join(each.itertext()) for each in svg.iter("{*}text"))


def png_of(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    return opened(answer.content)


def opened(data):
    Image.open(io.BytesIO(data)).verify()
    return Image.open(io.BytesIO(data))


def has_ink(picture):
    return len(picture.convert("L").getcolors()) > 5


@pytest.mark.parametrize("name", FILES)
def test_chart_is_saved_as_svg_and_png_with_its_source_line(client, register, settings, name):
    settings.SITE_ADDRESS = "https://register.example"
    svg = svg_of(client, f"/projects/pictures/{name}.svg?country=GE&country=AM")
    version = client.get("/projects/")["X-Register-Version"]
    words = words_of(svg)
    assert f"Source: Eastern Partnership migration funding register, version {version}, " in words
    assert "https://register.example/en/projects/pictures/?country=GE&country=AM" in words
    picture = png_of(client, f"/projects/pictures/{name}.png?country=GE&country=AM")
    assert picture.size[0] == 1440
    assert abs(picture.size[1] - 1.5 * int(svg.get("height"))) <= 1
    assert has_ink(picture)


def test_bars_in_a_file_say_the_sums_of_stats(client, register):
    words = words_of(svg_of(client, "/projects/pictures/by-country.svg")).replace("\xa0", " ")
    groups = client.get("/api/v1/stats/?group_by=country").json()["groups"]
    for group in at_least_one(groups):
        for each in group["amounts"]:
            assert f"{each['currency']} {float(each['amount']):,.0f}" in words
        assert group["label"] in words
    assert "Not known: 2 projects" in words


def in_dollars(*sums):
    """State the total budgets of some projects in US dollars."""
    for slug, amount in sums:
        Project.objects.filter(pk=slug).update(budget_amount=amount, budget_currency="USD")
    record(Project, [slug for slug, _amount in sums], user_name="desk")


def test_file_has_the_chart_of_each_currency_with_its_own_sums(client, register):
    in_dollars(("moldova-targeted-initiative", 4_100_000), ("azerbaijan-targeted-initiative", 5_300_000))
    words = words_of(svg_of(client, "/projects/pictures/by-country.svg")).replace("\xa0", " ")
    groups = client.get("/api/v1/stats/?group_by=country").json()["groups"]
    sums = [(each["currency"], float(each["amount"])) for group in groups for each in group["amounts"]]
    assert {currency for currency, _amount in at_least_one(sums)} == {"EUR", "USD"}
    for currency, amount in sums:
        assert f"{currency} {amount:,.0f}" in words


def test_page_of_charts_links_each_chart_as_files_that_exist(client, register):
    page = client.get("/fr/projects/pictures/?country=GE&country=AM").content.decode()
    links = [unescape(each) for each in re.findall(r'href="([^"]+\.(?:svg|png)\b[^"]*)"', page) if "static" not in each]
    assert len(links) == 2 * len(CHARTS)
    assert all(client.get(each).status_code == 200 for each in links)
    assert "Budgets totaux par pays" in words_of(svg_of(client, links[0]))


def test_home_page_links_what_it_draws_as_files_that_say_its_sums(client, register):
    page = client.get("/").content.decode()
    links = set(re.findall(r'href="/projects/pictures/([\w-]+)\.(?:svg|png)"', page))
    assert links == {"map", "by-country", "by-instrument", "by-theme"}
    for name, sums in {
        "map": ("Georgia EUR 19,000,000", "Moldova no budget known", "Georgia: known for both projects"),
        "by-theme": ("EUR 21,600,000",),
    }.items():
        words = words_of(svg_of(client, f"/projects/pictures/{name}.svg")).replace("\xa0", " ")
        assert all(each in words for each in sums)


def test_page_of_a_project_links_its_chart(client, register):
    page = client.get("/projects/bagratashen-sadakhlo-ibm/").content.decode()
    assert 'href="/projects/bagratashen-sadakhlo-ibm/funding.svg"' in page
    words = words_of(svg_of(client, "/projects/bagratashen-sadakhlo-ibm/funding.svg")).replace("\xa0", " ")
    assert "EUR 1,716,000" in words
    assert "EUR 868,000" in words
    assert has_ink(png_of(client, "/projects/bagratashen-sadakhlo-ibm/funding.png"))
    assert client.get("/projects/nexus/funding.svg").status_code == 200
    assert client.get("/projects/nothing/funding.svg").status_code == 404


def test_chart_of_the_past_stays_as_it_was_and_leads_to_the_page_of_then(client, register):
    past = "/projects/bagratashen-sadakhlo-ibm/funding.svg?as_of=2026-03-01T12:00:00Z"
    before, first = client.get(past).content, client.get("/projects/")["X-Register-Version"]
    update(Project, "bagratashen-sadakhlo-ibm", title="Another title", user_name="desk")
    assert client.get(past).content == before
    words = unquote(words_of(svg_of(client, past)))
    assert f"version {first}, " in words
    assert "/en/projects/bagratashen-sadakhlo-ibm/?as_of=2026-03-01T12:00:00Z" in words


def test_svg_file_may_use_its_own_style_and_nothing_else(client, register):
    policy = client.get("/projects/pictures/by-country.svg")["Content-Security-Policy"]
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[\w+/=]+'; frame-ancestors 'none'", policy)
    svg = client.get("/projects/pictures/by-country.svg").content.decode()
    assert "var(" not in svg
    assert "@media" not in svg
    assert client.get("/projects/pictures/by-country.svg")["Content-Security-Policy"] == policy  # also from the cache


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/projects/pictures/nothing.svg", 404),
        ("/projects/pictures/by-country.svg?country=XX", 400),
        ("/projects/pictures/by-country.png?utm_source=x", 302),
        ("/projects/pictures/by-country.svg?country=MD&not_stated=budget&q=nexus", 404),  # nothing to compare
        ("/share/projects/nothing.png", 404),
        ("/share/projects.png?active_from=x", 400),
        ("/share/countries/XX.png", 404),
        ("/share/themes/x.png", 404),
        ("/fr/share/home.svg", 404),
    ],
)
def test_wrong_address_of_a_picture_is_refused(client, register, address, status):
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    "page",
    ["/", "/about/", "/projects/", "/projects/?country=GE", "/projects/nexus/", "/countries/GE/", "/instruments/ENI/"],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_page_names_a_picture_for_other_sites(client, register, page, language):
    head = client.get(f"/{language}{page}").content.decode().split("</head>")[0]
    address = unescape(re.search(r'property="og:image" content="([^"]+)"', head)[1])
    assert address.startswith(f"http://testserver/{language}/share/")
    picture = png_of(client, address.removeprefix("http://testserver"))
    assert picture.size == (1200, 630)
    assert has_ink(picture)
    assert '<meta name="twitter:card" content="summary_large_image">' in head


def test_head_says_the_money_of_the_page(client, register):
    def meta(address, name):
        head = client.get(address).content.decode().split("</head>")[0]
        return unescape(re.search(rf'property="og:{name}" content="([^"]*)"', head)[1]).replace("\xa0", " ")

    assert meta("/projects/bagratashen-sadakhlo-ibm/", "title").endswith(" – EUR 2,584,000 total budget")
    assert meta("/projects/bagratashen-sadakhlo-ibm/", "description").startswith("EUR 2,584,000 total budget. Armenia.")
    assert meta("/projects/nexus/", "title") == "NEXUS"
    assert meta("/projects/nexus/", "description").startswith("No budget published. Moldova. Developing durable")
    assert meta("/", "description").startswith("EUR 24,184,000 in total budgets (known for 4 of 8 projects).")
    assert "EUR 19,000,000 in total budgets (known for both projects)" in meta("/countries/GE/", "description")
    assert "No budget published (2 projects)" in meta("/projects/?country=MD", "description")


def test_head_names_the_sum_that_is_known_for_most_projects(client, register):
    in_dollars(("enigmma", 4_100_000), ("georgia-targeted-initiative", 5_300_000))
    head = client.get("/projects/?country=GE&country=AM").content.decode().split("</head>")[0]
    title = unescape(re.search(r'property="og:title" content="([^"]*)"', head)[1]).replace("\xa0", " ")
    assert title.endswith(" – USD 9,400,000 in total budgets (known for 2 of 4 projects)")


def test_picture_of_a_draft_or_withdrawn_project_is_not_there(client, register):
    set_state(Project, ["nexus"], WITHDRAWN, user_name="desk", reason="Wrong.")
    assert client.get("/share/projects/nexus.png").status_code == 410
    assert client.get("/projects/nexus/funding.svg").status_code == 410


def test_picture_is_drawn_once_for_each_version(client, register, monkeypatch):
    cache.clear()
    first = client.get("/share/projects/nexus.png")
    monkeypatch.setattr("projects.pages.pictures.png", lambda *args: pytest.fail("drawn again"))
    again = client.get("/share/projects/nexus.png")
    assert again.content == first.content
    assert again["Content-Type"] == "image/png"
    assert client.get("/share/projects/nexus.png", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_picture_without_language_in_its_address_says_that_it_varies(client, register):
    assert "Accept-Language" in client.get("/share/projects/nexus.png")["Vary"]


def test_hostile_words_break_no_picture():
    short = InShort(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    svg = card.svg(short, HOSTILE, HOSTILE)
    words = words_of(etree.fromstring(svg.encode()))
    assert "</text></svg><script>alert(1)</script>" in words
    picture = opened(png(svg))
    assert picture.size == (1200, 630)
    margin = picture.crop((1160, 100, 1200, 560)).convert("L")
    assert margin.getcolors() == [(40 * 460, 255)]  # nothing runs out at the right


def test_picture_leaves_out_emoji_which_our_fonts_do_not_have():
    plain, decorated = (
        ("Border management", "EUR 5"),
        ("Border \U0001f680management\U0001f1ea\U0001f1fa\ufe0f", "EUR 5\ue000"),
    )
    pictures = [
        png(card.svg(InShort(title, figure, "in total"), "Register", "example.org"))
        for title, figure in (plain, decorated)
    ]
    assert pictures[0] == pictures[1]


def test_hostile_words_break_no_chart(register):
    document = {
        "budget": {"amount": "10.00", "currency": "EUR"}, "unattributed": {"amount": "9.00", "currency": "EUR"},
        "contributions": [
            {"funder": {"slug": "x", "name": HOSTILE}, "instrument": {"code": "X", "name": HOSTILE}, "amount": "1.00",
             "currency": "EUR"},
            {"funder": {"slug": "y", "name": HOSTILE}, "instrument": None, "amount": None, "currency": None},
        ],
    }  # fmt: skip
    for language in ("en", "fr"):
        with override(language):
            svg = file.svg("funding", charts.funding(document), HOSTILE, HOSTILE)
        assert etree.fromstring(svg.encode()) is not None
        assert opened(png(svg, 960)).size[0] == 960


def test_pictures_are_drawn_without_the_fonts(client, register, settings, tmp_path):
    settings.FONTS = tmp_path
    cache.clear()
    assert png_of(client, "/share/projects/nexus.png").size == (1200, 630)


@pytest.mark.parametrize("text", ["", " ", "word", "two words", "w" * 500, "many words " * 200, "\x00\u2028 x"])
def test_lines_fit_and_lose_nothing_but_what_an_ellipsis_names(text):
    fitted = lines(text, 20, 300, 3, BOLD)
    assert len(fitted) <= 3
    whole = "".join(text.split())
    assert "".join("".join(fitted).split()).rstrip("…") in whole or not fitted or "\x00" in text
    assert fitted == [] or fitted[-1].endswith("…") or "".join("".join(fitted).split()) == whole.replace("\x00", "")


def test_line_is_cut_between_words():
    [line] = lines("Kyrgyzstan, Kazakhstan, Uzbekistan", 20, 300, 1, BOLD)
    assert line == "Kyrgyzstan, Kazakhstan…"
