"""Why a project does not make a valid IATI 2.03 activity.

``6.11.1`` and the like are rules of the standard ruleset; the others are elements that the schema requires. Where they
mean "now", the time of the register's version counts, so that a version always gives the same file. What each of them
says is in ``reasons.json``.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
from django.utils.translation import gettext_lazy

from ..index.columns import set_of
from ..index.facts import NOT_STATED
from ..words.sectors import sectors_given


class Reason(NamedTuple):
    """A rule with its name, the member that is missing or wrong, and what is wrong."""

    rule: str
    name: str
    member: str
    what: str

    def as_json(self):
        return {"rule": self.rule, "name": str(self.name), "member": self.member, "what": str(self.what)}


REASONS = {
    rule: Reason(rule, gettext_lazy(name), member, gettext_lazy(what))
    for rule, name, member, what in map(dict.values, orjson.loads(Path(__file__).with_suffix(".json").read_bytes()))
}


def reasons(document, at):
    """Return the Reasons that keep a document out of IATI; ``at``: the time of the register's version."""
    start, end, today = document["start_date"], document["end_date"], at.date().isoformat()
    is_mixed = not (start and end) or start["planned"] != end["planned"]  # so that their order says nothing
    is_reversed = not is_mixed and start["earliest"] > end["latest"]
    holds = {
        "participating-org": not document["organisations"] and not document["contributions"],
        "activity-status": not document["status"],
        "6.11.1": not start,
        "11.1.4": start and not start["planned"] and start["earliest"] > today,
        "11.1.5": end and not end["planned"] and end["latest"] > today,
        "11.1.2": is_reversed and end["planned"],
        "11.1.3": is_reversed and not end["planned"],
        "3.7.1": not document["countries"],
        "6.2.2": not sectors_given(document),
    }
    return [REASONS[rule] for rule, is_against in holds.items() if is_against]


def has_activity(documents, at):
    """Whether any document makes a valid activity. A file without one would not be valid."""
    return any(not reasons(document, at) for document in documents)


def any_in_iati(rows):
    """Whether any of ``rows`` makes a valid activity, at the time of their version."""
    at = rows.register.version.at
    return at is not None and bool(in_iati(rows, at.date()).count())


def in_iati(rows, day):
    """Return those of ``rows`` without ``reasons`` on ``day``: the same conditions, asked of the index."""
    column, of, day = rows.register.column, rows.register.rows_of, day.toordinal()
    begun = set_of(np.flatnonzero(column("start_earliest") <= day)) | of("planned", ["start"])
    ended = set_of(np.flatnonzero(column("end_latest") <= day)) | of("planned", ["end"])
    ended |= of("not_stated", ["end_date"])
    rows = rows.within(begun & ended).without(of("not_stated", ["start_date"])).without(of("status", [NOT_STATED]))
    for needed in ("country", "organisation", "sector"):
        rows = rows.within(rows.register.all_of(needed))
    return rows


def iati_status(document, at):
    """Return whether a document is in IATI, its address there, and the reasons if not."""
    problems = reasons(document, at)
    return {
        "valid": not problems,
        "reasons": [reason.as_json() for reason in problems],
        "address": None if problems else f"{document['url'].rstrip('/')}.xml",
    }
