"""Likely duplicates, for staff to merge or mark as different.

The database groups rows by the start of the title, by total or by name. Only rows of one group are compared, each with
the next few, so that the work grows with the number of rows, not with its square.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import Substr
from django.utils import timezone

from provenance.documents.readings import plain
from provenance.models import Distinct, Revision, State
from provenance.store.log import chunks

from ..models import Contribution, Organisation, Participation, Project

TITLE_BEGINNING = 24  # characters of a folded title; titles that differ earlier are found by their totals
NEXT = 8  # rows of a group that each row is compared with
MOST_GROUPS, MOST_PAIRS = 2000, 1000
LIKELY = 4  # points
WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Pair:
    """Two keys, in order, and in words what is alike."""

    first: str
    second: str
    alike: tuple

    @property
    def keys(self):
        return self.first, self.second


def alike_projects():
    """Return at most MOST_PAIRS Pairs of likely duplicates, without those marked as different."""
    return cached("alike-project", _pairs_of_projects)


def alike_organisations():
    """Return Pairs of organisations that share a name or identifier, without those marked as different."""
    return cached("alike-organisation", _pairs_of_organisations)


def mark_different(model, first, second, user_name):
    """Record that two records are not duplicates."""
    first, second = sorted([first, second])
    defaults = {"user_name": user_name, "at": timezone.now()}
    Distinct.objects.get_or_create(kind=model._meta.model_name, first=first, second=second, defaults=defaults)


def cached(name, find):
    """Return ``find()``, cached as ``name`` until something is recorded or marked as different."""
    newest = Revision.objects.order_by("-id").values_list("id", flat=True).first()
    state = newest, Distinct.objects.order_by("-id").values_list("id", flat=True).first()
    known = cache.get(name)
    if known and known[0] == state:
        return known[1]
    value = find()
    cache.set(name, (state, value), timeout=None)
    return value


def _pairs_of_projects():
    """Compare each row of a sorted group with the next few."""
    marked = set(Distinct.objects.filter(kind="project").values_list("first", "second"))
    pairs = {}
    for group in _groups_of_projects():
        for place, row in enumerate(group):
            for other in group[place + 1 : place + 1 + NEXT]:
                keys = tuple(sorted([row["slug"], other["slug"]]))
                words = keys not in marked and keys not in pairs and _alike_projects(row, other)
                if words:
                    pairs[keys] = Pair(*keys, words)
        if len(pairs) >= MOST_PAIRS:
            break
    return sorted(pairs.values(), key=lambda pair: pair.keys)[:MOST_PAIRS]


# -- Projects --


def _groups_of_projects():
    """Yield lists of rows with the same start of the title, or the same total, and the keys of their organisations."""
    rows = Project.objects.exclude(state=State.WITHDRAWN).order_by()
    beginning = rows.annotate(beginning=Substr("sort_key", 1, TITLE_BEGINNING))
    yield from _groups(beginning, "beginning")
    yield from _groups(rows.filter(budget_amount__gt=0), "budget_amount", "budget_currency")


def _groups(rows, *columns):
    shared = rows.values(*columns).annotate(rows=Count("pk")).filter(rows__gt=1).order_by("rows")[:MOST_GROUPS]
    shown = {"slug", "sort_key", "budget_amount", "budget_currency", "start_date", "end_date", "part_of", *columns}
    for chunk in chunks([row[columns[0]] for row in shared]):
        groups, organisations = defaultdict(list), defaultdict(set)
        matches = list(rows.filter(**{f"{columns[0]}__in": chunk}).values(*shown))
        for keys in chunks([row["slug"] for row in matches]):
            for part, column in ((Participation, "organisation"), (Contribution, "funder")):
                for slug, key in part.objects.filter(project__in=keys).order_by().values_list("project", column):
                    organisations[slug].add(key)
        for row in sorted(matches, key=lambda row: (row["sort_key"], row["slug"])):
            groups[tuple(row[column] for column in columns)].append(row | {"organisations": organisations[row["slug"]]})
        yield from (group for group in groups.values() if len(group) > 1)


def _alike_projects(one, other):
    """Return what is alike about two projects if they are likely duplicates, else ().

    The same title is enough, unless total and dates are known and all differ. A similar title needs the same total or
    dates; the same total needs the same dates and an organisation. A project and its sub-project are never duplicates.
    """
    if one["part_of"] == other["slug"] or other["part_of"] == one["slug"]:
        return ()
    points, words = 0, []
    likeness = _likeness(one["sort_key"], other["sort_key"])
    if likeness == 1:
        points, words = 4, ["the same title"]
    elif likeness >= 0.6:
        points, words = 2, ["a similar title"]
    for columns, points_of, label in (
        (("budget_amount", "budget_currency"), 2, "the same total"),
        (("start_date",), 1, "the same start"),
        (("end_date",), 1, "the same end"),
    ):
        values = [tuple(row[column] for column in columns) for row in (one, other)]
        if values[0][0] is None or values[1][0] is None:
            continue
        points += points_of if values[0] == values[1] else -points_of
        words += [label] if values[0] == values[1] else []
    if shared := one["organisations"] & other["organisations"]:
        points += 1
        words.append(f"organisations: {', '.join(sorted(shared)[:5])}")
    return tuple(words) if points >= LIKELY and (likeness >= 0.6 or points > LIKELY) else ()


def _likeness(one, other):
    """Return the share of words that two texts have in common, 0 to 1."""
    words = [set(WORDS.findall(text)) for text in (one, other)]
    return len(words[0] & words[1]) / len(words[0] | words[1]) if words[0] or words[1] else 0


# -- Organisations --


def _pairs_of_organisations():
    marked = set(Distinct.objects.filter(kind="organisation").values_list("first", "second"))
    sharing = defaultdict(list)
    rows = Organisation.objects.exclude(state=State.WITHDRAWN).order_by("slug")
    for slug, names, identifier, others in rows.called("identifier", "other_identifiers"):
        texts = [("name", plain(text)) for text in names] + [("identifier", text) for text in (identifier, *others)]
        for key, text in {(kind, text.replace(" ", "")): text for kind, text in texts if text}.items():
            sharing[key].append((slug, text))
    reasons = defaultdict(list)
    for (kind, _key), named in sharing.items():
        for (one, text), (other, _text) in combinations(named[:NEXT], 2):
            if (one, other) not in marked:
                reasons[one, other].append(f"the same {kind}: {text}")
    return [Pair(*keys, tuple(sorted(words))) for keys, words in sorted(reasons.items())[:MOST_PAIRS]]
