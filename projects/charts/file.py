"""A chart as a file of its own: title, legend, drawing, notes, and a line with its source."""

from django.template.loader import render_to_string

from .png import BOLD, SANS, lines
from .scale import plain
from .style import style

WIDTH, EDGE = 960, 32  # px
INNER = WIDTH - 2 * EDGE
SMALL = 15 * 1.35  # px: distance of small lines


def svg(kind, picture, about, source):
    """Return the chart ``picture`` as SVG, 960 px wide.

    ``kind``: its template, such as ``bars``; ``about``: what it is about, in words; ``source``: the line below it.
    """
    page = _Page()
    page.write(picture["title"], "heading", 22, 28, 3, BOLD)
    page.write(about, "quiet", 15, SMALL, 3)
    page.y += 14
    legend = [{**each, "y": page.down(24), "words": plain(each["words"])} for each in picture.get("legend") or ()]
    page.y += 10 if legend else 0
    # One below the other: a chart for each currency, else the picture itself.
    drawn = [*picture["charts"], *picture.get("more", ())] if "charts" in picture else [picture | {"title": ""}]
    charts = [page.place(chart) for chart in drawn]
    for note in picture["notes"]:
        page.write(note, "quiet", 15, SMALL, 3)
    page.y += 12
    rule = page.y
    page.write(source, "source", 13, 18, 4)
    return render_to_string("_pictures/file.svg", {
        "name": kind, "kind": f"_pictures/{kind}_drawing.html", "picture": picture, "prefix": "chart", "is_file": True,
        "style": style(),
        "width": WIDTH, "height": round(page.y + 14), "edge": EDGE, "inner": INNER, "right": WIDTH - EDGE,
        "texts": page.texts, "legend": legend, "charts": charts, "rule": rule, "about": plain(about),
    })  # fmt: skip


class _Page:
    """The parts written up to now, and ``y``, the top of the next one."""

    def __init__(self):
        self.y, self.texts = EDGE - 8, []

    def down(self, height):
        """Return the top of a part of this height, and move below it."""
        top, self.y = self.y, self.y + height
        return round(top, 1)

    def write(self, text, kind, size, pitch, most, font=SANS):
        for line in lines(text, size, INNER, most, font):
            self.texts.append({"kind": kind, "text": line, "y": round(self.down(pitch) + size, 1)})

    def place(self, chart):
        """Return a chart with its ``top``, below its own title."""
        if title := chart.get("title") or chart.get("currency"):
            self.write(title, "chart-title", 16, 30, 1, BOLD)
        return {"chart": chart, "top": self.down(chart["height"] + 24)}
