"""Flow chart of contributions: from instrument (or funder, if none is known) to country (or lead)."""

from collections import defaultdict
from decimal import Decimal
from itertools import accumulate

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..index import figures
from ..words.phrases import amount_in_words, instrument_code, number_in_words, record_name
from .scale import NOWHERE, SEVERAL, all_of, label, link, not_added, place_names, plain, style

MOST_NODES, FEW_NODES, CROWDED = 12, 7, 40  # nodes on each side, and with more than 40 links
OTHERS = ("others", "")
HEIGHT, LABEL = 240, 46  # px: all amounts together; the two lines of a label


def flow(rows, query=None):
    """Return the chart of the contributions to ``rows`` in the most frequent currency; its table has those of none.

    ``left_out``: the number of other currencies. None if it would not have two nodes on each side.
    """
    links_of = _links(rows)
    order = sorted(links_of, key=lambda code: (not code, -sum(number for _, number in links_of[code].values()), code))
    known, unknown = [code for code in order if code], links_of.get("", {})
    limited = {code: _limited(links_of[code]) for code in [*known[:1], *filter(links_of.get, [""])]}
    if not known or any(len(set(ends)) < 2 for ends in zip(*limited[known[0]][0], strict=True)):
        return None
    without = rows.without(rows.register.all_of("funder")).count()
    words = ngettext(
        "Not shown: %(n)s project whose funder is not known.",
        "Not shown: %(n)s projects whose funder is not known.",
        without,
    )
    notes = [words % {"n": number_in_words(without)}] if without else []
    if unknown:
        counted = _contributions_in_words(sum(number for _amount, number in unknown.values()))
        notes.append(_("Not shown: %(contributions)s whose amount is not known.") % {"contributions": counted})
    names = _names(rows.register, {end for links, _hidden in limited.values() for pair in links for end in pair})
    return {
        "title": _("Contributions, from instrument or funder to country"),
        "charts": [_chart(*limited[known[0]], known[0], names)],
        "left_out": len(known[1:]),
        "rows": all_of(query),
        "table": [
            _table_row(pair, code, sum_, names, query)
            for code, (links, _hidden) in limited.items()
            for pair, sum_ in sorted(links.items(), key=lambda item: (-item[1][0], item[0]))
        ],
        "notes": notes + not_added(figures.any_in_whole(rows)),
    }


def _links(rows):
    """Return ``{currency: {(source, target): (amount, number of contributions)}}``; currency "": not known."""
    links = defaultdict(dict)
    sums = figures.contributed(rows, "instrument", "payer", "place", "lead")
    for (instrument, payer, place, lead, currency), (cents, number) in sums.items():
        source = ("instrument", instrument) if instrument else ("funder", payer)
        target = ("lead", lead) if lead else ("country", place)
        links[currency][source, target] = (Decimal(cents) / 100, number)
    return links


def _names(register, ends):
    """Return ``{end: its name}``."""
    places, names = place_names(register), {OTHERS: _("all others")}
    for kind, key in ends - {OTHERS}:
        if kind in ("country", "instrument"):
            names[kind, key] = places[key] if kind == "country" else instrument_code(key)
        else:
            name = plain(record_name("organisation", register.name("organisation", key)))
            names[kind, key] = _("%(funder)s, instrument not known") % {"funder": name} if kind == "funder" else name
    return names


def _chart(links, hidden, currency, names):
    """Return nodes and links with their coordinates."""
    scale = HEIGHT / float(sum(amount for amount, _ in links.values()) or 1)
    thick = {pair: float(amount) * scale for pair, (amount, _) in links.items()}
    sides = [_nodes(links, thick, side, currency, names, hidden[side]) for side in (0, 1)]
    height = max(bottom for _, bottom in sides)
    for nodes, bottom in sides:
        for node in nodes.values():  # in the middle of the height
            top = node["y"] + (height - bottom) / 2
            node |= {"y": f"{top:.1f}", "label_y": round(top) - 26, "words_y": round(top) - 8, "free": top}
            node["height"] = f"{node['height']:.1f}"
    number = sum(count for _amount, count in links.values())
    words = amount_in_words(sum(amount for amount, _number in links.values()), currency)
    title = _("%(sum)s in %(contributions)s")
    return {
        "currency": currency,
        "title": title % {"sum": words, "contributions": _contributions_in_words(number)},
        "sources": list(sides[0][0].values()),
        "targets": list(sides[1][0].values()),
        "links": _paths(links, thick, sides[0][0], sides[1][0]),
        "height": round(height),
    }


def _limited(links):
    """Join all but the largest ends of each side; return the links and the number of ends joined on each side."""
    hidden, most = [], MOST_NODES if len(links) <= CROWDED else FEW_NODES
    for side in (0, 1):
        weight = _added((pair[side], sum_) for pair, sum_ in links.items())
        order = sorted(weight, key=lambda end: (-weight[end][0], -weight[end][1], end))
        largest = set(order if len(order) <= most else order[: most - 1])
        hidden.append(len(order) - len(largest))
        links = _added(
            (tuple(OTHERS if place == side and end not in largest else end for place, end in enumerate(pair)), sum_)
            for pair, sum_ in links.items()
        )
    return links, hidden


def _added(sums):
    """Return ``{end or pair of ends: (amount, number)}`` of (end or pair, (amount, number)) that may occur again."""
    added = {}
    for key, (amount, number) in sums:
        before = added.get(key, (0, 0))
        added[key] = before[0] + amount, before[1] + number
    return added


def _nodes(links, thick, side, currency, names, hidden):
    """Return ({end: node}, bottom) of one side, largest first."""
    sums, heights = _added((pair[side], sum_) for pair, sum_ in links.items()), defaultdict(float)
    for pair, height in thick.items():
        heights[pair[side]] += height
    order = sorted(sums, key=lambda end: (end == OTHERS, -sums[end][0], -sums[end][1], end))
    *tops, bottom = accumulate((heights[end] + LABEL + 14 for end in order), initial=LABEL)
    others = ngettext("%(n)s other", "%(n)s others", hidden) % {"n": hidden}
    return {
        end: {
            "label": label(others if end == OTHERS else names[end], narrow=20, wide=56),
            "words": amount_in_words(sums[end][0], currency),
            "y": top,
            "height": max(heights[end], 1),
            "style": style(number),
        }
        for number, (end, top) in enumerate(zip(order, tops, strict=True))
    }, bottom - LABEL


def _paths(links, thick, sources, targets):
    """Return a path for each link, in a box 1000 wide and as high as the chart."""
    places = [{end: number for number, end in enumerate(side)} for side in (sources, targets)]
    paths = []
    for pair in sorted(links, key=lambda pair: (places[0][pair[0]], places[1][pair[1]])):
        source, target, height = sources[pair[0]], targets[pair[1]], thick[pair]
        a, b = source["free"], target["free"]
        source["free"] += height
        target["free"] += height
        paths.append(
            {
                "style": source["style"],
                "area": f"M0,{a:.1f}C500,{a:.1f} 500,{b:.1f} 1000,{b:.1f}V{b + height:.1f}"
                f"C500,{b + height:.1f} 500,{a + height:.1f} 0,{a + height:.1f}Z",
            }
        )
    return paths


def _contributions_in_words(number):
    return ngettext("%(n)s contribution", "%(n)s contributions", number) % {"n": number}


def _table_row(pair, currency, total, names, query):
    (amount, number), (source, target) = total, pair
    return {
        "source": names[source],
        "source_query": _end_link(query, source),
        "target": names[target],
        "target_query": _end_link(query, target),
        "number": number,
        "words": amount_in_words(amount, currency) if currency else None,
    }


def _end_link(query, end):
    kind, key = end
    if key in (SEVERAL, NOWHERE) or end == OTHERS:
        return None
    return link(query, **({kind: key} if kind in ("country", "instrument") else {"organisation": key, "role": kind}))
