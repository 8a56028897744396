"""The picture that other sites show beside a link: what a page says in short, 1200 by 630 px."""

from django.template.loader import render_to_string

from .png import BOLD, SANS, SERIF, lines
from .style import style

WIDTH, HEIGHT, EDGE = 1200, 630, 64  # px
LAST = 562  # px: the lowest place for the last line of a quote


def svg(short, register, address):
    """Return the picture of an InShort as SVG. ``register``: its name; ``address``: of the site."""
    room = WIDTH - 2 * EDGE
    texts, y = [], 142
    for kind, text, size, pitch, most, font, width in (
        ("title", short.title, 44, 52, 2, BOLD, room),
        ("places", short.places, 28, 40, 1, SANS, room),
        ("figure", short.figure, 84, 104, 1, BOLD, room),
        ("measure", short.measure, 30, 42, 1, SANS, room - (0 if short.figure else 84)),
    ):
        y += 16 if kind == "measure" and not short.figure else 0
        for line in lines(text, size, width, most, font):
            texts.append({"kind": kind, "text": line, "y": y + size, "size": size})
            y += pitch
    texts += _quote(short.quote, y + 20, room - 28)
    return render_to_string("_pictures/card.svg", {
        "short": short, "texts": texts, "width": WIDTH, "height": HEIGHT, "edge": EDGE, "style": style(),
        "register": lines(register, 26, room, 1, BOLD), "address": lines(address, 24, room, 1),
        "quoted": [each["y"] for each in texts if each["kind"] == "quote"],
        "unknown": next((each["y"] for each in texts if each["kind"] == "measure" and not short.figure), None),
    })  # fmt: skip


def _quote(quote, top, room):
    """Return the lines of a quote in the largest letters in which all of it fits; none if it is too long to read."""
    for size in (30, 26, 22):
        pitch = round(size * 1.35)
        most = (LAST - top - size) // pitch + 1
        fitted = lines(quote, size, room, most + 1, SERIF)
        if len(fitted) <= most:
            return [
                {"kind": "quote", "text": line, "y": top + size + place * pitch, "size": size}
                for place, line in enumerate(fitted)
            ]
    return []
