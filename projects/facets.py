"""What a list of projects can be narrowed by next: each value with the number of rows that choosing it would give.

Each count is that of the rows which match all the other parameters and this value.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .filters import NOT_NARROWING, ONLY_WITH, ProjectFilter
from .index import figures
from .wording import search_in_words, value_in_words

LINKED = ("country", "instrument", "partnership", "theme", "organisation")
SHOWN_FIRST = 8  # the rest is in a second, closed list
SHOWN_YEARS = 40
PERIOD = ONLY_WITH["certainty"]


@dataclass
class Value:
    """One value of a facet. ``count``: None where the query string is not understood."""

    key: str
    label: str
    count: int | None
    is_picked: bool
    address: str = ""  # where it is chosen by a link


@dataclass
class Facet:
    """One parameter with its values: what was picked first, then the largest."""

    name: str
    label: str
    values: list[Value] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def first(self):
        return self.values[: max(SHOWN_FIRST, sum(value.is_picked for value in self.values))]

    @property
    def rest(self):
        return self.values[len(self.first) :]


def facets(filterset):
    """Return the facets of a ProjectFilter, as a list of Facet.

    Where a parameter is not understood, the values of each facet have no counts, and its errors stand in it.
    """
    counted = not filterset.form.errors
    found = [_facet(filterset, name, _counts(filterset, name) if counted else None) for name in LINKED]
    if filterset.data.getlist("organisation") or filterset.data.getlist("role"):
        found.append(_facet(filterset, "role", _role_counts(filterset) if counted else None))
    found.append(_facet(filterset, "status", _status_counts(filterset) if counted else None))
    if counted:
        found.append(Facet("active_from", _("Year active"), years(filterset)))
    found.append(_facet(filterset, "not_stated", _gap_counts(filterset) if counted else None))
    return [facet for facet in found if facet.values or facet.errors]


def _facet(filterset, name, counts):
    """``counts``: ``{key: (label, number)}``, or None."""
    bound, given = filterset.form[name], filterset.data.getlist(name)
    picked = dict(filterset.form.cleaned_data.get(name) or {}) if counts is not None else dict.fromkeys(given)
    labels = dict(bound.field.choices) if counts is None else {key: label for key, (label, _n) in counts.items()}
    keys = dict.fromkeys([*(key for key in picked if key in labels or counts is not None), *labels])
    values = [
        Value(
            key,
            str(labels.get(key) or picked[key]),
            None if counts is None else counts.get(key, ("", 0))[1],
            key in picked,
        )
        for key in keys
    ]
    if counts is not None:
        values = [value for value in values if value.count or value.is_picked]
        values.sort(key=lambda value: (not value.is_picked, -value.count))
    return Facet(name, bound.label, values, [str(error) for error in filterset.form.errors.get(name, ())])


def _counts(filterset, name):
    roles = tuple(filterset.asked["role"]) if name == "organisation" else ()
    return figures.counts(filterset.narrowed(without=[name]), name, roles)


def _labelled(filterset, name, numbers):
    return {key: (label, numbers.get(key, 0)) for key, label in filterset.form.fields[name].choices}


def _role_counts(filterset):
    rows, organisations = filterset.narrowed(without=["role"]), list(filterset.asked["organisation"])
    roles = [role for role, _label in filterset.form.fields["role"].choices]
    return _labelled(filterset, "role", {role: rows.having(role, organisations).count() for role in roles})


def _status_counts(filterset):
    rows = filterset.narrowed(without=["status"])
    statuses = [status for status, _label in filterset.form.fields["status"].choices]
    return _labelled(filterset, "status", {status: rows.having("status", [status]).count() for status in statuses})


def _gap_counts(filterset):
    gaps = figures.gaps(filterset.narrowed(without=["not_stated"]))
    return _labelled(filterset, "not_stated", {gap["member"]: gap["count"] for gap in gaps})


def years(filterset):
    """Return the years in which projects of the other parameters may have been (or certainly were) active.

    Projects without dates may have been active in any year: they count in none, see ``without_dates``.
    """
    asked, rows = filterset.asked, filterset.narrowed(without=PERIOD)
    certainty = "certain" if asked["certainty"] == "certain" else "dated"
    chosen = {str(asked[name]) for name in PERIOD}
    found = {str(year): number for year, number in figures.years(rows, certainty, SHOWN_YEARS).items()}
    return [
        Value(
            year, year, number, chosen == {year}, address(filterset, **dict.fromkeys(PERIOD, year), certainty=certainty)
        )
        for year, number in found.items()
        if number or chosen == {year}
    ]


def without_dates(filterset):
    """Return, as a Value, the projects that are in a period only because no date is stated: to take in or leave out.

    None where no period is asked for, where only those that certainly were active are, or where there are none.
    """
    asked = filterset.asked
    if asked["certainty"] == "certain" or not any(asked[name] for name in PERIOD):
        return None
    is_picked = asked["certainty"] != "dated"
    number = filterset.narrowed(without=["certainty"]).undated().count()
    there = address(filterset, certainty="dated" if is_picked else None)
    return Value("undated", "", number, is_picked, there) if number else None


def address(filterset, drop=(), **wanted):
    """Return the query string of the filter with some parameters set (None: taken away), from its first page.

    ``drop``: pairs (parameter, value) of which this one value is taken away.
    """
    query = filterset.data.copy()
    for name, value in {"page": None, **wanted}.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    for name, value in drop:
        left = [each for each in query.getlist(name) if each != value]
        query.setlist(name, left)
        if not left:
            del query[name]
    if not query.getlist("organisation"):
        query.pop("role", None)
    return "?" + query.urlencode()


def narrowing(filterset):
    """Return ``{parameter: value}`` of what narrows the rows; what says nothing without another is left out."""
    asked = {name: value for name, value in filterset.asked.items() if value not in (None, "", {})}
    return {
        name: value
        for name, value in asked.items()
        if name not in NOT_NARROWING and (name not in ONLY_WITH or asked.keys() & set(ONLY_WITH[name]))
    }


def tags(filterset):
    """Return ``[(words, address without it)]`` of everything that is picked; no BadQuery among it."""
    found = []
    for name, value in narrowing(filterset).items():
        shown = filterset.form.fields[name]
        if isinstance(value, dict):
            picked = [
                (value_in_words(name, key, text), address(filterset, [(name, key)])) for key, text in value.items()
            ]
        else:
            words = search_in_words(value) if name == "q" else dict(getattr(shown, "choices", ())).get(value, value)
            picked = [(words, address(filterset, **{name: None}))]
        found += [
            (_("%(label)s: %(value)s") % {"label": shown.label, "value": words}, there) for words, there in picked
        ]
    return found


def loosened(filterset):
    """Return ``[(words, address, number of rows)]``: what each picked filter alone, taken away, would give."""
    found, given = [], narrowing(filterset)
    for names in _together():
        if labels := [str(filterset.form.fields[name].label) for name in names if name in given]:
            number = filterset.narrowed(without=names).count()
            if number:
                found.append((", ".join(labels), address(filterset, **dict.fromkeys(names)), number))
    return sorted(found, key=lambda each: -each[2])


def _together():
    """Return the parameters that narrow, each a tuple with those that say something only together."""
    joined = [(*others, name) for name, others in ONLY_WITH.items()]
    known = {*NOT_NARROWING, *(name for names in joined for name in names)}
    return [*joined, *((name,) for name in ProjectFilter.base_filters if name not in known)]
