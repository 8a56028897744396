"""When projects run, as precisely as it is stated: certain, only possible, planned, open."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..wording import NOT_STATED, date_in_words, period_in_words, planned_in_words
from .scale import label, percent, plain

LABELLED = 50  # more rows than this are thin lines without words
MOST_TICKS = 6
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
TOP = 28  # px for the years
_COLUMNS = [
    "pk", "title",
    *(f"{name}_date{part}" for name in ("start", "end") for part in ("", "_earliest", "_latest", "_planned")),
]  # fmt: skip


def timeline(projects, limit=500):
    """Return the picture of the first ``limit`` of ``projects``, one row for each with a date, in their order."""
    rows = [_read(row) for row in projects.values(*_COLUMNS)[:limit]]
    dated = [row for row in rows if row["start"] or row["end"]]
    count = projects.count()
    picture = {"count": count, "rows": [], "table": rows, "notes": _notes(len(rows), count, len(rows) - len(dated))}
    if dated:
        picture |= _drawn(dated)
    return picture


def _read(row):
    """Return a project's dates: days as numbers, the last one past its end, and the words."""
    found = {"slug": row["pk"], "title": plain(row["title"]), "url": f"/projects/{row['pk']}/"}
    members = []
    for name in ("start", "end"):
        value, planned = row[f"{name}_date"], row[f"{name}_date_planned"]
        members.append({"value": str(value), "planned": planned} if value else None)
        found[name] = value and {
            "first": row[f"{name}_date_earliest"].toordinal(),
            "last": row[f"{name}_date_latest"].toordinal() + 1,
            "planned": planned,
        }
        words = date_in_words(str(value)) if value else NOT_STATED
        found[f"{name}_words"] = planned_in_words(words, planned)
    return found | {"period": period_in_words(*members)}


def _drawn(rows):
    days = [day for row in rows for end in (row["start"], row["end"]) if end for day in (end["first"], end["last"])]
    pad = max((max(days) - min(days)) * 0.07, 120)
    first, last = min(days) - pad, max(days) + pad

    def x(day):
        return (day - first) * 100 / (last - first)

    is_compact = len(rows) > LABELLED
    pitch, thickness = _compact(len(rows)) if is_compact else (48, 16)
    for number, row in enumerate(rows):
        y = TOP + 8 + number * pitch
        row |= {"label": label(row["title"], wide=80), "label_y": y + 16, "y": y + (0 if is_compact else 22)}
        row |= {"middle": row["y"] + thickness // 2, "bottom": row["y"] + thickness}
        row["pieces"] = [_piece(x, *piece) for piece in _pieces(row["start"], row["end"], first, last)]
    return {
        "rows": rows,
        "is_compact": is_compact,
        "thickness": thickness,
        "ticks": _ticks(min(days), max(days), x),
        "height": TOP + 8 + len(rows) * pitch + (8 if is_compact else 0),
        "kinds": {piece["kind"] for row in rows for piece in row["pieces"]},
    }


def _compact(count):
    """Return how far apart thin rows stand and how thick they are, in px: 500 of them make some 2,500."""
    pitch = max(5, min(12, 1200 // count))
    return pitch, pitch - 2


def _pieces(start, end, first, last):
    """Return (kind, from day, to day): what the stated dates make certain, possible, planned, or leave open."""
    certain_from = start and start["last"] - 1  # the latest start and the earliest end are days of it
    certain_to = end and end["first"] + 1
    if not end:
        kind = "planned-open" if start["planned"] else "open"
        return [*_edge(start, start["first"], certain_from), (f"{kind}-end", certain_from, last)]
    if not start:
        kind = "planned-open" if end["planned"] else "open"
        return [(f"{kind}-start", first, certain_to), *_edge(end, certain_to, end["last"])]
    if certain_from >= certain_to:
        planned = {"planned": start["planned"] or end["planned"]}
        return _edge(planned, start["first"], end["last"])
    middle = "planned" if start["planned"] or end["planned"] else "certain"
    return [
        *_edge(start, start["first"], certain_from),
        (middle, certain_from, certain_to),
        *_edge(end, certain_to, end["last"]),
    ]


def _edge(member, begin, finish):
    kind = "planned-possible" if member["planned"] else "possible"
    return [(kind, begin, finish)] if finish > begin else []


def _piece(x, kind, begin, finish):
    return {"kind": kind, "x": percent(x(begin)), "end": percent(x(finish)), "width": percent(x(finish) - x(begin))}


def _ticks(first, last, x):
    """Return the years to name: as many as a narrow screen can hold."""
    first, last = date.fromordinal(first).year, date.fromordinal(last - 1).year
    step = next(step for step in STEPS if (last - first) // step < MOST_TICKS)
    years = [year for year in range(first, last + 1) if year % step == 0]
    places = [(year, x(date(year, 1, 1).toordinal())) for year in years]
    return [{"year": str(year), "x": percent(place), "named": place < 88} for year, place in places if place >= 0]


def _notes(shown, count, undated):
    notes = []
    if shown < count:
        notes.append(
            _("Only the first %(shown)s of %(count)s projects are shown here.") % {"shown": shown, "count": count}
        )
    if undated:
        words = ngettext(
            "%(n)s project is not drawn: dates not stated.", "%(n)s projects are not drawn: dates not stated.", undated
        )
        notes.append(words % {"n": undated})
    return notes
