"""Documents as rows to insert: read, checked by their models' own rules, and inserted in bulk."""

import sys
from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models

from ..documents.claims import Status, columns, settle_claims
from ..documents.declaration import Parts, Within, of_kind
from ..documents.errors import Fault, Refused, messages_of
from ..documents.schema import key_of
from ..models import Claim
from . import database
from .build import parent_field, read


class Entry:
    """The unsaved rows of one record's document.

    Refused if a row breaks a rule that the database does not check. ``stands``: the document was built from rows that
    were checked: the current ones, or those of a trial.
    """

    def __init__(self, model, key, document, state, *, stands=False):
        document = document if stands else settle_claims(document)
        self.key, self.document, self.stands = key, document, stands
        self.row, self.links, self.parts = read(model, document)
        self.row.state = state
        self.claim_values = self.columns_of(document.get("claims", ()))
        if not stands and (words := [*self._repeated(), *self._broken()]):
            raise Refused([Fault(key, each) for each in words])

    def _repeated(self):
        """Say what is listed twice, and which parts are within a part that does not exist."""
        model, document = type(self.row), self.document
        for name, keys in self.links.items():
            if len(keys) != len(set(keys)):
                yield f"It names one record twice in “{name}”. Name it once."
        for member in of_kind(model, Parts):
            part, items = member.part(model), document[member.name]
            yield from _listed_twice(part, model.identities[member.name], items)
            for within in of_kind(part, Within):
                numbers = [None, *(sibling["number"] for sibling in document[within.parts])]
                for number in (item[within.name] for item in items):
                    if number not in numbers:
                        yield f"It has no {within.name} {number}. Give the number of one that it has."

    def _broken(self):
        """Yield what ``full_clean()`` would, except about constraints and relations; plainly valid claims skip it."""
        claimable = type(self.row).claimable
        odd = [values for values in self.claim_values if not _is_fine(values, claimable)]
        for row in [*self.own_rows(), *_claims(odd)]:
            try:
                row.clean_fields(exclude=_relations(type(row)))
                row.clean()
            except ValidationError as error:
                yield from messages_of(error)

    def again(self):
        """Return a copy with rows that have no primary keys yet, for another attempt after a rollback."""
        return Entry(type(self.row), self.key, self.document, self.row.state, stands=self.stands)

    def own_rows(self):
        """Return the rows of the record and its parts."""
        return [self.row, *(row for rows in self.parts.values() for row in rows)]

    def columns_of(self, claims):
        """Return the values of ``CLAIM_COLUMNS`` for each of ``claims``.

        Most rows of a register are claims, so this makes no instances.
        """
        kind = ContentType.objects.get_for_model(type(self.row))
        return [_claim_values(kind.pk, self.key, claim) for claim in claims]

    def claims(self):
        """Return the claims as unsaved instances."""
        return _claims(self.claim_values)


def _listed_twice(part, names, items):
    """Yield the message about each of ``items`` with the identity of an earlier one."""
    seen = set()
    for item in items:
        identity = tuple([key_of(item[name]) if isinstance(item[name], dict) else item[name] for name in names])
        if identity in seen:
            yield duplicate_message(part, identity)
        seen.add(identity)


def duplicate_message(part, identity):
    """Return the message of the constraint that a second row of ``part`` with this ``identity`` would break."""
    columns = {name for name, value in zip(part.key_fields, identity, strict=True) if value is not None}
    columns.add(parent_field(part).name)
    rules = [rule for rule in part._meta.constraints if isinstance(rule, models.UniqueConstraint)]
    return next(str(rule.violation_error_message) for rule in rules if columns == {*rule.fields})


@cache
def _relations(model):
    """Return the names of the columns that are relations: those are checked for many rows at once."""
    return frozenset(column.name for column in model._meta.concrete_fields if column.remote_field)


def _claim_values(kind_id, key, claim):
    """Return the values of a claim's columns ``CLAIM_COLUMNS``; unstated ones are empty."""
    values = {**claim, **columns(claim), "content_type_id": kind_id, "object_id": key}
    values["source_id"] = claim["source"]["slug"]
    return ["" if values[name] is None else values[name] for name in CLAIM_COLUMNS]


def _claims(rows):
    return [Claim(**dict(zip(CLAIM_COLUMNS, values, strict=True))) for values in rows]


CLAIM_COLUMNS = [column.attname for column in Claim._meta.concrete_fields if column.name != "id"]
_STATUSES = frozenset(Status.values)
_FIELD, _STATUS, _LANGUAGE = map(CLAIM_COLUMNS.index, ("field", "status", "language"))
_LENGTHS = [  # (place in CLAIM_COLUMNS, shortest, longest) of the texts
    (CLAIM_COLUMNS.index(column.attname), int(not column.blank), column.max_length or sys.maxsize)
    for column in Claim._meta.concrete_fields
    if isinstance(column, models.CharField | models.TextField)
]


def _is_fine(values, claimable):
    """Whether a claim, given as values of ``CLAIM_COLUMNS``, is plainly valid."""
    return (
        values[_FIELD] in claimable
        and values[_STATUS] in _STATUSES
        and not values[_LANGUAGE]
        and all(shortest <= len(values[at]) <= longest for at, shortest, longest in _LENGTHS)
    )


def insert(entries):
    """Insert the rows of ``entries``, all of one kind, with a fixed number of queries."""
    if not entries:
        return
    database.insert([entry.row for entry in entries])
    for name in entries[0].links:
        table, own, other = relation(entries[0].row, name)
        database.write(table, [own, other], [(entry.key, key) for entry in entries for key in entry.links[name]])
    insert_parts(entries)
    insert_claims(entries)


def insert_parts(entries):
    for member in entries[0].parts:
        database.insert([part for entry in entries for part in entry.parts[member]])


def insert_claims(entries):
    database.write(Claim, CLAIM_COLUMNS, [values for entry in entries for values in entry.claim_values])


def relation(model, name):
    """Return (through table, its column for ``model``, its column for the other) of the many-to-many field ``name``."""
    field = model._meta.get_field(name)
    return field.remote_field.through, field.m2m_column_name(), field.m2m_reverse_name()
