"""Documents as rows again: read, checked by their models' own rules, and put into tables, many at once."""

from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.utils.module_loading import import_string

from . import bulk
from .models import Claim, Record


class Entry:
    """The unsaved rows of one record's document.

    WrongShape if the document is none of its kind; ValidationError if a row breaks a rule other than those that
    the database checks; ``stands``: it is a document of rows that stand, which were checked when they were written.
    """

    def __init__(self, model, key, document, state, *, stands=False):
        read = import_string(model.reader)(document)
        self.key, self.row, self.links, self.parts = key, read.record, read.links, read.parts
        self.row.state = state
        kind = ContentType.objects.get_for_model(model)
        self.claims = [_claim(kind, key, claim) for claim in read.claims]
        for row in () if stands else self.rows():
            row.clean_fields(exclude=_relations(type(row)))
            row.clean()

    def rows(self):
        """Return all rows: the record's own, its parts, its claims."""
        return [self.row, *(part for some in self.parts for part in some), *self.claims]

    def named_twice(self):
        """Return the name of a link that names one record twice; None if there is none."""
        return next((name for name, keys in self.links.items() if len(keys) != len(set(keys))), None)

    def names(self):
        """Yield (model, key) of the other records that the rows name."""
        for row in self.rows():
            for column in row._meta.concrete_fields:
                key = getattr(row, column.attname) if column.related_model else None
                if key is not None and issubclass(column.related_model, Record):
                    yield column.related_model, key
        for name, keys in self.links.items():
            yield from ((self.row._meta.get_field(name).related_model, key) for key in keys)


@cache
def _relations(model):
    """Return the names of the columns that name other rows: whether those are there is asked of many at once."""
    return frozenset(column.name for column in model._meta.concrete_fields if column.remote_field)


def _claim(kind, key, claim):
    said = {name: claim[name] for name in ("field", "as_stated", "quote")}
    return Claim(
        content_type_id=kind.pk,
        object_id=key,
        source_id=claim["source"]["slug"],
        set_aside=claim.get("set_aside", ""),
        place=claim.get("place", ""),
        **said,
    )


def insert(entries):
    """Insert the rows of ``entries``, all of one kind, in as many queries for many as for few."""
    create([entry.row for entry in entries])
    link(entries)
    insert_parts(entries)
    create([claim for entry in entries for claim in entry.claims])


def link(entries):
    """Insert the links of ``entries`` to the records that they name."""
    for name in entries[0].links if entries else ():
        through, own, other = relation(entries[0].row, name)
        create([through(**{own: entry.key, other: key}) for entry in entries for key in entry.links[name]])


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
