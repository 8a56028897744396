"""Take pictures of the main pages, wide and narrow, into build/pictures/, and those of README.md into docs/pictures/.

    make pictures [SITE=http://127.0.0.1:8000]

Without SITE it serves the register as it comes, from a database that it throws away. Needs the system's Chromium.
"""

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.bench import servers

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "build/pictures"
OF_README = ROOT / "docs/pictures"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Grey edges of letters instead of coloured ones make a picture half as large.
ARGUMENTS = ["--disable-lcd-text", "--no-sandbox"]
WIDTHS = {"wide": 1280, "narrow": 360}
PAGES = {
    "home": "/",
    "projects": "/projects/",
    "found": "/projects/?q=border&country=GE",
    "pictures": "/projects/pictures/",
    "nothing-found": "/projects/?q=nothing-of-this&country=GE",
    "not-understood": "/projects/?amount_min=2.584&foo=1",
    "project": "/projects/bagratashen-sadakhlo-ibm/",
    "country": "/countries/GE/",
    "instrument": "/instruments/ENI/",
    "partnerships": "/partnerships/",
    "organisation": "/organisations/icmpd/",
    "gaps": "/gaps/",
    "comparison": "/compare/?country=GE&country=MD",
    "about": "/about/",
    "french": "/fr/",
    "not-found": "/nothing/",
}


@contextmanager
def register_as_it_comes():
    """Serve the fixtures from a database of their own; gives the address."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/register.sqlite3"
        for command in ("migrate", "load_fixtures"):
            servers.manage(url, ROOT, command)
        with servers.serving(url, ROOT) as server:
            yield f"http://127.0.0.1:{server.port}"


def take(site):
    """Take every picture of a site that runs."""
    for folder in (PICTURES, OF_README):
        folder.mkdir(parents=True, exist_ok=True)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as chromium,
    ):
        for name, width in WIDTHS.items():
            page = chromium.new_page(viewport={"width": width, "height": 850})
            for page_name, address in PAGES.items():
                page.goto(site + address)
                page.screenshot(path=PICTURES / f"{page_name}-{name}.png", full_page=True)
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{site}/projects/")
        page.screenshot(path=OF_README / "projects.png")
        page.goto(f"{site}/projects/bagratashen-sadakhlo-ibm/")
        page.screenshot(path=OF_README / "project.png")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("No Chromium found: chromium, chromium-browser or google-chrome.")
    if len(sys.argv) > 1:
        take(sys.argv[1].rstrip("/"))
    else:
        with register_as_it_comes() as address:
            take(address)
