"""What every page has to be in a browser."""

from axe_playwright_python.sync_playwright import Axe

_AT_REST = """() => {
  for (const each of document.getAnimations()) // colours that change are judged once they have changed
    each.effect.getComputedTiming().endTime === Infinity ? each.cancel() : each.finish();
}"""


def assert_accessible(page, *widths, **options):
    """Assert that axe finds nothing on the page as it stands, and that it is no wider than the window.

    It is looked at in each of ``widths`` (px), without loading it again. ``options``: axe's own.
    """
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(_AT_REST)
        violations = Axe().run(page, **options).response["violations"]
        findings = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in violations]
        assert findings == [], (page.url, width, findings)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
