"""Take pictures of the main pages, wide and narrow, into build/pictures/, and those of README.md into docs/pictures/.

    make pictures [SITE=http://127.0.0.1:8000]

Without SITE it serves the register as it comes, from a database that it throws away. Needs the system's Chromium.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

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
    with closing(socket.socket()) as free, TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        settings = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder}/register.sqlite3",
            "SECRET_KEY": os.urandom(25).hex(),
        }
        settings |= {"HTTPS": "false", "ALLOWED_HOSTS": "127.0.0.1"}
        manage = [sys.executable, ROOT / "manage.py"]
        for command in (["migrate", "-v", "0"], ["load_fixtures", "-v", "0"]):
            subprocess.run([*manage, *command], env=settings, check=True)
        server = subprocess.Popen(
            [*manage, "runserver", "--noreload", place],
            env=settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"http://{place}/readyz")
            yield f"http://{place}"
        finally:
            server.terminate()
            server.wait()


def wait_for(address, seconds=30):
    """Return when ``address`` answers. TimeoutError if it never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return urlopen(address).close()  # noqa: S310 (our own address)
        except URLError:
            time.sleep(0.2)
    raise TimeoutError(address)


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
