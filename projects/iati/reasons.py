"""Why a project does not make a valid IATI 2.03 activity.

``6.11.1`` and the like are rules of the standard ruleset; the others are elements that the schema requires. Where they
mean "now", the time of the register's version counts, so that a version always gives the same file.
"""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _

from ..documents.sectors import sectors_given
from ..index.columns import set_of
from ..index.facts import NOT_STATED


@dataclass(frozen=True)
class Reason:
    """A rule with its name, the member that is missing or wrong, and what is wrong."""

    rule: str
    name: str
    member: str
    what: str

    def as_json(self):
        return {"rule": self.rule, "name": str(self.name), "member": self.member, "what": str(self.what)}


_ORDER = _("The project would end before it starts.")
NO_START = Reason(
    "6.11.1",
    _("An activity must have a planned or actual start date."),
    "start_date",
    _("No source says when the project starts."),
)
NO_STATUS = Reason(
    "activity-status", _("An activity must have one status."), "status",
    _("No source says whether the project is planned, ongoing or completed."),
)  # fmt: skip
NOBODY = Reason(
    "participating-org", _("An activity must name at least one participating organisation."), "organisations",
    _("No source names an organisation that funds, leads, implements or takes part in the project."),
)  # fmt: skip
NO_COUNTRY = Reason(
    "3.7.1", _("An activity must name a recipient country or region."), "countries", _("No source names a country.")
)
NO_SECTOR = Reason(
    "6.2.2", _("An activity must have a sector."), "sectors",
    _("No source states sectors whose shares come to 100 per cent, and no theme of the project says migration."),
)  # fmt: skip
PLANNED_ORDER = Reason("11.1.2", _("The planned start must be before the planned end."), "end_date", _ORDER)
ACTUAL_ORDER = Reason("11.1.3", _("The actual start must be before the actual end."), "end_date", _ORDER)
START_TO_COME = Reason(
    "11.1.4", _("The actual start must not be in the future."), "start_date",
    _("The start date is not described as planned, but is later than the last change in this register."),
)  # fmt: skip
END_TO_COME = Reason(
    "11.1.5", _("The actual end must not be in the future."), "end_date",
    _("The end date is not described as planned, but may be later than the last change in this register."),
)  # fmt: skip


def reasons(document, at):
    """Return the Reasons that keep a document out of IATI; ``at``: the time of the register's version."""
    start, end, today = document["start_date"], document["end_date"], at.date().isoformat()
    is_mixed = not (start and end) or start["planned"] != end["planned"]  # so that their order says nothing
    is_reversed = not is_mixed and start["earliest"] > end["latest"]
    holds = {
        NOBODY: not document["organisations"] and not document["contributions"],
        NO_STATUS: not document["status"],
        NO_START: not start,
        START_TO_COME: start and not start["planned"] and start["earliest"] > today,
        END_TO_COME: end and not end["planned"] and end["latest"] > today,
        PLANNED_ORDER: is_reversed and end["planned"],
        ACTUAL_ORDER: is_reversed and not end["planned"],
        NO_COUNTRY: not document["countries"],
        NO_SECTOR: not sectors_given(document),
    }
    return [reason for reason, is_against in holds.items() if is_against]


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
