"""Figures of Rows: counts, and stated sums with for how many projects they are stated. Currencies are never added.

Sums are of whole cents, exact to the last one.
"""

from collections import defaultdict
from datetime import date

import numpy as np

from ..querysets import GAPS
from .facts import LATE, NOT_STATED, ROLES

LINKED = ("country", "partnership", "theme")
GROUPINGS = ("country", "instrument", "partnership", "organisation", "theme", "status", "year")
EXACT = 2**53  # whole numbers up to here are exact in floating point


def totals(rows, contributing=None):
    """Return ``{"projects": …, "amounts": […]}``: stated totals by currency, each with for how many it is stated.

    ``counted_in_parent``, where it is not 0: how many projects state a total that is not added, as it counts in what
    they are part of. ``contributing``: ``{"instrument", "funder": keys}`` of contributions; if there are any, what
    these come to is there too, as ``contributions`` and, where it is not 0, ``contributions_counted_in_parent``.
    """
    found = {"projects": rows.count(), **_totals_of(rows, rows.array())}
    if contributing:
        given = _given(rows, **{part: _numbers(rows, part, keys) for part, keys in contributing.items()})
        sums = _of_contributions(rows, given, np.zeros(len(given), np.int64), 1)[0]
        names = {"amounts": "contributions", "counted_in_parent": "contributions_counted_in_parent"}
        found |= {names[name]: value for name, value in sums.items()}
    return found


def groups(rows, by, keys=None):
    """Return (groups, number of projects in any of them) by one of GROUPINGS, ordered by key.

    A group is ``{"key", "label", "projects", "amounts"}`` and, where it is not 0, ``counted_in_parent``. An amount is
    of the contributions by instrument and organisation, elsewhere of stated totals. ``keys``: only of these.
    """
    counted, sums = counts(rows, by), _sums(rows, by, keys)
    wanted = [key for key in counted if keys is None or key in keys]
    nothing = {"amounts": []}
    found = [
        {"key": key, "label": counted[key][0], "projects": counted[key][1], **sums.get(key, nothing)} for key in wanted
    ]
    return found, _number_in_any(rows, by)


def counts(rows, by, roles=()):
    """Return ``{key: (label, number of projects)}`` by one of GROUPINGS, ordered by key.

    By organisation, ``roles`` counts only the projects in which it has one of these.
    """
    if by == "year":
        numbers = {str(year): number for year, number in _by_year(rows).items()}
    elif by == "organisation":
        numbers = _by_organisation(rows, roles)
    else:
        sets = {key: found for key, found in rows.view.sets(by) if key != NOT_STATED}
        numbers = {key: rows.found.intersection_cardinality(found) for key, found in sets.items()}
    labels = rows.view.choices(by) if by in (*LINKED, "instrument", "organisation") else {}
    return {key: (labels.get(key, key), numbers[key]) for key in sorted(numbers) if numbers[key]}


def gaps(rows):
    """Return ``[{"member", "count"}]``: of how many of ``rows`` no source states each of GAPS."""
    return [{"member": member, "count": rows.having("not_stated", [member]).count()} for member in GAPS]


def figures(rows, by=None, contributing=None):
    """Return what the address ``stats`` answers: the total, the groups, and whether they overlap."""
    found, distinct = groups(rows, by) if by else ([], 0)
    return {
        "total": totals(rows, contributing),
        "groups": found,
        "overlapping": sum(group["projects"] for group in found) > distinct,
    }


def years(rows, certainty="dated", most=40):
    """Return ``{year: number of projects}`` that may have been active in it, or certainly were; at most the last years.

    Projects without dates may have been active in any year: they count in none.
    """
    certain = certainty == "certain"
    rows = rows.active(certainty="certain" if certain else "dated")
    found = rows.array()
    if not len(found):
        return {}
    column = rows.view.column
    begun, ended = (_years(column(name)[found]) for name in (
        ("start_latest", "end_earliest") if certain else ("start_earliest", "end_latest")
    ))  # fmt: skip
    stated = [*begun[begun > 0], *ended[ended < 9999]]
    first, last = min(stated), max(stated)
    first = max(first, last - most + 1)
    begun = np.bincount(np.clip(begun - first, 0, last - first + 1), minlength=last - first + 2).cumsum()
    ended = np.bincount(np.clip(ended - first + 1, 0, last - first + 2), minlength=last - first + 3).cumsum()
    return {
        int(year): int(begun[year - first] - ended[year - first])
        for year in range(first, last + 1)
    }  # fmt: skip


def _years(days):
    """Return the years of ordinals; 0 of 0, 9999 of LATE."""
    distinct, at = np.unique(days, return_inverse=True)
    years = [0 if day == 0 else 9999 if day == LATE else date.fromordinal(int(day)).year for day in distinct]
    return np.array(years, np.int64)[at]


def _by_year(rows):
    stated = rows.view.column("start_earliest")[rows.array()]
    years, numbers = np.unique(_years(stated[stated > 0]), return_counts=True)
    return dict(zip(years.tolist(), numbers.tolist(), strict=True))


def _by_organisation(rows, roles):
    of, bits = rows.mask()[rows.view.roles("row")], sum(ROLES[role] for role in roles)
    if bits:
        of &= (rows.view.roles("roles") & bits) > 0
    names = rows.view.numbered("organisations")
    numbers = np.bincount(rows.view.roles("organisation")[of], minlength=len(names))
    return {names[number]: int(numbers[number]) for number in np.flatnonzero(numbers)}


def _number_in_any(rows, by):
    if by == "year":
        return sum(_by_year(rows).values())
    if by == "status":
        return rows.count() - rows.having("status", [NOT_STATED]).count()
    return rows.within(rows.view.all_of(by)).count()


def _sums(rows, by, keys):
    """Return ``{key: its amounts}`` of those groups that have any."""
    if by in ("instrument", "organisation"):
        part = "instrument" if by == "instrument" else "funder"
        given = _given(rows, **({part: _numbers(rows, part, keys)} if keys is not None else {}))
        of, names = rows.view.contributions(part)[given], rows.view.numbered(f"{by}s")
        found = _of_contributions(rows, given[of >= 0], of[of >= 0], len(names))
        return {names[key]: sums for key, sums in found.items()}
    if by == "year":
        found = rows.array()[rows.view.column("start_earliest")[rows.array()] > 0]
        years = _years(rows.view.column("start_earliest")[found])
        return {str(year): _totals_of(rows, found[years == year]) for year in np.unique(years)}
    sets = [(key, found) for key, found in rows.view.sets(by) if keys is None or key in keys]
    return {key: _totals_of(rows, rows.within(found).array()) for key, found in sets if key != NOT_STATED}


def _totals_of(rows, found):
    """Return ``{"amounts", and "counted_in_parent" where it is not 0}`` of the stated totals of an array of rows."""
    cents, currency, is_in_whole = (rows.view.column(name)[found] for name in ("cents", "currency", "is_in_whole"))
    added = (cents >= 0) & ~is_in_whole
    numbers = np.bincount(currency[added])
    amounts = _amounts(rows, _summed(currency[added], cents[added], len(numbers)), numbers)
    left_out = int(np.count_nonzero(is_in_whole))
    return {"amounts": amounts} | ({"counted_in_parent": left_out} if left_out else {})


def _given(rows, **parts):
    """Return the places of the contributions to ``rows``; ``parts``: funder, instrument: only of these numbers."""
    of = rows.mask()[rows.view.contributions("row")]
    for part, numbers in parts.items():
        of &= np.isin(rows.view.contributions(part), numbers)
    return np.flatnonzero(of)


def _numbers(rows, part, keys):
    names = rows.view.numbered("instruments" if part == "instrument" else "organisations")
    return [number for number, name in enumerate(names) if name in keys]


def _of_contributions(rows, given, groups, size):
    """Return ``{group: {"amounts", "counted_in_parent"}}`` of the contributions ``given``, ``groups`` those of each."""
    found = defaultdict(lambda: {"amounts": []})
    cents, is_in_whole = (rows.view.contributions(name)[given] for name in ("cents", "is_in_whole"))
    currencies, row = (rows.view.contributions(name)[given].astype(np.int64) for name in ("currency", "row"))
    many, added = len(rows.view.numbered("currencies")) or 1, (cents >= 0) & ~is_in_whole
    pairs = groups[added].astype(np.int64) * many + currencies[added]
    sums = _summed(pairs, cents[added], size * many)
    stated = _distinct(row[added], pairs, size * many)
    for group in np.unique(pairs // many).tolist():
        part = slice(group * many, (group + 1) * many)
        found[group]["amounts"] = _amounts(rows, sums[part], stated[part])
    left_out = _distinct(row[is_in_whole], groups[is_in_whole].astype(np.int64), size)
    for group in np.flatnonzero(left_out).tolist():
        found[group]["counted_in_parent"] = int(left_out[group])
    return found


def _distinct(rows, groups, size):
    """Return for each group how many different ``rows`` it has; ``rows`` never fall."""
    order = np.lexsort((rows, groups)) if size > 1 else slice(None)
    rows, groups = rows[order], groups[order]
    is_new = np.ones(len(rows), np.bool_)
    is_new[1:] = (rows[1:] != rows[:-1]) | (groups[1:] != groups[:-1])
    return np.bincount(groups[is_new], minlength=size)


def _summed(groups, cents, size):
    """Return for each group the exact sum of its ``cents``."""
    if cents.sum(dtype=np.float64) < EXACT:
        return np.bincount(groups, cents, minlength=size).astype(np.int64)
    high, low = np.divmod(cents, 10**6)
    sums = [np.bincount(groups, part, minlength=size).astype(np.int64).astype(object) for part in (high, low)]
    return sums[0] * 10**6 + sums[1]


def _amounts(rows, sums, numbers):
    """Return ``[{"currency", "amount", "stated_for"}]`` by currency, those that are stated for any."""
    names = rows.view.numbered("currencies")
    stated = sorted((names[at], int(sums[at]), int(numbers[at])) for at in np.flatnonzero(numbers).tolist())
    return [
        {"currency": code, "amount": f"{cents // 100}.{cents % 100:02}", "stated_for": number}
        for code, cents, number in stated
    ]
