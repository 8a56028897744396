"""The house style: cut to what is used, kept in its folder, light, and readable in every way of looking at a page."""

import gzip
import re
from itertools import pairwise

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.utils.html import escape
from playwright.sync_api import expect

from eap_funding import assets
from eap_funding.settings import BASE_DIR

pytestmark = pytest.mark.one_database

PAGES = ["/", "/projects/", "/projects/?q=border&country=GE", "/projects/?amount_min=2.584&foo=1", "/projects/bagratashen-sadakhlo-ibm/",
         "/countries/GE/", "/instruments/ENI/", "/partnerships/", "/organisations/icmpd/", "/gaps/", "/about/", "/nothing/", "/fr/"]  # fmt: skip
FIRST_VISIT, NEXT_PAGE, STYLE = 60_000, 15_000, 10_000  # bytes over the wire
HOUSE = BASE_DIR / "templates/_house"
needs_package = pytest.mark.skipif(
    not assets.LIBRARY.is_dir(), reason="the house style is not there: `make test` fetches it"
)
needs_look = pytest.mark.skipif(
    not (assets.PLACE / "ecl.css").is_file(), reason="the look is not made: `make test` makes it"
)


# -- What is served of the library --


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (".ecl-a{color:red}", True),
        (".ecl-a .ecl-b{color:red}", True),
        (".ecl-c{color:red}", False),
        (".ecl-a.ecl-c{color:red}", False),
        (".no-js .ecl-a{color:red}", False),
        (".ecl-a:not(.ecl-c,.ecl-d){color:red}", True),
        (":root{--c-p:blue}", True),
        (".ecl-a{background:url(data:image/gif;base64,AA)}", False),
        ("@media (min-width:1px){.ecl-a{color:red}}", True),
        ("@media (min-width:1px){.ecl-c{color:red}}", False),
        ("@supports (color:red){@media print{.ecl-b{color:red}}}", True),
        ("@keyframes turn{to{color:red}}", False),
    ],
)
def test_style_keeps_what_can_apply(rule, kept):
    assert bool(assets.cut_style(rule, {"ecl-a", "ecl-b"})) is kept


def test_style_drops_single_selectors():
    assert assets.cut_style(".ecl-a,.ecl-c,.ecl-b{color:red}", {"ecl-a", "ecl-b"}) == ".ecl-a,.ecl-b{color:red}\n"


def test_icons_are_those_that_are_named():
    sprite = '<svg><symbol id="one"><path/></symbol><symbol id="two"><path/></symbol></svg>'
    assert "one" not in assets.cut_icons(sprite, {"two"})
    with pytest.raises(KeyError):
        assets.cut_icons(sprite, {"three"})


@needs_package
def test_look_is_cut_from_the_library():
    made = assets.made()
    assert len(brotli.compress(made["ecl.css"].encode())) < STYLE
    assert "url(" not in made["ecl.css"]
    named = set(re.findall(r"ecl-[\w-]+", "".join(path.read_text() for path in HOUSE.iterdir())))
    assert named == {name for name in named if f".{name}" in made["ecl.css"]}
    assert set(re.findall(r'id="([\w-]+)"', made["icons.svg"])) >= {"error"}


@needs_package
@needs_look
def test_look_is_made_anew_after_a_change():
    assert {name: (assets.PLACE / name).read_text(encoding="utf-8") for name in assets.made()} == assets.made()


def test_names_of_the_house_style_stay_in_its_folder():
    files = [
        *BASE_DIR.glob("templates/**/*.html"),
        *BASE_DIR.glob("*/static/**/*.css"),
        *BASE_DIR.glob("*/static/**/*.js"),
    ]
    assert len(files) > 30
    assert not [path for path in files if path.parent != HOUSE and "ecl-" in path.read_text(encoding="utf-8")]


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


def test_header_and_footer_as_an_installation_says(client, db, settings):
    settings.HEADER_NAME, settings.HEADER_EMBLEM = "Fonds & Frontières", "eap_funding/icon.svg"
    settings.FOOTER_TEXT, settings.CONTACT_EMAIL = "Kept by <nobody>.", "someone@example.org"
    text = client.get("/about/").content.decode()
    assert f"– {escape(settings.HEADER_NAME)}</title>" in text
    assert f"<span>{escape(settings.HEADER_NAME)}</span>" in text
    assert '<img src="/static/eap_funding/icon.svg" alt=""' in text
    assert escape(settings.FOOTER_TEXT) in text
    assert "mailto:someone@example.org" in text


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("/", []),
        ("/projects/?country=GE", [("/projects/", "page")]),
        ("/countries/GE/", [("/countries/", "true")]),
        ("/fr/gaps/", [("/fr/gaps/", "page")]),
    ],
)
def test_navigation_marks_where_the_reader_is(client, register, address, marked):
    menu = re.search(r'<nav class="site-menu".*?</nav>', client.get(address).content.decode(), re.DOTALL)[0]
    assert re.findall(r'href="([^"]+)" aria-current="(\w+)"', menu) == marked


# -- Over the wire --


@pytest.mark.parametrize("address", ["/projects/", "/projects.json", "/api/v1/projects/", "/nothing/"])
@pytest.mark.parametrize(("encoding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_public_answers_are_compressed(client, register, address, encoding, unpack):
    plain = client.get(address)
    packed = client.get(address, headers={"accept-encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert unpack(packed.getvalue()) == plain.getvalue()
    assert "Content-Encoding" not in plain.headers


def test_staff_pages_are_not_compressed(client, db):
    assert "Content-Encoding" not in client.get("/admin/login/", headers={"accept-encoding": "br, gzip"}).headers


def weight(client, address):
    """(bytes of the page, bytes of what it fetches), both as they go over the wire."""
    page = client.get(address, headers={"accept-encoding": "br"})
    text = brotli.decompress(page.content).decode()
    fetched = set(re.findall(r'(?:src|href)="/static/([^"#]+)', text))
    assert {"ecl/ecl.css", "ecl/icons.svg", "django_htmx/htmx-2.min.js"} & fetched
    packed = []
    for name in fetched:
        with open(finders.find(name), "rb") as file:
            packed.append(len(brotli.compress(file.read())))
    return len(page.content), sum(packed)


@needs_look
def test_pages_are_light(client, register):
    for address in PAGES:
        page, fetched = weight(client, address)
        assert page <= NEXT_PAGE, address
        assert page + fetched <= FIRST_VISIT, address


@needs_look
def test_list_of_many_projects_is_light_but_for_its_pictures(client, db):
    call_command("make_sample_projects", 300, verbosity=0)
    page = client.get("/projects/").content
    without = re.sub(rb'<section class="pictures".*?</section>', b"", page, flags=re.DOTALL)
    assert len(brotli.compress(without, quality=4)) <= NEXT_PAGE


# -- Looked at --


@pytest.fixture
def visit(page, live_server, register):
    """Open an address of the register in the browser."""
    return lambda address: page.goto(live_server.url + address)


@needs_look
@pytest.mark.parametrize("width", [320, 768, 1440])  # 320 is also 1280 at 400 %
def test_nothing_overlaps_or_runs_out(page, visit, width):
    page.set_viewport_size({"width": width, "height": 900})
    for address in PAGES:
        visit(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        boxes = [
            page.locator(part).bounding_box() for part in (".site-name", ".site-menu", "main", "footer.site-footer")
        ]
        for upper, lower in pairwise(boxes):
            assert upper["y"] + upper["height"] <= lower["y"] + 0.5, address


@needs_look
@pytest.mark.parametrize("width", [320, 1440])
def test_targets_are_large_enough(page, visit, width):
    page.set_viewport_size({"width": width, "height": 900})
    for address in PAGES:
        visit(address)
        found = Axe().run(page, options={"runOnly": {"type": "rule", "values": ["target-size"]}}).response["violations"]
        assert not [node["html"] for rule in found for node in rule["nodes"]], address


@needs_look
def test_focus_is_seen_on_every_stop(page, visit):
    visit("/projects/")
    for _stop in range(25):
        page.keyboard.press("Tab")
        seen = "(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 })()"
        assert page.evaluate(seen), page.evaluate("document.activeElement.outerHTML")


@needs_look
def test_print_shows_quotes_and_no_controls(page, visit):
    page.emulate_media(media="print")
    visit("/projects/bagratashen-sadakhlo-ibm/")
    quote = page.locator(".fact", has_text="Total budget").locator("blockquote")
    assert quote.evaluate(
        "each => each.checkVisibility({contentVisibilityAuto: true}) && each.getBoundingClientRect().height > 20"
    )
    expect(page.locator(".site-menu")).to_be_hidden()
    visit("/projects/")
    for control in (".site-menu", ".site-languages", ".finder-filters", ".finder-search", "footer nav"):
        expect(page.locator(control)).to_be_hidden()
    expect(page.locator("thead").first).to_be_visible()


@needs_look
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
