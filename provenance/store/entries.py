"""Documents as rows to insert: read, checked by their models' own rules, and inserted in bulk."""

import sys
from functools import cache, lru_cache

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

from ..documents.claims import NOTES, Status, columns, settle_claims
from ..documents.declaration import Parts, Within, of_kind
from ..documents.errors import Fault, Refused
from ..documents.schema import key_of
from ..models import Claim
from ..models.fields import KeyField
from . import bulk
from .build import parent_field, read

_TEXTS = (models.CharField, models.TextField, KeyField)


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
        if not stands and (faults := [*self._repeated(document), *self._faults_of_rows(model.claimable)]):
            raise Refused(faults)

    def _repeated(self, document):
        """Yield the Faults of duplicates in lists, and of parts within a part that does not exist."""
        model = type(self.row)
        for name, keys in self.links.items():
            if len(keys) != len(set(keys)):
                yield Fault(self.key, f"It names one record twice in “{name}”. Name it once.", name)
        for member in of_kind(model, Parts):
            part, items = member.part(model), document[member.name]
            for at, message in _listed_twice(part, model.identities[member.name], items):
                yield Fault(self.key, message, member.name, at)
            for within in of_kind(part, Within):
                numbers = [None, *(sibling["number"] for sibling in document[within.parts])]
                for at, item in enumerate(items):
                    if item[within.name] not in numbers:
                        message = f"It has no {within.name} {item[within.name]}. Give the number of one that it has."
                        yield Fault(self.key, message, member.name, at)

    def _faults_of_rows(self, claimable):
        """Yield the Faults of rows that need ``full_clean()``; plainly valid claims skip it."""
        odd = {at: values for at, values in enumerate(self.claim_values) if not _is_fine(values, claimable)}
        claims = zip(odd, _claims(odd.values()), strict=True)
        for member, item, row in [*self.placed(), *(("claims", at, claim) for at, claim in claims)]:
            try:
                _clean_fields(row)
                row.clean()
            except ValidationError as error:
                messages = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
                for column, texts in messages.items():
                    place = member or _members(type(row)).get(column)
                    for text in texts:
                        yield Fault(self.key, text if column == NON_FIELD_ERRORS else f"{column}: {text}", place, item)

    def again(self):
        """Return a copy with rows that have no primary keys yet, for another attempt after a rollback."""
        return Entry(type(self.row), self.key, self.document, self.row.state, stands=self.stands)

    def placed(self):
        """Yield (member, list index, row): first (None, None, the record's row), then its parts."""
        yield None, None, self.row
        for member, rows in self.parts.items():
            yield from ((member, at, row) for at, row in enumerate(rows))

    def own_rows(self):
        """Return the rows of the record and its parts."""
        return [row for _member, _item, row in self.placed()]

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
    """Yield (index, message) of ``items`` with the identity of an earlier one."""
    seen = set()
    for at, item in enumerate(items):
        identity = tuple([key_of(item[name]) if isinstance(item[name], dict) else item[name] for name in names])
        if identity in seen:
            yield at, duplicate_message(part, identity)
        seen.add(identity)


def duplicate_message(part, identity):
    """Return the message of the constraint that a second row of ``part`` with this ``identity`` would break."""
    columns = {name for name, value in zip(part.key_fields, identity, strict=True) if value is not None}
    columns.add(parent_field(part).name)
    rules = [rule for rule in part._meta.constraints if isinstance(rule, models.UniqueConstraint)]
    return next(str(rule.violation_error_message) for rule in rules if columns == {*rule.fields})


@cache
def _members(model):
    """Return ``{column: member}`` of a kind of record."""
    return {column: member.name for member in model.members for column in member.lookups(model)}


def _clean_fields(row):
    """Clean the columns of ``row`` that are not relations; those are checked for many rows at once.

    ValidationError lists all errors. Texts whose only rule is their length are measured; ``field.clean()`` is cached.
    """
    relations, lengths, others = _columns(type(row))
    values = vars(row)
    try:
        if not all(_fits(values[name], shortest, longest) for name, shortest, longest in lengths):
            raise ValidationError("")
        values.update([(field.attname, _cleaned(field, values[field.attname])) for field in others])
    except ValidationError:
        row.clean_fields(exclude=relations)


def _fits(value, shortest, longest):
    return type(value) is str and shortest <= len(value) <= longest


def _cleaned(field, value):
    clean = _cleaned_now if type(value).__hash__ is None else _cleaned_once
    return clean(field, value)


def _cleaned_now(field, value):
    return field.to_python(value) if field.blank and value in field.empty_values else field.clean(value, None)


_cleaned_once = lru_cache(maxsize=10_000, typed=True)(_cleaned_now)


@cache
def _columns(model):
    """Return (names of relations, [(name, shortest, longest)] of plain texts, other columns)."""
    columns = [column for column in model._meta.concrete_fields if not isinstance(column, models.AutoField)]
    relations = frozenset(column.name for column in columns if column.remote_field)
    texts = [column for column in columns if type(column) in _TEXTS and not column.choices]
    texts = [column for column in texts if all(isinstance(rule, MaxLengthValidator) for rule in column.validators)]
    lengths = [
        (column.name, int(column.editable and not column.blank), column.max_length or sys.maxsize) for column in texts
    ]
    return relations, lengths, [one for one in columns if not (one.remote_field or one.generated or one in texts)]


def _claim_values(kind_id, key, claim):
    """Return the values of a claim's columns ``CLAIM_COLUMNS``; unstated ones are empty."""
    values = {**claim, **columns(claim), "content_type_id": kind_id, "object_id": key}
    values["source_id"] = claim["source"]["slug"]
    return [values[name] or "" for name in CLAIM_COLUMNS]


def _claims(rows):
    return [Claim(**dict(zip(CLAIM_COLUMNS, values, strict=True))) for values in rows]


CLAIM_COLUMNS = [column.attname for column in Claim._meta.concrete_fields if column.name not in ("id", *NOTES)]
_STATUSES = frozenset(Status.values)
_FIELD, _STATUS = CLAIM_COLUMNS.index("field"), CLAIM_COLUMNS.index("status")


def _is_fine(values, claimable):
    return (
        values[_FIELD] in claimable
        and values[_STATUS] in _STATUSES
        and all(_fits(values[at], shortest, longest) for at, shortest, longest in _claims_lengths())
    )


@cache
def _claims_lengths():
    return [(CLAIM_COLUMNS.index(name), shortest, longest) for name, shortest, longest in _columns(Claim)[1]]


def insert(entries):
    """Insert the rows of ``entries``, all of one kind, with a fixed number of queries."""
    create([entry.row for entry in entries])
    link(entries)
    insert_parts(entries)
    write_claims([values for entry in entries for values in entry.claim_values])


def write_claims(rows):
    """Insert claims, given as values of ``CLAIM_COLUMNS``."""
    bulk.write(Claim, CLAIM_COLUMNS, rows)


def link(entries):
    """Insert the many-to-many links of ``entries``."""
    for name in entries[0].links if entries else ():
        table, own, other = relation(entries[0].row, name)
        bulk.write(table, [own, other], [(entry.key, key) for entry in entries for key in entry.links[name]])


def insert_parts(entries):
    """Insert the parts of ``entries``."""
    for member in entries[0].parts if entries else ():
        create([part for entry in entries for part in entry.parts[member]])


def relation(row, name):
    """Return (through table, its column for ``row``, its column for the other) of the many-to-many field ``name``."""
    field = row._meta.get_field(name)
    return field.remote_field.through, field.m2m_column_name(), field.m2m_reverse_name()


def create(rows):
    """Insert rows of one model."""
    if rows:
        bulk.insert(rows)


def values_of(row):
    """Return the values of a row, to compare it; a part that contains it is given by identity."""
    return type(row), *[_value(row, column) for column in row._meta.concrete_fields if not column.generated]


def _value(row, column):
    if column.primary_key and column.auto_created:
        return None
    value = getattr(row, column.attname)
    if column.many_to_one and parent_field(column.related_model):
        part = getattr(row, column.name)
        return part and part.identity()
    return column.to_python(value)
