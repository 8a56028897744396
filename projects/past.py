"""What pages say of the past, and figures of projects as they were.

The past has no tables: documents of that time are read and added up, to the same as ``stats.py`` says of the present.
"""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlencode

import orjson

from provenance.recording import stated

from .moments import Moment
from .querysets import LEVELS


class Past(NamedTuple):
    """Of when a page tells. ``fate`` of its record since: changed, unchanged or withdrawn; of a list empty."""

    moment: Moment
    fate: str = ""

    @property
    def words(self):
        return self.moment.in_words

    @property
    def query(self):
        """What a link to another page appends, so that it tells of the same moment."""
        return "?" + urlencode({"as_of": self.moment.text})


def past_of(model, key, text, moment):
    """Return the Past of a page that shows ``text``, what the document of the record ``key`` was at a Moment."""
    now = model.objects.published().filter(pk=key).values_list("revision__document", flat=True).first()
    if now is None:
        return Past(moment, "withdrawn")
    return Past(moment, "unchanged" if stated(now) == stated(text) else "changed")


def _keys(members, name):
    return {member[name] for member in members}


def _instruments(project):
    return {part["instrument"]["code"] for part in project["contributions"] if part["instrument"]}


def _organisations(project):
    return _keys(project["organisations"], "slug") | {part["funder"]["slug"] for part in project["contributions"]}


NAMED = {  # by which records a project is grouped: the keys of those that its document names
    "country": lambda project: _keys(project["countries"], "code"),
    "instrument": _instruments,
    "partnership": lambda project: _keys(project["partnerships"], "slug"),
    "organisation": _organisations,
}
GIVEN_BY = {  # where a group's amounts are its contributions: whose each one is
    "instrument": lambda part: part["instrument"] and part["instrument"]["code"],
    "organisation": lambda part: part["funder"]["slug"],
}


class Sums:
    """Stated amounts by currency, never added across, each with the number of projects that state it."""

    def __init__(self):
        self.projects = self.counted_in_parent = 0
        self._amounts, self._stated_for = defaultdict(Decimal), defaultdict(int)

    def add(self, stated, in_parent=False):
        """Count one project, and ``stated``: the sums (amount as text, currency) that it states.

        ``in_parent``: they count in what it is part of.
        """
        self.projects += 1
        if stated and in_parent:
            self.counted_in_parent += 1
            return
        for currency in {currency for _, currency in stated}:
            self._stated_for[currency] += 1
        for amount, currency in stated:
            self._amounts[currency] += Decimal(amount)

    def figure(self):
        """Return ``{"projects", "amounts"}``, as ``stats.totals`` does."""
        amounts = [
            {"currency": currency, "amount": f"{amount:.2f}", "stated_for": self._stated_for[currency]}
            for currency, amount in sorted(self._amounts.items())
        ]
        left_out = {"counted_in_parent": self.counted_in_parent} if self.counted_in_parent else {}
        return {"projects": self.projects, "amounts": amounts, **left_out}


def totals(texts):
    """Return ``{"projects", "amounts"}`` of all projects' documents, an iterable of JSON texts that is read once."""
    found = Sums()
    for project, in_parent in _with_parents(texts, "budget"):
        found.add(_budget(project), in_parent)
    return found.figure()


def figures(grouping, texts):
    """Return ``{key: {"projects", "amounts"}}`` of all projects' documents by one of NAMED."""
    found = defaultdict(Sums)
    for project, in_parent in _with_parents(texts, "contributions" if grouping in GIVEN_BY else "budget"):
        for key in NAMED[grouping](project):
            found[key].add(_amounts(grouping, key, project), in_parent)
    return {key: sums.figure() for key, sums in found.items()}


def _with_parents(texts, member):
    """Yield (document, whether what it is part of states ``member`` too, at any level), parts last."""
    parents, stating, parts = {}, set(), []
    for project in map(orjson.loads, texts):
        if project["budget"] if member == "budget" else any(part["amount"] for part in project["contributions"]):
            stating.add(project["slug"])
        if "part_of" in project:
            parents[project["slug"]] = project["part_of"]["slug"]
            parts.append(project)
        else:
            yield project, False
    for project in parts:
        above = [project["slug"]]
        while above[-1] in parents and len(above) <= LEVELS:
            above.append(parents[above[-1]])
        yield project, not stating.isdisjoint(above[1:])


def _budget(project):
    budget = project["budget"]
    return [(budget["amount"], budget["currency"])] if budget else []


def _amounts(grouping, key, project):
    if grouping not in GIVEN_BY:
        return _budget(project)
    return [
        (part["amount"], part["currency"])
        for part in project["contributions"]
        if part["amount"] is not None and GIVEN_BY[grouping](part) == key
    ]
