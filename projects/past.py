"""What pages say of the past, and figures of projects as they were.

The past has no tables: documents of that time are read and added up, to the same as ``stats.py`` says of the present.
"""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlencode

from provenance.documents import upgraded

from .models import Project
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
    then, now = (upgraded(model, each) | {"modified": ""} for each in (text, now))
    return Past(moment, "unchanged" if now == then else "changed")


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

    def add(self, stated, above=frozenset()):
        """Count one project, and ``stated``: the sums (amount as text, currency, funder) that it states.

        ``above``: the pairs (currency, funder) of which what it is part of states sums, in which its own count.
        """
        added = [(amount, currency) for amount, currency, funder in stated if (currency, funder) not in above]
        self.projects += 1
        self.counted_in_parent += len(added) < len(stated)
        for currency in {currency for _, currency in added}:
            self._stated_for[currency] += 1
        for amount, currency in added:
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
    for project, above in _with_above(texts, _budget):
        found.add(_budget(project), above)
    return found.figure()


def figures(grouping, texts):
    """Return ``{key: {"projects", "amounts"}}`` of all projects' documents by one of NAMED."""
    found, amounts = defaultdict(Sums), _given if grouping in GIVEN_BY else _budget
    for project, above in _with_above(texts, amounts):
        for key in NAMED[grouping](project):
            found[key].add(amounts(project, grouping, key), above)
    return {key: sums.figure() for key, sums in found.items()}


def _with_above(texts, amounts):
    """Yield (document, the pairs (currency, funder) of ``amounts`` of all that it is part of), parts last."""
    parents, stated, parts = {}, {}, []
    for project in (upgraded(Project, text) for text in texts):
        stated[project["slug"]] = {tuple(pair) for _, *pair in amounts(project)}
        if project["part_of"]:
            parents[project["slug"]] = project["part_of"]["slug"]
            parts.append(project)
        else:
            yield project, frozenset()
    for project in parts:
        above, whole = set(), project["slug"]
        for _level in range(1, LEVELS):
            whole = parents.get(whole)
            above |= stated.get(whole, set())
        yield project, above


def _budget(project, *_group):
    budget = project["budget"]
    return [(budget["amount"], budget["currency"], "")] if budget else []


def _given(project, grouping="", key=None):
    """Return the stated contributions, or those alone that are of one group."""
    return [
        (part["amount"], part["currency"], part["funder"]["slug"])
        for part in project["contributions"]
        if part["amount"] is not None and (not grouping or GIVEN_BY[grouping](part) == key)
    ]
