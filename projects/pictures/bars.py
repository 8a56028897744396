"""Contributions by instrument, total budgets by country, a chart for each currency; what is not stated is a count."""

from collections import defaultdict
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from instruments.models import Instrument

from .. import stats
from ..models import Contribution, Project
from ..wording import amount_in_words, coverage_in_words
from .places import NOWHERE, SEVERAL, country_name, place_names, with_place
from .scale import (
    MOST_CHARTS,
    OTHER,
    REST,
    SEVENTH,
    label,
    link,
    not_added,
    not_drawn,
    plain,
    share_holds,
    spans,
    style,
)

MOST_ROWS, MOST_ROWS_BESIDE = 12, 6  # in the first chart, in each chart after it
LABEL, BAR, LINE, BOX, GAP = 24, 24, 22, 34, 20  # heights in px


def bars(projects, by, query=None):
    """Return the picture of ``projects`` by ``instrument`` or by ``country``."""
    found, distinct = stats.groups(projects, by)
    parts, stated = (_by_country if by == "country" else _by_instrument)(projects, found)
    grouped, total = distinct(), projects.count()
    series = _series(parts, by)
    groups = [_group(group, by, parts, stated, series, query) for group in found]
    currencies = _currencies(groups)
    overlapping = sum(group["projects"] for group in found) > grouped
    return {
        "by": by,
        "title": _("Total budgets by country") if by == "country" else _("Contributions by instrument"),
        "measure": _("Total budgets") if by == "country" else _("Contributions"),
        "charts": [
            _chart(code, groups, MOST_ROWS_BESIDE if number else MOST_ROWS)
            for number, code in enumerate(currencies[:MOST_CHARTS])
        ],
        "legend": _legend(series),
        "table": [row for group in groups for row in _table_rows(group)],
        "notes": not_drawn(currencies)
        + _notes(by, overlapping, total - grouped)
        + not_added(any("counted_in_parent" in group for group in found)),
    }


def _by_instrument(projects, groups):
    """Return (``{group: {currency: {part: sum}}}``, ``{group: projects with a stated amount}``)."""
    rows = Contribution.objects.filter(project__in=projects.order_by().values("pk"), instrument__isnull=False)
    stated = rows.filter(amount__isnull=False).order_by().values_list("instrument")
    parts = _parts(stats.sums_by(with_place(rows), ("instrument", "place"), "amount", "currency", "project"))
    return parts, dict(stated.annotate(n=Count("project", distinct=True)))


def _by_country(projects, groups):
    """The same; what of a total no instrument is stated for is its last part."""
    rows = Contribution.objects.filter(
        project__in=projects.order_by().values("pk"), instrument__isnull=False, currency=F("project__budget_currency")
    )
    keys = ("project__countries", "instrument")
    parts = _parts(stats.sums_by(rows, keys, "amount", "currency", "project", of=Project))
    for group in groups:
        for sum_ in group["amounts"]:
            of_group = parts[group["key"]][sum_["currency"]]
            rest = Decimal(sum_["amount"]) - sum(of_group.values())
            if rest:
                of_group[REST] = rest
    return parts, {
        group["key"]: sum(sum_["stated_for"] for sum_ in group["amounts"]) + group.get("counted_in_parent", 0)
        for group in groups
    }


def _parts(sums):
    parts = defaultdict(lambda: defaultdict(dict))
    for (group, part), amounts in sums.items():
        for sum_ in amounts:
            parts[group][sum_["currency"]][part] = Decimal(sum_["amount"])
    return parts


def _series(parts, by):
    """Return ``{part: series}`` as they are stacked: the largest first; beyond STYLES they share one style."""
    shares = defaultdict(int)
    for currency, whole in _wholes(parts).items():
        for of_group in parts.values():
            for part, amount in of_group[currency].items():
                shares[part] += amount / whole if whole else 0
    last = {SEVERAL: 1, NOWHERE: 2, REST: 3}
    names, series = _part_names(shares, by), {}
    for number, key in enumerate(sorted(shares, key=lambda key: (last.get(key, 0), -shares[key], key))):
        look = {SEVERAL: SEVENTH, NOWHERE: REST, REST: REST}.get(key) or style(number)
        series[key] = {"name": names[key], "style": look, "code": "" if key in last or look == OTHER else key}
    return series


def _wholes(parts):
    wholes = defaultdict(int)
    for currencies in parts.values():
        for currency, of_group in currencies.items():
            wholes[currency] += sum(of_group.values())
    return wholes


def _legend(series):
    """Return a swatch for each style that is used."""
    others = sum(part["style"] == OTHER for part in series.values())
    shown = {part["style"]: part for part in series.values()}
    if others > 1:
        shown[OTHER] = {"style": OTHER, "name": ngettext("%(n)s other", "%(n)s others", others) % {"n": others}}
    return list(shown.values())


def _part_names(keys, by):
    if by == "instrument":
        return place_names(keys)
    named = Instrument.objects.filter(pk__in=keys).values_list("code", "name")
    return {code: plain(f"{code}, {name}") for code, name in named} | {REST: _("no instrument stated for it")}


def _group(group, by, parts, stated, series, query):
    key, name = group["key"], group["label"]
    full = country_name(key, name) if by == "country" else plain(f"{key}, {name}")
    unstated = group["projects"] - stated.get(key, 0)
    return {
        "name": full,
        "label": label(full),
        "query": link(query, **{by: key}),
        "projects": group["projects"],
        "unstated": unstated,
        "unstated_words": _unstated_words(unstated),
        "sums": [_sum(sum_, group["projects"], parts[key][sum_["currency"]], series) for sum_ in group["amounts"]],
    }


def _unstated_words(number):
    words = ngettext("%(n)s project: amount not stated", "%(n)s projects: amount not stated", number)
    return words % {"n": number}


def _sum(sum_, projects, parts, series):
    return {
        "currency": sum_["currency"],
        "amount": Decimal(sum_["amount"]),
        "stated_for": sum_["stated_for"],
        "words": amount_in_words(sum_["amount"], sum_["currency"]),
        "coverage": coverage_in_words(sum_["stated_for"], projects),
        "parts": [
            {**series[key], "amount": parts[key], "words": amount_in_words(parts[key], sum_["currency"])}
            for key in series
            if key in parts
        ],
    }


def _currencies(groups):
    """Return the currencies, that of most projects first; one without a name if nothing at all is stated."""
    used = defaultdict(int)
    for group in groups:
        for sum_ in group["sums"]:
            used[sum_["currency"]] += sum_["stated_for"]
    return sorted(used, key=lambda code: (-used[code], code)) or [""] * bool(groups)


def _chart(currency, groups, most_rows):
    """Return one currency's rows, the largest first; the first chart also holds what no amount is stated for."""
    is_first, rows = most_rows == MOST_ROWS, []
    for group in groups:
        found = next((sum_ for sum_ in group["sums"] if sum_["currency"] == currency), None)
        if found or (is_first and not group["sums"]):
            rows.append({**group, "sum": found, "unstated": group["unstated"] if is_first else 0})
    rows.sort(key=lambda row: -row["sum"]["amount"] if row["sum"] else 1)
    others, rows = len(rows[most_rows:]), rows[:most_rows]
    most = max((row["sum"]["amount"] for row in rows if row["sum"]), default=0)
    y = 0
    for row in rows:
        y = _place(row, y, most)
    words = ngettext("%(n)s other: in the table", "%(n)s others: in the table", others) % {"n": others}
    return {
        "currency": currency,
        "rows": rows,
        "others": {"words": words, "y": y + 17} if others else None,
        "height": y + (LABEL if others else -GAP),
    }


def _place(row, y, most):
    """Give a row its places, and return where the next one begins."""
    row["label_y"], row["bar_y"] = y + 17, y + LABEL
    y += LABEL
    if row["sum"]:
        row["segments"] = _segments(row["sum"]["parts"], most)
        row |= {"value_y": y + BAR + 17, "coverage_y": y + BAR + LINE + 15}
        y += BAR + LINE * 2
    if row["unstated"]:
        row["box_y"] = y + 4
        row["box_text_y"] = y + 22
        y += BOX
    return y + GAP


def _segments(parts, most):
    """Return what is drawn of ``parts``: those of one style as one."""
    alike = [list(group) for _style, group in groupby(parts, key=lambda part: part["style"])]
    where = spans([sum(part["amount"] for part in group) for group in alike], most)
    return [
        {
            "style": group[0]["style"],
            "code": group[0]["code"] if share_holds(width, group[0]["code"]) else "",
            "x": x,
            "width": width,
        }
        for group, (x, width) in zip(alike, where, strict=True)
    ]


def _table_rows(group):
    return [{**group, "sum": sum_} for sum_ in group["sums"] or [None]]


def _notes(by, overlapping, outside):
    notes = []
    if overlapping and by == "country":
        notes.append(_("A project in several countries counts in each of them, with its whole total."))
    elif overlapping:
        notes.append(_("A project under several instruments counts under each of them, each sum only once."))
    if outside:
        words = (
            ngettext("%(n)s project states no country.", "%(n)s projects state no country.", outside)
            if by == "country"
            else ngettext("%(n)s project names no instrument.", "%(n)s projects name no instrument.", outside)
        )
        notes.append(words % {"n": outside})
    return notes
