"""Take the pictures of README.md anew, from a site that runs: ``make run`` in another window, then

    .venv/bin/python tests/take_pictures.py [http://127.0.0.1:8000]

Needs the system's Chromium, as the browser tests do.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Grey edges of letters instead of coloured ones make a picture half as large.
ARGUMENTS = ["--disable-lcd-text", "--no-sandbox"]


def take(site):
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page(
            viewport={"width": 1280, "height": 850}
        )
        page.goto(f"{site}/projects/")
        filters = page.locator("form.filters details[open] > summary")
        if filters.count():
            filters.click()
            page.mouse.move(0, 0)
        page.screenshot(path=PICTURES / "projects.png")
        page.goto(f"{site}/projects/bagratashen-sadakhlo-ibm/")
        page.locator(".fact details > summary").first.click()
        page.mouse.move(0, 0)
        page.screenshot(path=PICTURES / "project.png")


if __name__ == "__main__":
    take(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
