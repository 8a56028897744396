"""Documents as rows again: read, checked by their models' own rules, and put into tables, many at once."""

import sys
from functools import cache, lru_cache

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

from . import bulk, documents
from .fields import KeyField
from .models import Claim, Record, Source

_TEXTS = (models.CharField, models.TextField, KeyField)


class Entry:
    """The unsaved rows of one record's document.

    WrongShape if the document is none of its kind; ValidationError if a row breaks a rule other than those that
    the database checks; ``stands``: it is a document of rows that stand, which were checked when they were written.
    """

    def __init__(self, model, key, document, state, *, stands=False):
        read = documents.read(model, document)
        self.key, self.row, self.links, self.parts = key, read.record, read.links, read.parts
        self.row.state = state
        kind = ContentType.objects.get_for_model(model)
        self.said = [_said(kind.pk, key, claim) for claim in read.claims]  # most rows of a register are claims:
        for row in () if stands else self._rows_to_ask(model.claimable):  # these are values, of columns CLAIMED
            _clean_fields(row)
            row.clean()

    def _rows_to_ask(self, claimable):
        """Return the rows whose rules have to be asked one by one: all but claims that are plainly well."""
        odd = [values for values in self.said if values[_FIELD] not in claimable or not _is_fine(values)]
        return [*self.own_rows(), *_claims(odd)]

    def own_rows(self):
        """Return the record's own row and those of its parts."""
        return [self.row, *(part for some in self.parts for part in some)]

    def rows(self):
        """Return all rows: the record's own, its parts, its claims."""
        return [*self.own_rows(), *_claims(self.said)]

    def named_twice(self):
        """Return the name of a link that names one record twice; None if there is none."""
        return next((name for name, keys in self.links.items() if len(keys) != len(set(keys))), None)

    def names(self):
        """Yield (model, key) of the other records that the rows name."""
        for row in self.own_rows():
            for attribute, model in _naming(type(row)):
                key = getattr(row, attribute)
                if key is not None:
                    yield model, key
        yield from ((Source, values[_SOURCE]) for values in self.said)
        for name, keys in self.links.items():
            yield from ((self.row._meta.get_field(name).related_model, key) for key in keys)


@cache
def _naming(model):
    """Return (attribute, kind of record) of the columns that name records."""
    columns = [column for column in model._meta.concrete_fields if column.remote_field]
    return [(one.attname, one.related_model) for one in columns if issubclass(one.related_model, Record)]


def _clean_fields(row):
    """Clean the columns of ``row`` that name no other row: whether those are there is asked of many at once.

    ValidationError says all that is wrong. Texts whose one rule is their length, which nearly all keep, are not
    asked one by one; what others make of a value is remembered.
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
    """Return (names of the columns that name other rows, (name, shortest, longest) of texts, all other columns)."""
    columns = [column for column in model._meta.concrete_fields if not isinstance(column, models.AutoField)]
    relations = frozenset(column.name for column in columns if column.remote_field)
    texts = [column for column in columns if type(column) in _TEXTS and not column.choices]
    texts = [column for column in texts if all(isinstance(rule, MaxLengthValidator) for rule in column.validators)]
    lengths = [
        (column.name, int(column.editable and not column.blank), column.max_length or sys.maxsize) for column in texts
    ]
    return relations, lengths, [one for one in columns if not (one.remote_field or one.generated or one in texts)]


def _said(kind_id, key, claim):
    """Return the values of a claim's columns ``CLAIMED``."""
    said = {"set_aside": "", "place": "", **claim, "content_type_id": kind_id, "object_id": key}
    said["source_id"] = claim["source"]["slug"]
    return [said[name] for name in CLAIMED]


def _claims(said):
    return [Claim(**dict(zip(CLAIMED, values, strict=True))) for values in said]


CLAIMED = [column.attname for column in Claim._meta.concrete_fields if not column.primary_key]
_FIELD, _SOURCE = CLAIMED.index("field"), CLAIMED.index("source_id")


def _is_fine(values):
    return all(_fits(values[at], shortest, longest) for at, shortest, longest in _claims_lengths())


@cache
def _claims_lengths():
    return [(CLAIMED.index(name), shortest, longest) for name, shortest, longest in _columns(Claim)[1]]


def insert(entries):
    """Insert the rows of ``entries``, all of one kind, in as many queries for many as for few."""
    create([entry.row for entry in entries])
    link(entries)
    insert_parts(entries)
    write_claims([values for entry in entries for values in entry.said])


def write_claims(rows):
    """Insert claims, of which ``rows`` says the values of the columns ``CLAIMED``."""
    bulk.write(Claim, CLAIMED, bulk.pack(rows))


def link(entries):
    """Insert the links of ``entries`` to the records that they name."""
    for name in entries[0].links if entries else ():
        table, own, other = relation(entries[0].row, name)
        bulk.write(table, [own, other], bulk.pack([(entry.key, key) for entry in entries for key in entry.links[name]]))


def insert_parts(entries):
    """Insert the parts of ``entries``, kind by kind."""
    for parts in zip(*[entry.parts for entry in entries], strict=True):
        create([part for some in parts for part in some])


def relation(row, name):
    """Return (table between, its column of ``row``, its column of the other) of the link ``name``."""
    field = row._meta.get_field(name)
    return field.remote_field.through, field.m2m_column_name(), field.m2m_reverse_name()


def create(rows):
    """Insert rows of one model."""
    if rows:
        bulk.insert(rows)
