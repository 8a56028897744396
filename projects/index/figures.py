"""Figures of Rows: counts, and stated sums with the number of projects that state them. Currencies are never added.

Sums are of whole cents, exact to the last one. ``contributions`` are row numbers in the table of contributions.
"""

from collections import Counter, defaultdict
from datetime import date
from functools import reduce
from itertools import chain
from operator import or_

import numpy as np
from pyroaring import BitMap

from ..models.organisation import EUROPEAN_UNION
from ..models.project import GAPS
from .columns import rows_in
from .facts import LATE, NOT_STATED

GROUPINGS = ("country", "instrument", "partnership", "organisation", "theme", "status", "year")
SEVERAL, NOWHERE = "*", ""  # places that are no country
MOST_COUNTED = 2**22  # codes up to here are counted, beyond sorted
EPOCH = date(1970, 1, 1).toordinal()
EXACT = 2**53  # whole numbers up to here are exact in floating point


def totals(rows, contributing=None):
    """Return ``{"projects": …, "amounts": […]}``: stated totals by currency, each with the number that state it.

    ``counted_in_parent``, unless 0: the number of projects whose total is not added, because it counts in what they are
    part of. ``contributing``: ``{"instrument", "funder": keys}`` of contributions; if there are any, their sums are
    there too, as ``contributions`` and, unless 0, ``contributions_counted_in_parent``.
    """
    figure = {"projects": rows.count(), **_totals_of(rows)}
    if contributing:
        sums = contributions_from(rows, contributing)
        names = {"amounts": "contributions", "counted_in_parent": "contributions_counted_in_parent"}
        figure |= {names[name]: value for name, value in sums.items() if name in names}
    return figure


def contributions_from(rows, contributing):
    """Return the contributions to ``rows`` from ``{"instrument", "funder": keys}`` as a figure."""
    return _figure_of(rows, _contributions_to(rows, **contributing))


def currencies(figures):
    """Return the currencies of figures, starting with the one known for most projects; of several, with euros."""
    known = Counter()
    for amount in chain.from_iterable(figure["amounts"] for figure in figures):
        known[amount["currency"]] += amount["stated_for"]
    return sorted(known, key=lambda code: (-known[code], code != "EUR", code))


def by_coverage(figure):
    """Return the amounts of a figure in the order of ``currencies``."""
    order = currencies([figure])
    return sorted(figure["amounts"], key=lambda amount: order.index(amount["currency"]))


def main_currency(figure, *others):
    """Return the currency known in most of a figure and ``others``, of several the first of ``currencies``; or ""."""
    columns = Counter(amount["currency"] for each in (figure, *others) for amount in each["amounts"])
    return max(currencies([figure, *others]), key=columns.__getitem__, default="")


def in_currency(rows, currency):
    """Return those of ``rows`` with a total in a currency: amounts in others cannot be compared. All for ""."""
    return rows.having("currency", [currency]) if currency else rows


def unattributed(rows):
    """Return the amounts that contributions to ``rows`` leave of their totals, never below zero.

    Projects with a contribution in another currency than the total are left out.
    """
    return _of_totals(rows, "left")


def funding(rows, by="", key=""):
    """Return who funds ``rows``: ``{"own", "others", "unattributed"}``, figures like those of ``totals``.

    ``own``: the contributions from the instrument or organisation (``by``) ``key``; by default, from the EU.
    ``others``: all other contributions. Their ``projects`` are those that they fund. ``unattributed``: what is left of
    stated totals after the stated contributions; its amounts include every project for which that is known, even if
    nothing is left.
    """
    part, keys = {"instrument": ("instrument", [key]), "organisation": ("funder", [key])}.get(
        by, ("funder", [EUROPEAN_UNION])
    )
    contributions = rows.contributions
    is_own = np.isin(rows.register.contributions(part)[contributions], _numbers(rows, part, keys))
    return {
        "own": _figure_of(rows, contributions[is_own]),
        "others": _figure_of(rows, contributions[~is_own]),
        "unattributed": {"projects": rows.count(), "amounts": unattributed(rows)},
    }


def _figure_of(rows, contributions):
    """Return ``contributions`` as a figure of the projects that they fund."""
    row, groups = rows.register.contributions("row")[contributions], np.zeros(len(contributions), np.int64)
    return {"projects": int(_distinct(row, groups, 1)[0]), **_of_contributions(rows, contributions, groups, 1)[0]}


def groups(rows, by, keys=None):
    """Return the groups by one of GROUPINGS, ordered by key.

    A group is ``{"key", "label", "projects", "amounts"}`` and, unless 0, ``counted_in_parent``. By instrument and
    organisation, amounts are of contributions; otherwise, of stated totals. ``keys``: only of these.
    """
    sums, nothing = _sums(rows, by, keys), {"amounts": []}
    return [
        {"key": key, "label": rows.register.name(by, key), "projects": number, **sums.get(key, nothing)}
        for key, number in sorted(numbers(rows, by).items())
        if keys is None or key in keys
    ]


def numbers(rows, *groupings):
    """Return ``{key: number of projects}`` by one of GROUPINGS, or of organisations by any of some roles."""
    sets = defaultdict(list)
    for grouping in groupings:
        for key, each in _sets(rows, grouping):
            sets[key].append(each)
    counts = ((key, rows.selected.intersection_cardinality(reduce(or_, of_key))) for key, of_key in sets.items())
    return {key: number for key, number in counts if number}


def _sets(rows, by):
    """Return ``[(key, rows)]`` of the groups by one of GROUPINGS, perhaps with rows that are not among ``rows``."""
    return [(key, each) for key, each in rows.register.sets(by) if key != NOT_STATED]


def gaps(rows):
    """Return ``{member: number of rows for which no source states it}`` for each of GAPS."""
    return {member: rows.having("not_stated", [member]).count() for member in GAPS}


def figures(rows, by=None, contributing=None):
    """Return the answer of the address ``stats``: the total, the groups, and whether they overlap."""
    grouped = groups(rows, by) if by else []
    return {
        "total": totals(rows, contributing),
        "groups": grouped,
        "overlapping": bool(by) and sum(group["projects"] for group in grouped) > in_any_group(rows, by),
    }


def contributed(rows, *by):
    """Return ``{(key, …, currency): (amount in cents, number)}`` of the contributions to ``rows``, added by ``by``.

    ``by``: of ``instrument`` (None: not named), ``place`` (the code of the project's country, NOWHERE or SEVERAL),
    ``payer`` (the funder where no instrument is named, else None) and ``lead`` (the first that leads a project without
    a country, else None). Those without an amount have the currency ``""``. Those that count in a whole are left out.
    """
    contributions = rows.contributions
    contributions = contributions[~rows.register.contributions("is_in_whole")[contributions]]
    return _added(rows, contributions, by)


def parts_of_totals(rows):
    """Return ``{(instrument, currency): (amount in cents, number)}``: what instruments give to the totals of ``rows``.

    Only in the currency of the total, and of totals that are added, as in ``totals``.
    """
    contributions = rows.contributions
    row, currency = (rows.register.contributions(name)[contributions] for name in ("row", "currency"))
    of_total = (rows.register.contributions("cents")[contributions] >= 0) & (
        rows.register.contributions("instrument")[contributions] >= 0
    )
    of_total &= (currency == rows.register.column("currency")[row]) & ~rows.register.column("is_in_whole")[row]
    return _added(rows, contributions[of_total], ["instrument"])


def _added(rows, contributions, by):
    """Return ``{(key, …, currency): (cents, number)}`` of ``contributions``, by the numbers of their keys."""
    codes, names = np.zeros(len(contributions), np.int64), []
    for part in (*by, "currency"):
        numbers, names_of = _keys_of(rows, contributions, part)
        names.append(names_of)
        codes = codes * len(names_of) + numbers
    different, groups = _numbered(codes)
    sums = _summed(groups, np.maximum(rows.register.contributions("cents")[contributions], 0), len(different))
    counted = np.bincount(groups, minlength=len(different))
    keys = []
    for names_of in reversed(names):
        different, numbers = np.divmod(different, len(names_of))
        keys.append([names_of[number] for number in numbers.tolist()])
    sums = [(int(cents), number) for cents, number in zip(sums, counted.tolist(), strict=True)]
    return dict(zip(zip(*reversed(keys), strict=True), sums, strict=True))


def _keys_of(rows, contributions, part):
    """Return (numbers, the key of each number) of one part of ``contributions``."""
    column, numbered = rows.register.contributions, rows.register.numbered
    if part == "place":
        places = rows.register.column("place")[column("row")[contributions]]
        return places + 2, [SEVERAL, NOWHERE, *numbered("countries")]
    if part == "currency":
        return column("currency")[contributions], numbered("currencies")
    if part == "instrument":
        return column("instrument")[contributions] + 1, [None, *numbered("instruments")]
    if part == "payer":
        numbers = np.where(column("instrument")[contributions] < 0, column("funder")[contributions] + 1, 0)
        return numbers, [None, *numbered("organisations")]
    leads, keys = _leads_of_nowhere(rows)
    return leads[column("row")[contributions]], keys


def _leads_of_nowhere(rows):
    """Return (by row the number of the first organisation that leads a project without a country, key by number)."""
    nowhere = rows.without(rows.register.all_of("country")).selected
    leads, numbers = sorted(rows.register.sets("lead")), np.zeros(rows.register.size, np.int64)
    for number, (_key, of_key) in reversed(list(enumerate(leads, 1))):
        numbers[rows_in(nowhere & of_key)] = number
    return numbers, [None, *(key for key, _rows in leads)]


def _numbered(codes):
    """Return (the different ``codes``, for each of ``codes`` its place among them)."""
    if not len(codes) or codes.max() > MOST_COUNTED:
        return np.unique(codes, return_inverse=True)
    different = np.flatnonzero(np.bincount(codes))
    places = np.zeros(int(codes.max()) + 1, np.int64)
    places[different] = np.arange(len(different))
    return different, places[codes]


def any_in_whole(rows):
    """Whether a contribution to ``rows`` is not added because it counts in what the project is part of."""
    return bool(rows.register.contributions("is_in_whole")[rows.contributions].any())


def years(rows, certainty="dated", most=40):
    """Return ``{year: number of projects}`` that may have been active in it, or certainly were.

    The years are those up to the last that any date of ``rows`` states, at most ``most``. Projects without dates may
    have been active in any year: they count in none.
    """
    dated = rows.active(certainty="dated")
    if not dated.count():
        return {}
    begun, ended = _years(dated, "start_earliest"), _years(dated, "end_latest")
    known_years = np.concatenate([begun[begun > 0], ended[ended < 9999]])
    if certainty == "certain":
        certain = rows.active(certainty="certain")
        begun, ended = _years(certain, "start_latest"), _years(certain, "end_earliest")
    first, last = known_years.min(), known_years.max()
    first = max(first, last - most + 1)
    begun = np.bincount(np.clip(begun - first, 0, last - first + 1), minlength=last - first + 2).cumsum()
    ended = np.bincount(np.clip(ended - first + 1, 0, last - first + 2), minlength=last - first + 3).cumsum()
    return {
        int(year): int(begun[year - first] - ended[year - first])
        for year in range(first, last + 1)
    }  # fmt: skip


def _years(rows, column):
    """Return the years of a column of days of ``rows``; where nothing is stated, 0 of a start, 9999 of an end."""
    days = rows.register.column(column)[rows.array()]
    years = (days - EPOCH).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(days == LATE, 9999, years)


def in_any_group(rows, by):
    """Return how many of ``rows`` are in a group by one of GROUPINGS."""
    return rows.within(BitMap.union(BitMap(), *(each for _key, each in _sets(rows, by)))).count()


def _sums(rows, by, keys):
    """Return ``{key: its amounts}`` of those groups that have any."""
    if by in ("instrument", "organisation"):
        part = "instrument" if by == "instrument" else "funder"
        contributions = _contributions_to(rows, **({} if keys is None else {part: keys}))
        of, names = rows.register.contributions(part)[contributions], rows.register.numbered(f"{by}s")
        sums_of = _of_contributions(rows, contributions[of >= 0], of[of >= 0], len(names))
        return {names[key]: sums for key, sums in sums_of.items()}
    sets = [(key, rows_of_key) for key, rows_of_key in _sets(rows, by) if keys is None or key in keys]
    return {key: _totals_of(rows.within(rows_of_key)) for key, rows_of_key in sets}


def _totals_of(rows):
    """Return ``{"amounts"}``, and ``counted_in_parent`` unless 0, of the stated totals of ``rows``."""
    left_out = rows.within(rows.register.in_whole).count()
    return {"amounts": _of_totals(rows, "cents")} | ({"counted_in_parent": left_out} if left_out else {})


def _of_totals(rows, column):
    """Return the amounts in a column of those of ``rows`` whose totals are added; below zero is not known."""
    cents = rows.register.column(column)
    added = [(code, cents[rows.within(of_code).array()]) for code, of_code in rows.register.totals]
    known = [(code, sums[sums >= 0]) for code, sums in added]
    return [_amount(code, _summed_up(sums), len(sums)) for code, sums in known if len(sums)]


def _summed_up(cents):
    """Return the exact sum of ``cents``."""
    return int(cents.sum()) if cents.sum(dtype=np.float64) < EXACT else sum(cents.tolist())


def _contributions_to(rows, **parts):
    """Return the places of the contributions to ``rows`` from the keys of ``parts``: funder, instrument."""
    contributions = rows.contributions
    for part, keys in parts.items():
        of = rows.register.contributions(part)[contributions]
        contributions = contributions[np.isin(of, _numbers(rows, part, keys))]
    return contributions


def _numbers(rows, part, keys):
    names = rows.register.numbered("instruments" if part == "instrument" else "organisations")
    return [number for number, name in enumerate(names) if name in keys]


def _of_contributions(rows, contributions, groups, size):
    """Return ``{group: {"amounts", "counted_in_parent"}}`` of ``contributions``; ``groups``: the group of each."""
    by_group = defaultdict(lambda: {"amounts": []})
    cents, is_in_whole, currencies, row = (
        rows.register.contributions(name)[contributions] for name in ("cents", "is_in_whole", "currency", "row")
    )
    many, added = len(rows.register.numbered("currencies")) or 1, (cents >= 0) & ~is_in_whole
    pairs = groups[added].astype(np.int64) * many + currencies[added]
    sums = _summed(pairs, cents[added], size * many).reshape(size, many)
    stated_for = _distinct(row[added], pairs, size * many).reshape(size, many)
    for group in np.flatnonzero(stated_for.any(axis=1)).tolist():
        by_group[group]["amounts"] = _amounts(rows, sums[group], stated_for[group])
    left_out = _distinct(row[is_in_whole], groups[is_in_whole], size)
    for group in np.flatnonzero(left_out).tolist():
        by_group[group]["counted_in_parent"] = int(left_out[group])
    return by_group


def _distinct(rows, groups, size):
    """Return for each of ``size`` groups how many different ``rows`` it has."""
    pairs = np.sort((groups.astype(np.int64) << 32) + rows)
    different = pairs[np.diff(pairs, prepend=-1) > 0]
    return np.diff(np.searchsorted(different, np.arange(size + 1) << 32))


def _summed(groups, cents, size):
    """Return for each group the exact sum of its ``cents``."""
    if cents.sum(dtype=np.float64) < EXACT:
        return np.bincount(groups, cents, minlength=size).astype(np.int64)
    high, low = np.divmod(cents, 10**6)
    sums = [np.bincount(groups, part, minlength=size).astype(np.int64).astype(object) for part in (high, low)]
    return sums[0] * 10**6 + sums[1]


def _amounts(rows, sums, numbers):
    """Return ``[{"currency", "amount", "stated_for"}]`` by currency, those that are stated for any."""
    names = rows.register.numbered("currencies")
    known = sorted((names[at], int(sums[at]), int(numbers[at])) for at in np.flatnonzero(numbers).tolist())
    return [_amount(*each) for each in known]


def _amount(currency, cents, number):
    return {"currency": currency, "amount": f"{cents // 100}.{cents % 100:02}", "stated_for": number}
