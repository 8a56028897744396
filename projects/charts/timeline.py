"""Timeline of projects, which shows how precise their dates are; for many projects, their number per year."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ..index import figures
from ..words.phrases import NOT_KNOWN, countries_in_words, item_in_words, number_in_words, period_in_words
from .scale import all_of, distinct_labels, link, mark, percent, plain

MOST_ROWS = 40  # above this, the number of projects in each year
PITCH = 48  # px: distance of rows
COLUMNS = 160  # px: height of the highest column
MOST_TICKS = 6
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
TOP = 28  # px for the years


def timeline(rows, query=None, most=MOST_ROWS):
    """Return a line for each of ``rows`` with a date, or a column for each year; None if there are fewer than two.

    ``most``: the number of rows above which there are columns.
    """
    if rows.count() > most:
        return _years(figures.years(rows, most=MOST_ROWS), rows.undated().count(), query)
    lines = [_read(project) for project in rows.read(slice(most))]
    dated = [line for line in lines if line["start"] or line["end"]]
    if len(dated) < 2:
        return None
    notes = _notes(len(lines) - len(dated))
    return {"title": _("Project dates"), "table": dated, "notes": notes} | _drawn(dated)


def _years(numbers, undated, query):
    """Return a column for each year, for the number of projects that may have been active."""
    most = max(numbers.values(), default=0)
    if len(numbers) < 2 or not most:
        return None
    step = 100 / len(numbers)
    named = next(each for each in STEPS if len(numbers) / each <= MOST_TICKS)
    columns = [
        {
            "year": str(year),
            "number": number,
            "words": number_in_words(number),
            "query": link(query, active_from=str(year), active_to=str(year), certainty="dated"),
            "x": percent(place * step),
            "middle": percent((place + 0.5) * step),
            "width": percent(step * 0.8),
            "height": round(number * COLUMNS / most),
            "y": TOP + COLUMNS - round(number * COLUMNS / most),
            "is_named": year % named == 0,
            "anchor": "start" if place < len(numbers) / 3 else "end" if place > len(numbers) * 2 / 3 else "middle",
        }
        for place, (year, number) in enumerate(numbers.items())
    ]
    highest = next(column for column in columns if column["number"] == most)
    return {
        "title": _("Projects possibly active in each year"),
        "columns": columns,
        "all": all_of(query),
        "highest": highest,
        "bottom": TOP + COLUMNS,
        "height": TOP + COLUMNS + 24,
        "notes": _notes(undated),
    }


def _read(project):
    """Return the dates of a document: first day and the day after the last as ordinals, and in words."""
    dates = {"title": plain(project["title"]), "url": project["url"], "where": countries_in_words(project)}
    missing = {"start": NOT_KNOWN, "end": pgettext("end", "not known")}  # differ in gender in French
    for name in ("start", "end"):
        member = project[f"{name}_date"]
        dates[name] = member and {
            "first": date.fromisoformat(member["earliest"]).toordinal(),
            "last": date.fromisoformat(member["latest"]).toordinal() + 1,
            "planned": member["planned"],
        }
        dates[f"{name}_words"] = item_in_words(member) if member else missing[name]
    return dates | {"period": period_in_words(project["start_date"], project["end_date"])}


def _drawn(rows):
    days = [day for row in rows for end in (row["start"], row["end"]) if end for day in (end["first"], end["last"])]
    pad = max((max(days) - min(days)) * 0.07, 120)
    first, last = min(days) - pad, max(days) + pad

    def x(day):
        return (day - first) * 100 / (last - first)

    labels = distinct_labels([(row["title"], row["where"]) for row in rows])
    for number, row in enumerate(rows):
        row |= {"label": labels[number], "y": TOP + 8 + number * PITCH}
        row["pieces"] = [
            {"kind": kind, "x": percent(x(begin)), "width": percent(x(end) - x(begin))}
            for kind, begin, end in _pieces(row["start"], row["end"], first, last)
        ]
    return {
        "rows": rows,
        "ticks": _ticks(min(days), max(days), x),
        "height": TOP + 8 + len(rows) * PITCH,
        "legend": _legend({piece["kind"] for row in rows for piece in row["pieces"]}),
    }


def _legend(kinds):
    """Return a mark for each kind of piece in use."""
    marks = [
        ("piece certain", _("certainly active"), {"certain"}),
        ("piece possible", _("possibly active: the source gives only a year or a month"), {"possible"}),
        ("piece planned", _("planned; paler where the dates are not exact"), {"planned", "planned-possible"}),
    ]
    legend = [mark(words, kind) for kind, words, shown in marks if kinds & shown]
    if any("open" in kind for kind in kinds):
        legend.append(mark(_("start or end not known"), "torn"))
    return legend


def _pieces(start, end, first, last):
    """Return ``[(kind, from day, to day)]``: certain, possible, planned or open."""
    certain_from = start and start["last"] - 1  # includes the latest start and the earliest end
    certain_to = end and end["first"] + 1
    is_planned = any(each and each["planned"] for each in (start, end))
    if start and end and certain_from >= certain_to:
        return _edge({"planned": is_planned}, start["first"], end["last"])
    open_ = "planned-open" if is_planned else "open"
    before = _edge(start, start["first"], certain_from) if start else [(f"{open_}-start", first, certain_to)]
    after = _edge(end, certain_to, end["last"]) if end else [(f"{open_}-end", certain_from, last)]
    certain = [("planned" if is_planned else "certain", certain_from, certain_to)] if start and end else []
    return [*before, *certain, *after]


def _edge(member, begin, finish):
    kind = "planned-possible" if member["planned"] else "possible"
    return [(kind, begin, finish)] if finish > begin else []


def _ticks(first, last, x):
    """Return the years to label, as many as fit on a narrow screen."""
    first, last = date.fromordinal(first).year, date.fromordinal(last - 1).year
    step = next(step for step in STEPS if (last - first) // step < MOST_TICKS)
    years = [year for year in range(first, last + 1) if year % step == 0]
    places = [(year, x(date(year, 1, 1).toordinal())) for year in years]
    return [{"year": str(year), "x": percent(place), "named": place < 88} for year, place in places if place >= 0]


def _notes(undated):
    words = ngettext(
        "Not shown: %(n)s project whose dates are not known.",
        "Not shown: %(n)s projects whose dates are not known.",
        undated,
    )
    return [words % {"n": number_in_words(undated)}] if undated else []
