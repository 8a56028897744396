"""What every page has to be in a browser."""

from axe_playwright_python.base import AXE_SCRIPT

_FINDINGS = """options => {
  for (const each of document.getAnimations()) // colours that change are judged once they have changed
    each.effect.getComputedTiming().endTime === Infinity ? each.cancel() : each.finish();
  return axe.run({resultTypes: ["violations"], ...options}).then(results =>
    results.violations.map(each => [each.id, each.nodes.map(node => node.html.slice(0, 200))]));
}"""


def assert_accessible(page, *widths, **options):
    """Assert that axe finds nothing on the page as it stands, and that it is no wider than the window.

    It is looked at in each of ``widths`` (px), without loading it again. ``options``: axe's own.
    """
    page.evaluate(AXE_SCRIPT)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        findings = page.evaluate(_FINDINGS, options)
        assert findings == [], (page.url, width, findings)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
