"""Rows of the tables from samples: the same that saving and ``recording.record`` would have written."""

from datetime import timedelta
from types import SimpleNamespace
from typing import NamedTuple

import orjson
from django.contrib.contenttypes.models import ContentType

from projects.models import Component, Contribution, Participation, Project
from provenance import bulk, recording
from provenance.documents import columns_of, document
from provenance.models import Claim, Revision, State

from .frame import EPOCH
from .inventor import MOST_COMPONENTS, Inventor

_PARTS = ("countries", "partnerships", "themes", "contributions", "organisations", "components")
_TEXTS = ("title", "acronym", "summary", "status", "start_date_planned", "end_date_planned", "budget_currency")
_DATES = ("status_as_of", "start_date", "end_date")
_COLUMNS = ("modified", "sort_key", "search_text")
REVISION = (
    "id", "kind", "key", "action", "state", "is_public", "document", "sort_key", "user_name", "at", "reason",
    "previous_digest", "digest", "public_digest",
)  # fmt: skip

TABLES = {  # in the order in which rows name one another: (model, columns)
    "revisions": (Revision, REVISION),
    "projects": (
        Project,
        ("slug", "state", "revision_id", *_COLUMNS, *_TEXTS, *_DATES, "objectives", "budget_amount"),
    ),
    "countries": (Project.countries.through, ("project_id", "country_id")),
    "partnerships": (Project.partnerships.through, ("project_id", "partnership_id")),
    "themes": (Project.themes.through, ("project_id", "theme_id")),
    "components": (Component, ("id", "project_id", "number", "title")),
    "contributions": (Contribution, ("project_id", "funder_id", "instrument_id", "amount", "currency")),
    "organisations": (
        Participation,
        ("project_id", "organisation_id", "role", "role_as_stated", "component_id"),
    ),
    "claims": (Claim, ("content_type_id", "object_id", "field", "as_stated", "quote", "source_id")),
}


class Batch(NamedTuple):
    """Which projects to make, and ids for what they need at most."""

    numbers: range
    revision_ids: range
    component_ids: range

    @classmethod
    def of(cls, numbers):
        """Reserve ids: two Revisions for each project, one made and one withdrawn, and its components."""
        reserve = bulk.next_ids
        most = len(numbers)
        return cls(numbers, reserve(Revision, 2 * most), reserve(Component, MOST_COMPONENTS * most))


class Writer:
    """Turns batches into packed rows."""

    def __init__(self, frame, seed, user_name):
        self.frame, self.user_name = frame, user_name
        self.inventor = Inventor(frame, seed)
        self.content_type = ContentType.objects.get_for_model(Project).pk
        self.reason = f"invented, seed {seed}"

    def packed(self, batch):
        """Return ``{table: packed rows}`` of the projects of ``batch``."""
        self.rows = {name: [] for name in TABLES}
        self.revision_ids, self.component_ids = iter(batch.revision_ids), iter(batch.component_ids)
        for number in batch.numbers:
            self._add(self.inventor.project(number))
        return {name: bulk.pack(rows) for name, rows in self.rows.items()}

    def _add(self, sample):
        document = self._document(sample)
        revision, at = self._add_revisions(sample, document)
        columns = Project.columns(document, self._other_words(sample))
        self._add_project(sample, revision, {"modified": bulk.moment(at), **columns})
        self._add_parts(sample)

    def _document(self, sample):
        lists = {name: getattr(sample, name) for name in _PARTS}
        lists["claims"] = [(*claim, *self.frame.source, None, None) for claim in sample.claims]
        row = [sample.row.get(column) for column in columns_of(Project)]
        return document(Project, sample.row["slug"], row, lists)

    def _add_revisions(self, sample, document):
        """Add what was recorded of the project, and return the newest Revision's id and time."""
        at = EPOCH + timedelta(seconds=16 * sample.number)
        said, previous, last = {"user_name": self.user_name, "reason": self.reason}, None, sample.state
        for state in [State.PUBLISHED, last] if last == State.WITHDRAWN else [last]:
            at += timedelta(seconds=8)
            previous = recording.make_revision(
                Project, sample.row["slug"], document, state, previous, make=SimpleNamespace, at=at, **said
            )
            row = {**vars(previous), "id": next(self.revision_ids), "at": bulk.moment(at)}
            self.rows["revisions"].append([row[name] for name in REVISION])
        return row["id"], at

    def _other_words(self, sample):
        named = [part[0] for part in sample.contributions] + [part[0] for part in sample.organisations]
        return sorted({word for slug in named for word in self.frame.found_by[slug]})

    def _add_project(self, sample, revision, columns):
        row = sample.row
        self.rows["projects"].append(
            [
                row["slug"], sample.state, revision, *(columns[name] for name in _COLUMNS),
                *(row[name] for name in _TEXTS), *(row[name] and row[name].value for name in _DATES),
                orjson.dumps(row["objectives"]).decode(), row["budget_amount"] and str(row["budget_amount"]),
            ]
        )  # fmt: skip

    def _add_parts(self, sample):
        slug, rows = sample.row["slug"], self.rows
        for name in ("countries", "partnerships", "themes"):
            rows[name] += [(slug, row[0]) for row in getattr(sample, name)]
        ids = {number: next(self.component_ids) for number, _ in sample.components}
        rows["components"] += [(ids[number], slug, number, title) for number, title in sample.components]
        rows["contributions"] += [
            (slug, funder, instrument, None if amount is None else str(amount), currency)
            for funder, _, instrument, _, amount, currency in sample.contributions
        ]
        rows["organisations"] += [
            (slug, body, role, as_stated, ids.get(component))
            for body, _, role, as_stated, component in sample.organisations
        ]
        source = self.frame.source[0]
        rows["claims"] += [(self.content_type, slug, *claim, source) for claim in sample.claims]
