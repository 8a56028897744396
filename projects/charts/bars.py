"""Bar charts: contributions by instrument, total budgets by country or theme, one chart for each currency."""

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import groupby

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from ..index import figures
from ..words.phrases import (
    amount_in_words,
    coverage_in_words,
    instrument_name,
    number_in_words,
    sum_in_words,
    value_in_words,
)
from .scale import (
    MOST_CHARTS,
    NOWHERE,
    OTHER,
    REST,
    all_of,
    label,
    link,
    mark,
    not_added,
    not_drawn,
    place_names,
    plain,
    spans,
    style,
    sum_in,
)

MOST_ROWS, MOST_ROWS_BESIDE = 12, 4  # in the first chart, and in each further one; the rest share one bar
TITLES = {
    "country": gettext_lazy("Total budgets by country"), "instrument": gettext_lazy("Contributions by instrument"),
    "theme": gettext_lazy("Total budgets by theme"),
}  # fmt: skip
OVERLAPPING = {
    "country": gettext_lazy("A project in several countries counts in full in each of them."),
    "instrument": gettext_lazy(
        "A project funded by several instruments counts under each; each contribution counts once."
    ),
    "theme": gettext_lazy("A project with several themes counts in full under each of them."),
}
OUTSIDE = {
    "country": ngettext_lazy(
        "Not shown: %(n)s project whose country is not known.",
        "Not shown: %(n)s projects whose country is not known.",
        "n",
    ),
    "instrument": ngettext_lazy(
        "Not shown: %(n)s project whose instrument is not known.",
        "Not shown: %(n)s projects whose instrument is not known.",
        "n",
    ),
    "theme": ngettext_lazy(
        "Not shown: %(n)s project without a theme.", "Not shown: %(n)s projects without a theme.", "n"
    ),
}
LABEL, SUM, BOX, GAP = 24, 68, 34, 20  # heights in px: a name, a bar with two lines, what has no amount, between rows


def bars(rows, by, query=None):
    """Return charts of ``rows`` by ``instrument``, ``country`` or ``theme``; None if there are not two bars to compare.

    The currency known for most projects comes first; ``more`` has the charts of the others.
    """
    groups, grouped = figures.groups(rows, by), figures.in_any_group(rows, by)
    codes = figures.currencies(groups) or [""]
    drawn = {
        code: _drawn(rows, by, code, groups, MOST_ROWS_BESIDE if place else MOST_ROWS)
        for place, code in enumerate(codes[:MOST_CHARTS])
    }
    shown = {group["key"]: group for bars_of_currency in drawn.values() for group in bars_of_currency}
    parts = _parts(rows, by, shown.values())
    series = _series(parts, by, rows.register)
    labelled = {key: _group(rows, group, by, query) for key, group in shown.items()}
    sums = {code: [_sum(group, code, parts[group["key"]], series) for group in drawn[code]] for code in drawn}
    charts = [
        _chart(code, [labelled[group["key"]] for group in drawn[code]], sums[code], is_first=code == codes[0])
        for code in drawn
        if len(drawn[code]) > 1
    ]
    if not charts:
        return None
    overlapping = sum(group["projects"] for group in groups) > grouped
    return {
        "by": by,
        "figures": all_of(query, group_by=by),
        "rows": all_of(query),
        "title": str(TITLES[by]),
        "measure": _("Contributions") if by == "instrument" else _("Total budgets"),
        "charts": charts[:1],
        "more": charts[1:],
        "legend": _legend(series),
        "table": [row for chart in charts for row in chart["rows"]],
        "notes": [
            *not_drawn(codes),
            *([str(OVERLAPPING[by])] if overlapping else []),
            *([OUTSIDE[by] % {"n": outside}] if (outside := rows.count() - grouped) else []),
            *not_added(any("counted_in_parent" in group for group in groups)),
        ],
    }


def _drawn(rows, by, currency, groups, most):
    """Return the groups of a currency's chart, the largest first; those beyond ``most`` as one, with their ``keys``.

    A single one beyond ``most`` is drawn by its name. The first chart also has those without any amount.
    """
    drawn = [group for group in groups if sum_in(currency, group) or (most == MOST_ROWS and not group["amounts"])]
    drawn.sort(key=lambda group: -sum_in(currency, group)["amount"] if sum_in(currency, group) else 1)
    if len(drawn) <= most + 1:
        return drawn
    return [*drawn[:most], _others(rows, by, currency, [group["key"] for group in drawn[most:]])]


def _others(rows, by, currency, keys):
    projects = rows.having(by, keys)
    total = figures.totals(projects, {"instrument": keys} if by == "instrument" else None)
    amounts = total["contributions" if by == "instrument" else "amounts"]
    return total | {
        "key": (OTHER, currency),
        "keys": keys,
        "label": ngettext("%(n)s other", "%(n)s others", len(keys)) % {"n": number_in_words(len(keys))},
        "amounts": [sum_ for sum_ in amounts if sum_["currency"] == currency],
    }


def _parts(rows, by, groups):
    """Return ``{group: {currency: {part: sum}}}``. Groups taken together have one part, OTHER.

    The parts of contributions by instrument are places; those of total budgets are instruments, and REST is what no
    instrument is known for.
    """
    parts = {group["key"]: defaultdict(dict) for group in groups}
    if by == "instrument":
        for (instrument, place, currency), (cents, _number) in figures.contributed(rows, "instrument", "place").items():
            if instrument in parts and currency:
                parts[instrument][currency][place] = Decimal(cents) / 100
    for group in groups:
        of_group, is_alone = parts[group["key"]], "keys" not in group
        if is_alone and by != "instrument":
            sums = figures.parts_of_totals(rows.having(by, [group["key"]]))
            for (instrument, currency), (cents, _number) in sums.items():
                of_group[currency][instrument] = Decimal(cents) / 100
        for sum_ in group["amounts"]:
            of_currency, amount = of_group[sum_["currency"]], Decimal(sum_["amount"])
            if not is_alone:
                of_currency[OTHER] = amount
            elif by != "instrument" and (rest := amount - sum(of_currency.values())):
                of_currency[REST] = rest
    return parts


def _series(parts, by, register):
    """Return ``{part: series}`` in stacking order, the largest first; those beyond STYLES share one style."""
    sums, shares = defaultdict(Counter), Counter()
    for by_currency in parts.values():
        for currency, of_group in by_currency.items():
            sums[currency].update(of_group)
    for sums_of_parts in sums.values():
        whole = sum(sums_of_parts.values()) or 1
        shares.update({part: amount / whole for part, amount in sums_of_parts.items()})
    last = {NOWHERE: 1, REST: 2, OTHER: 3}
    if by == "instrument":
        names = place_names(register)
    else:
        names = {code: plain(instrument_name(code, name)) for code, name in register.choices("instrument").items()}
        names[REST] = _("instrument not known")
    names[OTHER], series = _("not broken down"), {}
    for number, key in enumerate(sorted(shares, key=lambda key: (last.get(key, 0), -shares[key], key))):
        look = {NOWHERE: REST, REST: REST, OTHER: OTHER}.get(key) or style(number)
        series[key] = {"name": names[key], "style": look}
    return series


def _legend(series):
    """Return a mark for each style in use."""
    others = sum(part["style"] == OTHER for part in series.values())
    shown = {part["style"]: part["name"] for part in series.values()}
    if others > 1:
        shown[OTHER] = ngettext("%(n)s other", "%(n)s others", others) % {"n": others}
    return [mark(capfirst(name), f"segment fill-{look}") for look, name in shown.items()]


def _group(rows, group, by, query):
    key, name, keys = group["key"], group["label"], group.get("keys")
    named = instrument_name(key, name) if by == "instrument" else value_in_words(by, key, name)
    full = name if keys else plain(named)
    if by == "instrument":
        with_amount = rows.having("giving", keys or [key]).count()
    else:
        with_amount = sum(sum_["stated_for"] for sum_ in group["amounts"]) + group.get("counted_in_parent", 0)
    unstated = 0 if keys else group["projects"] - with_amount
    return {
        "name": full,
        "label": label(full),
        "query": None if keys else link(query, **{by: key}),
        "projects": group["projects"],
        "known": with_amount - group.get("counted_in_parent", 0),
        "unstated": unstated,
        "unstated_words": ngettext("Not known: %(n)s project", "Not known: %(n)s projects", unstated) % {"n": unstated},
    }


def _sum(group, currency, parts, series):
    """Return the sum of a group in a currency with its words and parts, or None."""
    sum_ = sum_in(currency, group)
    return sum_ and {
        **sum_,
        "words": sum_in_words(sum_),
        "coverage": coverage_in_words(sum_["stated_for"], group["projects"]),
        "parts": [
            {**series[key], "amount": parts[currency][key], "words": amount_in_words(parts[currency][key], currency)}
            for key in series
            if key in parts[currency]
        ],
    }


def _chart(currency, groups, sums, *, is_first):
    """Return the chart of a currency; the first one also counts projects without an amount."""
    rows = [
        {
            **group,
            "sum": sum_,
            "unstated": group["unstated"] if is_first else 0,
            "elsewhere": group["known"] - sum_["stated_for"] if sum_ else 0,
        }
        for group, sum_ in zip(groups, sums, strict=True)
    ]
    most = max((row["sum"]["amount"] for row in rows if row["sum"]), default=0)
    y = 0
    for row in rows:
        row |= {"y": y, "box_y": LABEL + SUM if row["sum"] else LABEL}
        row["segments"] = _segments(row["sum"]["parts"], most) if row["sum"] else []
        y += row["box_y"] + (BOX if row["unstated"] else 0) + GAP
    return {"currency": currency, "rows": rows, "height": y - GAP}


def _segments(parts, most):
    """Return the segments to draw, with parts of one style joined."""
    alike = [list(group) for _style, group in groupby(parts, key=lambda part: part["style"])]
    where = spans([sum(part["amount"] for part in group) for group in alike], most)
    return [
        {"style": group[0]["style"], "x": x, "width": width} for group, (x, width) in zip(alike, where, strict=True)
    ]
