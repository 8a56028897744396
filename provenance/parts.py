"""Which rows are parts of a record: they go when it goes."""

from django.apps import apps
from django.db import models

from .models import Record


def part_field(model):
    """Return the column by which rows of ``model`` are parts of a record: they go when it goes."""
    for column in model._meta.concrete_fields:
        to_record = column.many_to_one and issubclass(column.related_model, Record)
        if to_record and column.remote_field.on_delete is models.CASCADE:
            return column
    return None


def parts_of(model):
    """Return the models of the parts of a kind of record."""
    parts = [(part, part_field(part)) for part in apps.get_models()]
    return [part for part, column in parts if column and column.related_model is model]
