"""Entries into tables, then recorded: the reverse of recording. ``submitting`` is the way to it."""

from collections import defaultdict
from contextlib import contextmanager
from itertools import takewhile

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from . import bulk, entries, refusals
from .models import Claim
from .parts import part_field, parts_of
from .recording import build, newest, record, stated
from .rules import values_of
from .turns import demand_turn, turn


@contextmanager
def undone():
    """A turn that is undone at its end: to see what a change would do."""
    with turn():
        yield
        transaction.set_rollback(True)


def current(model, keys):
    """Return ``{key: document}`` of the records ``keys`` as last recorded, without ``modified``."""
    found = newest(model, list(keys)).items()
    return {key: stated(revision) for key, revision in found if revision.action != "deleted"}


def write(model, chunk, said, faults):
    """Write and record the entries of a chunk, and return the number of Revisions.

    Of a chunk that breaks a rule of the database, halves, until it is told in ``faults``.
    """
    demand_turn()
    if not chunk:
        return 0
    try:
        with transaction.atomic():
            _save(model, chunk)
            return record(model, [entry.key for entry in chunk], **said)
    except refusals.REFUSALS as error:
        if len(chunk) == 1:
            [entry] = chunk
            faults[entry.key] = refusals.faults_of(error, entry.key, [*entry.own_rows(), *entry.claims()])
            return 0
    middle = len(chunk) // 2
    return write(model, chunk[:middle], said, faults) + write(model, chunk[middle:], said, faults)


def _save(model, chunk):
    rows = model.objects.in_bulk([entry.key for entry in chunk])
    entries.insert([_fresh(entry) for entry in chunk if entry.key not in rows])
    old = [entry for entry in chunk if entry.key in rows]
    if old:
        standing = build(model, rows).items()
        before = {
            key: entries.Entry(model, key, {**document, "modified": ""}, "", stands=True) for key, document in standing
        }
        _update(model, old, rows)
        _relink(old)
        _replace_parts(model, old, before)
        _replace_claims(model, old, before)


def _fresh(entry):
    """Return the entry with rows that were never inserted: a try before may have given them ids."""
    for row in entry.own_rows():
        row._state.adding = True
        if row is not entry.row:
            _unnumbered(row)
    return entry


def _update(model, old, rows):
    """Write the columns in which the rows of ``old`` differ from those that stand."""
    names = [column.name for column in model._meta.concrete_fields if column.name not in _not_told(model)]
    attributes = [model._meta.get_field(name).attname for name in names]
    changed = []
    for entry in old:
        row = rows[entry.key]
        values = {name: getattr(entry.row, name) for name in attributes}
        if any(getattr(row, name) != value for name, value in values.items()):
            vars(row).update(values)
            changed.append(row)
    if changed:
        bulk.update(changed, names)


def _not_told(model):
    """Return the columns that no document tells: the key, those that follow from the document, the state."""
    computed = {column.name for column in model._meta.concrete_fields if column.primary_key or column.generated}
    return computed | {"state", "revision", "modified", "sort_key", "search_text"}


def _relink(old):
    """Make the links of ``old`` those of their documents."""
    for name in old[0].links:
        table, own, other = entries.relation(old[0].row, name)
        wanted = {(entry.key, key) for entry in old for key in entry.links[name]}
        rows = table.objects.filter(**{f"{own}__in": [entry.key for entry in old]}).values_list("pk", own, other)
        there = {(key, named): pk for pk, key, named in rows}
        table.objects.filter(pk__in=[pk for pair, pk in there.items() if pair not in wanted]).delete()
        bulk.write(table, [own, other], bulk.pack(sorted(wanted - there.keys())))


def _replace_parts(model, old, before):
    """Where a part differs, it and those after it are written anew: parts stand in the document's order."""
    changed = [entry for entry in old if _said(entry) != _said(before[entry.key])]
    gone = []
    for part in parts_of(model) if changed else ():
        own = part_field(part).attname
        rows = part.objects.filter(**{f"{own}__in": [entry.key for entry in changed]})
        pairs = {entry.key: (_of(part, entry), _of(part, before[entry.key])) for entry in changed}
        gone.append(part.objects.filter(pk__in=_renumbered(rows.values_list(own, "pk"), pairs)))
    for rows in gone:
        rows.delete()
    for member in changed[0].parts if changed else ():
        entries.create([row for entry in changed for row in entry.parts[member] if row.pk is None])


def _of(part, entry):
    return [row for rows in entry.parts.values() for row in rows if isinstance(row, part)]


def _said(entry):
    return [[values_of(row) for row in rows] for rows in entry.parts.values()]


def _replace_claims(model, old, before):
    """Where a claim differs, it and those after it are written anew: claims stand in the document's order."""
    changed = [entry for entry in old if entry.said != before[entry.key].said]
    if not changed:
        return
    kind, numbers, gone, new = ContentType.objects.get_for_model(model), defaultdict(list), [], []
    rows = Claim.objects.filter(content_type=kind, object_id__in=[entry.key for entry in changed])
    for key, number in rows.order_by("pk").values_list("object_id", "pk"):
        numbers[key].append(number)
    for entry in changed:
        pairs = zip(entry.said, before[entry.key].said, strict=False)
        alike = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        gone += numbers[entry.key][alike:]
        new += entry.said[alike:]
    Claim.objects.filter(pk__in=gone).delete()
    entries.write_claims(new)


def _renumbered(standing, pairs):
    """Give new rows the numbers of those that stand, as far as both begin alike: somebody may be at their pages.

    ``standing``: ``(key, number)`` in order; ``pairs``: ``{key: (new rows, rows that stand)}``. Returns the numbers
    of the rows that go; the new rows without a number are to be inserted.
    """
    numbers = defaultdict(list)
    for key, number in standing:
        numbers[key].append(number)
    for key, (rows, stood) in pairs.items():
        for row in rows:
            _unnumbered(row)
        for row, other in zip(rows, stood, strict=False):
            if values_of(row) != values_of(other) or any(part.pk is None for _name, part in _named_parts(row)):
                break
            row.pk = numbers[key].pop(0)
    return [number for left in numbers.values() for number in left]


def _unnumbered(row):
    """Return the row without the numbers that a try before may have given it and the parts that it names."""
    row.pk = None
    for name, part in _named_parts(row):
        setattr(row, name, part)
    return row


def _named_parts(row):
    """Return ``[(column, part)]`` of the parts of the same record that ``row`` names."""
    columns = [column for column in row._meta.concrete_fields if column.many_to_one and column.is_cached(row)]
    return [
        (one.name, getattr(row, one.name))
        for one in columns
        if part_field(one.related_model) and getattr(row, one.name)
    ]
