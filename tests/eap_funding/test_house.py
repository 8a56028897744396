"""The house style: cut to what is used, kept in its folder, light, and readable in every way of looking at a page."""

import re
from itertools import pairwise

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.utils.html import escape
from playwright.sync_api import expect

from eap_funding.settings import BASE_DIR
from tests.support.browser import assert_accessible

pytestmark = pytest.mark.one_database

PAGES = ["/", "/projects/", "/projects/?q=border&country=GE", "/projects/?amount_min=2.584&foo=1", "/projects/bagratashen-sadakhlo-ibm/",
         "/countries/GE/", "/instruments/ENI/", "/partnerships/", "/organisations/icmpd/", "/gaps/", "/about/", "/nothing/", "/fr/"]  # fmt: skip
FIRST_VISIT, NEXT_PAGE = 80_000, 15_000  # bytes over the wire
HOUSE = BASE_DIR / "templates/_house"
TOKENS = BASE_DIR / "eap_funding/static/eap_funding/style/tokens.css"
FONTS = BASE_DIR / "assets/fonts"
LATIN = [FONTS / "source-sans-3-latin-wght-normal.woff2", FONTS / "source-serif-4-latin-400-normal.woff2"]
needs_fonts = pytest.mark.skipif(not FONTS.is_dir(), reason="the fonts are not there: `make test` fetches them")

# -- Colours and fonts --


def colours(dark):
    """Return ``{name: (red, green, blue)}`` of the tokens."""
    light, rest = TOKENS.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    pairs = re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", light + (rest.split("@media")[0] if dark else ""))
    spelled = {name: value[1:] if len(value) == 7 else "".join(each * 2 for each in value[1:]) for name, value in pairs}
    return {name: [int(value[at : at + 2], 16) / 255 for at in (0, 2, 4)] for name, value in spelled.items()}


def luminance(colour):
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("front", "behind", "least"),
    [
        ("ink", "paper", 7), ("ink-2", "paper", 4.5), ("ink-2", "wash", 4.5), ("blue", "paper", 4.5), ("blue", "card", 4.5),
        ("on-blue", "blue", 4.5), ("deep", "card", 7), ("wrong", "paper", 4.5), ("masthead-menu", "masthead", 4.5),
        ("masthead-menu", "masthead-field", 4.5), ("mark-ink", "mark", 7), ("mark-edge", "paper", 3), ("rule-2", "card", 3),
        ("bar", "paper", 3), ("on-bar", "bar", 4.5), ("bar-2", "paper", 3), ("hatch", "paper", 3), ("focus", "paper", 3),
    ],
)  # fmt: skip
def test_colours_can_be_told_apart(dark, front, behind, least):
    palette = colours(dark)
    dim, bright = sorted([luminance(palette[front]), luminance(palette[behind])])
    assert (bright + 0.05) / (dim + 0.05) >= least


def test_fonts_are_linked_where_they_are(client, db, settings):
    settings.STATICFILES_DIRS = []
    assert b"fonts.css" not in client.get("/about/").content
    settings.STATICFILES_DIRS = [FONTS.parent]
    assert b"fonts.css" in client.get("/about/").content


@needs_fonts
def test_fonts_are_those_that_their_sheet_names():
    sheet = (FONTS / "fonts.css").read_text(encoding="utf-8")
    assert sheet == (BASE_DIR / "eap_funding/generators/fonts.css").read_text(encoding="utf-8")
    assert {FONTS / name for name in re.findall(r'url\("([^"]+)"\)', sheet)} == set(FONTS.glob("*.woff2")) > set(LATIN)


def test_partials_begin_with_their_parameters():
    partials = sorted(HOUSE.iterdir())
    assert len(partials) >= 10
    assert not [path.name for path in partials if not path.read_text(encoding="utf-8").startswith("{% comment %} ")]


# -- Whose house it is --


def test_header_and_footer_as_they_come(client, db):
    text = client.get("/").content.decode()
    assert "Eastern Partnership migration funding register</span>" in text
    assert "mailto:register@localhost" in text
    assert "<img" not in text  # no emblem is shown by default
    assert "Publisher not yet decided." in text


def test_header_and_footer_as_an_installation_says(client, db, settings):
    settings.HEADER_NAME, settings.HEADER_EMBLEM = "Fonds & Frontières", "eap_funding/icon.svg"
    settings.FOOTER_TEXT, settings.CONTACT_EMAIL = "Kept by <nobody>.", "someone@example.org"
    settings.PUBLISHER_NAME, settings.PUBLISHER_ADDRESS = "Ministry of <Examples>", "1 Example Square"
    text = client.get("/about/").content.decode()
    assert f"– {escape(settings.HEADER_NAME)}</title>" in text
    assert f"<span>{escape(settings.HEADER_NAME)}</span>" in text
    assert '<img src="/static/eap_funding/icon.svg" alt=""' in text
    assert escape(settings.FOOTER_TEXT) in text
    assert "mailto:someone@example.org" in text
    assert "Published by Ministry of &lt;Examples&gt;, 1 Example Square." in text


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("/", []),
        ("/projects/?country=GE", [("/projects/", "page")]),
        ("/countries/GE/", [("/countries/", "true")]),
        ("/fr/data/", [("/fr/data/", "page")]),
        ("/sources/", [("/sources/", "page")]),
    ],
)
def test_navigation_marks_where_the_reader_is(client, register, address, marked):
    menu = re.search(r'<nav class="site-menu".*?</nav>', client.get(address).content.decode(), re.DOTALL)[0]
    assert re.findall(r'href="([^"]+)" aria-current="(\w+)"', menu) == marked


# -- Over the wire --


def test_staff_pages_are_not_compressed(client, db):
    assert "Content-Encoding" not in client.get("/admin/login/", headers={"accept-encoding": "br, gzip"}).headers


def weight(client, address):
    """(bytes of the page, bytes of what it fetches with both fonts), as they go over the wire."""
    page = client.get(address, headers={"accept-encoding": "br"})
    text = brotli.decompress(page.content).decode()
    fetched = set(re.findall(r'(?:src|href)="/static/([^"#]+)', text))
    assert "eap_funding/style/tokens.css" in fetched
    packed = [path.stat().st_size for path in LATIN]
    for name in fetched:
        with open(finders.find(name), "rb") as file:
            packed.append(len(brotli.compress(file.read())))
    return len(page.content), sum(packed)


@needs_fonts
def test_pages_are_light(client, register):
    for address in PAGES:
        page, fetched = weight(client, address)
        assert page <= NEXT_PAGE, address
        assert page + fetched <= FIRST_VISIT, address


# -- Looked at --


@pytest.fixture
def visit(page, live_server, register):
    """Open an address of the register in the browser."""
    return lambda address: page.goto(live_server.url + address)


@pytest.mark.slow
def test_nothing_overlaps_or_runs_out_and_targets_are_large_enough(page, visit):
    for address in PAGES:
        visit(address)
        for width in (320, 768, 1440):  # 320 is also 1280 at 400 %
            assert_accessible(page, width, runOnly=["target-size"])
            boxes = [page.locator(part).bounding_box() for part in (".masthead", "main", ".site-footer")]
            for upper, lower in pairwise(boxes):
                assert upper["y"] + upper["height"] <= lower["y"] + 0.5, address


def test_focus_is_seen_on_every_stop(page, visit):
    visit("/projects/")
    for _stop in range(25):
        page.keyboard.press("Tab")
        seen = "(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 })()"
        assert page.evaluate(seen), page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=border&country=GE&instrument=ENI",
        "?q=border&country=GE&country=MD&instrument=ENI&theme=border-management&status=ongoing",
    ],
)
def test_few_stops_come_before_the_first_project(page, visit, query):
    visit("/projects/" + query)
    stops = 0
    while not page.evaluate("document.activeElement.closest('tbody')"):
        page.keyboard.press("Tab")
        stops += 1
    assert stops - 1 <= 20
    order = "[...document.querySelectorAll('.finder-results tbody, #filters')].map(each => each.id || each.tagName)"
    assert page.evaluate(order) == ["TBODY", "filters"]


@pytest.mark.parametrize("width", [390, 1280])
def test_filters_are_reached_from_the_results(page, visit, width):
    page.set_viewport_size({"width": width, "height": 900})
    visit("/projects/?country=GE")
    if width == 390:
        page.get_by_role("link", name="Filters (1)").click()
    expect(page.get_by_role("checkbox", name="Georgia 2")).to_be_in_viewport()


def test_menu_opens_on_small_screens(page, visit):
    page.set_viewport_size({"width": 375, "height": 800})
    visit("/gaps/")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    edges = "['.masthead', '#site-menu'].map(each => document.querySelector(each).getBoundingClientRect())"
    header, menu = page.evaluate(edges)
    assert menu["top"] == header["bottom"]
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Countries").click()
    expect(page.locator("h1")).to_have_text("Countries")


def test_print_shows_quotes_and_no_controls(page, visit):
    page.emulate_media(media="print")
    visit("/projects/bagratashen-sadakhlo-ibm/")
    quote = page.locator(".quoted blockquote").first
    assert quote.evaluate(
        "each => each.checkVisibility({contentVisibilityAuto: true}) && each.getBoundingClientRect().height > 20"
    )
    expect(page.locator(".site-menu")).to_be_hidden()
    content = "getComputedStyle(each, '::details-content').contentVisibility"
    assert page.locator(".picture details").first.evaluate(f"each => {content}") == "visible"
    visit("/projects/?country=GE")
    expect(page.get_by_role("link", name="Clear all filters")).to_be_hidden()
    for control in (".site-menu", ".site-languages", ".finder-filters", ".finder-search"):
        expect(page.locator(control)).to_be_hidden()
    expect(page.locator("thead").first).to_be_visible()


def test_forced_colours_keep_what_borders_say(page, visit):
    page.emulate_media(forced_colors="active")
    visit("/projects/?q=border&country=GE")
    for part in ("button", ".tags a", "#id_q", ".finder-filters"):
        each = page.locator(part).first
        assert each.evaluate(
            "each => getComputedStyle(each).borderTopStyle !== 'none' && parseFloat(getComputedStyle(each).borderTopWidth) > 0"
        ), part
    visit("/projects/?amount_min=2.584")
    assert page.locator("#id_amount_min").evaluate("each => getComputedStyle(each).borderTopStyle") == "double"
