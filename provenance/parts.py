"""Which rows are parts of a record: they go when it goes; and which records of one kind name one another."""

from django.db import models

from .models import Record
from .shapes import key_of


def part_field(model):
    """Return the column by which rows of ``model`` are parts of a record: they go when it goes."""
    for column in model._meta.concrete_fields:
        to_record = column.many_to_one and issubclass(column.related_model, Record)
        if to_record and column.remote_field.on_delete is models.CASCADE:
            return column
    return None


def named_by(model, document):
    """Return the key of the record of the same kind that a document names; None if it names none."""
    for column in model._meta.concrete_fields:
        if column.related_model is model:
            member = document.get(column.name)
            return key_of(member) if isinstance(member, dict) and member.keys() & {"code", "slug"} else None
    return None


def named_first(names):
    """Return the keys of ``{key: key that it names, or None}`` in their order, but each after the one that it names."""
    ordered = {}
    for key in names:
        way = {}
        while key in names and key not in ordered and key not in way:
            way[key] = None
            key = names[key]
        ordered |= dict.fromkeys(reversed(way))
    return list(ordered)
